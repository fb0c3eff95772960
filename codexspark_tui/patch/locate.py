"""Finds where a hunk belongs in a file: the strictest strategy that finds it, ties never guessed.

What may stand in several places is left to `ties`; what has none is explained by `nearest`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from codexspark_tui.patch.model import Ambiguous, Hunk, Missing, Placed, Placement
from codexspark_tui.patch.nearest import missing
from codexspark_tui.patch.readings import READINGS, as_read
from codexspark_tui.patch.strategies import (
    LADDER,
    Rows,
    Strategy,
    Together,
    Trimmed,
    is_blank,
    old_lines,
    strategy_named,
)
from codexspark_tui.patch.ties import (
    Learned,
    Places,
    counts_agree,
    moved_from_header,
    settle_among,
)
from codexspark_tui.patch.view import FOLDED, MOST_PLACES, SQUEEZED, FileView

_WHEN_STRICT_ONES_FAILED = LADDER[3]
_STRICT = LADDER[:4]
_MOST_SEARCHED = 20


def locate(
    hunk: Hunk,
    file_lines: Sequence[str],
    *,
    after: int = 0,
    taken: Sequence[tuple[int, int]] = (),
    trust_numbers: bool = False,
) -> Placement:
    """Where `hunk` belongs in `file_lines` (as `split_lines` gives them).

    `after`: hunks before it ended here (breaks ties only); `taken`: half-open ranges of lines that
    other hunks change.
    """
    learned = Learned(taken=sorted(taken), after=after, ascending=after > 0)
    return place_hunk(FileView.of_lines(file_lines), hunk, learned, trust_numbers)


def place_hunk(view: FileView, hunk: Hunk, learned: Learned, trust: bool) -> Placement:
    if not old_lines(hunk):
        return _place_insertion(view, hunk, learned, trust)
    taken_by_others = False
    for strategy in LADDER:
        if strategy is _WHEN_STRICT_ONES_FAILED and _is_hopeless(view, hunk):
            break
        places = strategy.places(view, hunk)
        if not places:
            continue
        free = _free(view, hunk, strategy, places, learned)
        if not free:
            taken_by_others = True
            continue
        found = Places(strategy, free, len(places) >= MOST_PLACES)
        return settle_among(view, hunk, found, learned, trust)
    if taken_by_others:
        return Missing(
            "The lines of this hunk are already changed by an earlier hunk.", reason="taken"
        )
    return _read_otherwise(view, hunk, learned, trust) or missing(view, hunk)


def _read_otherwise(
    view: FileView, hunk: Hunk, learned: Learned, trust: bool
) -> Placed | Ambiguous | None:
    """The place of the hunk by another reading of its lines, which must then be strictly right."""
    for reading in READINGS:
        reread = reading.read(hunk, view)
        if reread is None:
            continue
        for strategy in _STRICT:
            places = strategy.places(view, reread)
            free = _free(view, reread, strategy, places, learned)
            if not free:
                continue
            several = Places(strategy, free, len(places) >= MOST_PLACES)
            found = settle_among(view, reread, several, learned, trust)
            if isinstance(found, Placed):
                how, assumed = f"{found.how} [{reading.name}]", (*found.assumed, reading.assumed)
                return replace(found, how=how, assumed=assumed)
            return found if isinstance(found, Ambiguous) else None
    return None


def _is_hopeless(view: FileView, hunk: Hunk) -> bool:
    """A removed line is nowhere in the file, whatever its white space: no strategy will do."""
    removed = [line.text for line in hunk.lines if line.sign == "-" and not is_blank(line)]
    keys = SQUEEZED.line_keys(removed)
    if len(keys) <= _MOST_SEARCHED:
        return not all(view.has_squeezed(key) for key in keys)
    known = set(view.whole(SQUEEZED).text.split("\n"))
    return any(key not in known for key in keys)


def _free(
    view: FileView, hunk: Hunk, strategy: Strategy, places: list[int], learned: Learned
) -> list[int]:
    """The places where no earlier hunk removes a line that this one would remove."""
    if not learned.taken or not places:
        return places
    first = places[0]
    here = changed_spans(view, hunk, Placed(first, strategy.name))
    free = []
    for at in places:
        if isinstance(strategy, Together | Trimmed):  # the same lines everywhere, moved
            spans = [(start + at - first, end + at - first) for start, end in here]
        else:
            spans = changed_spans(view, hunk, Placed(at, strategy.name))
        if not any(_overlaps(span, learned.taken) for span in spans):
            free.append(at)
    return free


def _overlaps(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    """Whether a half-open range meets one of these, which are ascending and do not overlap."""
    number = bisect_left(taken, span)
    before = taken[number - 1][1] if number else 0
    return before > span[0] or (number < len(taken) and taken[number][0] < span[1])


def rows_of(view: FileView, hunk: Hunk, placed: Placed) -> Rows:
    """The file's index for each old line of a placed hunk."""
    if not old_lines(hunk):
        return ()
    rows = strategy_named(placed.how).rows(view, as_read(hunk, placed.how, view), placed.at)
    return rows if rows is not None else ()


def changed_spans(view: FileView, hunk: Hunk, placed: Placed) -> list[tuple[int, int]]:
    """Half-open ranges of the file's lines that the hunk removes, ascending."""
    rows = rows_of(view, hunk, placed)
    removed = [
        row
        for row, line in zip(rows, old_lines(hunk), strict=True)
        if line.sign == "-" and row is not None
    ]
    spans: list[tuple[int, int]] = []
    for row in removed:
        if spans and spans[-1][1] == row:
            spans[-1] = (spans[-1][0], row + 1)
        else:
            spans.append((row, row + 1))
    return spans


def _place_insertion(view: FileView, hunk: Hunk, learned: Learned, trust: bool) -> Placement:
    """A hunk without old lines: an empty file, the end when it says so, or a number to trust."""
    total = view.total
    if total == 0:
        return Placed(0, "empty file")
    if hunk.hint.at_end:
        return Placed(total, "end of file")
    if hunk.hint.before_first and counts_agree(hunk):
        return Placed(0, "line number only", 0, ("the line number is right",))
    start = hunk.hint.old_start
    if hunk.hint.anchors:
        return _after_anchor(view, hunk)
    if start is None or hunk.hint.old_count != 0 or not (trust or counts_agree(hunk)):
        return Missing(
            "The hunk shows no line of the file, so nothing says where it belongs.",
            reason="no_evidence",
        )
    at = start + (learned.offset if learned.confirmed else 0)
    if learned.contradicted or not 0 <= at <= total or start == 0:
        return Missing(
            "The hunk shows no line of the file and its number does not fit.", reason="no_evidence"
        )
    return Placed(
        at, "line number only", moved_from_header(hunk, at), ("the line number is right",)
    )


def _after_anchor(view: FileView, hunk: Hunk) -> Placement:
    """Only added lines under an anchor: right after the anchor's line."""
    start = 0
    for anchor in hunk.hint.anchors:
        wanted = FOLDED.key(anchor).strip()
        begin = view.rows_beginning(anchor, start, view.total)
        found = [row for row in begin if view.folded(row).strip() == wanted]
        if not found:
            return Missing(
                f"The anchor {anchor!r} is not in the file.", reason="bad_anchor", wanted=anchor
            )
        if len(found) > 1:
            return Ambiguous(tuple(row + 1 for row in found), "anchor")
        start = found[0] + 1
    return Placed(start, "anchor", 0, ("added lines follow their anchor",))
