"""The one module that changes files: a batch of steps, whole or not at all.

The order is the promise: every new content is in a temporary file beside its target and flushed
before the first rename; each file is looked at again directly before it is replaced; deletions come
last; every folder is flushed once after that; then everything is read back. A batch that stopped
anywhere can be brought to either end from what its steps say and what is on disk.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui.errors import PathRefused, WriteFailed
from codexspark_tui.workspace.database import flush_folder
from codexspark_tui.workspace.steps import Side, Step
from codexspark_tui.workspace.tree import LINK_MODE, Spot, Tree, lstat
from codexspark_tui.workspace.values import FileState

Standing: TypeAlias = Literal["before", "after", "other"]


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
    temporary: Path


def standing(tree: Tree, step: Step) -> Standing:
    """Where on the way between its two sides a step is."""
    try:
        here = _digest(tree, step.path)
        there = _digest(tree, step.source) if step.source else ""
    except PathRefused:
        return "other"
    if not step.source:
        if here == step.before.digest:
            return "before"
        return "after" if here == step.after.digest else "other"
    if here == "" and there == step.before.digest:
        return "before"
    # with both files there, the new one is whole and only the old name is still to go
    if here == step.after.digest and there in {"", step.before.digest}:
        return "after"
    return "other"


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
            if step.after.exists:
                staged.append(_stage(tree, step, _temporary(tree, step.path, token)))
        for one in staged:
            if standing(tree, one.step) != "before":
                raise Moved(one.step.path)
            one.temporary.rename(tree.spot(one.step.path).full)
        return finish(tree, steps)
    finally:
        for one in staged:
            one.temporary.unlink(missing_ok=True)


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
    """Bring an interrupted batch to an end: forward if a file of it was already replaced, or else
    back. Raises `OSError` where neither way can be gone."""
    clean(tree, steps, token)
    stands = [(step, standing(tree, step)) for step in steps]
    done = [step for step, at in stands if at == "after"]
    if done:
        try:
            write(tree, [step for step, at in stands if at == "before"], token)
            finish(tree, done)
        except (OSError, PathRefused, Moved):
            return take_back(tree, steps, token)
        return Settled(True, tuple(step.path for step, at in stands if at == "other"))
    return take_back(tree, steps, token)


def take_back(tree: Tree, steps: Sequence[Step], token: str) -> Settled:
    """Undo as much of a batch as is on disk. Raises `OSError` where that cannot be done."""
    clean(tree, steps, token)
    other = tuple(step.path for step in steps if standing(tree, step) == "other")
    back = [step.turned() for step in steps if standing(tree, step) == "after"]
    for step in back:
        _half_moved(tree, step)
    write(tree, [step for step in back if standing(tree, step) == "before"], token)
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
    usual = 0o777 if step.after.mode == "100755" else 0o666
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    fd = os.open(temporary, flags, step.rights or usual)
    staged = _Staged(step, temporary)
    try:
        with os.fdopen(fd, "wb", buffering=0) as file:
            _write_all(fd, data)
            if step.before.exists and step.before.mode != LINK_MODE:
                _keep_rights(fd, tree.spot(step.source or step.path), step.after)
            elif step.rights:
                os.fchmod(fd, step.rights)
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return staged


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _keep_rights(fd: int, old: Spot, after: Side) -> None:
    """Mode, owner and extended attributes of the file that is replaced."""
    info = lstat(old.full)
    if info is None:
        raise Moved(old.path)
    rights = info.st_mode & 0o777
    rights = rights | (rights & 0o444) >> 2 if after.mode == "100755" else rights & ~0o111
    if info.st_mode & 0o100 and after.mode == "100755":
        rights = info.st_mode & 0o777
    mine = os.fstat(fd)
    if (mine.st_uid, mine.st_gid) != (info.st_uid, info.st_gid):
        with suppress(PermissionError):
            os.fchown(fd, info.st_uid, info.st_gid)
    os.fchmod(fd, rights)
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(old.full, follow_symlinks=False):
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
