"""Asking a model at the fault server, for the tests of the wires."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import Any

from codexspark_tui.providers.connect import Endpoint, Memory, Provider, Timeouts, connect
from codexspark_tui.providers.model import (
    Ended,
    Message,
    ModelEvent,
    ReasoningDelta,
    Request,
    TextDelta,
)
from tests.support.faults import FaultServer

KEY = "planted-key-7f3a9c"
QUICK = Timeouts(connect_s=2.0, send_s=2.0, first_event_s=0.15, between_s=0.15)
PATIENT = Timeouts(connect_s=5.0, send_s=5.0, first_event_s=10.0, between_s=10.0)


def endpoint(server: FaultServer, name: str = "x", **changes: Any) -> Endpoint:
    """A model that is known to take everything, over a WebSocket unless told otherwise."""
    made = Endpoint(
        "test/test-model",
        server.url(name),
        "test-model",
        websocket="auto",
        key=lambda: KEY,
        stores=True,
        timeouts=PATIENT,
    )
    return replace(made, **changes)


def provider(server: FaultServer, name: str = "x", **changes: Any) -> Provider:
    """The same as a provider, with a memory of its own."""
    return connect(endpoint(server, name, **changes), Memory())


def request(*texts: str, **changes: Any) -> Request:
    """A conversation in which the person and the model take turns."""
    said = texts or ("hello",)
    items = tuple(Message("assistant" if n % 2 else "user", text) for n, text in enumerate(said))
    return replace(Request(said[-1], "/", instructions="be brief", items=items), **changes)


async def events_of(asked: Provider, wanted: Request | None = None) -> list[ModelEvent]:
    async with aclosing(asked.stream(wanted or request())) as stream:
        return [event async for event in stream]


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def reasoning_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, ReasoningDelta))


def told(events: list[ModelEvent]) -> tuple[str, str]:
    """The text, and how it ended."""
    last = events[-1]
    assert isinstance(last, Ended)
    return text_of(events), last.finish
