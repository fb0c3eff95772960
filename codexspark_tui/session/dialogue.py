"""What a session says to its provider, and how an answer that is not whole is brought to its end.

A provider that converses is sent the whole conversation each time; any other one the prompt as it
is. An answer that was lost, or reached its length, is gone on with in a request of its own that
names the changes that came in full: two attempts are never joined in one text. A request that is
too long for the model is made shorter by rule, once. No event is told here: functions return them.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from codexspark_tui.errors import ContextTooLong, ProviderError, SparkError, UsageError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text, real_path
from codexspark_tui.providers.model import (
    Counted,
    Finish,
    Item,
    ItemDone,
    Message,
    Provider,
    Question,
    Request,
    ToolDelta,
)
from codexspark_tui.session.context.shelf import Shelf
from codexspark_tui.session.inbox import Inbox, Results, StreamBroke, Streamed
from codexspark_tui.session.indexing import Indexing
from codexspark_tui.session.judging import judged
from codexspark_tui.session.meter import Meter
from codexspark_tui.session.models import Setup
from codexspark_tui.session.patch_calls import answer_to
from codexspark_tui.session.rounds import Rounds
from codexspark_tui.session.stream import Streams
from codexspark_tui.session.tokens import Estimator
from codexspark_tui.session.turn import Turn
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:  # for a provider that converses; the others begin sooner without
    from codexspark_tui.session.asking import Asking
    from codexspark_tui.session.context.model import Chosen

Broken: TypeAlias = Literal["lost", "length", "steered"]
MOST_RESTS = 3
STEER_WAIT_S = 2.0
_WHY: dict[Broken, str] = {
    "lost": "The connection was lost in the middle of your answer.",
    "length": "Your answer reached its greatest length before its end.",
    "steered": "The person has stopped your answer to say this:",
}


class Dialogue:
    """One session's side of the conversation. `streams` is the stream of the answer in force."""

    def __init__(
        self, workspace: Workspace, streams: Streams, inbox: Inbox, setup: Setup | None = None
    ) -> None:
        self.streams = streams
        self.summarising = False
        self.setup = setup or Setup()
        self.rounds = Rounds(workspace, inbox, self.setup, streams)
        self.inbox = inbox
        self._workspace = workspace
        self.indexing = Indexing(self.setup.keeper)
        self.shelf = Shelf(
            lambda: (self.asking, self._window) if self.converses else None,
            output=lambda: self.rounds.last_output,
        )
        self._estimator = Estimator()
        self._prompt = commands.Prompt("")
        self.meter = _meter(self.setup, self._estimator, self.streams.provider)
        self._request = Request("", "")
        self.turn: Turn | None = None
        self._items: list[Item] = []
        self._said: list[str] = []
        self._rests = 0
        self._timer: asyncio.TimerHandle | None = None

    @cached_property
    def asking(self) -> Asking:
        """The conversation with a model; made when one is first asked."""
        from codexspark_tui.session.asking import Asking
        from codexspark_tui.session.context.choosing import RepositoryContext

        keeper = self.setup.keeper
        context = RepositoryContext(
            self._workspace, self._estimator, keeper.index if keeper is not None else None
        )
        return Asking(context, self._estimator, self.shelf)

    # -- asking --------------------------------------------------------------------------------

    async def begin(self, prompt: commands.Prompt, turn: Turn) -> list[Event]:
        """Ask for an answer to a prompt. Raises `SparkError` for what cannot be asked."""
        self._prompt, self._rests, self.summarising = prompt, 0, False
        self.rounds.count = 0
        self.meter = _meter(self.setup, self._estimator, self.streams.provider)
        if not self.converses:
            return self._plainly(turn)
        self.asking.start(prompt, self.turn.review.changes.values() if self.turn else ())
        self.turn = turn
        if self.asking.is_full(self._window):
            return self._summarise()
        return await self._ask()

    def warm(self) -> None:
        """Let the provider, and the index, make ready for the first prompt."""
        if self.converses:
            self.streams.warm(self.made_request())
        self.indexing.begin(stays=True)

    def answer(self, given: tuple[Question, int] | Results) -> None:
        """Ask again with the person's answer to the provider's question, or with the results of
        the tools that the model called."""
        if isinstance(given, Results):
            self.rounds.give(self.asking.held, given.of_calls)
            self._send()
            return
        question, choice = given
        answers = (*self._request.answers, (question.id, choice))
        self._send(replace(self._request, answers=answers))

    async def _ask(self) -> list[Event]:
        assert self.turn is not None
        composed = await self.asking.compose(self._window)
        _check_images(composed.chosen, self.streams.provider)
        self.asking.add(composed)
        self._send()
        self.indexing.begin()
        tokens = self._estimator.of_pieces(self.meter.asked)
        return [
            composed.event(self.turn.number, self._estimator, tokens, self._window),
        ]

    def _plainly(self, turn: Turn) -> list[Event]:
        """Ask a provider that works from the prompt alone."""
        self._send()
        files = self._prompt.files
        return [facts.ContextChosen(turn.number, files)] if files else []

    def made_request(self) -> Request:
        """The conversation as it is, as a request."""
        prompt = self._prompt
        files = tuple(real_path(path) for path in prompt.files)
        request = Request(prompt.text, str(self._workspace.root), files, prompt.attached)
        if not self.converses:
            return request
        from codexspark_tui.session.instructions import instructions

        edit_format = self.setup.models.facts(self.streams.provider.name).edit_format
        asked_for = "ask" if prompt.asks else edit_format
        prediction = self.asking.prediction if asked_for == "whole" else ""
        said = [
            instructions(asked_for),
            self.setup.system,
            self.rounds.rules.spoken(),
            self.rounds.described(),
        ]
        return replace(
            request,
            instructions="\n\n".join(part for part in said if part),
            tools=self.rounds.offered(edit_format),
            items=self.asking.held.items,
            prediction=prediction,
        )

    def _send(self, request: Request | None = None) -> None:
        """Start the stream for the conversation as it is (or for this request)."""
        made = request or self.made_request()
        if self.converses:
            self.meter.ask("\n".join((made.instructions, self.asking.held.text())))
        left_s = self.meter.left_s()
        made = replace(made, max_output_tokens=self.meter.left_tokens(), total_s=left_s)
        self._items, self._said = [], []
        self._request = made
        self.streams.start(made)
        if left_s is not None:
            broke = Streamed(self.streams.number, StreamBroke(self.meter.too_late()))
            self._timer = asyncio.get_running_loop().call_later(left_s, self.inbox.put, broke)

    # -- the answer ----------------------------------------------------------------------------

    def note_text(self, text: str, *, reasoning: bool = False) -> None:
        """Text has come; reasoning is no part of the answer and counts. Raises `LimitReached`."""
        if self.converses:
            if not reasoning:
                self._said.append(text)
            self.meter.note(text)

    def note_item(self, event: ItemDone | ToolDelta) -> None:
        """Keep an item of the answer, with what the model is told of it where it is a call."""
        if not isinstance(event, ItemDone):
            self.streams.note_token()
            return
        told = answer_to(event.item)
        self._items += [event.item] if told is None else [event.item, told]

    async def ended(self, finish: Finish, turn: Turn) -> list[Event] | None:
        """An answer has ended: what follows, or None if that was all. Raises `SparkError`."""
        self.settle()
        if self.summarising:
            return await self._summarised("".join(self._said))
        if finish == "stop" and self.converses:
            calls = self.rounds.calls(self._items, "".join(self._said))
            if not calls:
                return None
            self.meter.close()
            self.asking.held.answered(tuple(self._items), "".join(self._said))
            self._items, self._said = [], []
            self.rounds.start(calls)
            return await judged(turn, turn.pause)
        if not self.converses or finish not in ("lost", "length"):
            return None
        if finish == "length" and self.meter.used_up():
            raise self.meter.too_long()
        if self._rests < MOST_RESTS:
            self._rests += 1
            return await self._rest("lost" if finish == "lost" else "length", turn)
        if finish == "lost":
            raise ProviderError(
                f"the connection was lost {MOST_RESTS + 1} times, so the answer is not whole",
                next_step="Ask for the rest in a new prompt; what came in full is kept.",
            )
        return None

    async def broke(self, error: SparkError) -> list[Event] | None:
        """A stream has failed: what is done about it, or None. May raise another `SparkError`."""
        self.settle()
        if self.summarising and isinstance(error, ProviderError):
            return await self._summarised("")
        if not isinstance(error, ContextTooLong) or self.asking.shrunk or self._said:
            return None
        if not self.converses:
            return None
        self.asking.shrink()
        said = f"{error.title}; less is sent now, and what was said before in short form"
        return [facts.Notice(said, "warning"), *await self._ask()]

    def over(self, *, whole: bool) -> None:
        """Nothing more comes of this answer; keep what was said."""
        self.settle()
        self.streams.stop()
        if not self.converses or self.turn is None:
            return
        from codexspark_tui.session.conversation import whole_lines

        self.meter.close()
        text = "".join(self._said)
        stopped = self.rounds.stop(self.asking.held)
        if whole:
            self.asking.held.answered(tuple(self._items), text)
        elif whole_lines(text) and not self.summarising:
            self.asking.held.answered((), whole_lines(text))
        elif not self._rests and not stopped:
            self.asking.rewind()
        self._items, self._said, self.summarising = [], [], False

    def usage(self, counted: Counted, characters: int, *, beside: bool = False) -> Event:
        """The provider's count, with what follows from it; the clock is the turn's own stream's."""
        cost = self.meter.count(counted) if self.converses else None
        return facts.Usage(
            None if beside else self.streams.first_token_ms,
            0.0 if beside else self.streams.elapsed_ms(),
            characters,
            counted.input_tokens,
            counted.output_tokens,
            counted.cached_tokens,
            counted.reasoning_tokens,
            cost,
            self._window,
        )

    # -- going on ------------------------------------------------------------------------------

    async def steer(self, text: str, turn: Turn) -> list[Event]:
        """Tell the model something while it answers; where it cannot listen, it begins anew."""
        provider = self.streams.provider
        if self.summarising or not self.converses:
            why = f"{provider.name} cannot be told something now; send it as a prompt"
            return [facts.Notice(why, "warning")]
        if provider.capabilities.steers and await _steered(provider, text):
            self._items.append(Message("user", text))
            return [facts.Notice("told the model while it answers")]
        self.settle()
        self.streams.stop()
        return await self._rest("steered", turn, text)

    async def _rest(self, why: Broken, turn: Turn, says: str = "") -> list[Event]:
        """Ask for the rest of the answer; what came in full stays, the torn change is refused."""
        from codexspark_tui.session.asking import sendable
        from codexspark_tui.session.conversation import rest_text, whole_lines

        events = await judged(turn, lambda: turn.break_off(expected=why != "steered"))
        self.meter.close()
        held = self.asking.held
        held.answered((), whole_lines("".join(self._said)))
        told = "\n".join(part for part in (_WHY[why], says) if part)
        held.ask(rest_text(sendable(told), turn.review.changes.values()))
        self._send()
        return [*events, _rest_notice(why, self._rests)]

    async def switch(self, name: str, why: str = "") -> list[Event]:
        """Let another provider answer from now on. Raises `SparkError`."""
        provider = await asyncio.to_thread(self.setup.models.open, name)
        self.streams.switch(provider)
        self.meter = _meter(self.setup, self._estimator, self.streams.provider)
        if self.converses:
            self.asking.forget_opaque()
        return [facts.ModelChosen(provider.name, why)]

    async def send_again(self, turn: Turn) -> list[Event]:
        """The same prompt to the provider that answers now."""
        self.asking.rewind()
        return await self._ask() if self.converses else self._plainly(turn)

    def others(self, *, every: bool = False) -> tuple[str, ...]:
        """The models to offer in the place of the one that answers; or `every` one at hand."""
        models = self.setup.models
        return models.names() if every else models.after(self.streams.provider.name)

    # -- what was said before, in short form ---------------------------------------------------

    def _summarise(self) -> list[Event]:
        """Ask the model for a summary first; the prompt waits for it."""
        from codexspark_tui.session.conversation import SUMMARISE

        self.summarising = True
        self.asking.held.ask(SUMMARISE)
        self._send()
        self.asking.held.take_back()
        return [facts.Notice("the conversation has become long; the model sums it up first")]

    async def _summarised(self, summary: str) -> list[Event]:
        self.summarising = False
        self.meter.close()
        count = len(self.asking.held.items)
        self.asking.shorten(summary)
        how = "a summary stands" if summary.strip() else "a short form, made by rule, stands"
        said = facts.Notice(f"{how} for what was said before ({count} messages)")
        return [said, *await self._ask()]

    # -- small things --------------------------------------------------------------------------

    @property
    def converses(self) -> bool:
        """Whether the provider is sent the whole conversation."""
        return self.streams.provider.capabilities.converses

    @property
    def _window(self) -> int | None:
        provider = self.streams.provider
        if not self.converses:
            return None
        return provider.capabilities.window or self.setup.models.facts(provider.name).window

    def settle(self) -> None:
        """The stream has ended, or waits for the person: its time counts, and it cannot be too
        late any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.meter.streamed_s += self.streams.settled_s()


def _meter(setup: Setup, estimator: Estimator, provider: Provider) -> Meter:
    model = setup.models.facts(provider.name) if provider.capabilities.converses else None
    return Meter(setup.limits_now(), estimator, model)


def _check_images(chosen: Chosen, provider: Provider) -> None:
    if chosen.images and not provider.capabilities.images:
        name = next(piece.path for piece in chosen.pieces if piece.form == "image")
        raise UsageError(
            f"{provider.name} takes text only, so the image {path_text(name)} cannot be sent",
            next_step="Leave it out, or choose a model that takes images (spark models).",
        )


async def _steered(provider: Provider, text: str) -> bool:
    try:
        return await asyncio.wait_for(provider.steer(text), STEER_WAIT_S)
    except (TimeoutError, SparkError):
        return False


def _rest_notice(why: Broken, rests: int) -> Event:
    match why:
        case "steered":
            return facts.Notice("stopped the answer to tell the model; it goes on from there")
        case "lost":
            said = "the connection was lost in the middle of the answer"
        case "length":
            said = "the answer reached its greatest length"
    return facts.Notice(f"{said}; asking for the rest ({rests} of {MOST_RESTS})", "warning")
