"""One turn's stream: text in, changes placed, events out.

`Turn.feed` may be given text cut anywhere; events come out at most once for each read of the stream
and change (lines are gathered). Nothing is decided and nothing is written here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

import msgspec

from codexspark_tui.events.commands import Decide
from codexspark_tui.events.facts import (
    AmbiguousAt,
    ChangeClosed,
    ChangeDecided,
    ChangeMoved,
    ChangeOpened,
    Event,
    HunkLines,
    Notice,
    NotPlacedAt,
    PlacedAt,
    PlacementView,
    ProseDelta,
    ShownLine,
)
from codexspark_tui.events.paths import path_text
from codexspark_tui.events.resolved import view_of
from codexspark_tui.patch import PatchReader
from codexspark_tui.patch.model import (
    Ambiguous,
    ChangeEnded,
    ChangeStarted,
    Create,
    Delete,
    Fact,
    Hunk,
    HunkHint,
    LineRead,
    Missing,
    Placed,
    Placement,
    Proposed,
    ProseLine,
    StreamEnded,
    Unsupported,
)
from codexspark_tui.patch.reader_envelope import BodyVerb
from codexspark_tui.providers.model import ItemDone, ToolDelta
from codexspark_tui.session.deciding.freed import freed
from codexspark_tui.session.guarding import findings_of
from codexspark_tui.session.guards import Rules
from codexspark_tui.session.judging import Judge
from codexspark_tui.session.patch_calls import PatchCalls
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.session.placing.placed import Outcome
from codexspark_tui.session.reading import reader_for
from codexspark_tui.session.review import UNDECIDED, Change, Review

TORN = "the answer breaks off in the middle of this change"


@dataclass(slots=True)
class Turn:
    """`number` counts the session's turns from 1; `new_id` gives ids unique in the session.

    `model` writes what streams; `by`: who has written what is read now, where that is another one.
    `over`: it was told that the turn has ended. Reopening a change takes it up again.
    """

    number: int
    prompt: str
    desk: Desk
    new_id: Callable[[], str]
    review: Review = field(default_factory=Review)
    streaming: bool = True
    truncated: bool = False
    failed: bool = False
    cancelled: bool = False
    note: str = ""
    optional: bool = False
    characters: int = 0
    entry: str = ""
    model: str = ""
    by: str | None = None
    over: bool = False
    rules: Rules = field(default_factory=Rules)
    judge: Judge = field(default_factory=Judge)
    _reader: PatchReader = field(init=False)
    _calls: PatchCalls = field(init=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _ids: dict[int, str] = field(default_factory=dict)
    _hints: dict[int, HunkHint] = field(default_factory=dict)
    _shown: int = 0
    _ends_line: bool = True
    _torn: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._renew_reader()

    def _made_reader(self, path: str | None = None, body: BodyVerb | None = None) -> PatchReader:
        return reader_for(self.desk, path=path, body=body, numbers=self._numbers)

    def feed(self, text: str) -> list[Event]:
        """The next piece of the answer."""
        self.characters += len(text)
        self._ends_line = text.endswith("\n") if text else self._ends_line
        events = self._events(self._reader.feed(text))
        tail = self._reader.tail.removesuffix("\r")
        if len(tail) > self._shown:
            events.append(ProseDelta(tail[self._shown :]))
            self._shown = len(tail)
        return events

    def called(self, event: ToolDelta | ItemDone) -> list[Event]:
        """More of a tool's call, or a whole item; events come of it if it holds a patch."""
        if isinstance(event, ItemDone):
            return self._events(self._calls.done(event.item))
        self.characters += len(event.text)
        return self._events(self._calls.feed(event))

    def beside(self, patch: str, author: str) -> list[Event]:
        """The changes of a patch that is no part of the answer."""
        reader = self._made_reader()
        facts = [*reader.feed(patch), *reader.close("stop")]
        kept = self.by, self.note, self.optional
        self.by, self.note, self.optional = author, "", False
        try:
            return self._events(f for f in facts if not isinstance(f, ProseLine | StreamEnded))
        finally:
            self.by, self.note, self.optional = kept

    def section(self, note: str, optional: bool) -> None:
        """What opens from now on is of this kind."""
        self.note = note
        self.optional = optional

    def pause(self) -> list[Event]:
        """This answer is over, and the provider will be asked again in the same turn."""
        events = self._close_reader("stop")
        self._renew_reader()
        return events

    def break_off(self, *, expected: bool) -> list[Event]:
        """This answer broke off, and its rest is asked for: what is whole stays, a torn change is
        refused. `expected`: the turn is not whole unless a change of its file comes again."""
        truncated = self.truncated
        lead = [] if self._ends_line else [ProseDelta("\n")]
        writing = [c for c in self.review.changes.values() if c.state == "writing"]
        for change in writing:
            self.review.update(change.id, again=True)
        events = [e for e in self._close_reader("lost") if not isinstance(e, Notice)]
        if expected:
            torn = [self.review.changes[c.id] for c in writing]
            self._torn |= {c.path: len(self.review.changes) for c in torn if c.state == "refused"}
        self.truncated, self._ends_line = truncated, True
        self._renew_reader()
        return [*lead, *events]

    def _renew_reader(self) -> None:
        self._reader = self._made_reader()
        self._calls = PatchCalls(self._made_reader)
        self._shown = 0

    def finish(self, reason: str) -> list[Event]:
        """The stream is over: close what is whole, refuse what was cut off."""
        self.streaming = False
        events = self._close_reader(reason)
        changes = list(self.review.changes.values())
        for path, count in self._torn.items():
            if not any(change.path == path for change in changes[count:]):
                self.truncated = True
                why = f"a change of {path_text(path)} broke off and did not come again"
                events.append(Notice(why, "warning"))
        return events

    def _close_reader(self, reason: str) -> list[Event]:
        facts = self._reader.close(reason)
        if reason != "stop":
            facts = [fact for fact in facts if not self._is_torn(fact)]
        called = [fact for fact in self._calls.close(reason) if not self._is_torn(fact)]
        events = self._events([*called, *facts])
        for change in [c for c in self.review.changes.values() if c.state == "writing"]:
            self.truncated = True
            events.append(self._close(change.id, Outcome(Missing(TORN))))
        return events

    def close_torn(self, id: str) -> Event:
        """Refuse a change whose end never came."""
        self.truncated = True
        return self._close(id, Outcome(Missing(TORN)))

    def _is_torn(self, fact: Fact) -> bool:
        """Whether this change ended only because the stream did, with no sign that it is whole.

        The sign is a header whose counts are met, or a rename or mode, which has no lines; and a
        last line that ended.
        """
        if not isinstance(fact, ChangeEnded):
            return False
        if not self._ends_line:
            return True
        hint = self._hints.get(fact.index, HunkHint())
        match fact.change:
            case Hunk(lines=lines) | Create(lines=lines) | Delete(lines=lines):
                old = sum(line.sign != "+" for line in lines)
                new = sum(line.sign != "-" for line in lines)
                return not lines or (hint.old_count, hint.new_count) != (old, new)
            case _:
                return False

    def _events(self, facts: Iterable[Fact]) -> list[Event]:
        events: list[Event] = []
        lines: list[ShownLine] = []
        open_id = ""
        for fact in facts:
            if isinstance(fact, LineRead):
                lines.append(ShownLine(fact.line.sign, fact.line.text))
                open_id = self._ids[fact.index]
                continue
            if lines:
                events.append(HunkLines(open_id, tuple(lines)))
                lines = []
            events += self._of_fact(fact)
        if lines:
            events.append(HunkLines(open_id, tuple(lines)))
        return list(_prose_joined(events))

    def _of_fact(self, fact: Fact) -> list[Event]:
        match fact:
            case ProseLine():
                rest, self._shown = fact.text[self._shown :] + "\n", 0
                return [ProseDelta(rest)]
            case ChangeStarted():
                return [self._open(fact)]
            case ChangeEnded():
                return self._ended(self._ids[fact.index], fact.change)
            case Unsupported():
                return self._unsupported(fact)
            case StreamEnded():
                self.truncated = self.truncated or fact.truncated
                if not fact.truncated or self.cancelled or self.failed:
                    return []  # who stopped it has been told already
                return [Notice(fact.why or "the answer breaks off", "warning")]
            case LineRead():
                return []
            case _:
                assert_never(fact)

    def _ended(self, id: str, change: Proposed) -> list[Event]:
        """A change is whole: place it, unless what it needs cannot be had."""
        self.review.update(id, proposed=change, path=change.path)
        outcome = self.desk.place(id, change)
        events: list[Event] = []
        if not isinstance(outcome.placement, Missing):
            events += [moved_event(one) for one in freed(self, change)]
            outcome = self.needed(id, outcome)
        opened = self.review.changes[id]
        needs = tuple(dict.fromkeys((*opened.needs, *outcome.needs)))
        events.append(self._close(id, outcome))
        fallen = [n for n in needs if self.review.changes[n].state == "rejected"]
        if fallen and self.review.changes[id].state in UNDECIDED:
            reason = f"needs {fallen[0]}, which was rejected"
            self.review.update(id, state="rejected", reason=reason)
            events.append(ChangeDecided(id, "rejected", reason))
        return [*events, *self.settled(change.path), *self._cleared(id)]

    def needed(self, id: str, outcome: Outcome) -> Outcome:
        """The same, or that the change cannot be had, since one that it needs was refused."""
        for needed in (*self.review.changes[id].needs, *outcome.needs):
            if self.review.changes[needed].state == "refused":
                return Outcome(Missing(f"it needs {needed}, which was refused"))
        return outcome

    def _cleared(self, id: str) -> list[Event]:
        """Earlier hunks of the same file whose findings this one has settled."""
        path = self.review.changes[id].path
        events: list[Event] = []
        for change in self.review.unsettled(path):
            if change.id == id or change.state != "placed":
                continue
            now = findings_of(change, self.review, self.desk, self.rules, self.judge)
            if now != change.findings:
                events.append(moved_event(self.review.update(change.id, findings=now)))
        return events

    def settled(self, path: str) -> list[Event]:
        """Ambiguous hunks of this file that the newest placement has settled."""
        events: list[Event] = []
        for change in self.review.unsettled(path):
            if change.state != "ambiguous" or not isinstance(change.proposed, Hunk):
                continue
            if self.desk.still_placed(change):
                outcome = self.desk.retry(change.proposed)
                if isinstance(outcome.placement, Placed):
                    events.append(moved_event(self.note_placement(change.id, outcome)))
        return events

    def _open(self, fact: ChangeStarted) -> ChangeOpened:
        id = self._ids[fact.index] = self.new_id()
        self._hints[fact.index] = fact.hint
        needs = () if fact.needs is None else (self._ids[fact.needs],)
        made = Change(id, fact.kind, fact.path, needs, self.optional, self.note)
        made = self.review.add(replace(made, author=self.model if self.by is None else self.by))
        return opened_event(made)

    def _unsupported(self, fact: Unsupported) -> list[Event]:
        opened: list[Event] = []
        if fact.index is None or fact.index not in self._ids:
            index = -1 - len(self._ids) if fact.index is None else fact.index
            opened.append(self._open(ChangeStarted(index, "hunk", fact.path)))
        else:
            index = fact.index
        return [*opened, self._close(self._ids[index], Outcome(Missing(fact.why)))]

    def _close(self, id: str, outcome: Outcome) -> ChangeClosed:
        change = self.note_placement(id, outcome)
        resolved = view_of(change.resolved) if change.resolved else None
        placement = placement_view(outcome.placement)
        if change.again and isinstance(placement, NotPlacedAt):
            placement = msgspec.structs.replace(placement, again=True)
        said = (change.digest, resolved, change.findings, change.needs)
        return ChangeClosed(id, change.state, placement, *said)

    def said_of_rejected(self, command: Decide, events: Iterable[Event]) -> str:
        """What a model is told of changes that were rejected with a reason; "" if none were."""
        chosen = {choice.change for choice in command.choices}
        gone = [e for e in events if isinstance(e, ChangeDecided) and e.change in chosen]
        paths = dict.fromkeys(self.review.changes[event.change].path for event in gone)
        files = ", ".join(path_text(path) for path in paths)
        return f"Rejected in {files}: {command.reason}" if gone else ""

    def note_placement(self, id: str, outcome: Outcome) -> Change:
        """Record an outcome in the review, with the needs that placing it has shown."""
        needs = tuple(dict.fromkeys((*self.review.changes[id].needs, *outcome.needs)))
        self.review.update(id, needs=needs)
        self.review.place(id, outcome.placement, outcome.resolved, outcome.digest)
        return self.guarded(id)

    def guarded(self, id: str) -> Change:
        """The change with what the guards say of it now."""
        change = self.review.changes[id]
        findings = findings_of(change, self.review, self.desk, self.rules, self.judge)
        return self.review.update(id, findings=findings)


