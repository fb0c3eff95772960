"""From a placed hunk to what will really be written, and from that to the new text.

Context and removed lines are the file's own; only added lines come from the patch, fitted. Every
old line is checked against the text, line ends included, before one is replaced. No I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from codexspark_tui.patch.compare import Edit, edits_between
from codexspark_tui.patch.edges import BOM, at_file_end, with_mark
from codexspark_tui.patch.fit import Pair, fitting, main_indent
from codexspark_tui.patch.headers import is_elision
from codexspark_tui.patch.model import (
    Create,
    Hunk,
    Line,
    LineEnd,
    Placed,
    ResolvedCreate,
    ResolvedHunk,
)
from codexspark_tui.patch.readings import as_read
from codexspark_tui.patch.strategies import Rows, is_blank, old_lines, strategy_named
from codexspark_tui.patch.text import bare, line_end, main_line_end, split_lines, to_line
from codexspark_tui.patch.view import FileView

CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Applied:
    """The text after the hunk, and the hunk as it was written."""

    text: str
    resolved: ResolvedHunk


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The text is not what a resolved hunk was made for. `line` is 1-based."""

    path: str
    line: int
    why: str


# -- resolving ---------------------------------------------------------------------------------


def resolve(
    file_lines: Sequence[str], hunk: Hunk, placed: Placed, view: FileView | None = None
) -> ResolvedHunk:
    """The hunk with the file's own context and removed lines, and its added lines fitted.

    Up to three lines of context from the file stand around the change. `file_lines` are as
    `split_lines` gives them and must be what the hunk was placed in; `view` is the placer's own
    view of them, if there is one.
    """
    view = view or FileView.of_lines(file_lines)
    hunk = as_read(hunk, placed.how, view)
    rows = _rows(view, hunk, placed)
    first = next((row for row in rows if row is not None), placed.at)
    last = max((row for row in rows if row is not None), default=placed.at - 1)
    lines = _tidied(_merged(file_lines, hunk, rows, placed.at))
    if first == 0 and file_lines[:1] and file_lines[0].startswith(BOM):
        lines, last = with_mark(lines, hunk, file_lines, last)
    if last + 1 == len(file_lines):
        lines = at_file_end(lines, hunk, file_lines)
    return _framed(hunk.path, file_lines, first, last + 1, lines)


def _rows(view: FileView, hunk: Hunk, placed: Placed) -> Rows:
    if not old_lines(hunk):
        return ()
    rows = strategy_named(placed.how).rows(view, hunk, placed.at)
    if rows is None:
        raise ValueError(f"the hunk does not stand at {placed.at} in {hunk.path}")
    return rows


_Merged: TypeAlias = tuple[Line, Line]
"""A line as it will be written, and the model's line that it comes from."""


def _as_context(raws: Sequence[str]) -> list[_Merged]:
    lines = [to_line(" ", raw) for raw in raws]
    return [(line, line) for line in lines]


def _merged(file_lines: Sequence[str], hunk: Hunk, rows: Rows, at: int) -> list[_Merged]:
    """The hunk's lines in order, old ones from the file, skipped file lines as context."""
    old = old_lines(hunk)
    pairs: list[Pair] = [
        (line.sign, line.text, bare(file_lines[row]))
        for line, row in zip(old, rows, strict=True)
        if row is not None
    ]
    added = [line.text for line in hunk.lines if line.sign == "+"]
    fit = fitting(pairs, added, lambda: main_indent(file_lines))
    keep_ends = _ends_as_said(file_lines, old, rows, hunk)
    ends = _EndOf(file_lines, next((row for row in rows if row is not None), at))
    lost = _lost_plus(hunk, rows)
    merged: list[_Merged] = []
    position = next((row for row in rows if row is not None), at)
    seen = 0
    for number, line in enumerate(hunk.lines):
        if line.sign == "+":
            if _after_gap(hunk.lines, number):
                ahead = (rows[number] for number in range(seen, len(rows)))
                upto = next((row for row in ahead if row is not None), position)
                merged.extend(_as_context(file_lines[position:upto]))
                position = max(position, upto)
            end = line.end if keep_ends and line.end else ends.near
            merged.append((Line("+", fit(line.text), end), line))
            continue
        row = rows[seen]
        seen += 1
        if row is None:
            if lost(number):
                merged.append((Line("+", "", ends.near), line))
            continue
        if position < row:
            merged.extend(_as_context(file_lines[position:row]))
        raw = file_lines[row]
        merged.append((line if line.text + line.end == raw else to_line(line.sign, raw), line))
        ends.pass_row(row)
        position = row + 1
    return merged


