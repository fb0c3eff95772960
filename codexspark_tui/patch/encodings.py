"""A patch's lines in the encoding of the file that they are for, and back.

A patch given as bytes is in the encodings of its files: what is not UTF-8 in it reaches us as lone
surrogates (`surrogateescape`). `read_in` reads such lines as the file's own text is read;
`written_in` makes them of it again, so that the patch can be printed as git would. No I/O here.

To git the byte order mark of a UTF-8 file is a part of its first line; to us it is not. Such a file
has the encoding `MARKED`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from codexspark_tui.patch.model import (
    Hunk,
    Line,
    Resolved,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.patch.text import TextFile

BOM = "\ufeff"
MARKED = "utf-8-sig"
_UTF = ("utf-8", "utf-16-le", "utf-16-be", MARKED)


def encoding_in_patch(file: TextFile) -> str:
    """What a patch's lines for this file are in."""
    return MARKED if file.bom and file.encoding == "utf-8" else file.encoding


def hunk_in(hunk: Hunk, encoding: str) -> Hunk:
    """The hunk with its lines read in `encoding`."""
    lines = read_in(hunk.lines, encoding)
    if encoding == MARKED:
        lines = without_mark(lines)
    return hunk if lines is hunk.lines else replace(hunk, lines=lines)


def resolved_in(hunk: ResolvedHunk, encoding: str) -> ResolvedHunk:
    """The hunk with its lines read in `encoding`."""
    lines = read_in(hunk.lines, encoding)
    return hunk if lines is hunk.lines else replace(hunk, lines=lines)


def read_in(lines: tuple[Line, ...], encoding: str) -> tuple[Line, ...]:
    """Lines of bytes (at least one surrogate tells) read in `encoding`; others as they are."""
    if encoding in _UTF or not has_bytes(lines):
        return lines
    try:
        return tuple(
            replace(line, text=line.text.encode("utf-8", "surrogateescape").decode(encoding))
            for line in lines
        )
    except UnicodeError:
        return lines


def without_mark(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines of a file that has a byte order mark, without it where both sides begin with it."""
    old = next((line for line in lines if line.sign != "+"), None)
    new = next((line for line in lines if line.sign != "-"), None)
    if not all(line is None or line.text.startswith(BOM) for line in (old, new)):
        return lines
    plain = (replace(line, text=line.text.removeprefix(BOM)) for line in lines)
    return tuple(line for line in plain if line.text or line.end)


def takes_mark_away(lines: tuple[Line, ...]) -> bool:
    """Whether the old side begins with a byte order mark and the new one does not."""
    old = next((line for line in lines if line.sign != "+"), None)
    new = next((line for line in lines if line.sign != "-"), None)
    if old is None or not old.text.startswith(BOM):
        return False
    return new is None or not new.text.startswith(BOM)


def _with_mark(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The same lines, of which the first old and the first new one begin with the mark."""
    old = new = False
    marked: list[Line] = []
    for line in lines:
        with_it = replace(line, text=BOM + line.text)
        if line.sign == "-":
            marked.append(line if old else with_it)
        elif line.sign == "+":
            marked.append(line if new else with_it)
        elif old == new:
            marked.append(line if old else with_it)
        else:  # it becomes the first line, or was it
            marked.append(replace(line if old else with_it, sign="-"))
            marked.append(replace(line if new else with_it, sign="+"))
        old, new = old or line.sign != "+", new or line.sign != "-"
    if not old:
        marked.insert(0, Line("-", BOM, ""))
    if not new:
        marked.append(Line("+", BOM, ""))
    return tuple(marked)


def written_in(change: Resolved, encoding: str) -> Resolved:
    """The change with its lines as bytes of `encoding`: surrogates where they are not UTF-8."""
    if isinstance(change, ResolvedMode | ResolvedRename):
        return change
    if encoding == MARKED and isinstance(change, ResolvedHunk) and change.old_start <= 1:
        return replace(change, lines=_with_mark(change.lines))
    if encoding == MARKED and isinstance(change, ResolvedDelete):
        first = next(iter(change.lines), Line("-", "", ""))
        marked = replace(first, text=BOM + first.text)
        return replace(change, lines=(marked, *change.lines[1:]))
    if encoding in _UTF:
        return change
    try:
        lines = tuple(
            replace(
                line,
                text=line.text.encode(encoding, "surrogateescape").decode(
                    "utf-8", "surrogateescape"
                ),
            )
            for line in change.lines
        )
    except UnicodeError:
        return change
    return replace(change, lines=lines)


def has_bytes(lines: Iterable[Line]) -> bool:
    """Whether these lines hold bytes that were not UTF-8."""
    return any(
        not line.text.isascii() and any("\udc80" <= sign <= "\udcff" for sign in line.text)
        for line in lines
    )
