"""The rows of the diff view: which row shows what, without painting it.

The view is a list of sections (a turn's heading, a file's heading, a change) in the order of the
screen; prefix sums of their heights turn a row number into a section and an offset. Changes of a
file stand in the order of their places in it. One alteration costs the lines of the altered change
and a sum over the sections behind it, never the rows of all.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, TypeAlias

from codexspark_tui.tui.model.board import CANDIDATES, Board, Item
from codexspark_tui.tui.model.cells import clean, wrapped

RowKind: TypeAlias = Literal["turn", "file", "head", "note", "line", "blank"]
HEAD_ROWS = 1
_ALIVE = frozenset({"placed", "stale", "accepted", "written", "writing"})


@dataclass(slots=True, eq=False)
class Section:
    """`item` is None for a heading. `height` in rows; `shift`: see `new_shift`."""

    turn: int
    path: str
    item: Item | None = None
    height: int = 1
    shift: int = 0
    notes: tuple[str, ...] = ()
    version: int = -1
    numbers: tuple[tuple[int, int], ...] = ()

    @property
    def key(self) -> str:
        return self.item.id if self.item is not None else f"{self.turn}\0{self.path}"


@dataclass(slots=True, eq=False)
class Group:
    """A file within a turn: its heading and its changes."""

    head: Section
    changes: list[Section] = field(default_factory=list)
    version: int = 0

    @property
    def items(self) -> list[Item]:
        return [s.item for s in self.changes if s.item is not None]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it is, and for a "note" or "line" which one."""

    kind: RowKind
    section: Section
    index: int = 0


