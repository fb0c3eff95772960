"""Places the hunks of one file one after the other, as they arrive.

Each is placed from the file's text and the hunks before it; a placement is never moved afterwards.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import replace

from codexspark_tui.patch.locate import changed_spans, place_hunk, rows_of
from codexspark_tui.patch.model import Ambiguous, Hunk, Missing, Placed, Placement
from codexspark_tui.patch.readings import ESCAPES
from codexspark_tui.patch.strategies import LADDER, old_lines
from codexspark_tui.patch.ties import Learned, counts_agree, moved_from_header, placed_by
from codexspark_tui.patch.view import FileView

REPEATED = "An earlier hunk of the patch is the same as this one."


class FilePlacer:
    """Places the hunks of one file as they arrive; earlier placements are never moved.

    All indexes are lines of the text given here, whatever earlier hunks will do to it.
    """

    def __init__(self, path: str, text: str | FileView, *, trust_numbers: bool = False) -> None:
        self.path = path
        self._view = text if isinstance(text, FileView) else FileView(text)
        self._learned = Learned()
        self._arrived: list[tuple[Hunk, int | None]] = []
        self._alike: dict[tuple[str, ...], dict[int, None]] = {}
        self._trust_numbers = trust_numbers
        self._read_escapes = self._kept_escapes = False

    @property
    def view(self) -> FileView:
        """The file as the strategies see it."""
        return self._view

    @property
    def lines(self) -> Sequence[str]:
        return self._view.lines

    def place(self, hunk: Hunk) -> Placement:
        """Where the next hunk belongs, from the text and the hunks placed so far."""
        found = place_hunk(self._view, hunk, self._learned, self._trust_numbers)
        if isinstance(found, Placed):
            found = self._as_others_were_read(hunk, found)
        repeated = self._repeats(hunk, found)
        if repeated is not None:
            return Missing(REPEATED, repeated, already=True, reason="repeated")
        self._arrived.append((hunk, found.at if isinstance(found, Placed) else None))
        if isinstance(found, Placed):
            self._alike.setdefault(_said(hunk), {})[found.at] = None
            self._learn(hunk, found)
        return found

    def _as_others_were_read(self, hunk: Hunk, found: Placed) -> Placed | Missing:
        """All hunks of one file are read alike, also where only added lines show it."""
        reading = ESCAPES.read(hunk, self._view)
        if reading is None or (ESCAPES.name not in found.how and self._shows_escapes(hunk)):
            return found
        if ESCAPES.name in found.how:
            if self._kept_escapes:
                return Missing("Characters are escaped as in HTML here, and not in a hunk before.")
            self._read_escapes = True
            return found
        self._kept_escapes = not self._read_escapes
        if self._kept_escapes:
            return found
        return replace(
            found, how=f"{found.how} [{ESCAPES.name}]", assumed=(*found.assumed, ESCAPES.assumed)
        )

    def _shows_escapes(self, hunk: Hunk) -> bool:
        """Whether its old lines alone would be read otherwise."""
        return ESCAPES.read(replace(hunk, lines=tuple(old_lines(hunk))), self._view) is not None

    def _repeats(self, hunk: Hunk, found: Placement) -> int | None:
        """Where an earlier hunk with the same lines stands, if this one has no place but that."""
        if isinstance(found, Ambiguous):
            return None
        places = self._alike.get(_said(hunk))
        if places is None:
            return None
        if isinstance(found, Placed):
            return found.at if found.at in places else None
        return next(iter(places))

    def settle(self, hunk: Hunk, at: int) -> Placed:
        """A choice among the candidates of an ambiguous hunk, by a person or a later hunk."""
        placed = Placed(at, "exact; chosen", moved_from_header(hunk, at))
        for strategy in LADDER:
            if at in strategy.places(self._view, hunk):
                placed = placed_by(strategy.name + "; chosen", strategy, hunk, at)
                break
        self._learn(hunk, placed)
        self._arrived = [(h, at if h is hunk else known) for h, known in self._arrived]
        return placed

    def retry(self, hunk: Hunk) -> Placement:
        """Place an ambiguous hunk again, now that later ones are placed.

        It is settled where only one of its places is free, or lies between the hunks that came
        before and after it in the patch (if those came in the file's order).
        """
        found = place_hunk(self._view, hunk, replace(self._learned, after=0), self._trust_numbers)
        if isinstance(found, Ambiguous) and self._learned.ascending:
            low, high = self._neighbours(hunk)
            between = [at for at in found.candidates if low <= at < high]
            if len(between) == 1 and not found.more:
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
        if hunk.hint.old_start is not None and counts_agree(hunk):
            learned.contradicted |= learned.confirmed and placed.moved != learned.offset
            learned.offset, learned.confirmed = placed.moved, True


def _said(hunk: Hunk) -> tuple[str, ...]:
    """What a hunk says, whatever its header and its line ends."""
    return ("".join(line.sign for line in hunk.lines), *(line.text for line in hunk.lines))
