"""What the events of a turn add up to: a consumer beside the loop, for faces without a screen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from codexspark_tui.events import facts
from codexspark_tui.events.commands import Choice
from codexspark_tui.events.facts import Event, Finding, NotPlacedAt, PlacementView, State
from codexspark_tui.events.paths import real_path
from codexspark_tui.events.resolved import ResolvedView, to_resolved
from codexspark_tui.patch.model import ChangeKind, Resolved


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as the events have shown it."""

    id: str
    kind: ChangeKind
    path: str
    optional: bool = False
    note: str = ""
    needs: tuple[str, ...] = ()
    state: State = "writing"
    placement: PlacementView | None = None
    digest: str = ""
    view: ResolvedView | None = None
    entry: str = ""
    findings: tuple[Finding, ...] = ()
    author: str = ""

    @property
    def choice(self) -> Choice:
        return Choice(self.id, self.digest)

    @property
    def resolved(self) -> Resolved | None:
        return to_resolved(self.view) if self.view is not None else None

    @property
    def is_there_already(self) -> bool:
        """Whether the file is as the change would leave it."""
        return isinstance(self.placement, NotPlacedAt) and self.placement.already

    @property
    def was_asked_again(self) -> bool:
        """Whether the stream broke off in it, so that it was asked for again."""
        return isinstance(self.placement, NotPlacedAt) and self.placement.again

    @property
    def is_repeated(self) -> bool:
        """Whether an earlier change of the answer is the same: there is nothing more to do."""
        return isinstance(self.placement, NotPlacedAt) and self.placement.reason == "repeated"

    @property
    def why_not(self) -> str:
        """Why it cannot be placed, or breaks a guard, as a sentence; "" when nothing is wrong."""
        match self.placement:
            case NotPlacedAt(why=why):
                return why
            case facts.AmbiguousAt(lines=lines):
                places = ", ".join(str(n) for n in lines[:9])
                return f"it fits in {len(lines)} places (lines {places})"
            case _:
                return "; ".join(f"{x.why} ({x.rule.replace('_', '-')})" for x in self.findings)


@dataclass(slots=True)
class Tally:
    """Feed it every event. `changes` are in their order."""

    changes: dict[str, Seen] = field(default_factory=dict)
    failed: facts.Failed | None = None
    truncated: bool = False
    entry: str = ""
    written: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    prose: bool = False
    lines: dict[str, list[facts.ShownLine]] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        match event:
            case facts.ChangeOpened():
                path = real_path(event.path)
                self.changes[event.change] = Seen(
                    event.change, event.kind, path, event.optional, event.note, event.needs
                )
                self._update(event.change, author=event.author)
            case facts.HunkLines():
                self.lines.setdefault(event.change, []).extend(event.lines)
            case facts.ChangeClosed() | facts.ChangeMoved():
                self._update(
                    event.change,
                    state=event.state,
                    placement=event.placement,
                    digest=event.digest,
                    view=event.resolved,
                    findings=event.findings,
                )
                if event.needs:
                    self._update(event.change, needs=event.needs)
                if isinstance(event, facts.ChangeMoved):
                    self._update(event.change, author=event.author)
                if event.resolved is not None:
                    self._update(event.change, path=real_path(event.resolved.path))
            case facts.ChangeStale():
                self._update(event.change, state="stale", placement=NotPlacedAt(event.why))
            case facts.ChangeDecided():
                self._update(event.change, state=event.state, entry=event.entry)
            case facts.ChangeUndone() if event.change in self.changes:
                self._update(event.change, state=event.state)
            case facts.ChangeSplit():
                self._split(event)
            case facts.DecisionRefused():
                self.refusals.append(event.why)
            case facts.FileWritten():
                self.written.append(event.path)
            case facts.ProseDelta():
                self.prose = self.prose or bool(event.text.strip())
            case facts.Failed():
                self.failed = event
            case facts.StreamFinished():
                self.truncated = event.truncated
            case facts.TurnEnded():
                self.entry = event.entry
            case _:
                pass

    def _split(self, event: facts.ChangeSplit) -> None:
        """Put the parts, which are opened by events of their own, where the whole was."""
        changes, self.changes = self.changes, {}
        for id, seen in changes.items():
            if id == event.change:
                parts = {part: replace(seen, id=part, state="writing") for part in event.parts}
                self.changes.update(parts)
            else:
                self.changes[id] = seen

    def _update(self, id: str, **fields: object) -> None:
        if id in self.changes:  # else it is one of an earlier turn
            self.changes[id] = replace(self.changes[id], **fields)  # type: ignore[arg-type]

    def in_state(self, *states: State) -> list[Seen]:
        return [seen for seen in self.changes.values() if seen.state in states]
