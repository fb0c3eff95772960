"""From an `Ask` to the events of an answer, for every wire: who may, whose turn it is, until when.

    async for events in engine.answer(client, ask, answer): ...    # what goes to the client

Places are limited: `active` answers run, `queued` more wait in the order in which they came, and
whoever comes then is told so. All faults of a request are raised as `Fault` before its first event;
after it they are in the events.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from codexspark_tui.errors import SparkError
from codexspark_tui.gateway.ask import Ask, size_of
from codexspark_tui.gateway.faults import (
    Fault,
    invalid,
    of_error,
    overloaded,
    shutting_down,
    too_late,
    unexpected,
)
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.gateway.pool import Pool, Source
from codexspark_tui.gateway.responses_out import Answer
from codexspark_tui.gateway.store import Kept, Store
from codexspark_tui.gateway.telling import Teller, choice_in
from codexspark_tui.providers.model import Item, Message, ModelEvent, Provider, Request

LOG = logging.getLogger("codexspark_tui.gateway")
LOOK_S = 0.1
LONGEST_NAME = 256
EVENTS_IN_A_ROW = 64
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks: `owner` by token; `lane` names a connection and a lane in it, "" over HTTP."""

    owner: str = ""
    lane: str = ""

    @property
    def key(self) -> str:
        return f"lane:{self.lane}" if self.lane else f"owner:{self.owner}:"


class Writer(Protocol):
    """What turns the events of a provider into those of a wire (`Answer`, `Completion`)."""

    id: str
    teller: Teller
    fault: Fault | None

    @property
    def begun(self) -> bool: ...

    def feed(self, event: ModelEvent) -> list[Event]: ...

    def fail(self, fault: Fault) -> list[Event]: ...

    def body(self) -> Event: ...


@dataclass(slots=True)
class Claim:
    """The bytes of one request, as long as it is held in memory."""

    engine: Engine
    size: int = 0

    def add(self, size: int) -> None:
        """Raises `Fault` when all requests together would be too much."""
        if self.engine.held + size > self.engine.limits.held_bytes:
            raise overloaded("the requests that are held here are too large; try again soon")
        self.engine.held += size
        self.size += size

    def release(self) -> None:
        self.engine.held -= self.size
        self.size = 0


