"""Files as git has them, at HEAD and in the staging index, and changes merged into them.

Objects are written as they are given: no filter of the repository is run.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from codexspark_tui.errors import NotPlaced
from codexspark_tui.git import run_git
from codexspark_tui.workspace import FileNet


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree or an index says of a path."""

    mode: str
    blob: str


Stands: TypeAlias = Callable[[str], Entry | None]


@dataclass(slots=True)
class Blobs:
    """`head` is the commit that HEAD names, "" where there is none yet."""

    root: Path
    head: str
    kept: dict[str, bytes] = field(default_factory=dict)

    def at_head(self, path: str) -> Entry | None:
        if not self.head:
            return None
        said = run_git(
            ["ls-tree", "-z", "--full-tree", self.head, "--", f":(literal){path}"], cwd=self.root
        ).out
        for line in said.split(b"\0"):
            head, _, name = line.partition(b"\t")
            if name == os.fsencode(path):
                mode, _, blob = head.decode().split()
                return Entry(mode, blob)
        return None

    def staged(self, path: str) -> Entry | None:
        said = run_git(["ls-files", "-z", "-s", "--", f":(literal){path}"], cwd=self.root).out
        for line in said.split(b"\0"):
            head, _, name = line.partition(b"\t")
            if name == os.fsencode(path):
                mode, blob, stage = head.decode().split()
                if stage != "0":
                    raise NotPlaced(
                        f"{path} has conflicts that are not settled in the staging index",
                        next_step="Settle them first: git status lists them.",
                    )
                return Entry(mode, blob)
        return None

    def read(self, blob: str) -> bytes:
        if blob not in self.kept:
            self.kept[blob] = run_git(["cat-file", "blob", blob], cwd=self.root).out
        return self.kept[blob]

    def write(self, data: bytes) -> str:
        done = run_git(["hash-object", "-w", "--no-filters", "--stdin"], cwd=self.root, stdin=data)
        if done.code:
            raise NotPlaced("git cannot store the new text", detail=done.err)
        blob = done.out.decode().strip()
        self.kept[blob] = data
        return blob


def merged(blobs: Blobs, file: FileNet, old: Entry | None, at_path: Entry | None) -> Entry | None:
    """The file in git after the changes; None: it is gone.

    `old` is its entry before (at its old path), `at_path` what git has at its path now. Raises
    `NotPlaced` where git's text has moved on so far that the changes cannot be merged into it.
    """
    if file.after is None:
        assert file.before is not None
        if old is None:
            return None
        if _as_in_git(file.before[0], blobs.read(old.blob)) != blobs.read(old.blob):
            raise _apart(file, "git has another text of the file that is deleted")
        return None
    data, mode = file.after
    if file.before is None or old is None:
        if at_path is not None:
            if _as_in_git(data, blobs.read(at_path.blob)) == blobs.read(at_path.blob):
                return at_path
            raise _apart(file, "git has a file of that name with another text")
        if file.before is not None:
            raise _apart(file, "git does not have the file yet that they change")
        return Entry(mode, blobs.write(_new_text(blobs.root, file.path, data)))
    here = blobs.read(old.blob)
    before, after = _as_in_git(file.before[0], here), _as_in_git(data, here)
    result = after if here == before else here if here == after else None
    if result is None:
        result = _three_way(here, before, after)
    if result is None:
        raise _apart(file, "other changes that are not committed stand in the same lines")
    return Entry(mode if mode != file.before[1] else old.mode, blobs.write(result))


def _apart(file: FileNet, why: str) -> NotPlaced:
    return NotPlaced(
        f"{file.path} cannot be committed by itself: {why}",
        detail="nothing was committed",
        next_step="Commit or unstage the other changes first, or use git add -p.",
    )


def _as_in_git(data: bytes, here: bytes) -> bytes:
    """With the line ends of git's text, where a checkout has put in others."""
    if b"\r\n" in data and b"\n" in here and b"\r\n" not in here:
        return data.replace(b"\r\n", b"\n")
    return data


def _new_text(root: Path, path: str, data: bytes) -> bytes:
    """As git would take it in: with plain line ends where its settings say that it is text."""
    if b"\r\n" not in data or b"\0" in data:
        return data
    said = run_git(["check-attr", "-z", "text", "--", path], cwd=root).out.split(b"\0")
    is_text = len(said) > 2 and said[2] in (b"set", b"auto")
    converts = run_git(["config", "--get", "core.autocrlf"], cwd=root).out.strip()
    if is_text or (converts in (b"true", b"input") and said[2:3] != [b"unset"]):
        return data.replace(b"\r\n", b"\n")
    return data


def _three_way(here: bytes, before: bytes, after: bytes) -> bytes | None:
    """`here` with what leads from `before` to `after`; None where they conflict."""
    with tempfile.TemporaryDirectory(prefix="spark-") as folder:
        names = []
        for name, data in (("here", here), ("before", before), ("after", after)):
            (Path(folder) / name).write_bytes(data)
            names.append(str(Path(folder) / name))
        done = run_git(["merge-file", "-p", "-q", *names], cwd=Path(folder))
    return done.out if done.code == 0 else None
