"""`spark edit`: a sentence in, a patch out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from codexspark_tui import config as settings
from codexspark_tui.actions.edit import EditRequest, here
from codexspark_tui.actions.paths import existing
from codexspark_tui.cli import stdin
from codexspark_tui.cli.options import RunOptions, option, setting, with_options
from codexspark_tui.cli.run import run_request
from codexspark_tui.config import Config, Value
from codexspark_tui.errors import UsageError
from codexspark_tui.workspace import Workspace


@dataclass(frozen=True)
class EditOptions(RunOptions):
    """`spark edit` only: where prompt, files and context come from."""

    prompt_file: Annotated[
        str | None, option("--prompt-file", help="Read the prompt from this file.")
    ] = None
    null: Annotated[
        bool, option("--null", "-0", help="Read file names from stdin, separated by NUL bytes.")
    ] = False
    stdin: Annotated[
        bool | None,
        setting("--stdin/--no-stdin", help="Read piped data as context, or do not."),
    ] = None
    stdin_timeout: Annotated[
        float | None, setting("--stdin-timeout", help="Give up on stdin after so many seconds.")
    ] = None
    provider: Annotated[str | None, setting("--provider", help="Where the answer comes from.")] = (
        None
    )
    script: Annotated[
        str | None, setting("--script", help="The script of the provider named script.")
    ] = None

    def flags(self) -> dict[str, Value | None]:
        reading = None if self.stdin is None else "always" if self.stdin else "never"
        return super().flags() | {
            "stdin": reading,
            "stdin_timeout": self.stdin_timeout,
            "provider": self.provider,
            "script": self.script,
        }


def register(app: typer.Typer, names: Sequence[str]) -> None:
    app.command("edit", no_args_is_help=False)(with_options(EditOptions)(edit))


def edit(
    options: EditOptions,
    prompt: Annotated[
        str | None, typer.Argument(help="What to change; - reads it from stdin.")
    ] = None,
    files: Annotated[list[str] | None, typer.Argument(help="Files to look at or change.")] = None,
) -> int:
    """Change files as a sentence says, and print the change as a patch.

    Without --apply nothing is written: stdout gets a patch that `git apply` takes, stderr the rest.
    Piped data beside a prompt is context. With no model connected the built-in codemods answer;
    `spark codemods` lists what they understand.
    """
    folder = here()
    workspace = Workspace.open(folder)
    config = settings.load(workspace.root, options.flags())
    request = _request(workspace.root, folder, config, options, prompt, list(files or ()))
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
    attached = ""
    if options.prompt_file is not None:
        files = ([prompt] if prompt is not None else []) + files
        prompt = _prompt_from(folder / options.prompt_file)
    elif prompt == "-":
        if options.null:
            raise UsageError("stdin cannot hold both the prompt (-) and the file names (-0)")
        prompt = stdin.text_of(stdin.read_all(timeout))
    elif not options.null:
        if prompt is None:
            raise UsageError(
                "there is no prompt", next_step='Say what to change: spark edit "…" [FILES…]'
            )
        reading = config.text("stdin")
        attached = stdin.context_text(_reading(reading), timeout)
    if options.null:
        names = stdin.read_all(timeout).split(b"\0")
        files += [os.fsdecode(name) for name in names if name]
    if not (prompt or "").strip():
        raise UsageError("the prompt is empty", next_step='Say what to change: spark edit "…"')
    return EditRequest(str(prompt).strip(), existing(root, folder, files), attached)


def _reading(text: str) -> stdin.Reading:
    return "always" if text == "always" else "never" if text == "never" else "auto"


def _prompt_from(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise UsageError(f"the prompt file {path} cannot be read: {error.strerror}") from error
