"""The two ends of a file: the byte order mark before its first line, the newline after its last.

A hunk that reaches an end leaves it as the file has it, unless the patch says otherwise. No I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from codexspark_tui.patch.model import Hunk, Line, LineEnd
from codexspark_tui.patch.text import line_end, main_line_end, to_line

BOM = "\ufeff"


def with_mark(
    lines: list[Line], hunk: Hunk, file_lines: Sequence[str], last: int
) -> tuple[list[Line], int]:
    """A byte order mark of the file stays first, unless the hunk shows that it removes it.

    The lines with it where it belongs, and the index of the last file line that they show.
    """
    if any(line.sign == "-" and line.text.startswith(BOM) for line in hunk.lines):
        return lines, last
    shown = any(line.sign != "+" for line in lines)
    if (not shown or all(line.sign == "-" for line in lines)) and last + 1 < len(file_lines):
        lines = [*lines, to_line(" ", file_lines[last + 1])]
        last += 1
    first = next((n for n, line in enumerate(lines) if line.sign != "-"), None)
    if first is None or (lines[first].sign == " " and lines[first].text.startswith(BOM)):
        return lines, last
    marked: list[Line] = []
    for number, line in enumerate(lines):
        plain = replace(line, text=line.text.removeprefix(BOM))
        wanted = replace(plain, text=BOM + plain.text) if number == first else plain
        if line.sign == "-" or line == wanted:
            marked.append(line)
        elif line.sign == "+":
            marked.append(wanted)
        else:
            marked += [replace(line, sign="-"), replace(wanted, sign="+")]
    return marked, last


def at_file_end(lines: list[Line], hunk: Hunk, file_lines: Sequence[str]) -> list[Line]:
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
        settled[number] = replace(line, end=_final_end(hunk, file_lines, line.end or main))
    elif line.end and _writes_last(hunk) and not _final_end(hunk, file_lines, line.end):
        settled[number : number + 1] = [replace(line, sign="-"), Line("+", line.text, "")]
    return settled


def _writes_last(hunk: Hunk) -> bool:
    """The last line that the hunk leaves is one that it adds, be it the same as a removed one."""
    return next((line.sign for line in reversed(hunk.lines) if line.sign != "-"), "") == "+"


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
