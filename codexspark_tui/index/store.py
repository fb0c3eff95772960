"""The index's SQLite file: how it is made, opened, thrown away and made again. The one module of
this room that knows SQLite's errors.

True here: the file can be lost at any time without harm, so it is never repaired and never synced.
Where it cannot be written to (folder, disk), everything lives in memory and `notice` says so.
Words are in a full-text table without content, whose rows cannot be taken out: a file that is read
again gets a new `doc`, and rows that no file has any more are left out by the join.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from codexspark_tui import state_dir

FORMAT = 6
WAIT_S = 2.0
_DAMAGED = ("malformed", "not a database", "no such table", "no such column", "corrupt")
_OUT_OF_ORDER = ("locked", "busy", "full", "readonly", "I/O", "unable to open", "closed", "out of")
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE file (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    mtime INTEGER NOT NULL, oid TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'waiting', note TEXT NOT NULL DEFAULT '', doc INTEGER,
    whole INTEGER NOT NULL DEFAULT 0);
CREATE INDEX file_doc ON file (doc);
CREATE INDEX file_waiting ON file (id) WHERE state = 'waiting';
CREATE INDEX file_part ON file (id) WHERE state <> 'read' OR NOT whole;
CREATE TABLE symbol (file INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    line INTEGER NOT NULL, end_line INTEGER NOT NULL, signature TEXT NOT NULL,
    parent TEXT NOT NULL);
CREATE INDEX symbol_name ON symbol (name COLLATE NOCASE);
CREATE INDEX symbol_file ON symbol (file);
CREATE VIRTUAL TABLE words USING fts5(path, names, body, content='',
    tokenize="porter unicode61 tokenchars '_'");
CREATE VIRTUAL TABLE said USING fts5(message, content='',
    tokenize="porter unicode61 tokenchars '_'");
CREATE TABLE touched (number INTEGER NOT NULL, path TEXT NOT NULL);
CREATE INDEX touched_number ON touched (number);
CREATE INDEX touched_path ON touched (path);
"""


class StoreLost(Exception):
    """The file cannot be used any more; whoever has the store opens a new one."""


class Store:
    """One connection, which threads may share one at a time. `identity`: what it belongs to."""

    def __init__(self, path: Path | None, identity: str) -> None:
        self.path = path
        self.identity = identity
        self.notice = ""
        self.lock = threading.RLock()
        self._connection = self._opened()

    # -- opening ---------------------------------------------------------------------------------

    def _opened(self) -> sqlite3.Connection:
        if self.path is not None:
            for attempt in (1, 2):
                try:
                    return self._on_disk(self.path)
                except sqlite3.DatabaseError as error:
                    if attempt == 1 and _is_damage(error):
                        self.discard()
                        continue
                    self._give_up(str(error))
                    break
                except OSError as error:
                    self._give_up(error.strerror or str(error))
                    break
        return self._in_memory()

    def _on_disk(self, path: Path) -> sqlite3.Connection:
        state_dir.ensure(path.parent)
        connection = _connect(str(path))
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            if self._is_ours(connection):
                connection.execute("DELETE FROM meta WHERE key = 'probe'")  # can it be written to?
                return connection
            self._make(connection)
        except (sqlite3.Error, OSError):
            connection.close()
            raise
        path.chmod(0o600)
        return connection

    def _is_ours(self, connection: sqlite3.Connection) -> bool:
        """Whether it has our format and belongs to this repository; empty means not yet."""
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != FORMAT:
            return False
        row = connection.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()
        return row is not None and row[0] == self.identity

    def _make(self, connection: sqlite3.Connection) -> None:
        """Empty it, whatever it was, and make the tables. Two processes may come at once."""
        connection.execute("BEGIN IMMEDIATE")
        if not self._is_ours(connection):
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'"
            ).fetchall()
            for (name,) in tables:
                connection.execute(f'DROP TABLE "{name}"')
            rest = (
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for (name,) in connection.execute(rest).fetchall():
                connection.execute(f'DROP TABLE "{name}"')
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('identity', ?)", (self.identity,))
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")

    def _give_up(self, why: str) -> None:
        self.notice = (
            f"the index cannot be kept in {self.path and self.path.parent} ({why}), so it lives in "
            "memory until this ends"
        )
        self.path = None

    def _in_memory(self) -> sqlite3.Connection:
        connection = _connect(":memory:")
        self._make(connection)
        return connection

    def discard(self) -> None:
        """Take the file away."""
        if self.path is None:
            return
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        with self.lock:
            self._connection.close()

    # -- use -------------------------------------------------------------------------------------

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Raises `StoreLost`."""
        with self.lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise self._lost(error) from error

    def value(self, query: str, values: Sequence[Any] = ()) -> Any:
        found = self.rows(query, values)
        return found[0][0] if found else None

    def version(self) -> int:
        """Another number after each change by another process."""
        return int(self.value("PRAGMA data_version"))

    def get(self, key: str) -> Any:
        return self.value("SELECT value FROM meta WHERE key = ?", (key,))

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction. Raises `StoreLost`; what was in it is then not there."""
        with self.lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise self._lost(error) from error
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def building(self) -> Iterator[bool]:
        """Whether this process is the one that builds."""
        if self.path is None:
            yield True
            return
        try:
            handle = os.open(f"{self.path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            yield True
            return
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True
        finally:
            os.close(handle)

    def put(self, pairs: Iterable[tuple[str, Any]]) -> None:
        with self.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", pairs)

    def _lost(self, error: sqlite3.Error) -> Exception:
        """What follows from an error: a damaged file is taken away, a full one is left, and a
        mistake in a query of ours is not hidden."""
        if _is_damage(error):
            self.discard()
        elif not any(word in str(error) for word in _OUT_OF_ORDER):
            return error
        return StoreLost(str(error))

    def start_anew(self) -> None:
        """After `StoreLost`: an empty store, on disk if that works, else in memory."""
        with self.lock:
            self._connection.close()
            self._connection = self._opened()

    def move_to_memory(self, why: str) -> None:
        """An empty store in memory, because the one on disk cannot be written to any more."""
        with self.lock:
            self._connection.close()
            self._give_up(why)
            self._connection = self._in_memory()

    def size_bytes(self) -> int:
        if self.path is None:
            pages, size = self.value("PRAGMA page_count"), self.value("PRAGMA page_size")
            return int(pages) * int(size)
        size = 0
        for suffix in ("", "-wal"):
            with contextlib.suppress(OSError):
                size += self.path.with_name(self.path.name + suffix).stat().st_size
        return size


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        name, timeout=WAIT_S, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _is_damage(error: sqlite3.Error) -> bool:
    said = str(error)
    return any(word in said for word in _DAMAGED)
