"""Finds a resolved hunk again in a text that has changed since: exactly, or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.patch.model import Ambiguous, Line, Missing, Placed, ResolvedHunk
from codexspark_tui.patch.text import split_lines
from codexspark_tui.patch.view import Haystack

_HOW = "exact"


def relocate(text: str, hunk: ResolvedHunk) -> Placed | Ambiguous | Missing:
    """Where the hunk's first line is in `text` now; `moved` counts lines from `old_start`.

    All old lines must stand together, line ends included. Where they stand more than once there is
    no way to tell, unless one of the places is the old one and the text around it has not moved.
    """
    lines = split_lines(text)
    old = [line.text + line.end for line in hunk.lines if line.sign != "+"]
    if not old:
        return _relocate_insertion(lines, hunk)
    places = _places(lines, old)
    home = hunk.old_start - 1
    if not places:
        return Missing("The lines of this change are no longer in the file.", _nearest(lines, hunk))
    if len(places) == 1:
        return Placed(places[0], _HOW, places[0] - home)
    return Ambiguous(tuple(places), _HOW)


def _places(lines: Sequence[str], old: Sequence[str]) -> list[int]:
    """Rows where the old lines stand; a last line without its newline only at the very end."""
    text = "\n" + "".join(line if line.endswith("\n") else line + "\0\n" for line in lines)
    keys = [line[:-1] if line.endswith("\n") else line + "\0" for line in old]
    return Haystack(text).places(keys)


def _relocate_insertion(lines: Sequence[str], hunk: ResolvedHunk) -> Placed | Missing:
    if not lines and hunk.old_start == 1:
        return Placed(0, "empty file")
    return Missing("The change shows no line of the file, so it cannot be found again.")


def _nearest(lines: Sequence[str], hunk: ResolvedHunk) -> int | None:
    changed: Sequence[Line] = [line for line in hunk.lines if line.sign == "-"]
    for line in changed:
        try:
            return list(lines).index(line.text + line.end)
        except ValueError:
            continue
    return None


def moved_to(hunk: ResolvedHunk, placed: Placed) -> ResolvedHunk:
    """The same hunk at its new place."""
    return ResolvedHunk(hunk.path, placed.at + 1, hunk.lines)
