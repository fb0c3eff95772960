"""Changes that the mode auto-edit takes by itself: they are told, and not asked about."""

from __future__ import annotations

from dataclasses import dataclass, field

from codexspark_tui.actions.tally import Tally
from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.visible import visible_line
from codexspark_tui.session.approvals import taken_at_once


@dataclass(slots=True)
class AtOnce:
    """`ids`: of those that the session decides. Without `takes` there are none."""

    takes: bool = False
    ids: set[str] = field(default_factory=set)

    def note(self, event: Event, tally: Tally) -> str:
        """What is to be told of it."""
        match event:
            case facts.ChangeClosed() | facts.ChangeMoved() if self.takes:
                self.ids.update(c.change for d in taken_at_once([event]) for c in d.choices)
            case facts.DecisionRefused():
                self.ids.difference_update(event.changes)  # then it is the person's affair
            case facts.ChangeDecided(state="written") if event.change in self.ids:
                seen = tally.changes[event.change]
                return f"{visible_line(seen.path)}: accepted, as it fits exactly.\n"
            case _:
                pass
        return ""

    def is_mine(self, event: facts.DecisionRefused) -> bool:
        """Whether it was no decision of the person's that was refused."""
        return bool(event.changes) and set(event.changes) <= self.ids

    def waits(self, tally: Tally) -> bool:
        """Whether one of them is not written yet."""
        return any(seen.id in self.ids for seen in tally.in_state("placed"))
