"""One change, or the heading of a turn or a file, as rows of the diff view. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from codexspark_tui.tui.model.board import CANDIDATES, Item
from codexspark_tui.tui.model.cells import clean, width_of, wrapped
from codexspark_tui.tui.model.layout import Around, Cell, Pair, View, is_plain, pairs_of

RowKind: TypeAlias = Literal["turn", "file", "head", "note", "line", "blank"]
HEAD_ROWS = 1
_COMES = frozenset({"placed", "stale", "accepted", "writing"})


class BodyRow(NamedTuple):
    """A row of lines: the pair, and which piece of them where long lines are wrapped."""

    pair: Pair
    piece: int = 0


@dataclass(slots=True, eq=False)
class Section:
    """`item` is None for a heading. `height` in rows; `shift`: lines that earlier changes of the
    file would add; `extra`: lines of the file around a change."""

    turn: int
    path: str
    item: Item | None = None
    height: int = 1
    shift: int = 0
    notes: tuple[str, ...] = ()
    version: int = -1
    extra: Around = field(default_factory=Around)
    body: list[BodyRow] | None = None

    @property
    def key(self) -> str:
        return self.item.id if self.item is not None else f"{self.turn}\0{self.path}"

    def measure(self, view: View, width: int, room: int) -> None:
        """Notes and height anew; `room` is for the text of a line."""
        item = self.item
        assert item is not None
        notes = (clean(note.replace("\n", " ")) for note in notes_of(item))
        self.notes = tuple(row for note in notes for row in wrapped(note, width - 4))
        self.version = item.version
        self.body = None
        if is_plain(item, view) and (not view.wrap or item.state == "writing"):
            rows = len(item.lines) + len(self.extra.before) + len(self.extra.after)
        else:
            self.body = _body(item, view, self.extra, room)
            rows = len(self.body)
        self.height = HEAD_ROWS + len(self.notes) + rows + 1

    def body_row(self, index: int, view: View) -> BodyRow:
        """Row `index` of its lines; an empty one where the rows are behind the board."""
        item = self.item
        assert item is not None
        if item.state == "writing":
            if index >= len(item.written):
                return BodyRow((None, None))
            return BodyRow((self._being_written(item, index), None))
        if self.body is None:
            self.body = [BodyRow(pair) for pair in pairs_of(item, view, self.extra)]
        return self.body[index] if index < len(self.body) else BodyRow((None, None))

    @staticmethod
    def _being_written(item: Item, index: int) -> Cell:
        """A line of a change that grows; numbered as soon as it is known where that begins."""
        line = item.written[index]
        if not item.first:
            return Cell(line.sign, line.text, 0, 0, index)
        old, new = item.counted[index]
        old = item.first + old if line.sign != "+" else 0
        new = item.first + new if line.sign != "-" else 0
        return Cell(line.sign, line.text, old, new, index)


@dataclass(slots=True, eq=False)
class Group:
    """A file within a turn: its heading and its changes; `folded`: only the heading is shown."""

    head: Section
    changes: list[Section] = field(default_factory=list)
    version: int = 0
    folded: bool = False

    @property
    def items(self) -> list[Item]:
        return [s.item for s in self.changes if s.item is not None]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it is, and for a "note" or "line" which one."""

    kind: RowKind
    section: Section
    index: int = 0


def _body(item: Item, view: View, extra: Around, room: int) -> list[BodyRow]:
    pairs = pairs_of(item, view, extra)
    if not view.wrap:
        return [BodyRow(pair) for pair in pairs]
    return [BodyRow(pair, piece) for pair in pairs for piece in range(_pieces(pair, room))]


def _pieces(pair: Pair, room: int) -> int:
    longest = max((width_of(clean(cell.text)) for cell in pair if cell is not None), default=0)
    return max(1, -(-longest // max(1, room)))


def row_in(section: Section, offset: int) -> Row:
    """Row `offset` of a change."""
    if offset == 0:
        return Row("head", section)
    offset -= HEAD_ROWS
    if offset < len(section.notes):
        return Row("note", section, offset)
    if offset == section.height - HEAD_ROWS - 1:
        return Row("blank", section)
    return Row("line", section, offset - len(section.notes))


def place(section: Section) -> tuple[int, int]:
    """Placed hunks by their line; what has no line stays behind them, in the order it came."""
    item = section.item
    assert item is not None
    if item.kind != "hunk":
        return 0, item.number
    return item.start or 1 << 60, item.number


def growth(item: Item) -> int:
    """How many lines a change that may still be written would add to its file."""
    if item.kind != "hunk" or item.view is None or item.state not in _COMES:
        return 0
    return sum((x.sign == "+") - (x.sign == "-") for x in item.view.lines)


def notes_of(item: Item) -> list[str]:
    """What is said under the head of a change, in words; foreign text still to be cleaned."""
    notes: list[str] = []
    if item.meant:
        because = f": {item.meant_reason}" if item.meant_reason else ""
        notes.append(f"will be {item.meant}ed as soon as it is complete{because}")
    if item.optional:
        notes.append(f"only offered: {item.note}" if item.note else "only offered")
    elif item.note:
        notes.append(item.note)
    if item.why:
        notes.append(item.why)
    if item.tested in ("tests failed", "breaks the tests"):
        notes.append(f"! {item.tested}")
    if item.reason:
        notes.append(f"because: {item.reason}")
    assumed = getattr(item.placement, "assumed", ())
    notes += [f"assumed: {text}" for text in assumed]
    for number, line in enumerate(item.candidates[:CANDIDATES], 1):
        notes.append(f"{number}  put it at line {line}")
    return notes
