"""What every editing command does with its request: run it, print the product, tell the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from codexspark_tui import config as settings
from codexspark_tui.actions.edit import (
    EditRequest,
    MakePicker,
    here,
    make_provider,
    rules_of,
    run_edit,
)
from codexspark_tui.actions.oneshot import Mode, Outcome, Plan
from codexspark_tui.actions.opening import undo_of
from codexspark_tui.cli import json_face
from codexspark_tui.cli.faces import TurnFace
from codexspark_tui.cli.options import RunOptions, TurnOptions
from codexspark_tui.cli.output import (
    ColorChoice,
    colored_patch,
    is_terminal,
    print_product,
    say,
    show_error,
    uses_color,
    write_product,
)
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.config import Config
from codexspark_tui.counts import count
from codexspark_tui.errors import Interrupted
from codexspark_tui.events import facts
from codexspark_tui.events.commands import Command
from codexspark_tui.events.visible import visible_line
from codexspark_tui.providers.model import Provider
from codexspark_tui.session.models import Setup
from codexspark_tui.setting_list import Value
from codexspark_tui.workspace import Workspace

MakeProvider = Callable[[Config, Path, EditRequest], Provider]


def configured(config: Config, folder: Path, request: EditRequest) -> Provider:
    return make_provider(config, folder, request.ready)


def run_request(
    workspace: Workspace,
    config: Config,
    request: EditRequest,
    options: TurnOptions,
    make: MakeProvider = configured,
    mode: Mode | None = None,
) -> Outcome:
    """Run the request as one turn and tell about it; without a `mode` --apply decides."""
    done = turn_of(workspace, config, request, options, make, mode)
    finish(done.outcome, options, done.plan, config, done.face)
    after_turn(workspace.root, config, done.outcome)
    return done.outcome


@dataclass(frozen=True, slots=True)
class Done:
    """A turn that was run and is not told yet."""

    outcome: Outcome
    plan: Plan
    face: TurnFace


def turn_of(
    workspace: Workspace,
    config: Config,
    request: EditRequest,
    options: TurnOptions,
    make: MakeProvider = configured,
    mode: Mode | None = None,
) -> Done:
    """Run the request as one turn; the workspace is closed then."""
    warn(config)
    plan = Plan(
        mode or ("write" if isinstance(options, RunOptions) and options.apply else "print"),
        config.is_on("partial"),
        config.is_on("mentions"),
        request.of_patch,
    )
    face = TurnFace(options.as_json, options.quiet, options.interactive)
    face.undo = undo_of(workspace)
    setup = request.setup or Setup(rules=rules_of(config))
    request = replace(request, setup=setup)
    provider = make(config, here(), request)
    with ExitStack() as stack:
        stack.callback(workspace.close)
        picker: MakePicker | None = None
        if options.interactive:
            terminal = stack.enter_context(Terminal.open())
            writes = plan.mode == "write" or (is_terminal(1) and not options.as_json)
            picker = _picker_maker(terminal, writes, options.as_json)
            face.terminal = terminal
        try:
            outcome = asyncio.run(run_edit(workspace, provider, request, plan, face, picker))
        except KeyboardInterrupt:
            raise _interrupted(workspace, face) from None
    return Done(outcome, plan, face)


def after_turn(root: Path, config: Config, outcome: Outcome) -> None:
    """Run the person's hooks, if there are any."""
    if not (config.text("hook_turn_ended") or config.text("hook_written")):
        return
    from codexspark_tui.actions.hooks import Hooks

    happened = {"exit_code": outcome.exit_code, "entry": outcome.entry, "files": outcome.written}
    for wrong in Hooks.of(config).run(root, happened):
        say(f"spark: {wrong}")


def _interrupted(workspace: Workspace, face: TurnFace) -> Interrupted:
    """Ctrl-C, and what the ledger says of this session: a write that had begun was finished."""
    turns = workspace.log(1)
    if not turns or not turns[0].changes or not turns[0].key.startswith(f"{face.session}."):
        return Interrupted("interrupted; nothing was written")
    changes = count(turns[0].changes, "change")
    return Interrupted(
        f"interrupted; {changes} had been written before as turn {turns[0].number}",
        next_step=f"{face.undo} {turns[0].number} takes it back.",
    )


