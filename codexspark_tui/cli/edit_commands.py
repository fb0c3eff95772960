"""`spark edit`: a sentence in, a patch out."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from codexspark_tui.actions.edit import EditRequest, here, make_setup
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.actions.own_commands import expanded
from codexspark_tui.actions.paths import existing
from codexspark_tui.cli import stdin
from codexspark_tui.cli.options import (
    RunOptions,
    SourceOptions,
    argument,
    option,
    setting,
    with_options,
)
from codexspark_tui.cli.output import say
from codexspark_tui.cli.run import load_settings, run_request
from codexspark_tui.config import Config
from codexspark_tui.errors import UsageError
from codexspark_tui.setting_list import Value


@dataclass(frozen=True)
class EditOptions(SourceOptions, RunOptions):
    """`spark edit` only: where prompt, files and context come from."""

    prompt_file: Annotated[
        str | None,
        option("--prompt-file", metavar="FILE", help="Read the prompt from this file."),
    ] = None
    null: Annotated[
        bool, option("--null", "-0", help="Read file names from stdin, separated by NUL bytes.")
    ] = False
    stdin: Annotated[
        bool | None,
        setting(
            "--stdin/--no-stdin",
            help="Read stdin as context, whatever it is, or leave it alone (in a `while read` "
            "loop, say).",
        ),
    ] = None
    stdin_timeout: Annotated[
        float | None,
        setting("--stdin-timeout", metavar="S", help="Give up on stdin after so many seconds."),
    ] = None
    max_cost: Annotated[
        float | None,
        setting("--max-cost", metavar="USD", help="Stop when the answer costs more (exit 6)."),
    ] = None
    max_tokens: Annotated[
        int | None,
        setting("--max-tokens", metavar="N", help="Stop after so many tokens of answer (exit 6)."),
    ] = None
    timeout: Annotated[
        float | None,
        setting("--timeout", metavar="S", help="Stop when it streams longer (exit 6)."),
    ] = None

    def flags(self) -> dict[str, Value | None]:
        reading = None if self.stdin is None else "always" if self.stdin else "never"
        return super().flags() | {
            "stdin": reading,
            "stdin_timeout": self.stdin_timeout,
            **self.source_flags(),
            "max_cost": self.max_cost,
            "max_tokens": self.max_tokens,
            "timeout": self.timeout,
        }


def edit(
    options: EditOptions,
    prompt: Annotated[str | None, argument("PROMPT", "What to change; - reads it from stdin.")] = (
        None
    ),
    files: Annotated[list[str] | None, argument("FILES", "Files to look at or change.")] = None,
) -> int:
    """Change files as a sentence says, and print the change as a patch.

    Without --apply nothing is written: stdout gets a patch that `git apply` takes, stderr the rest.
    With -i in a terminal what is taken is written at once; where stdout is a pipe or a file, the
    part that was taken is printed instead.

    What is piped in beside a prompt is context and is read to its end. With no model chosen by
    --model the built-in codemods answer; `spark codemods` lists what they understand, `spark
    models` what can be connected.
    """
    folder = here()
    workspace = open_workspace(folder, no_git=options.no_git)
    config = load_settings(workspace, options)
    request = _request(workspace.root, folder, config, options, prompt, list(files or ()))
    text, origin = expanded(workspace, request.prompt)
    if origin and not options.quiet:
        say(f"spark: {request.prompt.split()[0]} stands for {origin}")
    request = replace(request, prompt=text, setup=make_setup(config, folder, workspace))
    return run_request(workspace, config, request, options).exit_code


def _request(
    root: Path,
    folder: Path,
    config: Config,
    options: EditOptions,
    prompt: str | None,
    files: list[str],
) -> EditRequest:
    timeout = config.number("stdin_timeout")
    if options.prompt_file is not None and prompt is not None:
        files, prompt = [prompt, *files], None
    source = _prompt_source(options, prompt)
    if source == "stdin" and options.null:
        raise UsageError(
            "stdin cannot hold both the prompt and the file names (-0)",
            next_step="Give the prompt as an argument or with --prompt-file.",
        )
    if source == "stdin":
        prompt = stdin.text_of(stdin.read_all(timeout))
    elif source == "file":
        prompt = _prompt_from(folder, str(options.prompt_file))
    if not (prompt or "").strip():
        raise UsageError("the prompt is empty", next_step='Say what to change: spark edit "…"')
    attached = ""
    if options.null:
        names = stdin.read_all(timeout).split(b"\0")
        files += [os.fsdecode(name) for name in names if name]
    chosen = existing(root, folder, files)
    if source != "stdin" and not options.null:
        attached = stdin.context_text(_reading(config.text("stdin")), timeout)
    return EditRequest(str(prompt).strip(), chosen, attached)


def _prompt_source(options: EditOptions, prompt: str | None) -> str:
    """Where the prompt is: "stdin", "file" or "argument"."""
    if prompt == "-" or options.prompt_file == "-":
        return "stdin"
    if options.prompt_file is not None:
        return "file"
    if prompt is None:
        raise UsageError(
            "there is no prompt", next_step='Say what to change: spark edit "…" [FILES…]'
        )
    return "argument"


def _reading(text: str) -> stdin.Reading:
    return "always" if text == "always" else "never" if text == "never" else "auto"


def _prompt_from(folder: Path, named: str) -> str:
    return stdin.text_of(stdin.read_file(folder / named, f"the prompt file {named}"))


COMMANDS = {"edit": with_options(EditOptions)(edit)}
