"""Which parts of a long file a prompt is about: its functions, by the words that they share. Pure.

A unit is a function, a method or the head of a class; BM25 over the units of the one file says
which tell most, where a word in a unit's name counts as several in its body. What the prompt names
for certain (the function of a stack trace, a name that is defined here) comes first.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codexspark_tui.index.prompt import Said
from codexspark_tui.index.values import Definition
from codexspark_tui.index.words import parts

Range = tuple[int, int]
LONGEST_LINES = 160  # a longer symbol is taken by what is in it
HEAD_LINES = 24  # of a class, and of what is too long and has nothing in it
MOST = 12
LEAST_SHARE = 0.2  # of the best unit's score
IN_NAME = 4  # how often a word in the name of a unit counts
_K1, _B = 1.2, 0.6
_WORD = re.compile(r"[^\W\d]\w+")
_LEAVES = ("function", "method", "constructor")


@dataclass(frozen=True, slots=True)
class _Unit:
    first: int
    last: int
    name: str


def passages(
    text: str, symbols: Sequence[Definition], said: Said, sure: Iterable[Range] = ()
) -> list[Range]:
    """Lines of the text, what tells most first; they do not overlap."""
    lines = text.splitlines()
    units = [u for u in _units(symbols) if u.first <= len(lines)]
    certain = [part for range_ in sure for part in _within(range_, units)]
    scored = _scored(units, lines, _stems([*said.names, *said.words]))
    least = max(scored.values(), default=0.0) * LEAST_SHARE
    telling = sorted(scored, key=lambda unit: (-scored[unit], unit.first))
    found = [(u.first, u.last) for u in telling if scored[u] >= least]
    return _apart([*certain, *found])[:MOST]


def _units(symbols: Sequence[Definition]) -> list[_Unit]:
    """Functions that are not too long, else what is in them; heads of classes."""
    ordered = sorted(symbols, key=lambda s: (s.line, -s.end_line))
    units: list[_Unit] = []
    done = 0
    for at, symbol in enumerate(ordered):
        if symbol.line <= done:
            continue
        inner = ordered[at + 1].line if at + 1 < len(ordered) else symbol.end_line + 1
        is_one = symbol.kind in _LEAVES or inner > symbol.end_line
        if is_one and symbol.end_line - symbol.line < LONGEST_LINES:
            units.append(_Unit(symbol.line, symbol.end_line, symbol.name))
            done = symbol.end_line
            continue
        last = min(symbol.end_line, inner - 1, symbol.line + HEAD_LINES - 1)
        units.append(_Unit(symbol.line, max(symbol.line, last), symbol.name))
    return units


def _within(range_: Range, units: Sequence[_Unit]) -> list[Range]:
    """The range itself; of one that is too long the first unit in it."""
    first, last = range_
    if last - first < LONGEST_LINES:
        return [range_]
    inside = [(u.first, u.last) for u in units if first <= u.first and u.last <= last]
    return inside[:1] or [(first, first + HEAD_LINES - 1)]


def _scored(
    units: Sequence[_Unit], lines: Sequence[str], wanted: frozenset[str]
) -> dict[_Unit, float]:
    """BM25 of the units that hold any of the words."""
    counts: dict[_Unit, Counter[str]] = {}
    sizes: dict[_Unit, int] = {}
    for unit in units:
        words = Counter(_WORD.findall("\n".join(lines[unit.first - 1 : unit.last])))
        sizes[unit] = words.total()
        found: Counter[str] = Counter()
        for word, count in words.items():
            for stem in _stems_of(word):
                if stem in wanted:
                    found[stem] += count
        for stem in _stems_of(unit.name):
            if stem in wanted:
                found[stem] += IN_NAME
        counts[unit] = found
    mean = sum(sizes.values()) / max(1, len(sizes)) or 1.0
    holders = Counter(stem for found in counts.values() for stem in found)
    rarity = {s: math.log(1 + (len(units) - n + 0.5) / (n + 0.5)) for s, n in holders.items()}
    return {
        unit: sum(
            rarity[stem] * n * (_K1 + 1) / (n + _K1 * (1 - _B + _B * sizes[unit] / mean))
            for stem, n in found.items()
        )
        for unit, found in counts.items()
        if found
    }


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(stem for word in words for stem in _stems_of(word))


@functools.lru_cache(maxsize=1 << 16)
def _stems_of(word: str) -> tuple[str, ...]:
    """The word and its parts, without the ending of a plural."""
    return tuple(one.rstrip("s") or one for one in (word.lower(), *parts(word)))


def _apart(ranges: Iterable[Range]) -> list[Range]:
    """Those that overlap with none before them."""
    made: list[Range] = []
    for first, last in ranges:
        if all(last < a or b < first for a, b in made):
            made.append((first, last))
    return made