def _prose_joined(events: Iterable[Event]) -> Iterator[Event]:
    """The same events with one for the prose lines that follow each other."""
    said: list[str] = []
    for event in events:
        if isinstance(event, ProseDelta):
            said.append(event.text)
            continue
        if said:
            yield ProseDelta("".join(said))
            said = []
        yield event
    if said:
        yield ProseDelta("".join(said))


def moved_event(change: Change) -> ChangeMoved:
    """The event for a change that was placed anew."""
    assert change.placement is not None
    resolved = view_of(change.resolved) if change.resolved else None
    view = placement_view(change.placement)
    said = (change.digest, resolved, change.findings, change.author, change.needs)
    return ChangeMoved(change.id, change.state, view, *said)


def opened_event(change: Change) -> ChangeOpened:
    path = path_text(change.path)
    told = (change.needs, change.note, change.optional, change.author)
    return ChangeOpened(change.id, change.kind, path, *told)


def placement_view(placement: Placement) -> PlacementView:
    match placement:
        case Placed():
            return PlacedAt(placement.at + 1, placement.how, placement.moved, placement.assumed)
        case Ambiguous():
            return AmbiguousAt(tuple(at + 1 for at in placement.candidates))
        case Missing():
            nearest = None if placement.nearest is None else placement.nearest + 1
            return NotPlacedAt(
                placement.why,
                nearest,
                placement.already,
                placement.reason,
                placement.wanted,
                placement.seen,
            )
        case _:
            assert_never(placement)
