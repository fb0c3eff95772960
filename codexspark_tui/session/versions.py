"""Other versions of one change: asked for beside the conversation, and shown in its place.

The conversation does not learn of them: what counts is the version that is accepted. The first
version is always the one that came with the answer.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codexspark_tui.errors import SparkError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.patch import locate, render_change, resolve
from codexspark_tui.patch.model import ChangeEnded, Hunk, Placed, ResolvedHunk
from codexspark_tui.providers.model import (
    Counted,
    Ended,
    Message,
    Provider,
    Request,
    TextDelta,
)
from codexspark_tui.session.desk import Outcome, hunk_of
from codexspark_tui.session.explaining import explain
from codexspark_tui.session.inbox import Answered
from codexspark_tui.session.reading import reader_for
from codexspark_tui.session.review import Barred, Change
from codexspark_tui.session.turn import Turn, moved_event

if TYPE_CHECKING:
    from codexspark_tui.session.dialogue import Dialogue

WANTED = 3
MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Version:
    proposed: Hunk
    outcome: Outcome


@dataclass(slots=True)
class Versions:
    """The versions of the changes of one session, by their ids, and which of them is shown."""

    _of: dict[str, list[Version]] = field(default_factory=dict)
    _at: dict[str, int] = field(default_factory=dict)

    def handle(
        self,
        item: commands.Reroll | commands.PickVersion | commands.Explain | Answered,
        turn: Turn | None,
        dialogue: Dialogue,
    ) -> list[Event]:
        match item:
            case commands.Reroll():
                return self.begin(turn, item, dialogue)
            case commands.PickVersion():
                return self.pick(turn, item)
            case commands.Explain():
                return explain(turn, item, dialogue)
            case Answered():
                return self.take(turn, item, dialogue)

    def wanted(self, turn: Turn | None, command: commands.Reroll) -> Change | Barred:
        """The change to ask about, or why it cannot be."""
        id = command.choice.change
        if turn is None or turn.streaming:
            return Barred((id,), "ask for other versions once the answer is whole")
        barred = turn.review.check(command.choice)
        if barred is not None:
            return barred
        change = turn.review.changes[id]
        if not isinstance(change.resolved, ResolvedHunk):
            return Barred((id,), "only a hunk has other versions")
        return change

    def begin(self, turn: Turn | None, command: commands.Reroll, dialogue: Dialogue) -> list[Event]:
        """Ask the model, beside everything else."""
        change = self.wanted(turn, command)
        if isinstance(change, Barred):
            return [facts.DecisionRefused(change.changes, change.why)]
        provider = dialogue.streams.provider
        if not provider.capabilities.converses:
            said = f"{provider.name} has one answer only; a model has other versions"
            return [facts.Notice(said, "warning")]
        request = with_question(dialogue.made_request(), request_text(change, command.wish))

        async def asked() -> None:
            dialogue.inbox.put(await ask(provider, request, change.id, change.digest))

        dialogue.streams.beside(asked())
        return [facts.Notice(f"asked {provider.name} for other versions of this change")]

    def take(self, turn: Turn | None, answered: Answered, dialogue: Dialogue) -> list[Event]:
        """Place what the model said, and count what it took; the first new version is shown."""
        counted, events = answered.counted, self._taken(turn, answered)
        return [*events, dialogue.usage(counted, len(answered.text))] if counted else events

    def _taken(self, turn: Turn | None, answered: Answered) -> list[Event]:
        change = turn.review.changes.get(answered.id) if turn is not None else None
        if (
            turn is None
            or change is None
            or change.digest != answered.digest
            or change.state != "placed"
        ):
            return [facts.Notice("the other versions came too late")]
        if answered.error is not None:
            title = answered.error.title
            return [facts.Notice(f"no other versions: {title}", "warning")]
        known = self._of.setdefault(change.id, [_as_it_is(change)])
        before = len(known)
        for version in _read(turn, change, answered.text):
            if version.outcome.digest not in {v.outcome.digest for v in known}:
                known.append(version)
        if len(known) == before:
            return [facts.Notice("the model gave no other version that fits", "warning")]
        return self._show(turn, change.id, before)

    def pick(self, turn: Turn | None, command: commands.PickVersion) -> list[Event]:
        """Show the version after (1) or before (-1) the one that is shown."""
        choice = command.choice
        if turn is None:
            return [facts.DecisionRefused((choice.change,), "there is nothing to decide")]
        barred = turn.review.check(choice)
        if barred is not None:
            return [facts.DecisionRefused(barred.changes, barred.why)]
        known = self._of.get(choice.change, [])
        if len(known) < 2:
            return [facts.DecisionRefused((choice.change,), "there is no other version of it yet")]
        at = (self._at.get(choice.change, 0) + command.step) % len(known)
        return self._show(turn, choice.change, at)

    def _show(self, turn: Turn, id: str, at: int) -> list[Event]:
        known = self._of[id]
        self._at[id] = at
        version = known[at]
        turn.review.update(id, proposed=version.proposed)
        moved = moved_event(turn.note_placement(id, version.outcome))
        return [moved, facts.VersionShown(id, at + 1, len(known))]


def _as_it_is(change: Change) -> Version:
    assert isinstance(change.proposed, Hunk)
    assert change.placement is not None
    placed = Outcome(change.placement, change.resolved, change.digest, change.needs)
    return Version(change.proposed, placed)


def _read(turn: Turn, change: Change, text: str) -> list[Version]:
    """The hunks of the answer that belong to the file of the change and have one place in it."""
    draft = turn.desk.draft_of(change.path)
    reader = reader_for(turn.desk)
    read = [*reader.feed(text), *reader.close("stop")]
    hunks = [f.change for f in read if isinstance(f, ChangeEnded) and isinstance(f.change, Hunk)]
    found: list[Version] = []
    for hunk in hunks:
        placement = locate(hunk, draft.lines) if draft is not None else None
        if draft is None or hunk.path != change.path or not isinstance(placement, Placed):
            continue
        resolved = resolve(draft.lines, hunk, placement)
        found.append(Version(hunk_of(resolved), turn.desk.altered(change, resolved)))
    return found


def request_text(change: Change, wish: str) -> str:
    """What the model is asked for."""
    assert change.resolved is not None
    shown = "\n".join(render_change(change.resolved))
    parts = [
        f"Give {WANTED} other versions of this one change of {path_text(change.path)}. Each "
        "differs from it and from the others, applies to the same lines of the file as it is now, "
        "and is a patch of its own with its file header. Give nothing else.",
        f"```diff\n{shown}\n```",
    ]
    if wish:
        parts.append(f"The person wishes: {wish}")
    return "\n\n".join(parts)


async def ask(provider: Provider, request: Request, id: str, digest: str) -> Answered:
    """Ask the model beside the conversation. Its errors are part of the answer."""
    said: list[str] = []
    counted: Counted | None = None
    try:
        async with aclosing(provider.stream(request)) as stream:
            async for event in stream:
                if isinstance(event, TextDelta):
                    said.append(event.text)
                elif isinstance(event, Counted):
                    counted = event
                elif isinstance(event, Ended) or sum(map(len, said)) > MOST_CHARACTERS:
                    break
    except SparkError as error:
        return Answered(id, digest, error=error)
    return Answered(id, digest, "".join(said), counted)


def with_question(request: Request, text: str) -> Request:
    """The request that the conversation would make, with this question at its end."""
    return replace(request, prompt=text, items=(*request.items, Message("user", text)), tools=())
