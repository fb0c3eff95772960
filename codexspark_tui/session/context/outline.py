"""The outline of a source file: the heads of its definitions with their lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

MOST_LINES = 400
LONGEST_LINE = 160
_VALUES = ("variable", "field", "property")


class Head(Protocol):
    """A definition as the index or a grammar has it."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def signature(self) -> str: ...
    @property
    def parent(self) -> str: ...


def outline(symbols: Iterable[Head]) -> str:
    """A line for each definition, "12: def f(a) -> int", what stands in another below it; of
    values only constants. "" where there is none."""
    found = [_line(one) for one in symbols if one.kind not in _VALUES or one.name.isupper()]
    if len(found) > MOST_LINES:
        found[MOST_LINES:] = [f"… and {len(found) - MOST_LINES} more"]
    return "\n".join(found)


def _line(one: Head) -> str:
    depth = one.parent.count(".") + 1 if one.parent else 0
    whole = f"{one.line}: {'    ' * depth}{' '.join((one.signature or one.name).split())}"
    return whole if len(whole) <= LONGEST_LINE else whole[: LONGEST_LINE - 1] + "…"
