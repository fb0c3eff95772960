"""One WebSocket: messages in, lanes of answers, events out.

Requests without a `stream_id` share the default lane; in a lane one follows the other, lanes run
side by side. The socket is always read, so that a client that goes away is seen at once and its
answers are cancelled; what may wait is limited in number.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from codexspark_tui.gateway.engine import LOG, Claim, Client, Engine, Event
from codexspark_tui.gateway.faults import Fault, invalid, overloaded
from codexspark_tui.gateway.reading import Table, encoded, parse, shown
from codexspark_tui.gateway.responses_in import read_ask, steering
from codexspark_tui.gateway.responses_out import Answer

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")
GOING_AWAY = 1001
UNSUPPORTED = 1003


class Gone(Exception):
    """The client is not there any more, or takes nothing."""


@dataclass(slots=True)
class Lane:
    """`name` "" is the default lane. `answer`: the one that runs."""

    name: str
    client: Client
    waiting: deque[tuple[Table, Claim]] = field(default_factory=deque)
    running: bool = False
    answer: Answer | None = None


@dataclass(slots=True)
class Connection:
    """Serves until the client leaves, the lifetime is over or the server shuts down."""

    socket: WebSocket
    engine: Engine
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    _places: asyncio.Semaphore = field(init=False)
    _reader: asyncio.Task[None] | None = None
    _expired: bool = False

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.engine.limits.lane_active)

    async def serve(self) -> None:
        await self.socket.accept()
        self._reader = reader = asyncio.create_task(self._read())
        timer = asyncio.create_task(self._expire())
        try:
            await asyncio.wait((reader, timer), return_when=asyncio.FIRST_COMPLETED)
        finally:
            tasks = {reader, timer, *self._tasks}
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            for lane in self._lanes.values():
                for _, claim in lane.waiting:
                    claim.release()
                self.engine.store.drop_lane(lane.client.lane)
            await self.engine.pool.forget(f"lane:{self.id}:")
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, Gone | WebSocketDisconnect):
                raise error

    async def _expire(self) -> None:
        """After the lifetime: what runs may end, nothing new begins, then the socket is closed."""
        limits = self.engine.limits
        await asyncio.sleep(limits.connection_s)
        self._expired = True
        running = [task for task in self._tasks if not task.done()]
        if running:
            await asyncio.wait(running, timeout=limits.answer_s)
        await self._send([self._lifetime().frame()])
        await self.socket.close(GOING_AWAY)

    def _lifetime(self) -> Fault:
        seconds = self.engine.limits.connection_s
        said = f"this connection has been open for {seconds:g} seconds; open a new one"
        return invalid(said, code="websocket_connection_limit_reached")

    async def _read(self) -> None:
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                await self.socket.close(UNSUPPORTED, "messages must be text")
                return
            await self._take(text)

    async def _take(self, text: str) -> None:
        stream: str | None = None
        try:
            table = parse(text)
            stream = _stream_of(table)
            match table.get("type"):
                case "response.create":
                    self._queue(table, stream, len(text))
                case "response.steer":
                    await self._steer(table)
                case kind:
                    said = f"messages of the type {shown(kind)} are not supported"
                    raise invalid(said, "type", "invalid_value")
        except Fault as fault:
            await self._tell(fault, stream)

    def _queue(self, table: Table, stream: str | None, size: int) -> None:
        if self._expired:
            raise self._lifetime()
        limits = self.engine.limits
        if sum(len(lane.waiting) for lane in self._lanes.values()) >= limits.lane_queued:
            raise overloaded(f"{limits.lane_queued} requests wait on this connection already")
        lane = self._lane(stream or "")
        claim = self.engine.claim()
        claim.add(size)
        lane.waiting.append((table, claim))
        if not lane.running:
            lane.running = True
            task = asyncio.create_task(self._run(lane))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _lane(self, name: str) -> Lane:
        if name not in self._lanes:
            limit = self.engine.limits.lanes
            if name and sum(bool(known) for known in self._lanes) >= limit:
                said = f"a connection has at most {limit} named streams; use one again"
                raise invalid(said, "stream_id", "websocket_stream_limit_reached")
            owner = self.socket.scope.get("owner", "")
            self._lanes[name] = Lane(name, Client(owner, f"{self.id}:{name}"))
        return self._lanes[name]

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A lane has nothing more to do; one that broke takes the connection along."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and self._reader is not None:
            LOG.error("a connection was closed", exc_info=error)
            self._reader.cancel()

    async def _run(self, lane: Lane) -> None:
        """The requests of a lane, one after the other."""
        try:
            while lane.waiting:
                table, claim = lane.waiting.popleft()
                try:
                    async with self._places:
                        await self._answer(lane, table)
                except Fault as fault:
                    await self._tell(fault, lane.name or None)
                finally:
                    claim.release()
        except Gone:
            if self._reader is not None:
                self._reader.cancel()
        finally:
            lane.running = False
            lane.answer = None

    async def _answer(self, lane: Lane, table: Table) -> None:
        try:
            ask = read_ask(table, self.engine.limits)
        except Fault:
            if table.get("previous_response_id"):
                self.engine.store.drop_lane(lane.client.lane)
            raise
        lane.answer = answer = Answer(ask, ask.model or self.engine.source.name)
        async with aclosing(self.engine.answer(lane.client, ask, answer)) as bunches:
            async for bunch in bunches:
                await self._send(bunch, lane.name or None)

    async def _steer(self, table: Table) -> None:
        """Tell a running answer something more, where its provider can take it."""
        id, said = steering(table)
        lane = next((x for x in self._lanes.values() if x.answer and x.answer.id == id), None)
        steer = {"id": "steer_" + secrets.token_hex(8), "previous_response_id": id}
        if lane is None:
            code, why = "response_not_found", "this response does not run on this connection"
        elif not await self.engine.steer(id, said):
            code, why = "steering_not_supported", "this model cannot be told more while it answers"
        else:
            accepted: Event = {"type": "response.steer.accepted", "sequence_number": 0}
            await self._send([{**accepted, "steer": steer}], lane.name or None)
            return
        error = {"type": "invalid_request_error", "code": code, "message": why}
        failed: Event = {"type": "response.steer.failed", "sequence_number": 0, "error": error}
        returned = {**steer, "input": table.get("input")}
        await self._send([{**failed, "steer": returned}], lane.name if lane else None)

    async def _tell(self, fault: Fault, stream: str | None) -> None:
        await self._send([fault.frame()], stream)

    async def _send(self, events: list[Event], stream: str | None = None) -> None:
        for event in events:
            text = encoded({**event, "stream_id": stream} if stream else event).decode()
            try:
                async with self._sending:
                    await self.socket.send_text(text)
            except (WebSocketDisconnect, RuntimeError):  # closed by them, or by us meanwhile
                raise Gone from None


def _stream_of(table: Table) -> str | None:
    value = table.get("stream_id")
    if value is None:
        return None
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        said = "stream_id must be 1 to 256 characters of A-Z, a-z, 0-9, _, . and -"
        raise invalid(said, "stream_id", "invalid_stream_id")
    return value
