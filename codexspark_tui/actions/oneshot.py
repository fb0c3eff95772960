"""One turn without a screen: send a prompt, follow the events, decide by a plan, tell the outcome.

Whole or part: without `partial`, one change that cannot be placed means that nothing is printed and
nothing is written. Changes that are only offered are left out unless the plan takes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeAlias

from codexspark_tui.actions.rejects import rejects
from codexspark_tui.actions.tally import Seen, Tally
from codexspark_tui.counts import count
from codexspark_tui.errors import NeedsAnswer, NotPlaced, SparkError, UsageError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.needs import fallen_with
from codexspark_tui.events.visible import visible_line
from codexspark_tui.patch import render
from codexspark_tui.patch.encodings import written_in
from codexspark_tui.patch.model import Resolved, ResolvedRename
from codexspark_tui.session.approvals import TOOL_QUESTION
from codexspark_tui.session.deciding.decisions import WRITE_QUESTION
from codexspark_tui.session.session import Session
from codexspark_tui.setting_list import SETTINGS

Status: TypeAlias = Literal["done", "nothing", "partial", "usage", "failed", "interrupted"]
Mode: TypeAlias = Literal["print", "check", "write"]
Choices: TypeAlias = tuple[commands.Choice, ...]
MOST_TRIES = 20  # of one decision, while others write to the same files


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of the changes. `offered`: also take those that are only offered.

    `of_patch`: the text is meant to be a patch, so text without any is an error.
    """

    mode: Mode
    partial: bool = False
    offered: bool = False
    of_patch: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended. `resolved`: the chosen changes; `problems`: (where, why) of those left out.

    `rejects`: those left out because they have no place, as a patch to mend by hand.
    `encodings`: by path, those of the files that are not UTF-8.

    `error` is set where the exit code stands for one; faces print it and nothing else of it.
    """

    exit_code: int
    status: Status
    resolved: tuple[Resolved, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    accepted: int = 0
    rejected: int = 0
    refused: int = 0
    offered: int = 0
    entry: str = ""
    written: tuple[str, ...] = ()
    error: SparkError | None = None
    rejects: str = ""
    encodings: Mapping[str, str] = field(default_factory=dict)

    @property
    def patch(self) -> str:
        """The chosen changes as git prints them: the lines of a file in its own encoding."""
        return render(
            [written_in(one, self.encodings.get(one.path, "utf-8")) for one in self.resolved]
        )

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of the chosen changes; of a rename the old one and the new one."""
        named = [
            path
            for change in self.resolved
            for path in (
                (change.path, change.to) if isinstance(change, ResolvedRename) else (change.path,)
            )
        ]
        return tuple(dict.fromkeys(named))


class Face(Protocol):
    """Who shows a turn."""

    def show(self, event: Event) -> None: ...

    async def ask(self, asked: facts.Asked) -> int | None:
        """The index of the person's choice; None where nobody can be asked."""
        ...


class Picker(Protocol):
    """A person who decides change by change, while later ones still stream.

    `note` is given every event; it sends commands by itself, and `Close` when it is done. `taken`
    are the ids of the changes that were taken; without `writes`, `chosen` are those changes.
    """

    writes: bool

    @property
    def taken(self) -> frozenset[str]: ...

    def note(self, event: Event) -> None: ...

    def chosen(self) -> list[Resolved]: ...

    async def finish(self) -> None: ...


async def run_turn(
    session: Session, prompt: commands.Prompt, plan: Plan, face: Face, picker: Picker | None = None
) -> Outcome:
    """Run one turn to its end and close the session."""
    tally = Tally()
    asked: facts.Asked | None = None
    sent: list[Choices] = []
    session.send(prompt)
    try:
        async with aclosing(session.events()) as events:
            async for event in events:
                tally.note(event)
                face.show(event)
                if picker is not None:
                    picker.note(event)
                if isinstance(event, facts.Asked):
                    asked = event
                    choice = await face.ask(event)
                    session.send(commands.Answer(event.question, choice))
                    asked = event if choice is None else None
                elif isinstance(event, facts.StreamFinished) and picker is None:
                    _decide(session, tally, plan, sent)
                elif picker is None and _may_try_again(event, tally, plan, sent):
                    tally.refusals.clear()
                    _decide(session, tally, plan, sent)
                elif isinstance(event, facts.TurnEnded) or (picker is None and _is_end(event)):
                    session.send(commands.Close())
    finally:
        if picker is not None:
            await picker.finish()
    if asked is not None and (tally.failed is None or tally.failed.exit_code == 2):
        return _unanswered(asked)
    return picked_outcome(tally, picker, plan) if picker else outcome_of(tally, plan)


