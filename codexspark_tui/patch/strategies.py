"""The ladder: ways to find a hunk's old lines in a file, strictest first.

A strategy gives the places where a hunk may stand and, for a place, which line of the file each
old line is. It never chooses between places. Removed lines are always found; only context may be
missing from the file, and only where a strategy says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from codexspark_tui.patch.headers import is_elision
from codexspark_tui.patch.model import Hunk, Line
from codexspark_tui.patch.view import EXACT, FOLDED, LEVELS, SPACED, SQUEEZED, FileView, Level

Rows: TypeAlias = tuple[int | None, ...]
"""The file's index for each old line of a hunk; None for context that the file lacks."""


def old_lines(hunk: Hunk) -> list[Line]:
    """The hunk's context and removed lines."""
    return [line for line in hunk.lines if line.sign != "+"]


def is_blank(line: Line) -> bool:
    return not line.text or line.text.isspace()


_MOST_LINES_ASIDE = 100_000  # of a hunk, in all of its places: what stands between is looked at
_MOST_PARTS = 16  # of a hunk with elisions; each part is searched in the whole file
_MOST_RUNS = 200  # of context between its changes
_LEAST_OF_PART = 2  # lines that are not blank, so that its only place is no accident


class Strategy(Protocol):
    """One rung of the ladder."""

    @property
    def name(self) -> str: ...
    @property
    def assumed(self) -> tuple[str, ...]: ...

    def places(self, view: FileView, hunk: Hunk) -> list[int]:
        """Indexes of the file line that is the hunk's first old line, ascending."""
        ...

    def rows(self, view: FileView, hunk: Hunk, at: int) -> Rows | None:
        """Where every old line is when the hunk stands at `at`; None if it does not."""
        ...


@dataclass(frozen=True, slots=True)
class Together:
    """All old lines follow each other in the file, equal at `level`."""

    level: Level

    @property
    def name(self) -> str:
        return self.level.name

    @property
    def assumed(self) -> tuple[str, ...]:
        return (self.level.assumed,) if self.level.assumed else ()

    def places(self, view: FileView, hunk: Hunk) -> list[int]:
        texts = [line.text for line in old_lines(hunk)]
        return view.places(self.level, texts) if texts else []

    def rows(self, view: FileView, hunk: Hunk, at: int) -> Rows | None:
        old = old_lines(hunk)
        return tuple(range(at, at + len(old))) if at + len(old) <= view.total else None


def _edges(old: Sequence[Line]) -> tuple[int, int]:
    """How many blank context lines the hunk begins and ends with."""
    lead = 0
    while lead < len(old) and old[lead].sign == " " and is_blank(old[lead]):
        lead += 1
    trail = 0
    while trail < len(old) - lead and old[-1 - trail].sign == " " and is_blank(old[-1 - trail]):
        trail += 1
    return lead, trail


@dataclass(frozen=True, slots=True)
class Trimmed:
    """As `Together`, without the blank context lines at the hunk's two ends."""

    level: Level

    @property
    def name(self) -> str:
        return f"{self.level.name}, blank ends left out"

    @property
    def assumed(self) -> tuple[str, ...]:
        said = ("blank lines at the ends of the hunk are not in the file",)
        return (*said, self.level.assumed) if self.level.assumed else said

    def places(self, view: FileView, hunk: Hunk) -> list[int]:
        old = old_lines(hunk)
        lead, trail = _edges(old)
        if not lead and not trail:
            return []
        core = [line.text for line in old[lead : len(old) - trail]]
        return view.places(self.level, core) if core else []

    def rows(self, view: FileView, hunk: Hunk, at: int) -> Rows | None:
        old = old_lines(hunk)
        lead, trail = _edges(old)
        core = len(old) - lead - trail
        return (*(None,) * lead, *range(at, at + core), *(None,) * trail)


