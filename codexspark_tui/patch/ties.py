"""Chooses among the places where a hunk may stand, by what the patch itself says, or not at all.

Two equal places are settled only by: an anchor whose scope holds one of them, a header number that
can be trusted, the order of hunks, or lines that one of them has exactly as written and no other
has more. A number can be trusted when the header's counts agree with the lines (whoever wrote it
counted), earlier hunks of the file were all off by the same, and one place is at most a few lines
away and every other much further; `trust` says that a tool wrote the patch.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from codexspark_tui.patch.model import Ambiguous, Hunk, Line, Missing, Placed, Placement
from codexspark_tui.patch.nearest import IN_THE_FILE, places_done
from codexspark_tui.patch.strategies import Strategy, Together, is_blank, old_lines
from codexspark_tui.patch.view import EXACT, FOLDED, FileView, squeeze

_MOST_COMPARED = 8  # places that are compared line by line
_NEAR = 6  # lines that an honest number is off by after edits of its own file


@dataclass(slots=True)
class Learned:
    """What earlier hunks of the same file have shown."""

    taken: list[tuple[int, int]] = field(default_factory=list)
    offset: int = 0
    confirmed: bool = False
    contradicted: bool = False
    after: int = 0
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class Places:
    """The free ones that a strategy finds, ascending; `more` may be behind them."""

    strategy: Strategy
    at: list[int]
    more: bool


def settle_among(
    view: FileView, hunk: Hunk, found: Places, learned: Learned, trust: bool
) -> Placement:
    """One place, or the one that the patch itself points to, or none."""
    strategy, places = found.strategy, found.at
    if all(is_blank(line) for line in old_lines(hunk)):
        return _place_blank(view, hunk, found, learned)
    if _is_done_at_number(view, hunk, found, learned):
        return Missing(IN_THE_FILE, _number(hunk, learned), already=True, reason="already")
    if len(places) == 1 and not found.more:
        if _is_repeated(view, hunk, strategy, places[0]) or _is_done_there(
            view, hunk, strategy, places[0]
        ):
            return Missing(IN_THE_FILE, places[0], already=True, reason="already")
        return placed_by(strategy.name, strategy, hunk, places[0])
    anchored = _anchored(view, hunk, found)
    if anchored is not None:
        return placed_by(f"{strategy.name}; by its anchor", strategy, hunk, anchored)
    numbered = _numbered(view, hunk, found, learned, trust)
    if numbered is not None:
        return placed_by(f"{strategy.name}; by its line number", strategy, hunk, numbered)
    if hunk.hint.at_end:
        ends = [at for at in places if _ends_file(view, hunk, strategy, at)]
        if len(ends) == 1:
            return placed_by(f"{strategy.name}; at the end", strategy, hunk, ends[0])
    later = [at for at in places if at >= learned.after]
    if learned.after and learned.ascending and len(later) == 1 and not found.more:
        return placed_by(f"{strategy.name}; by order", strategy, hunk, later[0])
    closest = _closest(view, hunk, strategy, places) if not found.more else None
    if closest is not None:
        return placed_by(f"{strategy.name}; by its closeness", strategy, hunk, closest)
    return Ambiguous(tuple(places), strategy.name, found.more)


def _place_blank(view: FileView, hunk: Hunk, found: Places, learned: Learned) -> Placement:
    """Blank lines alone say nothing of a place: only a number that is exact does."""
    start = hunk.hint.old_start
    at = start - 1 + (learned.offset if learned.confirmed else 0) if start is not None else -1
    stands = at in found.at or (found.more and _stands_free(view, hunk, found, learned, at))
    if stands and counts_agree(hunk) and not learned.contradicted:
        strategy = found.strategy
        return placed_by(f"{strategy.name}; by its line number", strategy, hunk, at)
    return Missing(
        "The hunk shows only blank lines of the file, so nothing says where it belongs.",
        reason="no_evidence",
    )


def placed_by(how: str, strategy: Strategy, hunk: Hunk, at: int) -> Placed:
    return Placed(at, how, moved_from_header(hunk, at), strategy.assumed)


def moved_from_header(hunk: Hunk, at: int) -> int:
    start = hunk.hint.old_start
    if start is None:
        return 0
    return at - (start if hunk.hint.old_count == 0 else max(start - 1, 0))


def counts_agree(hunk: Hunk) -> bool:
    old = sum(line.sign != "+" for line in hunk.lines)
    new = sum(line.sign != "-" for line in hunk.lines)
    return (hunk.hint.old_count, hunk.hint.new_count) == (old, new)


def _ends_file(view: FileView, hunk: Hunk, strategy: Strategy, at: int) -> bool:
    rows = strategy.rows(view, hunk, at) or ()
    return bool(rows) and rows[-1] == view.total - 1


def _numbered(
    view: FileView, hunk: Hunk, found: Places, learned: Learned, trust: bool
) -> int | None:
    start = hunk.hint.old_start
    if start is None or (not trust and not counts_agree(hunk)):
        return None
    expected = start - 1 + (learned.offset if learned.confirmed else 0)
    if found.more:
        return expected if _stands_free(view, hunk, found, learned, expected) else None
    ranked = sorted(found.at, key=lambda at: abs(at - expected))
    nearest, second = abs(ranked[0] - expected), abs(ranked[1] - expected)
    if learned.contradicted or nearest == second:
        return None
    return ranked[0] if nearest == 0 or (nearest <= _NEAR and second > 4 * nearest) else None


def _stands_free(view: FileView, hunk: Hunk, found: Places, learned: Learned, at: int) -> bool:
    """Whether `at` is a place of the hunk, where there are more of them than were looked for, and
    no earlier hunk changes it."""
    texts = [line.text for line in old_lines(hunk)]
    end = at + len(texts)
    if not isinstance(found.strategy, Together) or at < 0:
        return False
    if any(start < end and at < stop for start, stop in learned.taken):
        return False
    keys = found.strategy.level.line_keys
    return keys(view.bare[at:end]) == keys(texts)


def _anchored(view: FileView, hunk: Hunk, places: Places) -> int | None:
    """The one place inside the scope that the anchors (or the header's section) open."""
    anchors = hunk.hint.anchors or ((hunk.hint.section,) if hunk.hint.section else ())
    start, end = 0, view.total
    for anchor in anchors:
        wanted = FOLDED.key(anchor).strip()
        if not wanted:
            continue
        found = view.rows_beginning(wanted, start, end)
        if len(found) != 1:
            return None
        start, end = found[0] + 1, _scope_end(view, found[0], end)
    if places.more and end > places.at[-1]:
        return None
    inside = [at for at in places.at if start <= at + 1 and at < end]
    return inside[0] if start and len(inside) == 1 else None


def _scope_end(view: FileView, opener: int, end: int) -> int:
    """The first line after `opener` that is indented no deeper and opens something new."""
    first = view.folded(opener)
    depth = len(first) - len(first.lstrip())
    for row in range(opener + 1, end):
        line = view.folded(row)
        text = line.lstrip()
        if text and len(line) - len(text) <= depth and (text[0].isalnum() or text[0] in "@_#"):
            return row
    return end


def _closest(view: FileView, hunk: Hunk, strategy: Strategy, places: list[int]) -> int | None:
    """The place that has every line exactly as written that any other has so, and more."""
    if len(places) > _MOST_COMPARED or strategy.name == EXACT.name:
        return None
    old = old_lines(hunk)
    exact = []
    for at in places:
        rows = strategy.rows(view, hunk, at) or ()
        pairs = zip(rows, old, strict=False)
        exact.append(
            {n for n, (row, line) in enumerate(pairs) if row is not None and _is(view, row, line)}
        )
    best = max(range(len(places)), key=lambda number: len(exact[number]))
    others = [lines for number, lines in enumerate(exact) if number != best]
    return places[best] if all(lines < exact[best] for lines in others) else None


def _is(view: FileView, row: int, line: Line) -> bool:
    return not is_blank(line) and view.bare[row] == line.text


def _number(hunk: Hunk, learned: Learned) -> int:
    """The index that the header's number means, as far as earlier hunks have shown."""
    offset = learned.offset if learned.confirmed and not learned.contradicted else 0
    return max((hunk.hint.old_start or 1) - 1, 0) + offset


def _is_done_at_number(view: FileView, hunk: Hunk, found: Places, learned: Learned) -> bool:
    """No place is where the header says, and there the file has what the hunk leaves."""
    start, number = hunk.hint.new_start, _number(hunk, learned)
    if start is None or number in found.at or not counts_agree(hunk):
        return False
    if found.more and _stands_free(view, hunk, found, learned, number):
        return False
    new = [line.text for line in hunk.lines if line.sign != "-"]
    if sum(bool(text.strip()) for text in new) < 2 or not 1 <= start <= view.total:
        return False
    rows = {start - 1, _number(hunk, learned)}
    return any(view.bare[row : row + len(new)] == new for row in rows)


def _is_done_there(view: FileView, hunk: Hunk, strategy: Strategy, at: int) -> bool:
    """The file has exactly what the hunk leaves where its old lines are only like the file's.

    That says something only of a hunk that changes no more than such likeness leaves out.
    """
    if strategy.name == EXACT.name or not _changes_blanks_only(hunk):
        return False
    new = sum(line.sign != "-" for line in hunk.lines)
    end = at + len(old_lines(hunk))
    return any(place < end and at < place + new for place in places_done(view, hunk))


def _changes_blanks_only(hunk: Hunk) -> bool:
    """The changed lines are the same on both sides but for blanks and look-alikes."""
    sides = ([line.text for line in hunk.lines if line.sign == sign] for sign in "-+")
    removed, added = (squeeze("".join(side)) for side in sides)
    return removed.replace("\n", "") == added.replace("\n", "")


def _is_repeated(view: FileView, hunk: Hunk, strategy: Strategy, at: int) -> bool:
    """A hunk that only adds after (or before) its context, where its lines already stand."""
    if any(line.sign == "-" for line in hunk.lines):
        return False
    added = [line.text for line in hunk.lines if line.sign == "+" and not is_blank(line)]
    rows = [row for row in strategy.rows(view, hunk, at) or () if row is not None]
    if not added or not rows:
        return False
    if hunk.lines[-1].sign == "+":
        following = view.bare[rows[-1] + 1 :][: 2 * len(hunk.lines)]
        return [text for text in following if text.strip()][: len(added)] == added
    if hunk.lines[0].sign == "+":
        before = view.bare[max(0, rows[0] - 2 * len(hunk.lines)) : rows[0]]
        return [text for text in before if text.strip()][-len(added) :] == added
    return False
