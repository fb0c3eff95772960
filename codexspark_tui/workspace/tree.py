"""The files below the root: which path may be touched, and what is there.

True here: a path is judged before anything is opened; a folder above a file may be a symbolic link
only to a place inside the root; the last part is opened without following links; nothing in a git
directory, in a nested repository or in our own ledger is ever reached. Reading only: `writer.py`
is the one module that changes files.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.errors import PathRefused
from codexspark_tui.patch.model import Mode
from codexspark_tui.patch.paths import unsafe_path
from codexspark_tui.workspace.folding import as_on_disk, folds_case
from codexspark_tui.workspace.values import FileState, digest_of

SIZE_LIMIT = 10 * 1024 * 1024
LINK_MODE: Mode = "120000"
_MOST_ENTRIES = 200_000
_CONTROLS = {"Cc", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the tree: `folder` (absolute, free of links, perhaps not there yet) and `name`."""

    path: str
    folder: Path
    name: str

    @property
    def full(self) -> Path:
        return self.folder / self.name


@dataclass(frozen=True, slots=True)
class Tree:
    """`closed` are folders that are never entered (git directories, the ledger). `folds`: the file
    system takes names that differ in case only for the same one."""

    root: Path
    closed: tuple[Path, ...]
    size_limit: int
    folds: bool = False

    @classmethod
    def at(cls, root: Path, closed: Sequence[Path], size_limit: int) -> Tree:
        real = tuple(Path(os.path.realpath(folder)) for folder in closed)
        here = Path(os.path.realpath(root))
        return cls(here, real, size_limit, folds_case(here))

    def spot(self, path: str) -> Spot:
        """Where `path` is, its last part not followed. Raises `PathRefused`."""
        why = _unsafe(path)
        if why is not None:
            raise refused(path, why)
        if not self.root.is_dir():
            raise refused(path, "the folder of the repository is gone")
        *above, name = (as_on_disk(self.root, path) if self.folds else path).split("/")
        folder = Path(os.path.realpath(self.root.joinpath(*above)))
        if not folder.is_relative_to(self.root):
            raise refused(path, "it leads out of the repository through a symbolic link")
        self._check_open(path, folder / name)
        self._check_folder(path, folder)
        below = folder.relative_to(self.root).parts
        return Spot("/".join((*below, name)), folder, name)

    def followed(self, path: str) -> Spot:
        """Where the bytes of `path` are: links in its last part are followed inside the root.

        The spot of the link itself where it leads to nothing. Raises `PathRefused`.
        """
        spot = self.spot(path)
        info = lstat(spot.full, path)
        if info is None or not stat.S_ISLNK(info.st_mode):
            return spot
        real = Path(os.path.realpath(spot.full))
        if not real.is_relative_to(self.root):
            raise refused(path, "it is a symbolic link that leads out of the repository")
        target = lstat(real)
        if target is None:
            return spot
        if stat.S_ISLNK(target.st_mode):
            raise refused(path, "its symbolic links go round in a circle")
        return self.spot(str(real.relative_to(self.root)))

    def read(self, path: str, *, follow: bool = True) -> FileState:
        """The file at `path`, links followed inside the root. Raises `PathRefused`."""
        state = self.read_spot(self.followed(path) if follow else self.spot(path))
        return FileState(path, state.kind, state.data, state.mode, state.digest, state.real)

    def read_spot(self, spot: Spot) -> FileState:
        """What is at the spot itself; a link is not followed. Raises `PathRefused`."""
        info = lstat(spot.full, spot.path)
        if info is None:
            return FileState(spot.path, "missing", b"", "100644", "", spot.path)
        if stat.S_ISLNK(info.st_mode):
            target = os.fsencode(spot.full.readlink())
            digest = digest_of(target, LINK_MODE)
            return FileState(spot.path, "symlink", target, LINK_MODE, digest, spot.path)
        if not stat.S_ISREG(info.st_mode):
            kind = NoFile if stat.S_ISDIR(info.st_mode) else LeftAlone
            raise kind(spot.path, _special(info.st_mode))
        if info.st_size > self.size_limit:
            limit = f"{self.size_limit / 1_048_576:.0f} MB"
            raise refused(spot.path, f"it is larger than {limit}")
        data, file_mode = _bytes_of(spot)
        mode: Mode = "100755" if file_mode & stat.S_IXUSR else "100644"
        return FileState(spot.path, "file", data, mode, digest_of(data, mode), spot.path)

    def has_all_names(self, info: os.stat_result) -> bool:
        """Whether every name (hard link) of a file is one of this tree's own files."""
        left, looked = info.st_nlink, 0
        waiting = [self.root]
        while waiting and left and looked < _MOST_ENTRIES:
            folder = waiting.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue
            if folder != self.root and any(entry.name == ".git" for entry in entries):
                continue
            looked += len(entries)
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != ".git" and Path(entry.path) not in self.closed:
                        waiting.append(Path(entry.path))
                elif entry.inode() == info.st_ino:
                    left -= entry.stat(follow_symlinks=False).st_dev == info.st_dev
        return left == 0

    def is_closed(self, real: Path) -> bool:
        """Whether it is in a folder that is never entered, or in any repository's git directory."""
        parts = real.relative_to(self.root).parts if real.is_relative_to(self.root) else ()
        inside = any(real.is_relative_to(closed) for closed in self.closed)
        return inside or any(part.lower() == ".git" for part in parts)

    def _check_open(self, path: str, full: Path) -> None:
        for closed in self.closed:
            if full.is_relative_to(closed):
                raise refused(path, "it is inside git's own folder")

    def _check_folder(self, path: str, folder: Path) -> None:
        """Every part above the file is a folder (or not there yet) of this repository."""
        here = folder
        while here != self.root:
            if here.name.lower() == ".git":
                raise refused(path, "it is inside git's own folder")
            if lstat(here / ".git", path) is not None:
                inner = here.relative_to(self.root)
                raise refused(path, f"it belongs to another repository, at {inner}")
            info = lstat(here, path)
            if info is not None and not stat.S_ISDIR(info.st_mode):
                raise NoFile(path, f"{here.relative_to(self.root)} is not a folder")
            here = here.parent


