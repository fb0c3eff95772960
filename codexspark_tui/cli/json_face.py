"""The JSON Lines face: every event as a line, and exactly one result as the last."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from codexspark_tui.actions.oneshot import Outcome
from codexspark_tui.cli.output import write_product
from codexspark_tui.errors import SparkError
from codexspark_tui.events import facts
from codexspark_tui.events.codec import to_line
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text

_lines_written = 0
_began = time.monotonic()


def write_event(event: Event) -> None:
    """One line on stdout, at once."""
    global _lines_written
    _lines_written += 1
    t_ms = (time.monotonic() - _began) * 1000
    write_product(to_line(event, seq=_lines_written, t_ms=t_ms))


@dataclass(slots=True)
class JsonFace:
    """Shows each event as a line; nobody can be asked."""

    shown: list[str] = field(default_factory=list)

    def show(self, event: Event) -> None:
        write_event(event)

    async def ask(self, asked: facts.Asked) -> int | None:
        return None


def write_result(outcome: Outcome) -> None:
    write_event(
        facts.Result(
            outcome.exit_code,
            outcome.status,
            files=tuple(path_text(path) for path in outcome.files),
            accepted=outcome.accepted,
            rejected=outcome.rejected,
            refused=outcome.refused,
            offered=outcome.offered,
            entry=outcome.entry,
            error=failed_event(outcome.error) if outcome.error else None,
        )
    )


def write_error_result(error: SparkError) -> None:
    """The result of a command that ended with an error."""
    status = {2: "usage", 130: "interrupted"}.get(error.exit_code, "failed")
    write_event(facts.Result(error.exit_code, status, error=failed_event(error)))  # type: ignore[arg-type]


def failed_event(error: SparkError) -> facts.Failed:
    return facts.Failed(error.code, error.exit_code, error.title, error.detail, error.next_step)
