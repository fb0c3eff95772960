"""Look at the tree and tell what the index does not know yet. Files are not opened here.

Paths are those of git (ignore rules honoured) without what `.sparkignore` covers. A file counts as
changed by its size and its time of change; its blob id decides later whether it really did.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from codexspark_tui.errors import NoRepository
from codexspark_tui.git import Entries, list_entries, walked
from codexspark_tui.index.kinds import kind_by_name
from codexspark_tui.index.store import Store
from codexspark_tui.index.values import Changes

IGNORE_FILE = ".sparkignore"
_Row = tuple[int, int, int]  # id, size, mtime


def scan(store: Store, root: Path) -> tuple[list[str], Changes]:
    """All paths of the tree, sorted, and what is new in it; the store knows of both afterwards."""
    return note(store, root, listed(root), whole=True)


def listed(root: Path) -> list[str]:
    """All paths of the tree, in no order; some may be deleted."""
    entries = _entries(root)
    return [*entries.tracked, *entries.untracked]


def remembered(store: Store) -> list[str]:
    """The paths of the latest look at the tree, sorted."""
    return sorted(real(path) for (path,) in store.rows("SELECT path FROM file ORDER BY path"))


def _entries(root: Path) -> Entries:
    has_rules = (root / IGNORE_FILE).is_file()
    try:
        return list_entries(root, IGNORE_FILE if has_rules else "")
    except NoRepository:
        return Entries((), tuple(walked(root)))


def note(
    store: Store, root: Path, paths: Iterable[str], *, whole: bool
) -> tuple[list[str], Changes]:
    """Compare these paths with the store; if they are the `whole` tree, others are gone.

    Paths that hold lone surrogates (names that are not UTF-8) are kept escaped by `stored`.
    """
    known = _known(store, None if whole else list(paths := list(paths)))
    added: list[tuple[str, int, int, str, str]] = []
    changed: list[tuple[int, int, str, str, int]] = []
    there: list[str] = []
    prefix = f"{root}/"
    for path in paths:
        try:
            seen = os.lstat(prefix + path)
        except (OSError, ValueError):
            continue
        there.append(path)
        key = path if path.isascii() else stored(path)
        row = known.pop(key, None)
        size, mtime = seen.st_size, seen.st_mtime_ns
        if row is not None and row[1] == size and row[2] == mtime:
            continue
        kind, state = _kind(path, seen)
        if row is None:
            added.append((key, size, mtime, kind, state))
        else:
            changed.append((size, mtime, kind, state, row[0]))
    gone = list(known.items())
    changes = Changes(
        tuple(real(row[0]) for row in added),
        _paths_of(store, [row[4] for row in changed]),
        tuple(real(path) for path, _ in gone),
    )
    if changes.count:
        _write(store, added, changed, [row[0] for _, row in gone])
    there.sort()
    return there, changes


def _known(store: Store, only: list[str] | None) -> dict[str, _Row]:
    if only is None:
        rows = store.rows("SELECT path, id, size, mtime FROM file")
        return {path: (id, size, mtime) for path, id, size, mtime in rows}
    found: dict[str, _Row] = {}
    for path in only:
        for id, size, mtime in store.rows(
            "SELECT id, size, mtime FROM file WHERE path = ?", (stored(path),)
        ):
            found[stored(path)] = (id, size, mtime)
    return found


def _kind(path: str, seen: os.stat_result) -> tuple[str, str]:
    """Kind and state of a file that is to be read, or not."""
    if stat.S_ISLNK(seen.st_mode):
        return "link", "skipped"
    if not stat.S_ISREG(seen.st_mode):
        return "special", "skipped"
    kind = kind_by_name(path, seen.st_size)
    return (kind, "skipped") if kind else ("", "waiting")


def _paths_of(store: Store, ids: list[int]) -> tuple[str, ...]:
    query = "SELECT path FROM file WHERE id = ?"
    return tuple(real(store.value(query, (id,))) for id in ids)


def _write(
    store: Store,
    added: list[tuple[str, int, int, str, str]],
    changed: list[tuple[int, int, str, str, int]],
    gone: list[int],
) -> None:
    with store.writing() as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO file (path, size, mtime, kind, state) VALUES (?, ?, ?, ?, ?)",
            added,
        )
        connection.executemany(
            "UPDATE file SET size = ?, mtime = ?, kind = ?, state = ? WHERE id = ?", changed
        )
        for id in gone:
            connection.execute("DELETE FROM symbol WHERE file = ?", (id,))
            connection.execute("DELETE FROM file WHERE id = ?", (id,))


def stored(path: str) -> str:
    """A path as SQLite can keep it: bytes that are not UTF-8 as characters of a private range."""
    if path.isascii():
        return path
    return "".join(
        chr(ord(c) - 0xDC00 + _PRIVATE) if 0xDC80 <= ord(c) <= 0xDCFF else c for c in path
    )


def real(path: str) -> str:
    """The opposite of `stored`."""
    if path.isascii():
        return path
    first, last = _PRIVATE + 0x80, _PRIVATE + 0xFF
    return "".join(chr(ord(c) - _PRIVATE + 0xDC00) if first <= ord(c) <= last else c for c in path)


_PRIVATE = 0x10F000  # in the last private plane, which no file name uses
