"""Other versions of one change: asked for beside the conversation, and shown in its place.

The conversation does not learn of them: what counts is the version that is accepted. The first
version is always the one that came with the answer. The model that answers gives several once the
answer is whole; the heavy one gives one, at any time, and what else it changes joins the turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.index.secret_files import secret_by_name, without_keys
from codexspark_tui.patch import locate, render_change, resolve
from codexspark_tui.patch.model import ChangeEnded, Hunk, Placed, Proposed, ResolvedHunk
from codexspark_tui.patch.rewrite import render_proposed
from codexspark_tui.session.asides import About, ask, ask_heavy, with_question
from codexspark_tui.session.deciding.handwork import added
from codexspark_tui.session.inbox import Answered
from codexspark_tui.session.judging import judged
from codexspark_tui.session.placing.desk import hunk_of
from codexspark_tui.session.placing.placed import Outcome
from codexspark_tui.session.reading import reader_for
from codexspark_tui.session.review import Barred, Change
from codexspark_tui.session.turn import Turn, moved_event

if TYPE_CHECKING:
    from codexspark_tui.session.dialogue import Dialogue

Asking: TypeAlias = commands.Reroll | commands.Escalate

WANTED = 3
NO_HEAVY = (
    'no heavy model is chosen: set heavy = "SERVER/MODEL" under [loop] in the settings, or '
    "SPARK_LOOP_HEAVY"
)


@dataclass(frozen=True, slots=True)
class Version:
    proposed: Hunk
    outcome: Outcome
    author: str


@dataclass(slots=True)
class Versions:
    """The versions of the changes of one session, by their ids, and which of them is shown."""

    _of: dict[str, list[Version]] = field(default_factory=dict)
    _at: dict[str, int] = field(default_factory=dict)

    async def handle(
        self,
        item: Asking | commands.PickVersion | Answered,
        turn: Turn | None,
        dialogue: Dialogue,
    ) -> list[Event]:
        match item:
            case commands.Reroll():
                return self.begin(turn, item, dialogue)
            case commands.Escalate():
                return self.begin_heavy(turn, item, dialogue)
            case commands.PickVersion():
                return await judged(turn, self.pick, turn, item)
            case Answered():
                return await judged(turn, self.take, turn, item, dialogue)

    def wanted(self, turn: Turn | None, command: Asking) -> Change | Barred:
        """The change to ask about, or why it cannot be."""
        id = command.choice.change
        if turn is None or (turn.streaming and isinstance(command, commands.Reroll)):
            return Barred((id,), "ask for other versions once the answer is whole")
        barred = turn.review.check(command.choice)
        if barred is not None:
            return barred
        change = turn.review.changes[id]
        if not isinstance(change.resolved, ResolvedHunk):
            return Barred((id,), "only a hunk has other versions")
        if why := secret_by_name(change.path):
            return Barred((id,), f"{path_text(change.path)} is sent to no model: {why}")
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
            about = About(change.id, change.digest)
            dialogue.inbox.put(await ask(provider, request, about))

        dialogue.streams.beside(asked())
        return [facts.Notice(f"asked {provider.name} for other versions of this change")]

    def begin_heavy(
        self, turn: Turn | None, command: commands.Escalate, dialogue: Dialogue
    ) -> list[Event]:
        """Ask the heavy model, while everything else goes on."""
        change, heavy = self.wanted(turn, command), dialogue.setup.heavy
        if isinstance(change, Barred) or turn is None:
            why = change if isinstance(change, Barred) else Barred((), "")
            return [facts.DecisionRefused(why.changes, why.why)]
        if not heavy:
            return [facts.Notice(NO_HEAVY, "warning")]
        if dialogue.meter.is_spent:
            return [facts.Notice("the limit on cost leaves nothing for another model", "warning")]
        asking = ask_heavy(dialogue, turn, change, command.reason)

        async def asked() -> None:
            dialogue.inbox.put(await asking)

        dialogue.streams.beside(asked())
        return [facts.Notice(f"asked {heavy} about this change; what it says comes here")]

    def take(self, turn: Turn | None, answered: Answered, dialogue: Dialogue) -> list[Event]:
        """Place what the model said, and count what it took; the first new version is shown."""
        counted = answered.counted
        if answered.heavy:
            events = self._taken_heavy(turn, answered)
            return [*events, *_usage_beside(dialogue, answered)]
        events = self._taken(turn, answered)
        if counted is None:
            return events
        return [*events, dialogue.usage(counted, len(answered.text), beside=True)]

    def _taken_heavy(self, turn: Turn | None, answered: Answered) -> list[Event]:
        """What lies where the change does is another version of it; the rest are more changes."""
        who = answered.author
        if answered.error is not None:
            title = answered.error.title
            return [facts.Notice(f"the heavy model did not help: {title}", "warning")]
        if turn is None:
            return []
        read = _changes_in(turn, answered.text)
        change = turn.review.changes.get(answered.id)
        mine: list[Version] = []
        if change is not None and change.state == "placed":
            mine = [v for v in _placed(turn, change, read, who) if _overlap(change, v)]
        if change is None or len(mine) != 1:  # it was decided meanwhile, or has several parts now
            return added(turn, render_proposed(read), who) if read else [_silent(answered)]
        known = self._of.setdefault(change.id, [_as_it_is(change)])
        digests = [version.outcome.digest for version in known]
        if mine[0].outcome.digest in digests:
            events = [facts.Notice(f"{who} would write it in the same way")]
            at = digests.index(mine[0].outcome.digest)
        else:
            known.append(mine[0])
            at, events = len(known) - 1, []
        rest = [one for one in read if not _is(turn, change, one, mine[0])]
        shown = self._show(turn, change.id, at) if not events else []
        return [*events, *shown, *(added(turn, render_proposed(rest), who) if rest else [])]

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
        for version in _placed(turn, change, _changes_in(turn, answered.text), answered.author):
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
        turn.review.update(id, proposed=version.proposed, author=version.author)
        moved = moved_event(turn.note_placement(id, version.outcome))
        return [moved, facts.VersionShown(id, at + 1, len(known))]


def _as_it_is(change: Change) -> Version:
    assert isinstance(change.proposed, Hunk)
    assert change.placement is not None
    placed = Outcome(change.placement, change.resolved, change.digest, change.needs)
    return Version(change.proposed, placed, change.author)


def _changes_in(turn: Turn, text: str) -> list[Proposed]:
    reader = reader_for(turn.desk)
    read = [*reader.feed(text), *reader.close("stop")]
    return [fact.change for fact in read if isinstance(fact, ChangeEnded)]


def _placed(turn: Turn, change: Change, read: list[Proposed], author: str) -> list[Version]:
    """The hunks that belong to the file of the change and have one place in it."""
    found = (_version(turn, change, one, author) for one in read)
    return [version for version in found if version is not None]


def _version(turn: Turn, change: Change, hunk: Proposed, author: str) -> Version | None:
    draft = turn.desk.draft_of(change.path)
    if draft is None or not isinstance(hunk, Hunk) or hunk.path != change.path:
        return None
    placement = locate(hunk, draft.lines)
    if not isinstance(placement, Placed):
        return None
    resolved = resolve(draft.lines, hunk, placement)
    return Version(hunk_of(resolved), turn.desk.altered(change, resolved), author)


def _is(turn: Turn, change: Change, one: Proposed, version: Version) -> bool:
    """Whether this part of an answer is what the version was made of."""
    made = _version(turn, change, one, version.author)
    return made is not None and made.outcome.digest == version.outcome.digest


def _overlap(change: Change, version: Version) -> bool:
    """Whether both are about the same lines of the file, context counted."""
    one, other = change.resolved, version.outcome.resolved
    if not (isinstance(one, ResolvedHunk) and isinstance(other, ResolvedHunk)):
        return False
    ends = [h.old_start + sum(x.sign != "+" for x in h.lines) for h in (one, other)]
    return one.old_start <= ends[1] and other.old_start <= ends[0]


def _usage_beside(dialogue: Dialogue, answered: Answered) -> list[Event]:
    """The count of a question to another model; its cost counts for the turn's limit, too."""
    counted = answered.counted
    if counted is None:
        return []
    dialogue.meter.cost_usd += answered.cost_usd or 0.0
    asked, output, cached = counted.input_tokens, counted.output_tokens, counted.cached_tokens
    count = (len(answered.text), asked, output, cached, counted.reasoning_tokens)
    return [facts.Usage(None, 0.0, *count, answered.cost_usd)]


def _silent(answered: Answered) -> Event:
    """The heavy model gave no change; what it said is told."""
    said = " ".join(answered.text.split())[:400]
    return facts.Notice(f"{answered.author} gives no other change: {said or 'it said nothing'}")


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
    return without_keys("\n\n".join(parts))