class LeftAlone(PathRefused):
    """`path` is not touched, because of what `why` says after a colon."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path!r} is left alone: {why}")
        self.path = path
        self.why = why


class NoFile(LeftAlone):
    """There is no file of that name, and none can be: a folder is there, or a file above it."""


def refused(path: str, why: str) -> LeftAlone:
    return LeftAlone(path, why)


def lstat(path: Path, said: str = "") -> os.stat_result | None:
    """What is at `path` itself; None where nothing is. Raises `PathRefused` for other errors, in
    which the file is called as `said`."""
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise refused(said or str(path), _said(error)) from error


def has_controls(path: str) -> bool:
    """Line breaks, escapes and the like: such files may be edited but are never made."""
    return any(unicodedata.category(character) in _CONTROLS for character in path)


def _unsafe(path: str) -> str | None:
    why = "it has a NUL in it." if "\0" in path else unsafe_path(path, there=True)
    return None if why is None else why[0].lower() + why[1:].rstrip(".")


def _bytes_of(spot: Spot) -> tuple[bytes, int]:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(spot.full, flags)
    except OSError as error:
        raise refused(spot.path, _said(error)) from error
    with os.fdopen(fd, "rb", buffering=0) as file:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise refused(spot.path, _special(info.st_mode))
        try:
            return file.readall(), info.st_mode
        except OSError as error:
            raise refused(spot.path, _said(error)) from error


def _said(error: OSError) -> str:
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return "you have no permission to read it"
        case errno.ENAMETOOLONG:
            return "its name is too long"
        case errno.ELOOP:
            return "its symbolic links go round in a circle"
    return (error.strerror or str(error)).lower()


def _special(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "it is a folder"
    return "it is a device, a pipe or a socket, not a file"
