"""The one module that changes files: a batch of steps, whole or not at all.

The order is the promise: every new content is in a temporary file beside its target and flushed
before the first rename; each file is looked at again directly before it is replaced; deletions come
last; every folder is flushed once after that; then everything is read back. A batch that stopped
anywhere can be brought to either end from what its steps say and what is on disk. A file with
several names (hard links) is written in place, where the ledger holds all of its new bytes: what is
then found half written is told from what others wrote, and finished or taken back.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui.errors import PathRefused, WriteFailed
from codexspark_tui.workspace.database import flush_folder
from codexspark_tui.workspace.steps import Step
from codexspark_tui.workspace.tree import LINK_MODE, Spot, Tree, lstat
from codexspark_tui.workspace.values import FileState

Standing: TypeAlias = Literal["before", "after", "torn", "other"]


class Moved(Exception):
    """A file is not what the step begins with; `path` names it. Nothing was renamed for it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Settled:
    """How a batch ended. `other` are paths that were neither before nor after: left alone."""

    written: bool
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Staged:
    step: Step
    temporary: Path | None


def standing(tree: Tree, step: Step) -> Standing:
    """Where on the way between its two sides a step is."""
    try:
        here = _state(tree, step.path)
        there = _state(tree, step.source) if step.source else None
    except PathRefused:
        return "other"
    at = _between_names(step, here.digest, there.digest if there is not None else None)
    return "torn" if at == "other" and _is_torn(step, here, there) else at


def _between_names(step: Step, here: str, there: str | None) -> Standing:
    if there is None:
        if here == step.before.digest:
            return "before"
        return "after" if here == step.after.digest else "other"
    if here == "" and there == step.before.digest:
        return "before"
    # with both files there, the new one is whole and only the old name is still to go
    if here == step.after.digest and there in {"", step.before.digest}:
        return "after"
    return "other"


def _is_torn(step: Step, here: FileState, there: FileState | None) -> bool:
    """Whether a write in place was stopped here: each byte is one of those before or after."""
    found = [one for one in (here, there) if one is not None and one.kind != "missing"]
    if not step.in_place or step.data is None or len(found) != 1 or found[0].kind != "file":
        return False
    old, new, now = step.turned().data, step.data, found[0].data
    if old is None or not min(len(old), len(new)) <= len(now) <= max(len(old), len(new)):
        return False
    if found[0].mode not in (step.before.mode, step.after.mode):
        return False
    size = 4096
    for at in range(0, len(now), size):
        piece, was, will = (data[at : at + size] for data in (now, old, new))
        if piece in (was, will):
            continue
        ways = zip_longest(piece, was, will)
        if any(byte is not None and byte not in (one, two) for byte, one, two in ways):
            return False
    return True


def write(tree: Tree, steps: Sequence[Step], token: str) -> tuple[str, ...]:
    """Carry out steps that all stand at "before"; the paths that did not read back as written,
    because another program wrote to them in the same moment.

    Raises `OSError`, `PathRefused` or `Moved` with the disk in any state between: call `take_back`.
    """
    staged: list[_Staged] = []
    try:
        for folder in _unique(folder for step in steps for folder in step.makes):
            with suppress(FileExistsError):
                (tree.root / folder).mkdir()
        for step in steps:
            if step.in_place:
                staged.append(_Staged(step, None))
            elif step.after.exists:
                staged.append(_stage(tree, step, _temporary(tree, step.path, token)))
        for one in staged:
            _put(tree, one)
        return finish(tree, steps)
    finally:
        for one in staged:
            if one.temporary is not None:
                one.temporary.unlink(missing_ok=True)


def _put(tree: Tree, staged: _Staged) -> None:
    """The new content at its place, if the old one is still there."""
    step, at = staged.step, standing(tree, staged.step)
    if staged.temporary is None:
        if at == "other":
            raise Moved(step.path)
        if at != "after":  # as by another name of the same file
            _overwrite(tree, step)
        return
    if at != "before":
        raise Moved(step.path)
    staged.temporary.rename(tree.spot(step.path).full)