@dataclass(slots=True)
class Engine:
    """One for a server. `running`: answers that have a place now."""

    source: Source
    limits: Limits
    pool: Pool = field(init=False)
    store: Store = field(init=False)
    running: int = 0
    waiting: int = 0
    held: int = 0
    closing: bool = False
    _steerable: dict[str, Provider] = field(default_factory=dict)
    _places: asyncio.Semaphore = field(init=False)
    _quiet: asyncio.Event = field(init=False)

    def __post_init__(self) -> None:
        self.pool = Pool(self.source, self.limits.idle_providers)
        self.store = Store(self.limits)
        self._places = asyncio.Semaphore(self.limits.active)
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def drain(self, seconds: float, hurry: Callable[[], bool] = lambda: False) -> None:
        """Take no new requests, and wait so long for those that run, or until `hurry`."""
        self.closing = True
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline and not hurry():
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._quiet.wait()
                return
            except TimeoutError:
                continue
        LOG.warning("%d answers were cancelled", self.running + self.waiting)

    async def aclose(self) -> None:
        await self.pool.aclose()

    def claim(self) -> Claim:
        """To be released when the request has been answered."""
        return Claim(self)

    def check_model(self, ask: Ask) -> None:
        if len(ask.model) > LONGEST_NAME or not self.source.answers_to(ask.model):
            said = f"the model {ask.model[:80]!a} does not exist here; there is {self.source.name}"
            raise Fault(said, 404, code="model_not_found", param="model")

    async def answer(
        self, client: Client, ask: Ask, writer: Writer
    ) -> AsyncGenerator[list[Event], None]:
        """The events of one answer, in bunches. Raises `Fault` before the first of them only."""
        if self.closing:
            raise shutting_down()
        self.check_model(ask)
        key = client.key + ("" if client.lane else ask.affinity)
        try:
            request, before = self._request(client, ask)
            deadline = asyncio.get_running_loop().time() + self.limits.answer_s
            async with self._place(deadline), self.pool.lease(key) as provider:
                events = self._events(provider, ask, request, writer, deadline)
                async with aclosing(events):
                    async for bunch in events:
                        yield bunch
        except Fault:
            self._forget(client, ask)
            raise
        except SparkError as error:  # there is no provider to be had
            self._forget(client, ask)
            raise of_error(error) from None
        self._keep(client, ask, request, writer, before)

    async def steer(self, response: str, text: str) -> bool:
        """Tell a running answer something more; False where that cannot be done."""
        provider = self._steerable.get(response)
        return provider is not None and await provider.steer(text)

    def _forget(self, client: Client, ask: Ask) -> None:
        """A continuation that failed cannot be continued again; a full request can follow."""
        if client.lane and ask.previous:
            self.store.drop_lane(client.lane)

    async def _events(
        self, provider: Provider, ask: Ask, request: Request, writer: Writer, deadline: float
    ) -> AsyncGenerator[list[Event], None]:
        """What the provider says, and its errors as faults."""
        id = writer.id
        self._steerable[id] = provider
        try:
            if isinstance(writer, Answer) and not ask.generate:
                async with asyncio.timeout_at(deadline):
                    await provider.warm(request)
                yield writer.empty()
                return
            async with aclosing(provider.stream(request)) as events:
                async for event in _until(deadline, events):
                    if bunch := writer.feed(event):
                        yield bunch
            if writer.teller.finish is None:
                raise Fault("the model's answer has no end", 502, "server_error", "server_error")
        except SparkError as error:
            fault = of_error(error)
        except Fault as error:
            fault = error
        except TimeoutError:
            fault = too_late(self.limits.answer_s)
        except Exception:
            LOG.exception("a provider failed in a way that nobody expected")
            fault = unexpected()
        else:
            return
        finally:
            self._steerable.pop(id, None)
        if not writer.begun:
            raise fault
        yield writer.fail(fault)

    # -- conversations -------------------------------------------------------------------------

    def _request(self, client: Client, ask: Ask) -> tuple[Request, tuple[Item, ...]]:
        """For the provider: the whole conversation, or the choice that was asked for last."""
        before: tuple[Item, ...] = ()
        kept: Kept | None = None
        if ask.previous:
            kept = self.store.get(ask.previous, client.owner, client.lane)
            if kept is None:
                said = f"the response {ask.previous[:80]!a} is not known here; send the whole input"
                raise Fault(said, code="previous_response_not_found", param="previous_response_id")
            before = kept.items
        whole = ask.following(before)
        if size_of(whole.items) > self.limits.conversation_bytes:
            said = "the conversation is longer than this server keeps"
            raise invalid(said, "input", "context_length_exceeded")
        self._check_pictures(whole)
        request = whole.request(self.source.root, self.limits.answer_s, ())
        return _with_choice(request, kept), whole.items

    def _check_pictures(self, ask: Ask) -> None:
        pictures = any(isinstance(item, Message) and item.images for item in ask.items)
        if pictures and not self.source.capabilities.images:
            said = f"{self.source.name} takes no pictures; send text only"
            raise invalid(said, "input", "unsupported_value")

    def _keep(
        self,
        client: Client,
        ask: Ask,
        request: Request,
        writer: Writer,
        before: tuple[Item, ...],
    ) -> None:
        if not isinstance(writer, Answer):
            return
        if writer.status not in ("completed", "incomplete"):
            self._forget(client, ask)
            return
        items = (*before, *writer.items)
        kept = Kept(client.owner, items, writer.teller.question, request.prompt)
        self.store.put(writer.id, kept, client.lane, ask.store)

    # -- places --------------------------------------------------------------------------------

    @asynccontextmanager
    async def _place(self, deadline: float) -> AsyncIterator[None]:
        if self._places.locked() and self.waiting >= self.limits.queued:
            raise overloaded(f"{self.running} answers run and {self.waiting} wait; try again soon")
        self.waiting += 1
        self._quiet.clear()
        try:
            async with asyncio.timeout_at(deadline):
                await self._places.acquire()
        except TimeoutError:
            raise too_late(self.limits.answer_s) from None
        finally:
            self.waiting -= 1
            self._settle()
        self.running += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self.running -= 1
            self._places.release()
            self._settle()

    def _settle(self) -> None:
        if not self.running and not self.waiting:
            self._quiet.set()


async def _until(
    deadline: float, events: AsyncGenerator[ModelEvent, None]
) -> AsyncGenerator[ModelEvent, None]:
    """The events; raises `TimeoutError` when one is still missing at the deadline.

    The clock stands while the consumer works: a slow client is no affair of the model's. Where
    events come without a pause, the others get their turn now and then.
    """
    for number in itertools.count(1):
        if number % EVENTS_IN_A_ROW == 0:
            await asyncio.sleep(0)
        try:
            async with asyncio.timeout_at(deadline):
                event = await anext(events)
        except StopAsyncIteration:
            return
        yield event


def _with_choice(request: Request, kept: Kept | None) -> Request:
    """A number after a question chooses, and the first prompt is asked again with the choice."""
    if kept is None or kept.question is None:
        return request
    chosen = choice_in(request.prompt, len(kept.question.options))
    if chosen is None:
        return request
    answers = ((kept.question.id, chosen),)
    return Request(kept.prompt, request.root, answers=answers, total_s=request.total_s)
