"""Deltas of bytes: what one write did to one file, small, exact in both directions.

A splice replaces `old` by `new` at byte `at` of the text before; it also says which lines that
touched, so that a line number can be carried from one state of a file to a later one. The splices
of a delta all refer to the text before it, ascend and do not overlap. Pure; no I/O here.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Splice:
    """`line` is the 0-based first line touched; `old_lines` and `new_lines` are counts."""

    at: int
    old: bytes
    new: bytes
    line: int
    old_lines: int
    new_lines: int


Delta: TypeAlias = tuple[Splice, ...]


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Replace `old_lines` lines from the 0-based `line` on by `new` (lines with their ends)."""

    line: int
    old_lines: int
    new: tuple[str, ...]


def forward(data: bytes, delta: Delta) -> bytes | None:
    """`data` with the delta applied; None where the old bytes are not what the delta replaces."""
    parts: list[bytes] = []
    position = 0
    for splice in delta:
        end = splice.at + len(splice.old)
        if splice.at < position or data[splice.at : end] != splice.old:
            return None
        parts += (data[position : splice.at], splice.new)
        position = end
    parts.append(data[position:])
    return b"".join(parts)


def inverted(delta: Delta) -> Delta:
    """The delta that leads back."""
    turned: list[Splice] = []
    shift = line_shift = 0
    for s in delta:
        turned.append(
            Splice(s.at + shift, s.new, s.old, s.line + line_shift, s.new_lines, s.old_lines)
        )
        shift += len(s.new) - len(s.old)
        line_shift += s.new_lines - s.old_lines
    return tuple(turned)


def of_edits(
    lines: Sequence[str], edits: Sequence[LineEdit], encode: Callable[[str], bytes]
) -> Delta:
    """The delta of line edits (ascending, apart) to a text of `lines`.

    `encode` turns a piece of the text into its bytes, a byte order mark first where the file has
    one (for every piece: what it gives for "" is taken off again).
    """
    mark = encode("")
    position, done = len(mark), 0
    splices: list[Splice] = []
    for edit in edits:
        position += len(encode("".join(lines[done : edit.line]))) - len(mark)
        end = edit.line + edit.old_lines
        old = encode("".join(lines[edit.line : end]))[len(mark) :]
        new = encode("".join(edit.new))[len(mark) :]
        splices.append(_trimmed(position, old, new, edit))
        position += len(old)
        done = end
    return tuple(splices)


def between(before: bytes, after: bytes) -> Delta:
    """One splice from the first to the last byte that differs; line counts are of "\\n" bytes."""
    if before == after:
        return ()
    lines = before.count(b"\n") + 1
    whole = LineEdit(0, lines, ("",) * (after.count(b"\n") + 1))
    return (_trimmed(0, before, after, whole),)


@dataclass(frozen=True, slots=True)
class _Lost:
    """Lines that a splice replaced: they come back where its inverse is applied."""

    by: Splice
    offset: int


def lines_now(deltas: Sequence[Delta], line: int, count: int) -> int | None:
    """Where `count` lines from `line` on are after these deltas; None where they are not.

    Lines that were replaced and put back are there again. An insertion directly before or after
    the lines does not touch them; for `count` 0 (a place between two lines) one just there does.
    """
    lost: list[_Lost] = []
    here, size = line, count
    for delta in deltas:
        shift = 0
        for s in delta:
            if _lies_before(s, here, size):
                shift += s.new_lines - s.old_lines
            elif not _lies_behind(s, here, size):
                if lost and _puts_back(s, lost[-1].by, here):
                    here, size = here + lost.pop().offset, lost[-1].by.new_lines if lost else count
                elif s.line <= here and here + size <= s.line + s.old_lines:
                    lost.append(_Lost(s, here - s.line))
                    here, size = s.line, s.new_lines
                else:
                    return None
                break
        here += shift
    return None if lost else here


def _lies_before(s: Splice, line: int, count: int) -> bool:
    return s.line + s.old_lines <= line and bool(s.old_lines or s.line < line or count)


def _lies_behind(s: Splice, line: int, count: int) -> bool:
    return s.line >= line + count and bool(count or s.line > line or s.old_lines)


def _puts_back(s: Splice, replaced: Splice, line: int) -> bool:
    return (s.line, s.old_lines, s.new_lines) == (
        line,
        replaced.new_lines,
        replaced.old_lines,
    ) and ((s.old, s.new) == (replaced.new, replaced.old))


def line_near(delta: Delta, line: int) -> int:
    """Where `line` is after the delta, as well as that can be said (a hint)."""
    shift = 0
    for s in delta:
        if s.line + s.old_lines <= line:
            shift += s.new_lines - s.old_lines
    return max(0, line + shift)


def start_after(deltas: Sequence[Delta], line: int, size: int, *, turned: bool) -> int:
    """Where a part that begins at `line` and has `size` lines begins after these deltas.

    One of them is taken to replace the part itself, unless that has been done already (`turned`).
    """
    for delta in deltas:
        shift = 0
        for s in delta:
            if s.line < line:
                shift += s.new_lines - s.old_lines
            elif s.line > line:
                break
            elif not turned and s.old_lines == size:
                turned, size = True, s.new_lines
                break
            elif s.old_lines == 0 and size:
                shift += s.new_lines
        line += shift
    return line


def pack(deltas: Sequence[Delta]) -> bytes:
    """Deltas that follow one another, as bytes for the ledger."""
    numbers = [
        [[s.at, len(s.old), len(s.new), s.line, s.old_lines, s.new_lines] for s in delta]
        for delta in deltas
    ]
    head = json.dumps(numbers, separators=(",", ":")).encode()
    body = b"".join(part for delta in deltas for s in delta for part in (s.old, s.new))
    return zlib.compress(head + b"\n" + body, 6)


def unpack(packed: bytes) -> tuple[Delta, ...]:
    plain = zlib.decompress(packed)
    head, _, body = plain.partition(b"\n")
    found: list[Delta] = []
    position = 0
    for numbers in json.loads(head):
        splices: list[Splice] = []
        for at, old, new, line, old_lines, new_lines in numbers:
            middle, end = position + old, position + old + new
            splices.append(
                Splice(at, body[position:middle], body[middle:end], line, old_lines, new_lines)
            )
            position = end
        found.append(tuple(splices))
    return tuple(found)


def _trimmed(at: int, old: bytes, new: bytes, edit: LineEdit) -> Splice:
    """Without the bytes that `old` and `new` share at both ends."""
    shortest = min(len(old), len(new))
    head = _shared(old, new, shortest)
    tail = _shared(old[head:][::-1], new[head:][::-1], shortest - head)
    return Splice(
        at + head,
        old[head : len(old) - tail],
        new[head : len(new) - tail],
        edit.line,
        edit.old_lines,
        len(edit.new),
    )


def _shared(one: bytes, other: bytes, most: int) -> int:
    """Length of the common prefix, by halving (slices compare at the speed of memory)."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
