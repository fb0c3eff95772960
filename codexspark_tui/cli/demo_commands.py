"""`spark demo`: prompt, patch, review and undo on a small real repository."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from codexspark_tui import config as settings
from codexspark_tui.actions.demo import PROMPTS, demo_repository, is_as_committed
from codexspark_tui.actions.edit import EditRequest, make_provider
from codexspark_tui.actions.history import turn_back
from codexspark_tui.actions.oneshot import Outcome
from codexspark_tui.cli.options import RunOptions
from codexspark_tui.cli.output import (
    is_terminal,
    print_product,
    styled,
    uses_color,
    write_product,
)
from codexspark_tui.cli.run import print_patch, run_request
from codexspark_tui.config import Config
from codexspark_tui.errors import NotPlaced
from codexspark_tui.providers.model import Provider
from codexspark_tui.workspace import Workspace

OWN_SETTINGS: dict[str, settings.Value | None] = {
    "provider": "codemods",
    "partial": False,
    "mentions": False,
}


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the demo repository.")] = False,
) -> int:
    """Try spark on a small real repository in a temporary folder: no key, no network.

    In a terminal the app opens on it with a prompt that is ready to be sent. Otherwise two prompts
    are answered by the built-in codemods, and everything is taken, printed and undone again.
    """
    with demo_repository(keep) as root:
        if is_terminal(0) and is_terminal(1):
            return _on_screen(root, keep)
        _heading(f"A small git repository: {root}")
        for prompt in PROMPTS:
            outcome = _turn(root, prompt)
            if outcome.error is not None:
                return outcome.exit_code
        _undo_all(root)
        if keep:
            _heading(f"It is still there: cd {root}")
        else:
            _heading('Now in a repository of yours: spark edit "rename OLD to NEW" | less')
    return 0


def _on_screen(root: Path, keep: bool) -> int:
    from codexspark_tui.cli.app_commands import run_app

    config = settings.load(root, OWN_SETTINGS)
    run_app(Workspace.open(root), config, root, ready=PROMPTS[0], kept=False)
    if keep:
        print_product(f"It is still there: cd {root}\n")
    return 0


def _turn(root: Path, prompt: str) -> Outcome:
    _heading(f'spark edit "{prompt}"')
    workspace = Workspace.open(root)
    config = settings.load(root, OWN_SETTINGS)
    options = RunOptions(apply=True)

    def codemods(config: Config, folder: Path, request: EditRequest) -> Provider:
        return make_provider(config, root)

    request = EditRequest(prompt, unkept=True)
    outcome = run_request(workspace, config, request, options, codemods)
    if outcome.resolved:
        print_patch(outcome.patch, config)
    return outcome


def _undo_all(root: Path) -> None:
    """Undo the turns, the first one first: any order does."""
    workspace = Workspace.open(root)
    turns = sorted(turn.number for turn in workspace.log())
    workspace.close()
    for number in turns:
        _heading(f"spark undo {number}")
        report = turn_back(Workspace.open(root), "undo", str(number))
        if report.conflicts:
            raise NotPlaced("the demonstration could not be undone", detail=str(report.conflicts))
        for file in report.files:
            print_product(f"put back: {file.path}\n")
    if turns and not is_as_committed(root):
        raise NotPlaced("the demonstration did not come back to its first state")
    if turns:
        print_product("Every file is as it was committed; git saw nothing of all this.\n")


def _heading(text: str) -> None:
    write_product(f"\n{styled(text, 'strong', uses_color(1))}\n".encode())


COMMANDS = {"demo": demo}
