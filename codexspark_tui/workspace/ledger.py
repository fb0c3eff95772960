"""The ledger: what was written, turn by turn and change by change, in one worktree.

True here: a batch is recorded as pending, in one durable commit, before any file is renamed; deltas
are kept, never a picture of the tree; reading makes nothing where there is no ledger. Whether a
change is applied follows from its latest mark: the batch that last wrote it. A batch that is taken
back loses its marks, and with them everything that it said.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from codexspark_tui import state_dir
from codexspark_tui.workspace.database import Database
from codexspark_tui.workspace.rows import (
    CHANGE_COLUMNS,
    MARK_WIDTH,
    RECORD_COLUMNS,
    STEP_COLUMNS,
    STEP_WIDTH,
    Mark,
    NewChange,
    Pending,
    Record,
    Verb,
    change_row,
    mark_row,
    step_row,
    texts,
    to_record,
    to_step,
)
from codexspark_tui.workspace.steps import Step
from codexspark_tui.workspace.values import TurnInfo

LATEST = """
FROM turn JOIN change ON change.turn = turn.id
JOIN mark ON mark.change = change.id
     AND mark.batch = (SELECT max(m.batch) FROM mark AS m WHERE m.change = change.id)
JOIN batch ON batch.id = mark.batch WHERE turn.tree = ?1
"""
IN_ORDER = " ORDER BY turn.number, change.number"


def ledger_folder(common_dir: Path) -> Path:
    """In the common git directory; in the state folder where that cannot be written to."""
    inside = common_dir / "spark"
    there = os.path.lexists(inside)
    usable = inside.is_dir() and not inside.is_symlink() if there else True
    if usable and os.access(inside if there else common_dir, os.W_OK | os.X_OK):
        return inside
    name = hashlib.sha256(os.fsencode(common_dir)).hexdigest()[:24]
    return state_dir.state_dir() / "ledgers" / name


def not_ours(common_dir: Path, folder: Path) -> str:
    """A sentence where another user (as root, by sudo) has the ledger in the git directory, so that
    ours is in `folder`; else ""."""
    inside = common_dir / "spark"
    if folder == inside or inside.is_symlink() or not inside.is_dir():
        return ""
    return f"The ledger in {inside} belongs to another user; your own is in {folder}."


def folder_ledger(root: Path) -> Path:
    """For a folder that no repository holds: in the state folder, by the folder's real name."""
    name = hashlib.sha256(b"folder\0" + os.fsencode(os.path.realpath(root))).hexdigest()[:24]
    return state_dir.state_dir() / "ledgers" / name


