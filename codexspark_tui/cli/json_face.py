"""The JSON Lines face: every event or record as a line, and exactly one result as the last."""

from __future__ import annotations

import time

from codexspark_tui.actions.oneshot import Outcome, Status
from codexspark_tui.cli.output import write_product
from codexspark_tui.errors import SparkError
from codexspark_tui.events import facts
from codexspark_tui.events.codec import to_line
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.events.records import Record

_lines_written = 0
_ended = False
_began = time.monotonic()


def write_line(value: Event | Record) -> None:
    """One line on stdout, at once; nothing comes after a result.

    `seq` and `t_ms` count from the start of the process.
    """
    global _lines_written, _ended
    if _ended:
        return
    _lines_written += 1
    _ended = isinstance(value, facts.Result)
    t_ms = (time.monotonic() - _began) * 1000
    write_product(to_line(value, seq=_lines_written, t_ms=t_ms))


def write_result(outcome: Outcome) -> None:
    """The last line of a turn."""
    write_line(
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


def write_done(exit_code: int = 0, status: Status = "done", files: tuple[str, ...] = ()) -> None:
    """The last line of a command that is no turn; `files` in text form."""
    write_line(facts.Result(exit_code, status, files))


def write_error_result(error: SparkError) -> None:
    """The last line of a command that ended with an error."""
    status: Status = "failed"
    if error.exit_code in (2, 130):
        status = "usage" if error.exit_code == 2 else "interrupted"
    write_line(facts.Result(error.exit_code, status, error=failed_event(error)))


def failed_event(error: SparkError) -> facts.Failed:
    return facts.Failed(error.code, error.exit_code, error.title, error.detail, error.next_step)
