"""The budgets of the wires, measured against a server in another process on loopback."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui.actions.bench import Measurement
from codexspark_tui.actions.bench_server import events
from codexspark_tui.patch import PatchReader
from codexspark_tui.providers.answer import Answer
from codexspark_tui.providers.connect import Endpoint, Memory, Provider, connect
from codexspark_tui.providers.model import (
    Item,
    ItemDone,
    Message,
    ModelEvent,
    Opened,
    Request,
    TextDelta,
)
from codexspark_tui.providers.wire import read_events

DELTAS = 20_000
TOKENS = 100_000
CHARS_PER_TOKEN = 4
TURNS = 1_000
MEBIBYTE = 2**20
WireName: TypeAlias = Literal["websocket", "https", "chat"]


@contextmanager
def _server() -> Iterator[int]:
    command = [sys.executable, "-m", "codexspark_tui.actions.bench_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _measured(
    measure: Callable[[Provider], AsyncGenerator[float, None]], wire: WireName = "websocket"
) -> Iterator[float]:
    """All values of a measurement that has a provider on a running server."""

    async def collect(port: int) -> list[float]:
        at = Endpoint("bench/m", f"http://127.0.0.1:{port}/v1", "m", stores=True)
        match wire:
            case "websocket":
                at = replace(at, websocket="always")
            case "https":
                at = replace(at, websocket="never")
            case "chat":
                at = replace(at, wire="chat")
        provider = connect(at, Memory())
        try:
            async with aclosing(measure(provider)) as values:
                return [value async for value in values]
        finally:
            await provider.aclose()

    with _server() as port:
        yield from asyncio.run(collect(port))


def _request(items: tuple[Item, ...], deltas: int = 1) -> Request:
    return Request("bench", "/", instructions=str(deltas), items=items)


async def _turn(provider: Provider, request: Request) -> tuple[list[ModelEvent], float]:
    """The events of an answer, and the time at which it was asked for."""
    began = time.monotonic()
    async with aclosing(provider.stream(request)) as stream:
        return [event async for event in stream], began


def _reached(made: list[ModelEvent], *, whole: bool) -> float:
    """When the server had the first byte of the request, or the last."""
    model = next(event.model for event in made if isinstance(event, Opened))
    return float(model.split()[1 if whole else 0])


def _conversation(tokens: int, turns: int = 100) -> tuple[Item, ...]:
    size = tokens * CHARS_PER_TOKEN // turns
    return tuple(
        Message("assistant" if n % 2 else "user", f"{n} ".ljust(size, "x")) for n in range(turns)
    )


async def _to_the_wire(tokens: int, provider: Provider) -> AsyncGenerator[float, None]:
    """From the call of `stream` until the server has the first byte, in a session so long."""
    items = _conversation(tokens) if tokens else ()
    for number in range(60):
        items = (*items, Message("user", f"prompt {number}"))
        made, began = await _turn(provider, _request(items))
        items = (*items, *(event.item for event in made if isinstance(event, ItemDone)))
        if number >= 10:
            yield (_reached(made, whole=False) - began) * 1000


async def _resent(provider: Provider) -> AsyncGenerator[float, None]:
    """From the call of `stream` on no connection until the server has the whole conversation."""
    items = (*_conversation(TOKENS), Message("user", "prompt"))
    await _turn(provider, _request(()))  # what is imported at the first use is not measured here
    for _ in range(9):
        await provider.aclose()
        made, began = await _turn(provider, _request(items))
        yield (_reached(made, whole=True) - began) * 1000


async def _burst(provider: Provider) -> AsyncGenerator[float, None]:
    """An answer in so many deltas as fast as it comes, read up to its closed hunks."""
    for _ in range(5):
        reader = PatchReader()
        first = 0.0
        async with aclosing(provider.stream(_request((), DELTAS))) as stream:
            async for event in stream:
                if isinstance(event, TextDelta):
                    first = first or time.monotonic()
                    reader.feed(event.text)
        reader.close("stop")
        yield (time.monotonic() - first) * 1000


async def _grown(provider: Provider) -> AsyncGenerator[float, None]:
    """How much the memory of this process grows from the hundredth turn to the last."""
    before = 0
    for number in range(TURNS):
        await _turn(provider, _request((Message("user", "x" * 4000),), 50))
        if number == TURNS // 10:
            before = _resident()
    yield (_resident() - before) / MEBIBYTE


def _resident() -> int:
    """Bytes of this process in memory."""
    from resource import RUSAGE_SELF, getpagesize, getrusage  # no module of Windows has it

    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * getpagesize()
    except OSError:
        scale = 1 if sys.platform == "darwin" else 1024
        return getrusage(RUSAGE_SELF).ru_maxrss * scale


def _per_delta() -> Iterator[float]:
    """From the bytes of one message to the event, without the socket, in microseconds."""
    made = events(DELTAS, "resp_1", "m")
    for _ in range(9):
        answer = Answer("bench")
        began = time.perf_counter()
        for message in made:
            answer.read(read_events([message]))
        yield (time.perf_counter() - began) * 1e6 / len(made)


_COLD = """
import asyncio, sys, time
from codexspark_tui.providers.connect import Endpoint, connect
from codexspark_tui.providers.model import Opened, Request
async def main():
    at = Endpoint("b/m", sys.argv[1], "m", websocket="always")
    async for event in connect(at).stream(Request("x", "/", instructions="1")):
        if isinstance(event, Opened):
            print(event.model)
asyncio.run(main())
"""


def _cold() -> Iterator[float]:
    """From the start of a process that only connects until the server has the first byte."""
    with _server() as port:
        for _ in range(9):
            began = time.monotonic()
            done = subprocess.run(
                [sys.executable, "-c", _COLD, f"http://127.0.0.1:{port}/v1"],
                capture_output=True,
                text=True,
                check=True,
            )
            yield (float(done.stdout.split()[0]) - began) * 1000


Measure = Callable[[Provider], AsyncGenerator[float, None]]


def _on_server(measure: Measure, wire: WireName = "websocket") -> Callable[[], Iterator[float]]:
    return partial(_measured, measure, wire)


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement("prompt to first byte, warm socket", 5, _on_server(partial(_to_the_wire, 0))),
    Measurement(f"the same after {TOKENS} tokens", 5, _on_server(partial(_to_the_wire, TOKENS))),
    Measurement("delta decoded to event", 30, _per_delta, unit="us"),
    Measurement(f"{DELTAS} deltas to closed hunks", 1000, _on_server(_burst)),
    Measurement(f"{DELTAS} deltas by https", 1000, _on_server(_burst, "https")),
    Measurement(f"{DELTAS} deltas by chat, https", 1000, _on_server(_burst, "chat")),
    Measurement(f"reconnect and resend {TOKENS} tokens", 150, _on_server(_resent)),
    Measurement(f"memory grown in {TURNS} turns", 4, _on_server(_grown), unit="MB"),
    Measurement("process start to first byte, no CLI", 250, _cold),
)
