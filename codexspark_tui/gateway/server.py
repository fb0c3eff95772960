"""`spark serve`: the application, the socket it listens on, and its end by a signal.

SIGTERM and SIGINT stop listening, let running answers end within `grace_s`, and cancel the rest; a
second signal does not wait. The exit code is 0 after SIGTERM and 130 after SIGINT.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from codexspark_tui.errors import UsageError
from codexspark_tui.gateway.engine import Engine
from codexspark_tui.gateway.faults import Fault, unexpected
from codexspark_tui.gateway.guard import Access, Guard
from codexspark_tui.gateway.http import Routes, faulty
from codexspark_tui.gateway.lanes import Connection
from codexspark_tui.gateway.protocols import protocols

BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 0


def make_app(engine: Engine, access: Access) -> ASGIApp:
    routes = Routes(engine)

    async def responses_socket(socket: WebSocket) -> None:
        await Connection(socket, engine).serve()

    app = Starlette(
        routes=[
            Route("/health", routes.health, methods=["GET"]),
            Route("/v1/models", routes.models, methods=["GET"]),
            Route("/v1/models/{name:path}", routes.model, methods=["GET"]),
            Route("/v1/responses", routes.responses, methods=["POST"]),
            WebSocketRoute("/v1/responses", responses_socket),
            Route("/v1/chat/completions", routes.chat, methods=["POST"]),
        ],
        exception_handlers={HTTPException: _http_fault, Exception: _unexpected},
    )
    guarded: ASGIApp = Guard(app, access)
    if access.origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=list(access.origins),
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
        )
        guarded = cors.cls(guarded, *cors.args, **cors.kwargs)
    return guarded


async def _http_fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = f"{request.method} {request.url.path[:80]!a} is not served here"
    return faulty(
        Fault(said, error.status_code, code="not_found", headers=dict(error.headers or {}))
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    return faulty(unexpected())


class Draining(uvicorn.Server):
    """A server that lets answers end before it closes connections."""

    def __init__(self, config: uvicorn.Config, engine: Engine, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.engine, self.ready = engine, ready
        self.signal = 0

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does it, but a signal ends the server and not the process."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {s: signal.signal(s, self.handle_exit) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        self.signal = self.signal or sig

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self.engine.drain(self.engine.limits.grace_s, lambda: self.force_exit)
        await super().shutdown(sockets)
        await self.engine.aclose()


def listen(address: Address) -> socket.socket:
    """A socket that listens. Raises `UsageError` where that is not possible."""
    try:
        found = socket.getaddrinfo(address.host, address.port, proto=socket.IPPROTO_TCP)[0]
        made = socket.socket(*found[:3])  # with its protocol, or asyncio leaves Nagle's delay on
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(found[4])
        made.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(
            f"cannot listen on {address.host} port {address.port}: {why}",
            next_step="Choose another --host or --port; --port 0 takes a free one.",
        ) from error
    return made


def make_server(
    engine: Engine, access: Access, ready: Callable[[], None] = lambda: None
) -> Draining:
    """A server; `ready` is called when it takes connections."""
    limits = engine.limits
    http, ws = protocols(limits)
    config = uvicorn.Config(
        make_app(engine, access),
        http=http,
        ws=ws,
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=limits.message_bytes,
        ws_per_message_deflate=False,
        timeout_keep_alive=max(1, int(limits.header_s)),
        timeout_graceful_shutdown=1,
    )
    return Draining(config, engine, ready)


async def serve(server: Draining, listening: socket.socket) -> int:
    """Serve until a signal comes; returns the exit code: 0 after SIGTERM, 130 after SIGINT."""
    await server.serve(sockets=[listening])
    return 130 if server.signal == signal.SIGINT else 0