def _overwrite(tree: Tree, step: Step) -> None:
    """The bytes and the mode after, in the file that is there; then its new name."""
    spot = tree.spot(step.path)
    if step.source and lstat(spot.full) is None:
        spot = tree.spot(step.source)
    assert step.data is not None
    fd = os.open(spot.full, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(fd, "r+b", buffering=0) as file:
        rights = step.after.rights or stat.S_IMODE(os.fstat(fd).st_mode)
        if file.readall() != step.data:
            os.lseek(fd, 0, os.SEEK_SET)
            _write_all(fd, step.data)
            os.ftruncate(fd, len(step.data))
        if stat.S_IMODE(os.fstat(fd).st_mode) != rights:
            os.fchmod(fd, rights)
        os.fsync(fd)
    if step.source and spot.path == step.source:
        spot.full.rename(tree.spot(step.path).full)


def finish(tree: Tree, steps: Sequence[Step]) -> tuple[str, ...]:
    """Everything after the last rename: deletions, folders, reading back."""
    for step in steps:
        gone = step.source if step.after.exists else step.path
        if gone and lstat(tree.spot(gone).full) is not None:
            if _digest(tree, gone) != step.before.digest:
                raise Moved(gone)
            tree.spot(gone).full.unlink()
    _remove_empty(tree, [folder for step in steps for folder in step.removes])
    for path in _folders(tree, steps):
        flush_folder(path)
    return tuple(step.path for step in steps if standing(tree, step) != "after")


def settle(tree: Tree, steps: Sequence[Step], token: str) -> Settled:
    """Bring an interrupted batch to an end: forward if a file of it was already begun, or else
    back. Raises `OSError` where neither way can be gone."""
    clean(tree, steps, token)
    stands = [(step, standing(tree, step)) for step in steps]
    done = [step for step, at in stands if at == "after"]
    begun = any(at == "torn" for _, at in stands)
    if done or begun:
        try:
            write(tree, [step for step, at in stands if at in ("before", "torn")], token)
            finish(tree, done)
        except (OSError, PathRefused, Moved):
            return take_back(tree, steps, token)
        return Settled(True, tuple(step.path for step, at in stands if at == "other"))
    return take_back(tree, steps, token)


def take_back(tree: Tree, steps: Sequence[Step], token: str) -> Settled:
    """Undo as much of a batch as is on disk. Raises `OSError` where that cannot be done."""
    clean(tree, steps, token)
    other = tuple(step.path for step in steps if standing(tree, step) == "other")
    back = [step.turned() for step in steps if standing(tree, step) in ("after", "torn")]
    for step in back:
        _half_moved(tree, step)
    left = [step for step in back if standing(tree, step) in ("before", "torn")]
    write(tree, left, token)
    _remove_empty(tree, [folder for step in steps for folder in step.makes])
    return Settled(False, other)


def clean(tree: Tree, steps: Sequence[Step], token: str) -> None:
    """Remove the temporary files that the batch may have left."""
    for step in steps:
        for path in (step.path, step.source):
            if path:
                with suppress(FileNotFoundError, NotADirectoryError, PathRefused):
                    _temporary(tree, path, token).unlink()


def _stage(tree: Tree, step: Step, temporary: Path) -> _Staged:
    """The new content, whole and flushed, in a file beside its target."""
    old = _state(tree, step.source or step.path)
    if old.digest != step.before.digest:
        raise Moved(step.path)
    data = step.content_after(old.data if step.before.exists else None)
    if data is None:
        raise WriteFailed(f"the ledger does not say what {step.path!r} should hold")
    if step.after.mode == LINK_MODE:
        temporary.symlink_to(os.fsdecode(data))
        return _Staged(step, temporary)
    keeps = step.before.exists and step.before.mode != LINK_MODE and step.origin is None
    usual = 0o777 if step.after.mode == "100755" else 0o666
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    fd = os.open(temporary, flags, 0o600 if keeps or step.after.rights else usual)
    staged = _Staged(step, temporary)
    try:
        with os.fdopen(fd, "wb", buffering=0) as file:
            _write_all(fd, data)
            if keeps:
                _keep_rights(fd, tree.spot(step.source or step.path), step.after.rights)
            elif step.after.rights:
                os.fchmod(fd, step.after.rights)
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return staged


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _keep_rights(fd: int, old: Spot, rights: int) -> None:
    """Owner, extended attributes and all permission bits of the file that is replaced, as far as
    we may; a program that ran as somebody else is not made to run as us."""
    info = lstat(old.full)
    if info is None:
        raise Moved(old.path)
    rights = rights or stat.S_IMODE(info.st_mode)
    _keep_owner(fd, info)
    mine = os.fstat(fd)
    if mine.st_uid != info.st_uid:
        rights &= ~stat.S_ISUID
    if mine.st_gid != info.st_gid:
        rights &= ~stat.S_ISGID
    if hasattr(os, "listxattr"):
        _keep_attributes(fd, old)
    os.fchmod(fd, rights)  # last: each of the others may change it


def _keep_owner(fd: int, info: os.stat_result) -> None:
    mine = os.fstat(fd)
    if (mine.st_uid, mine.st_gid) == (info.st_uid, info.st_gid):
        return
    try:
        os.fchown(fd, info.st_uid, info.st_gid)
    except OSError:
        with suppress(OSError):  # the group alone may be allowed
            os.fchown(fd, -1, info.st_gid)


def _keep_attributes(fd: int, old: Spot) -> None:
    """Extended attributes, access control lists among them; those that may be set."""
    names: list[str] = []
    with suppress(OSError):  # a file system without them
        names = os.listxattr(old.full, follow_symlinks=False)
    for name in names:
        with suppress(OSError):
            os.setxattr(fd, name, os.getxattr(old.full, name, follow_symlinks=False))


def _remove_empty(tree: Tree, folders: Sequence[str]) -> None:
    """Remove folders that we made, the inner ones first, as far as nobody has put anything in."""
    for folder in sorted(set(folders), key=lambda name: name.count("/"), reverse=True):
        with suppress(OSError):
            (tree.root / folder).rmdir()


def _half_moved(tree: Tree, back: Step) -> None:
    """A move that is taken back while both names are there: the new one goes."""
    if back.source and _digest(tree, back.path) == back.after.digest:
        tree.spot(back.source).full.unlink(missing_ok=True)


def _digest(tree: Tree, path: str) -> str:
    return _state(tree, path).digest


def _state(tree: Tree, path: str) -> FileState:
    return tree.read_spot(tree.spot(path))


def _temporary(tree: Tree, path: str, token: str) -> Path:
    """The same name for the same file of a batch, so that recovery finds what was left."""
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return tree.spot(path).folder / f".spark-{token}-{name}.tmp"


def _folders(tree: Tree, steps: Sequence[Step]) -> list[Path]:
    """Every folder in which a name appeared or went, and those above folders that were made."""
    found: dict[Path, None] = {}
    for step in steps:
        for path in (step.path, step.source):
            if path:
                found[tree.root.joinpath(path).parent] = None
        for folder in (*step.makes, *step.removes):
            found[tree.root.joinpath(folder).parent] = None
    return [path for path in found if lstat(path) is not None]


def _unique(names: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(names))
