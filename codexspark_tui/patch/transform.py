"""Patches as values: turn round, keep or drop lines, split. Nothing here sees a file.

Law: for resolved changes, applying `invert(p)` to what applying `p` to x gave is x again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from codexspark_tui.patch.apply import CONTEXT
from codexspark_tui.patch.model import (
    Line,
    LineEnd,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
    Sign,
)

_OTHER: dict[Sign, Sign] = {" ": " ", "-": "+", "+": "-"}


def invert(change: Resolved) -> Resolved:
    """The change that takes this one back.

    A single hunk keeps its place, as its own lines move nothing before it; several hunks of one
    file are inverted together by `invert_hunks`. A copy becomes the deletion of an empty file only
    in name: its lines are not known here, so it raises ValueError.
    """
    match change:
        case ResolvedHunk():
            return replace(change, lines=ordered(turned(change.lines)))
        case ResolvedCreate(path, lines, mode):
            return ResolvedDelete(path, turned(lines), mode)
        case ResolvedDelete(path, lines, mode):
            return ResolvedCreate(path, turned(lines), mode)
        case ResolvedRename(path, to, copy):
            if copy:
                raise ValueError("a copy is undone by deleting the new file, whose lines it lacks")
            return ResolvedRename(to, path)
        case ResolvedMode(path, mode, old_mode):
            return ResolvedMode(path, old_mode, mode)


def invert_hunks(hunks: Sequence[ResolvedHunk]) -> tuple[ResolvedHunk, ...]:
    """Hunks of one file that refer to one text, turned round to refer to the text after them."""
    shift = 0
    inverted = []
    for hunk in sorted(hunks, key=lambda hunk: hunk.old_start):
        inverted.append(
            replace(hunk, old_start=hunk.old_start + shift, lines=ordered(turned(hunk.lines)))
        )
        shift += growth(hunk)
    return tuple(inverted)


def growth(hunk: ResolvedHunk) -> int:
    """How many lines longer the file is after the hunk (negative: shorter)."""
    return sum((line.sign == "+") - (line.sign == "-") for line in hunk.lines)


def turned(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with added and removed exchanged, in their order."""
    return tuple(replace(line, sign=_OTHER[line.sign]) for line in lines)


def ordered(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Removed lines before added ones in every run of changes."""
    out: list[Line] = []
    added: list[Line] = []
    for line in lines:
        if line.sign == "+":
            added.append(line)
            continue
        if line.sign == " ":
            out.extend(added)
            added = []
        out.append(line)
    return (*out, *added)


def keep_lines(hunk: ResolvedHunk, selected: Collection[int]) -> ResolvedHunk:
    """Only the changed lines whose indexes in `hunk.lines` are selected.

    A removed line that is not kept becomes context; an added one goes. Where a line without a
    final newline and its replacement are split, the newline is kept right.
    """
    lines: list[Line] = []
    removed: list[tuple[int, Line]] = []
    added: list[tuple[int, Line]] = []
    for index, line in enumerate(hunk.lines):
        if line.sign == "-":
            removed.append((index, line))
        elif line.sign == "+":
            added.append((index, line))
        else:
            lines += [*_kept_run(removed, added, selected), line]
            removed, added = [], []
    lines += _kept_run(removed, added, selected)
    return replace(hunk, lines=_mended(lines))


def _kept_run(
    removed: Sequence[tuple[int, Line]],
    added: Sequence[tuple[int, Line]],
    selected: Collection[int],
) -> tuple[Line, ...]:
    """The kept part of one run of changes.

    A kept added line stands where the removed line with the same number in the run was: after it,
    and before the later ones that stay.
    """
    out: list[Line] = []
    for number in range(max(len(removed), len(added))):
        for index, line in removed[number : number + 1]:
            out.append(line if index in selected else replace(line, sign=" "))
        out += [line for index, line in added[number : number + 1] if index in selected]
    return ordered(out)


def keep_range(hunk: ResolvedHunk, first: int, end: int) -> ResolvedHunk:
    """Only the changed lines from `first` up to `end`, each where it stands in the hunk.

    Unlike with `keep_lines` an added line stays behind all removed lines of its run, so that what
    is kept of neighbouring ranges can be applied one by one.
    """
    lines: list[Line] = []
    for index, line in enumerate(hunk.lines):
        if first <= index < end or line.sign == " ":
            lines.append(line)
        elif line.sign == "-":
            lines.append(replace(line, sign=" "))
    return replace(hunk, lines=_mended(lines))


def drop_lines(hunk: ResolvedHunk, selected: Collection[int]) -> ResolvedHunk:
    """Everything but the changed lines whose indexes are selected."""
    return keep_lines(hunk, set(range(len(hunk.lines))) - set(selected))


def _mended(lines: list[Line]) -> tuple[Line, ...]:
    """A new-side line that is not the last must have a line end; a removed one stays as it is."""
    new = [i for i, line in enumerate(lines) if line.sign != "-"]
    end: LineEnd = next((line.end for line in lines if line.end), "\n")
    mended: list[Line] = []
    for index, line in enumerate(lines):
        if line.end or line.sign == "-" or (new and index == new[-1]):
            mended.append(line)
        elif line.sign == " ":
            mended += [replace(line, sign="-"), Line("+", line.text, end)]
        else:
            mended.append(replace(line, end=end))
    return tuple(mended)


def changes_something(hunk: ResolvedHunk) -> bool:
    return any(line.sign != " " for line in hunk.lines)


def split(hunk: ResolvedHunk) -> tuple[ResolvedHunk, ...]:
    """One hunk for each run of changes, with up to three lines of context, which they may share."""
    runs = _runs(hunk.lines)
    if len(runs) < 2:
        return (hunk,)
    rows = [0]
    for line in hunk.lines:
        rows.append(rows[-1] + (line.sign != "+"))
    parts = []
    for number, (start, end) in enumerate(runs):
        low = max(start - CONTEXT, runs[number - 1][1] if number else 0)
        high = runs[number + 1][0] if number + 1 < len(runs) else len(hunk.lines)
        lines = hunk.lines[low : min(end + CONTEXT, high)]
        parts.append(ResolvedHunk(hunk.path, hunk.old_start + rows[low], lines))
    return tuple(parts)


def _runs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Half-open index ranges of lines that are not context."""
    runs: list[tuple[int, int]] = []
    for index, line in enumerate(lines):
        if line.sign == " ":
            continue
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs
