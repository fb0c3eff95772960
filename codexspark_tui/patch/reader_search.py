"""Reads SEARCH/REPLACE blocks. The file is named in the lines before, or after the mark.

The searched lines are shown as removed, the replacing ones as added; in the hunk that comes of them
what both sides share is context.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from codexspark_tui.patch.compare import edits_between
from codexspark_tui.patch.headers import is_elision
from codexspark_tui.patch.model import Create, Hunk, HunkHint, Line
from codexspark_tui.patch.paths import Exists, best_names
from codexspark_tui.patch.reader_core import Raw, Reading

_BEGIN = re.compile(r" {0,3}(<{5,9}) ?(?:SEARCH|ORIGINAL)\b[ :>]*(.*)")
_MIDDLE = re.compile(r" {0,3}={5,9}")
_END = re.compile(r" {0,3}>{5,9} ?(?:REPLACE|UPDATED)\b.*")
_NAME = re.compile(r"[\w./@+~-][\w ./@+~()\[\]{}=,-]*")
_WORD = re.compile(r"[\w./@+~-]+")
_COMMENT = re.compile(r"^(?:[#/*;-]+|<!--)\s*")


def begins_search(text: str) -> bool:
    return _BEGIN.fullmatch(text) is not None


def path_in_prose(text: str) -> str | None:
    """The file that a line of prose names, if a name is all there is on it."""
    seen = _undecorated(text)
    if not _NAME.fullmatch(seen) or seen.endswith((" ", "/")):
        return None
    looks_like_one = "/" in seen or re.search(
        r"\.\w{1,10}$|^(?:Makefile|Dockerfile|LICENSE)$", seen
    )
    return seen if looks_like_one and " " not in seen.strip() else None


def _undecorated(text: str) -> str:
    seen = _COMMENT.sub("", text.strip(), count=1).removesuffix("-->").strip()
    seen = re.sub(r"^(?:file|path|filename)\s*:\s*", "", seen, flags=re.IGNORECASE)
    return seen.strip("*`:\"' \t")


def path_named(text: str, exists: Exists | None) -> str | None:
    """As `path_in_prose`; or the one known file that a short line ("In `a.py`:") is about."""
    found = path_in_prose(text)
    if found is not None or exists is None or len(text) > 200:
        return found
    if (alone := _undecorated(text)) and exists(alone):
        return alone
    words = text.split()
    if len(words) > 6 and not text.rstrip(" *_").endswith(":"):
        return None
    named = {word.rstrip(".,") for word in _WORD.findall(text) if "." in word or "/" in word}
    known = {name for name in named if exists(name)}
    return known.pop() if len(known) == 1 else None


def _as_hunk(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The two sides as the lines of a hunk.

    Where both have the same dots for lines that stay, part follows part.
    """
    sides = [[line for line in lines if line.sign == sign] for sign in ("-", "+")]
    old, new = ([list(part) for part in _parts(side)] for side in sides)
    if len(old) != len(new):
        old, new = [sides[0]], [sides[1]]
    merged = _compared(old[0], new[0])
    for before, after in zip(old[1:], new[1:], strict=True):
        merged += [Line(" ", "..."), *_compared(before, after)]
    return tuple(merged)


def _compared(old: Sequence[Line], new: Sequence[Line]) -> list[Line]:
    lines: list[Line] = []
    row = taken = 0
    for edit in edits_between([line.text for line in old], [line.text for line in new]):
        lines += [Line(" ", line.text) for line in old[row : edit.start]]
        taken += edit.start - row
        lines += old[edit.start : edit.end]
        lines += new[taken : taken + len(edit.lines)]
        row, taken = edit.end, taken + len(edit.lines)
    return lines + [Line(" ", line.text) for line in old[row:]]


def _parts(lines: Sequence[Line]) -> list[list[Line]]:
    parts: list[list[Line]] = [[]]
    for line in lines:
        if is_elision(line.text):
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


class SearchBlock:
    """One block, from its first mark to its last."""

    def __init__(self, reading: Reading, before: Iterable[str], last_path: str | None) -> None:
        self._reading = reading
        self._before = tuple(before)
        self._side = ""
        self._index: int | None = None
        self._create = False
        self._lines: list[Line] = []
        self.path = last_path
        self._ended = False
        self._length = 7
        self._doubt = self._second_middle = False

    @property
    def marked_end(self) -> bool:
        return self._ended

    @property
    def finished(self) -> bool:
        return self._ended

    def take(self, raw: Raw) -> Sequence[Raw] | None:
        text = raw.text
        if self._ended:
            return [raw]
        if not self._side:
            self._begin(text)
        elif self._side == "-" and self._is_middle(text):
            self._middle()
        elif self._side == "+" and _END.fullmatch(text):
            self._end()
        elif self._side == "-":
            self._add(Line("-", text))
        else:
            self._second_middle = self._second_middle or self._is_middle(text)
            self._add(Line("+", text))
        return None

    def _is_middle(self, text: str) -> bool:
        """A mark of another length than the first one is content if the file has such a line."""
        if not _MIDDLE.fullmatch(text.rstrip()):
            return False
        known = self._reading.tree.knows_line(self.path or "", text.rstrip())
        if len(text.strip()) != self._length and known:
            return False
        if self._side == "-":
            self._doubt = bool(known)
        return True

    def _begin(self, text: str) -> None:
        match = _BEGIN.fullmatch(text)
        exists = self._reading.tree.exists
        inline = path_in_prose(match.group(2)) if match else None
        self._length = len(match.group(1)) if match else 7
        before = (path_named(line, exists) for line in self._before)
        named = inline or next((path for path in before if path), None)
        if named is not None:
            leads = self._reading.tree.leads
            self.path = best_names(named, named, exists, leads).new
            if exists is not None and exists(self.path or ""):
                leads.learn(named, self.path or "")
        self._side = "-"

    def _middle(self) -> None:
        exists = self._reading.tree.exists
        absent = exists is not None and self.path is not None and not exists(self.path)
        self._create = not self._lines and (exists is None or absent)
        self._side = "+"

    def _add(self, line: Line) -> None:
        if self.path is None:
            return
        if self._index is None:
            kind = "create" if self._create else "hunk"
            self._index = self._reading.emit.start(
                "create" if kind == "create" else "hunk", self.path, HunkHint()
            )
        self._lines.append(line)
        self._reading.emit.line(self._index, line)

    def _end(self) -> None:
        self._ended = True
        emit = self._reading.emit
        if self.path is None:
            emit.unsupported("", "A SEARCH block comes without the name of its file.")
        elif self._doubt and self._second_middle:
            why = "More than one line of the SEARCH block could be the mark between its parts."
            emit.unsupported(self.path, why, self._index)
        elif self._create:
            if self._index is None:
                emit.whole(Create(self.path))
            else:
                emit.end(self._index, Create(self.path, tuple(self._lines)))
        elif self._index is not None:
            emit.end(self._index, Hunk(self.path, _as_hunk(self._lines)))

    def close(self) -> str:
        if self._ended:
            return ""
        if self._index is not None:
            self._reading.emit.unsupported(
                self.path or "", "The SEARCH block is cut before its end mark.", self._index
            )
        return "The text ends inside a SEARCH block."
