"""`spark bisect`: the change that breaks the tests, found by halving in throwaway copies."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Annotated

from codexspark_tui import config as settings
from codexspark_tui.actions.checking import (
    HOW_TO_SET,
    NO_COMMAND,
    Checked,
    Guilty,
    bisect,
    written_in,
)
from codexspark_tui.actions.confined_check import checker, needs_asking
from codexspark_tui.actions.edit import here
from codexspark_tui.actions.history import as_meant
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.cli.agreeing import Yes, agree
from codexspark_tui.cli.options import NoGit, argument, option, with_options
from codexspark_tui.cli.output import print_product, say, terminal_text
from codexspark_tui.errors import UsageError
from codexspark_tui.events.paths import path_text


@dataclass(frozen=True)
class BisectOptions:
    no_git: NoGit = False
    yes: Yes = False
    command: Annotated[
        str, option("--command", "-c", metavar="COMMAND", help="Instead of test_command.")
    ] = ""


def bisect_command(
    options: BisectOptions,
    what: Annotated[
        str | None,
        argument("WHAT", "A turn (7), or a file of it (7:src/io.py); else the last."),
    ] = None,
) -> int:
    """Find the change of a turn that breaks the tests.

    The command is run in copies of the tree with fewer and fewer of the changes, confined and
    without network (run_network = true grants it); the tree itself is not touched. Exit codes: 0
    a change was found; 1 the tests pass, or fail without any of them.
    """
    with closing(open_workspace(here(), no_git=options.no_git)) as workspace:
        config = settings.load(workspace.root)
        command = options.command or config.text("test_command")
        if not command:
            raise UsageError(NO_COMMAND, next_step=HOW_TO_SET)
        changes = written_in(workspace, as_meant(workspace, here(), what))
        if needs_asking():
            agree([command], options.yes)
        run = checker(workspace, command, network=config.is_on("run_network"))
        found = bisect(changes, run, tell=_tell)
    return _say(found, len(changes))


def _tell(kept: int, of: int, checked: Checked) -> None:
    verdict = "passed" if checked.passed else "failed"
    say(f"spark: with {kept} of {of} changes: {verdict} in {checked.seconds:.1f} s")


def _say(found: Guilty, of: int) -> int:
    if found.change is not None:
        path = terminal_text(path_text(found.change.path))
        print_product(f"{found.change.selector}\t{path}\n")
        say(f"spark: to take it back: spark undo {found.change.selector}")
        return 0
    if found.before:
        say(f"spark: it fails without any of the {of} changes, too")
    else:
        say("spark: it passes with all of the changes")
    return 1


COMMANDS = {"bisect": with_options(BisectOptions)(bisect_command)}
