"""The files of one turn as they are on disk and as its changes will make them. Reading only.

A path that a change brings about (a new file, a new name) is *promised* until that change is on
disk; one that a change takes away (a deletion, a rename) is *left*, and may be promised again. A
file's key is the path that holds the bytes: links inside the tree are followed, but for those that
a change of this turn is about.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from codexspark_tui.errors import PathRefused
from codexspark_tui.patch.model import Rename
from codexspark_tui.workspace import FileState, Workspace

Stamp: TypeAlias = tuple[int, ...]
"""The time of a file's last change in ns, its size and its inode; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The change that brings a path about, the path on disk that the file comes from ("": new), and
    the change that first takes away what is there now ("": nothing is). With `copy`, the file
    stays at its source, too."""

    change: str
    source: str = ""
    over: str = ""
    copy: bool = False


@dataclass(slots=True)
class Files:
    """`known`: each file's digest by key, as we last read or wrote it; "" where there is none.
    `left`: the placed change that takes a path away. `barred`: renames, by their old path, whose
    new one is taken: the change and that path."""

    workspace: Workspace
    known: dict[str, str] = field(default_factory=dict)
    promised: dict[str, Promise] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    barred: dict[str, tuple[str, str]] = field(default_factory=dict)
    _real: dict[str, str] = field(default_factory=dict)
    _links: set[str] = field(default_factory=set)

    def key(self, path: str) -> str:
        """What stands for the file in all of our tables: its real path, or that of what comes in
        its place."""
        if path in self._links or path in self.promised:
            return path
        return self._real.get(path, path)

    def read(self, path: str) -> FileState:
        """The file on disk. Raises `PathRefused`. What is known of it already stays known."""
        state = self.workspace.read(path, follow=path not in self._links)
        if state.kind == "file":
            self._real[path] = state.real
        self.known.setdefault(self.key(path), state.digest)
        return state

    def now(self, path: str) -> FileState | None:
        """The file on disk; None where it cannot be read any more. Nothing is remembered."""
        try:
            return self.workspace.read(path, follow=path not in self._links)
        except PathRefused:
            return None

    def stamp(self, path: str) -> Stamp:
        """What costs next to nothing and tells that the file may be another one. Reads nothing."""
        at = self.workspace.root.joinpath(self.origin(path))
        try:
            found = at.lstat() if path in self._links else at.stat()
        except (OSError, ValueError):
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino

    def state(self, path: str, by: str = "") -> FileState:
        """The file that is or will be at `path`: a new name has the state of its source."""
        return self.read(self.origin(path, by))

    def promise(self, path: str, by: str = "") -> Promise | None:
        """What brings `path` about, as the change `by` sees it: what that one takes away is not
        yet what comes in its place."""
        found = self.promised.get(path)
        return None if found is not None and by and by == found.over else found

    def origin(self, path: str, by: str = "") -> str:
        """The path that the file is at on disk now, as far as we know."""
        promise = self.promise(path, by)
        return path if promise is None else promise.source or path

    def is_link(self, path: str, by: str = "") -> bool:
        """Whether the file at `path` is a link itself; one that is still to be made is not."""
        promise = self.promise(path, by)
        if promise is not None and not promise.source:
            return False
        return self.workspace.root.joinpath(self.origin(path, by)).is_symlink()

    def link(self, path: str, by: str = "") -> FileState:
        """The link itself, not the file behind it. Raises `PathRefused`."""
        return self.workspace.read(self.origin(path, by), follow=False)

    def stands_for_itself(self, path: str, link: FileState | None = None) -> None:
        """A change is about the link at `path`, whose state this is (None: it is to be made)."""
        self._links.add(path)
        if link is not None:
            self.known[path] = link.digest

    def is_itself(self, path: str) -> bool:
        """Whether the changes of `path` are of a link, not of the file behind it."""
        return path in self._links

    def digest(self, path: str, by: str = "") -> str:
        """The digest that a change of `path` builds on, as far as we know; "" for a new file."""
        promise = self.promise(path, by)
        if promise is not None and not promise.source:
            return ""
        return self.known.get(self.key(self.origin(path, by)), "")

    def leaves(self, path: str, id: str) -> str:
        """The placed change, another one than `id`, that takes away what is at `path`; "" if none
        does."""
        found = self.left.get(path, "")
        return "" if found == id else found

    def makes_way(self, rename: Rename, id: str) -> str:
        """What takes away the file at the new name of a rename, so that this can have it.

        Where each of several files is to get the name of the next, all of them go at once: the last
        of these renames makes way for the others, which `barred` knows.
        """
        found = self.leaves(rename.to, id)
        if found or rename.copy:
            return found
        self.barred[rename.path] = id, rename.to
        ring, here = [(rename.path, id)], rename.to
        while here in self.barred and here != rename.path and len(ring) <= len(self.barred):
            ring.append((here, self.barred[here][0]))
            here = self.barred[here][1]
        if here == rename.path:
            self.left.update(ring)
        return self.leaves(rename.to, id)

    def brings(self, path: str) -> set[str]:
        """The keys of `path` and of all promised paths whose files come from there."""
        found = {self.key(path)}
        for to, promise in self.promised.items():
            if promise.source and self.key(promise.source) in found:
                found.add(self.key(to))
        return found

    def keep_promises(self, change: str) -> None:
        """What this change promised is on disk, and what it took away is gone."""
        kept = [(to, p) for to, p in self.promised.items() if p.change == change]
        moved = {promise.source: to for to, promise in kept if not promise.copy}
        self.promised = {
            path: replace(promise, source=moved.get(promise.source, promise.source))
            for path, promise in self.promised.items()
            if promise.change != change
        }
        for path, _ in kept:
            self._real.pop(path, None)
        self.left = {path: id for path, id in self.left.items() if id != change}

    def forget(self, keys: set[str]) -> None:
        self.promised = {p: m for p, m in self.promised.items() if self.key(p) not in keys}
        self._real = {path: real for path, real in self._real.items() if real not in keys}
