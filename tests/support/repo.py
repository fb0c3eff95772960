"""Real git repositories for tests, and the one helper that shows that nothing else was touched."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


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
    Covers HEAD, refs, reflogs, staging index, stashes, config and hooks of the repository, and
    content, mode, mtime and link target of every other file in the tree.
    """

    root: Path
    git_state: dict[str, str]
    files: dict[str, tuple[str, int, int]]

    @classmethod
    def of(cls, root: Path) -> Untouched:
        return cls(root, _git_state(root), _files(root))

    def check(self, touched: set[str] | frozenset[str] = frozenset()) -> None:
        after = Untouched.of(self.root)
        assert after.git_state == self.git_state
        kept = {k: v for k, v in self.files.items() if k not in touched}
        now = {k: v for k, v in after.files.items() if k not in touched}
        assert now == kept


def _git_state(root: Path) -> dict[str, str]:
    """Everything git knows, and the raw bytes of what it stores (our own folder left out)."""
    git_dir = Path(os.fsdecode(git(root, "rev-parse", "--absolute-git-dir").strip()))
    state = {
        "log": git(root, "log", "--all", "--format=%H %s", "--").decode()
        if git(root, "rev-list", "--all", "-n1").strip()
        else "",
        "refs": git(root, "for-each-ref").decode(),
        "stash": git(root, "stash", "list").decode(),
    }
    for name in ("HEAD", "index", "config", "packed-refs", "logs/HEAD", "info/exclude"):
        path = git_dir / name
        state[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "none"
    for path in sorted((git_dir / "hooks").glob("*")):
        state[f"hooks/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    objects = git_dir / "objects"
    if objects.exists():
        state["objects"] = ",".join(sorted(str(p.relative_to(objects)) for p in objects.rglob("*")))
    state["top"] = ",".join(sorted(p.name for p in git_dir.iterdir() if p.name != "spark"))
    return state


def _files(root: Path) -> dict[str, tuple[str, int, int]]:
    found: dict[str, tuple[str, int, int]] = {}
    for folder, folders, names in os.walk(root):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = Path(folder) / name
            info = path.lstat()
            if path.is_symlink():
                content = "-> " + str(path.readlink())
            elif path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                content = "special"
            found[str(path.relative_to(root))] = (content, info.st_mode, info.st_mtime_ns)
    return found