def _picker_maker(terminal: Terminal, writes: bool, tells: bool) -> MakePicker:
    from codexspark_tui.cli.hunks import HunkPicker

    def make(send: Callable[[Command], None]) -> HunkPicker:
        return HunkPicker(send, terminal, writes, _tell_taken if tells and not writes else None)

    return make


def _tell_taken(change: str) -> None:
    """A change that was taken and is not written, which the session knows nothing of."""
    json_face.write_line(facts.ChangeDecided(change, "accepted"))


def load_settings(workspace: Workspace, options: TurnOptions, **more: Value | None) -> Config:
    asks = not (options.as_json or options.quiet)
    return load_asking(workspace, options.flags() | more, asks=asks)


def load_asking(
    workspace: Workspace, flags: Mapping[str, Value | None], *, asks: bool = True
) -> Config:
    """The settings in force, those of the workspace given to it. A repository's own that need
    trust are asked about, once, on a terminal that the person looks at."""
    config = _load(workspace, flags)
    untrusted = config.untrusted
    looked_at = asks and is_terminal(0) and is_terminal(2)
    if untrusted is None or untrusted.asked or not looked_at:
        return config
    from codexspark_tui.actions.trust import decide

    with Terminal.open() as terminal:
        wishes = "".join(f"  {wish}\n" for wish in untrusted.wishes)
        terminal.write_safely(
            f"This repository's settings ({untrusted.path}) want to set:\n{wishes}"
        )
        answer = asyncio.run(terminal.ask("Trust them, as they are now? [y/N] "))
    decide(config, trusted=(answer or "").lower() in ("y", "yes"))
    return _load(workspace, flags)


def _load(workspace: Workspace, flags: Mapping[str, Value | None]) -> Config:
    config = settings.load(workspace.root, flags)
    largest = int(config.number("largest_file") * 1_048_576)
    workspace.limit_files(largest, asks=not config.is_on("generated"))
    return config


def warn(config: Config) -> None:
    for warning in config.warnings:
        say(f"spark: {warning}")


def finish(
    outcome: Outcome,
    options: TurnOptions,
    plan: Plan,
    config: Config,
    face: TurnFace,
) -> None:
    """The patch on stdout (or the result line of --json), everything else on stderr."""
    if outcome.error is not None:
        show_error(outcome.error)
    else:
        _tell_problems(outcome, options)
    if not options.quiet:
        _tell(outcome, plan, face, options.interactive)
    if options.stat and outcome.resolved:
        from codexspark_tui.cli.stat import stat_lines

        for line in stat_lines(outcome.resolved):
            say(line)
    if options.as_json:
        json_face.write_result(outcome)
    elif plan.mode == "print" and not outcome.written and outcome.resolved:
        print_patch(outcome.patch, config)


def print_patch(patch: str, config: Config) -> None:
    """Exact bytes into a pipe or file; harmless and perhaps coloured on a terminal."""
    choice = config.text("color")
    color: ColorChoice = (
        "always" if choice == "always" else "never" if choice == "never" else "auto"
    )
    if uses_color(1, color):
        write_product(colored_patch(patch).encode("utf-8", "surrogateescape"))
    else:
        print_product(patch)


def _tell_problems(outcome: Outcome, options: TurnOptions) -> None:
    """What was left out; a picker has told it already."""
    if options.interactive or (outcome.status == "nothing" and options.quiet):
        return
    for path, why in outcome.problems:
        say(f"spark: left out: {visible_line(path)}: {why}")


def _tell(outcome: Outcome, plan: Plan, face: TurnFace, interactive: bool) -> None:
    if outcome.status == "nothing" and outcome.error is None:
        if face.prose and not outcome.problems and not outcome.rejected:
            say(face.prose)
        say("spark: nothing was taken" if outcome.rejected else "spark: nothing to change")
    if outcome.written:
        changes = count(outcome.accepted, "change")
        files = len(set(outcome.written))
        say(
            f"spark: {changes} in {count(files, 'file')} written as turn "
            f"{outcome.entry}; {face.undo} {outcome.entry} takes it back"
        )
    spent = face.spent.line()
    if spent and outcome.error is None:
        say(f"spark: {spent}")
    if outcome.offered and not plan.offered and not interactive:
        many = f"{outcome.offered} more change{'s are' if outcome.offered != 1 else ' is'}"
        say(f"spark: {many} only offered (strings, comments, docs); --mentions takes them, too")
