"""Real git repositories for tests, and the one helper that shows that nothing else was touched."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any


def git(cwd: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git as a user would and return its stdout; fails the test when git fails."""
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, input=stdin, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@dataclass(frozen=True)
class Repo:
    root: Path

    @classmethod
    def make(cls, root: Path, files: dict[str, str | bytes] | None = None) -> Repo:
        """A repository with one commit of `files` (an empty commit without any)."""
        root.mkdir(parents=True)
        git(root, "init", "-q", "-b", "main")
        made = cls(root)
        made.write(files or {})
        git(root, "add", "-A")
        git(root, "commit", "-q", "--allow-empty", "-m", "start")
        return made

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: dict[str, str | bytes], message: str = "more") -> None:
        self.write(files)
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "-m", message)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def text(self, name: str) -> str:
        return self.read(name).decode()

    def git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        return git(self.root, *arguments, stdin=stdin)


@dataclass(frozen=True)
class Untouched:
    """What must be the same before and after, byte for byte, when only `touched` may change.

    Use: `before = Untouched.of(repo.root)`, do the thing, `before.check(touched={"a.py"})`.
    Covers what git says (log of all refs, refs, stashes, staging index, status of the other paths)
    and every file in the git directories (HEAD, refs, reflogs, index, config, hooks, objects, with
    mode and mtime; our own folder left out); and content, mode, mtime and link target of every
    other file in the tree, and its folders with their modes. Folders above a touched path may come
    and go.
    """

    root: Path
    git_says: dict[str, bytes]
    git_files: dict[str, tuple[str, int, int]]
    files: dict[str, tuple[str, int, int]]
    folders: dict[str, int]

    @classmethod
    def of(cls, root: Path) -> Untouched:
        files, folders = _files(root)
        git_files: dict[str, tuple[str, int, int]] = {}
        for folder in _git_folders(root):
            found, _ = _files(folder, left_out="spark")
            git_files.update({f"{folder.name}/{name}": value for name, value in found.items()})
        return cls(root, _git_says(root), git_files, files, folders)

    def check(self, touched: set[str] | frozenset[str] = frozenset()) -> None:
        after = Untouched.of(self.root)
        assert _without(after.files, touched) == _without(self.files, touched)
        above = {str(up) for name in touched for up in PurePosixPath(name).parents}
        assert _without(after.folders, above) == _without(self.folders, above)
        assert after.git_files == self.git_files
        assert after._said(touched) == self._said(touched)

    def _said(self, touched: Collection[str]) -> dict[str, object]:
        status = self.git_says["status"].split(b"\0")
        others = [entry for entry in status if os.fsdecode(entry[3:]) not in touched]
        return {**self.git_says, "status": others}


def git_files(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Every file of the git directory above `folder` but our own, with content, mode and mtime.

    Empty where there is no repository, or one whose git directory is elsewhere.
    """
    for above in (folder, *folder.parents):
        if (above / ".git").is_dir():
            return _files(above / ".git", left_out="spark")[0]
    return {}


def _without(found: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in names}


def _git_says(root: Path) -> dict[str, bytes]:
    quiet = ("-c", "core.fsmonitor=false", "--no-optional-locks")
    has_commits = git(root, *quiet, "rev-list", "--all", "-n1").strip()
    return {
        "status": git(root, *quiet, "status", "--porcelain", "-z", "-uall", "--no-renames"),
        "log": git(root, *quiet, "log", "--all", "--format=%H %s") if has_commits else b"",
        "refs": git(root, *quiet, "for-each-ref"),
        "stash": git(root, *quiet, "stash", "list"),
        "index": git(root, *quiet, "ls-files", "--stage", "--debug"),
    }


def _git_folders(root: Path) -> set[Path]:
    said = git(root, "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir")
    return {Path(os.fsdecode(line)) for line in said.splitlines()}


def _files(
    root: Path, left_out: str = ".git"
) -> tuple[dict[str, tuple[str, int, int]], dict[str, int]]:
    found: dict[str, tuple[str, int, int]] = {}
    found_folders: dict[str, int] = {}
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        if here == root and left_out in folders:
            folders.remove(left_out)
        links = [name for name in folders if (here / name).is_symlink()]
        for name in folders:
            path = here / name
            if name not in links:
                found_folders[str(path.relative_to(root))] = path.lstat().st_mode
        for name in names + links:
            path = here / name
            info = path.lstat()
            if path.is_symlink():
                content = "-> " + str(path.readlink())
            elif path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                content = "special"
            found[str(path.relative_to(root))] = (content, info.st_mode, info.st_mtime_ns)
    return found, found_folders
