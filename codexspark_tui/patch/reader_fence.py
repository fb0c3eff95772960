"""Reads a whole file that stands in a fence under its path. Only asked for by `whole_files`.

A new file streams as one creation. For a file that exists the hunks that lead to the new text come
when the fence closes; a fence that shows far less than the file, or says "...", is an excerpt and
is named, not carried out.
"""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.patch.diff import diff
from codexspark_tui.patch.headers import Fence, fence, is_elision
from codexspark_tui.patch.model import Create, Hunk, HunkHint, Line
from codexspark_tui.patch.paths import best_names
from codexspark_tui.patch.reader_core import Raw, Reading
from codexspark_tui.patch.reader_envelope import begins_envelope
from codexspark_tui.patch.reader_search import begins_search, path_in_prose
from codexspark_tui.patch.reader_unified import begins_unified

_NO_FILE = frozenset({"diff", "patch", "udiff", "console", "shell-session"})


def fenced_path(text: str, before: str) -> str | None:
    """The file whose text the fence that `text` opens holds; `before` is the line above it."""
    mark = fence(text)
    if mark is None or mark.info.lower() in _NO_FILE:
        return None
    named = [path_in_prose(word) for word in mark.info.split()]
    return next((path for path in named if path), None) or path_in_prose(before)


class WholeFile:
    """One fence, from its opening mark to its closing one."""

    def __init__(self, reading: Reading, named: str) -> None:
        self._reading = reading
        self.path: str | None = best_names(named, named, None).new
        self._before = reading.tree.text(self.path or "")
        self._opening: Raw | None = None
        self._fence: Fence | None = None
        self._index: int | None = None
        self._lines: list[Line] = []
        self._ended = False

    @property
    def marked_end(self) -> bool:
        return self._ended

    @property
    def finished(self) -> bool:
        return self._ended

    def take(self, raw: Raw) -> Sequence[Raw] | None:
        if self._ended:
            return [raw]
        if self._opening is None or self._fence is None:
            self._opening, self._fence = raw, fence(raw.text)
            return None
        text = raw.text
        if not self._lines and (
            begins_unified(text) or begins_envelope(text) or begins_search(text) or text[:2] == "@@"
        ):
            return [self._opening._replace(prose=True), raw]
        if self._fence.closes(text):
            self._end()
        else:
            self._add(Line("+", text))
        return None

    def _add(self, line: Line) -> None:
        emit = self._reading.emit
        self._lines.append(line)
        if self._before is None:
            if self._index is None:
                self._index = emit.start("create", self.path or "", HunkHint())
            emit.line(self._index, line)

    def _end(self) -> None:
        self._ended = True
        emit, path = self._reading.emit, self.path or ""
        if self._before is None:
            if self._index is None:
                emit.whole(Create(path))
            else:
                emit.end(self._index, Create(path, tuple(self._lines)))
            return
        if self._is_excerpt(self._before):
            emit.unsupported(path, f"The fence shows only a part of {path}.")
            return
        after = "".join(line.text + "\n" for line in self._lines)
        for hunk in diff(path, self._before, after):
            hint = HunkHint(old_start=hunk.old_start)
            index = emit.start("hunk", path, hint)
            for line in hunk.lines:
                emit.line(index, line)
            emit.end(index, Hunk(path, hunk.lines, hint))

    def _is_excerpt(self, before: str) -> bool:
        if any(is_elision(line.text) and line.text.strip() for line in self._lines):
            return True
        return len(self._lines) * 2 < before.count("\n")

    def close(self) -> str:
        if self._ended:
            return ""
        if self._index is not None:
            why = "The fence with the file is cut before its end."
            self._reading.emit.unsupported(self.path or "", why, self._index)
        return "The text ends inside a fence that holds a file."
