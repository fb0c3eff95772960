"""Other ways to read a hunk whose lines, as they are written, stand nowhere in the file.

Text that has passed through a web page or a listing shows it on every line: characters are escaped
as in HTML, or line numbers stand before the text. Where context lost its signs, a line that begins
with "-" itself (a list, a rule) looks removed. A reading is believed only where the old lines, read
so, are found in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from codexspark_tui.patch.model import Hunk, Line
from codexspark_tui.patch.view import FileView

_ENTITY = re.compile(r"&(lt|gt|quot|apos|amp|#39|#x27|#34);")
_CHARACTERS = {
    "lt": "<",
    "gt": ">",
    "quot": '"',
    "apos": "'",
    "amp": "&",
    "#39": "'",
    "#x27": "'",
    "#34": '"',
}
_NUMBERED = re.compile(r"[ \t]{0,8}(\d{1,7})( ?[|:→│]|\t| {1,2})(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """`read` gives the hunk with other texts, as many lines as before; None: it says nothing."""

    name: str
    assumed: str
    read: Callable[[Hunk, FileView], Hunk | None]


def _unescaped(hunk: Hunk, view: FileView) -> Hunk | None:
    if not any("&" in line.text and _ENTITY.search(line.text) for line in hunk.lines):
        return None
    return _with_texts(hunk, [_ENTITY.sub(_character, line.text) for line in hunk.lines])


def _character(entity: re.Match[str]) -> str:
    return _CHARACTERS[entity.group(1)]


def _without_numbers(hunk: Hunk, view: FileView) -> Hunk | None:
    """Every line that is not blank has a number before it; those of old lines ascend.

    Added lines may have none, if none of them has.
    """
    found = [_NUMBERED.fullmatch(line.text) for line in hunk.lines]
    added = [m for line, m in zip(hunk.lines, found, strict=True) if line.sign == "+"]
    plain = not any(added)
    last = -1
    for line, match in zip(hunk.lines, found, strict=True):
        if line.sign == "+" and plain:
            continue
        if match is None and line.text.strip():
            return None
        if match is not None and line.sign != "+":
            if int(match.group(1)) <= last:
                return None
            last = int(match.group(1))
    matches = [match for match in found if match is not None]
    marks = {match.group(2).strip() for match in matches}
    if last < 0 or len(marks) > 1:
        return None
    padded = marks != {""} and all(match.group(3)[:1] in {"", " "} for match in matches)
    texts = [
        (line.text if line.sign == "+" and plain else "") if m is None else m.group(3)[padded:]
        for line, m in zip(hunk.lines, found, strict=True)
    ]
    return _with_texts(hunk, texts)


def _signs_as_content(hunk: Hunk, view: FileView) -> Hunk | None:
    """Removed lines that the file lacks, but has with the "-" before them, are context.

    Not one that an added line follows: that may be a removed line which lost its own sign.
    """
    lines = list(hunk.lines)
    for number, line in enumerate(lines):
        if line.sign != "-" or not line.text.strip() or view.has(line.text):
            continue
        followed = number + 1 < len(lines) and lines[number + 1].sign == "+"
        if followed or not view.has("-" + line.text):
            return None
        lines[number] = Line(" ", "-" + line.text, line.end)
    changes = any(line.sign != " " for line in lines)
    return replace(hunk, lines=tuple(lines)) if changes and tuple(lines) != hunk.lines else None


def _with_texts(hunk: Hunk, texts: list[str]) -> Hunk:
    lines = tuple(replace(ln, text=text) for ln, text in zip(hunk.lines, texts, strict=True))
    return replace(hunk, lines=lines)


ESCAPES = Reading("escapes read", "characters are escaped as in HTML", _unescaped)
READINGS = (
    ESCAPES,
    Reading("numbers left out", "line numbers stand before the text", _without_numbers),
    Reading("signs lost", 'a line that begins with "-" is context', _signs_as_content),
)
_BY_NAME = {reading.name: reading for reading in READINGS}


def as_read(hunk: Hunk, how: str, view: FileView) -> Hunk:
    """The hunk as the reading that a `Placed.how` names (in brackets) gives it."""
    if "[" not in how:
        return hunk
    reading = _BY_NAME.get(how.partition("[")[2].partition("]")[0])
    return (reading.read(hunk, view) if reading is not None else None) or hunk
