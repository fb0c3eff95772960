"""`spark undo`, `redo`, `log`, `show`: the ledger on the command line."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from codexspark_tui.actions.edit import here
from codexspark_tui.actions.history import Shown, Turning, as_meant, shown, turn_back
from codexspark_tui.actions.opening import open_workspace
from codexspark_tui.cli.json_face import write_done, write_error_result, write_line
from codexspark_tui.cli.options import AsJson, NoGit, argument, option, setting, with_options
from codexspark_tui.cli.output import (
    ColorChoice,
    colored_patch,
    print_product,
    say,
    uses_color,
    write_product,
)
from codexspark_tui.counts import count
from codexspark_tui.errors import NotPlaced
from codexspark_tui.events import facts
from codexspark_tui.events.paths import path_text
from codexspark_tui.events.records import DeclinedChange, LedgerChange, LedgerTurn
from codexspark_tui.events.visible import visible_line
from codexspark_tui.patch import render
from codexspark_tui.workspace import (
    ChangeEntry,
    Declined,
    TurnEntry,
    UndoReport,
    Workspace,
    oddities,
)

What = Annotated[
    str | None,
    argument(
        "WHAT", "A turn (7), a change (7.2), a file (src/io.py), both (7:src/io.py); else the last."
    ),
]
NOTHING = "spark: nothing was written here yet"


@dataclass(frozen=True)
class HistoryOptions:
    as_json: AsJson = False
    no_git: NoGit = False


@dataclass(frozen=True)
class UndoOptions(HistoryOptions):
    partial: Annotated[
        bool, option("--partial", help="Do what can be done safely and leave the rest.")
    ] = False


@dataclass(frozen=True)
class ShowOptions(HistoryOptions):
    color: Annotated[
        ColorChoice, setting("--color", metavar="WHEN", help="Colour: auto, always or never.")
    ] = "auto"


@contextmanager
def opened(options: HistoryOptions) -> Iterator[Workspace]:
    """The workspace here; what an interrupted write had left is settled and told first."""
    with closing(open_workspace(here(), no_git=options.no_git)) as workspace:
        for sentence in (workspace.other_ledger, *workspace.recover()):
            if sentence:
                say(f"spark: {sentence}")
        yield workspace


def undo(options: UndoOptions, what: What = None) -> int:
    """Take back what was written: a turn or one change, in any order, at any time.

    HEAD, the staging index and files that spark did not change are never touched. Where a file has
    moved on and a change cannot be taken back safely, the patch that would do it is printed and
    nothing is written (exit 5).
    """
    return _turned("undo", what, options)


def redo(options: UndoOptions, what: What = None) -> int:
    """Write again what was undone: a turn, one change, or what the last undo took back."""
    return _turned("redo", what, options)


def _turned(verb: Turning, what: str | None, options: UndoOptions) -> int:
    with opened(options) as workspace:
        chosen = as_meant(workspace, here(), what)
        report = turn_back(workspace, verb, chosen, partial=options.partial)
    conflict = _conflict(verb, report) if report.conflicts else None
    if options.as_json:
        _write_report(verb, report, conflict)
    else:
        print_product("".join(conflict.patch for conflict in report.conflicts))
        for entry in report.undone:
            say(f"spark: {_DONE[verb]}: {entry.selector} {visible_line(entry.path)}")
    for sentence in oddities(report):
        say(f"spark: {sentence}")
    if conflict is not None:
        raise conflict
    if report.nothing_to_do:
        say(f"spark: there is nothing to {verb}")
        return 1
    return 0


_DONE: dict[Turning, str] = {"undo": "undone", "redo": "redone"}
_WAY: dict[Turning, str] = {"undo": "back", "redo": "on"}


def _conflict(verb: Turning, report: UndoReport) -> NotPlaced:
    many = len(report.conflicts)
    return NotPlaced(
        f"{count(many, 'change')} cannot be taken {_WAY[verb]} safely"
        + ("" if report.undone else ", so nothing was written"),
        detail="\n".join(f"  {c.change} {visible_line(c.path)}: {c.why}" for c in report.conflicts),
        next_step="The patch on stdout is what would have to be done by hand"
        + ("." if report.undone else "; --partial does the rest."),
    )


def _write_report(verb: Turning, report: UndoReport, conflict: NotPlaced | None) -> None:
    state: facts.State = "undone" if verb == "undo" else "written"
    for entry in report.undone:
        write_line(facts.ChangeUndone(entry.selector, path_text(entry.path), state))
    for left in report.conflicts:
        write_line(facts.UndoConflict(left.change, path_text(left.path), left.why, left.patch))
    for file in report.files:
        write_line(facts.FileWritten(path_text(file.path), file.deleted))
    if conflict is not None:
        write_error_result(conflict)
    elif report.nothing_to_do:
        write_done(1, "nothing")
    else:
        write_done(files=tuple(path_text(file.path) for file in report.files))


def log(
    options: HistoryOptions,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, metavar="N", help="How many turns at most.")
    ] = 20,
) -> int:
    """The turns that wrote something or were decided on, the newest first.

    Under a turn: what was rejected, kept back by a guard or could not be placed, and why.
    """
    with opened(options) as workspace:
        turns = workspace.log(limit)
    if options.as_json:
        for turn in turns:
            write_line(_turn_record(turn))
        write_done()
    else:
        print_product("".join(_turn_line(turn) for turn in turns))
    if not turns:
        say(NOTHING)
    return 0


def show(options: ShowOptions, what: What = None) -> int:
    """What a turn, a change or a turn's part in a file wrote, as a patch.

    What was proposed and not written follows in lines that begin with "#", which git apply passes
    over.
    """
    with opened(options) as workspace:
        found = shown(workspace, as_meant(workspace, here(), what))
    nothing = not (found.entries or found.declined)
    if options.as_json:
        for entry in found.entries:
            write_line(_change_record(entry))
        for declined in found.declined:
            write_line(_declined_record(declined))
        write_done(*((1, "nothing") if nothing else (0, "done")))
    else:
        _print_changes(found, options.color)
    if nothing:
        say(NOTHING)
        return 1
    return 0


def _print_changes(found: Shown, color: ColorChoice) -> None:
    patch = "".join(map(_shown, found.entries)) + "".join(map(_shown_declined, found.declined))
    if uses_color(1, color):
        write_product(colored_patch(patch).encode("utf-8", "surrogateescape"))
    else:
        print_product(patch)


def _shown(entry: ChangeEntry) -> str:
    state = "" if entry.applied else " (undone)"
    by = f" by {entry.author}" if entry.author else ""
    return visible_line(f"# {entry.selector}{state}{by}") + "\n" + render([entry.resolved])


def _shown_declined(declined: Declined) -> str:
    lines = [_declined_line(declined), *declined.patch.splitlines()]
    return "".join(f"# {line}\n" for line in lines)


def _declined_line(declined: Declined) -> str:
    why = " ".join(declined.why.split())
    how = "kept back" if declined.state == "kept_back" else declined.state
    return f"{how} {path_text(declined.path)}" + (f": {why}" if why else "")


def _turn_line(turn: TurnEntry) -> str:
    when = datetime.datetime.fromtimestamp(turn.at).strftime("%Y-%m-%d %H:%M")
    files = path_text(turn.files[0]) if len(turn.files) == 1 else f"{len(turn.files)} files"
    undone = turn.changes - turn.applied
    state = "" if not undone else " (undone)" if not turn.applied else f" ({undone} undone)"
    prompt = (turn.prompt.splitlines() or [""])[0]
    changes = f"{turn.changes} in {files}" if turn.changes else "nothing written"
    by = f"  [{', '.join(turn.authors)}]"
    lines = [f"{turn.number:>4}  {when}  {changes}{state}  {prompt}{by}"]
    lines += [f"        {_declined_line(declined)}" for declined in turn.declined]
    return "".join(f"{line}\n" for line in lines)


def _turn_record(turn: TurnEntry) -> LedgerTurn:
    return LedgerTurn(
        turn.number,
        turn.at,
        turn.prompt,
        turn.provider,
        turn.model,
        turn.changes,
        turn.applied,
        tuple(path_text(path) for path in turn.files),
        tuple(_declined_record(declined) for declined in turn.declined),
        turn.authors,
    )


def _declined_record(declined: Declined) -> DeclinedChange:
    path = path_text(declined.path)
    return DeclinedChange(path, declined.state, declined.why, declined.patch)


def _change_record(entry: ChangeEntry) -> LedgerChange:
    return LedgerChange(
        entry.selector,
        entry.turn,
        path_text(entry.path),
        entry.resolved.kind,
        entry.applied,
        render([entry.resolved]),
        entry.author,
    )


COMMANDS = {
    "undo": with_options(UndoOptions)(undo),
    "redo": with_options(UndoOptions)(redo),
    "log": with_options(HistoryOptions)(log),
    "show": with_options(ShowOptions)(show),
}
