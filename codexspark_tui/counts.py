"""How a number of things is said."""

from __future__ import annotations


def count(number: int, one: str, many: str = "") -> str:
    """ "1 change", "3 changes", "1,204 files"; `many` where it is not `one` with an "s"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