class Ledger:
    """Used by one thread at a time. Every method may raise `WriteFailed`."""

    def __init__(self, folder: Path, tree_name: str) -> None:
        self.folder = folder
        self.db = Database(folder / "ledger.db")
        self._tree_name = os.fsencode(tree_name)

    def exists(self) -> bool:
        return self.db.exists()

    def make(self) -> None:
        """Make what is missing on disk. Raises `OSError`."""
        self.db.make()

    def close(self) -> None:
        self.db.close()

    # --- writing ---------------------------------------------------------------------------

    def record(self, verb: Verb, token: str, steps: Sequence[Step], marks: Sequence[Mark]) -> int:
        """Record an undo or a redo of known changes as pending; the batch's id."""
        with self.db.writing(durable=True):
            batch = self._add_batch(verb, token, steps)
            self.db.insert_all("mark", MARK_WIDTH, (mark_row(batch, mark) for mark in marks))
        return batch

    def record_commit(
        self, token: str, steps: Sequence[Step], turn: TurnInfo, changes: Sequence[NewChange]
    ) -> tuple[int, int, tuple[int, ...]]:
        """Record new changes as pending: the batch, the turn's number, the changes' numbers."""
        with self.db.writing(durable=True):
            batch = self._add_batch("commit", token, steps)
            row, number = self._turn(turn)
            query = "SELECT coalesce(max(number), 0) + 1 FROM change WHERE turn = ?"
            first = self.db.value(query, (row,))
            marks: list[Mark] = []
            for offset, change in enumerate(changes):
                values = change_row(row, first + offset, change)
                added = self.db.insert("change", CHANGE_COLUMNS, values)
                marks.append(Mark(added, change.path, change.lines))
            self.db.insert_all("mark", MARK_WIDTH, (mark_row(batch, mark) for mark in marks))
        return batch, number, tuple(range(first, first + len(changes)))

    def settle(self, batch: int) -> None:
        """The batch is on disk: it is no longer pending, and needs no whole contents."""
        with self.db.writing(durable=False):
            self.db.run("UPDATE batch SET pending = 0 WHERE id = ?", (batch,))
            self.db.run(
                "UPDATE step SET data = NULL WHERE batch = ? AND data IS NOT NULL", (batch,)
            )

    def forget(self, batch: int) -> None:
        """The batch was taken back: it leaves no trace."""
        with self.db.writing(durable=False):
            changes = self.db.rows("SELECT change FROM mark WHERE batch = ?", (batch,))
            for table in ("step", "mark"):
                self.db.run(f"DELETE FROM {table} WHERE batch = ?", (batch,))
            self.db.run("DELETE FROM batch WHERE id = ?", (batch,))
            for (change,) in changes:
                self.db.run(
                    "DELETE FROM change WHERE id = ? AND id NOT IN (SELECT change FROM mark)",
                    (change,),
                )
            self.drop_empty_turns()

    def drop_empty_turns(self) -> None:
        """Inside a transaction: turns of which nothing is left to tell."""
        self.db.run(
            "DELETE FROM turn WHERE id NOT IN (SELECT turn FROM change)"
            " AND id NOT IN (SELECT turn FROM declined)"
        )

    # --- reading ---------------------------------------------------------------------------

    def pending(self) -> list[Pending]:
        rows = self.db.rows(
            "SELECT id, verb, token FROM batch WHERE tree = ? AND pending ORDER BY id",
            (self.tree(),),
        )
        return [Pending(row, verb, token, self.steps(row)) for row, verb, token in rows]

    def changes(self, turn: int, number: int | None = None) -> list[Record]:
        """The changes of a turn (or one of them), in the order in which they were recorded."""
        query, values = f"SELECT {RECORD_COLUMNS} {LATEST} AND turn.number = ?", [turn]
        if number is not None:
            query += " AND change.number = ?"
            values.append(number)
        rows = self.db.rows(query + IN_ORDER, (self.tree(), *values))
        return [to_record(row) for row in rows]

    def siblings(self, change: int) -> list[Record]:
        """The other hunks of the same file that were first written in the same batch."""
        rows = self.db.rows(
            f"SELECT {RECORD_COLUMNS} {LATEST} AND change.kind = 'hunk' AND change.id <> ?2"
            " AND change.path = (SELECT path FROM change WHERE id = ?2) AND change.id IN"
            " (SELECT change FROM mark WHERE batch ="
            f" (SELECT min(batch) FROM mark WHERE change = ?2)) {IN_ORDER}",
            (self.tree(), change),
        )
        return [to_record(row) for row in rows]

    # --- inside ----------------------------------------------------------------------------

    def tree(self) -> int:
        """The id of this worktree; 0 while the ledger does not know it."""
        return self.db.value("SELECT id FROM tree WHERE name = ?", (self._tree_name,)) or 0

    def _add_batch(self, verb: Verb, token: str, steps: Sequence[Step]) -> int:
        values = (self._known_tree(), verb, time.time(), token, 1)
        batch = self.db.insert("batch", "tree, verb, at, token, pending", values)
        rows = (step_row(batch, number, step) for number, step in enumerate(steps))
        self.db.insert_all("step", STEP_WIDTH, rows)
        return batch

    def known_turn(self, key: str) -> int | None:
        """The row of the turn; None where nothing of it is recorded."""
        query = "SELECT id FROM turn WHERE tree = ? AND key = ?"
        found: int | None = self.db.value(query, (self.tree(), *texts(key)))
        return found

    def turn_row(self, turn: TurnInfo) -> int:
        """Inside a transaction: the row of the turn, which is made where it is new."""
        return self._turn(turn)[0]

    def _known_tree(self) -> int:
        """The id of this worktree, which is made where it is new."""
        return self.tree() or self.db.insert("tree", "name", (self._tree_name,))

    def _turn(self, turn: TurnInfo) -> tuple[int, int]:
        """Row and number of the turn, which is made where it is new."""
        tree = self._known_tree()
        key, prompt, provider, model = texts(turn.key, turn.prompt, turn.provider, turn.model)
        found = self.db.rows("SELECT id, number FROM turn WHERE tree = ? AND key = ?", (tree, key))
        if found:
            return found[0][0], found[0][1]
        query = "SELECT coalesce(max(number), 0) + 1 FROM turn WHERE tree = ?"
        number = self.db.value(query, (tree,))
        columns = "tree, number, key, at, prompt, provider, model"
        values = (tree, number, key, time.time(), prompt, provider, model)
        return self.db.insert("turn", columns, values), number

    def steps(self, batch: int, number: int | None = None) -> tuple[Step, ...]:
        query, values = f"SELECT {STEP_COLUMNS} FROM step WHERE batch = ?", [batch]
        if number is not None:
            query += " AND number = ?"
            values.append(number)
        return tuple(to_step(row) for row in self.db.rows(query + " ORDER BY number", values))
