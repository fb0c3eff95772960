"""The file rail: the files of the current turn with their counts and states."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.timer import Timer

from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.cells import clean, cut, shortened_path
from codexspark_tui.tui.model.control import Control
from codexspark_tui.tui.model.diff_rows import DiffRows
from codexspark_tui.tui.model.section import Group
from codexspark_tui.tui.widgets.line_view import LineView

SHOWN_EACH_S = 0.1


class FileRail(LineView, can_focus=False):
    """One row a file: a sign for its state, its name, and how many of its changes are decided now:
    one that was undone is not."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--file", "rows--on", "rows--writing", "rows--placed", "rows--ambiguous",
        "rows--refused", "rows--accepted", "rows--rejected", "rows--undone", "rows--count",
    }  # fmt: skip
    DEFAULT_CSS = """
    FileRail {
        background: $spark-surface;
        scrollbar-background: $spark-surface;
        overflow-y: auto;
        .rows--file { color: $spark-text; }
        .rows--on { color: $spark-text; background: $spark-cursor; text-style: bold; }
        .rows--writing { color: $spark-writing; }
        .rows--placed { color: $spark-placed; }
        .rows--ambiguous { color: $spark-ambiguous; }
        .rows--refused { color: $spark-refused; }
        .rows--accepted { color: $spark-accepted; }
        .rows--rejected { color: $spark-rejected; }
        .rows--undone { color: $spark-undone; }
        .rows--count { color: $spark-muted; }
    }
    """

    class Picked(Message):
        """A file was clicked: its first open change, or its first one."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    def __init__(self, rows: DiffRows, control: Control, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = rows
        self.control = control
        self._groups: list[Group] = []
        self._shown: list[tuple[object, ...] | None] = []
        self._due: Timer | None = None

    def took_over(self) -> None:
        """The board or the cursor has changed: shown at most ten times a second."""
        if self._due is None:
            self._due = self.set_timer(SHOWN_EACH_S, self._show)

    def on_resize(self, event: events.Resize) -> None:
        """There may have been no room for it when the board changed."""
        self.took_over()

    def _show(self) -> None:
        self._due = None
        if not self.display or not self.size.height:
            return
        turn = self.rows.board.turn
        self._groups = [g for g in self.rows.groups.values() if g.head.turn == turn]
        self._paint_changed()
        current = self.control.current
        at = next((n for n, g in enumerate(self._groups) if _holds(g, current)), None)
        if at is not None:
            self.show_rows(at, 1)

    def _paint_changed(self) -> None:
        """Only those rows that look different; most often that is one, of many."""
        before, self._shown = self._shown, [self.cache_key(y) for y in range(self.row_count())]
        if len(before) != len(self._shown):
            self.rows_changed(min(len(before), len(self._shown)))
        for y, (old, new) in enumerate(zip(before, self._shown, strict=False)):
            if old != new:
                self.repaint(y, 1)

    def row_count(self) -> int:
        return len(self._groups)

    def cache_key(self, y: int) -> tuple[object, ...] | None:
        group = self._groups[y]
        return group.head.key, group.version, _holds(group, self.control.current)

    def paint_row(self, y: int, width: int) -> list[Segment]:
        group = self._groups[y]
        base = self.role("on" if _holds(group, self.control.current) else "file")
        sign, role = _sign(group.items)
        done = sum(i.is_decided and i.state != "undone" for i in group.items)
        counted = f" {done}/{len(group.items)} "
        room = max(1, width - len(counted) - 3)
        name = cut(shortened_path(clean(group.head.path), room), 0, room)
        return [
            Segment(f" {sign} ", self.over(base, role)),
            Segment(name, base),
            Segment(counted, self.over(base, "count")),
        ]

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        y = at.y + self.top if at is not None else -1
        if 0 <= y < len(self._groups):
            items = self._groups[y].items
            found = next((i for i in items if i.is_open), items[0])
            self.post_message(self.Picked(found))


def _holds(group: Group, item: Item | None) -> bool:
    return item is not None and (item.turn, item.path) == (group.head.turn, group.head.path)


def _sign(items: list[Item]) -> tuple[str, str]:
    """The most urgent of the states of a file."""
    if any(i.state == "writing" for i in items):
        return "…", "writing"
    if any(i.state in ("ambiguous", "stale") for i in items):
        return "?", "ambiguous"
    if any(i.is_open for i in items):
        return "○", "placed"
    if any(i.state == "refused" for i in items):
        return "!", "refused"
    if any(i.state == "undone" for i in items):
        return "↶", "undone"
    if any(i.taken or i.state == "written" for i in items):
        return "✓", "accepted"
    return "✗", "rejected"
