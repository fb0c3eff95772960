"""Where lines of a text are after edits, and hunks of it as hunks of what the edits made. Pure.

An edit that only inserts stands before or behind another one at the same place by its rank: the
order of the changes that they belong to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TypeAlias

from codexspark_tui.patch import to_line
from codexspark_tui.patch.apply import CONTEXT, edits_of
from codexspark_tui.patch.compare import Edit
from codexspark_tui.patch.model import Line, ResolvedHunk

Rank: TypeAlias = tuple[int, str]
FIRST: Rank = (0, "")


def rank_of(id: str) -> Rank:
    """The order of changes ("c2" before "c10"): who inserts first at one place."""
    return len(id), id


class Moves:
    """By how many lines edits of one text, each with its rank, move what is behind them."""

    def __init__(self, edits: Iterable[tuple[Edit, Rank]] = ()) -> None:
        self._edits = sorted(edits, key=_order)
        self._indexed: tuple[list[int], list[int]] | None = None

    def copy(self) -> Moves:
        made = Moves()
        made._edits, made._indexed = list(self._edits), self._indexed
        return made

    def add(self, edits: Iterable[Edit], rank: Rank) -> None:
        for edit in edits:
            insort(self._edits, (edit, rank), key=_order)
        self._indexed = None

    def remove(self, edits: Iterable[Edit], rank: Rank) -> None:
        for edit in edits:
            del self._edits[bisect_left(self._edits, _order((edit, rank)), key=_order)]
        self._indexed = None

    @property
    def _index(self) -> tuple[list[int], list[int]]:
        """Where each edit ends, and the sums of what the first ones add."""
        if self._indexed is None:
            grown = (len(edit.lines) - (edit.end - edit.start) for edit, _ in self._edits)
            sums = list(accumulate(grown, initial=0))
            self._indexed = [edit.end for edit, _ in self._edits], sums
        return self._indexed

    def before(self, edit: Edit, rank: Rank) -> int:
        """By how many lines `edit` is moved."""
        ends, sums = self._index
        upto = bisect_right(ends, edit.start)
        moved = sums[upto]
        if edit.start < edit.end:
            return moved
        for other, others_rank in reversed(self._edits[:upto]):
            if other.end < edit.start:
                break
            if other.start == other.end and others_rank >= rank:
                moved -= len(other.lines)
        return moved

    def touches(self, start: int, end: int) -> bool:
        """Whether one of the edits is in the lines [start, end), or right beside them."""
        at = bisect_left(self._index[0], start)
        return any(edit.start <= end for edit, _ in self._edits[at : at + 1])


def _order(one: tuple[Edit, Rank]) -> tuple[int, int, Rank]:
    return one[0].end, one[0].start, one[1]


class Spans:
    """Which hunks are where in a text, to find those that are near to some lines of it."""

    def __init__(self) -> None:
        self._starts: list[tuple[int, str]] = []
        self._longest = 0

    def add(self, id: str, start: int, end: int) -> None:
        if (start, id) not in self._starts[-1:]:
            insort(self._starts, (start, id))
        self._longest = max(self._longest, end - start)

    def near(self, edits: Iterable[Edit]) -> set[str]:
        """The ids of the hunks that hold one of these lines, or end or begin right beside them."""
        found: set[str] = set()
        for edit in edits:
            at = bisect_left(self._starts, (edit.start - self._longest, ""))
            while at < len(self._starts) and self._starts[at][0] <= edit.end:
                found.add(self._starts[at][1])
                at += 1
        return found


def moved(hunk: ResolvedHunk, rank: Rank, moves: Moves, lines: Sequence[str]) -> ResolvedHunk:
    """`hunk` as a hunk of `lines`, which are its text after the edits in `moves`.

    What it changes stays as it is, line by line; the context is that of `lines`.
    """
    edits = edits_of(hunk)
    if not edits:
        return hunk
    starts = [edit.start + moves.before(edit, rank) for edit in edits]
    first = max(0, starts[0] - CONTEXT)
    made: list[Line] = []
    row = first
    for edit, start, run in zip(edits, starts, _runs(hunk), strict=True):
        made += [to_line(" ", raw) for raw in lines[row:start]]
        made += run
        row = start + edit.end - edit.start
    made += [to_line(" ", raw) for raw in lines[row : row + CONTEXT]]
    return ResolvedHunk(hunk.path, first + 1, tuple(made))


def _runs(hunk: ResolvedHunk) -> list[list[Line]]:
    """The changed lines of a hunk, those that follow each other together."""
    found: list[list[Line]] = []
    before = " "
    for line in hunk.lines:
        if line.sign != " ":
            if before == " ":
                found.append([])
            found[-1].append(line)
        before = line.sign
    return found
