"""The review as a pure state machine: which changes there are, and what may be decided of them.

    writing → placed | ambiguous | refused
    ambiguous → placed                              (a person or a later hunk settles it)
    placed | ambiguous → stale → placed | ambiguous (the file moved on; it is placed anew, or waits)
    placed | ambiguous | stale → rejected           (and back again: it can be reopened)
    placed → written ⇄ undone
    refused → placed                                (the name that it wants is free now)

No I/O, no async, no events: `decisions.py` turns what happens here into events. A change that needs
another (a hunk in a renamed file) is accepted together with it, and falls with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from codexspark_tui.events.commands import Choice
from codexspark_tui.events.facts import Finding, State
from codexspark_tui.events.needs import fallen_with, needed_by
from codexspark_tui.patch.model import (
    Ambiguous,
    ChangeKind,
    Missing,
    Placed,
    Placement,
    Proposed,
    Resolved,
    ResolvedRename,
)

UNDECIDED: frozenset[State] = frozenset({"placed", "ambiguous", "stale"})
TOGETHER = ("syntax", "no_delete")  # rules that the hunks of a file keep or break together


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


def broken(findings: Sequence[Finding]) -> str:
    """What guards say of a change, each with its rule."""
    return "; ".join(f"{one.why} ({one.rule.replace('_', '-')})" for one in findings)


def kept_back(findings: Sequence[Finding]) -> str:
    """The reason of a change that no person rejected, but a plan, since a guard speaks against."""
    return f"kept back by a guard: {broken(findings)}" if findings else ""


@dataclass(frozen=True, slots=True)
class Barred:
    """A decision that may not be carried out, and why, as a sentence."""

    changes: tuple[str, ...]
    why: str


@dataclass(slots=True)
class Review:
    """All changes of one turn in their order.

    `_unsettled`: by path, those that a later hunk of the file may settle, so that a file of many
    hunks is not looked through for each of them.
    """

    changes: dict[str, Change] = field(default_factory=dict)
    _paths: dict[str, None] = field(default_factory=dict)
    _unsettled: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, change: Change) -> Change:
        before = self.changes.get(change.id)
        if before is not None and before.path != change.path:
            self._settle(before)
        self.changes[change.id] = change
        self._paths[change.path] = None
        if _is_unsettled(change):
            self._unsettled.setdefault(change.path, {})[change.id] = None
        else:
            self._settle(change)
        return change

    def _settle(self, change: Change) -> None:
        self._unsettled.get(change.path, {}).pop(change.id, None)

    def unsettled(self, path: str) -> list[Change]:
        """The changes of this file that one more hunk of it may settle: ambiguous ones, and placed
        ones with findings of rules that are judged for all hunks together."""
        return [self.changes[id] for id in self._unsettled.get(path, ())]

    def update(self, id: str, **fields: object) -> Change:
        changed = replace(self.changes[id], **fields)  # type: ignore[arg-type]
        return self.add(changed)

    @property
    def paths(self) -> Iterable[str]:
        """The paths that changes have, or had."""
        return self._paths

    def replace(self, id: str, parts: Sequence[Change]) -> None:
        """The change is replaced by its parts, which stand where it stood."""
        self._settle(self.changes[id])
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
        chosen = {choice.change for choice in choices}
        wanted = set(chosen)
        for id in [id for id in self.changes if id in chosen]:
            for needed in self._needed(id):
                if needed.state == "written":
                    continue
                if needed.state != "placed":
                    why = f"{id} needs {needed.id}, which is {needed.state}"
                    return Barred((id,), why)
                wanted.add(needed.id)
        return [c for c in self.changes.values() if c.id in wanted]

    def to_reject(self, choices: Sequence[Choice]) -> list[Change] | Barred:
        """The changes that fall by rejecting these: themselves and all that need them."""
        barred = self._check(choices, placed_only=False)
        if barred is not None:
            return barred
        undecided = (change.id for change in self.undecided())
        fallen = fallen_with((choice.change for choice in choices), undecided, self._needs)
        return [c for c in self.changes.values() if c.id in fallen]

    def obstacle(self, change: Change) -> str:
        """Why the change cannot be had: a needed one is refused, rejected …; "" if nothing is."""
        together = {one.id for one in self.bound_to(change)}
        for id in change.needs:
            needed = self.changes[id]
            if id not in together and needed.state not in ("placed", "written"):
                return f"it needs {id}, which is {needed.state}"
        return ""

    def bound_to(self, change: Change) -> list[Change]:
        """The others that the change needs and that need it: they are had together or not at
        all."""
        needed = self._needed(change.id)
        return [
            other
            for other in needed
            if other.id != change.id and change.id in needed_by([other.id], self._needs)
        ]

    def _needs(self, id: str) -> tuple[str, ...]:
        return self.changes[id].needs

    def _needed(self, id: str) -> list[Change]:
        found = needed_by([id], self._needs)
        return [self.changes[needed] for needed in found if needed != id]

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


def _is_unsettled(change: Change) -> bool:
    if change.state == "ambiguous":
        return True
    together = any(finding.rule in TOGETHER for finding in change.findings)
    return together and change.state == "placed"


def in_order_of_need(changes: Sequence[Change]) -> list[Change]:
    """The same changes, those that others need before them, and copies of a file as it is before
    what else becomes of it."""
    here = {change.id: change for change in changes}
    copies = [c for c in changes if isinstance(c.resolved, ResolvedRename) and c.resolved.copy]

    def needs_of(id: str) -> list[str]:
        made = [c.id for c in copies if c.path == here[id].path and id not in (c.id, *c.needs)]
        return [needed for needed in (*here[id].needs, *made) if needed in here]

    return [here[id] for id in needed_by(here, needs_of)]
