"""The server behind the gate: textual-serve's protocol, one process of the app for each page.

True here: the app's processes end with their page and with the server, whatever they are doing;
what they say on stderr goes to ours. Who may come in is decided in `gate`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from codexspark_tui.web.gate import ADDRESS, Gate, close_tightly
from codexspark_tui.web.page import page

MOST_APPS = 8
MOST_KNOWN = 1000  # pages whose sessions are known
SESSION = "session"  # what a packet of the app that names its session is called
GRACE_S = 5.0
FRAMES_PER_S = "120"
SMALLEST, LARGEST = 1, 1000  # columns or rows
FONT_SIZES = (6, 60)
_NOT_OURS = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError)
"""What a message that is not of the protocol comes to in textual-serve."""


class ServedApp(AppService):
    """One process of the app, for one page; `argv` is run without a shell.

    `told` gets the id of its session, "" when the person has left it.
    """

    def __init__(
        self,
        argv: Sequence[str],
        socket: web.WebSocketResponse,
        server: Server,
        told: Callable[[str], None],
    ) -> None:
        super().__init__(
            shlex.join(argv),
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=self.close,
            download_manager=server.download_manager,
        )
        self._argv = argv
        self._socket = socket
        self._told = told
        self._ending = False
        self._ended = asyncio.Event()

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

    async def on_meta(self, data: bytes) -> None:
        said = json.loads(data)
        if said["type"] == SESSION:
            self._told(said["id"])
            return
        if said["type"] == "exit" and not self._ending:
            self._told("")
        await super().on_meta(data)

    async def run(self) -> None:
        """Also close the page where the app has ended without a word."""
        try:
            await super().run()
        finally:
            await self.close()

    async def stop(self) -> None:
        """End the app: it is asked to, waited for, and then made to."""
        if self._process is None:
            return
        if self._ending:
            await self._ended.wait()
            return
        self._ending = True
        try:
            async with asyncio.timeout(GRACE_S):
                await self._asked_to_end(self._process)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        finally:
            self._ended.set()

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
    """`argv`: the command that is run for each page.

    A page names itself, by a number that it keeps when it is loaded again: its session is gone on
    with then.
    """

    def __init__(self, argv: Sequence[str], gate: Gate) -> None:
        super().__init__(shlex.join(argv), host=ADDRESS, port=gate.port, title="spark")
        self._argv = argv
        self._gate = gate
        self._apps: dict[ServedApp, web.WebSocketResponse] = {}
        self._pages: dict[str, ServedApp] = {}
        self._sessions: dict[str, str] = {}

    async def make_app(self) -> web.Application:
        app = await self._make_app()
        app.router.add_get("/ws/{page:[0-9a-f]{32}}", self.handle_websocket)
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
        name = request.match_info.get("page", "")
        if name in self._pages:  # loaded again before the socket of the first time was closed
            await self._end(self._pages[name], WSCloseCode.GOING_AWAY)
        if len(self._apps) >= MOST_APPS:
            raise web.HTTPServiceUnavailable(text="So many pages are open already.\n")
        socket = web.WebSocketResponse(heartbeat=15, compress=False)
        await socket.prepare(request)
        before = self._sessions.get(name)
        argv = [*self._argv, f"--session={before}"] if before else self._argv
        app = ServedApp(argv, socket, self, partial(self._note_session, name))
        self._apps[app] = socket
        if name:
            self._pages[name] = app
        try:
            await app.start(_cells(request, "width", 80), _cells(request, "height", 24))
            await self._process_messages(socket, app)
        except _NOT_OURS:
            await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
        finally:
            await app.stop()
            del self._apps[app]
            if self._pages.get(name) is app:
                del self._pages[name]
        return socket

    def _note_session(self, page: str, id: str) -> None:
        self._sessions.pop(page, None)
        if page and id:
            self._sessions[page] = id
            while len(self._sessions) > MOST_KNOWN:
                del self._sessions[next(iter(self._sessions))]


def _cells(request: web.Request, name: str, default: int) -> int:
    asked = to_int(request.query.get(name, ""), default)
    return min(max(asked, SMALLEST), LARGEST)
