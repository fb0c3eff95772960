"""`spark tests FILE`: skeletons without a model, real tests with one, run once they are written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from codexspark_tui.actions.edit import EditRequest, here, make_setup
from codexspark_tui.actions.fix_prompt import line_of
from codexspark_tui.actions.models import answers_by_codemods
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.actions.paths import existing, within_root
from codexspark_tui.actions.test_writing import TestsRan, command_for, request_for, run_tests
from codexspark_tui.cli.faces import TurnFace
from codexspark_tui.cli.options import RunOptions, SourceOptions, argument, option, with_options
from codexspark_tui.cli.output import say, show_error
from codexspark_tui.cli.run import Done, after_turn, finish, load_settings, run_request, turn_of
from codexspark_tui.codemods import model
from codexspark_tui.config import Config
from codexspark_tui.errors import Interrupted, NeedsAnswer, SparkError
from codexspark_tui.events import facts
from codexspark_tui.sandbox import probe
from codexspark_tui.session.approvals import TOOL_QUESTION, Approvals, Mode
from codexspark_tui.setting_list import Value

MOST_SHOWN = 5


@dataclass(frozen=True)
class TestsOptions(SourceOptions, RunOptions):
    to: Annotated[
        str | None, option("--to", metavar="PATH", help="The test file to make or add to.")
    ] = None
    run: Annotated[
        str,
        option("--run", metavar="COMMAND", help="Run the new tests by this, not by test_command."),
    ] = ""
    no_run: Annotated[bool, option("--no-run", help="Do not run the new tests.")] = False

    def flags(self) -> dict[str, Value | None]:
        return super().flags() | self.source_flags()


def tests(
    options: TestsOptions,
    path: Annotated[str, argument("PATH", "A source file.")],
) -> int:
    """Make tests for a file: by a model real ones, without one skeletons of a Python file.

    Skeletons are for pytest, or for unittest where the test file or most of the others use that.

    A model's tests are run as soon as they are written (--apply, -i), confined, by test_command or
    what is usual for the language; that asks first, unless --approvals auto or --run says so.

    Exit codes: 0 done; 1 nothing was taken, or a test fails; 2 there is nobody to ask.
    """
    folder = here()
    workspace = open_workspace(folder, no_git=options.no_git)
    root = workspace.root
    (found,) = existing(root, folder, [path])
    target = within_root(root, folder, options.to) if options.to else None
    config = load_settings(workspace, options)
    if answers_by_codemods(config):
        asked = EditRequest(f"test skeletons for {found}", ready=model.TestSkeletons(found, target))
        return run_request(workspace, config, asked, options).exit_code
    request = request_for(root, found, target)
    request = replace(request, setup=make_setup(config, folder, workspace))
    done = turn_of(workspace, config, request, options)
    return _finish(root, config, done, options)


def _finish(root: Path, config: Config, done: Done, options: TestsOptions) -> int:
    """Run what was written, and tell it with the turn."""
    ran: TestsRan | None = None
    unrun: SparkError | None = None
    if done.outcome.written and not options.no_run:
        try:
            ran = _ran(root, config, done, options)
        except NeedsAnswer as error:
            unrun = error
    outcome = done.outcome
    if ran is not None and not ran.passed:
        outcome = replace(outcome, exit_code=outcome.exit_code or 1, status="partial")
    if unrun is not None:
        outcome = replace(outcome, exit_code=unrun.exit_code, status="partial")
    finish(outcome, options, done.plan, config, done.face)
    if ran is not None and not options.quiet:
        _tell(ran)
    if unrun is not None:
        show_error(unrun)
    after_turn(root, config, outcome)
    return outcome.exit_code


def _ran(root: Path, config: Config, done: Done, options: TestsOptions) -> TestsRan | None:
    command = options.run or command_for(root, done.outcome.written, config.text("test_command"))
    if not command:
        say("spark: the tests were not run: set test_command, or name a command with --run")
        return None
    mechanism = probe()
    if not options.run:
        why = _denied(root, config, command, mechanism.confines, done.face)
        if why:
            say(f"spark: the tests were not run: {why}")
            return None
    limits = (config.number("run_timeout") or None, config.is_on("run_network"))
    try:
        return asyncio.run(run_tests(root, command, mechanism, limits, done.face.show))
    except KeyboardInterrupt:
        entry = done.outcome.entry
        raise Interrupted(
            f"interrupted while the tests ran; they are written as turn {entry}"
        ) from None


def _denied(root: Path, config: Config, command: str, confined: bool, face: TurnFace) -> str:
    """Why the command may not run, "" if it may. Raises `NeedsAnswer` with nobody to ask."""
    modes: dict[str, Mode] = {"auto-edit": "auto-edit", "auto": "auto", "read-only": "read-only"}
    approvals = Approvals(root, modes.get(config.text("approvals"), "review"))
    verdict = approvals.verdict(command, confined=confined)
    if verdict != "ask":
        return "" if verdict == "allow" else "this is read-only"
    choices = approvals.options(command, confined=confined)
    how = "" if confined else " (not confined)"
    asked = facts.Asked(f"{TOOL_QUESTION}tests", f"Run the new tests{how}? {command}", choices)
    choice = asyncio.run(face.ask(asked))
    if choice is None:
        ways = "--approvals auto or --run COMMAND" if confined else "--run COMMAND (not confined)"
        raise NeedsAnswer(
            f"the new tests are written and were not run: {command}",
            next_step=f"Allow it with {ways}, or say --no-run.",
        )
    return "" if approvals.take(command, choices, choice) else "you did not allow it"


def _tell(ran: TestsRan) -> None:
    if ran.passed:
        say(f"spark: the tests pass ({ran.command}, {ran.seconds:.1f} s)")
        return
    say(f"spark: a test fails ({ran.command}, exit {ran.exit_code}) {ran.why}".rstrip())
    for found in ran.report.findings[:MOST_SHOWN]:
        say(f"  {line_of(found)}")


COMMANDS = {"tests": with_options(TestsOptions)(tests)}
