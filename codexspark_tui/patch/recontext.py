"""A hunk whose own lines stand, in a text whose neighbouring lines have changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.patch.apply import CONTEXT
from codexspark_tui.patch.model import ResolvedHunk
from codexspark_tui.patch.text import to_line


def leading_context(hunk: ResolvedHunk) -> int:
    """How many context lines come before the first changed one (all, where none is changed)."""
    return next((i for i, line in enumerate(hunk.lines) if line.sign != " "), len(hunk.lines))


def recontext(lines: Sequence[str], hunk: ResolvedHunk, shift: int) -> ResolvedHunk:
    """`hunk` moved by `shift` lines, with the context that `lines` (of `split_lines`) has there.

    What it changes stays as it is, and so does context between its changes.
    """
    first = leading_context(hunk)
    last = max((i for i, line in enumerate(hunk.lines) if line.sign != " "), default=first - 1)
    core = hunk.lines[first : last + 1]
    start = hunk.old_start - 1 + first + shift
    end = start + sum(line.sign != "+" for line in core)
    before = [to_line(" ", raw) for raw in lines[max(0, start - CONTEXT) : max(0, start)]]
    after = [to_line(" ", raw) for raw in lines[end : end + CONTEXT]]
    return ResolvedHunk(hunk.path, start + 1 - len(before), (*before, *core, *after))