def _lost_plus(hunk: Hunk, rows: Rows) -> Callable[[int], bool]:
    """Which blank lines that the file lacks are added ones that lost their sign (by index).

    All of them, if then the header's counts are right; else those between changed lines.
    """
    absent = sum(row is None for row in rows)
    new = sum(line.sign != "-" for line in hunk.lines)
    counted = (hunk.hint.old_count, hunk.hint.new_count) == (len(rows) - absent, new)

    def lost(number: int) -> bool:
        if not is_blank(hunk.lines[number]):
            return False
        if counted:
            return True
        before, after = hunk.lines[max(number - 1, 0) : number], hunk.lines[number + 1 : number + 2]
        return bool(before and after) and " " not in (before[0].sign, after[0].sign)

    return lost


def _after_gap(lines: Sequence[Line], number: int) -> bool:
    """Added lines begin here: whether file lines that the hunk leaves out come before them.

    They do where the hunk has just said "...", or shown a blank line of the gap, or where the
    added lines bring the blank that parts them from what follows. Else they come after.
    """
    if number == 0 or lines[number - 1].sign == "+":
        return False
    before = lines[number - 1]
    if before.sign == " " and (is_blank(before) or is_elision(before.text)):
        return True
    end = number
    while end < len(lines) and lines[end].sign == "+":
        end += 1
    return is_blank(lines[end - 1]) and not is_blank(lines[number])


class _EndOf:
    """The line end for an added line: that of the nearest old line above it, or the file's."""

    def __init__(self, file_lines: Sequence[str], at: int) -> None:
        self._lines = file_lines
        near = file_lines[at : at + 1] or file_lines[at - 1 : at]
        end = line_end(near[0]) if near else ""
        self.near: LineEnd = end or main_line_end(file_lines)

    def pass_row(self, row: int) -> None:
        end = line_end(self._lines[row])
        if end:
            self.near = end


def _ends_as_said(file_lines: Sequence[str], old: Sequence[Line], rows: Rows, hunk: Hunk) -> bool:
    """The patch shows the file's line ends as they are, and changes some on purpose."""
    if not any(line.end == "\r\n" for line in hunk.lines):
        return False
    return all(
        row is None or line_end(file_lines[row]) in (line.end, "")
        for line, row in zip(old, rows, strict=True)
    )


def _tidied(lines: Sequence[_Merged]) -> list[Line]:
    """Lines that the model removes and adds unchanged stay as the file has them.

    What is the same is judged by the model's own two lines: where it misquotes a line on both
    sides it does not mean to change it. Removed lines come before added ones in every run.
    """
    tidy: list[Line] = []
    removed: list[_Merged] = []
    added: list[_Merged] = []
    for pair in (*lines, None):
        if pair is not None and pair[0].sign == "-":
            removed.append(pair)
        elif pair is not None and pair[0].sign == "+":
            added.append(pair)
        else:
            if removed and added:
                tidy += _tidied_run(removed, added)
            else:
                tidy += [line for line, _ in removed or added]
            removed, added = [], []
            if pair is not None:
                tidy.append(pair[0])
    return tidy


def _tidied_run(removed: list[_Merged], added: list[_Merged]) -> list[Line]:
    old = [line.text + line.end for _, line in removed]
    new = [line.text + line.end for _, line in added]
    tidy: list[Line] = []
    row = new_row = 0
    for edit in edits_between(old, new):
        kept = edit.start - row
        tidy += [replace(line, sign=" ") for line, _ in removed[row : edit.start]]
        new_row += kept
        tidy += [line for line, _ in removed[edit.start : edit.end]]
        tidy += [line for line, _ in added[new_row : new_row + len(edit.lines)]]
        row, new_row = edit.end, new_row + len(edit.lines)
    return tidy + [replace(line, sign=" ") for line, _ in removed[row:]]


