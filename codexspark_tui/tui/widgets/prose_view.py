"""The session pane: painting the rows of `model/prose`, and Markdown once a block is at rest."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Sequence
from typing import ClassVar, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.timer import Timer

from codexspark_tui.events.facts import (
    ChangeOpened,
    ChangeSplit,
    ContextChosen,
    DecisionRefused,
    Event,
    Failed,
    ModelChosen,
    Notice,
    ProseDelta,
    ReasoningDelta,
    Retrying,
    StreamFinished,
    TurnEnded,
    TurnStarted,
    UndoConflict,
)
from codexspark_tui.events.runs import RunFinished, RunOutput, RunStarted, ToolFinished, ToolStarted
from codexspark_tui.tui.highlight import SYNTAX
from codexspark_tui.tui.model.prose import Block, BlockKind, Prose
from codexspark_tui.tui.widgets.line_view import LineView

REST_S = 0.05
Rows: TypeAlias = list[Segment]
PROSE_EVENTS: tuple[type[Event], ...] = (
    TurnStarted, ContextChosen, ModelChosen, Retrying, ChangeOpened, ChangeSplit, ProseDelta,
    ReasoningDelta, ToolStarted, ToolFinished, RunStarted, RunOutput, RunFinished, Notice,
    DecisionRefused, UndoConflict, Failed, StreamFinished, TurnEnded,
)  # fmt: skip


class ProseView(LineView):
    """Follows its end unless the person has scrolled up."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--prompt", "rows--prose", "rows--change", "rows--reasoning", "rows--notice",
        "rows--warning", "rows--error", "rows--end", "rows--lead", "rows--code",
        *(f"rows--{role}" for role in SYNTAX),
    }  # fmt: skip
    DEFAULT_CSS = """
    ProseView {
        background: $spark-background;
        .rows--prompt { color: $spark-text; text-style: bold; }
        .rows--lead { color: $spark-accent; text-style: bold; }
        .rows--prose { color: $spark-text; }
        .rows--reasoning { color: $spark-muted; text-style: italic; }
        .rows--change { color: $spark-hunk-header; }
        .rows--notice { color: $spark-muted; }
        .rows--warning { color: $spark-warning; }
        .rows--error { color: $spark-error; text-style: bold; }
        .rows--end { color: $spark-success; }
        .rows--code { background: $spark-surface; color: $spark-text; }
        .rows--keyword { color: $spark-keyword; }
        .rows--string { color: $spark-string; }
        .rows--comment { color: $spark-comment; }
        .rows--number { color: $spark-number; }
        .rows--function { color: $spark-function; }
        .rows--type { color: $spark-type; }
    }
    """

    class Arrived(Message):
        """Events of the session, in their order."""

        def __init__(self, events: Sequence[Event]) -> None:
            super().__init__()
            self.events = events

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.prose: Prose[Rows] = Prose()
        self.pinned = True
        self._streaming = False
        self._resting: Timer | None = None

    def row_count(self) -> int:
        return self.prose.height

    def fit(self, width: int) -> None:
        top = self._anchor()
        if self.prose.fit(max(1, width - 2)):
            self._return_to(top)
            self.rest()

    def cache_key(self, y: int) -> tuple[object, ...] | None:
        found = self.prose.row(y)
        if found is None:
            return None
        block, offset = found
        if block.rendered is not None:
            return id(block), offset, block.version
        return block.kind, block.rows[offset], block.lead if offset == 0 else len(block.lead)

    def paint_row(self, y: int, width: int) -> list[Segment]:
        found = self.prose.row(y)
        assert found is not None
        block, offset = found
        if block.rendered is not None:
            return [Segment(" ", self.base), *block.rendered[offset]]
        style = self.role(block.kind)
        lead = " " + (block.lead if offset == 0 else " " * len(block.lead))
        return [Segment(lead, self.role("lead")), Segment(block.rows[offset], style)]

    def on_prose_view_arrived(self, message: Arrived) -> None:
        message.stop()
        changed = [self.prose.note(event) for event in message.events]
        for event in message.events:
            if isinstance(event, TurnStarted):
                self._streaming = True
                self.busy()
            elif isinstance(event, StreamFinished | TurnEnded):
                self._streaming = False
        if any(changed):
            self.rows_changed(self.prose.first_dirty())
        if not self._streaming:
            self.rest()

    def say(self, text: str, kind: BlockKind = "notice") -> None:
        """A line of our own."""
        self.prose.add(kind, text)
        self.rows_changed()

    def rest(self) -> None:
        """Show finished blocks as Markdown, one at a time, so that no key waits for it."""
        if self._resting is None and not self._streaming and self.prose.to_render():
            resting = self._resting = self.set_interval(REST_S, self._render_one, pause=True)
            self.run_worker(_loaded(resting.resume), group="markdown", exit_on_error=False)

    def busy(self) -> None:
        """A stream has begun: Markdown waits."""
        if self._resting is not None:
            self._resting.stop()
            self._resting = None

    def _render_one(self) -> None:
        waiting = self.prose.to_render()
        if not waiting:
            self.busy()
            return
        from codexspark_tui.tui.markdown import markdown_rows

        block: Block[Rows] = waiting[-1]
        rows = markdown_rows(block.text(), self.prose.width, self._markdown_styles())
        height, top = block.height, self._anchor()
        self.prose.give_rows(block, rows)
        first = self.prose.start_of(block)
        if block.height == height:
            self.repaint(first, height)
        else:
            self._return_to(top)
            self.rows_changed(first)

    def _anchor(self) -> tuple[Block[Rows], int] | None:
        """What stands at the top while the person reads; None while the end is followed."""
        return None if self.pinned else self.prose.row(self.top)

    def _return_to(self, anchor: tuple[Block[Rows], int] | None) -> None:
        if anchor is not None:
            block, offset = anchor
            self.jump_to(self.prose.start_of(block) + min(offset, max(0, block.height - 1)))

    def _markdown_styles(self) -> dict[str, Style]:
        """The styles of Markdown in the colours of the theme."""
        base, lead = self.base, self.role("lead")
        code = self.over(base, "change")
        quiet = self.over(base, "notice")
        return {
            "markdown.text": base,
            "markdown.paragraph": base,
            **{f"markdown.h{n}": lead for n in range(1, 7)},
            "markdown.code": code,
            "markdown.code_block": code,
            "markdown.item.bullet": lead,
            "markdown.item.number": lead,
            "markdown.block_quote": quiet,
            "markdown.hr": quiet,
            "code": self.role("code"),
            **{f"code.{role}": Style(color=self.role(role).color) for role in SYNTAX},
            "markdown.link": base + Style(underline=True),
            "markdown.link_url": base + Style(underline=True),
        }

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.unpin()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._pin_at_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self.pinned and new_value > old_value:
            self._pin_at_end()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.prose.forget_rendered()
        if self.is_attached:
            self.rest()

    def _pin_at_end(self) -> None:
        if not self.pinned and self.top + self.page >= self.row_count():
            self.pin()


async def _loaded(then: Callable[[], None]) -> None:
    """What makes Markdown, imported in a thread: the first time it takes a tenth of a second."""
    await asyncio.to_thread(importlib.import_module, "codexspark_tui.tui.markdown")
    then()
