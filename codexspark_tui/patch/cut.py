"""Whether the last hunk of an answer was cut off, judged with the file that it is for."""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.patch.model import Hunk, Placed
from codexspark_tui.patch.strategies import is_blank, old_lines, strategy_named
from codexspark_tui.patch.view import FileView


def looks_cut(file_lines: Sequence[str], hunk: Hunk, placed: Placed) -> bool:
    """The answer's last hunk begins with context, ends without any, and the file goes on.

    Not where the header's counts are met exactly: then nothing is missing. Ask this only when
    nothing but blank lines follows the hunk in the answer.
    """
    old = old_lines(hunk)
    shown = [line for line in hunk.lines if not (line.sign == " " and is_blank(line))]
    if not shown or shown[-1].sign == " " or hunk.lines[0].sign != " " or _counted(hunk):
        return False
    rows = strategy_named(placed.how).rows(FileView(file_lines), hunk, placed.at) if old else ()
    last = max((row for row in rows or () if row is not None), default=placed.at)
    return any(line.strip() for line in file_lines[last + 1 :])


def _counted(hunk: Hunk) -> bool:
    old = sum(line.sign != "+" for line in hunk.lines)
    new = sum(line.sign != "-" for line in hunk.lines)
    return (hunk.hint.old_count, hunk.hint.new_count) == (old, new)
