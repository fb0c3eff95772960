"""`spark explain` and `spark new`: to understand what is there, and to begin."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated

from codexspark_tui.actions.edit import EditRequest, here, make_provider, make_setup, run_edit
from codexspark_tui.actions.explain import subject_of
from codexspark_tui.actions.models import answers_by_codemods
from codexspark_tui.actions.oneshot import Plan
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.cli import json_face
from codexspark_tui.cli.faces import ProseFace
from codexspark_tui.cli.options import (
    AsJson,
    NoGit,
    Quiet,
    RunOptions,
    SourceOptions,
    argument,
    with_options,
)
from codexspark_tui.cli.output import print_product, say, show_error
from codexspark_tui.cli.run import after_turn, load_asking, load_settings, run_request, warn
from codexspark_tui.errors import NoRepository, UsageError
from codexspark_tui.session.instructions import task
from codexspark_tui.setting_list import Value


@dataclass(frozen=True)
class ExplainOptions(SourceOptions):
    as_json: AsJson = False
    no_git: NoGit = False
    quiet: Quiet = False


def explain(
    options: ExplainOptions,
    what: Annotated[
        str | None,
        argument("WHAT", "A file, FILE:LINE-LINE, a turn (7) or a change (7.2); else the last."),
    ] = None,
) -> int:
    """Explain a file, some lines, or why a change was made; nothing is ever written.

    Without a model it tells what is known: the definitions, and which prompts made the lines.
    """
    folder = here()
    workspace = open_workspace(folder, no_git=options.no_git)
    config = load_asking(workspace, options.source_flags(), asks=not options.as_json)
    warn(config)
    subject = subject_of(workspace, folder, what)
    if answers_by_codemods(config):
        print_product("" if options.as_json else subject.known.rstrip("\n") + "\n")
        if not options.quiet:
            say("spark: no model is connected, so this is what the record tells (spark models)")
        if options.as_json:
            json_face.write_done()
        workspace.close()
        return 0
    request = EditRequest(subject.prompt, subject.files, subject.attached, asks=True)
    request = replace(request, setup=make_setup(config, folder, workspace))
    face = ProseFace(options.as_json, options.quiet)
    plan = Plan("check", partial=True)
    provider = make_provider(config, folder)
    try:
        outcome = asyncio.run(run_edit(workspace, provider, request, plan, face))
    finally:
        workspace.close()
    face.end()
    error = outcome.error if outcome.error is not None and outcome.exit_code != 5 else None
    if not error:
        face.tell_left_out(outcome)
    outcome = replace(outcome, exit_code=error.exit_code if error else 0, error=error, resolved=())
    if not error:
        outcome = replace(outcome, exit_code=0 if face.prose.strip() else 1)
        outcome = replace(outcome, status="done" if face.prose.strip() else "nothing")
        if outcome.exit_code:
            say("spark: the model said nothing")
    else:
        show_error(error)
    if options.as_json:
        json_face.write_result(outcome)
    after_turn(workspace.root, config, outcome)
    return outcome.exit_code


@dataclass(frozen=True)
class NewOptions(SourceOptions, RunOptions):
    def flags(self) -> dict[str, Value | None]:
        return super().flags() | self.source_flags()


def new(
    options: NewOptions,
    prompt: Annotated[str, argument("PROMPT", "What is to be made.")],
) -> int:
    """Begin a project in an empty folder; its files are reviewed like any patch.

    It needs a model. Without --apply or -i the files are printed as a patch.
    """
    folder = here()
    if not prompt.strip():
        raise UsageError("the prompt is empty", next_step='Say what to make: spark new "…"')
    left = sorted(path.name for path in folder.iterdir() if path.name not in (".git", ".spark"))
    if left:
        raise UsageError(
            f"this folder is not empty: there is {left[0]}",
            next_step='Make a new folder and go there, or use: spark edit "…"',
        )
    try:
        workspace = open_workspace(folder, no_git=options.no_git)
        if workspace.root != folder.resolve():
            workspace.close()
            workspace = open_workspace(folder, no_git=True)
    except NoRepository:
        workspace = open_workspace(folder, no_git=True)
    config = load_settings(workspace, options)
    if answers_by_codemods(config):
        raise UsageError(
            "the codemods cannot make a new project, and no model is connected",
            next_step="Name a model with --model (spark models lists them).",
        )
    request = EditRequest(f"{prompt.strip()}\n\n{task('new')}")
    request = replace(request, setup=make_setup(config, folder, workspace))
    return run_request(workspace, config, request, options).exit_code


COMMANDS = {
    "explain": with_options(ExplainOptions)(explain),
    "new": with_options(NewOptions)(new),
}
