"""The rows of the diff view: which row shows what, without painting it.

The view is a list of sections (a turn's heading, a file's heading, a change) in the order of the
screen; prefix sums of their heights turn a row number into a section and an offset. Changes of a
file stand in the order of their places in it. One alteration costs the lines of the altered change
and a sum over the sections behind it, never the rows of all.
"""

from __future__ import annotations

from bisect import bisect_right

from codexspark_tui.tui.model.board import Board, Item
from codexspark_tui.tui.model.layout import Around, View
from codexspark_tui.tui.model.section import HEAD_ROWS, Row, RowKind, Section, row_in
from codexspark_tui.tui.model.sections import Sections, key_of

TWO_NUMBERS_FROM = 72
BESIDE_FROM = 90  # narrower than this nothing can be read side by side
BESIDE_ALONE_FROM = 160  # from here on half of each row would be empty otherwise


class DiffRows(Sections):
    """Call `update` after each batch of events; then ask for rows."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board = board
        self.digits = 3
        self.width = 80
        self.view = View()
        self._wants_beside: bool | None = None

    def update(self) -> int | None:
        """Take over what changed on the board; the first row that may look different, or None."""
        changed, removed = self.board.drain()
        elsewhere, self.board.moved = self.board.moved, set()
        if not changed and not removed and not elsewhere:
            return None
        first = self._first_moved(elsewhere)
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

    def _first_moved(self, paths: set[str]) -> int:
        """The first section of files whose lines have moved; the number of all where none have."""
        first = len(self.sections)
        for group in self.groups.values() if paths else ():
            if group.head.path in paths:
                last = max((item.last_line for item in group.items[-1:]), default=0)
                self.digits = max(self.digits, len(str(last)))
                first = min(first, self._index.get(group.head, first))
        return first

    def fit(self, width: int) -> None:
        """Wrap the notes, and lines if that is wanted, to a width in cells."""
        if width == self.width:
            return
        self.width = width
        beside = self.view.side_by_side
        self.view.side_by_side = self.wants_beside and width >= BESIDE_FROM
        every = self.view.wrap or beside != self.view.side_by_side
        for section in self._of_item.values():
            if every or section.notes:
                self._measure(section)
        self._sum_from(0)

    @property
    def wants_beside(self) -> bool:
        """Whether there are to be two sides, given room; unless it was said, where it is wide."""
        return self.width >= BESIDE_ALONE_FROM if self._wants_beside is None else self._wants_beside

    @property
    def text_room(self) -> int:
        """Cells for the text of a line."""
        width = self.width - 1
        if self.view.side_by_side:
            return max(1, width // 2 - self.digits - 3)
        both = width >= TWO_NUMBERS_FROM
        return max(1, width - (2 * self.digits + 2 if both else self.digits + 1) - 2)

    def show_as(
        self,
        *,
        side_by_side: bool | None = None,
        hide_spaces: bool | None = None,
        wrap: bool | None = None,
    ) -> bool:
        """Show all changes in another way; False where there is no room for two sides."""
        view = self.view
        if side_by_side is not None:
            self._wants_beside = side_by_side
            view.side_by_side = side_by_side and self.width >= BESIDE_FROM
        view.hide_spaces = view.hide_spaces if hide_spaces is None else hide_spaces
        view.wrap = view.wrap if wrap is None else wrap
        for section in self._of_item.values():
            self._measure(section)
            self._group_of[section.key].version += 1
        self._sum_from(0)
        return not side_by_side or view.side_by_side

    def put_around(self, item: Item, extra: Around) -> None:
        """Show these lines of the file around a change."""
        self._of_item[item.id].extra = extra
        self.board.mark(item)

    def row(self, y: int) -> Row | None:
        """What row `y` shows; None below the end."""
        if not 0 <= y < self.height:
            return None
        section = self.sections[bisect_right(self._starts, y) - 1]
        offset = y - self._starts[self._index[section]]
        if section.item is None:
            kind: RowKind = "turn" if not section.path else "file"
            return Row(kind if offset == section.height - 1 else "blank", section)
        return row_in(section, offset)

    def top_of(self, id: str) -> int | None:
        """The first row of a change."""
        section = self._of_item.get(id)
        if section is None:
            return None
        at = self._index.get(section)
        return self._starts[self._index[self._group_of[id].head] if at is None else at]

    def height_of(self, id: str) -> int:
        section = self._of_item.get(id)
        if section is None:
            return 0
        return section.height if section in self._index else 1

    def row_of_line(self, id: str, index: int) -> int | None:
        """The row that shows line `index` of a change."""
        section, top = self._of_item.get(id), self.top_of(id)
        if section is None or top is None or section not in self._index:
            return None
        first = top + HEAD_ROWS + len(section.notes)
        for row in range(section.height - HEAD_ROWS - len(section.notes) - 1):
            pair = section.body_row(row, self.view).pair
            if any(cell is not None and cell.at == index for cell in pair):
                return first + row
        return None

    def item_at(self, y: int) -> Item | None:
        """The change that row `y` belongs to; of a heading, the first one below."""
        if not self.sections or y < 0:
            return None
        at = min(bisect_right(self._starts, y) - 1, len(self.sections) - 1)
        for section in self.sections[at:]:
            if section.item is not None:
                return section.item
            group = self.groups.get(key_of(section))
            if group is not None and group.folded and group.items:
                return group.items[0]
        return None

    def order(self) -> list[Item]:
        """All changes in the order of the screen, also those of folded files."""
        if not any(group.folded for group in self.groups.values()):
            return [s.item for s in self.sections if s.item is not None]
        groups = sorted(self.groups.values(), key=lambda g: g.head.turn)
        return [item for group in groups for item in group.items]

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

    def _measure(self, section: Section) -> None:
        item = section.item
        assert item is not None
        section.measure(self.view, self.width, self.text_room)
        self.digits = max(self.digits, len(str(item.start + len(item.lines))))
