"""What was chosen for a prompt and what was attached to it, as the event that tells of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.session.context.model import Chosen, ranges_text
from codexspark_tui.session.tokens import Estimator


@dataclass(frozen=True, slots=True)
class Composed:
    """What goes with a prompt; `attached` as it is sent."""

    chosen: Chosen
    attached: str

    def event(self, turn: int, estimator: Estimator, tokens: int, window: int | None) -> Event:
        pieces = [
            facts.ContextPiece(
                path_text(p.path),
                p.reason,
                p.form,
                p.lines,
                p.tokens,
                p.known,
                p.blob,
                ranges_text(p.ranges),
            )
            for p in self.chosen.pieces
        ]
        if self.attached:
            lines = len(self.attached.splitlines())
            counted = estimator.tokens(self.attached)
            pieces.append(facts.ContextPiece("", "attached", "text", lines, counted))
        files = [p.path for p in self.chosen.pieces if p.path and p.form != "outline"]
        left_out = [
            facts.ContextLeftOut(path_text(x.path), x.why, x.wanted) for x in self.chosen.left_out
        ]
        named = tuple(path_text(path) for path in files)
        return facts.ContextChosen(turn, named, tuple(pieces), tuple(left_out), tokens, window)
