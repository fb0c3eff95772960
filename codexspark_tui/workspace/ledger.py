"""The ledger: one SQLite file that says what was written, turn by turn, change by change.

True here: this is the one module that knows SQLite; a batch is recorded as pending, in one durable
commit, before any file is renamed; deltas are kept, never a picture of the tree; reading makes
nothing where there is no ledger. Whether a change is applied follows from its latest mark: the
batch that last wrote it, and the lines at which it then stood.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from codexspark_tui import state_dir
from codexspark_tui.errors import WriteFailed
from codexspark_tui.patch.model import Resolved
from codexspark_tui.workspace.codec import pack_change, unpack_change
from codexspark_tui.workspace.delta import pack, unpack
from codexspark_tui.workspace.steps import Side, Step
from codexspark_tui.workspace.values import ChangeEntry, TurnEntry, TurnInfo

Verb: TypeAlias = Literal["commit", "undo", "redo"]

_FORMAT = 1
_WAIT_S = 10.0
_SCHEMA = """
CREATE TABLE tree (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
CREATE TABLE turn (id INTEGER PRIMARY KEY, tree INTEGER NOT NULL, number INTEGER NOT NULL,
    key TEXT NOT NULL, at REAL NOT NULL, prompt TEXT NOT NULL, provider TEXT NOT NULL,
    model TEXT NOT NULL, UNIQUE (tree, number), UNIQUE (tree, key));
CREATE TABLE change (id INTEGER PRIMARY KEY, turn INTEGER NOT NULL, number INTEGER NOT NULL,
    name TEXT NOT NULL, kind TEXT NOT NULL, path BLOB NOT NULL, target BLOB NOT NULL,
    digest BLOB NOT NULL, body BLOB NOT NULL, raw BLOB, UNIQUE (turn, number));
CREATE TABLE batch (id INTEGER PRIMARY KEY AUTOINCREMENT, tree INTEGER NOT NULL,
    verb TEXT NOT NULL, at REAL NOT NULL, token TEXT NOT NULL, pending INTEGER NOT NULL);
CREATE INDEX batch_pending ON batch (tree) WHERE pending;
CREATE TABLE step (batch INTEGER NOT NULL, number INTEGER NOT NULL, path BLOB NOT NULL,
    source BLOB NOT NULL, before BLOB NOT NULL, before_mode TEXT NOT NULL, after BLOB NOT NULL,
    after_mode TEXT NOT NULL, deltas BLOB, data BLOB, folders TEXT NOT NULL,
    PRIMARY KEY (batch, number)) WITHOUT ROWID;
CREATE INDEX step_path ON step (path);
CREATE INDEX step_source ON step (source) WHERE source <> x'';
CREATE TABLE mark (change INTEGER NOT NULL, batch INTEGER NOT NULL, path BLOB NOT NULL,
    lines TEXT NOT NULL, PRIMARY KEY (change, batch)) WITHOUT ROWID;
CREATE INDEX mark_batch ON mark (batch);
"""
_LATEST = """
SELECT change.id, turn.number, change.number, change.name, change.kind, change.path,
       change.target, change.body, change.raw, change.digest, mark.batch, mark.path, mark.lines,
       batch.verb
FROM change JOIN turn ON turn.id = change.turn
JOIN mark ON mark.change = change.id
     AND mark.batch = (SELECT max(m.batch) FROM mark AS m WHERE m.change = change.id)
JOIN batch ON batch.id = mark.batch
WHERE turn.tree = ?
"""


@dataclass(frozen=True, slots=True)
class Record:
    """A change as the ledger has it. `batch` is the one that last wrote it; after that its file was
    at `path` and its parts stood at `lines`; `raw` are bytes that its lines cannot give."""

    id: int
    entry: ChangeEntry
    digest: str
    raw: bytes | None
    batch: int
    path: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a change stands after a batch: its file's path and the lines of its parts."""

    change: int
    path: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change that is about to be recorded. `path`: the file's own, after the batch."""

    name: str
    path: str
    resolved: Resolved
    lines: tuple[int, ...]
    digest: str
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A batch whose writing was begun and not seen to end."""

    id: int
    verb: Verb
    token: str
    steps: tuple[Step, ...]


def ledger_folder(common_dir: Path) -> Path:
    """In the common git directory; in the state folder where that cannot be written to."""
    inside = common_dir / "spark"
    writable = inside if inside.is_dir() else common_dir
    if os.access(writable, os.W_OK | os.X_OK):
        return inside
    name = _name_of(common_dir)
    return state_dir.state_dir() / "ledgers" / name


class Ledger:
    """One worktree's part of the ledger. Opened when it is first needed; not thread-safe."""

    def __init__(self, folder: Path, tree_name: str) -> None:
        self.folder = folder
        self.path = folder / "ledger.db"
        self._tree_name = os.fsencode(tree_name)
        self._connection: sqlite3.Connection | None = None
        self._tree = 0

    def exists(self) -> bool:
        return self._connection is not None or self.path.exists()

    def make(self) -> None:
        """Make folder and file, for the owner alone, where they are missing."""
        state_dir.ensure(self.folder)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # --- writing ---------------------------------------------------------------------------

    def record(
        self,
        verb: Verb,
        token: str,
        steps: Sequence[Step],
        marks: Sequence[Mark],
    ) -> int:
        """Record an undo or a redo of known changes as pending; the batch's id."""
        with self._writing(durable=True) as db:
            batch = self._add_batch(db, verb, token, steps)
            _add_marks(db, batch, marks)
        return batch

    def record_commit(
        self, token: str, steps: Sequence[Step], turn: TurnInfo, changes: Sequence[NewChange]
    ) -> tuple[int, int, tuple[int, ...]]:
        """Record new changes as pending: the batch, the turn's number, the changes' numbers."""
        with self._writing(durable=True) as db:
            batch = self._add_batch(db, "commit", token, steps)
            row, number = self._turn(db, turn)
            first = _one(db, "SELECT coalesce(max(number), 0) + 1 FROM change WHERE turn = ?", row)
            marks: list[Mark] = []
            for offset, change in enumerate(changes):
                added = _add_change(db, row, first + offset, change)
                marks.append(Mark(added, change.path, change.lines))
            _add_marks(db, batch, marks)
        return batch, number, tuple(range(first, first + len(changes)))

    def settle(self, batch: int) -> None:
        """The batch is on disk: it is no longer pending, and needs no whole contents."""
        with self._writing(durable=False) as db:
            db.execute("UPDATE batch SET pending = 0 WHERE id = ?", (batch,))
            db.execute("UPDATE step SET data = NULL WHERE batch = ? AND data IS NOT NULL", (batch,))

    def forget(self, batch: int) -> None:
        """The batch was taken back: it leaves no trace."""
        with self._writing(durable=False) as db:
            db.execute("DELETE FROM step WHERE batch = ?", (batch,))
            db.execute("DELETE FROM mark WHERE batch = ?", (batch,))
            db.execute("DELETE FROM batch WHERE id = ?", (batch,))
            db.execute("DELETE FROM change WHERE id NOT IN (SELECT change FROM mark)")
            db.execute("DELETE FROM turn WHERE id NOT IN (SELECT turn FROM change)")

    # --- reading ---------------------------------------------------------------------------

    def pending(self) -> list[Pending]:
        db = self._open()
        rows = db.execute(
            "SELECT id, verb, token FROM batch WHERE tree = ? AND pending ORDER BY id",
            (self._tree,),
        ).fetchall()
        return [Pending(row, verb, token, self._steps(row)) for row, verb, token in rows]

    def changes(self, turn: int | None = None, number: int | None = None) -> list[Record]:
        """The changes of a turn (of all turns), in the order in which they were recorded."""
        query, values = _LATEST, [self._tree_id()]
        if turn is not None:
            query += " AND turn.number = ?"
            values.append(turn)
        if number is not None:
            query += " AND change.number = ?"
            values.append(number)
        rows = self._open().execute(query + " ORDER BY turn.number, change.number", values)
        return [_record(row) for row in rows]

    def last_turn_applied(self) -> int | None:
        """The newest turn of which something is applied."""
        query = f"SELECT max(turn.number) {_FROM_MARKS} AND batch.verb <> 'undo'"
        return self._maybe(query)

    def last_undo(self) -> int | None:
        """The newest undo of which something is still undone."""
        return self._maybe(f"SELECT max(batch.id) {_FROM_MARKS} AND batch.verb = 'undo'")

    def changes_of_batch(self, batch: int) -> list[Record]:
        """The changes whose latest mark is of this batch."""
        rows = self._open().execute(
            _LATEST + " AND mark.batch = ? ORDER BY turn.number, change.number",
            (self._tree_id(), batch),
        )
        return [_record(row) for row in rows]

    def turns(self, limit: int) -> list[TurnEntry]:
        """The newest turns, the newest first."""
        rows = self._open().execute(
            "SELECT number, key, at, prompt, provider, model FROM turn WHERE tree = ?"
            " ORDER BY number DESC LIMIT ?",
            (self._tree_id(), limit),
        )
        return [self._turn_entry(*row) for row in rows]

    def later_steps(self, path: str, batch: int) -> list[Step]:
        """What was written to `path` after `batch`, oldest first; renames are followed."""
        found: list[Step] = []
        here, after, number = os.fsencode(path), batch, 1 << 30
        while True:
            row = (
                self._open()
                .execute(
                    "SELECT step.batch, step.number, step.source, step.path FROM step JOIN batch"
                    " ON batch.id = step.batch WHERE batch.tree = ? AND (step.path = ? OR"
                    " step.source = ?) AND (step.batch, step.number) > (?, ?)"
                    " ORDER BY step.batch, step.number LIMIT 1",
                    (self._tree_id(), here, here, after, number),
                )
                .fetchone()
            )
            if row is None:
                return found
            after, number, here = row[0], row[1], row[3]
            found.append(self._steps(after, number)[0])

    def step_at(self, path: str, batch: int) -> Step | None:
        """What `batch` did to the file that is at `path` after it."""
        row = (
            self._open()
            .execute(
                "SELECT number FROM step WHERE batch = ? AND path = ?", (batch, os.fsencode(path))
            )
            .fetchone()
        )
        return None if row is None else self._steps(batch, row[0])[0]

    def marked(self, batch: int) -> list[tuple[int, str]]:
        """The ids of the changes that the batch wrote, and where their files were after it."""
        rows = self._open().execute("SELECT change, path FROM mark WHERE batch = ?", (batch,))
        return [(change, os.fsdecode(path)) for change, path in rows]

    # --- inside ----------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = _connected(self.path)
            except sqlite3.Error as error:
                raise _failed(error, self.path) from error
        return self._connection

    def _tree_id(self) -> int:
        if not self._tree:
            row = self._open().execute("SELECT id FROM tree WHERE name = ?", (self._tree_name,))
            self._tree = (row.fetchone() or (0,))[0]
        return self._tree

    @contextmanager
    def _writing(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        """One transaction. Durable: its commit is on the platter before this returns."""
        db = self._open()
        try:
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise _failed(error, self.path) from error

    def _add_batch(
        self, db: sqlite3.Connection, verb: Verb, token: str, steps: Sequence[Step]
    ) -> int:
        if not self._tree_id():
            db.execute("INSERT INTO tree (name) VALUES (?)", (self._tree_name,))
        tree = self._tree_id()
        added = db.execute(
            "INSERT INTO batch (tree, verb, at, token, pending) VALUES (?, ?, ?, ?, 1)",
            (tree, verb, time.time(), token),
        )
        batch = added.lastrowid or 0
        db.executemany(
            "INSERT INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_step_row(batch, number, step) for number, step in enumerate(steps)],
        )
        return batch

    def _turn(self, db: sqlite3.Connection, turn: TurnInfo) -> tuple[int, int]:
        """Row and number of the turn, which is made where it is new."""
        tree = self._tree_id()
        query = "SELECT id, number FROM turn WHERE tree = ? AND key = ?"
        found = db.execute(query, (tree, turn.key)).fetchone()
        if found is None:
            number = _one(db, "SELECT coalesce(max(number), 0) + 1 FROM turn WHERE tree = ?", tree)
            db.execute(
                "INSERT INTO turn (tree, number, key, at, prompt, provider, model)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    tree,
                    number,
                    *_texts(turn.key),
                    time.time(),
                    *_texts(turn.prompt, turn.provider, turn.model),
                ),
            )
            found = db.execute(query, (tree, _texts(turn.key)[0])).fetchone()
        return found[0], found[1]

    def _steps(self, batch: int, number: int | None = None) -> tuple[Step, ...]:
        query = (
            "SELECT path, source, before, before_mode, after, after_mode, deltas, data, folders"
            " FROM step WHERE batch = ?"
        )
        values = [batch]
        if number is not None:
            query += " AND number = ?"
            values.append(number)
        return tuple(_step(row) for row in self._open().execute(query + " ORDER BY number", values))

    def _maybe(self, query: str) -> int | None:
        value = self._open().execute(query, (self._tree_id(),)).fetchone()[0]
        return None if value is None else int(value)

    def _turn_entry(self, number: int, *turn: Any) -> TurnEntry:
        records = self.changes(number)
        files = dict.fromkeys(record.path for record in records)
        applied = sum(record.entry.applied for record in records)
        key, at, prompt, provider, model = turn
        return TurnEntry(
            number, key, at, prompt, provider, model, len(records), applied, tuple(files)
        )


_FROM_MARKS = """
FROM turn JOIN change ON change.turn = turn.id
JOIN mark ON mark.change = change.id
     AND mark.batch = (SELECT max(m.batch) FROM mark AS m WHERE m.change = change.id)
JOIN batch ON batch.id = mark.batch WHERE turn.tree = ?
"""


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(
        path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False, uri=False
    )
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            _make_schema(db)
        elif version != _FORMAT:
            raise WriteFailed(
                f"the ledger {path} was made by a newer version of spark",
                next_step="Update spark, then try again.",
            )
    except BaseException:
        db.close()
        raise
    return db


def _make_schema(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone()[0] == 0:
        for statement in _SCHEMA.strip().split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_FORMAT}")
    db.execute("COMMIT")


def _add_change(db: sqlite3.Connection, turn: int, number: int, change: NewChange) -> int:
    resolved = change.resolved
    target = resolved.to if resolved.kind == "rename" else ""
    added = db.execute(
        "INSERT INTO change (turn, number, name, kind, path, target, digest, body, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            turn,
            number,
            *_texts(change.name, resolved.kind),
            os.fsencode(resolved.path if resolved.kind == "rename" else change.path),
            os.fsencode(target),
            bytes.fromhex(change.digest),
            pack_change(resolved),
            None if change.raw is None else zlib.compress(change.raw),
        ),
    )
    return added.lastrowid or 0


