"""Statements and lines: which lines are whole statements, and what stands in the way of leaving."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codexspark_tui.codemods.scan import Lines


def blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Every list of statements in the tree."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def first_line(node: ast.stmt) -> int:
    """The line a statement begins on, its decorators included."""
    listed = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(d.lineno for d in listed)]))


def trimmed(first: int, last: int, lines: Lines) -> tuple[int, int]:
    """The range without blank lines at its ends."""
    while first < last and not lines.texts[first - 1].strip():
        first += 1
    while last > first and not lines.texts[last - 1].strip():
        last -= 1
    return first, last


def without_comments(first: int, last: int, lines: Lines) -> tuple[int, int]:
    """The range without comment lines at its ends."""

    def is_bare(number: int) -> bool:
        text = lines.texts[number - 1].strip()
        return not text or text.startswith("#")

    while first < last and is_bare(first):
        first += 1
    while last > first and is_bare(last):
        last -= 1
    return first, last


def whole_statements(tree: ast.Module, first: int, last: int) -> list[ast.stmt]:
    """The statements of one block that fill exactly the lines `first`–`last`, or nothing."""
    for block in blocks(tree):
        inside = [s for s in block if first <= first_line(s) and (s.end_lineno or 0) <= last]
        touching = [s for s in block if first_line(s) <= last and (s.end_lineno or 0) >= first]
        if inside and inside == touching:
            starts, ends = first_line(inside[0]), inside[-1].end_lineno or 0
            if starts == first and ends == last:
                return inside
    return []


def nearest_range(tree: ast.Module, first: int, last: int) -> tuple[int, int] | None:
    """The smallest run of whole statements in one block that covers `first`–`last`."""
    best: tuple[int, int] | None = None
    for block in blocks(tree):
        touching = [s for s in block if first_line(s) <= last and (s.end_lineno or 0) >= first]
        if not touching:
            continue
        found = first_line(touching[0]), touching[-1].end_lineno or 0
        covers = found[0] <= first and found[1] >= last
        if covers and (best is None or found[1] - found[0] < best[1] - best[0]):
            best = found
    return best
