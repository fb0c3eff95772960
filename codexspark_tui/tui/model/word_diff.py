"""Which words of two lines differ. Pure; widths are no matter here, places count characters."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeAlias

Spans: TypeAlias = tuple[tuple[int, int], ...]
LONGEST = 400
LIKE = 0.4
_WORD = re.compile(r"\w+|\s+|.")


@lru_cache(maxsize=4096)
def changed_words(old: str, new: str) -> tuple[Spans, Spans]:
    """(start, end) of what is gone from `old` and what is new in `new`.

    Nothing where the lines have little in common, or are too long to be compared in time.
    """
    if max(len(old), len(new)) > LONGEST or old == new:
        return (), ()
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    blocks = matcher.get_matching_blocks()
    kept = sum(len("".join(before[b.a : b.a + b.size]).strip()) for b in blocks)
    if kept < LIKE * min(len(old.strip()), len(new.strip())) or not kept:
        return (), ()
    gone = [(op[1], op[2]) for op in matcher.get_opcodes() if op[1] < op[2] and op[0] != "equal"]
    come = [(op[3], op[4]) for op in matcher.get_opcodes() if op[3] < op[4] and op[0] != "equal"]
    return _places(before, gone), _places(after, come)


def _places(words: list[str], ranges: list[tuple[int, int]]) -> Spans:
    """Ranges of words as ranges of characters."""
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return tuple((starts[first], starts[last]) for first, last in ranges)