def _add_marks(db: sqlite3.Connection, batch: int, marks: Sequence[Mark]) -> None:
    db.executemany(
        "INSERT INTO mark (change, batch, path, lines) VALUES (?, ?, ?, ?)",
        [(m.change, batch, os.fsencode(m.path), ",".join(map(str, m.lines))) for m in marks],
    )


def _step_row(batch: int, number: int, step: Step) -> tuple[Any, ...]:
    return (
        batch,
        number,
        os.fsencode(step.path),
        os.fsencode(step.source),
        bytes.fromhex(step.before.digest),
        step.before.mode,
        bytes.fromhex(step.after.digest),
        step.after.mode,
        pack(step.deltas) if step.deltas else None,
        None if step.data is None else zlib.compress(step.data),
        json.dumps([step.makes, step.removes]) if step.makes or step.removes else "",
    )


def _step(row: tuple[Any, ...]) -> Step:
    path, source, before, before_mode, after, after_mode, deltas, data, folders = row
    makes, removes = json.loads(folders) if folders else ((), ())
    return Step(
        os.fsdecode(path),
        Side(before.hex(), before_mode),
        Side(after.hex(), after_mode),
        unpack(deltas) if deltas else (),
        None if data is None else zlib.decompress(data),
        os.fsdecode(source),
        tuple(makes),
        tuple(removes),
    )


