"""uvicorn's protocols with the patience of `Limits`: for headers, for slow readers, for numbers.

uvicorn itself waits for ever for the rest of a header, and for a client that takes nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from codexspark_tui.gateway.limits import Limits


class Patience:
    """A timer that aborts a transport unless it is stopped in time."""

    __slots__ = ("_loop", "_seconds", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop, self._seconds = loop, seconds
        self._timer: asyncio.TimerHandle | None = None

    def start(self, transport: asyncio.Transport) -> None:
        """Unless it runs already."""
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, transport.abort)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Http(H11Protocol):
    """One HTTP connection."""

    limits: ClassVar[Limits]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._header = Patience(self.loop, self.limits.header_s)
        self._reader = Patience(self.loop, self.limits.send_s)
        self._upgraded = False
        self._taken = False

    def connection_made(self, transport: Any) -> None:
        self._taken = len(self.connections) < self.limits.connections
        if not self._taken:
            transport.abort()
            return
        super().connection_made(transport)
        self._header.start(transport)

    def data_received(self, data: bytes) -> None:
        if not self._taken:
            return
        super().data_received(data)
        waits = self.cycle is None or self.cycle.response_complete
        if waits and not self._upgraded:
            self._header.start(self.transport)
        else:
            self._header.stop()

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._upgraded = True
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        self._header.stop()
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader.start(self.transport)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reader.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._header.stop()
        self._reader.stop()
        if self._taken:
            super().connection_lost(exc)


class Socket(WebSocketsSansIOProtocol):
    """One WebSocket."""

    limits: ClassVar[Limits]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._reader = Patience(self.loop, self.limits.send_s)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader.start(self.transport)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reader.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._reader.stop()
        super().connection_lost(exc)


def protocols(limits: Limits) -> tuple[type[Http], type[Socket]]:
    """The classes of one server, with its limits."""
    own = {"limits": limits}
    return type("Http", (Http,), own), type("Socket", (Socket,), own)
