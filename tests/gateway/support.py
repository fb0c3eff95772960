"""A server on a free port of loopback in a thread of its own, and providers to put behind it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.sync.client import ClientConnection, connect

from codexspark_tui.errors import ProviderError
from codexspark_tui.gateway.engine import Engine
from codexspark_tui.gateway.guard import Access
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.gateway.pool import Source
from codexspark_tui.gateway.server import Address, Draining, listen, make_server
from codexspark_tui.providers.model import (
    Capabilities,
    Counted,
    Ended,
    ModelEvent,
    Opened,
    Provider,
    Request,
    TextDelta,
)

BREAK = TextDelta("(the connection breaks here)")
TOKEN = "a-token-of-the-tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
Json = dict[str, Any]


@dataclass(slots=True)
class Model:
    """A provider that says `events` (or what `says` makes of a request), and notes what it gets.

    `gate`: nothing comes after the first event before somebody sets it. `steered`, `warmed`,
    `closed` and `cancelled` hold what else was asked of it.
    """

    events: tuple[ModelEvent, ...] = (TextDelta("Hello"), TextDelta(" world"), Counted(10, 2, 4, 1))
    says: Callable[[Request], tuple[ModelEvent, ...]] | None = None
    gate: threading.Event | None = None
    name: str = "test/model-1"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(converses=True))
    asked: list[Request] = field(default_factory=list)
    warmed: list[Request] = field(default_factory=list)
    steered: list[str] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    closed: int = 0

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        self.asked.append(request)
        events = self.says(request) if self.says else self.events
        try:
            yield Opened("test", "model-1-real")
            if self.gate is not None:
                await _until_set(self.gate)
            for event in events:
                if event == BREAK:
                    raise ProviderError("the line is dead")
                yield event
            yield Ended("stop")
        except (GeneratorExit, asyncio.CancelledError):
            self.cancelled.set()
            raise

    async def warm(self, request: Request) -> None:
        self.warmed.append(request)

    async def steer(self, text: str) -> bool:
        self.steered.append(text)
        return self.capabilities.steers

    async def aclose(self) -> None:
        self.closed += 1


async def _until_set(gate: threading.Event) -> None:
    while not gate.is_set():
        await asyncio.sleep(0.001)


@dataclass(slots=True)
class Served:
    """A running server."""

    port: int
    server: Draining
    thread: threading.Thread

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def engine(self) -> Engine:
        return self.server.engine

    def websocket(self, **more: Any) -> ClientConnection:
        url = f"ws://127.0.0.1:{self.port}/v1/responses"
        made: ClientConnection = connect(
            url, additional_headers=HEADERS, max_size=None, proxy=None, **more
        )
        return made

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def post(self, path: str, body: object, **headers: str) -> tuple[int, Json]:
        """One request with the standard library's client."""
        import http.client

        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        client.request("POST", path, data, {**HEADERS, **headers})
        answer = client.getresponse()
        said = json.loads(answer.read())
        client.close()
        return answer.status, said

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()


@contextmanager
def served(
    make: Provider | Callable[[], Provider],
    limits: Limits | None = None,
    access: Access | None = None,
    aliases: tuple[str, ...] = (),
) -> Iterator[Served]:
    """A server for one provider that is shared, or for those that `make` makes."""
    shared = not callable(make)
    factory = make if callable(make) else lambda: make
    first = make if not callable(make) else Model()
    source = Source(factory, first.name, "/", shared, aliases, first.capabilities)
    listening = listen(Address())
    ready = threading.Event()
    server: list[Draining] = []

    async def main() -> None:
        engine = Engine(source, limits or Limits())
        server.append(make_server(engine, access or Access((TOKEN,)), ready.set))
        await server[0].serve(sockets=[listening])

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(20)
    running = Served(listening.getsockname()[1], server[0], thread)
    try:
        yield running
    finally:
        running.stop()


def create(**fields: Any) -> str:
    return json.dumps({"type": "response.create", "model": "test/model-1", **fields})


def read(socket: ClientConnection) -> Json:
    made: Json = json.loads(socket.recv(timeout=20))
    return made


TERMINAL = ("response.completed", "response.failed", "response.incomplete", "error")


def read_answer(socket: ClientConnection) -> list[Json]:
    """The events up to the end of an answer."""
    events = [read(socket)]
    while events[-1]["type"] not in TERMINAL:
        events.append(read(socket))
    return events


def text_of(events: list[Json]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")