def _record(row: tuple[Any, ...]) -> Record:
    identity, turn, number, name, kind, path, target, body = row[:8]
    raw, digest, batch, path_then, lines, verb = row[8:]
    resolved = unpack_change(kind, os.fsdecode(path), os.fsdecode(target), body)
    entry = ChangeEntry(f"{turn}.{number}", turn, name, resolved.path, verb != "undo", resolved)
    return Record(
        identity,
        entry,
        digest.hex(),
        None if raw is None else zlib.decompress(raw),
        batch,
        os.fsdecode(path_then),
        tuple(int(line) for line in lines.split(",") if line),
    )


def _one(db: sqlite3.Connection, query: str, value: int) -> int:
    return int(db.execute(query, (value,)).fetchone()[0])


def _texts(*texts: str) -> tuple[str, ...]:
    """SQLite keeps UTF-8 only: what is not becomes a question mark (prompts, names of models)."""
    return tuple(text.encode("utf-8", "replace").decode() for text in texts)


def _name_of(common_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(common_dir)).hexdigest()[:24]


def _failed(error: sqlite3.Error, path: Path) -> WriteFailed:
    said = str(error)
    if "disk is full" in said or "disk I/O" in said:
        return WriteFailed(
            "the disk is full, so nothing was written",
            detail=f"{path}: {said}",
            next_step="Make room on the disk, then accept again.",
        )
    if "locked" in said:
        return WriteFailed(
            "another process has held the ledger for too long; nothing was written",
            detail=f"{path}: {said}",
            next_step="Wait for the other spark to end, then try again.",
        )
    return WriteFailed(
        f"the ledger cannot be used: {said}; nothing was written",
        detail=str(path),
        next_step="See what is wrong with: spark doctor",
    )
