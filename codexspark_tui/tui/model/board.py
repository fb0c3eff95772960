"""The board: what the events of a session add up to, change by change, as the screen needs it.

`Board.note` is given every event in its order and only records. Which rows that makes is for
`diff_rows`, what a key does is for `control`. Paths here are in the text form of events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from codexspark_tui.events import facts
from codexspark_tui.events.commands import Choice
from codexspark_tui.events.facts import Event, PlacementView, ShownLine, State
from codexspark_tui.events.lines import Trail, lead_of, same_lines
from codexspark_tui.events.resolved import LineView, ResolvedView
from codexspark_tui.patch.model import ChangeKind

Shown: TypeAlias = ShownLine | LineView
UNDECIDED: frozenset[State] = frozenset({"placed", "ambiguous", "stale"})
CANDIDATES = 9


@dataclass(slots=True, eq=False)
class Item:
    """One change as the events have shown it.

    `version` grows with each alteration, `shape` with those that alter rows which were there before
    (lines that are only added do not). `seen`: a row of its body was painted; `shown_digest`: the
    digest that it had then. `taken`: chosen in a review that writes nothing. `deciding`: a decision
    is on its way. `meant`: "accept" or "reject", said while it cannot be decided yet. `grown`: so
    many lines of the file are shown around it. `tested`: what came of a test with it.
    `version_shown`: which of how many versions; `author` wrote it. `guarded`: it breaks a guard.
    `guess`: the old line at which it must begin, known while it is being written. `counted`: of
    each written line, how many old and how many new lines are before it. `shown`: how `view` reads
    on the file as it is now, where that is not the same. `moved_by`: by how many lines it has moved
    since that was told, as far as the `trail` of its file was `followed`.
    """

    id: str
    turn: int
    number: int
    kind: ChangeKind
    path: str
    needs: tuple[str, ...] = ()
    optional: bool = False
    note: str = ""
    state: State = "writing"
    placement: PlacementView | None = None
    digest: str = ""
    view: ResolvedView | None = None
    shown: ResolvedView | None = None
    places: tuple[int, ...] = ()
    trail: Trail | None = None
    followed: int = 0
    moved_by: int = 0
    entry: str = ""
    reason: str = ""
    why: str = ""
    guarded: bool = False
    taken: bool = False
    deciding: bool = False
    meant: str = ""
    meant_reason: str = ""
    grown: int = 0
    tested: str = ""
    version_shown: tuple[int, int] = (0, 0)
    author: str = ""
    seen: bool = False
    shown_digest: str = ""
    version: int = 0
    shape: int = 0
    guess: int = 0
    written: list[ShownLine] = field(default_factory=list)
    counted: list[tuple[int, int]] = field(default_factory=list)

    def write(self, lines: Iterable[ShownLine]) -> None:
        """More lines have come."""
        old, new = 0, 0
        if self.written:
            (old, new), sign = self.counted[-1], self.written[-1].sign
            old, new = old + (sign != "+"), new + (sign != "-")
        for line in lines:
            self.written.append(line)
            self.counted.append((old, new))
            old, new = old + (line.sign != "+"), new + (line.sign != "-")

    @property
    def lines(self) -> tuple[Shown, ...] | list[ShownLine]:
        """What would be written; the lines as the model wrote them where that is not known."""
        view = self.shown or self.view
        return view.lines if view is not None else self.written

    @property
    def is_open(self) -> bool:
        """Whether a person still has to decide it."""
        return self.state in UNDECIDED and not self.taken and not self.deciding

    @property
    def is_decided(self) -> bool:
        return self.taken or self.state in ("accepted", "written", "rejected", "undone")

    @property
    def first(self) -> int:
        """As `start`, but for what it has moved by since that was told."""
        if self.kind != "hunk":
            return 0
        view = self.shown or self.view
        return view.start if view is not None else self.guess

    @property
    def shift(self) -> int:
        """By how many lines it has moved since it was told where it is."""
        if self.trail is not None and self.followed < len(self.trail) and self.first:
            view = self.shown or self.view
            line = self.first + self.moved_by + (lead_of(view) if view is not None else 0)
            self.moved_by += self.trail.follow(line, self.followed) - line
            self.followed = len(self.trail)
        return self.moved_by

    @property
    def start(self) -> int:
        """The line of its first row, from 1, in the file as it is now; 0 where it has none."""
        first = self.first
        return max(1, first + self.shift) if first else 0

    @property
    def view_now(self) -> ResolvedView | None:
        """What would be written, for the file as it is now."""
        view = self.shown or self.view
        if view is None or not self.shift or self.kind != "hunk":
            return view
        return msgspec.structs.replace(view, start=self.start)

    def told_lines(self, first: int, last: int) -> tuple[int, int]:
        """A range of `lines` as the one of `view` with the same changed lines."""
        if self.shown is None or self.view is None:
            return first, last
        return same_lines(self.shown.lines, self.view.lines, first, last)

    @property
    def last_line(self) -> int:
        """The old line that it ends at."""
        return self.start + sum(line.sign != "+" for line in self.lines) - 1

    @property
    def moved(self) -> int:
        return self.placement.moved if isinstance(self.placement, facts.PlacedAt) else 0

    @property
    def candidates(self) -> tuple[int, ...]:
        """The lines of the places to choose from, of an ambiguous change."""
        if self.state != "ambiguous" or self.trail is None:
            return self.places if self.state == "ambiguous" else ()
        return tuple(self.trail.follow(line, self.followed) for line in self.places)

    @property
    def choice(self) -> Choice:
        return Choice(self.id, self.digest)

    @property
    def choice_as_shown(self) -> Choice:
        """The choice of what was painted last: one that changed since then is not decided by it."""
        return Choice(self.id, self.shown_digest or self.digest)


@dataclass(slots=True)
class Board:
    """`changed`: items that were altered since `drain`; `counts`: items of each state; `parts`: the
    ids that took the place of a change that was split; `moved`: paths whose lines have moved."""

    items: dict[str, Item] = field(default_factory=dict)
    changed: dict[str, Item] = field(default_factory=dict)
    removed: list[Item] = field(default_factory=list)
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    prompts: dict[int, str] = field(default_factory=dict)
    turn: int = 0
    streaming: bool = False
    running: bool = False
    truncated: bool = False
    written: dict[str, None] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    _trails: dict[str, Trail] = field(default_factory=dict)
    _entries: dict[str, Item] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        match event:
            case facts.TurnStarted():
                self.turn = event.turn
                self.prompts[event.turn] = event.prompt
                self.streaming = self.running = True
                self.truncated = False
            case facts.StreamFinished():
                self.streaming = False
                self.truncated = event.truncated
            case facts.TurnEnded():
                self.streaming = self.running = False
            case facts.ChangeOpened():
                self._open(event)
            case facts.HunkLines():
                item = self.items[event.change]
                item.write(event.lines)
                self.mark(item, only_longer=True)
            case facts.ChangeClosed() | facts.ChangeMoved():
                self._place(event)
            case facts.ChangeStale():
                self._set(self.items[event.change], "stale", why=event.why)
            case facts.ChangeDecided():
                self._decided(event)
            case facts.DecisionRefused():
                for id in event.changes:
                    if id in self.items:
                        self.items[id].deciding = False
                        self.mark(self.items[id])
            case facts.ChangeSplit():
                self.parts[event.change] = event.parts
                self._remove(event.change)
            case facts.ChangeUndone():
                self._undone(event)
            case facts.LinesMoved():
                self._lines_moved(event)
            case facts.VersionShown() if event.change in self.items:
                self.items[event.change].version_shown = (event.version, event.versions)
                self.mark(self.items[event.change])
            case facts.FileWritten():
                self.written[event.path] = None
            case _:
                pass

    def drain(self) -> tuple[list[Item], list[Item]]:
        """Items altered and items removed since the last call."""
        changed, removed = list(self.changed.values()), self.removed
        self.changed, self.removed = {}, []
        return changed, removed

    def mark(self, item: Item, *, only_longer: bool = False) -> None:
        item.version += 1
        item.shape += not only_longer
        self.changed[item.id] = item

    def take(self, item: Item, taken: bool) -> None:
        """Choose an item in a review that writes nothing, or take that back."""
        if item.taken != taken:
            self._count(item, -1)
            item.taken = taken
            self._count(item, 1)
            self.mark(item)

    @property
    def undecided(self) -> int:
        return sum(self.counts[state] for state in UNDECIDED)

    @property
    def accepted(self) -> int:
        return self.counts["written"] + self.counts["accepted"] + self.counts["taken"]

    def of_turn(self, turn: int) -> list[Item]:
        return [item for item in self.items.values() if item.turn == turn]

    def files_written(self) -> tuple[str, ...]:
        """The files that were written and have something of it now."""
        named: dict[str, bool] = {}
        for item in self.items.values():
            for path in {item.path, item.view.to if item.view is not None else ""}:
                named[path] = named.get(path, False) or item.state == "written"
        return tuple(path for path in self.written if named.get(path, True))

    def _open(self, event: facts.ChangeOpened) -> None:
        item = Item(
            event.change,
            self.turn,
            len(self.items),
            event.kind,
            event.path,
            event.needs,
            event.optional,
            event.note,
            author=event.author,
        )
        self.items[item.id] = item
        self._count(item, 1)
        self.mark(item)

    def _place(self, event: facts.ChangeClosed | facts.ChangeMoved) -> None:
        item = self.items[event.change]
        item.placement = event.placement
        item.digest = event.digest
        item.view = event.resolved
        item.needs = event.needs or item.needs
        item.guess = 0
        if isinstance(event, facts.ChangeMoved):
            item.author = event.author
        if event.resolved is not None:
            item.path = event.resolved.path
        at = event.placement
        self._tell(item, None, at.lines if isinstance(at, facts.AmbiguousAt) else ())
        why = event.placement.why if isinstance(event.placement, facts.NotPlacedAt) else ""
        said = [f"! {one.why}" for one in event.findings]
        item.guarded = bool(said)
        self._set(item, event.state, why="; ".join([why, *said] if why else said))

    def _lines_moved(self, event: facts.LinesMoved) -> None:
        if event.edits:
            self.trail(event.path).add(event.edits)
        self.moved.add(event.path)
        for now in event.shown:
            if (item := self.items.get(now.change)) is not None:
                self._tell(item, now.resolved, now.places)
                self.mark(item)
        if self.counts["ambiguous"]:
            for item in [i for i in self.items.values() if i.candidates]:
                self.mark(item)

    def trail(self, path: str) -> Trail:
        """What has moved in a file."""
        return self._trails.setdefault(path, Trail())

    def _tell(
        self, item: Item, shown: ResolvedView | None = None, places: tuple[int, ...] = ()
    ) -> None:
        """From here on the item is where it says, or what is shown instead."""
        item.shown, item.places, item.trail = shown, places, self.trail(item.path)
        item.followed, item.moved_by = len(item.trail), 0

    def _decided(self, event: facts.ChangeDecided) -> None:
        item = self.items[event.change]
        item.reason = event.reason
        item.entry = event.entry or item.entry
        if item.entry:
            self._entries[item.entry] = item
        self._set(item, event.state)

    def _undone(self, event: facts.ChangeUndone) -> None:
        item = self.items.get(event.change) or self._entries.get(event.entry)
        if item is not None:
            self._set(item, event.state)

    def _remove(self, id: str) -> None:
        item = self.items.pop(id)
        self._count(item, -1)
        self.changed.pop(id, None)
        self.removed.append(item)

    def _set(self, item: Item, state: State, *, why: str = "") -> None:
        self._count(item, -1)
        item.state = state
        item.why = why
        item.deciding = False
        self._count(item, 1)
        self.mark(item)

    def _count(self, item: Item, by: int) -> None:
        self.counts["taken" if item.taken else item.state] += by
