"""Turn after turn in one session without a screen, each decided by a plan or by a person.

    runner = TurnRunner(session, face, plan, events, make_picker)
    tally = await runner.run(prompt)

True here: a turn that `run` returns from has ended: what was not taken is rejected. What goes on
between turns (a command, a file that is saved) is the caller's.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass, field

from codexspark_tui.actions.oneshot import Face, Picker, Plan, decision
from codexspark_tui.actions.tally import Tally
from codexspark_tui.errors import NotPlaced
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.session.session import Session

MakePicker = Callable[[Callable[[commands.Command], None]], Picker]


def _complete_as_it_is(tally: Tally) -> commands.Propose | None:
    return None


@dataclass(slots=True)
class TurnRunner:
    """`events` are those of the session. `plan` None takes nothing. `complete`: when an answer is
    whole, what else belongs to the turn. `cost_usd` counts on over all turns."""

    session: Session
    face: Face
    plan: Plan | None
    events: AsyncGenerator[Event, None]
    make_picker: MakePicker | None = None
    complete: Callable[[Tally], commands.Propose | None] = _complete_as_it_is
    cost_usd: float = 0.0
    tally: Tally = field(default_factory=Tally)
    _streamed: bool = False
    _person_left: bool = False
    _held: list[Event] = field(default_factory=list)

    async def run(self, prompt: commands.Prompt) -> Tally:
        """One turn to its end."""
        tally = self.tally = Tally()
        self._streamed = self._person_left = False
        self._held = []
        picker = self.make_picker(self._of_person) if self.make_picker else None
        self.session.send(prompt)
        try:
            async for event in self.events:
                tally.note(event)
                for due in self._due(event):
                    self.face.show(due)
                    if picker is not None:
                        picker.note(due)
                    if isinstance(due, facts.TurnEnded):
                        return tally
                    await self._follow(due, by_person=picker is not None)
        finally:
            if picker is not None:
                await picker.finish()
        return tally

    def _due(self, event: Event) -> list[Event]:
        """The events to go on with: the end of an answer waits for what completes it."""
        if self._held:
            self._held.append(event)
            if not isinstance(event, facts.ChangeClosed | facts.DecisionRefused):
                return []
            held, self._held = self._held, []
            went_on = isinstance(event, facts.ChangeClosed) and event.state != "refused"
            first, *rest = [e for e in held if not (went_on and isinstance(e, facts.TurnEnded))]
            ends = [e for e in rest if isinstance(e, facts.TurnEnded)]
            return [*(e for e in rest if not isinstance(e, facts.TurnEnded)), first, *ends]
        if isinstance(event, facts.StreamFinished) and not event.truncated:
            more = self.complete(self.tally)
            if more is not None:
                self.session.send(more)
                self._held = [event]
                return []
        return [event]

    async def _follow(self, event: Event, *, by_person: bool) -> None:
        match event:
            case facts.Usage():
                self.cost_usd += event.cost_usd or 0.0
            case facts.Asked():
                self.session.send(commands.Answer(event.question, await self.face.ask(event)))
            case facts.StreamFinished():
                self._streamed = True
                if not by_person:
                    self._take()
                elif self._person_left:
                    self._reject_rest()
            case facts.DecisionRefused() if not by_person:
                if len(self.tally.refusals) > 1:
                    raise NotPlaced("a decision was not carried out", detail=event.why)
                self._reject_rest()
            case _:
                pass

    def _of_person(self, command: commands.Command) -> None:
        """The person's picker ends a session when it is done; here only the turn ends."""
        if not isinstance(command, commands.Close):
            self.session.send(command)
        elif not self._person_left:
            self._person_left = True
            if self._streamed:
                self._reject_rest()
            else:
                self.session.send(commands.Cancel())

    def _take(self) -> None:
        """What the plan takes, all or none of it; the rest is rejected, so that the turn ends."""
        chosen, wrong = decision(self.tally, self.plan) if self.plan else ([], [])
        whole = self.tally.failed is None and not self.tally.truncated and not wrong
        if self.plan is None or not (chosen and (self.plan.partial or whole)):
            chosen = []
        if chosen:
            choices = tuple(seen.choice for seen in chosen)
            self.session.send(commands.Decide(choices, "accept"))
        self._reject_rest(without={seen.id for seen in chosen})

    def _reject_rest(self, without: Collection[str] = ()) -> None:
        undecided = self.tally.in_state("placed", "ambiguous", "stale")
        choices = tuple(seen.choice for seen in undecided if seen.id not in without)
        if choices:
            by_plan = self.make_picker is None
            self.session.send(commands.Decide(choices, "reject", by_plan=by_plan))
