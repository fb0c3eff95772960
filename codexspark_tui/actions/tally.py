"""What the events of a turn add up to: a consumer beside the loop, for faces without a screen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec

from codexspark_tui.events import facts
from codexspark_tui.events.commands import Choice
from codexspark_tui.events.facts import Event, Finding, NotPlacedAt, PlacementView, State
from codexspark_tui.events.lines import Trail, lead_of, same_lines
from codexspark_tui.events.paths import real_path
from codexspark_tui.events.resolved import ResolvedView, to_resolved
from codexspark_tui.patch.model import ChangeKind, Resolved
from codexspark_tui.session.review import broken


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as the events have shown it.

    `shown`: how `view` reads on its file as it is now, where that is not the same; where it is was
    told when the `trail` of its file was so long as `since` says.
    """

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
    shown: ResolvedView | None = None
    trail: Trail = field(default_factory=Trail, compare=False)
    since: int = 0
    told_places: tuple[int, ...] = ()

    @property
    def choice(self) -> Choice:
        return Choice(self.id, self.digest)

    @property
    def resolved(self) -> Resolved | None:
        return to_resolved(self.view) if self.view is not None else None

    @property
    def view_now(self) -> ResolvedView | None:
        """What would be written, for the file as it is now."""
        view = self.shown or self.view
        if view is None or view.kind != "hunk":
            return view
        line = view.start + lead_of(view)
        by = self.trail.follow(line, self.since) - line
        return msgspec.structs.replace(view, start=max(1, view.start + by)) if by else view

    @property
    def places(self) -> tuple[int, ...]:
        """The lines to choose from, of an ambiguous change."""
        return tuple(self.trail.follow(line, self.since) for line in self.told_places)

    @property
    def resolved_now(self) -> Resolved | None:
        """The same as a value."""
        view = self.view_now
        return to_resolved(view) if view is not None else None

    def told_lines(self, first: int, last: int) -> tuple[int, int]:
        """A range of the lines as they are shown, as that of the same lines as they were told."""
        if self.shown is None or self.view is None:
            return first, last
        return same_lines(self.shown.lines, self.view.lines, first, last)

    @property
    def line_now(self) -> int:
        """The line, from 1, at which it is placed in the file as it is now; 0 where it is not."""
        now, at = self.view_now, self.placement
        if now is None or self.view is None or not isinstance(at, facts.PlacedAt):
            return 0
        return now.start if self.shown is not None else at.line + now.start - self.view.start

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
    def where(self) -> str:
        """The path; with the line of the first change where it fits and breaks a guard."""
        view = self.view_now
        if not self.findings or view is None or not self.line_now:
            return self.path
        return f"{self.path}:{view.start + lead_of(view)}"

    @property
    def why_not(self) -> str:
        """Why it cannot be placed, or breaks a guard, as a sentence; "" when nothing is wrong."""
        match self.placement:
            case NotPlacedAt(why=why):
                return why
            case facts.AmbiguousAt():
                places = ", ".join(str(n) for n in self.places[:9])
                return f"it fits in {len(self.places)} places (lines {places})"
            case _:
                return broken(self.findings)


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
    _trails: dict[str, Trail] = field(default_factory=dict)

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
                self._place(event)
            case facts.ChangeStale():
                self._update(event.change, state="stale", placement=NotPlacedAt(event.why))
            case facts.ChangeDecided():
                self._update(event.change, state=event.state, entry=event.entry)
            case facts.ChangeUndone() if event.change in self.changes:
                self._update(event.change, state=event.state)
            case facts.ChangeSplit():
                self._split(event)
            case facts.LinesMoved():
                self._lines_moved(event)
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

    def _place(self, event: facts.ChangeClosed | facts.ChangeMoved) -> None:
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
        at = event.placement
        self._tell(event.change, None, at.lines if isinstance(at, facts.AmbiguousAt) else ())

    def _lines_moved(self, event: facts.LinesMoved) -> None:
        if event.edits:
            self._trails.setdefault(real_path(event.path), Trail()).add(event.edits)
        for now in event.shown:
            self._tell(now.change, now.resolved, now.places)

    def _tell(self, id: str, shown: ResolvedView | None, places: tuple[int, ...]) -> None:
        """From here on the change is where it says, or what is shown instead."""
        if id in self.changes:
            trail = self._trails.setdefault(self.changes[id].path, Trail())
            self._update(id, shown=shown, trail=trail, since=len(trail), told_places=places)

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
