"""What differs between two sequences of lines, in time that is near linear.

Equal ends are cut off, lines that occur once on both sides become anchors, and only small gaps
between anchors are compared in detail. The result is always right, not always the shortest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import eq

_SMALL = 200


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines [start, end) of the old text become `lines` (with their ends)."""

    start: int
    end: int
    lines: tuple[str, ...]


def edits_between(old: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    """What must be replaced in `old` to get `new`, ascending, never touching each other."""
    pending: Edit | None = None
    for edit in _edits(old, new):
        if pending is not None and edit.start == pending.end:
            pending = Edit(pending.start, edit.end, pending.lines + edit.lines)
            continue
        if pending is not None:
            yield pending
        pending = edit
    if pending is not None:
        yield pending


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    stack = [(0, len(old), 0, len(new))]
    while stack:
        a, a_end, b, b_end = stack.pop()
        while a < a_end and b < b_end and old[a] == new[b]:
            a, b = a + 1, b + 1
        while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
        if a == a_end or b == b_end:
            if a < a_end or b < b_end:
                yield Edit(a, a_end, tuple(new[b:b_end]))
            continue
        if a_end - a == b_end - b and _mostly_equal(old[a:a_end], new[b:b_end]):
            yield from _line_by_line(old, new, (a, a_end, b, b_end))
            continue
        anchors = _anchors(old, new, (a, a_end, b, b_end))
        if not anchors:
            yield from _detail(old, new, (a, a_end, b, b_end))
            continue
        gaps = []
        for x, y in anchors:
            gaps.append((a, x, b, y))
            a, b = x + 1, y + 1
        gaps.append((a, a_end, b, b_end))
        stack.extend(gap for gap in reversed(gaps) if gap[0] < gap[1] or gap[2] < gap[3])


_Window = tuple[int, int, int, int]


def _anchors(old: Sequence[str], new: Sequence[str], window: _Window) -> list[tuple[int, int]]:
    """Lines that occur once on both sides, as the longest run of pairs that keeps the order."""
    a, a_end, b, b_end = window
    if (a_end - a) * (b_end - b) <= _SMALL:
        return []
    where: dict[str, int] = {}
    for row in range(b, b_end):
        where[new[row]] = -1 if new[row] in where else row
    seen: dict[str, int] = {}
    for row in range(a, a_end):
        seen[old[row]] = -1 if old[row] in seen else row
    pairs = [
        (row, where[text]) for text, row in seen.items() if row >= 0 and where.get(text, -1) >= 0
    ]
    return _longest_ascending(sorted(pairs))


def _longest_ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Patience: the longest subsequence whose second numbers ascend."""
    tops: list[int] = []
    top_at: list[int] = []
    back: list[int] = []
    for index, (_, y) in enumerate(pairs):
        pile = bisect_left(tops, y)
        back.append(top_at[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(y)
            top_at.append(index)
        else:
            tops[pile], top_at[pile] = y, index
    chain = []
    at = top_at[-1] if top_at else -1
    while at >= 0:
        chain.append(pairs[at])
        at = back[at]
    return chain[::-1]


def _detail(old: Sequence[str], new: Sequence[str], window: _Window) -> Iterator[Edit]:
    """A gap without anchors: compare small ones closely, the rest line by line or whole."""
    a, a_end, b, b_end = window
    if max(a_end - a, b_end - b) <= _SMALL:
        from difflib import SequenceMatcher  # 2 ms at import, seldom needed

        matcher = SequenceMatcher(None, old[a:a_end], new[b:b_end], autojunk=False)
        for tag, i, i_end, j, j_end in matcher.get_opcodes():
            if tag != "equal":
                yield Edit(a + i, a + i_end, tuple(new[b + j : b + j_end]))
    else:
        yield Edit(a, a_end, tuple(new[b:b_end]))


def _mostly_equal(old: Sequence[str], new: Sequence[str]) -> bool:
    same: int = sum(map(eq, old, new))
    return same * 2 >= len(old)


def _line_by_line(old: Sequence[str], new: Sequence[str], window: _Window) -> Iterator[Edit]:
    a, a_end, b, _ = window
    row = a
    while row < a_end:
        start = row
        while row < a_end and old[row] != new[b + row - a]:
            row += 1
        if row > start:
            yield Edit(start, row, tuple(new[b + start - a : b + row - a]))
        row += 1
