"""`spark apply`: a patch in, the change on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from codexspark_tui.actions.edit import EditRequest, here
from codexspark_tui.actions.oneshot import Mode
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.actions.patch_provider import PatchProvider, breaks_off, named_alike, rewritten
from codexspark_tui.actions.rejects import keep
from codexspark_tui.cli import stdin
from codexspark_tui.cli.options import TurnOptions, argument, option, with_options
from codexspark_tui.cli.output import is_terminal, say
from codexspark_tui.cli.run import load_settings, run_request
from codexspark_tui.errors import UsageError
from codexspark_tui.session.placing.desk import Desk


@dataclass(frozen=True)
class ApplyOptions(TurnOptions):
    """`spark apply` only."""

    check: Annotated[
        bool, option("--check", help="Write nothing; exit 0 if the patch applies, 5 if not.")
    ] = False
    dry_run: Annotated[
        bool,
        option("--dry-run", "-n", help="Write nothing; print what would be written, as a patch."),
    ] = False
    reverse: Annotated[
        bool, option("--reverse", "-R", help="Take the patch back instead of applying it.")
    ] = False
    strip: Annotated[
        int | None,
        option("--strip", "-p", metavar="N", help="Leave N folders out of names, not a guess."),
    ] = None
    reject_file: Annotated[
        str,
        option(
            "--reject-file",
            metavar="FILE",
            help="With --partial: keep what has no place in FILE, as a patch to mend.",
        ),
    ] = ""


def apply(
    options: ApplyOptions,
    patch: Annotated[str, argument("PATCH", "The patch file; - or nothing reads stdin.")] = "-",
) -> int:
    """Write a patch to the working tree: all of it or nothing, unless --partial.

    Takes what models write, not only what git writes: prose and fences around the diff, wrong or
    missing line numbers and counts, other white space, lost signs, look-alike characters, "..." for
    lines that stay, missing or odd prefixes, *** Begin Patch, SEARCH/REPLACE, whole files in fences
    under their path, text escaped as HTML.
    A change that fits in several places, or in none, is never guessed; removed lines must be there.
    The paths in a patch are seen from the root of the repository.
    """
    _check_together(options)
    workspace = open_workspace(here(), no_git=options.no_git)
    config = load_settings(workspace, options)
    if options.reject_file and not config.is_on("partial"):
        raise UsageError(
            "--reject-file keeps what --partial leaves out",
            next_step="Add --partial; without it nothing is written unless everything fits.",
        )
    text = _patch_text(patch)
    strip, back = options.strip, options.reverse
    is_cut = breaks_off(text, Desk.of(workspace), reverse=back, strip=strip)
    if strip is None:
        text = named_alike(text, Desk.of(workspace))
    if back or strip is not None:
        text = rewritten(text, Desk.of(workspace), reverse=back, strip=strip)
    request = EditRequest("apply stdin" if patch == "-" else f"apply {patch}", of_patch=True)
    mode: Mode = "check" if options.check else "print" if options.dry_run else "write"
    provider = PatchProvider(text, is_cut)
    outcome = run_request(workspace, config, request, options, lambda *_: provider, mode)
    if options.reject_file and outcome.rejects:
        _keep_rejects(options.reject_file, outcome.rejects)
    return outcome.exit_code


def _check_together(options: ApplyOptions) -> None:
    """Options that contradict each other, or a number that is none."""
    for name, is_on in (("--check", options.check), ("--dry-run", options.dry_run)):
        if is_on and (options.interactive or options.reject_file):
            other = "--interactive" if options.interactive else "--reject-file"
            raise UsageError(f"{name} writes nothing, so {other} has nothing to do")
    if options.strip is not None and options.strip < 0:
        raise UsageError("--strip counts folders, so it cannot be less than 0")


def _keep_rejects(name: str, patch: str) -> None:
    try:
        keep(here() / name, patch)
    except OSError as error:
        raise UsageError(
            f"the rejects cannot be written to {name}: {error.strerror}",
            next_step="Name another file; what fitted has been written (spark log shows it).",
        ) from None
    say(f"spark: what has no place is kept in {name}; mend it and apply it again")


def _patch_text(patch: str) -> str:
    if patch != "-":
        return stdin.text_of(stdin.read_file(here() / patch, f"the patch {patch}"))
    if is_terminal(0):
        raise UsageError(
            "there is no patch", next_step="Name a file, or pipe one in: git diff | spark apply"
        )
    return stdin.text_of(stdin.read_all())


COMMANDS = {"apply": with_options(ApplyOptions)(apply)}
