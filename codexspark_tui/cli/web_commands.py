"""`spark web`: the app in a browser, on this machine only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from codexspark_tui.actions.edit import here
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.cli.options import NoGit, SourceOptions, option, with_options
from codexspark_tui.cli.output import print_product, say
from codexspark_tui.cli.run import load_asking, warn
from codexspark_tui.errors import UsageError

PORT = 8789
MOST_PORT = 65535
EXTRA = ("textual_serve", "aiohttp", "aiohttp_jinja2", "jinja2")


@dataclass(frozen=True)
class WebOptions(SourceOptions):
    """Where the app is served, and what answers in it."""

    port: Annotated[int, option("--port", help="The port; 0 takes a free one.")] = PORT
    no_open: Annotated[bool, option("--no-open", help="Do not open the browser.")] = False
    no_git: NoGit = False
    session: Annotated[
        str, option("--session", metavar="ID", help="Go on with this session (last: the newest).")
    ] = ""
    theme: Annotated[str, option("--theme", help="The theme to begin with.")] = ""


def web(options: WebOptions) -> int:
    """Serve the app of this repository to a browser, on the loopback address only.

    The address with its token is printed on stdout, and opened in the browser. Each page is a
    session of its own; Ctrl-C ends all of them. What was accepted is on disk.
    """
    if not 0 <= options.port <= MOST_PORT:
        raise UsageError(f"--port must be from 0 to {MOST_PORT}, not {options.port}")
    try:
        from codexspark_tui.web import launch
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in EXTRA:
            raise
        raise UsageError(
            f"spark web needs {error.name}, which is not installed",
            next_step="pip install 'codexspark-tui[web]'",
        ) from error
    workspace = open_workspace(here(), no_git=options.no_git)
    try:
        warn(load_asking(workspace, options.source_flags()))
    finally:
        workspace.close()
    request = launch.WebRequest(_arguments(options), options.port, not options.no_open)
    return launch.run(request, lambda url: print_product(f"{url}\n"), say)


def _arguments(options: WebOptions) -> tuple[str, ...]:
    """The options that the app of each page is given."""
    given = {**options.source_flags(), "session": options.session, "theme": options.theme}
    made = [f"--{key.replace('_', '-')}={value}" for key, value in given.items() if value]
    return (*made, "--no-git") if options.no_git else tuple(made)


COMMANDS = {"web": with_options(WebOptions)(web)}