class DiffRows:
    """Call `update` after each batch of events; then ask for rows."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.sections: list[Section] = []
        self.groups: dict[tuple[int, str], Group] = {}
        self._of_item: dict[str, Section] = {}
        self._group_of: dict[str, Group] = {}
        self._turns: dict[int, Section] = {}
        self._starts: list[int] = [0]
        self._index: dict[Section, int] = {}
        self._files: Counter[int] = Counter()
        self.digits = 3
        self.width = 80

    @property
    def height(self) -> int:
        """Rows in all."""
        return self._starts[-1]

    def update(self) -> int | None:
        """Take over what changed on the board; the first row that may look different, or None."""
        changed, removed = self.board.drain()
        if not changed and not removed:
            return None
        first = len(self.sections)
        reorder = bool(removed)
        for item in removed:
            self._forget(item)
        for item in changed:
            section, moved = self._settled(item)
            reorder = reorder or moved
            self._measure(section)
            self._group_of[item.id].version += 1
            if not moved and section in self._index:
                first = min(first, self._index[section])
        if reorder:
            self._rebuild()
            return 0
        self._sum_from(min(first, len(self._starts) - 1))
        return self._starts[self._first_of_group(first)]

    def fit(self, width: int) -> None:
        """Wrap the notes to a width in cells."""
        if width == self.width:
            return
        self.width = width
        for section in self.sections:
            if section.notes:
                self._measure(section)
        self._sum_from(0)

    def row(self, y: int) -> Row | None:
        """What row `y` shows; None below the end."""
        if not 0 <= y < self.height:
            return None
        section = self.sections[bisect_right(self._starts, y) - 1]
        offset = y - self._starts[self._index[section]]
        if section.item is None:
            kind: RowKind = "turn" if not section.path else "file"
            return Row(kind if offset == section.height - 1 else "blank", section)
        return _row_in(section, offset)

    def top_of(self, id: str) -> int | None:
        """The first row of a change."""
        section = self._of_item.get(id)
        return None if section is None else self._starts[self._index[section]]

    def height_of(self, id: str) -> int:
        section = self._of_item.get(id)
        return section.height if section else 0

    def item_at(self, y: int) -> Item | None:
        """The change that row `y` belongs to; of a heading, the first one below."""
        if not self.sections or y < 0:
            return None
        at = min(bisect_right(self._starts, y) - 1, len(self.sections) - 1)
        below = (s.item for s in self.sections[at:] if s.item is not None)
        return next(below, None)

    def order(self) -> list[Item]:
        """All changes in the order of the screen."""
        return [s.item for s in self.sections if s.item is not None]

    def anchor(self, y: int) -> tuple[str, int]:
        """Row `y` as (key of its section, offset), to find it again after an update."""
        if not self.sections:
            return "", 0
        at = min(bisect_right(self._starts, max(0, y)) - 1, len(self.sections) - 1)
        return self.sections[at].key, y - self._starts[at]

    def find_anchor(self, key: str, offset: int) -> int | None:
        section = self._of_item.get(key)
        if section is None and "\0" in key:
            turn, path = key.split("\0", 1)
            group = self.groups.get((int(turn), path)) if path else None
            section = group.head if group else self._turns.get(int(turn))
        if section is None or section not in self._index:
            return None
        return self._starts[self._index[section]] + min(offset, section.height - 1)

    def files_of(self, turn: int) -> int:
        """How many files a turn has changes in."""
        return self._files[turn]

    def group_of(self, section: Section) -> Group:
        return self.groups[(section.turn, section.path)]

    def _settled(self, item: Item) -> tuple[Section, bool]:
        """The section of an item, in its right place; whether sections changed their order."""
        section = self._of_item.get(item.id)
        if section is None:
            section = self._of_item[item.id] = Section(item.turn, item.path, item)
            moved = not self._appended(section)
            return section, self._put_in_order(section) or moved
        group = self._group_of[item.id]
        if section.path != item.path:
            self._leave(group, section)
            section.path = item.path
            self._enter(section)
            return section, True
        return section, self._put_in_order(section)

    def _put_in_order(self, section: Section) -> bool:
        """Move a change to its place within its file; whether it had to be moved."""
        assert section.item is not None
        changes = self._group_of[section.item.id].changes
        if not section.item.start or _in_order(changes, section):
            return False
        changes.remove(section)
        insort(changes, section, key=_place)
        return True

    def _appended(self, section: Section) -> bool:
        """Put a new section in its group; True if that is the last one, so that order is kept."""
        is_new = (section.turn, section.path) not in self.groups
        last = self.sections[-1] if self.sections else None
        at_end = is_new or (last is not None and (last.turn, last.path) == _key(section))
        new_turn = section.turn not in self._turns
        self._enter(section)
        if not at_end:
            return False
        group = self._group_of[section.key]
        made = [self._turns[section.turn]] if new_turn else []
        made += [group.head] if is_new else []
        for one in [*made, section]:
            self._index[one] = len(self.sections)
            self.sections.append(one)
            self._starts.append(self._starts[-1] + one.height)
        return True

    def _enter(self, section: Section) -> None:
        key = _key(section)
        if section.turn not in self._turns:
            height = 2 if self._turns else 1
            self._turns[section.turn] = Section(section.turn, "", None, height)
        if key not in self.groups:
            self.groups[key] = Group(Section(section.turn, section.path))
            self._files[section.turn] += 1
        group = self.groups[key]
        group.changes.append(section)
        assert section.item is not None
        self._group_of[section.item.id] = group
        group.version += 1

    def _leave(self, group: Group, section: Section) -> None:
        group.changes.remove(section)
        group.version += 1
        if not group.changes:
            del self.groups[_key(section)]
            self._files[section.turn] -= 1

    def _forget(self, item: Item) -> None:
        section = self._of_item.pop(item.id, None)
        if section is not None:
            self._leave(self._group_of.pop(item.id), section)

    def _rebuild(self) -> None:
        """The order anew: by turn, then file as it first came, then place."""
        self.sections = []
        turn = -1
        for group in sorted(self.groups.values(), key=lambda g: g.head.turn):
            if group.head.turn != turn:
                turn = group.head.turn
                self.sections.append(self._turns[turn])
            self.sections.append(group.head)
            self.sections += group.changes
        self._index = {section: at for at, section in enumerate(self.sections)}
        self._starts = [0] * (len(self.sections) + 1)
        self._sum_from(0)

    def _sum_from(self, first: int) -> None:
        if first >= len(self.sections):
            return
        heights = (section.height for section in self.sections[first:])
        self._starts[first:] = accumulate(heights, initial=self._starts[first])
        self._shift_from(first)

    def _first_of_group(self, at: int) -> int:
        """The heading of the file of section `at`: its counts may look different, too."""
        at = min(at, len(self.sections) - 1)
        while at > 0 and self.sections[at].item is not None:
            at -= 1
        return max(0, at)

    def _shift_from(self, first: int) -> None:
        """New line numbers move by what the earlier changes of the same file add and remove."""
        at = self._first_of_group(first)
        shift = 0
        for section in self.sections[at:]:
            if section.item is None:
                shift = 0
                continue
            section.shift = shift
            if section.item.state in _ALIVE:
                shift += _growth(section.item)

    def _measure(self, section: Section) -> None:
        item = section.item
        assert item is not None
        notes = (clean(note.replace("\n", " ")) for note in _notes(item))
        section.notes = tuple(row for note in notes for row in wrapped(note, self.width - 4))
        section.version = item.version
        section.numbers = ()
        body = len(item.lines)
        section.height = HEAD_ROWS + len(section.notes) + body + 1
        self.digits = max(self.digits, len(str(item.start + body)))


def _row_in(section: Section, offset: int) -> Row:
    if offset == 0:
        return Row("head", section)
    offset -= HEAD_ROWS
    if offset < len(section.notes):
        return Row("note", section, offset)
    if offset == section.height - HEAD_ROWS - 1:
        return Row("blank", section)
    return Row("line", section, offset - len(section.notes))


def _key(section: Section) -> tuple[int, str]:
    return section.turn, section.path


def _place(section: Section) -> tuple[int, int]:
    """Placed hunks by their line; what has no line stays behind them, in the order it came."""
    item = section.item
    assert item is not None
    if item.kind != "hunk":
        return 0, item.number
    return item.start or 1 << 60, item.number


def _in_order(changes: list[Section], section: Section) -> bool:
    at = changes.index(section)
    place = _place(section)
    earlier = at == 0 or _place(changes[at - 1]) <= place
    return earlier and (at + 1 == len(changes) or place <= _place(changes[at + 1]))


def _growth(item: Item) -> int:
    if item.kind != "hunk" or item.view is None:
        return 0
    return sum((x.sign == "+") - (x.sign == "-") for x in item.view.lines)


def _notes(item: Item) -> list[str]:
    """What is said under the head of a change, in words; foreign text still to be cleaned."""
    notes: list[str] = []
    if item.optional:
        notes.append(f"only offered: {item.note}" if item.note else "only offered")
    elif item.note:
        notes.append(item.note)
    if item.why:
        notes.append(item.why)
    if item.reason:
        notes.append(f"because: {item.reason}")
    assumed = getattr(item.placement, "assumed", ())
    notes += [f"assumed: {text}" for text in assumed]
    for number, line in enumerate(item.candidates[:CANDIDATES], 1):
        notes.append(f"{number}  put it at line {line}")
    return notes


def numbers_of(section: Section) -> tuple[tuple[int, int], ...]:
    """For each body row its (old, new) line number; 0 where it has none. Made once a version."""
    if section.numbers or section.item is None or section.item.view is None:
        return section.numbers
    item = section.item
    old = new = max(1, item.start)
    found: list[tuple[int, int]] = []
    for line in item.lines:
        found.append((0 if line.sign == "+" else old, 0 if line.sign == "-" else new))
        old += line.sign != "+"
        new += line.sign != "-"
    section.numbers = tuple(found)
    return section.numbers


def body_line(item: Item, index: int) -> tuple[str, str]:
    """(sign, text) of a body row; empty where the rows are behind the board."""
    if index >= len(item.lines):
        return " ", ""
    line = item.lines[index]
    return line.sign, line.text
