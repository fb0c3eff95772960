"""Reads a whole file that stands in a fence under its path. Only asked for by `whole_files`.

A new file streams as one creation. For a file that exists the hunks that lead to the new text come
when the fence closes. A fence that only shows what the file has is prose; one that shows a part of
the file and something new is named, not carried out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from codexspark_tui.patch.diff import diff
from codexspark_tui.patch.headers import Fence, fence, is_elision
from codexspark_tui.patch.model import Create, Hunk, HunkHint, Line, ResolvedHunk
from codexspark_tui.patch.paths import best_names
from codexspark_tui.patch.reader_core import Raw, Reading
from codexspark_tui.patch.reader_envelope import begins_envelope
from codexspark_tui.patch.reader_search import begins_search, path_in_prose
from codexspark_tui.patch.reader_unified import begins_unified

_NO_FILE = frozenset({"diff", "patch", "udiff", "console", "shell-session", "terminal", "output"})
_SHELLS = frozenset({"bash", "sh", "shell", "zsh", "powershell", "cmd", "bat"})
_SHELL_FILE = re.compile(r"(?:^|/)[^/.]+$|\.(?:bash|sh|zsh|ps1|cmd|bat|env|profile|\w*rc)$")
_ATTRIBUTE = re.compile(r"(?:title|file|filename|path|name)=")
_REMARK = re.compile(r"\s*\((?:new|updated?|modified|full|complete|whole)(?: file)?\)(?=\W*$)")


def fenced_path(text: str, before: str) -> str | None:
    """The file whose text the fence that `text` opens holds; `before` is the line above it."""
    mark = fence(text)
    if mark is None:
        return None
    words = mark.info.split()
    language = words[0].lower().partition(":")[0] if words else ""
    if language in _NO_FILE:
        return None
    named = [_named_in_info(word) for word in words]
    path = next((path for path in named if path), None) or path_in_prose(_REMARK.sub("", before))
    if path is None or (language in _SHELLS and not _SHELL_FILE.search(path)):
        return None
    return path


def _named_in_info(word: str) -> str | None:
    """`src/a.py`, `python:src/a.py`, `title="src/a.py"`, `{file=a.py}` as words after a fence."""
    word = _ATTRIBUTE.sub("", word.strip("{}"), count=1)
    head, colon, tail = word.partition(":")
    return path_in_prose(tail if colon and head.isalnum() else word)


class WholeFile:
    """One fence, from its opening mark to its closing one."""

    def __init__(self, reading: Reading, named: str) -> None:
        self._reading = reading
        self.path: str | None = best_names(named, named, None).new
        self._before = reading.tree.text(self.path or "")
        self._opening: Raw | None = None
        self._fence: Fence | None = None
        self._inner: Fence | None = None
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
        if self._inner is None and self._fence.closes(text):
            return self._end(raw)
        self._note_inner(text)
        self._add(Line("+", text))
        return None

    def _note_inner(self, text: str) -> None:
        """A fence inside the file's own text (it is Markdown), told by the words after it."""
        if self._inner is not None:
            if self._inner.closes(text):
                self._inner = None
            return
        mark = fence(text) if text.lstrip()[:3] in {"```", "~~~"} else None
        if mark is not None and mark.info:
            self._inner = mark

    def _add(self, line: Line) -> None:
        emit = self._reading.emit
        self._lines.append(line)
        if self._before is None:
            if self._index is None:
                self._index = emit.start("create", self.path or "", HunkHint())
            emit.line(self._index, line)

    def _end(self, closing: Raw) -> Sequence[Raw] | None:
        self._ended = True
        emit, path = self._reading.emit, self.path or ""
        if self._before is None:
            if self._index is None:
                emit.whole(Create(path))
            else:
                emit.end(self._index, Create(path, tuple(self._lines)))
            return None
        new = [line.text for line in self._lines]
        old = _plain(self._before).split("\n")[:-1]
        if path in emit.paths or _quotes(new, old):
            return [*self._as_prose(), closing._replace(prose=True)]
        if _is_excerpt(new, old):
            emit.unsupported(path, f"The fence shows only a part of {path}.")
            return None
        if _has_conflict(new) and not _has_conflict(old):
            emit.unsupported(path, f"The fence for {path} has the marks of a conflict in it.")
            return None
        after = "".join(line.text + "\n" for line in self._lines)
        for hunk in diff(path, _plain(self._before), after):
            self._say(hunk)
        return None

    def _say(self, hunk: ResolvedHunk) -> None:
        """One difference, with numbers that are right: the whole file was compared."""
        old = sum(line.sign != "+" for line in hunk.lines)
        new = sum(line.sign != "-" for line in hunk.lines)
        hint = HunkHint(hunk.old_start if old else hunk.old_start - 1, old, None, new)
        index = self._reading.emit.start("hunk", hunk.path, hint)
        self._reading.emit.lines(index, hunk.lines)
        self._reading.emit.end(index, Hunk(hunk.path, hunk.lines, hint))

    def _as_prose(self) -> list[Raw]:
        assert self._opening is not None
        held = [Raw(line.text, "\n", prose=True) for line in self._lines]
        return [self._opening._replace(prose=True), *held]

    def close(self) -> str:
        if self._ended:
            return ""
        emit = self._reading.emit
        if self._index is not None:
            emit.unsupported(
                self.path or "", "The fence with the file is cut before its end.", self._index
            )
        elif self._opening is not None:
            for raw in self._as_prose():
                emit.prose(raw.text)
        return "The text ends inside a fence that holds a file."


def _plain(text: str) -> str:
    """A text as it stands in a fence: no mark before it, plain line ends, one after each line."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return text if text.endswith("\n") or not text else text + "\n"


def _quotes(new: Sequence[str], old: Sequence[str]) -> bool:
    """Whether the lines only show the file, or parts of it: with dots between, or from within."""
    if len(new) < len(old):
        new, old = ([line.rstrip() for line in side] for side in (new, old))
    parts: list[list[str]] = [[]]
    known = set(old)
    for line in new:
        if is_elision(line) and line not in known:
            parts.append([])
        else:
            parts[-1].append(line)
    text, at = "\n" + "\n".join(old) + "\n", 0
    for part in parts:
        if part:
            found = text.find("\n" + "\n".join(part) + "\n", at)
            if found < 0:
                return False
            at = found + sum(map(len, part)) + len(part)
    return any(parts)


def _has_conflict(lines: Sequence[str]) -> bool:
    """Whether all three marks of a conflict stand in the lines, in order."""
    marks = ("<<<<<<< ", "=======", ">>>>>>> ")
    left = iter(lines)
    return all(any(line.startswith(mark) for line in left) for mark in marks)


def _is_excerpt(new: Sequence[str], old: Sequence[str]) -> bool:
    known = set(old)
    if any(is_elision(line) and line not in known for line in new):
        return True
    return len(new) * 2 < len(old)
