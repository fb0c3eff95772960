"""`spark review`: a patch on the screen, change by change, also in the middle of a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from codexspark_tui.actions.edit import here, open_session, rules_of
from codexspark_tui.actions.oneshot import Plan
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.actions.patch_provider import PatchProvider, breaks_off, named_alike
from codexspark_tui.cli import stdin
from codexspark_tui.cli.faces import TurnFace
from codexspark_tui.cli.options import TurnOptions, argument, option, with_options
from codexspark_tui.cli.output import is_terminal
from codexspark_tui.cli.run import finish, load_settings, warn
from codexspark_tui.errors import UsageError
from codexspark_tui.session.models import Setup
from codexspark_tui.session.placing.desk import Desk

PLAN = Plan("print", of_patch=True)


@dataclass(frozen=True)
class ReviewOptions(TurnOptions):
    """`spark review` only."""

    theme: Annotated[str, option("--theme", help="The theme of the screen.")] = ""


def review(
    options: ReviewOptions,
    patch: Annotated[str, argument("PATCH", "The patch file; - or nothing reads stdin.")] = "-",
) -> int:
    """Review a patch on the screen: accept or reject each change.

    In a terminal, accepted changes are written at once. With stdout in a pipe or a file nothing is
    written to the tree; the accepted part of the patch is printed instead, as git apply takes it:
    git diff main | spark review | git apply
    """
    workspace = open_workspace(here(), no_git=options.no_git)
    config = load_settings(workspace, options)
    warn(config)
    writes = is_terminal(1)
    setup = Setup(rules=rules_of(config))
    text = _patch_text(patch)
    is_cut = breaks_off(text, Desk.of(workspace))
    provider = PatchProvider(named_alike(text, Desk.of(workspace)), is_cut)
    session = open_session(workspace, provider, setup)
    from codexspark_tui.tui.launch import Wishes, run_review
    from codexspark_tui.tui.terminal import taken_terminal

    name = "stdin" if patch == "-" else patch
    try:
        with taken_terminal():
            wishes = Wishes.of(config, options.theme)
            outcome = run_review(workspace, session, name, PLAN, writes=writes, wishes=wishes)
    finally:
        workspace.close()
    finish(outcome, options, PLAN, config, TurnFace(options.as_json, options.quiet))
    return outcome.exit_code


def _patch_text(patch: str) -> str:
    if patch != "-":
        return stdin.text_of(stdin.read_file(here() / patch, f"the patch {patch}"))
    if is_terminal(0):
        raise UsageError(
            "there is no patch", next_step="Name a file, or pipe one in: git diff | spark review"
        )
    return stdin.text_of(stdin.read_all())


COMMANDS = {"review": with_options(ReviewOptions)(review)}
