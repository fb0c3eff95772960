"""A session: commands in by `send`, events out of `events()`, until it is closed.

One task handles what comes, in its order, so no state needs a lock. The stream is read by another
task; writing to disk is done in one thread, and a write that has begun is always finished and told
of. Whoever reads the events is never waited for. Any error of a provider ends the stream with a
`Failed` and leaves its complete changes.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import assert_never

from codexspark_tui import __version__
from codexspark_tui.errors import ProviderError, SparkError, UsageError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text, real_path
from codexspark_tui.providers.model import (
    Counted,
    Ended,
    ItemDone,
    Limits,
    ModelEvent,
    Opened,
    Provider,
    Question,
    ReasoningDelta,
    Request,
    Said,
    SectionStarted,
    TextDelta,
    ToolDelta,
    Waiting,
)
from codexspark_tui.session.decisions import Decisions, ids_of
from codexspark_tui.session.desk import Desk
from codexspark_tui.session.guards import Rules
from codexspark_tui.session.inbox import Inbox, Item, StreamBroke, Streamed
from codexspark_tui.session.outbox import Outbox
from codexspark_tui.session.stream import Streams
from codexspark_tui.session.transcript import Transcript
from codexspark_tui.session.turn import Turn
from codexspark_tui.workspace import Workspace


class Session:
    """`id` names the transcript and the turns in the ledger. Use it from one event loop, once."""

    def __init__(
        self,
        id: str,
        workspace: Workspace,
        provider: Provider,
        transcript: Transcript | None,
        rules: Rules | None = None,
    ) -> None:
        self.id = id
        self._workspace = workspace
        self._provider = provider
        self._transcript = transcript
        self._rules = rules or Rules()
        self._inbox = Inbox()
        self._outbox = Outbox()
        self._streams = Streams(provider, self._inbox)
        self._decisions = Decisions(workspace, id, provider.name)
        self._turn: Turn | None = None
        self._request: Request | None = None
        self._asked: Question | None = None
        self._turn_numbers = itertools.count(1)
        self._change_numbers = itertools.count(1)
        self._told_problem = ""
        self._closed = False

    def send(self, command: commands.Command) -> None:
        """Ask for something; what comes of it are events."""
        self._inbox.put(command)

    async def events(self) -> AsyncGenerator[Event, None]:
        """All events of the session, in their order; ends after `Close`.

        Closing the generator, or cancelling the task that waits for it, closes the session after
        what it is doing at that moment.
        """
        runner = asyncio.create_task(self._run())
        try:
            while (event := await self._outbox.get()) is not None:
                yield event
        finally:
            self._closed = True
            self._inbox.put(commands.Close())
            await asyncio.wait([runner])
        await runner

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            stack.callback(self._outbox.end)
            if self._transcript is not None:
                stack.callback(self._transcript.close)
            stack.callback(self._decisions.close)
            stack.push_async_callback(self._streams.aclose)
            root = path_text(str(self._workspace.root))
            self._tell([facts.SessionStarted(self.id, root, self._provider.name, __version__)])
            while not self._closed:
                item = await self._inbox.get()
                if self._transcript is not None and not isinstance(item, Streamed):
                    self._transcript.add(item)
                self._tell(await self._guarded(item))
                self._tell(self._ended_turn())
            self._tell(await self._guarded(commands.Cancel()))
            self._tell(self._ended_turn())

    def _tell(self, events: list[Event]) -> None:
        if self._transcript is not None:
            for event in events:
                self._transcript.add(event)
            self._transcript.flush()
            if self._transcript.problem != self._told_problem:
                self._told_problem = self._transcript.problem
                events = [*events, facts.Notice(self._told_problem, "warning")]
        self._outbox.put(events)

    async def _guarded(self, item: Item) -> list[Event]:
        """Handle it; a fault of our own ends the stream or refuses the decision, no more."""
        try:
            return await self._handle(item)
        except Exception as error:  # noqa: BLE001 - the session outlives it; it is told as it is
            what = f"spark itself failed: {type(error).__name__}: {error}"
        match item:
            case commands.Decide() | commands.PlaceAt() | commands.Split() | commands.Edit():
                return [facts.DecisionRefused(ids_of(item), what)]
            case Streamed() | commands.Prompt() | commands.Answer() | commands.Cancel():
                return self._broke(what)
            case _:
                return [facts.Notice(what, "warning")]

    def _broke(self, what: str) -> list[Event]:
        """End the stream after a fault of our own, without asking the turn to close it well."""
        turn = self._turn
        if turn is None or turn.over:
            return [facts.Notice(what, "warning")]
        self._streams.stop()
        turn.streaming, turn.failed, self._asked = False, True, None
        error = ProviderError(what, next_step="Please report it with the transcript.")
        return [_failed(error), facts.StreamFinished(turn.number, True)]

    async def _handle(self, item: Item) -> list[Event]:
        match item:
            case Streamed():
                if item.stream != self._streams.number:
                    return []
                if isinstance(item.event, StreamBroke):
                    return self._fail(item.event.error)
                return self._of_model(item.event)
            case commands.Prompt():
                return self._start(item)
            case commands.Answer():
                return self._answer(item)
            case commands.Cancel():
                return self._finish_stream("cut", cancelled=True)
            case commands.Close():
                self._closed = True
                return []
            case (
                commands.Decide()
                | commands.PlaceAt()
                | commands.Split()
                | commands.Edit()
                | commands.Reopen()
                | commands.Undo()
                | commands.Redo()
            ):
                return await self._decide(item)
            case _:
                assert_never(item)

    async def _decide(
        self,
        command: commands.Decide
        | commands.PlaceAt
        | commands.Split
        | commands.Edit
        | commands.Reopen
        | commands.Undo
        | commands.Redo,
    ) -> list[Event]:
        events = await self._decisions.carry_out(command, self._turn)
        if self._turn is not None and self._turn.review.undecided():
            self._turn.over = False
        return events

    def _start(self, prompt: commands.Prompt) -> list[Event]:
        if self._turn is not None and not self._turn.over:
            return [facts.Notice("a turn is running; decide or stop it first", "warning")]
        numbers_are_exact = self._provider.capabilities.exact_numbers
        desk = Desk.of(self._workspace, trust_numbers=numbers_are_exact)
        number = next(self._turn_numbers)
        self._turn = Turn(number, prompt.text, desk, self._new_id, rules=self._rules)
        files = tuple(real_path(path) for path in prompt.files)
        root = str(self._workspace.root)
        self._request = Request(prompt.text, root, files, prompt.attached)
        self._streams.start(self._request)
        started = facts.TurnStarted(number, prompt.text, prompt.files)
        return [started, facts.ContextChosen(number, prompt.files)] if files else [started]

    def _new_id(self) -> str:
        return f"c{next(self._change_numbers)}"

    def _of_model(self, event: ModelEvent) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming:
            return []
        match event:
            case Opened():
                turn.model = event.model
                return [facts.Connected(event.transport, event.model)]
            case TextDelta():
                self._streams.note_token()
                return turn.feed(event.text)
            case ReasoningDelta():
                return [facts.ReasoningDelta(event.text)]
            case Waiting():
                return [facts.Retrying(event.in_s, event.why, event.attempt, event.attempts)]
            case Limits():
                told = [
                    facts.LimitView(x.name, x.limit, x.remaining, x.resets_in_s)
                    for x in event.limits
                ]
                return [facts.RateLimits(tuple(told))]
            case ItemDone() | ToolDelta():
                return []
            case SectionStarted():
                turn.section(event.note, event.optional)
                return []
            case Said():
                return [facts.Notice(event.text, "warning" if event.warning else "info")]
            case Question():
                self._asked = event
                return [facts.Asked(event.id, event.text, event.options)]
            case Counted():
                return [self._usage(turn, event)]
            case Ended():
                return self._ended(turn, event)
            case _:
                assert_never(event)

    def _usage(self, turn: Turn, counted: Counted) -> Event:
        return facts.Usage(
            self._streams.first_token_ms,
            self._streams.elapsed_ms(),
            turn.characters,
            counted.input_tokens,
            counted.output_tokens,
            counted.cached_tokens,
            counted.reasoning_tokens,
        )

    def _ended(self, turn: Turn, event: Ended) -> list[Event]:
        if event.finish != "question":
            return self._finish_stream(event.finish)
        if self._asked is None:
            return self._fail(ProviderError("the provider waits for an answer and asked nothing"))
        return turn.pause()

    def _fail(self, error: SparkError) -> list[Event]:
        """What went wrong ends the stream; without one that runs there is nothing to end."""
        if self._turn is None or not self._turn.streaming:
            return []
        return [_failed(error), *self._finish_stream("cut", failed=True)]

    def _finish_stream(
        self, reason: str, *, failed: bool = False, cancelled: bool = False
    ) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming:
            return []
        self._streams.stop()
        self._asked = None
        turn.failed, turn.cancelled = failed, cancelled
        events = turn.finish(reason)
        truncated = turn.truncated or failed or cancelled
        return [*events, facts.StreamFinished(turn.number, truncated)]

    def _answer(self, answer: commands.Answer) -> list[Event]:
        """Ask the provider again with the person's choice; no choice ends the turn."""
        asked, request, turn = self._asked, self._request, self._turn
        if request is None or turn is None or asked is None or answer.question != asked.id:
            return [facts.Notice(f"there is no question {answer.question!r} to answer", "warning")]
        if answer.choice is None:
            return self._fail(UsageError("the question was not answered"))
        if not 0 <= answer.choice < len(asked.options):
            return [facts.Notice(f"{asked.text}: there is no such choice", "warning")]
        self._asked = None
        known = (*request.answers, (asked.id, answer.choice))
        self._request = replace(request, answers=known)
        self._streams.start(self._request)
        return turn.pause()

    def _ended_turn(self) -> list[Event]:
        """The turn's end, when nothing streams and nothing is undecided, or at the close."""
        turn = self._turn
        if turn is None or turn.over or turn.streaming:
            return []
        left = turn.review.undecided()
        if left and not self._closed:
            return []
        turn.over = True
        reason: facts.EndReason = "open" if left else "done"
        if turn.failed or turn.cancelled:
            reason = "failed" if turn.failed else "cancelled"
        count = turn.review.count
        ended = facts.TurnEnded(
            turn.number,
            reason,
            accepted=count("written"),
            rejected=count("rejected"),
            refused=count("refused"),
            left_open=len(left),
            entry=turn.entry,
        )
        return [ended]


def _failed(error: SparkError) -> Event:
    return facts.Failed(error.code, error.exit_code, error.title, error.detail, error.next_step)
