"""Three-way merge of lines: what two sides made of one base, put together or told as conflicts.

Pure and exact: a line is taken from a side only where the other side left it alone. Changes that
only touch each other are both taken; two insertions at one place have no order, so they conflict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codexspark_tui.patch.compare import Edit, edits_between


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """Lines that both sides changed, each in its own way. `at` is the index in `Merged.lines`.

    There the merged lines hold `ours`; `base` and `theirs` are what could stand there instead.
    """

    at: int
    base: tuple[str, ...]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged lines; where `conflicts` tells of a place, they hold our side of it."""

    lines: tuple[str, ...]
    conflicts: tuple[MergeConflict, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not self.conflicts


def merge3(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Merged:
    """What `ours` and `theirs` both made of `base`; lines have their ends, as `split_lines` gives.

    `merge3(b, o, b)` is `o`, `merge3(b, b, t)` is `t`, and a clean result does not depend on which
    side is called ours. The time grows as that of `edits_between`.
    """
    lines: list[str] = []
    conflicts: list[MergeConflict] = []
    row = 0
    for start, end, mine, others in _regions(base, ours, theirs):
        lines.extend(base[row:start])
        our_side, their_side = _made(base, start, end, mine), _made(base, start, end, others)
        if mine and others and our_side != their_side:
            was = tuple(base[start:end])
            conflicts.append(MergeConflict(len(lines), was, our_side, their_side))
        lines.extend(our_side if mine else their_side)
        row = end
    lines.extend(base[row:])
    return Merged(tuple(lines), tuple(conflicts))


_Region = tuple[int, int, list[Edit], list[Edit]]


def _regions(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[_Region]:
    """Runs of edits that get in each other's way: (start, end, of ours, of theirs), ascending."""
    edits = [(edit, True) for edit in edits_between(base, ours)]
    edits += [(edit, False) for edit in edits_between(base, theirs)]
    edits.sort(key=lambda item: (item[0].start, item[0].end))
    region: _Region | None = None
    for edit, is_mine in edits:
        if region is None or not _meets(region, edit):
            if region is not None:
                yield region
            region = (edit.start, edit.end, [], [])
        start, end, mine, others = region
        (mine if is_mine else others).append(edit)
        region = (start, max(end, edit.end), mine, others)
    if region is not None:
        yield region


def _meets(region: _Region, edit: Edit) -> bool:
    """Whether the edit cannot be carried out beside those of the region, which begins before it."""
    start, end, mine, others = region
    if edit.start < end or start == end == edit.start == edit.end:
        return True
    last = [side[-1].lines for side in (mine, others) if side]
    return edit.start == end and any(made and not made[-1].endswith("\n") for made in last)


def _made(base: Sequence[str], start: int, end: int, edits: Sequence[Edit]) -> tuple[str, ...]:
    """What one side made of the base's lines from `start` to `end`."""
    made: list[str] = []
    row = start
    for edit in edits:
        made.extend(base[row : edit.start])
        made.extend(edit.lines)
        row = edit.end
    made.extend(base[row:end])
    return tuple(made)


def marked(merged: Merged, ours: str = "ours", theirs: str = "theirs") -> tuple[str, ...]:
    """The lines with the marks of git around both sides and the base, to be edited by hand."""
    out: list[str] = []
    row = 0
    for conflict in merged.conflicts:
        out.extend(merged.lines[row : conflict.at])
        out.append(f"<<<<<<< {ours}\n")
        out.extend(_ended(conflict.ours))
        out.append("||||||| base\n")
        out.extend(_ended(conflict.base))
        out.append("=======\n")
        out.extend(_ended(conflict.theirs))
        out.append(f">>>>>>> {theirs}\n")
        row = conflict.at + len(conflict.ours)
    out.extend(merged.lines[row:])
    return tuple(out)


def _ended(lines: Sequence[str]) -> list[str]:
    return [line if line.endswith("\n") else line + "\n" for line in lines]
