"""From a placed hunk to what will really be written, and from that to the new text.

Context and removed lines are the file's own; only added lines come from the patch, fitted. Every
old line is checked against the text, line ends included, before one is replaced. No I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from codexspark_tui.patch.fit import Fit, Pair, fitting
from codexspark_tui.patch.model import (
    Create,
    Hunk,
    Line,
    LineEnd,
    Placed,
    ResolvedCreate,
    ResolvedHunk,
)
from codexspark_tui.patch.strategies import Rows, old_lines, strategy_named
from codexspark_tui.patch.text import line_end, main_line_end, split_lines, to_line
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


def resolve(file_lines: Sequence[str], hunk: Hunk, placed: Placed) -> ResolvedHunk:
    """The hunk with the file's own context and removed lines, and its added lines fitted.

    Up to three lines of context from the file stand around the change. `file_lines` are as
    `split_lines` gives them and must be what the hunk was placed in.
    """
    rows = _rows(file_lines, hunk, placed)
    lines = _merged(file_lines, hunk, rows, placed.at)
    first = next((row for row in rows if row is not None), placed.at)
    last = max((row for row in rows if row is not None), default=placed.at - 1)
    lines = _tidied(lines)
    if last + 1 == len(file_lines):
        lines = _at_file_end(lines, hunk, file_lines)
    return _framed(hunk.path, file_lines, first, last + 1, lines)


def _rows(file_lines: Sequence[str], hunk: Hunk, placed: Placed) -> Rows:
    if not old_lines(hunk):
        return ()
    rows = strategy_named(placed.how).rows(FileView(file_lines), hunk, placed.at)
    if rows is None:
        raise ValueError(f"the hunk does not stand at {placed.at} in {hunk.path}")
    return rows


def _merged(file_lines: Sequence[str], hunk: Hunk, rows: Rows, at: int) -> list[Line]:
    """The hunk's lines in order, old ones from the file, skipped file lines as context."""
    old = old_lines(hunk)
    pairs: list[Pair] = [
        (line.sign, line.text, to_line(" ", file_lines[row]).text)
        for line, row in zip(old, rows, strict=True)
        if row is not None
    ]
    fit = fitting(pairs)
    keep_ends = _ends_as_said(file_lines, old, rows, hunk)
    ends = _EndOf(file_lines, next((row for row in rows if row is not None), at))
    merged: list[Line] = []
    position = next((row for row in rows if row is not None), at)
    places = iter(rows)
    for line in hunk.lines:
        if line.sign == "+":
            merged.append(_added(line, fit, line.end if keep_ends and line.end else ends.near))
            continue
        row = next(places)
        if row is None:
            continue
        merged.extend(to_line(" ", raw) for raw in file_lines[position:row])
        merged.append(to_line(line.sign, file_lines[row]))
        ends.pass_row(row)
        position = row + 1
    return merged


def _added(line: Line, fit: Fit, end: LineEnd) -> Line:
    return Line("+", fit(line.text), end)


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


def _tidied(lines: Sequence[Line]) -> list[Line]:
    """Lines that are removed and added unchanged become context; removed before added."""
    tidy: list[Line] = []
    removed: list[Line] = []
    added: list[Line] = []
    for line in (*lines, None):
        if line is not None and line.sign == "-":
            removed.append(line)
        elif line is not None and line.sign == "+":
            added.append(line)
        else:
            tidy.extend(_tidied_run(removed, added))
            removed, added = [], []
            if line is not None:
                tidy.append(line)
    return tidy


def _tidied_run(removed: list[Line], added: list[Line]) -> list[Line]:
    def same(one: Line, two: Line) -> bool:
        return one.text == two.text and one.end == two.end

    head = 0
    while head < min(len(removed), len(added)) and same(removed[head], added[head]):
        head += 1
    tail = 0
    while tail < min(len(removed), len(added)) - head and same(
        removed[-1 - tail], added[-1 - tail]
    ):
        tail += 1
    as_context = [replace(line, sign=" ") for line in removed]
    return [
        *as_context[:head],
        *removed[head : len(removed) - tail],
        *added[head : len(added) - tail],
        *as_context[len(removed) - tail :],
    ]


def _at_file_end(lines: list[Line], hunk: Hunk, file_lines: Sequence[str]) -> list[Line]:
    """The hunk reaches the file's last line: settle the final newline, and only there."""
    main = main_line_end(file_lines)
    new = [number for number, line in enumerate(lines) if line.sign != "-"]
    if not new:
        return lines
    final = new[-1]
    settled: list[Line] = []
    for number, line in enumerate(lines):
        if line.sign == " " and not line.end and number != final:
            settled += [replace(line, sign="-"), Line("+", line.text, main)]
        else:
            settled.append(line)
    number = max(i for i, line in enumerate(settled) if line.sign != "-")
    line = settled[number]
    if line.sign == "+":
        settled[number] = replace(line, end=_final_end(hunk, file_lines, main))
    return _tidied(settled)


def _final_end(hunk: Hunk, file_lines: Sequence[str], main: LineEnd) -> LineEnd:
    """What the patch says of the final newline, where it knows the file's; else the file's own."""
    new_marked = any(line.end == "" and line.sign != "-" for line in hunk.lines)
    old_marked = any(line.end == "" and line.sign != "+" for line in hunk.lines)
    has_newline = not file_lines or bool(line_end(file_lines[-1]))
    if new_marked:
        return main if old_marked and has_newline else ""
    if old_marked:
        return main
    return main if has_newline else ""


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
    new = _spliced(lines, [resolved])
    if isinstance(new, Mismatch):
        raise ValueError(f"{new.path}:{new.line}: {new.why}")
    return Applied(new, resolved)


def apply_resolved(text: str, hunks: Sequence[ResolvedHunk]) -> str | Mismatch:
    """The text with these hunks in it, which all refer to `text` itself, in any order.

    Every old line is compared with the text, line ends included. Context may be shared between
    hunks; a line that two of them remove, or added lines inside another's removed lines, are a
    mismatch. Two insertions at one place keep the order in which they are given.
    """
    return _spliced(split_lines(text), hunks)


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines [start, end) of the old text become `lines` (with their ends)."""

    start: int
    end: int
    lines: tuple[str, ...]


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


def _spliced(lines: Sequence[str], hunks: Sequence[ResolvedHunk]) -> str | Mismatch:
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
    out.extend(lines[row:])
    for number, line in enumerate(out[:-1]):
        if not line.endswith("\n"):
            path = hunks[0].path if hunks else ""
            return Mismatch(path, number + 1, "a line in the middle would have no line end")
    return "".join(out)
