"""`spark ask`: a question in, prose out; nothing is changed."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Annotated

from codexspark_tui.actions.edit import EditRequest, here, make_provider, make_setup, run_edit
from codexspark_tui.actions.oneshot import Outcome, Plan
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.actions.paths import existing
from codexspark_tui.cli import json_face, stdin
from codexspark_tui.cli.faces import ProseFace
from codexspark_tui.cli.options import (
    AsJson,
    NoGit,
    Quiet,
    SourceOptions,
    argument,
    with_options,
)
from codexspark_tui.cli.output import say, show_error
from codexspark_tui.cli.run import after_turn, load_asking, warn
from codexspark_tui.errors import Interrupted, NotPlaced, UsageError

CODEMODS = "codemods"


@dataclass(frozen=True)
class AskOptions(SourceOptions):
    as_json: AsJson = False
    no_git: NoGit = False
    quiet: Quiet = False


def ask(
    options: AskOptions,
    question: Annotated[str, argument("QUESTION", "What you want to know; - reads stdin.")],
    files: Annotated[list[str] | None, argument("FILES", "Files to look at.")] = None,
) -> int:
    """Ask a question about the code; the answer is prose on stdout, and nothing is changed.

    What goes along is chosen as for `spark edit` (`spark index --explain` shows it). What is piped
    in is context. A model is needed: `spark models`.
    """
    folder = here()
    workspace = open_workspace(folder, no_git=options.no_git)
    with closing(workspace):
        config = load_asking(workspace, options.source_flags(), asks=not options.as_json)
        warn(config)
        provider = make_provider(config, folder)
        if not provider.capabilities.converses:
            raise UsageError(
                f"{provider.name} cannot answer questions",
                next_step="Choose a model: spark models lists them, --model takes one.",
            )
        text = stdin.text_of(stdin.read_all(0.0)) if question == "-" else question
        if not text.strip():
            raise UsageError("the question is empty", next_step='Ask one: spark ask "…"')
        attached = "" if question == "-" else stdin.context_text("auto", 0.0)
        request = EditRequest(
            text.strip(),
            existing(workspace.root, folder, files or ()),
            attached,
            setup=make_setup(config, folder, workspace),
            asks=True,
        )
        face = ProseFace(options.as_json, options.quiet)
        try:
            outcome = asyncio.run(run_edit(workspace, provider, request, Plan("check"), face))
        except KeyboardInterrupt:
            raise Interrupted("interrupted") from None
    code = _ended(outcome, face, options)
    after_turn(workspace.root, config, replace(outcome, exit_code=code))
    return code


def _ended(outcome: Outcome, face: ProseFace, options: AskOptions) -> int:
    """An answer is what was asked for, so it is exit 0 though nothing changed."""
    error = outcome.error if outcome.exit_code != NotPlaced.exit_code else None
    face.end()
    code = error.exit_code if error is not None else 0 if face.prose.strip() else 1
    if error is not None:
        show_error(error)
    else:
        face.tell_left_out(outcome)
    if code == 1 and error is None:
        say("spark: the model said nothing")
    if options.as_json:
        if error is not None:
            json_face.write_error_result(error)
        else:
            json_face.write_done(code, "nothing" if code else "done")
    return code


COMMANDS = {"ask": with_options(AskOptions)(ask)}
