"""Forgetting the oldest turns, by age and by size, when the person asks for it.

True here: whole turns go, the oldest of a worktree first, and its newest one always stays. What is
needed to follow the changes that stay through later writes stays with them. The files are not
touched. A worktree that git has removed leaves nothing behind.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.workspace.ledger import Ledger

_ROUNDS = 5
_SOME_AIR = 0.9


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was forgotten (or with `dry_run` would be): turns, and the ledger's bytes."""

    turns: int
    bytes_before: int
    bytes_after: int


@dataclass(frozen=True, slots=True)
class _Old:
    """A turn; `at` is when it, or one before it, was last written, undone or redone."""

    row: int
    tree: int
    at: float
    weight: int


@dataclass(frozen=True, slots=True)
class Keep:
    """What stays: turns that somebody touched in so many seconds, so many bytes of them. A dry run
    forgets nothing."""

    seconds: float
    bytes: int
    dry_run: bool = False


def prune(ledger: Ledger, keep: Keep, common_dir: Path | None) -> Pruned:
    """With the lock held. `common_dir` is git's, in which the worktrees have their folders."""
    before = ledger.db.bytes()
    gone, after = 0, before
    for number in range(_ROUNDS):
        old_before = time.time() - keep.seconds if number == 0 else 0.0
        chosen = _chosen(_turns(ledger, common_dir), old_before, after, keep.bytes)
        gone += len(chosen)
        if keep.dry_run or not chosen:
            break
        _forget(ledger, chosen)
        ledger.db.shrink()
        after = ledger.db.bytes()
    return Pruned(gone, before, after)


def _turns(ledger: Ledger, common_dir: Path | None) -> list[_Old]:
    """Those that may go, the oldest first; the newest of each worktree that is there may not."""
    rows = ledger.db.rows(
        "SELECT turn.id, turn.tree, tree.name, turn.at, length(turn.prompt)"
        " + coalesce((SELECT sum(length(body) + coalesce(length(raw), 0) + 100) FROM change"
        " WHERE change.turn = turn.id), 0)"
        " + coalesce((SELECT sum(length(patch) + length(why)) FROM declined"
        " WHERE declined.turn = turn.id), 0)"
        " + coalesce((SELECT sum(coalesce(length(deltas), 0) + coalesce(length(data), 0) + 200)"
        " FROM step WHERE batch IN (SELECT mark.batch FROM mark JOIN change"
        " ON change.id = mark.change WHERE change.turn = turn.id)), 0),"
        " (SELECT max(batch.at) FROM batch JOIN mark ON mark.batch = batch.id JOIN change"
        " ON change.id = mark.change WHERE change.turn = turn.id)"
        " FROM turn JOIN tree ON tree.id = turn.tree ORDER BY turn.tree, turn.number"
    )
    latest: dict[int, float] = {}
    newest = {tree: row for row, tree, *_ in rows}
    found: list[_Old] = []
    for row, tree, name, at, weight, touched in rows:
        latest[tree] = max(latest.get(tree, 0.0), at, touched or 0.0)
        known = common_dir is None or (common_dir / os.fsdecode(name)).exists()
        if row != newest[tree] or not known:
            found.append(_Old(row, tree, latest[tree] if known else 0.0, weight))
    return sorted(found, key=lambda turn: turn.at)


def _chosen(turns: Sequence[_Old], old_before: float, size: int, most_bytes: int) -> Sequence[_Old]:
    chosen = [turn for turn in turns if turn.at == 0.0 or turn.at < old_before]
    weight = sum(turn.weight for turn in turns) or 1
    left = size - size * sum(turn.weight for turn in chosen) // weight
    for turn in turns[len(chosen) :]:
        if left <= most_bytes * (_SOME_AIR if chosen else 1):
            break
        chosen.append(turn)
        left -= size * turn.weight // weight
    return chosen


def _forget(ledger: Ledger, turns: Sequence[_Old]) -> None:
    db = ledger.db
    with db.writing(durable=True):
        for turn in turns:
            changes = "(SELECT id FROM change WHERE turn = ?)"
            db.run(f"DELETE FROM mark WHERE change IN {changes}", (turn.row,))
            db.run("DELETE FROM change WHERE turn = ?", (turn.row,))
            db.run("DELETE FROM declined WHERE turn = ?", (turn.row,))
            db.run("DELETE FROM turn WHERE id = ?", (turn.row,))
        for tree in {turn.tree for turn in turns}:
            # later writes are what changes that stay are followed through
            needed = (
                "coalesce((SELECT min(mark.batch) FROM mark JOIN batch ON batch.id = mark.batch"
                " WHERE batch.tree = ?1), 1 << 62)"
            )
            unneeded = f"(SELECT id FROM batch WHERE tree = ?1 AND NOT pending AND id < {needed})"
            db.run(f"DELETE FROM step WHERE batch IN {unneeded}", (tree,))
            db.run(f"DELETE FROM batch WHERE id IN {unneeded}", (tree,))
        db.run(
            "DELETE FROM tree WHERE id NOT IN (SELECT tree FROM batch UNION SELECT tree FROM turn)"
        )
