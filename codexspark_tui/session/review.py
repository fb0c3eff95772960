"""The review as a pure state machine: which changes there are, and what may be decided of them.

    writing → placed | ambiguous | refused
    ambiguous → placed                              (a person or a later hunk settles it)
    placed | ambiguous → stale → placed | ambiguous (the file moved on; it is placed anew, or waits)
    placed | ambiguous | stale → rejected           (and back again: it can be reopened)
    placed → written ⇄ undone

No I/O, no async, no events: `decisions.py` turns what happens here into events. A change that needs
another (a hunk in a renamed file) is accepted together with it, and falls with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from codexspark_tui.events.commands import Choice
from codexspark_tui.events.facts import Finding, State
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
    """One change and all that is known of it. `digest` "" until it is placed.

    `again`: the stream broke off in it, and the rest of the answer was asked for again. `author`:
    the model that wrote it.
    """

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
    findings: tuple[Finding, ...] = ()
    again: bool = False
    author: str = ""


@dataclass(frozen=True, slots=True)
class Barred:
    """A decision that may not be carried out, and why, as a sentence."""

    changes: tuple[str, ...]
    why: str


@dataclass(slots=True)
class Review:
    """All changes of one turn in their order."""

    changes: dict[str, Change] = field(default_factory=dict)
    _paths: dict[str, set[str]] = field(default_factory=dict)

    def add(self, change: Change) -> Change:
        self.changes[change.id] = change
        self._paths.setdefault(change.path, set()).add(change.id)
        return change

    def update(self, id: str, **fields: object) -> Change:
        changed = replace(self.changes[id], **fields)  # type: ignore[arg-type]
        return self.add(changed)

    @property
    def paths(self) -> Iterable[str]:
        """The paths that changes have, or had."""
        return self._paths

    def of_path(self, path: str) -> list[Change]:
        """The changes of one path, in no order."""
        found = (self.changes.get(id) for id in self._paths.get(path, ()))
        return [change for change in found if change is not None and change.path == path]

    def replace(self, id: str, parts: Sequence[Change]) -> None:
        """The change is replaced by its parts, which stand where it stood."""
        made: dict[str, Change] = {}
        for change in self.changes.values():
            made |= {c.id: c for c in (parts if change.id == id else (change,))}
        self.changes = made
        for part in parts:
            self.add(part)

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

    def restore(self, id: str) -> Change:
        """Undecided again, where it was placed before."""
        change = self.changes[id]
        assert change.placement is not None
        return self.place(id, change.placement, change.resolved, change.digest)

    def undecided(self) -> list[Change]:
        return [c for c in self.changes.values() if c.state in UNDECIDED]

    def count(self, *states: State) -> int:
        return sum(c.state in states for c in self.changes.values())

    def check(self, choice: Choice) -> Barred | None:
        """Why this choice cannot be acted on; None if it is a placed change as it was shown."""
        return self._check([choice])

    def to_accept(self, choices: Sequence[Choice]) -> list[Change] | Barred:
        """The changes to write for these choices, with what they need, in their order."""
        barred = self._check(choices)
        if barred is not None:
            return barred
        wanted = {choice.change for choice in choices}
        for change in [c for c in self.changes.values() if c.id in wanted]:
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

    def obstacle(self, change: Change) -> str:
        """Why the change cannot be had: a needed one is refused, rejected …; "" if nothing is."""
        for id in change.needs:
            needed = self.changes[id]
            if needed.state not in ("placed", "written"):
                return f"it needs {id}, which is {needed.state}"
        return ""

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