@dataclass(frozen=True, slots=True)
class Unblanked:
    """The lines that are not blank follow each other; blank context may differ between them."""

    level: Level

    @property
    def name(self) -> str:
        return f"{self.level.name}, blank lines aside"

    @property
    def assumed(self) -> tuple[str, ...]:
        said = ("blank lines differ",)
        return (*said, self.level.assumed) if self.level.assumed else said

    def places(self, view: FileView, hunk: Hunk) -> list[int]:
        filled = [line.text for line in old_lines(hunk) if not is_blank(line)]
        starts = view.places_aside(self.level, filled) if filled else []
        if len(starts) * len(filled) > _MOST_LINES_ASIDE:
            return []
        return [at for at in starts if self.rows(view, hunk, at) is not None]

    def rows(self, view: FileView, hunk: Hunk, at: int) -> Rows | None:
        """Blank old lines take the blank file lines of their gap, in order."""
        found: list[int | None] = []
        waiting: list[Line] = []
        row = at
        for line in old_lines(hunk):
            if is_blank(line):
                waiting.append(line)
                continue
            blanks = []
            while row < view.total and view.is_blank(row) and found:
                blanks.append(row)
                row += 1
            settled = _settle_blanks(waiting, blanks)
            if settled is None or row >= view.total:
                return None
            found.extend(settled)
            found.append(row)
            waiting = []
            row += 1
        blanks = []
        while row < view.total and len(blanks) < len(waiting) and view.is_blank(row):
            blanks.append(row)
            row += 1
        settled = _settle_blanks(waiting, blanks)
        return (*found, *settled) if settled is not None else None


def _settle_blanks(wanted: Sequence[Line], blanks: Sequence[int]) -> list[int | None] | None:
    """Each wanted blank line gets a blank of the file; a removed one must have one."""
    found: list[int | None] = []
    left = iter(blanks)
    spare = len(blanks) - sum(line.sign == "-" for line in wanted)
    for line in wanted:
        if line.sign == "-":
            row = next(left, None)
            if row is None:
                return None
            found.append(row)
        elif spare > 0:
            spare -= 1
            found.append(next(left, None))
        else:
            found.append(None)
    return found


@dataclass(frozen=True, slots=True)
class Elided:
    """Context that says "..." stands for any lines of the file between two parts of the hunk."""

    level: Level

    @property
    def name(self) -> str:
        return "elided context" if self.level is EXACT else f"elided context, {self.level.name}"

    @property
    def assumed(self) -> tuple[str, ...]:
        return ("a line of dots stands for lines that stay",)

    def places(self, view: FileView, hunk: Hunk) -> list[int]:
        old = old_lines(hunk)
        if not any(line.sign == " " and is_elision(line.text) for line in old):
            return []
        parts = _parts(old)
        if not 1 <= len(parts) <= _MOST_PARTS:
            return []
        starts = view.places(self.level, _texts(parts[0]))
        later = self._later(view, parts) if starts else []
        return [at for at in starts if self._chain(parts, later, at, strict=True) is not None]

    def rows(self, view: FileView, hunk: Hunk, at: int) -> Rows | None:
        old = old_lines(hunk)
        parts = _parts(old)
        starts = self._chain(parts, self._later(view, parts), at, strict=False)
        if starts is None:
            return None
        found: list[int | None] = []
        number = 0
        row = -1
        for line in old:
            if line.sign == " " and is_elision(line.text):
                found.append(None)
                row = -1
                continue
            if row < 0:
                row = starts[number]
                number += 1
            found.append(row)
            row += 1
        return tuple(found)

    def _later(self, view: FileView, parts: Sequence[Sequence[Line]]) -> list[list[int]]:
        """Where each part but the first is in the file."""
        return [view.places(self.level, _texts(part)) for part in parts[1:]]

    def _chain(
        self,
        parts: Sequence[Sequence[Line]],
        later: Sequence[Sequence[int]],
        at: int,
        *,
        strict: bool,
    ) -> list[int] | None:
        """Where each part stands, each after the one before; with `strict`, only if unique."""
        starts = [at]
        after = at + len(parts[0])
        for part, places in zip(parts[1:], later, strict=True):
            behind = [place for place in places if place >= after]
            if not behind or (strict and len(behind) > 1):
                return None
            starts.append(behind[0])
            after = behind[0] + len(part)
        return starts


def _texts(part: Sequence[Line]) -> list[str]:
    return [line.text for line in part]


