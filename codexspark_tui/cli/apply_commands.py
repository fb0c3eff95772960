"""`spark apply`: a patch in, the change on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from codexspark_tui.actions.edit import EditRequest, here
from codexspark_tui.actions.oneshot import Mode
from codexspark_tui.actions.patch_provider import PatchProvider
from codexspark_tui.cli import stdin
from codexspark_tui.cli.options import TurnOptions, argument, option, with_options
from codexspark_tui.cli.output import is_terminal
from codexspark_tui.cli.run import load_settings, run_request
from codexspark_tui.errors import UsageError
from codexspark_tui.workspace import Workspace


@dataclass(frozen=True)
class ApplyOptions(TurnOptions):
    """`spark apply` only."""

    check: Annotated[
        bool, option("--check", help="Write nothing; exit 0 if the patch applies, 5 if not.")
    ] = False


def apply(
    options: ApplyOptions,
    patch: Annotated[str, argument("PATCH", "The patch file; - or nothing reads stdin.")] = "-",
) -> int:
    """Write a patch to the working tree: all of it or nothing, unless --partial.

    Takes what models write, not only what git writes: prose and fences around the diff, wrong line
    numbers and counts, missing prefixes. A change that fits in several places, or in none, is never
    guessed. The paths in a patch are seen from the root of the repository.
    """
    if options.check and options.interactive:
        raise UsageError(
            "--check writes nothing, so there is nothing to decide with --interactive",
            next_step="Use one of the two.",
        )
    workspace = Workspace.open(here())
    config = load_settings(workspace, options)
    text = _patch_text(patch)
    request = EditRequest("apply stdin" if patch == "-" else f"apply {patch}", of_patch=True)
    mode: Mode = "check" if options.check else "write"
    return run_request(
        workspace, config, request, options, lambda *_: PatchProvider(text), mode
    ).exit_code


def _patch_text(patch: str) -> str:
    if patch != "-":
        return stdin.text_of(stdin.read_file(here() / patch, f"the patch {patch}"))
    if is_terminal(0):
        raise UsageError(
            "there is no patch", next_step="Name a file, or pipe one in: git diff | spark apply"
        )
    return stdin.text_of(stdin.read_all())


COMMANDS = {"apply": with_options(ApplyOptions)(apply)}