def _is_end(event: Event) -> bool:
    """Whether the one decision of a plan has come to its end."""
    written = isinstance(event, facts.ChangeDecided) and event.state == "written"
    return written or isinstance(event, facts.DecisionRefused)


def _may_try_again(event: Event, tally: Tally, plan: Plan, sent: list[Choices]) -> bool:
    """Whether a decision was refused because a file has moved on, and all was placed anew."""
    if not isinstance(event, facts.DecisionRefused) or not 0 < len(sent) <= MOST_TRIES:
        return False
    return _choices(tally, plan) not in (*sent, ())


def _decide(session: Session, tally: Tally, plan: Plan, sent: list[Choices]) -> None:
    choices = _choices(tally, plan)
    if choices:
        sent.append(choices)
        session.send(commands.Decide(choices, "accept"))
    else:
        session.send(commands.Close())


def _choices(tally: Tally, plan: Plan) -> Choices:
    """What the plan accepts of the changes as they are placed now; empty: it writes nothing."""
    chosen = _wanted(tally, plan)
    whole = tally.failed is None and not tally.truncated and not _obstacles(tally, plan)
    if plan.mode != "write" or not (plan.partial or whole):
        return ()
    return tuple(seen.choice for seen in chosen)


def _wanted(tally: Tally, plan: Plan) -> list[Seen]:
    """Without those that break a guard, and those that cannot do without such a one."""
    changes = tally.changes
    guarded = [seen.id for seen in changes.values() if seen.findings]
    barred = fallen_with(guarded, changes, lambda id: changes[id].needs)
    found = [seen for seen in tally.in_state("placed", "written") if seen.id not in barred]
    return [seen for seen in found if plan.offered or not seen.optional]


def _obstacles(tally: Tally, plan: Plan) -> list[Seen]:
    """Changes that should be placed and are not, or break a guard."""
    wrong = [
        s
        for s in tally.changes.values()
        if s.state in ("ambiguous", "refused", "stale") or (s.state == "placed" and s.findings)
    ]
    left = [s for s in wrong if plan.offered or not s.optional]
    return [s for s in left if not (s.was_asked_again or s.is_repeated)]


def outcome_of(tally: Tally, plan: Plan) -> Outcome:
    """The outcome of a turn that was decided by a plan."""
    wanted, wrong = _wanted(tally, plan), _obstacles(tally, plan)
    rejected = tally.in_state("rejected")
    base = Outcome(
        0,
        "done",
        problems=tuple((s.where, s.why_not) for s in wrong),
        accepted=len(tally.in_state("written")),
        rejected=len(rejected),
        refused=len(wrong),
        offered=sum(s.optional for s in tally.changes.values()),
        entry=tally.entry,
        written=tuple(tally.written),
        rejects=rejects(wrong, tally.lines),
    )
    takes_part = plan.partial and bool(wanted)
    if tally.failed is not None:
        failure = _error_of(tally.failed)
        kept = _resolved(wanted) if plan.partial else ()
        status: Status = "usage" if failure.exit_code == UsageError.exit_code else "failed"
        return _with(base, failure.exit_code, status, kept, failure)
    if not tally.changes:
        if plan.of_patch and tally.prose:
            return _with(base, 5, "failed", error=_no_patch())
        return _with(base, 1, "nothing")
    if tally.refusals:
        return _with(base, 5, "failed", error=_refused_by_workspace(tally))
    if not wanted and wrong and all(s.is_there_already for s in wrong):
        return _with(base, 1, "nothing")
    if (wrong or tally.truncated) and not takes_part:
        return _with(base, 5, "failed", error=_not_placed(tally, wrong))
    if not wanted:
        return _with(base, 1, "nothing")
    partial = bool(wrong or rejected) or tally.truncated
    return _with(base, int(partial), "partial" if partial else "done", _resolved(wanted))


