"""The way in: listen on loopback, say where, open the browser, and end with all that was begun.

The token is never an argument of a command: the browser is given a page that only its owner can
read, which leads to the address.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aiohttp import web

from codexspark_tui.errors import UsageError
from codexspark_tui.state_dir import ensure, state_dir
from codexspark_tui.web.gate import ADDRESS, Gate
from codexspark_tui.web.server import SparkServer

INTERRUPTED = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SHUTDOWN_S = 8.0
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
"""Without one of them a browser would be one in the terminal, over what we say."""


@dataclass(frozen=True, slots=True)
class WebRequest:
    """`arguments`: of the app, for each page. `opens`: the browser is opened."""

    arguments: tuple[str, ...]
    port: int = 0
    opens: bool = True


def run(request: WebRequest, show: Callable[[str], None], say: Callable[[str], None]) -> int:
    """Serve until a signal comes; returns the exit code. `show` is given the address.

    Raises `UsageError` where nobody can listen.
    """
    listening = _listen(request.port)
    gate = Gate(listening.getsockname()[1])
    command = [sys.executable, "-P", "-m", "codexspark_tui", "app", *request.arguments]

    def ready() -> None:
        show(gate.url)
        say("spark: the app is served there, to who has this address (Ctrl-C ends it)")

    opens = request.opens and _has_browser()
    with closing(listening), _way_in(gate.url) if opens else nullcontext(None) as way_in:
        return asyncio.run(_serve(SparkServer(command, gate), listening, ready, way_in))


async def _serve(
    server: SparkServer, listening: socket.socket, ready: Callable[[], None], way_in: Path | None
) -> int:
    ended: asyncio.Future[signal.Signals] = asyncio.get_running_loop().create_future()
    _listen_to_signals(ended)
    runner = web.AppRunner(await server.make_app(), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        ready()
        if way_in is not None:
            threading.Thread(target=_open, args=(way_in,), daemon=True).start()
        number = await ended
    finally:
        await runner.cleanup()
    return INTERRUPTED if number is signal.SIGINT else 0


def _listen_to_signals(ended: asyncio.Future[signal.Signals]) -> None:
    def end(number: signal.Signals) -> None:
        if not ended.done():
            ended.set_result(number)

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, end, number)


def _listen(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((ADDRESS, port))
        made.listen()
    except OSError as error:
        made.close()
        raise UsageError(
            f"cannot listen on port {port}: {(error.strerror or str(error)).lower()}",
            next_step="Choose another --port; --port 0 takes a free one.",
        ) from error
    return made


# -- the browser


def _has_browser() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in SCREENS)


@contextmanager
def _way_in(url: str) -> Iterator[Path | None]:
    """A page for the owner alone that leads to `url`; None where it cannot be written."""
    path = state_dir() / "web" / f"{secrets.token_hex(8)}.html"
    text = (
        f'<!DOCTYPE html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0; url={escape(url)}">'
        f'<a href="{escape(url)}">spark</a>\n'
    )
    try:
        ensure(path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="ascii") as file:
            file.write(text)
    except OSError:
        yield None
        return
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink()


def _open(path: Path) -> None:
    """In a thread: some browsers are waited for."""
    with suppress(webbrowser.Error, OSError):
        webbrowser.open(path.as_uri())
