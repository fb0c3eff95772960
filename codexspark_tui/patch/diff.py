"""The difference of two texts as resolved hunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codexspark_tui.patch.compare import Edit, edits_between
from codexspark_tui.patch.model import ResolvedHunk
from codexspark_tui.patch.text import split_lines, to_line


def diff(path: str, before: str, after: str, *, context: int = 3) -> tuple[ResolvedHunk, ...]:
    """Hunks that turn `before` into `after`; () when they are equal."""
    if before == after:
        return ()
    old, new = split_lines(before), split_lines(after)
    return tuple(_hunks(path, old, list(edits_between(old, new)), context))


def _hunks(
    path: str, old: Sequence[str], edits: Sequence[Edit], context: int
) -> Iterator[ResolvedHunk]:
    group: list[Edit] = []
    for edit in edits:
        if group and edit.start - group[-1].end > 2 * context:
            yield hunk_of(path, old, group, context)
            group = []
        group.append(edit)
    if group:
        yield hunk_of(path, old, group, context)


def hunk_of(path: str, old: Sequence[str], edits: Sequence[Edit], context: int) -> ResolvedHunk:
    """One hunk that holds these edits of `old` (ascending) and the lines between them."""
    start = max(edits[0].start - context, 0)
    lines = []
    row = start
    for edit in edits:
        lines += [to_line(" ", raw) for raw in old[row : edit.start]]
        lines += [to_line("-", raw) for raw in old[edit.start : edit.end]]
        lines += [to_line("+", raw) for raw in edit.lines]
        row = edit.end
    lines += [to_line(" ", raw) for raw in old[row : row + context]]
    return ResolvedHunk(path, start + 1, tuple(lines))
