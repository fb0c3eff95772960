"""The review as a pure state machine: which changes there are, and what may be decided of them.

    writing → placed | ambiguous | refused
    ambiguous → placed                      (a person or a later hunk settles it)
    placed | stale → rejected → placed      (rejected changes can be reopened)
    placed → accepted → written ⇄ undone
    placed | accepted → stale → placed      (the file moved on; it is placed anew)

No I/O, no async, no events: `session.py` turns what happens here into events. A change that needs
another (a hunk in a renamed file) is accepted together with it, and falls with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from codexspark_tui.events.commands import Choice
from codexspark_tui.events.facts import State
from codexspark_tui.patch.model import (
    Ambiguous,
    ChangeKind,
    Missing,
    Placed,
    Placement,
    Proposed,
    Resolved,
)

UNDECIDED: frozenset[State] = frozenset({"placed", "ambiguous", "stale"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change and all that is known of it. `digest` "" until it is placed."""

    id: str
    kind: ChangeKind
    path: str
    needs: tuple[str, ...] = ()
    optional: bool = False
    note: str = ""
    state: State = "writing"
    proposed: Proposed | None = None
    placement: Placement | None = None
    resolved: Resolved | None = None
    digest: str = ""
    reason: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Barred:
    """A decision that may not be carried out, and why, as a sentence."""

    changes: tuple[str, ...]
    why: str


@dataclass(slots=True)
class Review:
    """All changes of one turn in their order."""

    changes: dict[str, Change] = field(default_factory=dict)

    def add(self, change: Change) -> Change:
        self.changes[change.id] = change
        return change

    def update(self, id: str, **fields: object) -> Change:
        changed = replace(self.changes[id], **fields)  # type: ignore[arg-type]
        self.changes[id] = changed
        return changed

    def remove(self, id: str) -> None:
        """The change is replaced by its parts."""
        del self.changes[id]

    def place(
        self, id: str, placement: Placement, resolved: Resolved | None, digest: str
    ) -> Change:
        """Record where a complete change belongs; its state follows from the placement."""
        match placement:
            case Placed():
                state: State = "placed"
            case Ambiguous():
                state = "ambiguous"
            case Missing():
                state = "refused"
        return self.update(
            id, state=state, placement=placement, resolved=resolved, digest=digest, reason=""
        )

    def undecided(self) -> list[Change]:
        return [c for c in self.changes.values() if c.state in UNDECIDED]

    def count(self, *states: State) -> int:
        return sum(c.state in states for c in self.changes.values())

    def to_accept(self, choices: Sequence[Choice]) -> list[Change] | Barred:
        """The changes to write for these choices, with what they need, in their order."""
        barred = self._check(choices)
        if barred is not None:
            return barred
        wanted = {choice.change for choice in choices}
        for change in [self.changes[c] for c in wanted]:
            for needed in self._needed(change):
                if needed.state == "written":
                    continue
                if needed.state != "placed":
                    why = f"{change.id} needs {needed.id}, which is {needed.state}"
                    return Barred((change.id,), why)
                wanted.add(needed.id)
        return [c for c in self.changes.values() if c.id in wanted]

    def to_reject(self, choices: Sequence[Choice]) -> list[Change] | Barred:
        """The changes that fall by rejecting these: themselves and all that need them."""
        barred = self._check(choices, placed_only=False)
        if barred is not None:
            return barred
        fallen = {choice.change for choice in choices}
        for change in self.changes.values():
            if change.state in UNDECIDED and fallen.intersection(change.needs):
                fallen.add(change.id)
        return [c for c in self.changes.values() if c.id in fallen]

    def pending_in(self, paths: Iterable[str]) -> list[Change]:
        """Undecided and accepted changes of these files, in their order."""
        wanted = set(paths)
        waiting = UNDECIDED | {"accepted"}
        return [c for c in self.changes.values() if c.path in wanted and c.state in waiting]

    def by_entry(self, entry: str) -> Change | None:
        return next((c for c in self.changes.values() if entry and c.entry == entry), None)

    def _needed(self, change: Change) -> list[Change]:
        found: list[Change] = []
        for id in change.needs:
            needed = self.changes[id]
            found += [*self._needed(needed), needed]
        return found

    def _check(self, choices: Sequence[Choice], *, placed_only: bool = True) -> Barred | None:
        for choice in choices:
            change = self.changes.get(choice.change)
            if change is None:
                return Barred((choice.change,), f"there is no change {choice.change}")
            may = change.state == "placed" if placed_only else change.state in UNDECIDED
            if not may:
                return Barred((change.id,), f"{change.id} is {change.state}")
            if choice.digest != change.digest:
                why = f"{change.id} is not what it was when it was shown"
                return Barred((change.id,), why)
        return None
