"""A whole answer applied to a whole tree in memory: everything in it, or nothing.

This is the rule of `spark apply` without a disk: paths are checked, links are not followed, files
are neither overwritten by a creation nor deleted when they differ from what the patch shows.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from codexspark_tui.patch.apply import Mismatch, resolve, resolve_create, splice
from codexspark_tui.patch.cut import looks_cut
from codexspark_tui.patch.model import (
    Ambiguous,
    ChangeEnded,
    Create,
    Delete,
    Fact,
    Hunk,
    Line,
    Missing,
    ModeChange,
    Placed,
    Placement,
    Proposed,
    Rename,
    ResolvedHunk,
    StreamEnded,
    Unsupported,
)
from codexspark_tui.patch.paths import unsafe_path
from codexspark_tui.patch.placer import FilePlacer
from codexspark_tui.patch.reader import PatchReader
from codexspark_tui.patch.text import split_lines, to_text
from codexspark_tui.patch.view import FOLDED, FileView

LINK = "120000"
_SAYING = frozenset({ChangeEnded, Unsupported})


@dataclass(frozen=True, slots=True)
class Applied:
    """The whole tree after the patch."""

    files: Mapping[str, str]
    modes: Mapping[str, str]
    changes: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed. `index` is the change that stood in the way, if it was one."""

    why: str
    path: str = ""
    index: int | None = None


Outcome: TypeAlias = Applied | Refused


def apply_patch(
    text: str,
    files: Mapping[str, str],
    modes: Mapping[str, str],
    *,
    finish_reason: str | None = None,
) -> Outcome:
    """Everything that `text` asks for done to `files` (path: text, their own line ends kept).

    `modes` holds "100644", "100755" or "120000" by path; a link's text is its target. Where there
    is no patch in the text, fences under a path are taken as whole files.
    """
    tree = TreeLines(files)
    reader = PatchReader(tree.exists, tree.has_line)
    facts = [*reader.feed(text), *reader.close(finish_reason)]
    if not any(type(fact) in _SAYING for fact in facts):
        reader = PatchReader(tree.exists, tree.has_line, whole_files=files.get)
        facts = [*reader.feed(text), *reader.close(finish_reason)]
    return apply_facts(facts, files, modes, open_ended=reader.open_ended, tree=tree)


def apply_facts(
    facts: Sequence[Fact],
    files: Mapping[str, str],
    modes: Mapping[str, str],
    *,
    open_ended: bool = False,
    tree: TreeLines | None = None,
) -> Outcome:
    """As `apply_patch`, for facts that were read before with the help of the same tree.

    `open_ended` is the reader's: the text ends with a change and nothing says that it is whole.
    `tree` is what answered the reader; what it knows of the files is used again.
    """
    changes: list[ChangeEnded] = []
    for fact in facts:
        if isinstance(fact, ChangeEnded):
            changes.append(fact)
        elif isinstance(fact, Unsupported):
            return Refused(fact.why, fact.path, fact.index)
        elif isinstance(fact, StreamEnded) and fact.truncated:
            return Refused(fact.why)
    if not changes:
        return Refused("There is no patch in the text.")
    work = _Work(files, modes, tree or TreeLines(files))
    work.expect([fact.change for fact in changes])
    for fact in changes:
        why = work.take(fact.index, fact.change)
        if why:
            return Refused(why, fact.change.path, fact.index)
    return work.finish(changes[-1].index if open_ended else None)


class TreeLines:
    """Answers a reader's questions about a tree in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._views: dict[str, FileView] = {}

    def exists(self, path: str) -> bool:
        return path in self._files

    def has_line(self, path: str, text: str) -> bool | None:
        if path not in self._files:
            return None
        return self.view(path).has(text)

    def view(self, path: str) -> FileView:
        """The file's text, looked at once by all who ask."""
        view = self._views.get(path)
        if view is None:
            view = self._views[path] = FileView(self._files[path])
        return view


