"""Which comments of saved files are new: those that were not there at the start, were not seen at
the last save, are not committed, and were not written by us.

What a checkout or a pull brings is committed, what a merge brings is in the index, what a stash
gives back was in it, and what an undo or another session of ours brings is in the ledger: none of
it asks for anything. Files that git ignores, and those that look like secrets, are not looked at.
Reading only.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from codexspark_tui.actions.marks import Asks, Mark, last_line, marks_in, may_hold
from codexspark_tui.actions.opening import files_of
from codexspark_tui.errors import PathRefused
from codexspark_tui.git import run_git
from codexspark_tui.index.secret_files import secret_by_content, secret_by_name
from codexspark_tui.patch import TextFile, decode
from codexspark_tui.workspace import FileState, Workspace

Key = tuple[Asks, str]
MOST_STASHES = 5
MOST_READ = 2_000  # files without git, and saved files of one batch


@dataclass(slots=True)
class SavedMarks:
    """`known`: the comments of each file as it was last seen, and those that we wrote to it.
    `stashes`: the commits that git's stash held when it was last looked at."""

    workspace: Workspace
    known: dict[str, Counter[Key]] = field(default_factory=dict)
    stashes: list[str] = field(default_factory=list)

    def begin(self) -> list[Mark]:
        """The comments that are there already; they count as seen."""
        self._look_for_stashes()
        found = [mark for path in self.candidates() for mark in self.now(path)]
        for mark in found:
            self.known.setdefault(mark.path, Counter())[mark.key] += 1
        return found

    def candidates(self) -> list[str]:
        """The files that may hold comments of this kind."""
        root = self.workspace.root
        if self.workspace.repository is None:
            return files_of(root)[:MOST_READ]
        words = ("-e", "spark!", "-e", "spark?")
        asked = ["grep", "-l", "-z", "-I", "-F", "--untracked", "--no-recurse-submodules", *words]
        listed = run_git(asked, cwd=root).out.split(b"\0")
        return [name.decode("utf-8", "surrogateescape") for name in listed if name]

    def git_is_busy(self) -> bool:
        """Whether git is changing the tree: what it brings is told apart once it is done."""
        repository = self.workspace.repository
        return repository is not None and (repository.git_dir / "index.lock").exists()

    def saved(self, paths: Iterable[str]) -> list[Mark]:
        """The new comments of files that were saved."""
        wanted = list(paths)[:MOST_READ]
        if not wanted:
            return []
        listed = set(files_of(self.workspace.root))
        read = {path: self._read(path) if path in listed else None for path in wanted}
        found = {path: marks_in(path, one[1]) if one else [] for path, one in read.items()}
        moved: Counter[Key] = Counter()
        for path, marks in found.items():
            moved += self.known.get(path, Counter()) - Counter(mark.key for mark in marks)
        new = []
        for path, marks in found.items():
            one = read[path]
            if one is not None:
                new += self._new(one[0], marks, moved)
            elif os.path.lexists(self.workspace.root / path):
                self.known.pop(path, None)  # a file that is gone may be on its way back
        self._look_for_stashes()
        return new

    def _look_for_stashes(self) -> None:
        """Those of now, so that one can still be read when it has been taken out."""
        repository = self.workspace.repository
        if repository is None:
            return
        listed = ["log", "-g", f"-{MOST_STASHES}", "--format=%H", "refs/stash", "--"]
        has_one = (repository.common_dir / "refs/stash").exists()
        told = run_git(listed, cwd=self.workspace.root) if has_one else None
        if told is not None and told.code == 0:
            self.stashes = told.out.decode("ascii", "replace").split()

    def _new(self, state: FileState, marks: list[Mark], moved: Counter[Key]) -> list[Mark]:
        """Those of a file's comments that are new; what has `moved` here from elsewhere is not."""
        path = state.path
        before = self.known.get(path, Counter())
        self.known[path] = Counter(mark.key for mark in marks)
        if not _beyond(marks, before.copy()) or self.workspace.is_as_left(state):
            return []
        return _beyond(_beyond(marks, before | self._of_git(path)), moved)

    def _of_git(self, path: str) -> Counter[Key]:
        """The comments of the file in the last commit, as a merge has put it into the index, and in
        a stash (its third parent holds what was untracked)."""
        known: Counter[Key] = Counter()
        if self.workspace.repository is None:
            return known
        stashed = [side for commit in self.stashes for side in (commit, f"{commit}^3")]
        for side in ("HEAD", ":0", ":2", ":3", *stashed):
            told = run_git(["cat-file", "blob", f"{side}:{path}"], cwd=self.workspace.root)
            text = decode(told.out) if told.code == 0 else None
            if isinstance(text, TextFile):
                known |= Counter(mark.key for mark in marks_in(path, text.text))
        return known

    def now(self, path: str) -> list[Mark]:
        """The comments of a file as it is on disk; none where it must not or cannot be read."""
        text = self.text(path)
        return marks_in(path, text) if text is not None else []

    def text(self, path: str) -> str | None:
        read = self._read(path)
        return read[1] if read and may_hold(read[1]) else None

    def _read(self, path: str) -> tuple[FileState, str] | None:
        """A file and its text; None where it must not or cannot be read."""
        if secret_by_name(path):
            return None
        try:
            state = self.workspace.read(path)
        except (PathRefused, ValueError):
            return None
        text = decode(state.data) if state.kind == "file" else None
        if not isinstance(text, TextFile) or secret_by_name(state.real):
            return None
        hides = may_hold(text.text) and secret_by_content(text.text)
        return None if hides else (state, text.text)

    def wrote(self, path: str, lines: Iterable[str]) -> list[Key]:
        """We have added these lines: what they ask for, which is returned, was asked by nobody."""
        added = {line.strip() for line in lines if may_hold(line)}
        text = self.text(path) if added else None
        if text is None:
            return []
        marks = marks_in(path, text)
        ours = [mark.key for mark in marks if last_line(text, mark).strip() in added]
        self.known[path] = self.known.get(path, Counter()) | Counter(ours)
        return ours


def _beyond(marks: list[Mark], known: Counter[Key]) -> list[Mark]:
    """The marks that `known` does not account for, which it is counted down by."""
    left = []
    for mark in marks:
        if known[mark.key] > 0:
            known[mark.key] -= 1
        else:
            left.append(mark)
    return left
