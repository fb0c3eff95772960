"""Which comments of saved files are new: those that were not there at the start, were not seen at
the last save, are not committed, and were not written by us.

What a checkout or a pull brings is committed, so it asks for nothing. Files that git ignores, and
those that look like secrets, are not looked at. Reading only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from codexspark_tui.actions.marks import Asks, Mark, loose_keys, marks_in, may_hold
from codexspark_tui.actions.opening import files_of
from codexspark_tui.errors import PathRefused
from codexspark_tui.git import run_git
from codexspark_tui.index.secret_files import secret_by_content, secret_by_name
from codexspark_tui.patch import TextFile, decode
from codexspark_tui.workspace import Workspace

Key = tuple[Asks, str]
MOST_READ = 2_000  # files without git, and saved files of one batch


@dataclass(slots=True)
class SavedMarks:
    """`known`: the comments of each file as it was last seen, and those that we wrote to it."""

    workspace: Workspace
    known: dict[str, Counter[Key]] = field(default_factory=dict)

    def begin(self) -> list[Mark]:
        """The comments that are there already; they count as seen."""
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

    def saved(self, paths: Iterable[str]) -> list[Mark]:
        """The new comments of files that were saved."""
        wanted = [path for path in paths if not secret_by_name(path)][:MOST_READ]
        if not wanted:
            return []
        listed = set(files_of(self.workspace.root))
        found = {path: self.now(path) if path in listed else [] for path in wanted}
        counts = {path: Counter(mark.key for mark in marks) for path, marks in found.items()}
        moved: Counter[Key] = Counter()
        for path, count in counts.items():
            moved += self.known.get(path, Counter()) - count
        return [mark for path, marks in found.items() for mark in self._new(path, marks, moved)]

    def _new(self, path: str, marks: list[Mark], moved: Counter[Key]) -> list[Mark]:
        """Those of a file's comments that are new; what has `moved` here from elsewhere is not."""
        before = self.known.get(path, Counter())
        self.known[path] = Counter(mark.key for mark in marks)
        if not _beyond(marks, before.copy()):
            return []
        return _beyond(_beyond(marks, before | self._committed(path)), moved)

    def _committed(self, path: str) -> Counter[Key]:
        """The comments of the file in the last commit."""
        if self.workspace.repository is None:
            return Counter()
        told = run_git(["cat-file", "blob", f"HEAD:{path}"], cwd=self.workspace.root)
        text = told.out.decode("utf-8", "replace") if told.code == 0 else ""
        return Counter(mark.key for mark in marks_in(path, text))

    def now(self, path: str) -> list[Mark]:
        """The comments of a file as it is on disk; none where it must not or cannot be read."""
        text = self.text(path)
        return marks_in(path, text) if text is not None else []

    def text(self, path: str) -> str | None:
        if secret_by_name(path):
            return None
        try:
            state = self.workspace.read(path)
        except (PathRefused, ValueError):
            return None
        text = decode(state.data) if state.kind == "file" else None
        if not isinstance(text, TextFile) or secret_by_name(state.real):
            return None
        return text.text if may_hold(text.text) and not secret_by_content(text.text) else None

    def wrote(self, path: str, lines: Iterable[str]) -> None:
        """We have added these lines: what they ask for was asked by nobody."""
        for key in loose_keys(lines):
            self.known.setdefault(path, Counter())[key] += 1


def _beyond(marks: list[Mark], known: Counter[Key]) -> list[Mark]:
    """The marks that `known` does not account for, which it is counted down by."""
    left = []
    for mark in marks:
        if known[mark.key] > 0:
            known[mark.key] -= 1
        else:
            left.append(mark)
    return left
