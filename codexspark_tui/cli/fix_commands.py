"""`spark fix -- COMMAND`: run it, and while it fails let the model mend the code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from codexspark_tui.actions.edit import here, make_provider, make_setup, open_session
from codexspark_tui.actions.fix import FixOutcome, FixRequest, FixSetting, fix
from codexspark_tui.actions.fix_offline import offline_prompt
from codexspark_tui.actions.models import answers_by_codemods
from codexspark_tui.actions.oneshot import Outcome, Plan, Status
from codexspark_tui.actions.opening import open_workspace, undo_of
from codexspark_tui.actions.own_run import run_as_is
from codexspark_tui.actions.turn_run import MakePicker
from codexspark_tui.cli import json_face
from codexspark_tui.cli.faces import TurnFace
from codexspark_tui.cli.options import (
    SourceOptions,
    TurnOptions,
    argument,
    option,
    setting,
    with_options,
)
from codexspark_tui.cli.output import say, show_error
from codexspark_tui.cli.run import after_turn, load_settings, warn
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.config import Config
from codexspark_tui.counts import count
from codexspark_tui.errors import Interrupted, UsageError
from codexspark_tui.events.paths import path_text
from codexspark_tui.sandbox import Job, Limits, RunEvent, probe, run
from codexspark_tui.session.models import Allowance
from codexspark_tui.setting_list import Value
from codexspark_tui.workspace import Workspace


@dataclass(frozen=True)
class FixOptions(SourceOptions, TurnOptions):
    attempts: Annotated[
        int | None, setting("--attempts", metavar="N", help="How many times the model may try.")
    ] = None
    max_cost: Annotated[
        float | None,
        setting("--max-cost", metavar="USD", help="Stop when all answers cost more (exit 6)."),
    ] = None
    timeout: Annotated[
        float | None,
        setting("--timeout", metavar="S", help="Stop when all of it takes longer (exit 6)."),
    ] = None
    review: Annotated[bool, option("--review", help="Decide on each change, as -i does.")] = False
    sandbox: Annotated[
        bool, option("--sandbox", help="Run the command confined, without a network.")
    ] = False

    def flags(self) -> dict[str, Value | None]:
        own = {"attempts": self.attempts, "max_cost": self.max_cost, "timeout": self.timeout}
        return super().flags() | self.source_flags() | own


def fix_command(
    options: FixOptions,
    command: Annotated[list[str], argument("-- COMMAND", "The command, with its arguments.")],
) -> int:
    """Run a command, and while it fails let the model change the code.

    The first error and the source around it are sent, not the whole output. What comes back is
    written and the command run again, until it passes, nothing changes, it gets worse (then that
    attempt is undone) or a limit is reached. Each attempt is a turn that spark undo takes back.

    Exit codes: 0 the command passes; 1 it does not, and nothing more was tried; 6 a limit.
    """
    folder = here()
    workspace = open_workspace(folder, no_git=options.no_git)
    config = load_settings(workspace, options)
    warn(config)
    if config.text("approvals") == "read-only":
        raise UsageError(
            "spark fix writes what it mends, and --approvals read-only lets nothing be written",
            next_step="Use --review to decide on each change.",
        )
    options = replace(options, interactive=options.interactive or options.review)
    request = _request(workspace, folder, config, options, tuple(command))
    face = TurnFace(options.as_json, options.quiet, options.interactive, runs=not options.quiet)
    face.undo = undo_of(workspace)
    allowance = Allowance()
    setup = replace(make_setup(config, folder, workspace), allowance=allowance)
    with ExitStack() as stack:
        stack.callback(workspace.close)
        make = None
        if options.interactive:
            face.terminal = stack.enter_context(Terminal.open())
            make = _picker_maker(face.terminal)
        session = open_session(workspace, make_provider(config, folder), setup)
        started = fix(session, workspace, request, face, FixSetting(folder, allowance, make))
        try:
            outcome = asyncio.run(started)
        except KeyboardInterrupt:
            raise _interrupted(workspace, face) from None
    _finish(outcome, options, face)
    written = tuple(dict.fromkeys(path_text(change.path) for change in outcome.resolved))
    entry = outcome.turns[-1] if outcome.turns else ""
    ended = Outcome(outcome.exit_code, "done", entry=entry, written=written if entry else ())
    after_turn(workspace.root, config, ended)
    return outcome.exit_code


def _request(
    workspace: Workspace,
    folder: Path,
    config: Config,
    options: FixOptions,
    command: tuple[str, ...],
) -> FixRequest:
    attempts = int(config.number("attempts"))
    if attempts < 1:
        origin = config.found["attempts"].origin
        raise UsageError(
            f"{origin}: spark fix needs at least 1 attempt, not {attempts}",
            next_step="Give it one or more (--attempts 1), or leave it out.",
        )
    runs, confined = _runner(workspace.root, folder, command, options.sandbox)
    by_codemods = answers_by_codemods(config)
    return FixRequest(
        command,
        runs,
        Plan("write", config.is_on("partial")),
        attempts,
        config.number("max_cost"),
        config.number("timeout"),
        confined,
        offline_prompt(workspace.root, folder) if by_codemods else None,
    )


def _runner(
    root: Path, folder: Path, command: tuple[str, ...], sandbox: bool
) -> tuple[Callable[[float | None], AsyncGenerator[RunEvent, None]], str]:
    """How the command is run: as it is, or confined. Raises `UsageError` where that cannot be."""
    if not sandbox:
        return (lambda time_s: run_as_is(command, folder, time_s)), "none"
    mechanism = probe()
    if not mechanism.confines:
        raise UsageError(
            f"there is no sandbox here: {mechanism.line}",
            next_step="Run it without --sandbox, if you trust the command and the code.",
        )

    def confined(time_s: float | None) -> AsyncGenerator[RunEvent, None]:
        limits = Limits(time_s=time_s, view_chars=4 << 20)
        return run(mechanism, Job(command, root, folder, limits=limits))

    return confined, mechanism.name


def _picker_maker(terminal: Terminal) -> MakePicker:
    from codexspark_tui.cli.hunks import HunkPicker

    return lambda send: HunkPicker(send, terminal, True)


def _interrupted(workspace: Workspace, face: TurnFace) -> Interrupted:
    """Ctrl-C: the command was ended, the tree is as the last attempt left it."""
    turns = [t for t in workspace.log(50) if t.key.startswith(f"{face.session}.") and t.changes]
    if not face.session or not turns:
        return Interrupted("interrupted; nothing was written")
    names = ", ".join(str(turn.number) for turn in reversed(turns))
    return Interrupted(
        f"interrupted; what was written as turn {names} stays",
        next_step=f"{face.undo} {turns[0].number} takes it back.",
    )


_SAID = {
    "nothing": "no change was made, and the command still fails",
    "same": "two attempts have changed nothing about the failure",
    "worse": "the last attempt made it worse, and could not be undone by itself",
    "failed": "the command still fails",
}


def _finish(outcome: FixOutcome, options: FixOptions, face: TurnFace) -> None:
    if outcome.error is not None:
        show_error(outcome.error)
    if not options.quiet:
        _tell(outcome, face)
    if options.stat and outcome.resolved:
        from codexspark_tui.cli.stat import stat_lines

        for line in stat_lines(outcome.resolved):
            say(line)
    if options.as_json:
        status: Status = "done" if outcome.exit_code == 0 else "nothing"
        status = "failed" if outcome.error is not None else status
        status = "usage" if outcome.exit_code == UsageError.exit_code else status
        entry = outcome.turns[-1] if outcome.turns else ""
        count = len(outcome.resolved)
        told = Outcome(outcome.exit_code, status, outcome.resolved, accepted=count, entry=entry)
        json_face.write_result(replace(told, error=outcome.error))


def _tell(outcome: FixOutcome, face: TurnFace) -> None:
    tries = count(outcome.attempts, "attempt")
    if outcome.ended == "green":
        say(f"spark: the command passes{f' after {tries}' if outcome.attempts else ' already'}")
    elif outcome.ended in _SAID and outcome.error is None:
        undone = "the last attempt made it worse and was undone" if outcome.undone else ""
        say(f"spark: {undone or _SAID[outcome.ended]} ({tries})")
        if face.prose and outcome.ended == "nothing":
            say(face.prose.strip())
        if outcome.left:
            say(f"spark: still wrong: {outcome.left}")
    if outcome.turns:
        names = ", ".join(outcome.turns)
        back = " && ".join(f"{face.undo} {turn}" for turn in reversed(outcome.turns))
        say(f"spark: written as turn {names}; taken back by: {back}")


COMMANDS = {"fix": with_options(FixOptions)(fix_command)}
