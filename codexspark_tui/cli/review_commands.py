"""`spark review`: a patch on the screen, change by change, also in the middle of a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from codexspark_tui.actions.edit import here
from codexspark_tui.actions.oneshot import Plan
from codexspark_tui.actions.patch_provider import PatchProvider
from codexspark_tui.cli import stdin
from codexspark_tui.cli.options import RunOptions, option, with_options
from codexspark_tui.cli.output import is_terminal
from codexspark_tui.cli.run import finish, load_settings, warn
from codexspark_tui.errors import UsageError
from codexspark_tui.workspace import Workspace


@dataclass(frozen=True)
class ReviewOptions(RunOptions):
    theme: Annotated[str, option("--theme", help="The theme of the screen.")] = ""


def register(app: typer.Typer, names: Sequence[str]) -> None:
    app.command("review")(with_options(ReviewOptions)(review))


def review(
    options: ReviewOptions,
    patch: Annotated[str, typer.Argument(help="The patch file; - or nothing reads stdin.")] = "-",
) -> int:
    """Review a patch on the screen: accept or reject each change.

    In a terminal, accepted changes are written at once. With stdout in a pipe or a file nothing is
    written to the tree; the accepted part of the patch is printed instead, as git apply takes it:
    git diff main | spark review | git apply
    """
    workspace = Workspace.open(here())
    config = load_settings(workspace, options)
    warn(config)
    writes = options.apply or is_terminal(1)
    provider = PatchProvider(_patch_text(patch))
    from codexspark_tui.tui.launch import run_review
    from codexspark_tui.tui.terminal import taken_terminal

    name = "stdin" if patch == "-" else patch
    try:
        with taken_terminal():
            outcome = run_review(workspace, provider, name, writes=writes, theme=options.theme)
    finally:
        workspace.close()
    finish(outcome, options, Plan("print"), config, printed=not writes)
    return outcome.exit_code


def _patch_text(patch: str) -> str:
    if patch == "-":
        if is_terminal(0):
            raise UsageError(
                "there is no patch",
                next_step="Name a file, or pipe one in: git diff | spark review",
            )
        return stdin.text_of(stdin.read_all())
    try:
        return stdin.text_of((here() / patch).read_bytes())
    except OSError as error:
        raise UsageError(f"the patch {patch} cannot be read: {error.strerror}") from error
