"""A fork: a throwaway worktree that holds what the person's tree holds, with other changes in it.

True here: nothing of the person's is written to. The fork is a linked worktree whose git directory
lies beside it, in a folder of ours, and not in the repository: HEAD is detached (an unborn one has
a name of the fork's own), the staging index is a copy, `git worktree list` does not know of it.
Files are copied, never hard-linked, as code in the fork may write to them in place. What ignore
rules cover is linked, copied or left out by the rule below. A fork whose process is gone is removed
by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from codexspark_tui.errors import NoRepository, WriteFailed
from codexspark_tui.git import Repository, discover, list_files, run_git
from codexspark_tui.workspace import lock
from codexspark_tui.workspace.fork_place import place_for, places
from codexspark_tui.workspace.imports import python_path

LINKED = frozenset({"node_modules", ".venv", "venv", "vendor", "bower_components"})
LEFT_OUT = frozenset(
    {"__pycache__", ".cache", ".hypothesis", ".mypy_cache", ".nox", ".pytest_cache"}
    | {".ruff_cache", ".tox", "htmlcov"}
)
MOST_BYTES = 50 * 1024 * 1024
MOST_FILES = 2_000
_UNBORN = "refs/worktree/unborn"
Found: TypeAlias = tuple[str, os.stat_result]


@dataclass(frozen=True, slots=True)
class Fork:
    """`root` is the fork's working tree; `left_out` are ignored paths that it does not have."""

    root: Path
    source: Path
    left_out: tuple[str, ...] = ()

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """For commands in the fork: git finds the fork, and Python imports its modules, also those
        of a project that is installed in editable mode from the person's tree."""
        env = {k: v for k, v in (os.environ if base is None else base).items() if k[:4] != "GIT_"}
        path = python_path(self.source, self.root, env)
        if path:
            env["PYTHONPATH"] = path
        env["PWD"] = str(self.root)
        return env


@contextmanager
def forked(source: Path, repository: Repository | None) -> Iterator[Fork]:
    """A fork of the tree at `source`; removed at the end.

    Raises `WriteFailed` where there is no place for it.
    """
    sweep()
    files = [] if repository is None else _looked_at(source, list_files(source))
    try:
        folder, owner = _claimed(place_for(sum(info.st_size for _, info in files)))
    except OSError as error:
        raise _failed(error) from error
    try:
        try:
            fork = _filled(folder, source, repository, files)
        except OSError as error:
            raise _failed(error) from error
        yield fork
    finally:
        _remove(folder)
        os.close(owner)


def sweep() -> int:
    """Remove the forks whose process is gone; how many there were."""
    left: list[Path] = []
    for place in places():
        with suppress(OSError, WriteFailed), lock.held(place / "lock"):
            left += [folder for folder in place.iterdir() if _is_left(folder)]
    for folder in left:
        _remove(folder)
    return len(left)