def _parts(old: Sequence[Line]) -> list[list[Line]]:
    """The runs of lines between elisions, empty ones left out."""
    parts: list[list[Line]] = [[]]
    for line in old:
        if line.sign == " " and is_elision(line.text):
            parts.append([])
        else:
            parts[-1].append(line)
    return [part for part in parts if part]


@dataclass(frozen=True, slots=True)
class Gapped:
    """Between two changes the hunk leaves out lines of the file, and does not say so.

    Each part must stand at one place only and have context on the side of the gap.
    """

    level: Level

    @property
    def name(self) -> str:
        return f"lines left out, {self.level.name}"

    @property
    def assumed(self) -> tuple[str, ...]:
        return ("lines between its changes, which the hunk leaves out, stay",)

    def places(self, view: FileView, hunk: Hunk) -> list[int]:
        rows = self._chain(view, hunk)
        return [next(row for row in rows if row is not None)] if rows else []

    def rows(self, view: FileView, hunk: Hunk, at: int) -> Rows | None:
        rows = self._chain(view, hunk)
        return rows if rows and at in rows else None

    def _chain(self, view: FileView, hunk: Hunk) -> Rows | None:
        old, runs = old_lines(hunk), _runs_between(hunk)
        if not 1 <= len(runs) <= _MOST_RUNS:
            return None
        rows: list[int | None] = []
        after = 0
        for _ in range(_MOST_PARTS):
            start = len(rows)
            while start < len(old) and old[start].sign == " " and is_blank(old[start]):
                start += 1
            found = self._part(view, old, start, runs, after)
            if found is None:
                return None
            at, size = found
            rows += [None] * (start - len(rows)) + list(range(at, at + size))
            after = at + size
            if len(rows) == len(old):
                return tuple(rows)
        return None

    def _part(
        self,
        view: FileView,
        old: Sequence[Line],
        start: int,
        runs: Sequence[tuple[int, int]],
        after: int,
    ) -> tuple[int, int] | None:
        """Where the part from old line `start` on stands, and how many lines it has."""
        ahead = next((run for run in runs if run[0] > start), None)
        least = ahead[0] + 1 if ahead is not None else len(old)
        texts = _texts(old[start:least])
        if sum(bool(text.strip()) for text in texts) < _LEAST_OF_PART:
            return None
        places = view.places(self.level, texts)
        if len(places) != 1 or places[0] < after:
            return None
        at, keys = places[0], self.level.line_keys
        wanted = keys(_texts(old[start:]))
        there = keys(view.bare[at : at + len(wanted)])
        pairs = zip(wanted, there, strict=False)
        size = next((n for n, (one, other) in enumerate(pairs) if one != other), len(there))
        end = start + size
        if end == len(old):
            return at, size
        run = next((run for run in runs if run[0] < end < run[1]), None)
        if run is None or not _shows(old[run[0] : end]) or not _shows(old[end : run[1]]):
            return None
        return at, size


def _shows(lines: Sequence[Line]) -> bool:
    return any(not is_blank(line) for line in lines)


def _runs_between(hunk: Hunk) -> list[tuple[int, int]]:
    """The context between two changes, as half-open ranges of old lines."""
    runs: list[tuple[int, int]] = []
    row = start = 0
    changed = False
    for line in hunk.lines:
        if line.sign != " ":
            if changed and row > start:
                runs.append((start, row))
            changed = True
            start = row + (line.sign == "-")
        row += line.sign != "+"
    return runs


LADDER: tuple[Strategy, ...] = (
    *(Together(level) for level in LEVELS[:-1]),
    *(Trimmed(level) for level in LEVELS[:-1]),
    Unblanked(FOLDED),
    Unblanked(SPACED),
    Together(SQUEEZED),
    Unblanked(SQUEEZED),
    *(Elided(level) for level in (EXACT, FOLDED, SPACED, SQUEEZED)),
    Gapped(FOLDED),
    Gapped(SPACED),
)
_BY_NAME = {strategy.name: strategy for strategy in LADDER}


def strategy_named(how: str) -> Strategy:
    """The strategy that a `Placed.how` names.

    What follows a ";" says how a tie was broken, and what is in brackets how the hunk was read.
    """
    return _BY_NAME.get(how.partition(";")[0].partition(" [")[0], LADDER[0])
