"""One line: where the answer comes from, how fast it is, and how the review stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from codexspark_tui.events.facts import (
    Asked,
    ChangeOpened,
    Connected,
    Event,
    Failed,
    HunkLines,
    ModelChosen,
    ProseDelta,
    RateLimits,
    ReasoningDelta,
    Retrying,
    SessionStarted,
    StreamFinished,
    TurnStarted,
    Usage,
)
from codexspark_tui.events.runs import RunFinished, RunStarted
from codexspark_tui.tui.model.board import Board
from codexspark_tui.tui.model.cells import clean, shortened, width_of
from codexspark_tui.tui.model.status import Status
from codexspark_tui.tui.widgets.key_bar import KeyBar

SHOWN_EACH_S = 0.1
CALM_EACH_S = 1.0
COUNTED_EACH_S = 0.5
LEFT_CLICKS = ("stop", "model")
"""What a click on the state does, and on the name of who answers; on counts, to the next one."""
STATUS_EVENTS: tuple[type[Event], ...] = (
    SessionStarted, ModelChosen, TurnStarted, Connected, Retrying, RateLimits, Asked, ProseDelta,
    ReasoningDelta, ChangeOpened, HunkLines, Usage, Failed, StreamFinished, RunStarted, RunFinished,
)  # fmt: skip


def _nothing() -> str:
    return ""


class StatusLine(Widget):
    """`doing` names what runs beside the session (tests, say), or ""; `stop_key` ends it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--muted", "rows--placed", "rows--accepted", "rows--rejected", "rows--refused",
        "rows--undone", "rows--live",
    }  # fmt: skip
    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        background: $spark-panel;
        color: $spark-text;
        .rows--muted { color: $spark-muted; }
        .rows--placed { color: $spark-placed; text-style: bold; }
        .rows--accepted { color: $spark-accepted; }
        .rows--rejected { color: $spark-rejected; }
        .rows--refused { color: $spark-refused; }
        .rows--undone { color: $spark-undone; }
        .rows--live { color: $spark-accent; text-style: bold; }
    }
    """

    class Arrived(Message):
        """Events of the session; `at` is when they came, in seconds."""

        def __init__(self, events: Sequence[Event], at: float) -> None:
            super().__init__()
            self.events = events
            self.at = at

    def __init__(
        self, board: Board, doing: Callable[[], str] = _nothing, stop_key: str = "esc"
    ) -> None:
        super().__init__()
        self.board = board
        self.doing = doing
        self.stop_key = stop_key
        self.status = Status()
        self.following = False
        self.calm = False
        self._lag_ms = 0
        self._spans: list[tuple[int, int, str]] = []
        self._due: Timer | None = None

    def on_status_line_arrived(self, message: Arrived) -> None:
        message.stop()
        for event in message.events:
            self.status.note(event, message.at)
        self.show_soon()

    def show_soon(self) -> None:
        """Paint the numbers, at most ten times a second, or once where it is to be calm."""
        if self._due is None:
            self._due = self.set_timer(CALM_EACH_S if self.calm else SHOWN_EACH_S, self._show)

    def show_lag(self, seconds: float) -> None:
        """How far the paint is behind, if that is bad; else 0."""
        before, self._lag_ms = self._lag_ms, round(seconds * 1000)
        if self._lag_ms != before:
            self.show_soon()

    def _show(self) -> None:
        self._due = None
        self.refresh()
        if self.status.waits is not None:
            self._due = self.set_timer(COUNTED_EACH_S, self._show)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        right = self._right()
        used = sum(width_of(text) for text, _ in right)
        left = self._left(width - used - 1)
        gap = width - used - sum(width_of(text) for text, _ in left)
        parts = [*left, (" " * max(0, gap), ""), *right]
        base = self.rich_style
        self._spans = _spans(left, right, width)
        segments = [
            Segment(text, base + self.get_component_rich_style(f"rows--{role}") if role else base)
            for text, role in parts
        ]
        return Strip(segments).crop_extend(0, width, base)

    def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spans:
            if start <= event.x < end:
                self.post_message(KeyBar.Pressed(action))

    def _left(self, room: int) -> list[tuple[str, str]]:
        status = self.status
        state = self._state(room)
        who = " · ".join(filter(None, map(clean, (status.provider, status.model))))
        parts = [(f" {state} " if state else "", "live"), (f" {who}", "")]
        if status.transport not in ("", status.provider):
            parts.append((f" · {clean(status.transport)}", "muted"))
        if status.first_token_ms is not None:
            parts.append((f"  first token {status.first_token_ms:,.0f} ms", "muted"))
        if status.tokens_per_s is not None:
            parts.append((f"  {status.tokens_per_s:,.0f} tok/s", "muted"))
        parts += [(f"  {clean(text)}", "muted") for text in status.spent()]
        kept: list[tuple[str, str]] = []
        for text, role in parts:
            if width_of(text) > room:
                kept.append((shortened(text, room), role) if not kept[1:] else ("", ""))
                break
            kept.append((text, role))
            room -= width_of(text)
        return kept

    def _state(self, room: int) -> str:
        """What happens now, in about so many cells."""
        status, doing, key = self.status, self.doing(), self.stop_key
        if status.asks:
            return "? asks you"
        if status.runs is not None:
            lead = "● " if self.board.streaming else ""
            return lead + status.command(room - len(lead) - 2, key)
        if waiting := status.waiting(time.monotonic()):
            return f"◌ {waiting}"
        if self.board.streaming:
            return f"● streaming · {doing}" if doing else "● streaming"
        if doing:
            return f"◌ {doing} · {key} stops"
        return "○ review" if self.board.running else ""

    def _right(self) -> list[tuple[str, str]]:
        board = self.board
        parts = [(f"paint lag {self._lag_ms} ms  ", "refused")] if self._lag_ms else []
        parts += [("following  ", "live")] if self.following else []
        if not board.items:
            return parts
        refused = board.counts["refused"]
        parts += [
            (f"{board.undecided} open  ", "placed" if board.undecided else "muted"),
            (f"✓ {board.accepted}  ", "accepted"),
            (f"✗ {board.counts['rejected']} ", "rejected"),
        ]
        if undone := board.counts["undone"]:
            parts.append((f" ↶ {undone} ", "undone"))
        if refused:
            parts.append((f" ! {refused} ", "refused"))
        return parts


def _spans(
    left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]], width: int
) -> list[tuple[int, int, str]]:
    """(start, end, action) of the cells that can be clicked."""
    made, at = [], 0
    for (text, _), action in zip(left, LEFT_CLICKS, strict=False):
        made.append((at, at + width_of(text), action))
        at += width_of(text)
    at = width - sum(width_of(text) for text, _ in right)
    for text, role in right:
        action = "follow" if role == "live" else "next"
        made.append((at, at + width_of(text), action))
        at += width_of(text)
    return made
