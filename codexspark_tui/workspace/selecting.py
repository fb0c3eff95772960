"""Which recorded changes a person means: "7", "7.2", "7:src/io.py", "src/io.py", or nothing at all.

True here: a selector without a turn means the newest turn in question. Reading only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from codexspark_tui.errors import UsageError
from codexspark_tui.patch.model import ResolvedRename
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.rows import Record
from codexspark_tui.workspace.turns import last_applied, last_undone

_FORM = re.compile(r"(?P<turn>\d{1,15})(?:\.(?P<change>\d{1,15})|:(?P<path>.+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Selector:
    """`turn` None: the newest in question; `change` None: all; `path` "": all files."""

    turn: int | None = None
    change: int | None = None
    path: str = ""


def parse(said: str) -> Selector:
    """Raises `UsageError` for what has no form of a selector; a path is relative to the root."""
    found = _FORM.fullmatch(said)
    if found is not None:
        change = found["change"]
        return Selector(int(found["turn"]), int(change) if change else None, found["path"] or "")
    if not said or "\0" in said or re.fullmatch(r"-?[\d.]+", said):
        raise UsageError(
            f"{said!r} names no turn or change",
            next_step="Give a turn as 7, a change as 7.2 or a file; spark log lists them.",
        )
    return Selector(path=said)


def selected(ledger: Ledger, said: str) -> list[Record]:
    """The changes that are named, applied or not. Raises `UsageError` where there is none."""
    wanted = parse(said)
    found: list[Record] = []
    if ledger.exists():
        turns = [wanted.turn] if wanted.turn is not None else turns_of(ledger, wanted.path)[:1]
        found = [record for turn in turns for record in _of_turn(ledger, wanted, turn)]
    if not found:
        raise no_such(said)
    return found


def to_turn(ledger: Ledger, said: str | None, *, applied: bool) -> list[Record]:
    """The changes that an undo (`applied`) or a redo is about; empty: there is nothing to do.

    Raises `UsageError` where the selector names nothing.
    """
    if said is None:
        if not applied:
            return last_undone(ledger)
        number = last_applied(ledger)
        return [] if number is None else to_turn(ledger, str(number), applied=True)
    wanted = parse(said)
    if wanted.turn is not None:
        return [r for r in selected(ledger, said) if r.entry.applied == applied]
    turns = turns_of(ledger, wanted.path)
    if not turns:
        raise no_such(said)
    of_file = (_of_turn(ledger, wanted, turn) for turn in turns)
    if applied:
        return next(filter(None, ([r for r in few if r.entry.applied] for few in of_file)), [])
    undone = [r for few in of_file for r in few if not r.entry.applied]
    newest = max((r.batch for r in undone), default=0)
    return [record for record in undone if record.batch == newest]


def turns_of(ledger: Ledger, path: str) -> list[int]:
    """The turns that changed the file that is or was at `path`, the newest first."""
    rows = ledger.db.rows(
        "SELECT DISTINCT turn.number FROM turn JOIN change ON change.turn = turn.id"
        " JOIN mark ON mark.change = change.id"
        " WHERE turn.tree = ?1 AND ?2 IN (mark.path, change.path, change.target)"
        " ORDER BY turn.number DESC",
        (ledger.tree(), os.fsencode(path)),
    )
    return [number for (number,) in rows]


def no_such(said: str) -> UsageError:
    wanted = parse(said)
    what = "change" if wanted.change is not None else "turn"
    if wanted.path:
        return UsageError(
            f"no change of {wanted.path!r} is recorded"
            + (f" in turn {wanted.turn}" if wanted.turn is not None else ""),
            next_step="spark log lists turns and their files.",
        )
    return UsageError(f"there is no {what} {said}", next_step="spark log lists them.")


def _of_turn(ledger: Ledger, wanted: Selector, turn: int) -> Sequence[Record]:
    records = ledger.changes(turn, wanted.change)
    return [r for r in records if not wanted.path or wanted.path in _names(r)]


def _names(record: Record) -> set[str]:
    resolved = record.entry.resolved
    to = {resolved.to} if isinstance(resolved, ResolvedRename) else set()
    return {record.path, resolved.path, *to}
