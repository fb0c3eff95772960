"""Replacements in one text, by offset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Swap:
    """Replace `plain[start:end]` by `text`. Swaps of one text never overlap.

    Several insertions at one place come in the order they are given, before a replacement there.
    """

    start: int
    end: int
    text: str


def apply_swaps(plain: str, swaps: Iterable[Swap]) -> str:
    """The text with all swaps made; raises `ValueError` when two of them overlap."""
    parts: list[str] = []
    at = 0
    for swap in sorted(dict.fromkeys(swaps), key=lambda s: (s.start, s.end)):
        if swap.start < at:
            raise ValueError(f"swaps overlap at {swap.start}")
        parts += [plain[at : swap.start], swap.text]
        at = swap.end
    return "".join([*parts, plain[at:]])


def shifted(swaps: Sequence[Swap], offset: int) -> int:
    """Where the character at `offset` of the old text is in the new one."""
    return offset + sum(len(s.text) - (s.end - s.start) for s in set(swaps) if s.end <= offset)
