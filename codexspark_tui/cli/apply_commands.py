"""`spark apply`: a patch in, the change on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from codexspark_tui.actions.edit import EditRequest, here
from codexspark_tui.actions.patch_provider import PatchProvider
from codexspark_tui.cli import stdin
from codexspark_tui.cli.options import RunOptions, option, with_options
from codexspark_tui.cli.output import is_terminal
from codexspark_tui.cli.run import load_settings, run_request
from codexspark_tui.errors import UsageError
from codexspark_tui.workspace import Workspace


@dataclass(frozen=True)
class ApplyOptions(RunOptions):
    check: Annotated[
        bool, option("--check", help="Write nothing; exit 0 if the patch applies, 5 if not.")
    ] = False


def register(app: typer.Typer, names: Sequence[str]) -> None:
    app.command("apply")(with_options(ApplyOptions)(apply))


def apply(
    options: ApplyOptions,
    patch: Annotated[str, typer.Argument(help="The patch file; - or nothing reads stdin.")] = "-",
) -> int:
    """Write a patch to the working tree: all of it or nothing, unless --partial.

    Takes what models write, not only what git writes: prose and fences around the diff, wrong line
    numbers and counts, missing prefixes. A change that fits in several places, or in none, is never
    guessed.
    """
    workspace = Workspace.open(here())
    config = load_settings(workspace, options)
    text = _patch_text(patch)
    name = "stdin" if patch == "-" else patch
    request = EditRequest(f"apply {name}")
    mode = "check" if options.check else "write"
    return run_request(
        workspace, config, request, options, lambda *_: PatchProvider(text), mode
    ).exit_code


def _patch_text(patch: str) -> str:
    if patch == "-":
        if is_terminal(0):
            raise UsageError(
                "there is no patch", next_step="Name a file, or pipe one in: git diff | spark apply"
            )
        return stdin.text_of(stdin.read_all())
    try:
        return stdin.text_of((here() / patch).read_bytes())
    except OSError as error:
        raise UsageError(f"the patch {patch} cannot be read: {error.strerror}") from error
