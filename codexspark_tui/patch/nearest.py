"""Why a hunk has no place: the nearest one, and the first line that does not agree with it.

The place is the one that most of the hunk's old lines point to; the first of them that the file
lacks there is named with what the file has instead, so that whoever wrote the hunk can mend it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from codexspark_tui.patch.model import Hunk, Line, Missing
from codexspark_tui.patch.strategies import LADDER, is_blank, old_lines
from codexspark_tui.patch.transform import turned
from codexspark_tui.patch.view import SQUEEZED, FileView

IN_THE_FILE = "The change is already in the file."
_MOST_VOTES = 40  # places of one line that are looked at
_MOST_LINES = 400  # lines of the hunk that vote
_WIDTH = 100


def missing(view: FileView, hunk: Hunk) -> Missing:
    """A `Missing` with what was nearest and what does not agree there."""
    changed = [line for line in hunk.lines if line.sign != " " and not is_blank(line)]
    if changed and len(places_done(view, hunk)) == 1:
        return Missing(IN_THE_FILE, already=True, reason="already")
    old = old_lines(hunk)
    keys = SQUEEZED.line_keys([line.text for line in old])
    in_file = view.whole(SQUEEZED).text[1:-1].split("\n") if view.total else []
    where = _where(in_file, set(keys))
    at = _nearest(old, keys, where)
    row, number = _first_difference(keys, in_file, at, old)
    absent = _first_absent(old, keys, where, number)
    if absent is None:
        return _apart(view, old, number, at, row)
    seen = view.bare[row] if row is not None and absent == number else ""
    return _absent(old[absent], at, row if absent == number else None, seen)


def _where(in_file: Sequence[str], wanted: set[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, key in enumerate(in_file):
        if key in wanted:
            rows = found.setdefault(key, [])
            if len(rows) < _MOST_VOTES:
                rows.append(row)
    return found


def _nearest(old: Sequence[Line], keys: Sequence[str], where: dict[str, list[int]]) -> int | None:
    """The index that most lines vote for as the hunk's first; None where none is in the file."""
    votes: Counter[int] = Counter()
    for number, key in enumerate(keys[:_MOST_LINES]):
        if is_blank(old[number]):
            continue
        rows = where.get(key, ())
        for row in rows:
            votes[row - number] += 2 if len(rows) == 1 else 1
    if not votes:
        return None
    best = max(votes.values())
    return max(min(at for at, count in votes.items() if count == best), 0)


def _first_difference(
    keys: Sequence[str], in_file: Sequence[str], at: int | None, old: Sequence[Line]
) -> tuple[int | None, int | None]:
    """The file's index and the old line's number where they first disagree."""
    if at is None:
        return None, None
    for number, key in enumerate(keys):
        row = at + number
        if row >= len(in_file):
            return None, number
        if in_file[row] != key:
            return row, number
    return None, None


def _first_absent(
    old: Sequence[Line],
    keys: Sequence[str],
    where: dict[str, list[int]],
    differing: int | None,
) -> int | None:
    """The old line to name: the first that differs at the nearest place if the file lacks it."""
    absent = [n for n, key in enumerate(keys) if key not in where and not is_blank(old[n])]
    return differing if differing in absent else next(iter(absent), None)


def _absent(line: Line, at: int | None, row: int | None, seen: str) -> Missing:
    what = "removed" if line.sign == "-" else "context"
    why = f"The {what} line {_shown(line.text)} is not in the file."
    if row is not None and seen.strip():
        why += f" Line {row + 1}, nearest to it, is {_shown(seen)}."
    return Missing(why, at, reason="line_absent", wanted=line.text, seen=seen)


def _apart(
    view: FileView, old: Sequence[Line], number: int | None, at: int | None, row: int | None
) -> Missing:
    why = "All its lines are in the file, but not together in this order."
    if number is None or row is None:
        return Missing(why, at, reason="lines_apart")
    seen, wanted = view.bare[row], old[number].text
    why += f" Line {row + 1} is {_shown(seen)}, where the hunk has {_shown(wanted)}."
    return Missing(why, at, reason="lines_apart", wanted=wanted, seen=seen)


def _shown(text: str) -> str:
    seen = text.strip()
    return repr(seen if len(seen) <= _WIDTH else seen[: _WIDTH - 3] + "...")


def places_done(view: FileView, hunk: Hunk) -> list[int]:
    """Where the file has the lines that the hunk would leave, exactly; [] if they are too few."""
    undone = replace(hunk, lines=turned(hunk.lines))
    return LADDER[0].places(view, undone) if len(old_lines(undone)) > 1 else []
