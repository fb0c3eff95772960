"""A session: commands in by `send`, events out of `events()`, until it is closed.

One consumer handles what comes, in its order, so no state needs a lock. The stream is read by a
task of its own; writing to disk is done in one thread, and a write that has begun is always
finished. Any error of a provider ends the turn with a `Failed` and leaves its complete changes.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import assert_never

from codexspark_tui import __version__
from codexspark_tui.errors import ProviderError, SparkError, UsageError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.providers.model import (
    Counted,
    Ended,
    ModelEvent,
    Opened,
    Provider,
    Question,
    ReasoningDelta,
    Request,
    Said,
    SectionStarted,
    TextDelta,
)
from codexspark_tui.session.decisions import Decisions
from codexspark_tui.session.desk import Desk
from codexspark_tui.session.inbox import Inbox, Item, StreamBroke
from codexspark_tui.session.transcript import Transcript
from codexspark_tui.session.turn import Turn
from codexspark_tui.workspace import Workspace


class Session:
    """`id` names the transcript and the turns in the ledger. Use it from one event loop."""

    def __init__(
        self, id: str, workspace: Workspace, provider: Provider, transcript: Transcript | None
    ) -> None:
        self.id = id
        self._workspace = workspace
        self._provider = provider
        self._transcript = transcript
        self._inbox = Inbox()
        self._decisions = Decisions(workspace, id, provider.name)
        self._turn: Turn | None = None
        self._request: Request | None = None
        self._asked = ""
        self._pump: asyncio.Task[None] | None = None
        self._turn_numbers = itertools.count(1)
        self._change_numbers = itertools.count(1)
        self._began = 0.0
        self._first_token_ms: float | None = None
        self._closed = False

    def send(self, command: commands.Command) -> None:
        """Ask for something; what comes of it are events."""
        self._inbox.put(command)

    async def events(self) -> AsyncGenerator[Event, None]:
        """All events of the session, in their order; ends after `Close`."""
        started = facts.SessionStarted(
            self.id, path_text(str(self._workspace.root)), self._provider.name, __version__
        )
        yield self._noted(started)
        if self._transcript is not None and self._transcript.problem:
            yield facts.Notice(self._transcript.problem, "warning")
        try:
            while not self._closed:
                item = await self._inbox.get()
                async with aclosing(self._handle(item)) as made:
                    async for event in made:
                        yield self._noted(event)
                for event in self._ended_turn():
                    yield self._noted(event)
                if self._transcript is not None:
                    self._transcript.flush()
        finally:
            await self._stop_stream()
            await self._provider.aclose()
            await self._decisions.aclose()
            if self._transcript is not None:
                self._transcript.close()

    def _noted(self, event: Event) -> Event:
        if self._transcript is not None:
            self._transcript.add(event)
        return event

    async def _handle(self, item: Item) -> AsyncGenerator[Event, None]:
        match item:
            case StreamBroke():
                yield _failed(item.error)
                for event in self._finish_stream("cut", failed=True):
                    yield event
            case (
                Opened()
                | TextDelta()
                | ReasoningDelta()
                | SectionStarted()
                | Said()
                | Question()
                | Counted()
                | Ended()
            ):
                for event in self._of_model(item):
                    yield event
            case _:
                if self._transcript is not None:
                    self._transcript.add(item)
                async with aclosing(self._of_command(item)) as made:
                    async for event in made:
                        yield event

    async def _of_command(self, command: commands.Command) -> AsyncGenerator[Event, None]:
        match command:
            case commands.Prompt():
                for event in self._start(command):
                    yield event
            case commands.Answer():
                self._answer(command)
            case commands.Cancel():
                await self._stop_stream()
                for event in self._finish_stream("cut", cancelled=True):
                    yield event
            case commands.Close():
                self._closed = True
                await self._stop_stream()
            case (
                commands.Decide()
                | commands.PlaceAt()
                | commands.Split()
                | commands.Edit()
                | commands.Reopen()
                | commands.Undo()
                | commands.Redo()
            ):
                for event in await self._decisions.carry_out(command, self._turn):
                    yield event
            case _:
                assert_never(command)

    def _start(self, prompt: commands.Prompt) -> list[Event]:
        if self._turn is not None:
            return [facts.Notice("a turn is running; decide or stop it first", "warning")]
        desk = Desk(self._workspace, self._provider.capabilities.exact_numbers)
        self._turn = Turn(next(self._turn_numbers), prompt.text, desk, self._new_id)
        self._request = Request(
            prompt.text, str(self._workspace.root), prompt.files, prompt.attached
        )
        self._ask_provider()
        files = tuple(path_text(path) for path in prompt.files)
        number = self._turn.number
        started = facts.TurnStarted(number, prompt.text, files)
        return [started, facts.ContextChosen(number, files)] if files else [started]

    def _new_id(self) -> str:
        return f"c{next(self._change_numbers)}"

    def _ask_provider(self) -> None:
        assert self._request is not None
        self._began = time.monotonic()
        self._first_token_ms = None
        self._pump = asyncio.create_task(self._read_stream(self._request))

    async def _read_stream(self, request: Request) -> None:
        ended = False
        try:
            async with aclosing(self._provider.stream(request)) as stream:
                async for event in stream:
                    ended = ended or isinstance(event, Ended)
                    self._inbox.put(event)
            if not ended:
                self._inbox.put(Ended("cut"))
        except SparkError as error:
            self._inbox.put(StreamBroke(error))
        except Exception as error:  # noqa: BLE001 - the turn outlives any fault of a provider
            broken = ProviderError(
                f"the provider {self._provider.name} failed: {type(error).__name__}: {error}",
                next_step="Try again; if it stays, please report it with the transcript.",
            )
            self._inbox.put(StreamBroke(broken))

    async def _stop_stream(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    def _of_model(self, event: ModelEvent) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming:
            return []
        match event:
            case Opened():
                turn.model = event.model
                return [facts.Connected(event.transport, event.model)]
            case TextDelta():
                if self._first_token_ms is None:
                    self._first_token_ms = self._elapsed_ms()
                return turn.feed(event.text)
            case ReasoningDelta():
                return [facts.ReasoningDelta(event.text)]
            case SectionStarted():
                turn.section(event.note, event.optional)
                return []
            case Said():
                return [facts.Notice(event.text, "warning" if event.warning else "info")]
            case Question():
                self._asked = event.id
                return [facts.Asked(event.id, event.text, event.options)]
            case Counted():
                return [self._usage(event.input_tokens, event.output_tokens)]
            case Ended():
                if event.finish == "question":
                    return []
                return self._finish_stream(event.finish)
            case _:
                assert_never(event)

    def _elapsed_ms(self) -> float:
        return round((time.monotonic() - self._began) * 1000, 1)

    def _usage(self, input_tokens: int | None, output_tokens: int | None) -> Event:
        characters = self._turn.characters if self._turn else 0
        return facts.Usage(
            self._first_token_ms, self._elapsed_ms(), characters, input_tokens, output_tokens
        )

    def _finish_stream(
        self, reason: str, *, failed: bool = False, cancelled: bool = False
    ) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming:
            return []
        turn.failed = failed
        turn.cancelled = cancelled
        events = turn.finish(reason)
        return [*events, facts.StreamFinished(turn.number, turn.truncated or failed)]

    def _answer(self, answer: commands.Answer) -> None:
        """Ask the provider again with the person's choice; no choice ends the turn."""
        if self._request is None or answer.question != self._asked:
            return
        self._asked = ""
        if answer.choice is None:
            self._inbox.put(StreamBroke(UsageError("the question was not answered")))
            return
        known = (*self._request.answers, (answer.question, answer.choice))
        self._request = Request(
            self._request.prompt,
            self._request.root,
            self._request.files,
            self._request.attached,
            known,
        )
        self._ask_provider()

    def _ended_turn(self) -> list[Event]:
        """The turn's end, when nothing streams and nothing is undecided, or at the close."""
        turn = self._turn
        if turn is None:
            return []
        left = turn.review.undecided()
        if not self._closed and (turn.streaming or left):
            return []
        self._turn = None
        reason: facts.EndReason = "open" if turn.streaming or left else "done"
        if turn.failed or turn.cancelled:
            reason = "failed" if turn.failed else "cancelled"
        count = turn.review.count
        return [
            facts.TurnEnded(
                turn.number,
                reason,
                accepted=count("written"),
                rejected=count("rejected"),
                refused=count("refused"),
                left_open=len(left),
                entry=turn.entry,
            )
        ]


def _failed(error: SparkError) -> Event:
    return facts.Failed(error.code, error.exit_code, error.title, error.detail, error.next_step)
