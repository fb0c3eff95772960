"""The key bar: what the focused pane understands, from the registry; each entry can be clicked.

What is said in passing is shown here for a moment: over the keys, never over the changes. A long
sentence takes more rows meanwhile: its end is the next step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from codexspark_tui.tui.action import Action
from codexspark_tui.tui.model.cells import clean, ended, wrapped

ALWAYS = ("help", "menu")
SAID_S = 4.0  # for each row of it
MOST_ROWS = 3


class KeyBar(Widget):
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--key", "rows--title", "rows--said"}
    DEFAULT_CSS = """
    KeyBar {
        height: 1;
        background: $spark-surface;
        color: $spark-text;
        .rows--key { color: $spark-accent; text-style: bold; }
        .rows--title { color: $spark-muted; }
        .rows--said { color: $spark-warning; }
    }
    """

    class Pressed(Message):
        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__()
        self._actions: Sequence[tuple[str, Action]] = ()
        self._spans: list[tuple[int, int, str]] = []
        self._said = ""
        self._hiding: Timer | None = None

    def show_actions(self, actions: Sequence[tuple[str, Action]]) -> None:
        if actions != self._actions:
            self._actions = actions
            self.refresh()

    def say(self, text: str) -> None:
        """A sentence in place of the keys, for a while or until the next one; "" is none."""
        if text == self._said == "":
            return
        if self._hiding is not None:
            self._hiding.stop()
        self._said = text
        rows = self._fit()
        self._hiding = self.set_timer(SAID_S * rows, self._hide) if text else None

    def _hide(self) -> None:
        self._hiding, self._said = None, ""
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> int:
        """As many rows as what is said needs; their number."""
        rows = len(self._said_rows())
        self.styles.height = rows
        self.refresh()
        return rows

    def _said_rows(self) -> tuple[str, ...]:
        """What is said, in the rows that it has; never none."""
        width = max(1, self.size.width - 2)
        rows = wrapped(clean(self._said), width) or ("",)
        if len(rows) <= MOST_ROWS:
            return rows
        return (*rows[: MOST_ROWS - 1], ended(" ".join(rows[MOST_ROWS - 1 :]), width))

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.size.width
        if self._said:
            self._spans = []
            said = base + self.get_component_rich_style("rows--said")
            text = next(iter(self._said_rows()[y:]), "")
            return Strip([Segment(f" {text}", said)]).crop_extend(0, width, base)
        key_style = base + self.get_component_rich_style("rows--key")
        title_style = base + self.get_component_rich_style("rows--title")
        segments, self._spans, at = [Segment(" ", base)], [], 1
        for key, action in self._fitting(width - 1):
            title = f" {action.label}"
            length = len(key) + len(title)
            segments += [Segment(key, key_style), Segment(title, title_style), Segment("  ", base)]
            self._spans.append((at, at + length, action.name))
            at += length + 2
        return Strip(segments).crop_extend(0, width, base)

    def _fitting(self, room: int) -> list[tuple[str, Action]]:
        """As many as there is room for; the way to all others is always among them."""
        last = [pair for pair in self._actions if pair[1].name in ALWAYS]
        room -= sum(_length(pair) for pair in last)
        kept: list[tuple[str, Action]] = []
        for pair in self._actions:
            if pair in last:
                continue
            room -= _length(pair)
            if room < 0:
                break
            kept.append(pair)
        return [*kept, *last]

    def on_click(self, event: events.Click) -> None:
        if self._said:
            self.say("")
        for start, end, name in self._spans:
            if start <= event.x < end:
                self.post_message(self.Pressed(name))


def _length(pair: tuple[str, Action]) -> int:
    key, action = pair
    return len(key) + 1 + len(action.label) + 2