def _claimed(place: Path) -> tuple[Path, int]:
    """A new folder, and the open lock in it that says that its process lives."""
    with lock.held(place / "lock"):
        folder = place / os.urandom(8).hex()
        folder.mkdir(mode=0o700)
        owner = os.open(folder / "owner", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(owner, fcntl.LOCK_EX)
    return folder, owner


def _remove(folder: Path) -> None:
    """Also what code in the fork has made read-only; never through a link that it has made."""
    shutil.rmtree(folder, ignore_errors=True)
    for below, folders, _ in os.walk(folder):
        for name in folders:
            path = Path(below) / name
            with suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Nobody holds the fork: its lock went with the process that made it."""
    try:
        fd = os.open(folder / "owner", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return folder.is_dir() and not folder.is_symlink()
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


def _looked_at(source: Path, names: Sequence[str]) -> list[Found]:
    """The files that are there, with what the system says of them."""
    found: list[Found] = []
    for name in names:
        with suppress(FileNotFoundError, NotADirectoryError):
            found.append((name, os.lstat(f"{source}/{name}")))
    return found


def _filled(
    folder: Path, source: Path, repository: Repository | None, files: Sequence[Found]
) -> Fork:
    root = folder / "tree"
    root.mkdir()
    if repository is None:
        return Fork(root, source, tuple(_copy_folder(source, root)))
    _copy_all(source, root, files)
    left_out = _add_ignored(source, root)
    _make_git(folder / "git", root, repository)
    return Fork(root, source, tuple(left_out))


def _copy_all(source: Path, root: Path, files: Sequence[Found]) -> None:
    for folder in sorted({name.rpartition("/")[0] for name, _ in files}):
        (root / folder).mkdir(parents=True, exist_ok=True)
    roots = str(source), str(root)
    for name, info in files:
        with suppress(FileNotFoundError, NotADirectoryError):
            _copy(f"{source}/{name}", f"{root}/{name}", info, roots)


def _copy(old: str, new: str, info: os.stat_result, roots: tuple[str, str]) -> None:
    """A file with its mode and time; a link as it is, but inside the fork where it led inside."""
    if stat.S_ISLNK(info.st_mode):
        target = str(Path(old).readlink())
        if target == roots[0] or target.startswith(roots[0] + "/"):
            target = roots[1] + target[len(roots[0]) :]
        Path(new).symlink_to(target)
    elif stat.S_ISDIR(info.st_mode):  # a repository inside, as a submodule is
        _copy_inner(Path(old), Path(new))
    elif stat.S_ISREG(info.st_mode):
        _copy_bytes(old, new, info)


def _copy_bytes(old: str, new: str, info: os.stat_result) -> None:
    source = os.open(old, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        target = os.open(new, flags, info.st_mode & 0o777)
        try:
            while data := os.read(source, 1 << 20):
                os.write(target, data)
            os.utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))
        finally:
            os.close(target)
    finally:
        os.close(source)


def _copy_folder(source: Path, root: Path) -> list[str]:
    """A folder that git does not know: all of it, by the same rule as what git ignores."""
    left_out: list[str] = []
    budget = [MOST_FILES * 10, MOST_BYTES * 10]
    for found in sorted(source.iterdir()):
        if found.name in LINKED:
            (root / found.name).symlink_to(found)
        elif found.name not in LEFT_OUT and found.name != ".git":
            if _fits(found, budget):
                _copy_tree(found, root / found.name, (str(source), str(root)))
            else:
                left_out.append(found.name)
    return left_out


def _copy_inner(old: Path, new: Path) -> None:
    new.mkdir(exist_ok=True)
    with suppress(NoRepository):  # a submodule that was never filled has nothing of its own
        if discover(old).root == old:
            _copy_all(old, new, _looked_at(old, list_files(old)))


def _add_ignored(source: Path, root: Path) -> list[str]:
    """Link, copy or leave out what ignore rules cover; the paths that were left out for size."""
    arguments = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    left_out: list[str] = []
    budget = [MOST_FILES, MOST_BYTES]
    for raw in run_git(arguments, cwd=source).out.split(b"\0"):
        path = os.fsdecode(raw).rstrip("/")
        name = path.rpartition("/")[2]
        if not path or name in LEFT_OUT or name.endswith(".pyc"):
            continue
        new = root / path
        new.parent.mkdir(parents=True, exist_ok=True)
        if name in LINKED:
            new.symlink_to(source / path)
        elif _fits(source / path, budget):
            _copy_tree(source / path, new, (str(source), str(root)))
        else:
            left_out.append(path)
    return left_out


def _fits(path: Path, budget: list[int]) -> bool:
    """There is room for it; what it takes is taken off the budget."""
    files, size = 0, 0
    for found in [path, *path.rglob("*")] if path.is_dir() else [path]:
        info = found.lstat()
        files, size = files + 1, size + (info.st_size if stat.S_ISREG(info.st_mode) else 0)
        if files > budget[0] or size > budget[1]:
            return False
    budget[0], budget[1] = budget[0] - files, budget[1] - size
    return True


def _copy_tree(old: Path, new: Path, roots: tuple[str, str]) -> None:
    if old.is_symlink() or not old.is_dir():
        _copy(str(old), str(new), old.lstat(), roots)
        return
    new.mkdir(exist_ok=True)
    for found in sorted(old.iterdir()):
        if found.name not in LEFT_OUT and found.name != ".git":
            _copy_tree(found, new / found.name, roots)


def _make_git(folder: Path, root: Path, repository: Repository) -> None:
    """A git directory of the fork's own that shares objects and refs with the repository."""
    folder.mkdir()
    said = run_git(["rev-parse", "-q", "--verify", "HEAD^{commit}"], cwd=repository.root)
    head = said.out.decode().strip() or f"ref: {_UNBORN}"
    (folder / "HEAD").write_text(head + "\n")
    (folder / "commondir").write_bytes(os.fsencode(repository.common_dir) + b"\n")
    (folder / "gitdir").write_bytes(os.fsencode(root / ".git") + b"\n")
    (root / ".git").write_bytes(b"gitdir: " + os.fsencode(folder) + b"\n")
    for index in (repository.git_dir / "index", *repository.git_dir.glob("sharedindex.*")):
        with suppress(FileNotFoundError):
            shutil.copyfile(index, folder / index.name)
    sparse = repository.git_dir / "info/sparse-checkout"
    if sparse.exists():
        (folder / "info").mkdir()
        shutil.copyfile(sparse, folder / "info/sparse-checkout")
    worktree_config = repository.git_dir / "config.worktree"
    if worktree_config.exists():
        shutil.copyfile(worktree_config, folder / "config.worktree")


def _failed(error: OSError) -> WriteFailed:
    return WriteFailed(
        f"no fork of the tree can be made: {(error.strerror or str(error)).lower()}",
        detail=str(error.filename or ""),
        next_step="Make room in the cache folder, or set XDG_CACHE_HOME to another one.",
    )
