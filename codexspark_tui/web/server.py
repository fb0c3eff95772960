"""The server behind the gate: textual-serve's protocol, one process of the app for each page.

True here: the app's processes end with their page and with the server, whatever they are doing;
what they say on stderr goes to ours. Who may come in is decided in `gate`.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from codexspark_tui.web.gate import ADDRESS, Gate, close_tightly
from codexspark_tui.web.page import page

MOST_APPS = 8
GRACE_S = 5.0
FRAMES_PER_S = "120"
SMALLEST, LARGEST = 1, 1000  # columns or rows
FONT_SIZES = (6, 60)
_NOT_OURS = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError)
"""What a message that is not of the protocol comes to in textual-serve."""


class ServedApp(AppService):
    """One process of the app, for one page; `argv` is run without a shell."""

    def __init__(self, argv: Sequence[str], socket: web.WebSocketResponse, server: Server) -> None:
        super().__init__(
            shlex.join(argv),
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=self.close,
            download_manager=server.download_manager,
        )
        self._argv = argv
        self._socket = socket
        self._ending = False

    async def close(self) -> None:
        """Tell the page that it is over."""
        await self._socket.close(code=WSCloseCode.OK)

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        made = super()._build_environment(width, height)
        return made | {"TEXTUAL_FPS": FRAMES_PER_S}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """In a session of its own: Ctrl-C reaches the server, which ends the app."""
        process = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=PIPE,
            stdout=PIPE,
            stderr=None,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        silent = asyncio.StreamReader()
        silent.feed_eof()
        process.stderr = silent  # textual-serve would collect it; it goes to our own stderr
        self._process, self._stdin = process, process.stdin
        return process

    async def run(self) -> None:
        """Also close the page where the app has ended without a word."""
        try:
            await super().run()
        finally:
            await self.close()

    async def stop(self) -> None:
        """End the app: it is asked to, waited for, and then made to."""
        if self._process is None or self._ending:
            return
        self._ending = True
        try:
            async with asyncio.timeout(GRACE_S):
                await self._asked_to_end(self._process)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def _asked_to_end(self, process: Process) -> None:
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        await self.send_meta({"type": "quit"})
        self.stdin.close()
        if self._task is not None:
            await self._task
        assert process.stdout is not None
        while await process.stdout.read(1 << 16):  # an app that writes to nobody never ends
            continue
        await process.wait()


class SparkServer(Server):
    """`argv`: the command that is run for each page."""

    def __init__(self, argv: Sequence[str], gate: Gate) -> None:
        super().__init__(shlex.join(argv), host=ADDRESS, port=gate.port, title="spark")
        self._argv = argv
        self._gate = gate
        self._apps: dict[ServedApp, web.WebSocketResponse] = {}

    async def make_app(self) -> web.Application:
        app = await self._make_app()
        app.middlewares.append(self._gate.middleware())
        app.on_response_prepare.append(close_tightly)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """No banner: the command says what there is to say."""

    async def on_shutdown(self, app: web.Application) -> None:
        """All at the same time."""
        await asyncio.gather(*(self._end(each, WSCloseCode.GOING_AWAY) for each in self._apps))

    async def _end(self, app: ServedApp, code: int) -> None:
        with suppress(ConnectionError, RuntimeError):
            await self._apps[app].close(code=code)
        await app.stop()

    async def handle_index(self, request: web.Request) -> Any:
        size = to_int(request.query.get("fontsize", "16"), 16)
        size = min(max(size, FONT_SIZES[0]), FONT_SIZES[1])
        return web.Response(text=page(request.headers["Host"], size), content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        if len(self._apps) >= MOST_APPS:
            raise web.HTTPServiceUnavailable(text="So many pages are open already.\n")
        socket = web.WebSocketResponse(heartbeat=15, compress=False)
        await socket.prepare(request)
        app = ServedApp(self._argv, socket, self)
        self._apps[app] = socket
        try:
            await app.start(_cells(request, "width", 80), _cells(request, "height", 24))
            await self._process_messages(socket, app)
        except _NOT_OURS:
            await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
        finally:
            await app.stop()
            del self._apps[app]
        return socket


def _cells(request: web.Request, name: str, default: int) -> int:
    asked = to_int(request.query.get(name, ""), default)
    return min(max(asked, SMALLEST), LARGEST)
