"""A session: commands in by `send`, events out of `events()`, until it is closed.

One task handles what comes, so no state needs a lock; another reads the stream; one thread writes,
and ends what it has begun. Whoever reads the events is never waited for. An error of a provider
ends the stream with a `Failed` and leaves its complete changes.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, assert_never

from codexspark_tui import __version__
from codexspark_tui.errors import ModelGone, ProviderError, SparkError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.providers import model as said
from codexspark_tui.session import told
from codexspark_tui.session.approvals import TOOL_QUESTION, taken_at_once, writes
from codexspark_tui.session.deciding.decisions import WRITE_QUESTION, Deciding, Decisions, ids_of
from codexspark_tui.session.deciding.shown import with_lines
from codexspark_tui.session.deciding.versions import Versions
from codexspark_tui.session.dialogue import Dialogue
from codexspark_tui.session.explaining import explain
from codexspark_tui.session.inbox import Answered, Inbox, Item, StreamBroke, Streamed, ToolNews
from codexspark_tui.session.judging import beside, judged
from codexspark_tui.session.looking import Looking
from codexspark_tui.session.models import Setup
from codexspark_tui.session.outbox import Outbox
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.session.stream import Streams
from codexspark_tui.session.transcript import Transcript
from codexspark_tui.session.turn import Turn
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:
    from codexspark_tui.session.resume import Past


class Session:
    """`id` names the transcript and the turns in the ledger; `past` is what it told before it is
    gone on with. Use it from one event loop, once."""

    def __init__(
        self,
        id: str,
        workspace: Workspace,
        provider: said.Provider,
        transcript: Transcript | None,
        setup: Setup | None = None,
        past: Past | None = None,
    ) -> None:
        self.id = id
        self._past = past
        self._workspace = workspace
        self._transcript = transcript
        self._inbox = Inbox()
        self._outbox = Outbox()
        self._streams = Streams(provider, self._inbox)
        self._dialogue = Dialogue(workspace, self._streams, self._inbox, setup)
        self._versions = Versions()
        self._decisions = Decisions(workspace, id, provider.name)
        self._turn: Turn | None = None
        self._asked: said.Question | None = None
        self._gone: ModelGone | None = None
        used = (past.turns, past.changes) if past else (0, 0)
        self._turn_numbers, change_numbers = (itertools.count(1 + n) for n in used)
        self._new_id = map("c{}".format, change_numbers).__next__
        self._looking = Looking(self._inbox)
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
            self._inbox.end()
            await asyncio.wait([runner])
        await runner

    @property
    def _provider(self) -> said.Provider:
        return self._streams.provider

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            stack.callback(self._outbox.end)
            if self._transcript is not None:
                stack.callback(self._transcript.close)
            stack.callback(self._decisions.close)
            stack.push_async_callback(self._dialogue.indexing.close)
            stack.push_async_callback(self._streams.aclose)
            stack.push_async_callback(self._dialogue.rounds.aclose)
            root, name = path_text(str(self._workspace.root)), self._provider.name
            self._tell([facts.SessionStarted(self.id, root, name, __version__)])
            if self._past is not None:
                self._outbox.put(list(self._past.events))
                begun = (Desk.of(self._workspace), self._new_id, self._dialogue)
                self._turn, again = await beside(self._past.taken_up, *begun)
                self._tell(with_lines(self._turn, again))
            if self._inbox.is_empty:
                self._dialogue.warm()
            self._tell(await self._decisions.recover())
            self._inbox.put(commands.Look())
            while not self._closed:
                item = await self._inbox.get()
                unkept = Streamed | ToolNews | Answered | commands.Draft | commands.Look
                if self._transcript is not None and not isinstance(item, unkept):
                    self._transcript.add(item)
                events = await self._guarded(item)
                self._tell(events)
                for decision in taken_at_once(events) if self._dialogue.setup.takes_exact else ():
                    self._inbox.put(decision)
                self._tell(self._ended_turn())
            self._tell(await self._guarded(commands.Cancel()))
            self._tell(self._ended_turn())

    def _tell(self, events: list[Event]) -> None:
        self._outbox.put(events if self._transcript is None else self._transcript.keep(events))

    async def _guarded(self, item: Item) -> list[Event]:
        """Handle it; a fault of our own ends the stream or refuses the decision, no more."""
        try:
            events = await self._handle(item)
            return with_lines(self._turn, await self._looking.after(item, self._turn, events))
        except Exception as error:  # noqa: BLE001 - the session outlives it; it is told as it is
            what = f"spark itself failed: {type(error).__name__}: {error}"
        match item:
            case commands.Decide() | commands.PlaceAt() | commands.Split() | commands.Edit():
                return [facts.DecisionRefused(ids_of(item), what)]
            case (
                Streamed() | ToolNews() | commands.Prompt() | commands.Answer() | commands.Cancel()
            ):
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
        return [told.fault(what), facts.StreamFinished(turn.number, True)]

    async def _handle(self, item: Item) -> list[Event]:
        match item:
            case Streamed():
                if item.stream != self._streams.number:
                    return []
                if isinstance(item.event, StreamBroke):
                    return await self._stream_broke(item.event.error)
                if isinstance(item.event, said.Ended):
                    return await self._ended(item.event)
                return await self._of_model(item.event)
            case ToolNews():
                return await self._of_tools(item)
            case commands.SetGuard() | commands.Run() | commands.StopRun():
                return self._dialogue.rounds.arrange(item)
            case commands.Prompt():
                return await self._start(item)
            case commands.Answer() if item.question != WRITE_QUESTION:
                return await self._answer(item)
            case commands.Steer():
                return await self._steer(item.text)
            case commands.SwitchModel():
                return await self._switch(item.model)
            case commands.Draft() | commands.Pin() | commands.Drop():
                return await self._dialogue.shelf.arrange(item)
            case commands.Reroll() | commands.PickVersion() | commands.Escalate() | Answered():
                return await self._versions.handle(item, self._turn, self._dialogue)
            case commands.Explain():
                return explain(self._turn, item, self._dialogue)
            case commands.Cancel():
                return await self._finish_stream("cut", cancelled=True)
            case commands.Look():
                return []  # it is looked after everything
            case commands.Close():
                self._closed = True
                return []
            case _:
                return await self._decide(item)

    async def _of_tools(self, news: ToolNews) -> list[Event]:
        turn, events = self._turn, list(news.events)
        if news.stream is None:
            return events
        if news.stream != self._streams.number or turn is None or not turn.streaming:
            return []
        if news.patch:
            events += [*await judged(turn, turn.feed, news.patch), *await judged(turn, turn.pause)]
        if news.question is not None:
            self._asked = news.question
            events.append(told.asked(news.question))
        if news.outputs is not None:
            self._dialogue.answer(news.outputs)
        return events

    async def _decide(self, command: Deciding) -> list[Event]:
        if self._dialogue.setup.mode == "read-only" and writes(command):
            return [facts.DecisionRefused(ids_of(command), "this session is read-only")]
        events = await self._decisions.carry_out(command, self._turn)
        if self._turn is not None and self._turn.review.undecided():
            self._turn.over = False
        if isinstance(command, commands.Decide) and command.verdict == "reject" and command.reason:
            events += await self._rejected(command, events)
        return events

    async def _rejected(self, command: commands.Decide, events: list[Event]) -> list[Event]:
        """A reason is said to the model while it still answers."""
        turn, converses = self._turn, self._provider.capabilities.converses
        if turn is None or not turn.streaming or self._asked is not None or not converses:
            return []
        text = told.rejection_text(command, events, turn.review)
        return await self._steer(text) if text else []

    async def _start(self, prompt: commands.Prompt) -> list[Event]:
        if self._turn is not None and not self._turn.over:
            return [facts.Notice("a turn is running; decide or stop it first", "warning")]
        self._decisions.provider = self._provider.name
        desk = Desk.of(self._workspace, trust_numbers=self._provider.capabilities.exact_numbers)
        begun = (next(self._turn_numbers), prompt.text, desk, self._new_id)
        turn = self._turn = self._dialogue.rounds.turn(*begun)
        self._tell([facts.TurnStarted(turn.number, prompt.text, prompt.files)])
        try:
            return await self._dialogue.begin(prompt, turn)
        except SparkError as error:
            return await self._fail(error)

    async def _of_model(self, event: said.ModelEvent) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming:
            return []
        match event:
            case said.Opened():
                turn.model = event.model
                return [facts.Connected(event.transport, event.model)]
            case said.TextDelta() | said.ReasoningDelta():
                return await self._said(turn, event)
            case said.ItemDone() | said.ToolDelta():
                self._dialogue.note_item(event)
                return await judged(turn, turn.called, event)
            case said.SectionStarted():
                turn.section(event.note, event.optional)
                return []
            case said.Question():
                self._asked = event
                return [told.asked(event)]
            case said.Counted():
                return [self._dialogue.usage(event, turn.characters)]
            case said.Waiting() | said.Limits() | said.Said() | said.Ended():
                return told.beside(event)
            case _:
                assert_never(event)

    async def _said(self, turn: Turn, event: said.TextDelta | said.ReasoningDelta) -> list[Event]:
        """Text has come; what is beyond a limit is still shown, and the last that is."""
        self._streams.note_token()
        events: list[Event] = []
        try:
            if isinstance(event, said.ReasoningDelta):
                events = [facts.ReasoningDelta(event.text)]
                self._dialogue.note_text(event.text, reasoning=True)
            else:
                if not self._dialogue.summarising:
                    events = await judged(turn, turn.feed, event.text)
                self._dialogue.note_text(event.text)
            return events
        except SparkError as error:
            return [*events, *await self._fail(error)]

    async def _ended(self, event: said.Ended) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming:
            return []
        if event.finish == "question":
            if self._asked is None:
                why = "the provider waits for an answer and asked nothing"
                return await self._fail(ProviderError(why))
            self._dialogue.settle()
            return await judged(turn, turn.pause)
        try:
            following = await self._dialogue.ended(event.finish, turn)
        except SparkError as error:
            return await self._fail(error)
        return await self._finish_stream(event.finish) if following is None else following

    async def _stream_broke(self, error: SparkError) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming:
            return []
        try:
            following = await self._dialogue.broke(error)
        except SparkError as other:
            return await self._fail(other)
        if following is not None:
            return following
        others = self._dialogue.others() if isinstance(error, ModelGone) else ()
        if not isinstance(error, ModelGone) or not others or turn.review.changes:
            return await self._fail(error)
        self._gone = error
        self._asked = told.in_place_of(error, others)
        return [told.asked(self._asked)]

    async def _steer(self, text: str) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming or self._asked is not None:
            why = "nothing streams that could be told something; send it as a prompt"
            return [facts.Notice(why, "warning")]
        try:
            return await self._dialogue.steer(text, turn)
        except SparkError as error:
            return await self._fail(error)

    async def _switch(self, model: str) -> list[Event]:
        if self._turn is not None and self._turn.streaming:
            return [facts.Notice("stop the answer first, then choose a model", "warning")]
        if not model and (names := self._dialogue.others(every=True)):
            self._asked = told.which_model(names)
            return [told.asked(self._asked)]
        try:
            return await self._dialogue.switch(model)
        except SparkError as error:
            return [told.in_passing(error)]

    async def _fail(self, error: SparkError) -> list[Event]:
        """What went wrong ends the stream; without one that runs there is nothing to end."""
        if self._turn is None or not self._turn.streaming:
            return []
        return [told.failed(error), *await self._finish_stream("cut", failed=True)]

    async def _finish_stream(
        self, reason: str, *, failed: bool = False, cancelled: bool = False
    ) -> list[Event]:
        turn = self._turn
        if turn is None or not turn.streaming:
            return []
        self._dialogue.over(whole=reason == "stop")
        self._asked = None
        turn.failed, turn.cancelled = failed, cancelled
        events = await judged(turn, turn.finish, reason)
        truncated = turn.truncated or failed or cancelled
        return [*events, facts.StreamFinished(turn.number, truncated)]

    async def _answer(self, answer: commands.Answer) -> list[Event]:
        """Ask the provider again with the person's choice; no choice ends the turn."""
        asked, turn = self._asked, self._turn
        if asked is not None and asked.id == answer.question == told.CHOOSE_QUESTION:
            self._asked = None
            at = answer.choice if answer.choice is not None else len(asked.options)
            return await self._switch(asked.options[at]) if at in range(len(asked.options)) else []
        if turn is None or asked is None or answer.question != asked.id:
            return [facts.Notice(f"there is no question {answer.question!r} to answer", "warning")]
        of_tool = asked.id.startswith(TOOL_QUESTION)
        if answer.choice is None and not (of_tool and answer.goes_on):
            return await self._fail(told.unanswered(asked, self._gone))
        if answer.choice not in (None, *range(len(asked.options))):
            return [facts.Notice(f"{asked.text}: there is no such choice", "warning")]
        self._asked = None
        if of_tool or answer.choice is None:
            return self._dialogue.rounds.answered(answer.choice)
        if asked.id == told.MODEL_QUESTION:
            return await self._go_on_with(asked.options[answer.choice], turn)
        self._dialogue.answer((asked, answer.choice))
        return await judged(turn, turn.pause)

    async def _go_on_with(self, model: str, turn: Turn) -> list[Event]:
        try:
            switched = await self._dialogue.switch(model, "chosen instead of one that is gone")
            self._decisions.provider = self._provider.name
            return [*switched, *await self._dialogue.send_again(turn)]
        except SparkError as error:
            return await self._fail(error)

    def _ended_turn(self) -> list[Event]:
        """The turn's end, when nothing streams and nothing is undecided, or at the close."""
        turn = self._turn
        if turn is None or turn.over or turn.streaming:
            return []
        if (left := turn.review.undecided()) and not self._closed:
            return []
        turn.over = True
        self._decisions.remember(turn)
        return [told.turn_ended(turn, len(left))]
