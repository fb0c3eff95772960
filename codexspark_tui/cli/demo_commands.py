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
from codexspark_tui.actions.recordings import ALL, SHIPPED
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
from codexspark_tui.setting_list import Value
from codexspark_tui.workspace import Workspace

OWN_SETTINGS: dict[str, Value | None] = {
    "provider": "codemods",
    "partial": False,
    "mentions": False,
    "record": "",
}
RECORDED: dict[str, Value | None] = OWN_SETTINGS | {
    "provider": "replay",
    "recording": ALL,
    "replay_speed": 1.0,
}


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the demo repository.")] = False,
    recording: Annotated[
        bool,
        typer.Option("--recording", help="Let recordings answer, at 1,000 tokens a second."),
    ] = False,
) -> int:
    """Try spark on a small real repository in a temporary folder: no key, no network.

    In a terminal the app opens on it with a prompt that is ready to be sent. Otherwise two prompts
    are answered by the built-in codemods, and everything is taken, printed and undone again.

    With --recording the answers come at the pace of a real-time model. They are recordings that we
    wrote and put into time by a script; no model is asked, then or now.
    """
    with demo_repository(keep) as root:
        if is_terminal(0) and is_terminal(1):
            return _on_screen(root, keep, recording)
        _heading(f"A small git repository: {root}")
        if recording:
            _heading("The answers are recordings, made by a script: no model is asked.")
        for prompt in (shipped.prompt for shipped in SHIPPED) if recording else PROMPTS:
            outcome = _turn(root, prompt, recording)
            if outcome.error is not None:
                return outcome.exit_code
            if recording:
                _undo(root, newest=True)
        if not recording:
            _undo(root)
        if keep:
            _heading(f"It is still there: cd {root}")
        else:
            _heading('Now in a repository of yours: spark edit "rename OLD to NEW" | less')
    return 0


def _on_screen(root: Path, keep: bool, recording: bool) -> int:
    from codexspark_tui.cli.app_commands import run_app
    from codexspark_tui.tui.launch import Start

    config = settings.load(root, RECORDED if recording else OWN_SETTINGS)
    ready = SHIPPED[0].prompt if recording else PROMPTS[0]
    run_app(Workspace.open(root), config, root, Start(ready=ready, kept=False))
    if keep:
        print_product(f"It is still there: cd {root}\n")
    return 0


def _turn(root: Path, prompt: str, recording: bool) -> Outcome:
    _heading(f'spark edit "{prompt}"')
    workspace = Workspace.open(root)
    config = settings.load(root, RECORDED if recording else OWN_SETTINGS)
    options = RunOptions(apply=True)

    def provider(config: Config, folder: Path, request: EditRequest) -> Provider:
        return make_provider(config, root)

    request = EditRequest(prompt, unkept=True)
    outcome = run_request(workspace, config, request, options, provider)
    if outcome.resolved:
        print_patch(outcome.patch, config)
    return outcome


def _undo(root: Path, newest: bool = False) -> None:
    """Undo the turns, the first one first, as any order does; or only the newest."""
    workspace = Workspace.open(root)
    turns = sorted(turn.number for turn in workspace.log())
    workspace.close()
    for number in turns[-1:] if newest else turns:
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
