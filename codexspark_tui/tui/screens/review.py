"""The review screen: a patch that is there already, or comes in by a pipe, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.message import Message

from codexspark_tui.events.facts import (
    DecisionRefused,
    Event,
    Failed,
    Notice,
    StreamFinished,
    TurnEnded,
    UndoConflict,
)
from codexspark_tui.tui.bridge import Route
from codexspark_tui.tui.screens.base import ReviewingScreen, style_for_size

_EVENTS: tuple[type[Event], ...] = (
    Notice, DecisionRefused, UndoConflict, Failed, StreamFinished, TurnEnded,
)  # fmt: skip


class ReviewScreen(ReviewingScreen):
    DEFAULT_CSS = """
    ReviewScreen { layout: vertical; background: $spark-background; }
    """
    AUTO_FOCUS: ClassVar[str | None] = "DiffView"

    class Arrived(Message):
        def __init__(self, events: Sequence[Event]) -> None:
            super().__init__()
            self.events = events

    def compose(self) -> ComposeResult:
        style_for_size(self)
        yield self.pane
        yield self.status
        yield self.keys

    def routes(self) -> list[Route]:
        return [*super().routes(), Route(self, _EVENTS, self.Arrived)]

    def on_review_screen_arrived(self, message: Arrived) -> None:
        message.stop()
        for event in message.events:
            said = _said(event)
            if said:
                self.notify(said, severity="warning", markup=False, timeout=8)


def _said(event: Event) -> str:
    match event:
        case Notice(level="warning"):
            return event.text
        case DecisionRefused():
            return f"not written: {event.why}"
        case UndoConflict():
            return f"{event.path} cannot be taken back safely: {event.why}"
        case Failed():
            return event.title
        case _:
            return ""
