"""A patch's lines in the encoding of the file that they are for, and back.

A patch given as bytes is in the encodings of its files: what is not UTF-8 in it reaches us as lone
surrogates (`surrogateescape`). `read_in` reads such lines as the file's own text is read;
`written_in` makes them of it again, so that the patch can be printed as git would. No I/O here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from codexspark_tui.patch.model import (
    Hunk,
    Line,
    Resolved,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)

_UTF = ("utf-8", "utf-16-le", "utf-16-be")


def hunk_in(hunk: Hunk, encoding: str) -> Hunk:
    """The hunk with its lines read in `encoding`."""
    lines = read_in(hunk.lines, encoding)
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


def written_in(change: Resolved, encoding: str) -> Resolved:
    """The change with its lines as bytes of `encoding`: surrogates where they are not UTF-8."""
    if encoding in _UTF or isinstance(change, ResolvedMode | ResolvedRename):
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
