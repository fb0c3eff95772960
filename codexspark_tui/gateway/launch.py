"""`spark serve` from the settings: which providers, whose token, and what is logged.

Nothing of a request or an answer is logged: what goes wrong in the server is one line each.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import secrets
import socket
import stat
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from codexspark_tui.actions.models import ConfiguredModels
from codexspark_tui.config import Config
from codexspark_tui.errors import UsageError
from codexspark_tui.gateway.engine import Engine
from codexspark_tui.gateway.guard import LOOPBACK, Access
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.gateway.pool import Source
from codexspark_tui.gateway.server import Address, listen, make_server, serve
from codexspark_tui.git import discover
from codexspark_tui.providers.model import Provider
from codexspark_tui.providers.recording import Recorder, Recording
from codexspark_tui.providers.replay import ReplayProvider

__all__ = ["Address", "Limits", "ServeRequest", "make_source", "run"]

TOKEN_VARIABLE = "SPARK_SERVE_TOKEN"
EVERY_ADDRESS = ("", "0.0.0.0", "::")
SHORTEST_TOKEN = 16
LARGEST_FILE_BYTES = 256 * 1024
CODEMODS = "codemods"
HOLD_NO_CONVERSATION = (CODEMODS, "script", "replay")
"""Providers of which one serves all clients at once."""


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """What `spark serve` was asked for. `open`: no token is asked for."""

    address: Address
    token_file: Path | None = None
    open: bool = False
    aliases: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)


def run(
    config: Config, root: Path, folder: Path, request: ServeRequest, say: Callable[[str], None]
) -> int:
    """Serve until a signal comes; returns the exit code. Raises `UsageError` before it listens."""
    tokens = _tokens(request, say)
    source = make_source(config, root, folder, request.aliases)
    listening = listen(request.address)
    base = f"http://{_in_url(request.address.host)}:{listening.getsockname()[1]}/v1"

    def ready() -> None:
        say(f"spark: {source.name} is served at {base} (Ctrl-C ends it)")
        if not tokens.given:
            say(f"spark: the token, for this run only: {tokens.all[0]}")

    access = Access(tokens.all, _hosts(request), frozenset(request.origins))
    with _logged(say), closing(listening):
        return asyncio.run(
            _serve(source, _limits(source, request.limits), access, ready, listening)
        )


async def _serve(
    source: Source,
    limits: Limits,
    access: Access,
    ready: Callable[[], None],
    listening: socket.socket,
) -> int:
    return await serve(make_server(Engine(source, limits), access, ready), listening)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _hosts(request: ServeRequest) -> frozenset[str]:
    """The names under which the server may be asked; any address is none of them."""
    own = request.address.host
    named = {name.lower() for name in request.hosts}
    return LOOPBACK | named if own in EVERY_ADDRESS else LOOPBACK | named | {_in_url(own).lower()}


def make_source(config: Config, root: Path, folder: Path, aliases: tuple[str, ...] = ()) -> Source:
    """The providers that the settings name; raises what making the first one raises.

    The codemods need a repository (`NoRepository`), a model needs none.
    """
    recording = Recording(folder / config.text("record")) if config.text("record") else None
    models = ConfiguredModels(config, folder)
    name = models.chosen()
    first = models.open(name)
    if isinstance(first, ReplayProvider):
        first.again = True
    unused = [first]

    def make() -> Provider:
        made = unused.pop() if unused else models.open(name)
        return Recorder(made, recording) if recording else made

    if first.name == CODEMODS:
        discover(folder)
    shared = first.name in HOLD_NO_CONVERSATION
    return Source(make, first.name, str(root), shared, aliases, first.capabilities)


def _limits(source: Source, wanted: Limits) -> Limits:
    """A codemod is a process of its own: no more of them at a time than there are processors."""
    if source.name != CODEMODS:
        return wanted
    return replace(wanted, active=min(wanted.active, os.cpu_count() or 1))


# -- tokens --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tokens:
    """`given`: the person knows them already (or wants none)."""

    all: tuple[str, ...]
    given: bool = True


def _tokens(request: ServeRequest, say: Callable[[str], None]) -> Tokens:
    if request.open:
        if request.token_file is not None:
            raise UsageError("--no-token and --token-file exclude each other")
        if not _is_loopback(request.address.host):
            raise UsageError(
                f"without a token only this machine may be served, not {request.address.host}",
                next_step="Give a --token-file, or leave --host out.",
            )
        return Tokens(())
    if request.token_file is not None:
        return Tokens(_read_tokens(request.token_file, say))
    if value := os.environ.get(TOKEN_VARIABLE, ""):
        return Tokens((_checked(value, f"${TOKEN_VARIABLE}"),))
    return Tokens((secrets.token_urlsafe(24),), given=False)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read_tokens(path: Path, say: Callable[[str], None]) -> tuple[str, ...]:
    """One token on each line; blank lines and those that begin with # are left out."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE_BYTES + 1)
            others = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
        lines = [line.strip() for line in data.decode("ascii").splitlines()]
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"the token file {path} cannot be read: {why}") from error
    except ValueError:
        raise UsageError(f"the token file {path} has other characters than ASCII") from None
    found = tuple(_checked(x, str(path)) for x in lines if x and not x.startswith("#"))
    if not found or len(data) > LARGEST_FILE_BYTES:
        raise UsageError(f"the token file {path} has no token, or is too long")
    if others:
        say(f"spark: others on this machine may read the token file {path} (chmod 600)")
    return found


def _checked(token: str, origin: str) -> str:
    token = token.strip()
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        raise UsageError(
            f"{origin}: a token must have {SHORTEST_TOKEN} or more printable ASCII characters",
            next_step="Make one with: openssl rand -base64 24",
        )
    return token


# -- log -----------------------------------------------------------------------------------------


LOGGED = {
    "uvicorn": logging.ERROR,
    "asyncio": logging.ERROR,
    "codexspark_tui.gateway": logging.WARNING,
}
"""From which level on. What strangers send by the thousand is no warning of ours."""


class _OneLine(logging.Handler):
    """A warning or an error of the server as one line; a traceback only with SPARK_DEBUG."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, asyncio.CancelledError):
            return
        said = record.getMessage().strip().partition("\n")[0]
        self._say(f"spark: {said}" + (f": {type(error).__name__}" if error else ""))
        if error is not None and os.environ.get("SPARK_DEBUG", "") not in ("", "0"):
            self._say("".join(traceback.format_exception(error)))


@contextmanager
def _logged(say: Callable[[str], None]) -> Iterator[None]:
    handler = _OneLine(say)
    loggers = {logging.getLogger(name): level for name, level in LOGGED.items()}
    for logger, level in loggers.items():
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
            logger.propagate = True
