"""What every editing command does with its request: run it, print the product, tell the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from codexspark_tui import config as settings
from codexspark_tui.actions.edit import EditRequest, MakePicker, here, make_provider, run_edit
from codexspark_tui.actions.oneshot import Face, Outcome, Plan
from codexspark_tui.cli import json_face
from codexspark_tui.cli.frame import show_error
from codexspark_tui.cli.hunks import HunkPicker
from codexspark_tui.cli.options import RunOptions
from codexspark_tui.cli.output import (
    ColorChoice,
    colored_patch,
    is_terminal,
    print_product,
    say,
    terminal_text,
    uses_color,
    write_product,
)
from codexspark_tui.cli.stat import stat_lines
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.cli.text_face import TextFace
from codexspark_tui.config import Config
from codexspark_tui.events.commands import Command
from codexspark_tui.providers.model import Provider
from codexspark_tui.workspace import Workspace

MakeProvider = Callable[[Config, Path, EditRequest], Provider]


def configured(config: Config, folder: Path, request: EditRequest) -> Provider:
    return make_provider(config, folder, request.ready)


def run_request(
    workspace: Workspace,
    config: Config,
    request: EditRequest,
    options: RunOptions,
    make: MakeProvider = configured,
    mode: str = "",
) -> Outcome:
    """Run the request as one turn and tell about it; `mode` "" follows --apply."""
    warn(config)
    plan = Plan(
        "check" if mode == "check" else "write" if options.apply or mode == "write" else "print",
        config.is_on("partial"),
        config.is_on("mentions"),
    )
    face: Face = json_face.JsonFace() if options.as_json else TextFace(options.quiet)
    provider = make(config, here(), request)
    with ExitStack() as stack:
        stack.callback(workspace.close)
        picker: MakePicker | None = None
        if options.interactive:
            terminal = stack.enter_context(Terminal.open())
            writes = plan.mode == "write" or is_terminal(1)
            picker = _picker_maker(terminal, writes)
        outcome = asyncio.run(run_edit(workspace, provider, request, plan, face, picker))
    written = bool(outcome.written)
    finish(outcome, options, plan, config, printed=not written and plan.mode == "print")
    return outcome


def _picker_maker(terminal: Terminal, writes: bool) -> MakePicker:
    def make(send: Callable[[Command], None]) -> HunkPicker:
        return HunkPicker(send, terminal, writes)

    return make


def load_settings(
    workspace: Workspace, options: RunOptions, **more: settings.Value | None
) -> Config:
    return settings.load(workspace.root, options.flags() | more)


def warn(config: Config) -> None:
    for warning in config.warnings:
        say(f"spark: {warning}")


def finish(
    outcome: Outcome, options: RunOptions, plan: Plan, config: Config, *, printed: bool
) -> None:
    """The patch on stdout (or the result line of --json), everything else on stderr."""
    _tell(outcome, options, plan)
    if options.stat and outcome.resolved:
        for line in stat_lines(outcome.resolved):
            say(line)
    if options.as_json:
        json_face.write_result(outcome)
    elif printed and outcome.resolved:
        print_patch(outcome.patch, config)


def print_patch(patch: str, config: Config) -> None:
    """Exact bytes into a pipe or file; harmless and perhaps coloured on a terminal."""
    choice = config.text("color")
    color: ColorChoice = (
        "always" if choice == "always" else "never" if choice == "never" else "auto"
    )
    if uses_color(1, color):
        colored = colored_patch(patch, True)
        write_product(colored.encode("utf-8", "surrogateescape"))
    else:
        print_product(patch)


def _tell(outcome: Outcome, options: RunOptions, plan: Plan) -> None:
    if outcome.error is not None:
        show_error(outcome.error)
    elif outcome.problems:
        for path, why in outcome.problems:
            say(f"spark: left out: {terminal_text(path)}: {why}")
    if outcome.status == "nothing" and outcome.error is None:
        say("spark: nothing to change" if not outcome.rejected else "spark: nothing was taken")
    if options.quiet:
        return
    if outcome.written:
        changes = f"{outcome.accepted} change{'s' if outcome.accepted != 1 else ''}"
        files = len(set(outcome.written))
        say(
            f"spark: {changes} in {files} file{'s' if files != 1 else ''} written as turn "
            f"{outcome.entry}; spark undo {outcome.entry} takes it back"
        )
    if outcome.offered and not plan.offered and not options.interactive:
        many = f"{outcome.offered} more change{'s are' if outcome.offered != 1 else ' is'}"
        say(f"spark: {many} only offered (strings, comments, docs); --mentions takes them, too")
