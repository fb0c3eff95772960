"""Finds where a hunk belongs in a file: the strictest strategy that finds it, ties never guessed.

Two equal places are settled only by what the patch itself says: places taken by earlier hunks, an
anchor whose scope holds one of them, a header number that can be trusted, the order of hunks. A
number can be trusted when the header's counts agree with the lines (whoever wrote it counted),
earlier hunks of the file were all off by the same, and one place is at most a few lines away and
every other much further; `trust_numbers` says that a tool wrote the patch.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from codexspark_tui.patch.model import Ambiguous, Hunk, Missing, Placed, Placement
from codexspark_tui.patch.strategies import (
    LADDER,
    Rows,
    Strategy,
    is_blank,
    old_lines,
    strategy_named,
)
from codexspark_tui.patch.transform import turned
from codexspark_tui.patch.view import FOLDED, MOST_PLACES, SQUEEZED, FileView

_WHEN_STRICT_ONES_FAILED = LADDER[3]
_NEAR = 6  # lines that an honest number is off by after edits of its own file


IN_THE_FILE = "The change is already in the file."


@dataclass(slots=True)
class Learned:
    """What earlier hunks of the same file have shown."""

    taken: list[tuple[int, int]] = field(default_factory=list)
    offset: int = 0
    confirmed: bool = False
    contradicted: bool = False
    after: int = 0
    ascending: bool = True


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
    return _place(FileView.of_lines(file_lines), hunk, learned, trust_numbers)


class FilePlacer:
    """Places the hunks of one file as they arrive; earlier placements are never moved.

    All indexes are lines of the text given here, whatever earlier hunks will do to it.
    """

    def __init__(self, path: str, text: str, *, trust_numbers: bool = False) -> None:
        self.path = path
        self._view = FileView(text)
        self._learned = Learned()
        self._arrived: list[tuple[Hunk, int | None]] = []
        self._trust_numbers = trust_numbers

    @property
    def lines(self) -> Sequence[str]:
        return self._view.lines

    def place(self, hunk: Hunk) -> Placement:
        """Where the next hunk belongs, from the text and the hunks placed so far."""
        found = _place(self._view, hunk, self._learned, self._trust_numbers)
        self._arrived.append((hunk, found.at if isinstance(found, Placed) else None))
        if isinstance(found, Placed):
            self._learn(hunk, found)
        return found

    def settle(self, hunk: Hunk, at: int) -> Placed:
        """A choice among the candidates of an ambiguous hunk, by a person or a later hunk."""
        placed = Placed(at, "exact; chosen", _moved(hunk, at))
        for strategy in LADDER:
            if at in strategy.places(self._view, hunk):
                placed = _placed(strategy.name + "; chosen", strategy, hunk, at)
                break
        self._learn(hunk, placed)
        self._arrived = [(h, at if h is hunk else known) for h, known in self._arrived]
        return placed

    def retry(self, hunk: Hunk) -> Placement:
        """Place an ambiguous hunk again, now that later ones are placed.

        It is settled where only one of its places is free, or lies between the hunks that came
        before and after it in the patch (if those came in the file's order).
        """
        found = _place(self._view, hunk, replace(self._learned, after=0), self._trust_numbers)
        if isinstance(found, Ambiguous) and self._learned.ascending:
            low, high = self._neighbours(hunk)
            between = [at for at in found.candidates if low <= at < high]
            if len(between) == 1 and len(found.candidates) < MOST_PLACES:
                return self.settle(hunk, between[0])
        if isinstance(found, Placed):
            return self.settle(hunk, found.at)
        return found

    def _neighbours(self, hunk: Hunk) -> tuple[int, int]:
        """Where the nearest placed hunks before and after this one in the patch stand."""
        low, high, passed = 0, self._view.total + 1, False
        for other, at in self._arrived:
            passed = passed or other is hunk
            if at is not None and not passed:
                low = max(low, at)
            elif at is not None and passed:
                high = min(high, at)
        return low, high

    def _learn(self, hunk: Hunk, placed: Placed) -> None:
        learned = self._learned
        for span in changed_spans(self._view, hunk, placed):
            insort(learned.taken, span)
        rows = rows_of(self._view, hunk, placed)
        last = max((row for row in rows if row is not None), default=placed.at)
        if placed.at < learned.after:
            learned.ascending = False
        learned.after = max(learned.after, last)
        if hunk.hint.old_start is not None and _counts_agree(hunk):
            learned.contradicted |= learned.confirmed and placed.moved != learned.offset
            learned.offset, learned.confirmed = placed.moved, True


def rows_of(view: FileView, hunk: Hunk, placed: Placed) -> Rows:
    """The file's index for each old line of a placed hunk."""
    if not old_lines(hunk):
        return ()
    rows = strategy_named(placed.how).rows(view, hunk, placed.at)
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


def _place(view: FileView, hunk: Hunk, learned: Learned, trust: bool) -> Placement:
    if not old_lines(hunk):
        return _place_insertion(view, hunk, learned, trust)
    taken_by_others = False
    for strategy in LADDER:
        if strategy is _WHEN_STRICT_ONES_FAILED and _is_hopeless(view, hunk):
            break
        places = strategy.places(view, hunk)
        if not places:
            continue
        free = [at for at in places if not _is_taken(view, hunk, strategy, at, learned)]
        if not free:
            taken_by_others = True
            continue
        return _settle(view, hunk, strategy, free, learned, trust)
    if taken_by_others:
        return Missing("The lines of this hunk are already changed by an earlier hunk.")
    return _missing(view, hunk)


def _is_hopeless(view: FileView, hunk: Hunk) -> bool:
    """A removed line is nowhere in the file, whatever its white space: no strategy will do."""
    known = set(view.keys(SQUEEZED))
    removed = [line.text for line in hunk.lines if line.sign == "-" and not is_blank(line)]
    return any(key not in known for key in SQUEEZED.line_keys(removed))


def _settle(
    view: FileView,
    hunk: Hunk,
    strategy: Strategy,
    places: list[int],
    learned: Learned,
    trust: bool,
) -> Placement:
    """One place, or the one that the patch itself points to, or none."""
    if all(is_blank(line) for line in old_lines(hunk)):
        return _place_blank(hunk, strategy, places, learned)
    if len(places) == 1:
        if _is_repeated(view, hunk, strategy, places[0]):
            return Missing(IN_THE_FILE, nearest=places[0], already=True)
        return _placed(strategy.name, strategy, hunk, places[0])
    anchored = _anchored(view, hunk, places)
    if anchored is not None:
        return _placed(f"{strategy.name}; by its anchor", strategy, hunk, anchored)
    numbered = _numbered(hunk, places, learned, trust)
    if numbered is not None:
        return _placed(f"{strategy.name}; by its line number", strategy, hunk, numbered)
    if hunk.hint.at_end:
        ends = [at for at in places if _ends_file(view, hunk, strategy, at)]
        if len(ends) == 1:
            return _placed(f"{strategy.name}; at the end", strategy, hunk, ends[0])
    later = [at for at in places if at >= learned.after]
    if learned.after and learned.ascending and len(later) == 1 and len(places) < MOST_PLACES:
        return _placed(f"{strategy.name}; by order", strategy, hunk, later[0])
    return Ambiguous(tuple(places), strategy.name)


def _place_blank(hunk: Hunk, strategy: Strategy, places: list[int], learned: Learned) -> Placement:
    """Blank lines alone say nothing of a place: only a number that is exact does."""
    start = hunk.hint.old_start
    at = start - 1 + (learned.offset if learned.confirmed else 0) if start is not None else -1
    if at in places and _counts_agree(hunk) and not learned.contradicted:
        return _placed(f"{strategy.name}; by its line number", strategy, hunk, at)
    return Missing("The hunk shows only blank lines of the file, so nothing says where it belongs.")


def _placed(how: str, strategy: Strategy, hunk: Hunk, at: int) -> Placed:
    return Placed(at, how, _moved(hunk, at), strategy.assumed)


def _moved(hunk: Hunk, at: int) -> int:
    start = hunk.hint.old_start
    if start is None:
        return 0
    return at - (start if hunk.hint.old_count == 0 else max(start - 1, 0))


def _counts_agree(hunk: Hunk) -> bool:
    old = sum(line.sign != "+" for line in hunk.lines)
    new = sum(line.sign != "-" for line in hunk.lines)
    return (hunk.hint.old_count, hunk.hint.new_count) == (old, new)


def _is_taken(view: FileView, hunk: Hunk, strategy: Strategy, at: int, learned: Learned) -> bool:
    """Whether an earlier hunk removes a line that this one would remove here."""
    if not learned.taken:
        return False
    spans = changed_spans(view, hunk, Placed(at, strategy.name))
    return any(_overlaps(span, learned.taken) for span in spans)


def _overlaps(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    """Whether a half-open range meets one of these, which are ascending and do not overlap."""
    number = bisect_left(taken, span)
    before = taken[number - 1][1] if number else 0
    return before > span[0] or (number < len(taken) and taken[number][0] < span[1])


def _ends_file(view: FileView, hunk: Hunk, strategy: Strategy, at: int) -> bool:
    rows = strategy.rows(view, hunk, at) or ()
    return bool(rows) and rows[-1] == view.total - 1


def _numbered(hunk: Hunk, places: list[int], learned: Learned, trust: bool) -> int | None:
    start = hunk.hint.old_start
    if start is None or (not trust and not _counts_agree(hunk)):
        return None
    expected = start - 1 + (learned.offset if learned.confirmed else 0)
    if len(places) >= MOST_PLACES:
        return expected if expected in places else None
    ranked = sorted(places, key=lambda at: abs(at - expected))
    nearest, second = abs(ranked[0] - expected), abs(ranked[1] - expected)
    if learned.contradicted or nearest == second:
        return None
    return ranked[0] if nearest == 0 or (nearest <= _NEAR and second > 4 * nearest) else None


def _anchored(view: FileView, hunk: Hunk, places: list[int]) -> int | None:
    """The one place inside the scope that the anchors (or the header's section) open."""
    anchors = hunk.hint.anchors or ((hunk.hint.section,) if hunk.hint.section else ())
    keys = view.keys(FOLDED)
    start, end = 0, len(keys)
    for anchor in anchors:
        wanted = FOLDED.key(anchor).strip()
        if not wanted:
            continue
        found = [i for i in range(start, end) if keys[i].strip().startswith(wanted)]
        if len(found) != 1:
            return None
        start, end = found[0] + 1, _scope_end(keys, found[0], end)
    inside = [at for at in places if start <= at + 1 and at < end]
    return inside[0] if start and len(inside) == 1 else None


def _scope_end(keys: Sequence[str], opener: int, end: int) -> int:
    """The first line after `opener` that is indented no deeper and opens something new."""
    depth = len(keys[opener]) - len(keys[opener].lstrip())
    for row in range(opener + 1, end):
        text = keys[row].lstrip()
        if text and len(keys[row]) - len(text) <= depth and (text[0].isalnum() or text[0] in "@_#"):
            return row
    return end


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


def _place_insertion(view: FileView, hunk: Hunk, learned: Learned, trust: bool) -> Placement:
    """A hunk without old lines: an empty file, the end when it says so, or a number to trust."""
    total = view.total
    if total == 0:
        return Placed(0, "empty file")
    if hunk.hint.at_end:
        return Placed(total, "end of file")
    start = hunk.hint.old_start
    if hunk.hint.anchors:
        return _after_anchor(view, hunk)
    if start is None or hunk.hint.old_count != 0 or not (trust or _counts_agree(hunk)):
        return Missing("The hunk shows no line of the file, so nothing says where it belongs.")
    at = start + (learned.offset if learned.confirmed else 0)
    if learned.contradicted or not 0 <= at <= total or start == 0:
        return Missing("The hunk shows no line of the file and its number does not fit.")
    return Placed(at, "line number only", _moved(hunk, at), ("the line number is right",))


def _after_anchor(view: FileView, hunk: Hunk) -> Placement:
    """Only added lines under an anchor: right after the anchor's line."""
    keys = view.keys(FOLDED)
    start = 0
    for anchor in hunk.hint.anchors:
        wanted = FOLDED.key(anchor).strip()
        found = [i for i in range(start, len(keys)) if keys[i].strip() == wanted]
        if not found:
            return Missing(f"The anchor {anchor!r} is not in the file.")
        if len(found) > 1:
            return Ambiguous(tuple(row + 1 for row in found[:MOST_PLACES]), "anchor")
        start = found[0] + 1
    return Placed(start, "anchor", 0, ("added lines follow their anchor",))


def _is_there(view: FileView, hunk: Hunk) -> bool:
    """Whether the file has the lines that the hunk would leave, exactly and in one place."""
    undone = replace(hunk, lines=turned(hunk.lines))
    left = old_lines(undone)
    if len(left) < 2 or all(line.sign == " " or is_blank(line) for line in hunk.lines):
        return False
    return len(LADDER[0].places(view, undone)) == 1


def _missing(view: FileView, hunk: Hunk) -> Missing:
    """Say what was nearest: the first old line that the file does not have."""
    if _is_there(view, hunk):
        return Missing(IN_THE_FILE, already=True)
    old = [line for line in old_lines(hunk) if not is_blank(line)]
    keys = view.keys(FOLDED)
    known = set(keys)
    absent = next((line for line in old if FOLDED.key(line.text) not in known), None)
    first = next((line for line in old if FOLDED.key(line.text) in known), None)
    nearest = keys.index(FOLDED.key(first.text)) if first is not None else None
    if absent is None:
        return Missing("All its lines are in the file, but not together in this order.", nearest)
    what = "removed" if absent.sign == "-" else "context"
    text = absent.text.strip()
    shown = text if len(text) <= 80 else text[:77] + "..."
    return Missing(f"The {what} line {shown!r} is not in the file.", nearest)
