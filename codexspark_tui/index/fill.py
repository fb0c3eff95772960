"""Put what was read of files into the store, and ask what is still to be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from codexspark_tui.git import Commit
from codexspark_tui.index.scan import real, stored
from codexspark_tui.index.store import Store
from codexspark_tui.index.values import FileFacts
from codexspark_tui.index.words import path_document

MOST_OF_A_COMMIT = 60  # a commit that changes more says nothing about any of them


def waiting(store: Store) -> list[tuple[str, str]]:
    """(path, blob id that is known) of files to be read, those of late commits first."""
    rows = store.rows(
        "SELECT path, CASE WHEN doc IS NULL THEN '' ELSE oid END,"
        " (SELECT min(number) FROM touched WHERE touched.path = file.path) AS late"
        " FROM file WHERE state = 'waiting' ORDER BY late IS NULL, late, path"
    )
    return [(real(path), oid) for path, oid, _ in rows]


def fill(store: Store, found: Iterable[FileFacts]) -> None:
    """Write facts in one transaction. A file that is not in the store any more is passed over."""
    with store.writing() as connection:
        top = connection.execute("SELECT coalesce(max(doc), 0) FROM file").fetchone()[0]
        used = connection.execute("SELECT value FROM meta WHERE key = 'doc'").fetchone()
        doc = max(int(top), int(used[0]) if used else 0)
        for facts in found:
            doc += _put(connection, facts, doc + 1)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('doc', ?)", (doc,))


def _put(connection: sqlite3.Connection, facts: FileFacts, doc: int) -> int:
    """How many documents it added."""
    path = stored(facts.path)
    row = connection.execute("SELECT id, oid, doc FROM file WHERE path = ?", (path,)).fetchone()
    if row is None:
        return 0
    id, oid, old = row
    if facts.state == "read" and old is not None and oid == facts.oid:
        connection.execute("UPDATE file SET state = 'read' WHERE id = ?", (id,))
        return 0
    if old is not None or oid:
        connection.execute("DELETE FROM symbol WHERE file = ?", (id,))
    seen = (facts.oid, facts.kind, facts.state, facts.note)
    if facts.state != "read":
        connection.execute(
            "UPDATE file SET oid = ?, kind = ?, state = ?, note = ?, doc = NULL WHERE id = ?",
            (*seen, id),
        )
        return 0
    connection.executemany(
        "INSERT INTO symbol VALUES (?, ?, ?, ?, ?, ?, ?)", [(id, *s) for s in facts.symbols]
    )
    connection.execute(
        "INSERT INTO words (rowid, path, names, body) VALUES (?, ?, ?, ?)",
        (doc, path_document(facts.path), facts.names, facts.body),
    )
    connection.execute(
        "UPDATE file SET oid = ?, kind = ?, state = ?, note = ?, doc = ?,"
        " size = ?, mtime = ?, whole = ? WHERE id = ?",
        (*seen, doc, facts.size, facts.mtime_ns, facts.whole, id),
    )
    return 1


def fill_history(store: Store, head: str, commits: list[Commit]) -> None:
    """The history in place of the one before; number 1 is the latest commit."""
    with store.writing() as connection:
        connection.execute("DELETE FROM touched")
        connection.execute("INSERT INTO said (said) VALUES ('delete-all')")
        for number, commit in enumerate(commits, 1):
            if len(commit.paths) > MOST_OF_A_COMMIT:
                continue
            message = commit.message[:2000]
            connection.execute("INSERT INTO said (rowid, message) VALUES (?, ?)", (number, message))
            connection.executemany(
                "INSERT INTO touched VALUES (?, ?)",
                [(number, stored(path)) for path in commit.paths],
            )
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('head', ?)", (head,))
