"""Reads SEARCH/REPLACE blocks. The file is named in the lines before, or after the mark.

The searched lines come out as removed, the replacing ones as added; what both share becomes
context when the hunk is resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from codexspark_tui.patch.headers import is_elision
from codexspark_tui.patch.model import Create, Hunk, HunkHint, Line
from codexspark_tui.patch.paths import best_names
from codexspark_tui.patch.reader_core import Raw, Reading

_BEGIN = re.compile(r"<{5,9} ?(?:SEARCH|ORIGINAL)\b[ :>]*(.*)")
_MIDDLE = re.compile(r"={5,9}")
_END = re.compile(r">{5,9} ?(?:REPLACE|UPDATED)\b.*")
_NAME = re.compile(r"[\w./@+~-][\w ./@+~()\[\]{}=,-]*")
_COMMENT = re.compile(r"^(?:[#/*;-]+|<!--)\s*")


def begins_search(text: str) -> bool:
    return _BEGIN.fullmatch(text) is not None


def path_in_prose(text: str) -> str | None:
    """The file that a line of prose names, if a name is all there is on it."""
    seen = _COMMENT.sub("", text.strip(), count=1).removesuffix("-->").strip()
    seen = re.sub(r"^(?:file|path|filename)\s*:\s*", "", seen, flags=re.IGNORECASE)
    seen = seen.strip("*`:\"' \t")
    if not _NAME.fullmatch(seen) or seen.endswith((" ", "/")):
        return None
    looks_like_one = "/" in seen or re.search(
        r"\.\w{1,10}$|^(?:Makefile|Dockerfile|LICENSE)$", seen
    )
    return seen if looks_like_one and " " not in seen.strip() else None


def _undotted(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Where both sides have the same dots for lines that stay, part follows part as in a hunk."""
    sides = [[line for line in lines if line.sign == sign] for sign in ("-", "+")]
    old, new = ([list(part) for part in _parts(side)] for side in sides)
    if len(old) != len(new) or len(old) < 2:
        return tuple(lines)
    merged = [*old[0], *new[0]]
    for before, after in zip(old[1:], new[1:], strict=True):
        merged += [Line(" ", "..."), *before, *after]
    return tuple(merged)


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
        elif self._side == "-" and _MIDDLE.fullmatch(text.rstrip()):
            self._middle()
        elif self._side == "+" and _END.fullmatch(text):
            self._end()
        elif self._side == "-":
            self._add(Line("-", text))
        else:
            self._add(Line("+", text))
        return None

    def _begin(self, text: str) -> None:
        match = _BEGIN.fullmatch(text)
        inline = path_in_prose(match.group(1)) if match else None
        named = inline or next((p for p in map(path_in_prose, self._before) if p), None)
        if named is not None:
            self.path = best_names(named, named, self._reading.tree.exists).new
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
        elif self._create:
            if self._index is None:
                emit.whole(Create(self.path))
            else:
                emit.end(self._index, Create(self.path, tuple(self._lines)))
        elif self._index is not None:
            emit.end(self._index, Hunk(self.path, _undotted(self._lines)))

    def close(self) -> str:
        if self._ended:
            return ""
        if self._index is not None:
            self._reading.emit.unsupported(
                self.path or "", "The SEARCH block is cut before its end mark.", self._index
            )
        return "The text ends inside a SEARCH block."
