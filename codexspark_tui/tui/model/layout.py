"""How the lines of one change become rows: below each other or side by side, with more context.

Pure. A row is a pair of cells, (left, right); in the unified layout there is only a left one. What
is shown can be less than what is decided (changes of space may be hidden), never something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from codexspark_tui.tui.model.board import Item, Shown

MANY = 1 << 20
STEP = 5


class Cell(NamedTuple):
    """A line: its sign, its text, its old and new numbers (0: none) as they were when the change
    was told, and which of the change's lines it is (-1: a line of the file around it)."""

    sign: str
    text: str
    old: int
    new: int
    at: int


Pair: TypeAlias = tuple[Cell | None, Cell | None]


@dataclass(slots=True)
class View:
    """How all changes are shown."""

    side_by_side: bool = False
    hide_spaces: bool = False
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """The lines of the file before and behind a change."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def around(lines: Sequence[str], item: Item, near: int) -> Around | None:
    """Up to `item.grown` lines before and behind a change; None if the file does not hold it.

    `lines` are the file's as it is now, `near` the line (from 0) where the change is to be looked
    for first: what is on disk may be the text before or after it, and may have moved.
    """
    old = [line.text for line in item.lines if line.sign != "+"]
    new = [line.text for line in item.lines if line.sign != "-"]
    wanted = [new, old] if item.state in ("written", "accepted") else [old, new]
    for block in wanted:
        at = _found(lines, block, near)
        if at is not None:
            end = at + len(block)
            first = max(0, at - item.grown)
            return Around(tuple(lines[first:at]), tuple(lines[end : end + item.grown]))
    return None


def _found(lines: Sequence[str], block: list[str], near: int) -> int | None:
    """Where the block stands, the nearest place first."""
    last = len(lines) - len(block)
    if last < 0:
        return None
    near = min(max(0, near), last)
    for off in range(last + 1):
        for at in {near - off, near + off}:
            if 0 <= at <= last and list(lines[at : at + len(block)]) == block:
                return at
    return None


def height_of(item: Item, view: View, extra: Around) -> int:
    """The rows of a change without making them, where that is possible."""
    if is_plain(item, view):
        return len(item.lines) + len(extra.before) + len(extra.after)
    return len(pairs_of(item, view, extra))


def is_plain(item: Item, view: View) -> bool:
    """Whether each line is a row of its own."""
    return item.state == "writing" or not (view.side_by_side or view.hide_spaces)


def pairs_of(item: Item, view: View, extra: Around) -> list[Pair]:
    """All rows of a change."""
    lines = [*_numbered(item, extra)]
    if is_plain(item, view):
        return [(cell, None) for cell in lines]
    if view.hide_spaces:
        lines = list(_without_spaces(lines))
    if not view.side_by_side:
        return [(cell, None) for cell in lines]
    return list(_beside(lines))


def _numbered(item: Item, extra: Around) -> Iterator[Cell]:
    """The lines with their numbers; none while it is not known where the change belongs."""
    known = item.view is not None or bool(item.first)
    at = max(1, item.first)
    old = new = at - len(extra.before)
    for text in extra.before:
        yield Cell(" ", text, old, new, -1)
        old, new = old + 1, new + 1
    for index, line in enumerate(item.lines):
        yield Cell(
            line.sign,
            line.text,
            old if known and line.sign != "+" else 0,
            new if known and line.sign != "-" else 0,
            index,
        )
        old += line.sign != "+"
        new += line.sign != "-"
    for text in extra.after:
        yield Cell(" ", text, old, new, -1)
        old, new = old + 1, new + 1


def runs(cells: Sequence[Cell]) -> Iterator[tuple[list[Cell], list[Cell], Cell | None]]:
    """(removed, added, the line of context behind them) for each run of changes."""
    removed: list[Cell] = []
    added: list[Cell] = []
    for cell in cells:
        if cell.sign == "-":
            removed.append(cell)
        elif cell.sign == "+":
            added.append(cell)
        else:
            yield removed, added, cell
            removed, added = [], []
    yield removed, added, None


def _without_spaces(cells: Sequence[Cell]) -> Iterator[Cell]:
    """A run that differs only in white space, as context with its new text."""
    for removed, added, context in runs(cells):
        if _bare(removed) == _bare(added):
            both = zip(removed, added, strict=False)
            same = {b.at: (a, b) for a, b in both if len(removed) == len(added)}
            for cell in added:
                a, b = same.get(cell.at, (cell, cell))
                yield Cell(" ", b.text, a.old, b.new, b.at)
        else:
            yield from removed
            yield from added
        if context is not None:
            yield context


def _bare(cells: Sequence[Cell]) -> str:
    return "".join("".join(cell.text.split()) for cell in cells)


def _beside(cells: Sequence[Cell]) -> Iterator[Pair]:
    """Removed lines on the left, the added ones of the same run on the right."""
    for removed, added, context in runs(cells):
        for number in range(max(len(removed), len(added))):
            left = removed[number] if number < len(removed) else None
            right = added[number] if number < len(added) else None
            yield left, right
        if context is not None:
            yield context, context


def partners(lines: Sequence[Shown]) -> dict[int, int]:
    """For each removed or added line the one that it is compared with, word by word."""
    cells = [Cell(line.sign, line.text, 0, 0, n) for n, line in enumerate(lines)]
    found: dict[int, int] = {}
    for removed, added, _ in runs(cells):
        if len(removed) == len(added):
            for one, other in zip(removed, added, strict=True):
                found[one.at], found[other.at] = other.at, one.at
    return found
