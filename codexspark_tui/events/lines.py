"""Where lines of a file are after others were replaced: the event, and what is made of it. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

from codexspark_tui.events.resolved import LineView, ResolvedView


class LinesEdit(msgspec.Struct, frozen=True, array_like=True):
    """[line, removed, added]: at `line`, from 1, so many lines gave way to so many others."""

    line: int
    removed: int
    added: int


class ShownNow(msgspec.Struct, frozen=True):
    """How a change reads on the file as it is now: the same lines, their context, their numbers.

    `places`: the lines to choose from, of an ambiguous one.
    """

    change: str
    resolved: ResolvedView | None = None
    places: tuple[int, ...] = ()


class LinesMoved(msgspec.Struct, frozen=True, tag_field="type", tag="lines_moved"):
    """The lines of a file under review are elsewhere now, by a write, an undo or somebody else.

    `edits`: what was replaced, in the lines of before. Undecided changes whose lines or context
    read in another way now are in `shown`, with the numbers of now; all others have moved by what
    is before them. What they do, and the digests to decide them by, are as they were.
    """

    path: str
    edits: tuple[LinesEdit, ...] = ()
    shown: tuple[ShownNow, ...] = ()


class Moved:
    """By how many lines edits, in ascending order, move what is behind them."""

    def __init__(self, edits: Iterable[LinesEdit]) -> None:
        every = tuple(edits)
        self._lines = [edit.line for edit in every]
        self._sums = list(accumulate((edit.added - edit.removed for edit in every), initial=0))

    def by(self, line: int) -> int:
        """By how much what begins at `line`, from 1, has moved."""
        return self._sums[bisect_left(self._lines, line)]


class Trail:
    """All moves of the lines of one file in their order; who follows it remembers how far."""

    def __init__(self) -> None:
        self._moves: list[Moved] = []

    def __len__(self) -> int:
        return len(self._moves)

    def add(self, edits: Iterable[LinesEdit]) -> None:
        self._moves.append(Moved(edits))

    def follow(self, line: int, since: int) -> int:
        """Where `line`, from 1, is now that was there when the trail was so long."""
        for moved in self._moves[since:]:
            line += moved.by(line)
        return line


def lead_of(view: ResolvedView) -> int:
    """How many lines of context are before the first changed one."""
    return next((n for n, line in enumerate(view.lines) if line.sign != " "), 0)


def same_lines(
    shown: Sequence[LineView], told: Sequence[LineView], first: int, last: int
) -> tuple[int, int]:
    """The range of `told` with those changed lines that are from `first` to `last` in `shown`.

    Both have the same changed lines, in the same order, with other context. The range is empty
    (its end before its start) where there is none among them.
    """
    if shown is told:
        return first, last
    here = [n for n, line in enumerate(shown) if line.sign != " "]
    there = [n for n, line in enumerate(told) if line.sign != " "]
    chosen = [b for a, b in zip(here, there, strict=True) if first <= a <= last]
    return (chosen[0], chosen[-1]) if chosen else (0, -1)
