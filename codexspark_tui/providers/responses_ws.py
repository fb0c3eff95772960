"""The Responses API over a WebSocket that is kept open from answer to answer.

A connection is marked as busy before a request is sent, and freed by nothing but the event that
ends its answer; one that is busy when its stream ends, in whatever way, is dropped. So no answer is
ever read as the next one, and a cancelled request ends at the server too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from codexspark_tui.providers.answer import Answer
from codexspark_tui.providers.call import Call, authorized
from codexspark_tui.providers.clock import Clock
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.hints import told_limits
from codexspark_tui.providers.model import Message, ModelEvent, Request
from codexspark_tui.providers.responses import Chain, continued, created, fields_of, input_of
from codexspark_tui.providers.socket import Socket, open_socket
from codexspark_tui.providers.trouble import Trouble
from codexspark_tui.providers.wire import Object, read_events, to_json

TRANSPORT = "websocket"
SUSPECT_AFTER_S = 60.0
"""Of rest: the server may have gone away without a word."""
SUSPECT_WAITS_S = 10.0
FORGOTTEN_AFTER_S = 240.0
"""Of rest: the server no longer holds the last answer."""
STEER_S = 5.0
WARM_UP_S = 10.0


@dataclass(slots=True)
class Line:
    """One connection. `chain`: what it can go on from. `ids`: the responses it has carried."""

    socket: Socket
    chain: Chain | None = None
    busy: bool = False
    fresh: bool = True
    ids: set[str] = field(default_factory=set)


@dataclass(slots=True)
class ResponsesSocket:
    """One connection is kept between answers; while it is busy, another answer has its own."""

    endpoint: Endpoint
    _line: Line | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _answering: tuple[Line, Answer] | None = None
    _steering: asyncio.Future[bool] | None = None

    async def attempt(self, call: Call) -> AsyncGenerator[ModelEvent, None]:
        """One answer; its events come as they are on the socket."""
        line = await self._free(call.clock)
        answer = Answer(TRANSPORT, set(line.ids) if self.endpoint.stores else set())
        try:
            if line.fresh and (limits := told_limits(line.socket.headers)):
                yield limits
            rested_s = time.time() - line.socket.used
            await self._ask(line, call, rested_s)
            self._answering = (line, answer)
            first = True
            while not answer.finished:
                events = read_events(await self._receive(line, call.clock, rested_s, first=first))
                first = False
                for event in answer.read(events):
                    yield event
                self._tell_steering(answer)
            if answer.trouble is not None:
                raise answer.trouble
            self._end(line, answer, call)
        except Trouble as trouble:
            raise _seen_from(line, answer, trouble) from trouble
        finally:
            self._leave(line, answer)

    async def _free(self, clock: Clock) -> Line:
        """A connection that is at rest, busy from now on; a new one if there is none."""
        limit_s = self.endpoint.timeouts.connect_s + WARM_UP_S
        async with clock.within(limit_s, "could not be reached in time"):
            await self._opening.acquire()
        try:
            line = self._line
            if line is not None and not line.busy:
                if self._lasts(line):
                    line.busy = True
                    return line
                self._line = None
                line.socket.drop()
            made = await self._open(clock)
            made.busy = True
            if self._line is None:
                self._line = made
            return made
        finally:
            self._opening.release()

    def _lasts(self, line: Line) -> bool:
        age_s = time.time() - line.socket.opened
        return line.socket.usable and 0 <= age_s < self.endpoint.max_connection_s

    async def _open(self, clock: Clock) -> Line:
        headers = await authorized(self.endpoint)
        url = self.endpoint.url("responses", websocket=True)
        return Line(await open_socket(self.endpoint, url, headers, clock))

    async def _ask(self, line: Line, call: Call, rested_s: float) -> None:
        """Send what of the conversation is new to the connection, or all of it."""
        fields = fields_of(self.endpoint, call.request, call.refused)
        items = call.request.items
        chain = line.chain if rested_s < FORGOTTEN_AFTER_S else None
        rest = continued(chain, fields, items) if self.endpoint.stores else None
        line.chain = None
        if rest is None or chain is None:
            body = created(fields, items)
        else:
            body = created(fields, rest, chain.response_id)
        await self._send(line, body, call.clock)

    async def _send(self, line: Line, body: Object, clock: Clock) -> None:
        message = to_json({"type": "response.create", **body})
        if len(message) > self.endpoint.max_message_bytes:
            said = "takes no WebSocket message of this size"
            raise Trouble("https", said, code="message_too_big")
        await line.socket.send(message, self.endpoint.timeouts.send_s, clock)

    async def _receive(
        self, line: Line, clock: Clock, rested_s: float, *, first: bool
    ) -> list[bytes]:
        timeouts = self.endpoint.timeouts
        if not first:
            return await line.socket.receive(timeouts.between_s, clock)
        suspect = not line.fresh and rested_s > SUSPECT_AFTER_S
        limit_s = min(
            timeouts.first_event_s, SUSPECT_WAITS_S if suspect else timeouts.first_event_s
        )
        return await line.socket.receive(limit_s, clock)

    def _end(self, line: Line, answer: Answer, call: Call) -> None:
        """The terminal event has come: the connection is free, and goes on from there if it can."""
        if not answer.closed:
            return
        line.busy = False
        if answer.complete and answer.id and not answer.turned:
            fields = fields_of(self.endpoint, call.request, call.refused)
            line.chain = Chain(answer.id, fields, (*call.request.items, *answer.items))

    def _leave(self, line: Line, answer: Answer) -> None:
        if answer.id:
            line.ids = {answer.id}
        line.fresh = False
        if self._answering is not None and self._answering[0] is line:
            self._answering = None
        if self._steering is not None and not self._steering.done():
            self._steering.set_result(False)
        if line.busy or line is not self._line:
            line.socket.drop()
        if line.busy and line is self._line:
            self._line = None

    async def warm(self, request: Request, refused: frozenset[str]) -> None:
        """Connect, and prepare the server for requests that begin like this one; raises `Trouble`
        and errors of the tree."""
        clock = Clock.of(None)
        async with self._opening:
            if self._line is not None and (self._line.busy or self._lasts(self._line)):
                return
            line = self._line = await self._open(clock)
            if not (self.endpoint.warm_up and self.endpoint.stores):
                return
            await self._warm_up(line, request, refused)

    async def _warm_up(self, line: Line, request: Request, refused: frozenset[str]) -> None:
        clock = Clock.of(WARM_UP_S)
        fields = fields_of(self.endpoint, request, refused)
        answer = Answer(TRANSPORT)
        line.busy = True
        try:
            await self._send(line, created(fields, request.items) | {"generate": False}, clock)
            while not answer.finished:
                answer.read(read_events(await line.socket.receive(WARM_UP_S, clock)))
            if answer.closed:
                line.busy = False
            if answer.complete and answer.id:
                line.chain = Chain(answer.id, fields, request.items)
        finally:
            self._leave(line, answer)
            line.fresh = True

    async def steer(self, text: str) -> bool:
        """Put a word in while the model answers; whether the server has taken it."""
        if self._answering is None or self._steering is not None:
            return False
        line, answer = self._answering
        if not answer.id or answer.finished:
            return False
        body = {
            "type": "response.steer",
            "previous_response_id": answer.id,
            "input": input_of((Message("user", text),)),
        }
        self._steering = asyncio.get_running_loop().create_future()
        try:
            timeouts = self.endpoint.timeouts
            await line.socket.send(to_json(body), timeouts.send_s, Clock.of(STEER_S))
            async with asyncio.timeout(STEER_S):
                return await self._steering
        except (Trouble, TimeoutError):
            return False
        finally:
            self._steering = None

    def _tell_steering(self, answer: Answer) -> None:
        if answer.steers and self._steering is not None and not self._steering.done():
            self._steering.set_result(answer.steers[-1])
        answer.steers.clear()

    async def aclose(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        if line.busy:
            line.socket.drop()
        else:
            await line.socket.aclose()


def _seen_from(line: Line, answer: Answer, trouble: Trouble) -> Trouble:
    """A connection that had rested and fails at once is replaced at once, with everything sent."""
    if trouble.transport and not line.fresh and not answer.id:
        return Trouble("resend", trouble.said)
    if trouble.code == "previous_response_not_found" and line.socket.usable:
        line.busy = False
    return trouble