def picked_outcome(tally: Tally, picker: Picker, plan: Plan) -> Outcome:
    """The outcome of a turn that a person decided: 0 only when everything was taken."""
    failure = _error_of(tally.failed) if tally.failed is not None else None
    if not tally.changes:
        return outcome_of(tally, plan)
    written = tally.in_state("written")
    taken = _resolved(written) if picker.writes else tuple(picker.chosen())
    asked = [s for s in tally.changes.values() if not s.optional and not s.was_asked_again]
    left = [s for s in asked if s.id not in picker.taken]
    wrong = tally.in_state("refused", "ambiguous", "stale")
    wrong = [s for s in wrong if not s.was_asked_again]
    whole = bool(taken) and not left and not tally.truncated
    code = failure.exit_code if failure else 0 if whole else 1
    status: Status = "done" if whole else "partial" if taken else "nothing"
    return Outcome(
        code,
        "failed" if failure else status,
        taken,
        tuple((s.where, s.why_not) for s in wrong),
        accepted=len(taken),
        rejected=sum(s.state != "refused" and not s.optional for s in left),
        refused=sum(s.state == "refused" for s in wrong),
        offered=sum(s.optional for s in tally.changes.values()),
        entry=tally.entry,
        written=tuple(tally.written),
        error=failure,
        rejects=rejects(wrong, tally.lines),
    )


def _resolved(seen: list[Seen]) -> tuple[Resolved, ...]:
    return tuple(s.resolved for s in seen if s.resolved is not None)


def _with(
    base: Outcome,
    exit_code: int,
    status: Status,
    resolved: tuple[Resolved, ...] = (),
    error: SparkError | None = None,
) -> Outcome:
    return replace(base, exit_code=exit_code, status=status, resolved=resolved, error=error)


def _not_placed(tally: Tally, wrong: list[Seen]) -> SparkError:
    lines = [f"  {visible_line(s.where)}: {s.why_not}" for s in wrong[:20]]
    if len(wrong) > 20:
        lines.append(f"  … and {len(wrong) - 20} more")
    if tally.truncated:
        lines.append("  the patch breaks off before its end")
    total = len(tally.changes)
    guarded = sum(bool(s.findings) for s in wrong)
    breaks = "breaks a guard" if len(wrong) == 1 else "break a guard"
    what = "could not be placed" if not guarded else f"{breaks} or could not be placed"
    what = breaks if guarded == len(wrong) else what
    way = "Use --partial to take the changes that fit, or -i to look at each"
    return NotPlaced(
        f"{len(wrong)} of {count(total, 'change')} {what}, so nothing was written"
        if wrong
        else "the patch is not whole, so nothing was written",
        detail="\n".join(lines),
        next_step=f"{way}{_off(wrong)}.",
    )


def _off(wrong: list[Seen]) -> str:
    """How to do without guards that nobody asked for."""
    named = {f"guard_{found.rule}" for seen in wrong for found in seen.findings}
    known = sorted(named & {setting.key for setting in SETTINGS})
    off = " ".join(f"SPARK_{key.upper()}=off" for key in known)
    return f" ({off} does without)" if off else ""


def _no_patch() -> SparkError:
    return NotPlaced(
        "there is no patch in this text",
        next_step="Give it a unified diff, or the answer of a model that has one in it.",
    )


def _refused_by_workspace(tally: Tally) -> SparkError:
    return NotPlaced("nothing was written", detail="\n".join(f"  {w}" for w in tally.refusals))


def _error_of(failed: facts.Failed) -> SparkError:
    """The error that a `Failed` event tells of."""
    error = SparkError(failed.title, detail=failed.detail, next_step=failed.next_step)
    error.code, error.exit_code = failed.code, failed.exit_code
    return error


def _unanswered(asked: facts.Asked) -> Outcome:
    lines = [f"  {number}. {option}" for number, option in enumerate(asked.options, 1)]
    way = "Say where it is (… at PATH:LINE, or --at PATH:LINE), or run it in a terminal."
    if asked.question == WRITE_QUESTION:
        way = "To write it: --generated, or run it in a terminal."
    elif asked.question.startswith(TOOL_QUESTION):
        way = "Allow it with --approvals auto, or run it in a terminal."
    error = NeedsAnswer(asked.text, detail="\n".join(lines), next_step=way)
    return Outcome(2, "usage", error=error)


def decision(tally: Tally, plan: Plan) -> tuple[list[Seen], list[Seen]]:
    """The changes that the plan takes, and those that stand in the way of it."""
    return _wanted(tally, plan), _obstacles(tally, plan)


def error_of(failed: facts.Failed) -> SparkError:
    """The error that a `Failed` event tells of."""
    return _error_of(failed)


def not_placed(tally: Tally, wrong: list[Seen]) -> SparkError:
    """Why a turn wrote nothing, where something is in its way."""
    return _refused_by_workspace(tally) if tally.refusals else _not_placed(tally, wrong)
