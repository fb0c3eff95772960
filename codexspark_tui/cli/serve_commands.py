"""`spark serve`: any configured provider behind the wire of the Responses API."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from codexspark_tui import config as settings
from codexspark_tui.actions.edit import here
from codexspark_tui.cli.options import SourceOptions, option, with_options
from codexspark_tui.cli.output import say
from codexspark_tui.cli.run import warn
from codexspark_tui.errors import NoRepository, UsageError
from codexspark_tui.git import discover

PORT = 8788
MOST_PORT = 65535
EXTRA = ("starlette", "uvicorn", "websockets", "h11", "anyio")


@dataclass(frozen=True)
class ServeOptions(SourceOptions):
    """Where to listen, who may come in, how much at once, and what answers."""

    host: Annotated[str, option("--host", help="The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, option("--port", help="The port; 0 takes a free one.")] = PORT
    token_file: Annotated[
        str | None,
        option("--token-file", metavar="FILE", help="The tokens that are let in, one on a line."),
    ] = None
    no_token: Annotated[
        bool, option("--no-token", help="Ask for no token; on the loopback address only.")
    ] = False
    alias: Annotated[
        list[str] | None,
        option("--alias", metavar="MODEL", help="A further name of the model; '*' takes any."),
    ] = None
    allow_host: Annotated[
        list[str] | None,
        option("--allow-host", metavar="NAME", help="A further name that may stand in Host."),
    ] = None
    allow_origin: Annotated[
        list[str] | None,
        option("--allow-origin", metavar="ORIGIN", help="A page that may call: https://host."),
    ] = None
    max_active: Annotated[int, option("--max-active", help="Answers at the same time.")] = 64
    max_connections: Annotated[int, option("--max-connections", help="Open connections.")] = 256
    max_seconds: Annotated[
        float, option("--max-seconds", help="Seconds that one answer may take.")
    ] = 600.0


def serve(options: ServeOptions) -> int:
    """Serve the configured provider as /v1/responses (WebSocket, SSE, JSON) and chat completions.

    Without --token-file or SPARK_SERVE_TOKEN a token is made for this run and printed on stderr.
    In a repository with no model configured the codemods answer, with patches as text; nothing is
    ever written. docs/serving.md shows it in front of Ollama, llama.cpp, vLLM and a cluster.
    """
    try:
        from codexspark_tui.gateway import launch
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in EXTRA:
            raise
        raise UsageError(
            f"spark serve needs {error.name}, which is not installed",
            next_step="pip install 'codexspark-tui[serve]'",
        ) from error
    _check("--port", options.port, 0, MOST_PORT)
    _check("--max-active", options.max_active, 1, 4096)
    _check("--max-connections", options.max_connections, 1, 65_536)
    _check("--max-seconds", options.max_seconds, 1, 86_400)
    folder = here()
    root = _root(folder)
    config = settings.load(root, options.source_flags())
    warn(config)
    request = launch.ServeRequest(
        address=launch.Address(options.host, options.port),
        token_file=None if options.token_file is None else folder / options.token_file,
        open=options.no_token,
        aliases=tuple(options.alias or ()),
        hosts=tuple(options.allow_host or ()),
        origins=tuple(options.allow_origin or ()),
        limits=launch.Limits(
            active=options.max_active,
            connections=options.max_connections,
            answer_s=options.max_seconds,
        ),
    )
    return launch.run(config, root or folder, folder, request, say)


def _check(name: str, value: float, least: int, most: int) -> None:
    if not least <= value <= most:
        raise UsageError(f"{name} must be from {least} to {most}, not {value:g}")


def _root(folder: Path) -> Path | None:
    """The repository's root; a model needs none."""
    try:
        return discover(folder).root
    except NoRepository:
        return None


COMMANDS = {"serve": with_options(ServeOptions)(serve)}
