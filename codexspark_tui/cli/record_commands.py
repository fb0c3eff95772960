"""`spark blame`, `commit`, `export`, `gc`: who made which line, turns as commits and patches."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Annotated

from codexspark_tui.actions.committing import Committed, commit_changes
from codexspark_tui.actions.edit import here
from codexspark_tui.actions.export import net_changes, patch_of
from codexspark_tui.actions.history import as_meant
from codexspark_tui.actions.paths import existing, within_root
from codexspark_tui.cli.history_commands import HistoryOptions, opened
from codexspark_tui.cli.json_face import write_done, write_line
from codexspark_tui.cli.options import argument, option, with_options
from codexspark_tui.cli.output import print_product, say
from codexspark_tui.counts import count
from codexspark_tui.errors import UsageError
from codexspark_tui.events.paths import path_text
from codexspark_tui.events.records import CommitMade, HistoryPruned, LineMade, PatchExported
from codexspark_tui.events.visible import visible_line
from codexspark_tui.workspace import BlameLine, TurnEntry, Workspace
from codexspark_tui.workspace.prune import Keep

Whats = Annotated[
    list[str] | None,
    argument("WHAT", "Turns (7), changes (7.2) or files; the last turn when left out."),
]


@dataclass(frozen=True)
class CommitOptions(HistoryOptions):
    message: Annotated[
        str, option("--message", "-m", metavar="TEXT", help="The message, not the prompt.")
    ] = ""
    trailer: Annotated[
        bool, option("--trailer", help="Add a line that says which model assisted.")
    ] = False


@dataclass(frozen=True)
class ExportOptions(HistoryOptions):
    patch: Annotated[
        bool, option("--patch", help="As a patch that git apply takes (the one form there is).")
    ] = True


@dataclass(frozen=True)
class GcOptions(HistoryOptions):
    keep_days: Annotated[
        float, option("--keep-days", min=0, metavar="N", help="Turns touched since then stay.")
    ] = 180
    keep_mb: Annotated[
        float, option("--keep-mb", min=0, metavar="N", help="The oldest go until it is so small.")
    ] = 200
    dry_run: Annotated[bool, option("--dry-run", help="Only say how many turns would go.")] = False


def blame(
    options: HistoryOptions,
    file: Annotated[str, argument("FILE", "A file, or FILE:LINE, or FILE:FIRST-LAST.")],
) -> int:
    """Say which prompt, model and change made each line of a file.

    Lines are followed through everything that was written since, by spark or by others.
    """
    with opened(options) as workspace:
        path, first, last = _lines(workspace, file)
        if (workspace.root / path).is_dir():
            raise UsageError(f"{path_text(path)} is a folder", next_step="Name a file in it.")
        lines = [x for x in workspace.blame(path) if first <= x.number <= last]
        if not lines and first > 1:
            raise UsageError(f"{path_text(path)} has no line {first}")
        numbers = {int(line.selector.split(".")[0]) for line in lines if line.selector}
        turns = {t.number: t for t in workspace.log(1_000_000) if t.number in numbers}
        authors = {e.selector: e.author for n in turns for e in workspace.show(str(n))}
    for line in lines:
        turn = turns.get(int(line.selector.split(".")[0])) if line.selector else None
        if turn is not None:
            turn = replace(turn, model=authors.get(line.selector) or turn.model)
        if options.as_json:
            write_line(_line_record(line, turn))
        else:
            print_product(_blame_line(line, turn))
    if options.as_json:
        write_done(files=(path_text(path),))
    return 0


def _lines(workspace: Workspace, file: str) -> tuple[str, int, int]:
    """Path and range of lines; a file whose own name ends like a range is taken as it is."""
    found = re.fullmatch(r"(.+):(\d{1,9})(?:-(\d{1,9}))?", file, re.DOTALL)
    if found is None or (workspace.root / within_root(workspace.root, here(), file)).exists():
        return existing(workspace.root, here(), [file])[0], 1, 1 << 60
    first = int(found[2])
    return existing(workspace.root, here(), [found[1]])[0], first, int(found[3] or first)


def _blame_line(line: BlameLine, turn: TurnEntry | None) -> str:
    who = ""
    if turn is not None:
        prompt = " ".join(turn.prompt.split())
        who = visible_line(f"{turn.model or turn.provider}: {prompt}")
    return f"{line.selector:>7} {_cut(who, 40):40} {line.number:>5}  {line.text}\n"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _line_record(line: BlameLine, turn: TurnEntry | None) -> LineMade:
    text = line.text.encode("utf-8", "replace").decode()
    if turn is None:
        return LineMade(line.number, text)
    return LineMade(
        line.number, text, line.selector, turn.prompt, turn.provider, turn.model, turn.at
    )


def commit(options: CommitOptions, whats: Whats = None) -> int:
    """Commit to git exactly what a turn wrote, and nothing else.

    Your working tree is not touched. HEAD moves to the new commit. In your staging index only the
    files of the commit follow it, and what else you had staged in them stays staged; where both
    stand in the same lines, nothing is done (exit 5). The message is the prompt. No hook is run and
    nothing is signed.
    """
    with opened(options) as workspace:
        chosen = [str(as_meant(workspace, here(), what)) for what in whats or ()]
        made = commit_changes(workspace, chosen, options.message, trailer=options.trailer)
    if options.as_json:
        if made is not None:
            write_line(_commit_record(made))
        write_done(*((0, "done") if made else (1, "nothing")))
    elif made is not None:
        print_product(f"{made.commit}\n")
        say(
            f"spark: committed {len(made.files)} file{'s' * (len(made.files) != 1)}: {made.subject}"
        )
    if made is None:
        say("spark: HEAD has all of it already")
    return 0 if made else 1


def _commit_record(made: Committed) -> CommitMade:
    files = tuple(path_text(path) for path in made.files)
    return CommitMade(made.commit, made.subject, made.turns, files)


def export(options: ExportOptions, whats: Whats = None) -> int:
    """Print what turns, changes or files come to, as one patch that git apply takes.

    Several changes of one place come out as one; what others wrote in between is left out.
    """
    with opened(options) as workspace:
        chosen = [str(as_meant(workspace, here(), what)) for what in whats or ()]
        net = net_changes(workspace, chosen)
        patch = patch_of(net)
    if options.as_json:
        text = patch.encode("utf-8", "replace").decode()
        write_line(PatchExported(net.turns, text))
        write_done(files=tuple(path_text(file.path) for file in net.files))
    else:
        print_product(patch)
    return 0


def gc(options: GcOptions) -> int:
    """Forget the oldest turns of this repository, by age and by size.

    What they wrote stays written; it can no longer be undone or blamed. The newest turn always
    stays. Nothing is ever forgotten by itself.
    """
    keep = Keep(options.keep_days * 86_400, int(options.keep_mb * 1_000_000), options.dry_run)
    with opened(options) as workspace:
        pruned = workspace.prune(keep)
    if options.as_json:
        write_line(HistoryPruned(pruned.turns, pruned.bytes_before, pruned.bytes_after))
        write_done(*((0, "done") if pruned.turns else (1, "nothing")))
    elif options.dry_run:
        say(f"spark: {count(pruned.turns, 'turn')} would be forgotten")
    else:
        sizes = f"{pruned.bytes_before >> 10} KB before, {pruned.bytes_after >> 10} KB now"
        say(f"spark: {count(pruned.turns, 'turn')} forgotten; the ledger: {sizes}")
    return 0 if pruned.turns else 1


COMMANDS = {
    "gc": with_options(GcOptions)(gc),
    "blame": with_options(HistoryOptions)(blame),
    "commit": with_options(CommitOptions)(commit),
    "export": with_options(ExportOptions)(export),
}
