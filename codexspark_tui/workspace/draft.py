"""A draft: the tree as it would be after some changes, without touching the disk.

Changes are applied to entries in memory; `steps` then says what has to be written. Each entry
remembers what was on disk, so that the writer can see whether that is still so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from codexspark_tui.workspace.delta import Delta, between
from codexspark_tui.workspace.steps import Content, Side, Step
from codexspark_tui.workspace.tree import Spot, Tree, has_controls, lstat, refused
from codexspark_tui.workspace.values import FileState, digest_of


@dataclass(slots=True, eq=False)
class Entry:
    """One path of the draft. `origin` is the path on disk that the content comes from."""

    spot: Spot
    disk: FileState
    now: Content | None
    origin: str
    base: str
    deltas: list[Delta] = field(default_factory=list)
    removes: tuple[str, ...] = ()
    rights: int = 0
    moved_to: Entry | None = None

    @property
    def final_path(self) -> str:
        """Where the content of this entry ended."""
        return self.path if self.moved_to is None else self.moved_to.final_path

    @property
    def path(self) -> str:
        return self.spot.path

    @property
    def digest(self) -> str:
        return "" if self.now is None else digest_of(self.now.data, self.now.mode)

    def edit(self, data: bytes, delta: Delta) -> None:
        """New bytes, and how they come from those before."""
        assert self.now is not None
        self.now = Content(data, self.now.mode)
        self.deltas.append(delta)


class Draft:
    """Raises `PathRefused` where a path must not be touched or a name is taken."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._entries: dict[str, Entry] = {}
        self._followed: dict[str, Entry] = {}

    def followed(self, path: str) -> Entry:
        """The entry that holds the bytes of `path`; links are followed inside the root."""
        if path not in self._followed:
            self._followed[path] = self._entry(self.tree.followed(path))
        return self._followed[path]

    def itself(self, path: str) -> Entry:
        """The entry at `path`, which may be a link."""
        return self._entry(self.tree.spot(path))

    def create(self, entry: Entry, content: Content) -> Entry:
        if entry.now is not None:
            raise refused(entry.path, "there is already a file of that name")
        _check_new_name(entry)
        entry = self._vacant(entry)
        entry.now, entry.origin, entry.base, entry.deltas = content, "", "", []
        return entry

    def delete(self, entry: Entry) -> None:
        if entry.now is None:
            raise refused(entry.path, "there is no such file")
        entry.now = None

    def move(self, entry: Entry, to: Entry) -> Entry:
        """The entry of the new name, which goes on with the deltas of the old one."""
        to = self.copy(entry, to)
        to.origin, to.deltas = entry.origin, entry.deltas
        entry.now, entry.moved_to = None, to
        return to

    def copy(self, entry: Entry, to: Entry) -> Entry:
        if entry.now is None:
            raise refused(entry.path, "there is no such file")
        if to.now is not None:
            raise refused(to.path, "there is already a file of that name")
        _check_new_name(to)
        to = self._vacant(to)
        to.now, to.base, to.origin, to.deltas = entry.now, entry.base, "", []
        return to

    def name_now(self, path: str) -> str:
        """Where a file that is at `path` on disk has come to in the draft."""
        entry = self._entries.get(path)
        return path if entry is None else entry.final_path

    def steps(self) -> list[Step]:
        """What has to be written, in no particular order. Raises `PathRefused`."""
        changed = [e for e in self._entries.values() if e.digest != e.disk.digest]
        moved = {e.origin for e in changed if self._is_move(e)}
        steps = [self._step(e) for e in changed if not (e.now is None and e.path in moved)]
        after = {e.path for e in changed if e.now is not None}
        for path in after:
            parts = path.split("/")
            for depth in range(1, len(parts)):
                if "/".join(parts[:depth]) in after:
                    raise refused(path, "a folder of that name would be a file as well")
        return steps

    def _entry(self, spot: Spot) -> Entry:
        entry = self._entries.get(spot.path)
        if entry is None:
            disk = self.tree.read_spot(spot)
            now = None if disk.kind == "missing" else Content(disk.data, disk.mode)
            entry = Entry(spot, disk, now, spot.path, disk.digest)
            self._entries[spot.path] = entry
        return entry

    def _vacant(self, entry: Entry) -> Entry:
        """The entry for what comes to a name; a file that moved away keeps its own."""
        if entry.moved_to is None:
            return entry
        fresh = Entry(entry.spot, entry.disk, None, "", "")
        self._entries[entry.path] = fresh
        return fresh

    def _is_move(self, entry: Entry) -> bool:
        if entry.now is None or entry.disk.digest or entry.origin in {"", entry.path}:
            return False
        source = self._entries[entry.origin]
        return source.now is None and source.disk.digest != ""

    def _step(self, entry: Entry) -> Step:
        self._check_writable(entry)
        before = Side(entry.disk.digest, entry.disk.mode)
        if entry.now is None:
            info = lstat(entry.spot.full)
            rights = 0 if info is None else info.st_mode & 0o777
            data = entry.disk.data
            return Step(
                entry.path, before, Side(""), data=data, removes=entry.removes, rights=rights
            )
        after = Side(entry.digest, entry.now.mode)
        makes = self._missing_folders(entry)
        if self._is_move(entry):
            source = self._entries[entry.origin]
            before = Side(source.disk.digest, source.disk.mode)
            deltas = tuple(entry.deltas)
            return Step(
                entry.path,
                before,
                after,
                deltas,
                source=source.path,
                makes=makes,
                removes=source.removes,
            )
        if not before.exists:
            data, rights = entry.now.data, entry.rights
            return Step(entry.path, before, after, data=data, makes=makes, rights=rights)
        deltas = tuple(entry.deltas)
        if entry.origin != entry.path:
            deltas = (between(entry.disk.data, entry.now.data),)
        return Step(entry.path, before, after, deltas)

    def _missing_folders(self, entry: Entry) -> tuple[str, ...]:
        """Folders above the entry that are not there, the outermost first."""
        missing: list[str] = []
        here = entry.spot.folder
        while lstat(here) is None:
            missing.append(str(here.relative_to(self.tree.root)))
            here = here.parent
        return tuple(reversed(missing))

    def _check_writable(self, entry: Entry) -> None:
        """Permissions are looked at before anything is recorded; the write itself decides."""
        here = entry.spot.folder
        while lstat(here) is None:
            here = here.parent
        if not os.access(here, os.W_OK | os.X_OK):
            raise refused(entry.path, "its folder cannot be written to")
        changes_bytes = entry.now is None or entry.now.data != entry.disk.data
        is_file = entry.disk.kind == "file"
        if is_file and changes_bytes and not os.access(entry.spot.full, os.W_OK):
            raise refused(entry.path, "it is read-only")


def _check_new_name(entry: Entry) -> None:
    if not entry.disk.digest and has_controls(entry.path):
        raise refused(entry.path, "a new name must not have control characters in it")
