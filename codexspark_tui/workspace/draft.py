"""A draft: the tree as it would be after some changes, without touching the disk.

Changes are applied to entries in memory; `steps` then says what has to be written. Each entry
remembers what was on disk, so that the writer can see whether that is still so.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from codexspark_tui.patch.model import Mode
from codexspark_tui.workspace.delta import Delta, between
from codexspark_tui.workspace.steps import Content, Side, Step
from codexspark_tui.workspace.tree import LINK_MODE, Spot, Tree, has_controls, lstat, refused
from codexspark_tui.workspace.values import FileState, digest_of


@dataclass(slots=True, eq=False)
class Entry:
    """One path of the draft. `origin` is the path on disk that the content comes from ("": it is
    new), `like` the file on disk whose permission bits it has, unless `rights` are given."""

    spot: Spot
    disk: FileState
    now: Content | None
    origin: str
    base: str
    deltas: list[Delta] = field(default_factory=list)
    like: Spot | None = None
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

    @property
    def all_rights(self) -> int:
        """The permission bits that the file of this entry has or gets; 0 where that is not said."""
        if self.now is None or self.now.mode == LINK_MODE:
            return 0
        info = None if self.like is None else lstat(self.like.full)
        known = info is not None and stat.S_ISREG(info.st_mode)
        rights = stat.S_IMODE(info.st_mode) if info is not None and known else 0
        rights = self.rights or rights
        return _with_mode(rights, self.now.mode) if rights else 0

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
        self._on_disk: dict[str, Entry] = {}
        self._followed: dict[str, Entry] = {}

    def followed(self, path: str) -> Entry:
        """The entry that holds the bytes of `path`; links are followed inside the root."""
        known = self._followed.get(path)
        if known is not None and self._entries[known.path] is known:
            return known
        own = self._entries.get(self.tree.spot(path).path)
        if own is not None and own.digest != own.disk.digest:  # what the disk has is not there now
            return own
        known = self._followed[path] = self._entry(self.tree.followed(path))
        return known

    def itself(self, path: str) -> Entry:
        """The entry at `path`, which may be a link."""
        return self._entry(self.tree.spot(path))

    def create(self, entry: Entry, content: Content) -> Entry:
        if entry.now is not None:
            raise refused(entry.path, "there is already a file of that name")
        _check_new_name(entry)
        entry = self._vacant(entry)
        entry.now, entry.origin, entry.base, entry.deltas = content, "", "", []
        entry.rights = 0
        return entry

    def delete(self, entry: Entry) -> None:
        if entry.now is None:
            raise refused(entry.path, "there is no such file")
        entry.now = None

    def move(self, entry: Entry, to: Entry) -> Entry:
        """The entry of the new name, which goes on with the deltas of the old one."""
        to = self.copy(entry, to)
        to.origin, to.deltas, to.rights = entry.origin, entry.deltas, entry.rights
        entry.now, entry.moved_to = None, to
        return to

    def exchange(self, moves: Sequence[tuple[Entry, Entry]]) -> list[Entry]:
        """Move each entry to the place of another one that moves as well, all at once; the entries
        of the new names, in the same order."""
        made = []
        for entry, to in moves:
            if entry.now is None:
                raise refused(entry.path, "there is no such file")
            made.append(replace(entry, spot=to.spot, disk=to.disk, moved_to=None, removes=()))
        for (entry, to), new in zip(moves, made, strict=True):
            self._entries[to.path] = new
            entry.now, entry.moved_to = None, new
        return made

    def copy(self, entry: Entry, to: Entry) -> Entry:
        if entry.now is None:
            raise refused(entry.path, "there is no such file")
        if to.now is not None:
            raise refused(to.path, "there is already a file of that name")
        _check_new_name(to)
        to = self._vacant(to)
        to.now, to.base, to.origin, to.deltas = entry.now, entry.base, "", []
        to.like, to.rights = entry.like, entry.all_rights
        return to

    def name_now(self, path: str) -> str:
        """Where a file that is at `path` on disk has come to in the draft."""
        entry = self._on_disk.get(path)
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
        self._check_same_file(steps)
        return steps

    def _entry(self, spot: Spot) -> Entry:
        entry = self._entries.get(spot.path)
        if entry is None:
            disk = self.tree.read_spot(spot)
            now = None if disk.kind == "missing" else Content(disk.data, disk.mode)
            entry = Entry(spot, disk, now, spot.path, disk.digest, like=spot)
            self._entries[spot.path] = self._on_disk[spot.path] = entry
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
        before = _before(entry)
        if entry.now is None:
            return Step(entry.path, before, Side(""), data=entry.disk.data, removes=entry.removes)
        after = Side(entry.digest, entry.now.mode, entry.all_rights)
        makes, deltas = self._missing_folders(entry), tuple(entry.deltas)
        if self._is_move(entry):
            source = self._entries[entry.origin]
            step = Step(entry.path, _before(source), after, deltas, source=source.path)
            step = replace(step, makes=makes, removes=source.removes)
            return self._kept(step, entry, source)
        origin: str | None = None
        via: tuple[Delta, ...] = ()
        if entry.origin != entry.path and entry.like != entry.spot:
            origin, via = entry.origin, deltas
            self._check_names(entry)
        if not before.exists:
            origin = origin or None
            data = entry.now.data
            return Step(entry.path, before, after, data=data, makes=makes, origin=origin, via=via)
        if entry.origin != entry.path:
            deltas = (between(entry.disk.data, entry.now.data),)
        step = Step(entry.path, before, after, deltas, origin=origin, via=via)
        return step if origin is not None else self._kept(step, entry, entry)

    def _kept(self, step: Step, entry: Entry, old: Entry) -> Step:
        """The step of a file that stays the same one: its rights are said only where they change,
        and where all of its names are ours it is written in place."""
        assert entry.now is not None
        if step.after.rights == step.before.rights:
            step = replace(step, after=replace(step.after, rights=0))
        if _names_of(old) > 1 and LINK_MODE not in (step.before.mode, step.after.mode):
            info = lstat(old.spot.full)
            only_moves = step.before.digest == step.after.digest
            if only_moves or (info is not None and self.tree.has_all_names(info)):
                return replace(step, data=entry.now.data)
            return replace(step, parted=True)
        return step

    def _check_names(self, entry: Entry) -> None:
        """A file with several names can only move by itself: they all go with it."""
        source = self._entries.get(entry.origin)
        if source is not None and _names_of(source) > 1:
            raise refused(
                entry.origin,
                "it has other names (hard links), and another file would come in its place:"
                " accept its new name by itself",
            )

    def _check_same_file(self, steps: Sequence[Step]) -> None:
        """Two names of one file are written once, so both changes must come to the same."""
        seen: dict[tuple[int, int], Step] = {}
        for step in steps:
            info = lstat(self._entries[step.source or step.path].spot.full)
            if not step.in_place or info is None:
                continue
            other = seen.setdefault((info.st_dev, info.st_ino), step)
            if other is not step and (step.source or other.source or step.data != other.data):
                raise refused(
                    step.path,
                    f"it is the same file as {other.path!r} (a hard link), and the changes differ",
                )

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


def _before(entry: Entry) -> Side:
    info = lstat(entry.spot.full) if entry.disk.kind == "file" else None
    rights = 0 if info is None else stat.S_IMODE(info.st_mode)
    return Side(entry.disk.digest, entry.disk.mode, rights)


def _names_of(entry: Entry) -> int:
    """How many names (hard links) the file on disk has; 0 for what is no file."""
    info = lstat(entry.spot.full) if entry.disk.kind == "file" else None
    return 0 if info is None else info.st_nlink


def _with_mode(rights: int, mode: Mode) -> int:
    """All permission bits, with those to execute as git's mode says."""
    if bool(rights & 0o100) == (mode == "100755"):
        return rights
    return rights & ~0o111 if mode == "100644" else rights | 0o100 | (rights & 0o444) >> 2


def _check_new_name(entry: Entry) -> None:
    if not entry.disk.digest and has_controls(entry.path):
        raise refused(entry.path, "a new name must not have control characters in it")
