"""`spark undo`, `redo`, `log`, `show`: the ledger on the command line."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from codexspark_tui.actions.edit import here
from codexspark_tui.actions.history import Turning, turn_back
from codexspark_tui.cli.app import shown_names
from codexspark_tui.cli.options import option, setting, with_options
from codexspark_tui.cli.output import (
    ColorChoice,
    colored_patch,
    print_product,
    say,
    uses_color,
    write_product,
)
from codexspark_tui.errors import NotPlaced
from codexspark_tui.events.paths import path_text
from codexspark_tui.patch import render
from codexspark_tui.workspace import ChangeEntry, TurnEntry, UndoReport, Workspace

What = Annotated[
    str | None,
    typer.Argument(help="A turn (7) or one change of it (7.2); the last one when left out."),
]


@dataclass(frozen=True)
class HistoryOptions:
    as_json: Annotated[bool, option("--json", help="Print JSON Lines.")] = False


@dataclass(frozen=True)
class UndoOptions(HistoryOptions):
    partial: Annotated[
        bool, option("--partial", help="Do what can be done safely and leave the rest.")
    ] = False


@dataclass(frozen=True)
class ShowOptions(HistoryOptions):
    color: Annotated[ColorChoice, setting("--color", help="Colour: auto, always or never.")] = (
        "auto"
    )


def register(app: typer.Typer, names: Sequence[str]) -> None:
    own = {
        "undo": with_options(UndoOptions)(undo),
        "redo": with_options(UndoOptions)(redo),
        "log": with_options(HistoryOptions)(log),
        "show": with_options(ShowOptions)(show),
    }
    for name in shown_names(names, list(own)):
        app.command(name)(own[name])


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
    report = turn_back(Workspace.open(here()), verb, what, partial=options.partial)
    if options.as_json:
        _print_json(_report_json(verb, report))
    elif report.conflicts:
        print_product("".join(conflict.patch for conflict in report.conflicts))
    for entry in report.undone:
        if not options.as_json:
            say(f"spark: {'undone' if verb == 'undo' else 'redone'}: {entry.selector} {entry.path}")
    if report.conflicts:
        lines = [f"  {c.change} {c.path}: {c.why}" for c in report.conflicts]
        raise NotPlaced(
            f"{len(report.conflicts)} changes cannot be taken {_WAY[verb]} safely"
            + ("" if report.undone else ", so nothing was written"),
            detail="\n".join(lines),
            next_step="The patch on stdout is what would have to be done by hand; "
            "--partial does the rest.",
        )
    if report.nothing_to_do:
        say(f"spark: there is nothing to {verb}")
        return 1
    return 0


_WAY: dict[Turning, str] = {"undo": "back", "redo": "on"}


def log(
    options: HistoryOptions,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many turns.")] = 20,
) -> int:
    """The turns that wrote something, the newest first."""
    workspace = Workspace.open(here())
    turns = workspace.log(limit)
    if options.as_json:
        for turn in turns:
            _print_json(_turn_json(turn))
    else:
        print_product("".join(_turn_line(turn) for turn in turns))
    if not turns:
        say("spark: nothing was written here yet")
    return 0


def show(
    options: ShowOptions,
    what: Annotated[str, typer.Argument(help="A turn (7) or one change of it (7.2).")],
) -> int:
    """What a turn or a change wrote, as a patch."""
    entries = Workspace.open(here()).show(what)
    if options.as_json:
        for entry in entries:
            _print_json(_change_json(entry))
        return 0
    patch = "".join(_shown(entry) for entry in entries)
    if uses_color(1, options.color):
        write_product(colored_patch(patch, True).encode("utf-8", "surrogateescape"))
    else:
        print_product(patch)
    return 0


def _shown(entry: ChangeEntry) -> str:
    state = "" if entry.applied else " (undone)"
    return f"# {entry.selector}{state}\n" + render([entry.resolved])


def _turn_line(turn: TurnEntry) -> str:
    when = datetime.datetime.fromtimestamp(turn.at).strftime("%Y-%m-%d %H:%M")
    files = turn.files[0] if len(turn.files) == 1 else f"{len(turn.files)} files"
    undone = turn.changes - turn.applied
    state = "" if not undone else " (undone)" if not turn.applied else f" ({undone} undone)"
    prompt = turn.prompt.split("\n", 1)[0]
    return f"{turn.number:>4}  {when}  {turn.changes} in {files}{state}  {prompt}\n"


def _turn_json(turn: TurnEntry) -> dict[str, Any]:
    return {
        "type": "turn",
        "turn": turn.number,
        "at": turn.at,
        "prompt": turn.prompt,
        "provider": turn.provider,
        "model": turn.model,
        "changes": turn.changes,
        "applied": turn.applied,
        "files": [path_text(path) for path in turn.files],
    }


def _change_json(entry: ChangeEntry) -> dict[str, Any]:
    return {
        "type": "change",
        "entry": entry.selector,
        "turn": entry.turn,
        "path": path_text(entry.path),
        "kind": entry.resolved.kind,
        "applied": entry.applied,
        "patch": render([entry.resolved]),
    }


def _report_json(verb: Turning, report: UndoReport) -> dict[str, Any]:
    code = 5 if report.conflicts else 1 if report.nothing_to_do else 0
    return {
        "type": "result",
        "verb": verb,
        "exit_code": code,
        "status": "failed" if code == 5 else "nothing" if code else "done",
        "changes": [_change_json(entry) for entry in report.undone],
        "files": [path_text(file.path) for file in report.files],
        "conflicts": [
            {"entry": c.change, "path": path_text(c.path), "why": c.why, "patch": c.patch}
            for c in report.conflicts
        ],
    }


def _print_json(value: dict[str, Any]) -> None:
    write_product((json.dumps(value, ensure_ascii=True) + "\n").encode())
