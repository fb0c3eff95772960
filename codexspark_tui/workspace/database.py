"""The ledger's SQLite file: how it is made, opened and written to, and its errors as sentences.

True here: this is the one module that knows SQLite. The file is opened when it is first needed; a
durable transaction is on the platter when it ends, any other one when the next durable one is.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from codexspark_tui import state_dir
from codexspark_tui.errors import WriteFailed

_FORMAT = 4
_WAIT_S = 20.0
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
    after_mode TEXT NOT NULL, rights INTEGER NOT NULL, deltas BLOB, data BLOB,
    folders TEXT NOT NULL, PRIMARY KEY (batch, number)) WITHOUT ROWID;
CREATE INDEX step_path ON step (path);
CREATE INDEX step_source ON step (source) WHERE source <> x'';
CREATE TABLE mark (change INTEGER NOT NULL, batch INTEGER NOT NULL, path BLOB NOT NULL,
    lines TEXT NOT NULL, PRIMARY KEY (change, batch)) WITHOUT ROWID;
CREATE INDEX mark_batch ON mark (batch);
"""
_DECLINED = """
CREATE TABLE declined (turn INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,
    state TEXT NOT NULL, path BLOB NOT NULL, why TEXT NOT NULL, patch BLOB NOT NULL,
    PRIMARY KEY (turn, number)) WITHOUT ROWID;
"""
_AUTHOR = "ALTER TABLE change ADD COLUMN author TEXT NOT NULL DEFAULT ''"
_ORIGIN = """
ALTER TABLE step ADD COLUMN before_rights INTEGER NOT NULL DEFAULT 0;
ALTER TABLE step ADD COLUMN origin BLOB;
ALTER TABLE step ADD COLUMN via BLOB;
UPDATE step SET before_rights = rights, rights = 0 WHERE after = x'';
CREATE INDEX step_origin ON step (origin) WHERE origin <> x''
"""
_UPGRADES = (_SCHEMA, _DECLINED, _AUTHOR, _ORIGIN)
"""What each format adds to the one before; the last is the present one."""


class Database:
    """One connection, used by one thread at a time. Errors are raised as `WriteFailed`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def exists(self) -> bool:
        return self._connection is not None or self.path.exists()

    def make(self) -> None:
        """Make folder and file, for the owner alone, where they are missing. Raises `OSError`."""
        if not self.path.parent.is_dir():
            state_dir.ensure(self.path.parent)
            flush_folder(self.path.parent.parent)
        if not self.path.exists():
            flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
            os.close(os.open(self.path, flags, 0o600))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def set_aside(self, word: str) -> Path:
        """Give the file and what belongs to it other names; the new one's. Raises `OSError`."""
        self.close()
        aside = self.path.with_name(f"{self.path.name}.damaged-{word}")
        for end in ("-wal", "-shm", ""):
            beside = self.path.with_name(self.path.name + end)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + end))
        return aside

    def bytes(self) -> int:
        """What the file and its journal take on the disk."""
        beside = (self.path.with_name(self.path.name + end) for end in ("", "-wal"))
        return sum(path.stat().st_size for path in beside if path.exists())

    def shrink(self) -> None:
        """Give the room of deleted rows back to the disk."""
        for command in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            self.rows(command)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._opened().execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _failed(error, self.path) from error

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None where there is no row."""
        found = self.rows(query, values)
        return found[0][0] if found else None

    def insert(self, table: str, columns: str, values: Sequence[Any]) -> int:
        """Add a row inside a transaction; its id."""
        marks = ", ".join("?" * len(values))
        query = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        return self._opened().execute(query, values).lastrowid or 0

    def insert_all(self, table: str, width: int, rows: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" * width)
        self._opened().executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def run(self, query: str, values: Sequence[Any] = ()) -> None:
        self._opened().execute(query, values)

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator[None]:
        """One transaction, taken back where the body raises."""
        try:
            db = self._opened()
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise _failed(error, self.path) from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _connected(self.path)
        return self._connection


def flush_folder(path: Path) -> None:
    """Names that came to the folder or went are on the platter when this returns."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        if sys.version_info >= (3, 12):  # closing then costs no flush; the next start reads on
            db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version < _FORMAT:
            _upgrade(db)
        elif version != _FORMAT:
            raise WriteFailed(
                f"the ledger {path} was made by a newer version of spark",
                next_step="Update spark, then try again.",
            )
    except BaseException:
        db.close()
        raise
    return db


def _upgrade(db: sqlite3.Connection) -> None:
    """Bring a new or an older file to the present format.

    Two processes may come here at once: the second finds the work done.
    """
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    for format in range(db.execute("PRAGMA user_version").fetchone()[0], _FORMAT):
        for statement in _UPGRADES[format].strip().split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {format + 1}")
    db.execute("COMMIT")


def _failed(error: sqlite3.Error, path: Path) -> WriteFailed:
    said = str(error)
    if "disk is full" in said or "disk I/O" in said:
        return WriteFailed(
            "the disk with the ledger is full or failing, so nothing was written",
            detail=f"{path}: {said}",
            next_step="Make room on the disk, then try again.",
        )
    if "locked" in said or "busy" in said:
        return WriteFailed(
            "another process has held the ledger for too long, so nothing was written",
            detail=f"{path}: {said}",
            next_step="Wait for the other spark to end, then try again.",
        )
    if "readonly" in said or "unable to open" in said:
        return WriteFailed(
            f"the ledger cannot be opened: {said}",
            detail=str(path),
            next_step="Give yourself the right to write to that file and its folder.",
        )
    return WriteFailed(
        f"the ledger is damaged: {said}",
        detail=str(path),
        next_step="Move that file away; undo then begins with the next change.",
    )
