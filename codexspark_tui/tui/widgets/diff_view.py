"""The live diff: painting the rows of `model/diff_rows`, the cursor over changes, the mouse.

Nothing is decided here: a click is a message to the pane that owns this view.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message

from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.cells import clean, cut, shortened, shortened_path, width_of
from codexspark_tui.tui.model.control import Control
from codexspark_tui.tui.model.diff_rows import DiffRows, Row, Section, body_line, numbers_of
from codexspark_tui.tui.model.words import badge_of, count, place_of
from codexspark_tui.tui.widgets.line_view import LineView

TWO_GUTTERS_FROM = 72
SHIFT_STEP = 8
_SIGN_ROLES = {"+": "added", "-": "removed", " ": "same"}


class DiffView(LineView):
    """Paints `rows` with the cursor of `control`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--added", "rows--removed", "rows--same", "rows--gutter", "rows--added-gutter",
        "rows--removed-gutter", "rows--file", "rows--turn", "rows--head", "rows--head-on",
        "rows--note", "rows--cursor", "rows--cursor-off", "rows--writing", "rows--placed",
        "rows--ambiguous", "rows--refused", "rows--accepted", "rows--rejected", "rows--stale",
        "rows--undone", "rows--plus", "rows--minus", "rows--button", "rows--yes", "rows--no",
        "rows--muted",
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
            version = self.rows.group_of(row.section).version if row.kind == "file" else 0
            return row.kind, row.section.key, version
        if row.kind == "line":
            item.seen = True
            item.shown_digest = item.digest
        mark = 0 if item.id != self.control.cursor else 2 if self.has_focus else 1
        version = item.shape if row.kind == "line" else item.version
        return item.id, row.kind, row.index, version, row.section.shift, mark, self.shift_x

    def paint_row(self, y: int, width: int) -> list[Segment]:
        row = self.rows.row(y)
        assert row is not None
        match row.kind:
            case "turn":
                return self._turn(row.section, width)
            case "file":
                return self._file(row.section, width)
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
                return [bar, *self._line(row, item, width - 1)]

    def _bar(self, item: Item) -> Segment:
        if item.id != self.control.cursor:
            return Segment(" ", self.base)
        return Segment("▌", self.role("cursor" if self.has_focus else "cursor-off"))

    def _turn(self, section: Section, width: int) -> list[Segment]:
        prompt = clean(self.rows.board.prompts.get(section.turn, "").split("\n")[0])
        text = f" turn {section.turn}  {prompt}"
        return [Segment(cut(shortened(text, width), 0, width), self.role("turn"))]

    def _file(self, section: Section, width: int) -> list[Segment]:
        style = self.role("file")
        items = self.rows.group_of(section).items
        added = sum(x.sign == "+" for i in items for x in i.lines)
        removed = sum(x.sign == "-" for i in items for x in i.lines)
        left = sum(i.is_open for i in items)
        writing = any(i.state == "writing" for i in items)
        said = "writing" if writing else f"{left} open" if left else "done"
        plus, minus = f" +{added}", f" −{removed} "
        room = max(4, width - len(said) - len(plus) - len(minus) - 2)
        name = cut(" " + shortened_path(clean(section.path), room - 1), 0, room)
        return [
            Segment(name, style),
            Segment(
                said, self.over(style, "writing" if writing else "placed" if left else "muted")
            ),
            Segment(plus, self.over(style, "plus")),
            Segment(minus, self.over(style, "minus")),
            Segment("  ", style),
        ]

    def _head(self, item: Item, width: int) -> list[Segment]:
        on = item.id == self.control.cursor
        base = self.role("head-on" if on and self.has_focus else "head")
        badge = badge_of(item)
        buttons = _buttons(item, self.row_width) if on else []
        taken = sum(len(label) + 1 for label, _ in buttons)
        said = " · ".join(filter(None, (clean(place_of(item)), _how(item))))
        room = width - taken
        first = cut(f"{badge.sign} {badge.word}", 0, min(room, width_of(badge.word) + 3))
        rest = cut(shortened(f" {said}", max(0, room - width_of(first))), 0, 999)
        rest = cut(rest, 0, max(0, room - width_of(first)))
        made = [Segment(first, self.over(base, badge.role)), Segment(rest, base)]
        for label, action in buttons:
            role = {"accept": "yes", "reject": "no"}.get(action, "button")
            made += [Segment(label, self.role(role)), Segment(" ", base)]
        return made

    def _note(self, item: Item, row: Row, width: int) -> Segment:
        return Segment(cut(f"  {row.section.notes[row.index]}", 0, width), self.role("note"))

    def _line(self, row: Row, item: Item, width: int) -> list[Segment]:
        sign, text = body_line(item, row.index)
        role = _SIGN_ROLES.get(sign, "same")
        style = self.role(role)
        gutter = self.role("gutter" if role == "same" else f"{role}-gutter")
        if item.state in ("rejected", "undone", "refused"):
            style = self.over(style, "muted")
        numbers = self._gutter(row, width)
        room = max(1, width - len(numbers) - 2)
        shown = clean(text)
        body = cut(shown, self.shift_x, room)
        if width_of(shown) > self.shift_x + room:
            body = cut(body, 0, room - 1) + "…"
        return [Segment(numbers, gutter), Segment(f"{sign} ", gutter), Segment(body, style)]

    def _gutter(self, row: Row, width: int) -> str:
        """Old and new line number; one column where there is no room for two."""
        numbers = numbers_of(row.section)
        digits = self.rows.digits
        both = width >= TWO_GUTTERS_FROM
        if row.index >= len(numbers):
            return " " * (2 * digits + 2 if both else digits + 1)
        old, new = numbers[row.index]
        new += row.section.shift if new else 0
        if both:
            return f"{old or '':>{digits}} {new or '':>{digits}} "
        return f"{new or old:>{digits}} "

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
        action = self._button_at(item, at.x) if row.kind == "head" else ""
        place = self._place_of_note(item, row)
        if place:
            self.post_message(self.Pressed(item, "pick", str(place)))
        elif action:
            self.post_message(self.Pressed(item, action))
        else:
            self.post_message(self.Picked(item))

    def _button_at(self, item: Item, x: int) -> str:
        if item.id != self.control.cursor:
            return ""
        at = self.row_width
        for label, action in reversed(_buttons(item, self.row_width)):
            at -= len(label) + 1
            if at <= x < at + len(label):
                return action
        return ""

    def _place_of_note(self, item: Item, row: Row) -> int:
        """The number of the candidate that a note row offers; 0 for any other row."""
        first = len(row.section.notes) - len(item.candidates[:9])
        if row.kind != "note" or not item.candidates or row.index < first:
            return 0
        return row.index - first + 1

    def on_focus(self) -> None:
        self._focus_moved()

    def on_blur(self) -> None:
        self._focus_moved()

    def _focus_moved(self) -> None:
        top = self.rows.top_of(self.control.cursor)
        if top is not None:
            self.repaint(top, self.rows.height_of(self.control.cursor))


def _how(item: Item) -> str:
    """How its place was found, unless that goes without saying; and its size."""
    parts = []
    how = getattr(item.placement, "how", "")
    if how not in ("", "exact", "file", "split", "chosen"):
        parts.append(str(how))
    lines = item.lines
    added, removed = sum(x.sign == "+" for x in lines), sum(x.sign == "-" for x in lines)
    if item.state == "writing":
        parts.append(count(len(lines), "line"))
    elif added or removed:
        parts.append(f"+{added} −{removed}")
    return " · ".join(parts)


def _buttons(item: Item, width: int) -> list[tuple[str, str]]:
    """(label, action) of the buttons of the current change."""
    if width < 40 or item.deciding:
        return []
    if item.state == "placed" and not item.taken:
        return [(" y accept ", "accept"), (" n reject ", "reject")]
    if item.is_open:
        return [(" n reject ", "reject")]
    if item.state in ("written", "rejected") or item.taken:
        return [(" u undo ", "undo")]
    if item.state == "undone":
        return [(" U redo ", "redo")]
    return []
