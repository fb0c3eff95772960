"""Find paths while a person types: the letters of the query, in their order, somewhere in the path.

Names that begin with the query come first, then names and paths that hold it in one piece, then
those that hold its letters scattered; short paths before long ones. A query over 50,000 paths is
answered in milliseconds: pieces and letters are searched in one long text, a path a line.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

MOST_HITS = 400  # of a piece of text, before the best are taken
MOST_TRIED = 1_500  # paths that have the letters, of which the best are taken


@dataclass(slots=True)
class PathFinder:
    """Over the paths of a tree; made anew when they change."""

    paths: Sequence[str]
    _lower: list[str] = field(default_factory=list)
    _text: str = ""
    _starts: list[int] = field(default_factory=list)
    _names: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lower = [path.lower() for path in self.paths]
        self._text = "\n" + "\n".join(self._lower)
        at = 1
        for index, path in enumerate(self._lower):
            self._starts.append(at)
            at += len(path) + 1
            self._names.append((path.rpartition("/")[2], index))
        self._names.sort()

    def find(self, query: str, most: int = 12) -> list[str]:
        """The best `most` paths; without a query the first."""
        wanted = "".join(query.lower().split())
        if not wanted:
            return list(self.paths[:most])
        found: dict[int, tuple[int, int]] = {}
        for index in self._beginning(wanted):
            found.setdefault(index, (0, len(self._lower[index])))
        for index in self._holding(wanted):
            in_name = wanted in self._lower[index].rpartition("/")[2]
            found.setdefault(index, (1 if in_name else 2, len(self._lower[index])))
        if len(found) < most and len(wanted) > 1:
            for index, spread in self._scattered(wanted):
                found.setdefault(index, (3, spread))
        best = sorted(found, key=lambda i: (*found[i], self._lower[i]))
        return [self.paths[index] for index in best[:most]]

    def _beginning(self, wanted: str) -> Iterator[int]:
        first = bisect_left(self._names, (wanted, -1))
        for name, index in self._names[first : first + MOST_HITS]:
            if not name.startswith(wanted):
                return
            yield index

    def _holding(self, wanted: str) -> Iterator[int]:
        at = -1
        for _ in range(MOST_HITS):
            at = self._text.find(wanted, at + 1)
            if at < 0:
                return
            index = bisect_right(self._starts, at) - 1
            yield index
            at = self._starts[index] + len(self._lower[index])

    def _scattered(self, wanted: str) -> Iterator[tuple[int, int]]:
        """(index, how far the letters lie apart)."""
        # Possessive, so that a path without the letters is gone through once.
        pieces = (f"[^{re.escape(letter)}\n]*+{re.escape(letter)}" for letter in wanted)
        for match in islice(re.finditer("\n" + "".join(pieces), self._text), MOST_TRIED):
            index = bisect_right(self._starts, match.start() + 1) - 1
            yield index, _spread(self._lower[index], wanted)


def _spread(path: str, wanted: str) -> int:
    """From the first letter to the last, looked for from the end of the path, which has them."""
    at = last = path.rfind(wanted[-1])
    for letter in reversed(wanted[:-1]):
        at = path.rfind(letter, 0, at)
    return last - at
