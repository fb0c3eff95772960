"""A server on loopback that answers as it is told, down to the byte, over real sockets.

One port takes WebSockets (with the sans-I/O half of `websockets`) and plain HTTP. What happens to a
request is a play: a coroutine that is given the exchange. Each name (the first part of the path)
has its own list of plays, one for each request; the last one is played again and again.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol

Event: TypeAlias = dict[str, Any]
_SILENT = logging.Logger("fault server", logging.CRITICAL + 1)


class Gone(Exception):
    """The client has left, or the play has ended the connection."""


def frames(events: Sequence[Event | str]) -> bytes:
    """Events as messages of a WebSocket."""
    made = (Frame(Opcode.TEXT, as_text(event).encode()) for event in events)
    return b"".join(frame.serialize(mask=False) for frame in made)


def sse(events: Sequence[Event | str]) -> bytes:
    """Events as an event stream."""
    return b"".join(f"data: {as_text(event)}\n\n".encode() for event in events)


def as_text(event: Event | str) -> str:
    return event if isinstance(event, str) else json.dumps(event)


@dataclass(slots=True)
class Seen:
    """A request as it came: "upgrade", "create" (a WebSocket message) or "post"."""

    kind: str
    path: str
    headers: dict[str, str]
    body: Any = None


@dataclass(slots=True)
class Exchange:
    """One request and the way to answer it."""

    seen: Seen
    writer: asyncio.StreamWriter
    protocol: ServerProtocol | None = None
    inbox: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    head_sent: bool = False

    @property
    def socket(self) -> bool:
        return self.protocol is not None

    def bytes_of(self, events: Sequence[Event | str]) -> bytes:
        """The events as they go over this connection."""
        return frames(events) if self.socket else sse(events)

    async def events(self, *events: Event | str) -> None:
        """Send events: as messages, or as an event stream."""
        if not self.socket and not self.head_sent:
            await self.head()
        await self.raw(self.bytes_of(events))

    async def head(self, status: int = 200, kind: str = "text/event-stream", **more: str) -> None:
        """The head of an HTTP answer whose body goes on until the connection is closed."""
        self.head_sent = True
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
        await self.raw("\r\n".join([*lines, "", ""]).encode())

    async def reply(
        self, status: int, body: Any, kind: str = "application/json", **more: str
    ) -> None:
        """A whole HTTP answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        await self.head(status, kind, Content_Length=str(len(data)), **more)
        await self.raw(data)

    async def raw(self, data: bytes) -> None:
        if self.writer.is_closing():
            raise Gone
        self.writer.write(data)
        await self.writer.drain()

    async def close(self, code: int) -> None:
        """A close frame, and the end."""
        assert self.protocol is not None
        self.protocol.send_close(code)
        await self.raw(b"".join(self.protocol.data_to_send()))

    async def silence(self) -> None:
        """Nothing more, until the client leaves."""
        while not self.writer.is_closing():
            if await self.inbox.get() is None:
                raise Gone

    def drop(self) -> None:
        """End the connection without a word."""
        self.writer.close()
        raise Gone

    def reset(self) -> None:
        """End it with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Gone


Play: TypeAlias = Callable[[Exchange], Awaitable[None]]


@dataclass(slots=True)
class FaultServer:
    """`seen`: all requests in their order. `upgrades`: the statuses that the next upgrades of a
    name get; none left: they succeed."""

    port: int = 0
    secure: bool = False
    plays: dict[str, list[Play]] = field(default_factory=dict)
    upgrades: dict[str, list[Play | None]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    open_now: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def url(self, name: str = "x") -> str:
        return f"http{'s' if self.secure else ''}://127.0.0.1:{self.port}/{name}/v1"

    def of(self, name: str, kind: str = "") -> list[Seen]:
        """The requests of a name."""
        return [
            s for s in self.seen if s.path.startswith(f"/{name}/") and s.kind in (kind or s.kind,)
        ]

    def kinds(self, name: str = "x") -> list[str]:
        return [seen.kind for seen in self.of(name)]

    def _next(self, name: str) -> Play:
        plays = self.plays[name]
        return plays.pop(0) if len(plays) > 1 else plays[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.open_now += 1
        try:
            await self._request(reader, writer)
        except (Gone, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open_now -= 1
            self._writers.discard(writer)
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        _, path, _ = first.split(" ")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        name = path.split("/")[1]
        if headers.get("upgrade") == "websocket":
            await self._socket(reader, writer, head, Seen("upgrade", path, headers))
            return
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        seen = Seen("post", path, headers, json.loads(body) if body else None)
        self.seen.append(seen)
        exchange = Exchange(seen, writer)
        watch = asyncio.create_task(_watch(reader, exchange))
        try:
            await self._next(name)(exchange)
        finally:
            watch.cancel()

    async def _socket(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        head: bytes,
        seen: Seen,
    ) -> None:
        self.seen.append(seen)
        name = seen.path.split("/")[1]
        waiting = self.upgrades.get(name) or [None]
        play = waiting.pop(0)
        if play is not None:
            await play(Exchange(seen, writer))
            return
        protocol = ServerProtocol(max_size=None, logger=_SILENT)
        protocol.receive_data(head)
        (handshake,) = protocol.events_received()
        assert isinstance(handshake, Handshake)
        protocol.send_response(protocol.accept(handshake))
        writer.write(b"".join(protocol.data_to_send()))
        inbox: asyncio.Queue[Any] = asyncio.Queue()
        watch = asyncio.create_task(_messages(reader, writer, protocol, inbox))
        try:
            while (message := await inbox.get()) is not None:
                made = Seen("create", seen.path, seen.headers, message)
                self.seen.append(made)
                await self._next(name)(Exchange(made, writer, protocol, inbox))
        finally:
            watch.cancel()


async def _watch(reader: asyncio.StreamReader, exchange: Exchange) -> None:
    while await reader.read(4096):
        continue
    exchange.inbox.put_nowait(None)


async def _messages(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    protocol: ServerProtocol,
    inbox: asyncio.Queue[Any],
) -> None:
    """Messages of the client into the inbox; None when it has left."""
    pieces: list[bytes] = []
    try:
        while protocol.state is State.OPEN:
            data = await reader.read(1 << 20)
            if not data:
                break
            protocol.receive_data(data)
            for frame in protocol.events_received():
                assert isinstance(frame, Frame)
                pieces.append(bytes(frame.data))
                if frame.opcode.name in ("TEXT", "CONT") and frame.fin:
                    inbox.put_nowait(json.loads(b"".join(pieces)))
                if frame.fin:
                    pieces.clear()
            if answer := b"".join(protocol.data_to_send()):
                writer.write(answer)
    except OSError:
        pass
    inbox.put_nowait(None)


@asynccontextmanager
async def fault_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultServer]:
    made = FaultServer(secure=tls is not None)
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0, ssl=tls, limit=2**26)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for writer in list(made._writers):
            writer.transport.abort()
        await asyncio.sleep(0)


def answer(
    *texts: str, id: str = "resp_1", model: str = "test-model", usage: Event | None = None
) -> list[Event]:
    """The events of a whole answer in so many deltas."""
    whole = "".join(texts)
    content = [{"type": "output_text", "text": whole, "annotations": []}]
    item = {"type": "message", "id": f"msg_{id}", "role": "assistant", "content": content}
    counted = usage or {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
    at = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    events: list[Event] = [
        {"type": "response.created", "response": {"id": id, "model": model}},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
        *({"type": "response.output_text.delta", **at, "delta": text} for text in texts),
        {"type": "response.output_text.done", **at, "text": whole},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {
            "type": "response.completed",
            "response": {"id": id, "model": model, "output": [item], "usage": counted},
        },
    ]
    return [{**event, "sequence_number": n} for n, event in enumerate(events)]


def chunks(*texts: str, finish: str = "stop") -> list[Event | str]:
    """The chunks of a chat completion."""
    made: list[Event | str] = [
        {"model": "test-model", "choices": [{"index": 0, "delta": {"content": text}}]}
        for text in texts
    ]
    made.append({"model": "test-model", "choices": [{"delta": {}, "finish_reason": finish}]})
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    return [*made, {"choices": [], "usage": usage}, "[DONE]"]


def plays(*events: Event | str) -> Play:
    """A play that sends these and, over HTTP, ends."""

    async def play(exchange: Exchange) -> None:
        await exchange.events(*events)

    return play


def replies(status: int, body: Any, kind: str = "application/json", **headers: str) -> Play:
    async def play(exchange: Exchange) -> None:
        await exchange.reply(status, body, kind, **headers)

    return play


def drops(*events: Event | str, after: int | None = None, reset: bool = False) -> Play:
    """A play that breaks off, after so many bytes of the events."""

    async def play(exchange: Exchange) -> None:
        data = exchange.bytes_of(events)
        if not exchange.socket:
            await exchange.head()
        await exchange.raw(data[:after])
        exchange.reset() if reset else exchange.drop()

    return play


def falls_silent(*events: Event | str) -> Play:
    async def play(exchange: Exchange) -> None:
        if events or exchange.socket:
            await exchange.events(*events)
        await exchange.silence()

    return play


def closes(code: int, *events: Event | str) -> Play:
    async def play(exchange: Exchange) -> None:
        await exchange.events(*events)
        await exchange.close(code)

    return play


def zipped(*events: Event | str) -> Play:
    """The event stream compressed, though nobody asked for it."""

    async def play(exchange: Exchange) -> None:
        await exchange.reply(
            200,
            gzip.compress(exchange.bytes_of(events)),
            "text/event-stream",
            Content_Encoding="gzip",
        )

    return play


def error_frame(status: int | None, code: str | None, message: str = "no", **more: Any) -> Event:
    """An error event as it comes over a WebSocket."""
    inner: Event = {"type": "invalid_request_error", "code": code, "message": message, **more}
    made: Event = {"type": "error", "error": inner}
    return made if status is None else {**made, "status": status}
