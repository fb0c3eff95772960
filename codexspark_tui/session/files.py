"""The files of one turn as they are on disk and as its changes will make them. Reading only.

A path that a change brings about (a new file, a new name) is *promised* until that change is on
disk. A file's key is the path that holds the bytes: links inside the tree are followed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from codexspark_tui.errors import PathRefused
from codexspark_tui.workspace import FileState, Workspace


@dataclass(frozen=True, slots=True)
class Promise:
    """The change that brings a path about, and the path that the file comes from ("": new)."""

    change: str
    source: str = ""


@dataclass(slots=True)
class Files:
    """`known`: each file's digest by key, as we last read or wrote it; "" where there is none."""

    workspace: Workspace
    known: dict[str, str] = field(default_factory=dict)
    promised: dict[str, Promise] = field(default_factory=dict)
    _real: dict[str, str] = field(default_factory=dict)
    _links: set[str] = field(default_factory=set)

    def key(self, path: str) -> str:
        return path if path in self._links else self._real.get(path, path)

    def read(self, path: str) -> FileState:
        """The file on disk. Raises `PathRefused`. What is known of it already stays known."""
        state = self.workspace.read(path)
        if state.kind == "file":
            self._real[path] = state.real
        self.known.setdefault(self.key(path), state.digest)
        return state

    def now(self, path: str) -> FileState | None:
        """The file on disk; None where it cannot be read any more. Nothing is remembered."""
        try:
            return self.workspace.read(path)
        except PathRefused:
            return None

    def state(self, path: str) -> FileState:
        """The file that is or will be at `path`: a new name has the state of its source."""
        return self.read(self.origin(path))

    def origin(self, path: str) -> str:
        """The path that the file is at on disk now, as far as we know."""
        promise = self.promised.get(path)
        if promise is None or not promise.source:
            return path
        return self.origin(promise.source)

    def is_link(self, path: str) -> bool:
        return self.workspace.root.joinpath(self.origin(path)).is_symlink()

    def link(self, path: str) -> FileState:
        """The link itself, not the file behind it. Raises `PathRefused`."""
        return self.workspace.read(self.origin(path), follow=False)

    def stands_for_itself(self, path: str, link: FileState) -> None:
        """A change is about the link at `path`, whose state this is."""
        self._links.add(path)
        self.known[path] = link.digest

    def digest(self, path: str) -> str:
        """The digest that a change of `path` builds on, as far as we know; "" for a new file."""
        promise = self.promised.get(path)
        if promise is not None and not promise.source:
            return ""
        return self.known.get(self.key(self.origin(path)), "")

    def brings(self, path: str) -> set[str]:
        """The keys of `path` and of all promised paths whose files come from there."""
        found = {self.key(path)}
        for to, promise in self.promised.items():
            if promise.source and self.key(promise.source) in found:
                found.add(self.key(to))
        return found

    def keep_promises(self, change: str) -> None:
        """What this change promised is on disk."""
        self.promised = {p: m for p, m in self.promised.items() if m.change != change}

    def forget(self, keys: set[str]) -> None:
        self.promised = {p: m for p, m in self.promised.items() if self.key(p) not in keys}
        self._real = {path: real for path, real in self._real.items() if real not in keys}
