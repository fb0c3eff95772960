"""Undo, redo and what the ledger tells, outside a session."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui.actions.paths import within_root
from codexspark_tui.actions.shielded import shielded
from codexspark_tui.errors import PathRefused, UsageError
from codexspark_tui.events.paths import path_text
from codexspark_tui.workspace import ChangeEntry, Declined, UndoReport, Workspace

Turning: TypeAlias = Literal["undo", "redo"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a turn or a file is about: what was written, and what was proposed and was not."""

    entries: tuple[ChangeEntry, ...] = ()
    declined: tuple[Declined, ...] = ()


def as_meant(workspace: Workspace, folder: Path, what: str | None) -> str | None:
    """A selector whose path, if it has one, is seen from `folder`, as the workspace takes it."""
    if what is None or re.fullmatch(r"-?[\d.]*", what):
        return what
    turn, colon, path = what.partition(":")
    if colon and turn.isdecimal() and path:
        return _through_link(workspace, f"{turn}:", within_root(workspace.root, folder, path))
    return _through_link(workspace, "", within_root(workspace.root, folder, what))


def _through_link(workspace: Workspace, turn: str, path: str) -> str:
    """A link stands for the file that it leads to, unless a change of the link is recorded."""
    if not (workspace.root / path).is_symlink():
        return turn + path
    try:
        workspace.show(turn + path)
    except UsageError:
        with suppress(PathRefused):
            return turn + (workspace.read(path).real or path)
    return turn + path


def shown(workspace: Workspace, what: str | None) -> Shown:
    """What the selector names; without one the newest turn."""
    if what is None:
        newest = workspace.log(1)
        if not newest:
            return Shown()
        what = str(newest[0].number)
    declined = workspace.declined(int(what)) if what.isdecimal() else ()
    try:
        return Shown(tuple(workspace.show(what)), declined)
    except UsageError:
        if not declined:
            raise
        return Shown((), declined)


def turn_back(
    workspace: Workspace, verb: Turning, what: str | None, *, partial: bool = False
) -> UndoReport:
    """Undo or redo; a write that has begun is finished even when Ctrl-C comes."""
    act = workspace.undo if verb == "undo" else workspace.redo
    try:
        return shielded(lambda: act(what, partial=partial))
    finally:
        workspace.close()


def turned(workspace: Workspace, verb: Turning, what: str | None) -> str:
    """Undo or redo in a workspace that stays open, and what came of it, as lines."""
    act = workspace.undo if verb == "undo" else workspace.redo
    report = shielded(lambda: act(what))
    lines = [f"{verb}: {done.selector} in {path_text(done.path)}" for done in report.undone]
    lines += [f"{path_text(c.path)} cannot be taken back safely: {c.why}" for c in report.conflicts]
    return "".join(f"{line}\n" for line in lines) or f"There is nothing to {verb}.\n"
