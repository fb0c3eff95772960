"""A session as its transcript left it: its last turn is taken up again, undecided changes and all.

Pure but for the files that pending changes are placed on anew. What was written stays written: the
ledger takes it back by its name there. Nothing is asked of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.lines import Moved, lead_of
from codexspark_tui.events.paths import real_path
from codexspark_tui.events.resolved import ResolvedView, to_resolved, view_of
from codexspark_tui.patch.model import (
    Create,
    Delete,
    Hunk,
    Line,
    Missing,
    ModeChange,
    Proposed,
    Rename,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
    Sign,
)
from codexspark_tui.session.deciding.freed import expect_to_leave
from codexspark_tui.session.placing.desk import Desk, hunk_of
from codexspark_tui.session.placing.placed import Outcome
from codexspark_tui.session.review import UNDECIDED, Change
from codexspark_tui.session.turn import Turn

if TYPE_CHECKING:
    from codexspark_tui.session.dialogue import Dialogue

SHOWN_AGAIN: tuple[type[Event], ...] = (
    facts.TurnStarted, facts.ContextChosen, facts.ModelChosen, facts.ProseDelta,
    facts.ReasoningDelta, facts.ChangeOpened, facts.HunkLines, facts.ChangeClosed,
    facts.ChangeMoved, facts.ChangeStale, facts.ChangeDecided, facts.ChangeSplit,
    facts.VersionShown, facts.LinesMoved,
    facts.FileWritten, facts.ChangeUndone, facts.Notice, facts.Failed, facts.Usage,
    facts.StreamFinished, facts.TurnEnded,
)  # fmt: skip
LONGEST_RECALLED = 4000


@dataclass(frozen=True, slots=True)
class Past:
    """`events`: those of the transcript, in their order. The counts are those used so far."""

    events: tuple[Event, ...]
    turns: int
    changes: int
    summary: str

    @classmethod
    def of(cls, events: Sequence[Event]) -> Past:
        shown = tuple(event for event in events if isinstance(event, SHOWN_AGAIN))
        turns = max((e.turn for e in shown if isinstance(e, facts.TurnStarted)), default=0)
        ids = (e.change for e in shown if isinstance(e, facts.ChangeOpened))
        numbers = (int(id[1:]) for id in ids if id[:1] == "c" and id[1:].isdecimal())
        return cls(shown, turns, max(numbers, default=0), _summary(shown))

    def taken_up(
        self, desk: Desk, new_id: Callable[[], str], dialogue: Dialogue
    ) -> tuple[Turn | None, list[Event]]:
        """The last turn with its changes, and what has to be told of them now."""
        if dialogue.converses and self.summary:
            dialogue.asking.shorten(self.summary)
        last = [e for e in self.events if isinstance(e, facts.TurnStarted) and e.turn == self.turns]
        if not last:
            return None, []
        events = self.events[self.events.index(last[-1]) :]
        turn = dialogue.rounds.turn(self.turns, last[-1].prompt, desk, new_id)
        turn.streaming = False
        lines: dict[str, list[Line]] = {}
        for event in events:
            _note(turn, event, lines)
        expect_to_leave(turn)
        _moved_since(turn, events)
        told = [
            event for change in list(turn.review.changes.values()) for event in _again(turn, change)
        ]
        ended = any(isinstance(event, facts.StreamFinished) for event in events)
        if not ended:
            turn.truncated = True
            told.append(facts.StreamFinished(turn.number, True))
        dialogue.turn = turn
        turn.over = not turn.review.undecided()
        return turn, told


def _note(turn: Turn, event: Event, lines: dict[str, list[Line]]) -> None:
    """What an event says of a change, in the review."""
    changes = turn.review.changes
    match event:
        case facts.ChangeOpened():
            path = real_path(event.path)
            opened = (event.needs, event.optional, event.note)
            made = Change(event.change, event.kind, path, *opened)
            turn.review.add(replace(made, author=event.author))
        case facts.HunkLines() if event.change in changes:
            said = (Line(_sign(line.sign), line.text) for line in event.lines)
            lines.setdefault(event.change, []).extend(said)
        case facts.ChangeClosed() | facts.ChangeMoved() if event.change in changes:
            proposed = _proposed(changes[event.change], event.resolved, lines.get(event.change, []))
            resolved = to_resolved(event.resolved) if event.resolved is not None else None
            path = resolved.path if resolved is not None else changes[event.change].path
            turn.review.update(
                event.change, state=event.state, proposed=proposed, resolved=resolved,
                digest=event.digest, path=path,
                needs=event.needs or changes[event.change].needs,
            )  # fmt: skip
            if isinstance(event, facts.ChangeMoved):
                turn.review.update(event.change, author=event.author)
        case facts.ChangeStale() if event.change in changes:
            turn.review.update(event.change, state="stale", reason=event.why)
        case facts.ChangeDecided() if event.change in changes:
            entry = event.entry or changes[event.change].entry
            turn.review.update(event.change, state=event.state, reason=event.reason, entry=entry)
            turn.entry = event.entry.partition(".")[0] or turn.entry
        case facts.ChangeUndone():
            for change in [c for c in changes.values() if c.entry == event.entry]:
                turn.review.update(change.id, state=event.state)
        case facts.ChangeSplit():
            changes.pop(event.change, None)
        case facts.Connected():
            turn.model = event.model
        case facts.StreamFinished():
            turn.truncated = event.truncated
        case _:
            return


def _moved_since(turn: Turn, events: Sequence[Event]) -> None:
    """Give undecided hunks the lines and numbers that they were shown with last."""
    review = turn.review
    pending = [c for c in review.changes.values() if c.state in (*UNDECIDED, "rejected")]
    hunks = {c.id: c.resolved for c in pending if isinstance(c.resolved, ResolvedHunk)}
    shown = {id: view_of(hunk) for id, hunk in hunks.items()}
    placed: dict[str, int] = {}
    moves: dict[str, list[tuple[int, Moved]]] = {}
    for number, event in enumerate(events):
        match event:
            case facts.ChangeClosed() | facts.ChangeMoved():
                placed[event.change] = number
            case facts.LinesMoved():
                if event.edits:
                    moves.setdefault(event.path, []).append((number, Moved(event.edits)))
                for now in event.shown:
                    if now.change in shown and now.resolved is not None:
                        shown[now.change], placed[now.change] = now.resolved, number
            case _:
                pass
    for id, view in shown.items():
        start, lead = view.start, lead_of(view)
        for number, moved in moves.get(view.path, ()):
            start += moved.by(start + lead) if number > placed[id] else 0
        hunk = to_resolved(msgspec.structs.replace(view, start=max(1, start)))
        assert isinstance(hunk, ResolvedHunk)
        if moves or hunk != hunks[id]:
            review.update(id, proposed=hunk_of(hunk))


def _sign(sign: str) -> Sign:
    return "+" if sign == "+" else "-" if sign == "-" else " "


def _proposed(change: Change, view: ResolvedView | None, lines: list[Line]) -> Proposed | None:
    if view is None:
        return Hunk(change.path, tuple(lines)) if lines and change.kind == "hunk" else None
    resolved: Resolved = to_resolved(view)
    match resolved:
        case ResolvedHunk():
            return hunk_of(resolved)
        case ResolvedCreate():
            return Create(resolved.path, resolved.lines, resolved.mode)
        case ResolvedDelete():
            return Delete(resolved.path, resolved.lines, resolved.mode)
        case ResolvedRename():
            return Rename(resolved.path, resolved.to, resolved.copy)
        case ResolvedMode():
            return ModeChange(resolved.path, resolved.mode, resolved.old_mode)


def _again(turn: Turn, change: Change) -> list[Event]:
    """Place an undecided change on its file as it is now; a torn one is refused."""
    from codexspark_tui.session.deciding.anew import place_anew

    if change.state == "writing":
        return [turn.close_torn(change.id)]
    if change.state in UNDECIDED:
        return place_anew(turn, replace(change))
    if change.state == "rejected" and change.proposed is not None:
        outcome: Outcome = turn.desk.place(change.id, change.proposed)
        if not isinstance(outcome.placement, Missing):
            turn.review.place(change.id, outcome.placement, outcome.resolved, outcome.digest)
            turn.review.update(change.id, state="rejected", reason=change.reason)
    return []


def _summary(events: Sequence[Event]) -> str:
    """What was asked and answered, in short form, for a model that has not seen it."""
    parts: list[str] = []
    said: list[str] = []
    decided: list[str] = []
    for event in [*events, facts.TurnEnded(0, "done")]:
        if isinstance(event, facts.TurnStarted):
            parts.append(f"The person: {_short(event.prompt)}")
        elif isinstance(event, facts.ProseDelta):
            said.append(event.text)
        elif isinstance(event, facts.ChangeDecided) and event.reason:
            decided.append(f"- {event.state}: {event.reason}")
        elif isinstance(event, facts.TurnEnded):
            if said:
                parts.append(f"You: {_short(''.join(said).strip())}")
            parts += decided
            said, decided = [], []
    return "\n\n".join(parts)


def _short(text: str) -> str:
    half = LONGEST_RECALLED // 8
    return text if len(text) <= 2 * half else f"{text[:half]} … {text[-half:]}"
