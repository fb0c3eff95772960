"""The live diff: painting the rows of `model/diff_rows`, the cursor over changes, the mouse.

Nothing is decided here: a click is a message to the pane that owns this view.
"""

from __future__ import annotations

import time
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from codexspark_tui.tui.highlight import Highlighter
from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.cells import cut
from codexspark_tui.tui.model.control import Control
from codexspark_tui.tui.model.diff_rows import DiffRows
from codexspark_tui.tui.model.section import Group, Row, Section
from codexspark_tui.tui.model.selection import Selection
from codexspark_tui.tui.widgets.diff_paint import Look, RowPainter
from codexspark_tui.tui.widgets.line_view import LineView

SHIFT_STEP = 8
RIGHT_BUTTON = 3
WIDE_ENOUGH = 52  # for the menu among the buttons
MENU = (" ≡ ", "menu")
COLOUR_S = 0.03
COLOUR_FOR_S = 0.004


class DiffView(LineView, inherit_bindings=False):
    """Paints `rows` with the cursor of `control`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page_up", "page up", show=False),
        Binding("pagedown", "page_down", "page down", show=False),
        Binding("home", "scroll_home", "top", show=False),
        Binding("end", "scroll_end", "end", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--added", "rows--removed", "rows--same", "rows--gutter", "rows--added-gutter",
        "rows--removed-gutter", "rows--file", "rows--turn", "rows--head", "rows--head-on",
        "rows--note", "rows--cursor", "rows--cursor-off", "rows--writing", "rows--placed",
        "rows--ambiguous", "rows--refused", "rows--accepted", "rows--rejected", "rows--stale",
        "rows--undone", "rows--plus", "rows--minus", "rows--button", "rows--yes", "rows--no",
        "rows--muted", "rows--added-word", "rows--removed-word", "rows--chosen", "rows--keyword",
        "rows--string", "rows--comment", "rows--number", "rows--function", "rows--type",
    }  # fmt: skip
    DEFAULT_CSS = """
    DiffView {
        background: $spark-background;
        .rows--added { background: $spark-added-background; color: $spark-text; }
        .rows--removed { background: $spark-removed-background; color: $spark-text; }
        .rows--same { color: $spark-context; }
        .rows--gutter { color: $spark-line-number; }
        .rows--added-gutter { background: $spark-added-background; color: $spark-added; }
        .rows--removed-gutter { background: $spark-removed-background; color: $spark-removed; }
        .rows--file { background: $spark-panel; color: $spark-text; text-style: bold; }
        .rows--turn { color: $spark-accent; }
        .rows--head { background: $spark-surface; color: $spark-hunk-header; }
        .rows--head-on { background: $spark-cursor; color: $spark-hunk-header; }
        .rows--note { color: $spark-warning; }
        .rows--cursor { color: $spark-accent; }
        .rows--cursor-off { color: $spark-muted; }
        .rows--writing { color: $spark-writing; text-style: bold; }
        .rows--placed { color: $spark-placed; text-style: bold; }
        .rows--ambiguous { color: $spark-ambiguous; text-style: bold; }
        .rows--refused { color: $spark-refused; text-style: bold; }
        .rows--accepted { color: $spark-accepted; text-style: bold; }
        .rows--rejected { color: $spark-rejected; text-style: bold; }
        .rows--stale { color: $spark-stale; text-style: bold; }
        .rows--undone { color: $spark-undone; text-style: bold; }
        .rows--plus { color: $spark-added; }
        .rows--minus { color: $spark-removed; }
        .rows--button { background: $spark-accent; color: $spark-accent-text; text-style: bold; }
        .rows--yes { background: $spark-accepted; color: $spark-background; text-style: bold; }
        .rows--no { background: $spark-removed; color: $spark-background; text-style: bold; }
        .rows--muted { color: $spark-muted; }
        .rows--added-word { background: $spark-added-word; }
        .rows--removed-word { background: $spark-removed-word; }
        .rows--chosen { background: $spark-selection; color: $spark-text; }
        .rows--keyword { color: $spark-keyword; }
        .rows--string { color: $spark-string; }
        .rows--comment { color: $spark-comment; }
        .rows--number { color: $spark-number; }
        .rows--function { color: $spark-function; }
        .rows--type { color: $spark-type; }
    }
    """

    class Picked(Message):
        """A change was clicked."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class Pressed(Message):
        """A button of a change was clicked: the name of an action, and its argument."""

        def __init__(self, item: Item, action: str, argument: str = "") -> None:
            super().__init__()
            self.item = item
            self.action = action
            self.argument = argument

    def __init__(self, rows: DiffRows, control: Control, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = rows
        self.control = control
        self.shift_x = 0
        self.selection: Selection | None = None
        self.labels: dict[str, str] = {}
        self.highlighter = Highlighter()
        self.painter = RowPainter(rows, Look(self.role, self.over), self.highlighter)
        self._painting = 0
        self._colouring: Timer | None = None
        self._anchor: tuple[str, int] = ("", 0)
        self._painted_cursor = ""

    # -- for the pane

    def remember_top(self) -> None:
        """Call before the rows change: what is in view stays there afterwards."""
        self._anchor = self.rows.anchor(self.top)

    def took_over(self, first: int | None) -> None:
        """Call after the rows have changed from `first` on."""
        if first is None:
            return
        at = self.rows.find_anchor(*self._anchor)
        if not self.pinned and at is not None and at != self.top:
            self.jump_to(at)
        self.rows_changed(first)

    def show_cursor(self) -> None:
        """Paint the cursor where it is now and bring its change into view."""
        for id in {self._painted_cursor, self.control.cursor}:
            top = self.rows.top_of(id)
            if top is not None:
                self.repaint(top, self.rows.height_of(id))
        self._painted_cursor = self.control.cursor
        top = self.rows.top_of(self.control.cursor)
        if top is None or self.pinned:
            return
        section = self.rows.row(top)
        heading = int(section is not None and self._is_first(section.section))
        self.show_rows(top - heading, self.rows.height_of(self.control.cursor) + heading)

    def shift(self, cells: int) -> None:
        """Move sideways over long lines."""
        self.shift_x = max(0, self.shift_x + cells)
        self.refresh()

    def anew(self) -> None:
        """All rows look different, and there may be more or fewer of them."""
        self._painting += 1
        at = self.rows.find_anchor(*self._anchor)
        if not self.pinned and at is not None:
            self.jump_to(at)
        self.rows_changed()

    def mark_moved(self, texts: frozenset[str]) -> None:
        """Mark lines with these texts: they were taken away in one place and put in another."""
        if texts != self.painter.moved:
            self.painter.moved = texts
            self._painting += 1
            self.refresh()

    def items_in_view(self) -> list[Item]:
        """The changes whose head is in view, from the top."""
        rows = (self.rows.row(y) for y in range(self.top, self.top + self.page))
        heads = (row.section.item for row in rows if row is not None and row.kind == "head")
        return [item for item in heads if item is not None]

    def show_line(self, item: Item, index: int) -> None:
        """Bring a line of a change into view."""
        top = self.rows.top_of(item.id)
        row = self.rows.row_of_line(item.id, index)
        if top is not None:
            self.repaint(top, self.rows.height_of(item.id))
        if row is not None:
            self.show_rows(row, 1)

    def is_in_view(self, item: Item) -> bool:
        top = self.rows.top_of(item.id)
        if top is None:
            return False
        return top < self.top + self.page and top + self.rows.height_of(item.id) > self.top

    def _is_first(self, section: Section) -> bool:
        return self.rows.group_of(section).changes[0] is section

    # -- rows

    def row_count(self) -> int:
        return self.rows.height

    def fit(self, width: int) -> None:
        self.remember_top()
        self.rows.fit(width)
        self.took_over(0)

    def cache_key(self, y: int) -> tuple[object, ...] | None:
        row = self.rows.row(y)
        if row is None:
            return None
        item = row.section.item
        if item is None:
            if row.kind != "file":
                return row.kind, row.section.key
            group = self.rows.group_of(row.section)
            return (
                row.kind,
                row.section.key,
                group.version,
                _stands_for(group, self.control.current),
                self.has_focus,
            )
        if row.kind == "line":
            item.seen = True
            item.shown_digest = item.digest
        mark = 0 if item.id != self.control.cursor else 2 if self.has_focus else 1
        version = item.shape if row.kind == "line" else item.version
        moved = item.shift, row.section.shift
        shown = (version, moved, mark, self.shift_x, self._painting)
        return item.id, row.kind, row.index, shown, self._chosen(item), self.labels.get(item.id)

    def paint_row(self, y: int, width: int) -> list[Segment]:
        row = self.rows.row(y)
        assert row is not None
        match row.kind:
            case "turn":
                return self.painter.turn(row.section, width)
            case "file":
                group = self.rows.group_of(row.section)
                mark = self.role("cursor" if self.has_focus else "cursor-off")
                return self.painter.file(
                    group, width, mark if _stands_for(group, self.control.current) else None
                )
            case "blank":
                return [Segment(" " * width, self.base)]
            case _:
                pass
        item = row.section.item
        assert item is not None
        bar = self._bar(item)
        match row.kind:
            case "head":
                return [bar, *self._head(item, width - 1)]
            case "note":
                return [bar, self._note(item, row, width - 1)]
            case _:
                chosen = self._chosen(item)
                return [bar, *self.painter.line(row, item, width - 1, self.shift_x, chosen)]

    def _chosen(self, item: Item) -> range | None:
        return None if self.selection is None else self.selection.holds(item)

    def render_lines(self, crop: Region) -> list[Strip]:
        painted = super().render_lines(crop)
        if self.highlighter.has_work and self._colouring is None:
            self._colouring = self.set_timer(COLOUR_S, self._colour)
        return painted

    def _colour(self) -> None:
        """Work out the colours of what was painted without them, for half a frame at most."""
        if unloaded := self.highlighter.unloaded:
            loading = self.highlighter.load(unloaded, self._colour)
            self.run_worker(loading, group="lexers", exit_on_error=False)
            return
        self._colouring = None
        until = time.monotonic() + COLOUR_FOR_S
        while self.highlighter.has_work and time.monotonic() < until:
            self.highlighter.work()
        self._painting += 1
        self.refresh()

    def _bar(self, item: Item) -> Segment:
        if item.id != self.control.cursor:
            return Segment(" ", self.base)
        return Segment("▌", self.role("cursor" if self.has_focus else "cursor-off"))

    def _head(self, item: Item, width: int) -> list[Segment]:
        on = item.id == self.control.cursor
        base = self.role("head-on" if on and self.has_focus else "head")
        label = self.labels.get(item.id, "")
        buttons = _buttons(item, self.row_width, keyed=self.has_focus) if on else []
        taken = "".join(f"{text} " for text, _ in buttons)
        lead = f" {label} " if label else ""
        made = self.painter.head(item, width - len(lead) - bool(lead), base, taken)
        if lead:
            made[:0] = [Segment(lead, self.role("button")), Segment(" ", base)]
        for text, action in buttons:
            role = {"accept": "yes", "reject": "no"}.get(action, "button")
            made += [Segment(text, self.role(role)), Segment(" ", base)]
        return made

    def _note(self, item: Item, row: Row, width: int) -> Segment:
        return Segment(cut(f"  {row.section.notes[row.index]}", 0, width), self.role("note"))

    # -- mouse and keys of the view itself

    def on_click(self, event: events.Click) -> None:
        self.focus()
        at = event.get_content_offset(self)
        if at is None:
            return
        y = at.y + self.top
        row = self.rows.row(y)
        if row is None:
            return
        item = row.section.item or self.rows.item_at(y)
        if item is None:
            return
        on = item.id == self.control.cursor and row.kind == "head"
        action = _button_at(item, at.x, self.row_width) if on else ""
        place = _place_of_note(item, row)
        if event.button == RIGHT_BUTTON:
            self.post_message(self.Pressed(item, "menu"))
        elif place:
            self.post_message(self.Pressed(item, "pick", str(place)))
        elif action:
            self.post_message(self.Pressed(item, action))
        else:
            self.post_message(self.Picked(item))

    def on_focus(self) -> None:
        self._focus_moved()

    def on_blur(self) -> None:
        self._focus_moved()

    def _focus_moved(self) -> None:
        top = self.rows.top_of(self.control.cursor)
        if top is not None:
            self.repaint(top, self.rows.height_of(self.control.cursor))


def _stands_for(group: Group, item: Item | None) -> bool:
    """Whether only the heading of a folded file is there to stand for a change."""
    return group.folded and item is not None and item in group.items


def _buttons(item: Item, width: int, *, keyed: bool) -> list[tuple[str, str]]:
    """(label, action) of the buttons of the current change; `keyed`: their keys act here now."""
    if width < 40 or item.deciding:
        return []
    more = [MENU] if width >= WIDE_ENOUGH else []
    found: list[tuple[str, str]] = []
    if item.state == "placed" and not item.taken:
        found = [("y", "accept"), ("n", "reject")]
    elif item.is_open:
        found = [("n", "reject")]
    elif item.state in ("written", "rejected") or item.taken:
        found = [("u", "undo")]
    elif item.state == "undone":
        found = [("U", "redo")]
    # as wide without its key: a click moves the focus first, and must not hit its neighbour
    labels = ((f" {key} {name} " if keyed else f"  {name}  ", name) for key, name in found)
    return [*labels, *more]


def _button_at(item: Item, x: int, width: int) -> str:
    """The action of the button of the current change that is at cell `x`."""
    at = width
    for label, action in reversed(_buttons(item, width, keyed=True)):
        at -= len(label) + 1
        if at <= x < at + len(label):
            return action
    return ""


def _place_of_note(item: Item, row: Row) -> int:
    """The number of the candidate that a note row offers; 0 for any other row."""
    first = len(row.section.notes) - len(item.candidates[:9])
    if row.kind != "note" or not item.candidates or row.index < first:
        return 0
    return row.index - first + 1