@dataclass(slots=True)
class _File:
    """One existing file under its present name, with the hunks that are for it.

    Where its text is still that of `origin` in `tree`, what is known of that is used.
    """

    name: str
    text: str
    mode: str
    tree: TreeLines | None = None
    origin: str = ""
    placer: FilePlacer | None = None
    resolved: list[ResolvedHunk] = field(default_factory=list)
    placed: dict[int, tuple[Hunk, Placed]] = field(default_factory=dict)
    waiting: list[tuple[int, Hunk]] = field(default_factory=list)

    def lines(self) -> FilePlacer:
        if self.placer is None:
            seen = self.tree.view(self.origin) if self.tree is not None else self.text
            self.placer = FilePlacer(self.name, seen)
        return self.placer


class _Work:
    """The tree while a patch is worked into it."""

    def __init__(self, files: Mapping[str, str], modes: Mapping[str, str], tree: TreeLines) -> None:
        self._files = {
            path: _File(path, text, modes.get(path, "100644"), tree, path)
            for path, text in files.items()
        }
        self._folders: set[str] = set()
        for path in files:
            self._note_folders(path)
        self._count = 0
        self._leaving: frozenset[str] = frozenset()
        self._aside: dict[str, _File] = {}

    def expect(self, changes: Sequence[Proposed]) -> None:
        """Files that the patch moves or deletes make room for others, in whatever order."""
        self._leaving = frozenset(
            change.path
            for change in changes
            if isinstance(change, Delete) or (isinstance(change, Rename) and not change.copy)
        )

    def _occupied(self, path: str) -> bool:
        """Whether a file or folder is in the way at `path`; one that leaves is set aside."""
        if path in self._files and path in self._leaving and path not in self._aside:
            self._aside[path] = self._files.pop(path)
        return path in self._files or path in self._folders

    def _source(self, path: str) -> _File | None:
        return self._aside.get(path) or self._files.get(path)

    def _leave(self, path: str) -> None:
        if self._aside.pop(path, None) is None:
            del self._files[path]

    def _note_folders(self, path: str) -> None:
        while "/" in path:
            path = path.rpartition("/")[0]
            self._folders.add(path)

    # -- one change ----------------------------------------------------------------------------

    def take(self, index: int, change: Proposed) -> str:
        """Work one change in; why it cannot be, or ""."""
        self._count += 1
        why = self._path_refused(change.path)
        if why:
            return why
        match change:
            case Hunk():
                return self._hunk(index, change)
            case Create():
                return self._create(change)
            case Delete():
                return self._delete(change)
            case Rename():
                return self._path_refused(change.to) or self._rename(change)
            case ModeChange():
                return self._mode(change)

    def _path_refused(self, path: str) -> str:
        why = unsafe_path(path, there=path in self._files or path in self._aside)
        if why is not None:
            return why
        parent = path
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            above = self._files.get(parent)
            if above is not None and above.mode == LINK:
                return f"{path} lies behind the link {parent}."
            if above is not None:
                return f"{parent} is a file, so {path} cannot exist."
        return ""

    def _hunk(self, index: int, hunk: Hunk) -> str:
        file = self._files.get(hunk.path)
        if file is None:
            return f"There is no file {hunk.path}."
        if file.mode == LINK:
            return _lead_elsewhere(file, hunk)
        found = file.lines().place(hunk)
        if _may_go_on(found) and file.resolved and not file.waiting:
            self._next_layer(file)
            again = file.lines().place(hunk)
            found = again if isinstance(again, Placed) else found
        match found:
            case Placed():
                self._settle(file, index, hunk, found)
            case Ambiguous():
                file.waiting.append((index, hunk))
            case Missing(reason="repeated"):
                return ""
            case Missing():
                return found.why
        return ""

    def _settle(self, file: _File, index: int, hunk: Hunk, placed: Placed) -> None:
        placer = file.lines()
        file.placed[index] = (hunk, placed)
        file.resolved.append(resolve(placer.lines, hunk, placed, placer.view))

    def _next_layer(self, file: _File) -> None:
        """Some patches go on from the file as their earlier part has left it."""
        new = splice(file.lines().lines, file.resolved)
        if isinstance(new, str):
            file.text, file.resolved, file.placer, file.placed = new, [], None, {}
            file.tree = None

    def _create(self, create: Create) -> str:
        if self._occupied(create.path):
            return f"{create.path} exists already and would be overwritten."
        text = to_text(resolve_create(create).lines)
        if create.mode == LINK and _leads_out(create.path, text.rstrip("\n")):
            return f"The new link {create.path} points out of the project."
        self._files[create.path] = _File(create.path, text, create.mode)
        self._note_folders(create.path)
        return ""

    def _delete(self, delete: Delete) -> str:
        file = self._source(delete.path)
        if file is None:
            return f"There is no file {delete.path}."
        if delete.lines and not same_lines(file.text, delete.lines):
            return f"{delete.path} is not what the patch deletes."
        self._leave(delete.path)
        return ""

    def _rename(self, rename: Rename) -> str:
        file = self._source(rename.path)
        if file is None:
            return f"There is no file {rename.path}."
        if rename.copy:
            file = _File(rename.to, file.text, file.mode)
        else:
            self._leave(rename.path)
            file.name = rename.to
        if self._occupied(rename.to):
            return f"{rename.to} exists already and would be overwritten."
        self._files[rename.to] = file
        self._note_folders(rename.to)
        return ""

    def _mode(self, change: ModeChange) -> str:
        file = self._files.get(change.path)
        if file is None:
            return f"There is no file {change.path}."
        if LINK in (file.mode, change.mode) and file.mode != change.mode:
            return f"{change.path} would change between a file and a link."
        file.mode = change.mode
        return ""

    # -- the end -------------------------------------------------------------------------------

    def finish(self, last: int | None) -> Outcome:
        """Settle what waited, and give the tree. `last`: the change that ends the text, if any."""
        if self._aside:
            return Refused("Two changes of the patch are for one file.", next(iter(self._aside)))
        for file in self._files.values():
            why = self._finish_file(file, last)
            if why:
                return Refused(why, file.name)
        files = {path: file.text for path, file in self._files.items()}
        modes = {path: file.mode for path, file in self._files.items()}
        return Applied(files, modes, self._count)

    def _finish_file(self, file: _File, last: int | None) -> str:
        for index, hunk in file.waiting:
            found = file.lines().retry(hunk)
            if not isinstance(found, Placed):
                return "A hunk fits in several places and nothing says in which."
            self._settle(file, index, hunk, found)
        if last is not None and last in file.placed:
            hunk, placed = file.placed[last]
            if looks_cut(file.lines().lines, hunk, placed):
                return "The text seems to end in the middle of its last hunk."
        if file.resolved:
            new = splice(file.lines().lines, file.resolved)
            if isinstance(new, Mismatch):
                return f"Two hunks are at odds: line {new.line}, {new.why}."
            file.text = new
        return ""


