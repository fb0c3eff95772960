"""What happened to one file, step by step, through its renames. Reading only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from codexspark_tui.workspace.ledger import LATEST, Ledger
from codexspark_tui.workspace.rows import RECORD_COLUMNS
from codexspark_tui.workspace.steps import Side, Step

# one search by index for each column: a search by any of them would read every row
_COLUMNS = ("path = ?2", "source = ?2 AND source <> x''", "origin = ?2 AND origin <> x''")
_IN_TREE = "FROM step JOIN batch ON batch.id = step.batch WHERE batch.tree = ?1"
_FIRST = " UNION ALL ".join(
    f"SELECT * FROM (SELECT step.batch {_IN_TREE} AND {column} AND step.batch > ?3"
    " ORDER BY step.batch LIMIT 1)"
    for column in _COLUMNS
)
_ALL = " UNION ".join(
    f"SELECT step.batch, step.number {_IN_TREE} AND {column}" for column in _COLUMNS
)


def later_steps(ledger: Ledger, path: str, batch: int) -> list[Step]:
    """What was written to the file that was at `path` after `batch`, oldest first."""
    return [step for _, step in numbered_steps(ledger, path, batch)]


def numbered_steps(ledger: Ledger, path: str, batch: int) -> list[tuple[int, Step]]:
    """The same with the batch of each step.

    The file is followed through renames. One that was deleted is the same again only when the
    change that deleted it was turned round; what else came to its name is another file.
    """
    found: list[tuple[int, Step]] = []
    here, last = path, batch
    first = step_at(ledger, path, batch)
    gone = first is not None and not first.after.exists
    culprits = _came_or_went(ledger, batch, path) if gone else set[int]()
    while True:
        next_one = _next_steps(ledger, here, last)
        if next_one is None:
            return found
        last, steps = next_one
        if culprits:
            step = _came(steps, here)
            if step is not None and culprits & _came_or_went(ledger, last, here):
                culprits = set()
                found.append((last, step))
            continue
        step = _went_on(steps, here)
        if step is None:
            return found
        found.append((last, step))
        here = step.path
        if not step.after.exists:
            culprits = _came_or_went(ledger, last, here)


def _next_steps(ledger: Ledger, path: str, last: int) -> tuple[int, list[Step]] | None:
    """The first batch after `last` that did something at `path`, and its steps there."""
    raw = os.fsencode(path)
    first = min(ledger.db.rows(_FIRST, (ledger.tree(), raw, last)), default=None)
    if first is None:
        return None
    rows = ledger.db.rows(
        "SELECT number FROM step WHERE batch = ?1 AND ?2 IN (path, source, origin)",
        (first[0], raw),
    )
    return first[0], [ledger.steps(first[0], number)[0] for (number,) in rows]


def _went_on(steps: Sequence[Step], here: str) -> Step | None:
    """What became of the file that was at `here`; None where it had left that name before."""
    own = next((step for step in steps if step.path == here), None)
    for step in steps:
        if step.source == here:
            return step
        if step.origin == here and own is not None:
            return replace(step, before=own.before, deltas=step.via, source=here)
    if own is None or own.source:
        return None
    return own if own.origin is None else replace(own, after=Side(""), deltas=())


def _came(steps: Sequence[Step], here: str) -> Step | None:
    """The step that brought a file to `here`."""
    own = next((step for step in steps if step.path == here and step.after.exists), None)
    return own if own is None or own.origin is None else replace(own, before=Side(""), deltas=())


def _came_or_went(ledger: Ledger, batch: int, path: str) -> set[int]:
    """The changes of a batch that made or removed the file at `path`."""
    rows = ledger.db.rows(
        "SELECT change FROM mark JOIN change ON change.id = mark.change"
        " WHERE batch = ? AND mark.path = ? AND kind IN ('create', 'delete', 'rename')",
        (batch, os.fsencode(path)),
    )
    return {row[0] for row in rows}


def step_at(ledger: Ledger, path: str, batch: int) -> Step | None:
    """What `batch` did to the file that is at `path` after it."""
    query = "SELECT number FROM step WHERE batch = ? AND path = ?"
    number = ledger.db.value(query, (batch, os.fsencode(path)))
    return None if number is None else ledger.steps(batch, number)[0]


def steps_at(ledger: Ledger, path: str) -> list[tuple[tuple[int, int], Step]]:
    """Every step that begins or ends at `path`, by batch and number."""
    rows = ledger.db.rows(_ALL, (ledger.tree(), os.fsencode(path)))
    return [(key, ledger.steps(*key)[0]) for key in rows]


def creations(ledger: Ledger, paths: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """The rows of changes that made a file at one of these paths."""
    marks = ", ".join("?" * len(paths))
    query = f"SELECT {RECORD_COLUMNS} {LATEST} AND change.kind = 'create'"
    return ledger.db.rows(f"{query} AND change.path IN ({marks})", (ledger.tree(), *paths))


def marked(ledger: Ledger, batch: int) -> list[tuple[int, str]]:
    """The ids of the changes that the batch wrote, and where their files were after it."""
    rows = ledger.db.rows("SELECT change, path FROM mark WHERE batch = ?", (batch,))
    return [(change, os.fsdecode(path)) for change, path in rows]
