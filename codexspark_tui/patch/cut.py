"""Whether the last hunk of an answer was cut off, judged with the file that it is for."""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.patch.model import Hunk, Placed
from codexspark_tui.patch.readings import as_read
from codexspark_tui.patch.strategies import old_lines, strategy_named
from codexspark_tui.patch.view import FileView


def looks_cut(file_lines: Sequence[str], hunk: Hunk, placed: Placed) -> bool:
    """The answer's last hunk has no context after its last change, though the file goes on.

    Not where the header's counts are met exactly, nor where the hunk shows no context at all: then
    nothing says that any is missing. Ask this only of a reader's last change, if `open_ended`.
    """
    view = FileView.of_lines(file_lines)
    hunk = as_read(hunk, placed.how, view)
    if not may_be_cut(hunk):
        return False
    old = old_lines(hunk)
    if hunk.hint.old_count is None and all(line.sign != " " for line in hunk.lines):
        return False
    rows = strategy_named(placed.how).rows(view, hunk, placed.at) if old else ()
    last = max((row for row in rows or () if row is not None), default=placed.at)
    return any(line.strip() for line in file_lines[last + 1 :])


def may_be_cut(hunk: Hunk) -> bool:
    """Whether only the file can tell that the hunk, the last of an answer, is whole."""
    return bool(hunk.lines) and not _ends_in_context(hunk) and not _counted(hunk)


def _ends_in_context(hunk: Hunk) -> bool:
    """The last line is one that stays: context, or removed and added again unchanged."""
    if hunk.lines[-1].sign == " ":
        return True
    signs = {line.sign: line.text for line in hunk.lines[-2:]}
    return len(signs) == 2 and signs.get("-") == signs.get("+")


def _counted(hunk: Hunk) -> bool:
    old = sum(line.sign != "+" for line in hunk.lines)
    new = sum(line.sign != "-" for line in hunk.lines)
    return (hunk.hint.old_count, hunk.hint.new_count) == (old, new)
