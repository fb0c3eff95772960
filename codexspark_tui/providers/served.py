"""A model at a server, as a provider: which wire answers, and what every wire has in common.

    Responses on a WebSocket → Responses over HTTPS → chat completions, or realtime alone

A step to the right is taken when the server does not have the left one, and is remembered for the
host (memory.py).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from codexspark_tui.errors import SparkError, UsageError
from codexspark_tui.providers.call import Call, Way
from codexspark_tui.providers.chat_http import ChatHttp
from codexspark_tui.providers.clock import Clock
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.http import Http
from codexspark_tui.providers.memory import (
    Memory,
    no_responses,
    no_websocket,
    refused_by,
)
from codexspark_tui.providers.model import Capabilities, Message, ModelEvent, Request
from codexspark_tui.providers.realtime import Realtime
from codexspark_tui.providers.responses_http import ResponsesHttp
from codexspark_tui.providers.responses_ws import ResponsesSocket
from codexspark_tui.providers.retry import Retry
from codexspark_tui.providers.trouble import Trouble, masked


@dataclass(slots=True)
class Kept:
    """Asks for the key and remembers what it was, only so that it can be taken out of messages."""

    ask: Callable[[], str]
    last: str = field(default="", repr=False)

    def __call__(self) -> str:
        self.last = self.ask().strip()
        return self.last

    def hidden_in(self, text: str) -> str:
        """A text without the key."""
        return masked(text, self.last)


class Served:
    """One model at one server."""

    def __init__(self, endpoint: Endpoint, memory: Memory) -> None:
        self._key = Kept(endpoint.key)
        self._endpoint = replace(endpoint, key=self._key)
        self._memory = memory
        self._http = Http(self._endpoint)
        self._socket = ResponsesSocket(self._endpoint)

    @property
    def name(self) -> str:
        return self._endpoint.name

    @property
    def capabilities(self) -> Capabilities:
        endpoint = self._endpoint
        return Capabilities(
            converses=True,
            steers=endpoint.steers,
            window=endpoint.window,
            images=endpoint.images,
            tools="text" if "tools" in endpoint.refuses or endpoint.prediction else "calls",
        )

    def __repr__(self) -> str:
        return f"Served({self._endpoint.name!r})"

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        self._check(request)
        clock = Clock.of(request.total_s, self._endpoint.timeouts.total_s)
        retry = Retry(self._endpoint, self._memory, self._way, self._key.hidden_in)
        async with aclosing(retry.answered(Call(request, clock))) as events:
            async for event in events:
                yield event

    def _check(self, request: Request) -> None:
        pictured = any(isinstance(item, Message) and item.images for item in request.items)
        if pictured and not self._endpoint.images:
            raise UsageError(
                f"{self._endpoint.name} takes no pictures",
                next_step="Describe in words what is in the picture, or choose another model.",
            )

    def _way(self, *, socket: bool) -> tuple[str, Way]:
        """The wire for the next attempt, by name; `socket`: whether it may be a WebSocket."""
        endpoint, memory = self._endpoint, self._memory
        if endpoint.wire == "realtime":
            return "realtime", Realtime(endpoint)
        to_chat = endpoint.to_chat and memory.knows(no_responses(endpoint.host))
        if endpoint.wire == "chat" or to_chat:
            return "chat", ChatHttp(endpoint, self._http)
        wanted = endpoint.websocket == "always" or (
            endpoint.websocket == "auto" and not memory.knows(no_websocket(endpoint.host))
        )
        if wanted and socket:
            return "websocket", self._socket
        return "https", ResponsesHttp(endpoint, self._http)

    async def warm(self, request: Request) -> None:
        """Open the connection, or at least load what opens it."""
        kind, _ = self._way(socket=True)
        refused = self._memory.known(refused_by(self._endpoint.host, self._endpoint.model))
        try:
            if kind == "websocket":
                await self._socket.warm(request, refused)
            elif kind != "realtime":
                self._http.open()
        except Trouble as trouble:
            if trouble.remedy == "https" and self._endpoint.websocket == "auto":
                self._memory.learn(no_websocket(self._endpoint.host))
                self._http.open()
        except SparkError:
            return  # it will be told when it matters

    async def steer(self, text: str) -> bool:
        return self._endpoint.steers and await self._socket.steer(text)

    async def aclose(self) -> None:
        await self._socket.aclose()
        await self._http.aclose()
