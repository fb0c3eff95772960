"""The index of one working tree: opened in a moment, kept up to date, asked what a prompt is about.

    index = Index.open(root)            → never fails; `notice` says what is not as usual
    index.paths                         → as of the latest look, of whichever process
    index.refresh()                     → Changes: a look at the tree (sizes and times)
    index.look_later()                  → the same in a moment, in the background
    index.build(stop, tell)             → reads what is waiting, by worker processes
    index.read_now(paths)               → reads a few files here and now
    index.rank(Ask(prompt))             → [Ranked], the best first, with reasons

Several processes may share it; one at a time builds it. Whatever is damaged is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from codexspark_tui import state_dir
from codexspark_tui.git import head_commit, recent_commits
from codexspark_tui.index import fill, ranking
from codexspark_tui.index.pool import Plan, read_all
from codexspark_tui.index.prompt import Said, read_prompt
from codexspark_tui.index.reading import read_file
from codexspark_tui.index.scan import listed, note, real, remembered, scan, stored
from codexspark_tui.index.store import FORMAT, Store, StoreLost
from codexspark_tui.index.values import Ask, Changes, Definition, FileFacts, Ranked, Status
from codexspark_tui.index.words import is_kept

T = TypeVar("T")
MOST_COMMITS = 2_000
FLUSH = 240  # files in a transaction: what a kill can cost
LOOK_AFTER_S = 1.0
Tell = Callable[[int, int], None]


class Index:
    """`root`: the tree."""

    def __init__(self, root: Path, store: Store) -> None:
        self.root = root
        self._store = store
        self._paths: ranking.Paths | None = None  # asked for when they are first wanted
        self._version = 0
        self._looking: threading.Thread | None = None
        self._closed = threading.Event()

    @classmethod
    def open(cls, root: Path, *, folder: Path | None = None) -> Index:
        """The index of the tree at `root`, in the cache folder (or `folder`)."""
        identity = _identity(root)
        name = hashlib.sha256(os.fsencode(identity)).hexdigest()[:24]
        place = (folder or state_dir.cache_dir() / "index") / f"{name}.sqlite"
        return cls(root, Store(place, f"{FORMAT} {name}"))

    def close(self) -> None:
        self._closed.set()
        if self._looking is not None:
            self._looking.join()
        self._store.close()

    @property
    def notice(self) -> str:
        """Why it lives in memory; "" where it is kept."""
        return self._store.notice

    @property
    def paths(self) -> list[str]:
        """The files of the tree, sorted, as of the latest look at it by any process; before the
        first one as git tells them."""
        return self._tree().all

    def _tree(self) -> ranking.Paths:
        version = self._asked(self._store.version, 0)
        if self._paths is None or version != self._version:
            nothing: list[str] = []
            known = self._asked(lambda: remembered(self._store), nothing)
            known = known or sorted(listed(self.root))
            self._version = version
            if self._paths is None or known != self._paths.all:
                self._paths = ranking.Paths(known)
        return self._paths

    # -- keeping it up to date -------------------------------------------------------------------

    def refresh(self) -> Changes:
        """Look at the whole tree. What has changed waits to be read."""
        paths, changes = self._kept(lambda: scan(self._store, self.root))
        if self._paths is None or paths != self._paths.all:
            self._paths = ranking.Paths(paths)
        return changes

    def look_later(self, after_s: float = LOOK_AFTER_S) -> None:
        """Refresh in a moment, in the background, unless that is about to happen already."""
        if self._closed.is_set() or (self._looking is not None and self._looking.is_alive()):
            return

        def look() -> None:
            if not self._closed.wait(after_s):
                self.refresh()

        self._looking = threading.Thread(target=look, daemon=True)
        self._looking.start()

    def note(self, paths: Sequence[str]) -> Changes:
        """Look at these files only; new ones are taken on, so they must be files of the tree."""
        _, changes = self._kept(lambda: note(self._store, self.root, paths, whole=False))
        if changes.added or changes.removed:
            there = (self._tree().known | set(changes.added)) - set(changes.removed)
            self._paths = ranking.Paths(sorted(there))
        return changes

    def read_now(self, paths: Sequence[str]) -> None:
        """Read these files in this process; for a few that have just changed."""
        found = [read_file(self.root, path) for path in paths]
        self._kept(lambda: fill.fill(self._store, found))

    def build(
        self,
        stop: threading.Event | None = None,
        tell: Tell | None = None,
        plan: Plan | None = None,
    ) -> bool:
        """Read all that waits. Whether it is complete then; another process that builds it goes on.

        `tell` is given (files read, files to read) after each batch.
        """
        stop = stop or threading.Event()
        with self._store.building() as ours:
            if not ours:
                return False
            head = head_commit(self.root)
            if head and head != self._store.get("head"):
                commits = recent_commits(self.root, MOST_COMMITS)
                self._kept(lambda: fill.fill_history(self._store, head, commits))
            todo = self._kept(lambda: fill.waiting(self._store))
            done = 0
            kept: list[FileFacts] = []
            for batch in read_all(self.root, todo, stop, plan or Plan(os.cpu_count() or 2)):
                kept += batch
                done += len(batch)
                if len(kept) >= FLUSH:
                    self._kept(partial(fill.fill, self._store, kept))
                    kept = []
                if tell is not None:
                    tell(done, len(todo))
            self._kept(partial(fill.fill, self._store, kept))
        return not stop.is_set()

    def rebuild(self) -> None:
        """Throw everything away and look at the tree anew."""
        self._store.discard()
        self._store.start_anew()
        self.refresh()

    def _kept(self, act: Callable[[], T]) -> T:
        """Do it; if the store is lost (damage, a full disk), once more with an empty one."""
        try:
            return act()
        except StoreLost as error:
            if "malformed" in str(error) or "not a database" in str(error):
                self._store.start_anew()
            else:
                self._store.move_to_memory(str(error))
            scan(self._store, self.root)
            return act()

    # -- asking it -------------------------------------------------------------------------------

    def rank(self, ask: Ask, said: Said | None = None) -> list[Ranked]:
        """The files that a prompt is about. What the index does not know yet cannot be in it."""
        read = said or read_prompt(_plain(ask.prompt))
        return self._asked(lambda: ranking.rank(self._store, self._tree(), ask, read), [])

    def definitions(self, name: str, most: int = 50) -> list[Definition]:
        return self._asked(lambda: ranking.definitions(self._store, _plain(name), most), [])

    def symbols_of(self, path: str) -> list[Definition]:
        """All symbols of a file in their order."""
        query = (
            "SELECT path, name, symbol.kind, line, end_line, signature, parent FROM symbol"
            " JOIN file ON file.id = symbol.file WHERE path = ? ORDER BY line, end_line DESC"
        )
        rows = self._rows(query, (stored(path),))
        return [Definition(real(row[0]), *row[1:]) for row in rows]

    def may_hold(self, word: str) -> frozenset[str] | None:
        """The files that hold `word`, and all whose words are not known, as of the latest look;
        None where that cannot be told."""
        if not is_kept(word) or not self.is_ready:
            return None
        query = (
            "SELECT path FROM file WHERE doc IN (SELECT rowid FROM words WHERE words MATCH ?)"
            " UNION SELECT path FROM file WHERE state <> 'read' OR NOT whole"
        )
        match = f"{{body}} : {ranking.query_of([word])}"
        rows = self._asked(lambda: self._store.rows(query, (match,)), None)
        return None if rows is None else frozenset(real(path) for (path,) in rows)

    def kind(self, path: str) -> str:
        """What kind of file it is; "" for an ordinary one or one that is not known."""
        query = "SELECT kind FROM file WHERE path = ?"
        return str(self._asked(lambda: self._store.value(query, (stored(path),)), "") or "")

    @property
    def is_ready(self) -> bool:
        """Whether nearly all files have been read, so that ranks can be trusted."""
        files = self._asked(lambda: self._store.value("SELECT count(*) FROM file"), 0)
        return bool(files) and self.waiting <= max(20, files * 0.02)

    @property
    def waiting(self) -> int:
        """How many files are still to be read."""
        query = "SELECT count(*) FROM file WHERE state = 'waiting'"  # by a small index
        return int(self._asked(lambda: self._store.value(query), 0) or 0)

    def status(self) -> Status:
        from codexspark_tui.index.report import status

        return self._asked(lambda: status(self._store), Status(0, 0, 0, 0, 0))

    def search(self, query: str, most: int = 50) -> list[Definition]:
        """Symbols whose names hold all letters of the query in their order, the best first."""
        from codexspark_tui.index.report import search

        return self._asked(lambda: search(self._store, _plain(query), most), [])

    def map(self, most_files: int = 60) -> list[tuple[str, list[Definition]]]:
        """The files that others refer to most, with the symbols that are referred to."""
        from codexspark_tui.index.report import map_of

        return self._asked(lambda: map_of(self._store, most_files), [])

    def _rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        nothing: list[tuple[Any, ...]] = []
        return self._asked(lambda: self._store.rows(query, values), nothing)

    def _asked(self, act: Callable[[], T], otherwise: T) -> T:
        """An answer; where the store has just been lost, the empty one."""
        try:
            return act()
        except StoreLost:
            with contextlib.suppress(StoreLost):
                self._store.start_anew()
            return otherwise


def _plain(text: str) -> str:
    """As SQLite takes it: without lone surrogates and NULs."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ")


def _identity(root: Path) -> str:
    """What tells one tree from another that comes to lie at the same path."""
    with contextlib.suppress(OSError):
        made = (root / ".git").stat()
        return f"{root}\0{made.st_dev}\0{made.st_ino}"
    return f"{root}"
