"""Run a command, and while it fails let the model mend the code; each attempt is a turn.

    fix(session, workspace, request, face) → FixOutcome

True here: the command runs before the first prompt and after every attempt that wrote something.
It stops when the command passes, when an attempt changes nothing, when two in a row leave the
failure as it was, when an attempt makes it worse (then that attempt is undone), and at a limit.
What was written stays written otherwise, and each attempt can be undone by itself.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui.actions.fix_judge import Compared, Ran, compare
from codexspark_tui.actions.fix_prompt import NOT_WRITTEN, failure_of, line_of, prompt_for
from codexspark_tui.actions.oneshot import Face, Plan, decision, error_of, not_placed
from codexspark_tui.actions.tally import Tally
from codexspark_tui.actions.turn_run import MakePicker, TurnRunner
from codexspark_tui.counts import count
from codexspark_tui.errors import LimitReached, NotPlaced, SparkError, UsageError
from codexspark_tui.events import commands, facts, runs
from codexspark_tui.patch.model import Resolved
from codexspark_tui.reports import read
from codexspark_tui.sandbox import Finished, Output, RunEvent
from codexspark_tui.session.models import Allowance
from codexspark_tui.session.session import Session
from codexspark_tui.workspace import Workspace

FixEnd: TypeAlias = Literal[
    "green", "nothing", "same", "worse", "attempts", "cost", "time", "missing", "failed"
]
RunCommand: TypeAlias = Callable[[float | None], AsyncGenerator[RunEvent, None]]
Offline: TypeAlias = Callable[[Ran], commands.Prompt]


@dataclass(frozen=True, slots=True)
class FixRequest:
    """`run` runs the command for at most so many seconds; `confined` is by what (for the events).

    `max_cost_usd` and `timeout_s` are for all attempts together, 0 is no limit. `offline`: makes
    the prompt where no model but the codemods answer.
    """

    command: tuple[str, ...]
    run: RunCommand
    plan: Plan
    attempts: int = 3
    max_cost_usd: float = 0.0
    timeout_s: float = 0.0
    confined: str = "none"
    offline: Offline | None = None


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """`attempts`: how many were made; `turns`: the ledger's turns that stand; `undone`: one that
    was taken back. `left`: the first thing that is still wrong, as a line."""

    ended: FixEnd
    exit_code: int
    attempts: int = 0
    turns: tuple[str, ...] = ()
    undone: str = ""
    left: str = ""
    resolved: tuple[Resolved, ...] = ()
    error: SparkError | None = None


@dataclass(frozen=True, slots=True)
class FixSetting:
    """Where it happens: the folder of the command, the limits that the session's turns share, and
    with `make_picker` a person who decides on each change."""

    folder: Path
    allowance: Allowance
    make_picker: MakePicker | None = None


@dataclass(slots=True)
class _Fixing:
    session: Session
    workspace: Workspace
    request: FixRequest
    face: Face
    allowance: Allowance
    turns: TurnRunner
    began: float = field(default_factory=time.monotonic)
    runs: int = 0
    made: int = 0
    entries: list[str] = field(default_factory=list)
    resolved: list[Resolved] = field(default_factory=list)
    unplaced: SparkError | None = None

    # -- the command ---------------------------------------------------------------------------

    def left_s(self) -> float | None:
        if not self.request.timeout_s:
            return None
        return max(0.0, self.request.timeout_s - (time.monotonic() - self.began))

    async def ran(self) -> Ran:
        self.runs += 1
        name, request = f"r{self.runs}", self.request
        self.face.show(runs.RunStarted(name, request.command, request.confined))
        finished = Finished(1, "cancelled", 0.0, "")
        async with aclosing(request.run(self.left_s())) as events:
            async for event in events:
                if isinstance(event, Output):
                    self.face.show(runs.RunOutput(name, event.text))
                else:
                    finished = event
        code, ended = finished.exit_code, finished.ended
        seconds = round(finished.seconds, 3)
        self.face.show(runs.RunFinished(name, code, ended, seconds, why=finished.why))
        report = read(finished.view.encode())
        return Ran(code, ended, finished.view, report, finished.why)

    # -- an attempt ----------------------------------------------------------------------------

    async def attempt(self, prompt: commands.Prompt) -> Tally:
        """One turn, decided by the plan or by the person."""
        self.made += 1
        self._allow()
        return await self.turns.run(prompt)

    def _allow(self) -> None:
        """What is left of the limits is the limit of the next answer."""
        left, most = self.left_s(), self.request.max_cost_usd
        self.allowance.max_cost_usd = max(most - self.turns.cost_usd, 1e-9) if most else 0.0
        self.allowance.timeout_s = max(left, 0.001) if left is not None else 0.0
        self.allowance.set_cost_usd = most
        self.allowance.set_timeout_s = self.request.timeout_s

    # -- the loop ------------------------------------------------------------------------------

    async def run(self, folder: Path) -> FixOutcome:
        before = await self.ran()
        if before.is_green:
            return self._end("green")
        if before.ended == "missing":
            return self._end("missing", before)
        since: Compared | None = None
        unhelped = 0
        while (limit := self._limit(before)) is None:
            tally = await self.attempt(self._prompt(folder, before, since))
            if (ended := self._ended_by(tally)) is not None:
                return replace(self._end(ended, before), error=self._error(tally))
            if not tally.written:
                continue
            after = await self.ran()
            since = compare(before, after)
            if since == "green":
                return self._end("green")
            if since == "worse":
                return await self._taken_back(tally, before)
            unhelped = unhelped + 1 if since == "same" else 0
            before = after
            if unhelped == 2:
                return self._end("same", before)
        return self._end(limit, before)

    def _prompt(self, folder: Path, before: Ran, since: Compared | None) -> commands.Prompt:
        if self.request.offline is not None:
            return self.request.offline(before)
        failure = failure_of(self.workspace, folder, before)
        if self.unplaced is None:
            return prompt_for(self.request.command, failure, since)
        why = f"{self.unplaced.title}. {self.unplaced.detail}"
        return prompt_for(self.request.command, failure, note=f"{NOT_WRITTEN} {why}")

    def _limit(self, before: Ran) -> FixEnd | None:
        if before.ended == "time" or self.left_s() == 0.0:
            return "time"
        if self.request.max_cost_usd and self.turns.cost_usd >= self.request.max_cost_usd:
            return "cost"
        return "attempts" if self.made >= self.request.attempts else None

    def _ended_by(self, tally: Tally) -> FixEnd | None:
        """Why no further attempt follows this turn; None where one may."""
        _, wrong = decision(tally, self.request.plan)
        self.unplaced = None
        if tally.written:
            self.entries.append(tally.entry)
            self.resolved += [s.resolved for s in tally.in_state("written") if s.resolved]
        if tally.failed is not None:
            return "failed"
        if tally.written:
            return None
        wrong += [s for s in tally.in_state("rejected") if s.findings]  # by the plan, not a person
        if self.turns.make_picker is None and (wrong or tally.truncated or tally.refusals):
            self.unplaced = not_placed(tally, wrong)
            return None
        return "nothing"

    def _error(self, tally: Tally) -> SparkError | None:
        return error_of(tally.failed) if tally.failed is not None else None

    async def _taken_back(self, tally: Tally, before: Ran) -> FixOutcome:
        """Undo the attempt; where that cannot be done it stays, and is named with the others."""
        entry, left = tally.entry, len(tally.in_state("written"))
        self.session.send(commands.Undo(entry))
        async for event in self.turns.events:
            self.face.show(event)
            if isinstance(event, facts.UndoConflict | facts.Notice):
                return self._end("worse", before)
            left -= isinstance(event, facts.ChangeUndone)
            if not left:
                break
        self.entries.remove(entry)
        gone = [seen for seen in tally.in_state("written") if seen.resolved]
        self.resolved = self.resolved[: len(self.resolved) - len(gone)]
        return replace(self._end("worse", before), undone=entry)

    def _end(self, ended: FixEnd, before: Ran | None = None) -> FixOutcome:
        left = ""
        if before is not None:
            found = before.report.findings
            left = line_of(found[0]) if found else before.why
        turns = tuple(self.entries)
        error: SparkError | None = None
        code = _CODES[ended]
        if ended in ("attempts", "cost", "time"):
            error = LimitReached(
                _LIMITS[ended].format(made=count(self.made, "attempt")), detail=f"  {left}"
            )
            if self.unplaced is not None and not turns:
                error, code = self.unplaced, NotPlaced.exit_code
        if ended == "missing":
            command = self.request.command[0]
            why = before.why if before is not None else ""
            error = UsageError(f"{command}: {why}", next_step="Give a command that can be run.")
        return FixOutcome(ended, code, self.made, turns, "", left, tuple(self.resolved), error)


_CODES: dict[FixEnd, int] = {
    **dict.fromkeys(("nothing", "same", "worse"), 1),
    **dict.fromkeys(("attempts", "cost", "time"), 6),
    "green": 0,
    "missing": 2,
    "failed": 3,
}
_LIMITS: dict[str, str] = {
    "attempts": "the command still fails after {made}",
    "cost": "the command still fails, and the limit on cost was reached",
    "time": "the command still fails, and the time was up",
}


async def fix(
    session: Session,
    workspace: Workspace,
    request: FixRequest,
    face: Face,
    setting: FixSetting,
) -> FixOutcome:
    """Run it to its end and close the session; cancelling it ends the command, too."""
    async with aclosing(session.events()) as events:
        turns = TurnRunner(session, face, request.plan, events, setting.make_picker)
        fixing = _Fixing(session, workspace, request, face, setting.allowance, turns)
        outcome = await fixing.run(setting.folder)
    if outcome.error is not None and outcome.ended == "failed":
        return replace(outcome, exit_code=outcome.error.exit_code)
    return outcome