def _lead_elsewhere(file: _File, hunk: Hunk) -> str:
    """Where a link leads is edited by a hunk that shows just that; why it cannot be, or ""."""
    old = [line.text for line in hunk.lines if line.sign != "+"]
    new = [line.text for line in hunk.lines if line.sign != "-"]
    if old != [file.text] or len(new) != 1:
        return f"{hunk.path} is a link, and the patch is for a file."
    if _leads_out(file.name, new[0]):
        return f"The link {hunk.path} would point out of the project."
    file.text = new[0]
    return ""


def _leads_out(path: str, target: str) -> bool:
    """Whether a link at `path` would lead to a place that must not be touched."""
    if not target or target.startswith("/"):
        return True
    there = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return there != "." and unsafe_path(there) is not None


def _may_go_on(found: Placement) -> bool:
    """Whether the hunk may be for the file as the hunks before it leave it."""
    return isinstance(found, Missing) and found.reason in {"line_absent", "lines_apart", "taken"}


def same_lines(text: str, lines: Sequence[Line]) -> bool:
    """Whether a file is what a patch shows of it, but for line ends and blanks at their ends."""
    shown = [FOLDED.key(line.text) for line in lines]
    found = [FOLDED.key(line) for line in split_lines(text)]
    while shown and not shown[-1]:
        shown.pop()
    while found and not found[-1]:
        found.pop()
    return shown == found