def _framed(
    path: str, file_lines: Sequence[str], first: int, end: int, lines: list[Line]
) -> ResolvedHunk:
    """Cut context to three lines at both ends, or fill it up from the file."""
    lead = _leading(lines)
    if lead == len(lines):
        return ResolvedHunk(path, first + 1, tuple(lines))
    trail = _leading(lines[::-1])
    start = first + max(lead - CONTEXT, 0) - max(CONTEXT - lead, 0)
    filled = max(start, 0)
    before = [to_line(" ", raw) for raw in file_lines[filled:first]] if lead < CONTEXT else []
    after = [to_line(" ", raw) for raw in file_lines[end : end + max(CONTEXT - trail, 0)]]
    kept = lines[max(lead - CONTEXT, 0) : len(lines) - max(trail - CONTEXT, 0)]
    return ResolvedHunk(path, filled + 1, (*before, *kept, *after))


def _leading(lines: Sequence[Line]) -> int:
    return next((i for i, line in enumerate(lines) if line.sign != " "), len(lines))


def resolve_create(create: Create) -> ResolvedCreate:
    """A new file's lines as the patch ends them: without a mark, the last has a newline."""
    return ResolvedCreate(create.path, create.lines, create.mode)


# -- applying ----------------------------------------------------------------------------------


def apply(text: str, hunk: Hunk, placed: Placed) -> Applied:
    """The text with one placed hunk in it. Raises ValueError if it was not placed in this text."""
    lines = split_lines(text)
    resolved = resolve(lines, hunk, placed)
    new = splice(lines, [resolved])
    if isinstance(new, Mismatch):
        raise ValueError(f"{new.path}:{new.line}: {new.why}")
    return Applied(new, resolved)


def apply_resolved(text: str, hunks: Sequence[ResolvedHunk]) -> str | Mismatch:
    """The text with these hunks in it, which all refer to `text` itself, in any order.

    Every old line is compared with the text, line ends included. Context may be shared between
    hunks; a line that two of them remove, or added lines inside another's removed lines, are a
    mismatch. Two insertions at one place keep the order in which they are given.
    """
    return splice(split_lines(text), hunks)


def edits_of(hunk: ResolvedHunk) -> list[Edit]:
    """The hunk's changes without its context, ascending, indexes from 0."""
    edits: list[Edit] = []
    row = start = hunk.old_start - 1
    added: list[str] = []
    for line in hunk.lines:
        if line.sign == " ":
            if added or row > start:
                edits.append(Edit(start, row, tuple(added)))
            added = []
            row += 1
            start = row
        elif line.sign == "-":
            row += 1
        else:
            added.append(line.text + line.end)
    if added or row > start:
        edits.append(Edit(start, row, tuple(added)))
    return edits


def check(lines: Sequence[str], hunk: ResolvedHunk) -> Mismatch | None:
    """Whether the hunk's old lines stand where it says."""
    row = hunk.old_start - 1
    if row < 0 or row > len(lines):
        return Mismatch(hunk.path, hunk.old_start, "the file has no such line")
    for line in hunk.lines:
        if line.sign == "+":
            continue
        if row >= len(lines):
            return Mismatch(hunk.path, row + 1, "the file ends before this line")
        if lines[row] != line.text + line.end:
            return Mismatch(hunk.path, row + 1, "the file has another line here")
        row += 1
    return None


def splice(lines: Sequence[str], hunks: Sequence[ResolvedHunk]) -> str | Mismatch:
    """As `apply_resolved`, for a text that is split already."""
    edits: list[tuple[Edit, str]] = []
    for hunk in hunks:
        wrong = check(lines, hunk)
        if wrong is not None:
            return wrong
        edits.extend((edit, hunk.path) for edit in edits_of(hunk))
    edits.sort(key=lambda item: (item[0].start, item[0].end))
    out: list[str] = []
    row = 0
    for edit, path in edits:
        if edit.start < row:
            return Mismatch(path, edit.start + 1, "two hunks change this line")
        out.extend(lines[row : edit.start])
        out.extend(edit.lines)
        row = edit.end
        after = row < len(lines) or edit is not edits[-1][0]
        if _lacks_end(lines, edit, after):
            return Mismatch(path, edit.start + 1, "a line in the middle would have no line end")
    out.extend(lines[row:])
    return "".join(out)


def _lacks_end(lines: Sequence[str], edit: Edit, after: bool) -> bool:
    """Whether a line that is not the last would have no line end. `after`: more lines follow."""
    if edit.lines and edit.start == len(lines) and lines and not lines[-1].endswith("\n"):
        return True
    inner = edit.lines if after else edit.lines[:-1]
    return any(not line.endswith("\n") for line in inner)
