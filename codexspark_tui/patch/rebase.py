"""Resolved hunks carried over to a text that others have changed: exactly, or as a conflict.

    rebase    a hunk, past hunks of the same text that are applied first
    merge     hunks of an old text, onto what the file has become since
    compose   two patches, one after the other, as one

Conflicts are data: what was there, what each side made of it. Nothing is guessed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from codexspark_tui.patch.apply import Mismatch, apply_resolved, check, edits_of
from codexspark_tui.patch.compare import Edit
from codexspark_tui.patch.diff import diff
from codexspark_tui.patch.model import Line, ResolvedHunk
from codexspark_tui.patch.text import split_lines, to_line


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two changes of the same lines. `start` is 1-based in the text that both refer to.

    `base`: the lines as they were; `ours`: what the hunk makes of them; `theirs`: what was made of
    them meanwhile. Lines have their ends.
    """

    path: str
    start: int
    base: tuple[str, ...]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def rebase(hunk: ResolvedHunk, done: Sequence[ResolvedHunk]) -> ResolvedHunk | Conflict:
    """`hunk` for the text that `done` leaves; all of them refer to one text.

    Context that `done` changes follows it. A line that both remove, or lines added inside what the
    other removes, are a conflict. What both add at one place stands behind what `done` added.
    """
    return _Done(done).rebase(hunk)


class _Done:
    """Hunks that are applied first, ready to be asked about many others."""

    def __init__(self, done: Sequence[ResolvedHunk]) -> None:
        edits = sorted((e for h in done for e in edits_of(h)), key=lambda e: (e.start, e.end))
        self._edits = edits
        self._starts = [edit.start for edit in edits]
        self._ends = [edit.end for edit in edits]
        grown = (len(edit.lines) - (edit.end - edit.start) for edit in edits)
        self._shifts = [0, *accumulate(grown)]

    def rebase(self, hunk: ResolvedHunk) -> ResolvedHunk | Conflict:
        known = _known(hunk)
        start = hunk.old_start - 1
        end = start + len(known)
        low, high = bisect_left(self._ends, start), bisect_right(self._starts, end)
        near = self._edits[low:high]
        for mine in edits_of(hunk):
            for other in near:
                if _clash(mine, other):
                    return _conflict(hunk, mine, other)
        for other in near:
            if other.start < start < other.end:
                start = other.end
            if other.start < end < other.end:
                end = other.start
        inside = [e for e in near if start <= e.start and e.end <= end and _within(e, start, end)]
        before = [e for e in near if e.end <= start and e not in inside]
        shift = self._shifts[low] + sum(len(e.lines) - (e.end - e.start) for e in before)
        return ResolvedHunk(hunk.path, start + shift + 1, _lines(hunk, (start, end), inside))


def _clash(mine: Edit, other: Edit) -> bool:
    if mine.start == mine.end:
        return other.start < mine.start < other.end
    if other.start == other.end:
        return mine.start < other.start < mine.end
    return mine.start < other.end and other.start < mine.end


def _conflict(hunk: ResolvedHunk, mine: Edit, other: Edit) -> Conflict:
    """The lines of the hunk's own range that the two edits are about."""
    known = _known(hunk)
    rows = range(min(mine.start, other.start), max(mine.end, other.end))
    base = tuple(known[row] for row in rows if row in known)
    return Conflict(hunk.path, rows.start + 1, base, mine.lines, other.lines)


def _known(hunk: ResolvedHunk) -> dict[int, str]:
    """The old text as far as the hunk shows it, by index."""
    old = [line.text + line.end for line in hunk.lines if line.sign != "+"]
    return dict(enumerate(old, hunk.old_start - 1))


def _lines(hunk: ResolvedHunk, rows: tuple[int, int], inside: Sequence[Edit]) -> tuple[Line, ...]:
    """The hunk's lines between these rows of the old text, with the others' edits as context."""
    known = _known(hunk)
    others: dict[int, list[Edit]] = {}
    for edit in inside:
        others.setdefault(edit.start, []).append(edit)
    own = {edit.start: edit for edit in edits_of(hunk)}
    gone = {r for e in (*inside, *own.values()) for r in range(e.start, e.end)}
    lines: list[Line] = []
    for row in range(rows[0], rows[1] + 1):
        for edit in others.get(row, ()):
            lines += [to_line(" ", raw) for raw in edit.lines]
        if row in own:
            lines += [to_line("-", known[r]) for r in range(own[row].start, own[row].end)]
            lines += [to_line("+", raw) for raw in own[row].lines]
        if row < rows[1] and row not in gone:
            lines.append(to_line(" ", known[row]))
    return tuple(lines)


def _within(edit: Edit, start: int, end: int) -> bool:
    """An insertion at the hunk's very edge stays outside of it."""
    return edit.start < edit.end or start < edit.start < end


def merge(
    base: str, now: str, hunks: Sequence[ResolvedHunk]
) -> tuple[ResolvedHunk | Conflict | Mismatch, ...]:
    """Each hunk of `base` for the text `now`, which someone else made of `base` meanwhile.

    The hunks do not see each other: those that come out all refer to `now`. A hunk whose change
    is there already comes out as a conflict whose two sides are equal.
    """
    lines = split_lines(base)
    path = hunks[0].path if hunks else ""
    theirs = _Done(diff(path, base, now, context=0))
    return tuple(check(lines, hunk) or theirs.rebase(hunk) for hunk in hunks)


def compose(
    text: str, first: Sequence[ResolvedHunk], second: Sequence[ResolvedHunk]
) -> tuple[ResolvedHunk, ...] | Mismatch:
    """One patch of `text` that does what `first` and then `second` (on its result) do."""
    middle = apply_resolved(text, first)
    if isinstance(middle, Mismatch):
        return middle
    after = apply_resolved(middle, second)
    if isinstance(after, Mismatch):
        return after
    path = (*first, *second)[0].path if first or second else ""
    return diff(path, text, after)
