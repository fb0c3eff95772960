"""What happened to one file, step by step, through its renames. Reading only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from codexspark_tui.workspace.ledger import LATEST, Ledger
from codexspark_tui.workspace.rows import RECORD_COLUMNS
from codexspark_tui.workspace.steps import Step


def later_steps(ledger: Ledger, path: str, batch: int) -> list[Step]:
    """What was written to the file that was at `path` after `batch`, oldest first."""
    return [step for _, step in numbered_steps(ledger, path, batch)]


def numbered_steps(ledger: Ledger, path: str, batch: int) -> list[tuple[int, Step]]:
    """The same with the batch of each step.

    The file is followed through renames. One that was deleted is the same again only when the
    change that deleted it was turned round; what else came to its name is another file.
    """
    found: list[tuple[int, Step]] = []
    here, last = path, (batch, 1 << 30)
    first = step_at(ledger, path, batch)
    gone = first is not None and not first.after.exists
    culprits = _came_or_went(ledger, batch, path) if gone else set[int]()
    while True:
        next_one = _next_step(ledger, here, last)
        if next_one is None:
            return found
        last, step = next_one
        if culprits:
            if step.after.exists and culprits & _came_or_went(ledger, last[0], here):
                culprits = set()
                found.append((last[0], step))
            continue
        if step.source and step.source != here:
            return found
        found.append((last[0], step))
        here = step.path
        if not step.after.exists:
            culprits = _came_or_went(ledger, last[0], here)


def _next_step(
    ledger: Ledger, path: str, last: tuple[int, int]
) -> tuple[tuple[int, int], Step] | None:
    """The first step after `last` (batch, number) that begins or ends at `path`."""
    raw = os.fsencode(path)
    rows = ledger.db.rows(
        "SELECT step.batch, step.number FROM step JOIN batch ON batch.id = step.batch"
        " WHERE batch.tree = ? AND (step.path = ? OR step.source = ?)"
        " AND (step.batch, step.number) > (?, ?) ORDER BY step.batch, step.number LIMIT 1",
        (ledger.tree(), raw, raw, *last),
    )
    return (rows[0], ledger.steps(*rows[0])[0]) if rows else None


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
    raw = os.fsencode(path)
    rows = ledger.db.rows(
        "SELECT batch, number FROM step JOIN batch ON batch.id = batch"
        " WHERE batch.tree = ? AND (path = ? OR source = ?)",
        (ledger.tree(), raw, raw),
    )
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
