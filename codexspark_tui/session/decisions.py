"""What a decision does: review, workspace, drafts, and the events that tell of it.

All writing goes through one thread, and a write that has begun is finished before anything else is
done, also when the task that waits for it is cancelled. A file that has moved on since a change was
placed makes its pending changes stale; they are placed anew on the text as it is now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeAlias, TypeVar, assert_never

from codexspark_tui.errors import SparkError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.patch import split
from codexspark_tui.patch.model import Hunk, Missing, Placed, ResolvedHunk
from codexspark_tui.session.desk import Outcome, Stuck, candidates_of
from codexspark_tui.session.drafts import digest_of
from codexspark_tui.session.edited import edited_hunk
from codexspark_tui.session.review import Barred, Change
from codexspark_tui.session.turn import Turn, moved_event
from codexspark_tui.workspace import Receipt, Refused, TurnInfo, UndoReport, Workspace

T = TypeVar("T")
Deciding: TypeAlias = (
    commands.Decide
    | commands.PlaceAt
    | commands.Split
    | commands.Edit
    | commands.Reopen
    | commands.Undo
    | commands.Redo
)


class Decisions:
    """Carries out decisions of one session; `session` names its turns in the ledger."""

    def __init__(self, workspace: Workspace, session: str, provider: str) -> None:
        self._workspace = workspace
        self._session = session
        self._provider = provider
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="spark-writer")

    async def aclose(self) -> None:
        self._writer.shutdown(wait=True)

    async def carry_out(self, command: Deciding, turn: Turn | None) -> list[Event]:
        """Do it and tell what happened. A problem is an event, never an exception."""
        if isinstance(command, commands.Undo | commands.Redo):
            return await self._undo(command, turn)
        if turn is None:
            return [facts.Notice("there is nothing to decide", "warning")]
        match command:
            case commands.Decide(verdict="accept"):
                return await self._accept(turn, command)
            case commands.Decide():
                return _reject(turn, command)
            case commands.PlaceAt():
                return _place_at(turn, command)
            case commands.Split():
                return _split(turn, command)
            case commands.Edit():
                return _edit(turn, command)
            case commands.Reopen():
                return _reopen(turn, command)
            case _:
                assert_never(command)

    async def _accept(self, turn: Turn, command: commands.Decide) -> list[Event]:
        chosen = turn.review.to_accept(command.choices)
        if isinstance(chosen, Barred):
            return [facts.DecisionRefused(chosen.changes, chosen.why)]
        ids = tuple(change.id for change in chosen)
        accepted = turn.desk.accepted(chosen)
        if isinstance(accepted, Stuck):
            return [facts.DecisionRefused((accepted.change,), accepted.why)]
        info = TurnInfo(f"{self._session}.{turn.number}", turn.prompt, self._provider, turn.model)
        try:
            done = await self._write(lambda: self._workspace.commit(info, accepted))
        except SparkError as error:
            said = " ".join(filter(None, (error.title, error.detail, error.next_step)))
            return [facts.DecisionRefused(ids, said)]
        if isinstance(done, Refused):
            return self._refused(turn, ids, done)
        return _written(turn, chosen, done)

    def _refused(self, turn: Turn, ids: tuple[str, ...], refused: Refused) -> list[Event]:
        why = "; ".join(dict.fromkeys(problem.why for problem in refused.problems))
        events: list[Event] = [facts.DecisionRefused(ids, why)]
        return events + self._moved_on(turn, {problem.path for problem in refused.problems})

    def _moved_on(self, turn: Turn, paths: Iterable[str]) -> list[Event]:
        """Place the pending changes of these files anew, where the file is not as we know it."""
        events: list[Event] = []
        for path in sorted(set(paths)):
            draft = turn.desk.drafts.get(path)
            if draft is None or self._digest(path) == draft.disk_digest:
                continue
            turn.desk.forget(path)
            for change in turn.review.pending_in([path]):
                events += _place_anew(turn, change)
        return events

    def _digest(self, path: str) -> str:
        try:
            return self._workspace.read(path).digest
        except SparkError:
            return ""

    async def _undo(self, command: commands.Undo | commands.Redo, turn: Turn | None) -> list[Event]:
        undo = isinstance(command, commands.Undo)
        act = self._workspace.undo if undo else self._workspace.redo
        try:
            report = await self._write(lambda: act(command.what or None))
        except SparkError as error:
            return [facts.Notice(" ".join(filter(None, (error.title, error.next_step))), "warning")]
        events = _undo_events(report, turn, "undone" if undo else "written")
        if report.nothing_to_do:
            events.append(facts.Notice(f"there is nothing to {'undo' if undo else 'redo'}"))
        if turn is not None:
            events += self._moved_on(turn, [file.path for file in report.files])
        return events

    async def _write(self, act: Callable[[], T]) -> T:
        """Run in the writer thread; a cancelled wait still lets the write end first."""
        task = asyncio.get_running_loop().run_in_executor(self._writer, act)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.gather(task, return_exceptions=True)
            raise


def _written(turn: Turn, changes: list[Change], receipt: Receipt) -> list[Event]:
    entries = dict(receipt.changes)
    turn.entry = str(receipt.turn)
    turn.desk.written(changes, {f.path: f.digest_after for f in receipt.files})
    events: list[Event] = []
    for change in changes:
        entry = entries.get(change.id, "")
        turn.review.update(change.id, state="written", entry=entry)
        events.append(facts.ChangeDecided(change.id, "written", entry=entry))
    for file in receipt.files:
        events.append(facts.FileWritten(path_text(file.path), file.deleted))
    return events


def _undo_events(report: UndoReport, turn: Turn | None, state: facts.State) -> list[Event]:
    events: list[Event] = []
    for done in report.undone:
        change = turn.review.by_entry(done.selector) if turn else None
        if change is not None and turn is not None:
            turn.review.update(change.id, state=state)
        id = change.id if change else ""
        events.append(facts.ChangeUndone(done.selector, path_text(done.path), state, id))
    for conflict in report.conflicts:
        path = path_text(conflict.path)
        events.append(facts.UndoConflict(conflict.change, path, conflict.why, conflict.patch))
    for file in report.files:
        events.append(facts.FileWritten(path_text(file.path), file.deleted))
    return events


def _reject(turn: Turn, command: commands.Decide) -> list[Event]:
    fallen = turn.review.to_reject(command.choices)
    if isinstance(fallen, Barred):
        return [facts.DecisionRefused(fallen.changes, fallen.why)]
    chosen = {choice.change for choice in command.choices}
    events: list[Event] = []
    for change in fallen:
        reason = command.reason
        if change.id not in chosen:
            reason = f"needs {', '.join(change.needs)}, which was rejected"
        turn.review.update(change.id, state="rejected", reason=reason)
        events.append(facts.ChangeDecided(change.id, "rejected", reason))
    return events


def _reopen(turn: Turn, command: commands.Reopen) -> list[Event]:
    change = turn.review.changes.get(command.change)
    if change is None or change.state != "rejected":
        return [facts.DecisionRefused((command.change,), "only a rejected change can be reopened")]
    draft = turn.desk.drafts.get(change.path)
    same_text = draft is None or (
        isinstance(change.resolved, ResolvedHunk)
        and change.digest == digest_of(change.resolved, draft.base_digest)
    )
    if change.placement is None or not same_text:
        return _place_anew(turn, change)
    outcome = Outcome(change.placement, change.resolved, change.digest, change.needs)
    return [moved_event(turn.note_placement(change.id, outcome))]


def _place_anew(turn: Turn, change: Change) -> list[Event]:
    if change.proposed is None:
        return []
    outcome = turn.desk.place(change.id, change.proposed)
    placed = turn.note_placement(change.id, outcome)
    if isinstance(outcome.placement, Missing):
        turn.review.update(change.id, state="stale")
        why = f"the file has moved on: {outcome.placement.why}"
        return [facts.ChangeStale(change.id, why)]
    return [moved_event(placed)]


def _place_at(turn: Turn, command: commands.PlaceAt) -> list[Event]:
    change = turn.review.changes.get(command.change)
    offered = candidates_of(change.placement) if change else ()
    hunk = change.proposed if change else None
    if not isinstance(hunk, Hunk) or not 0 <= command.candidate < len(offered):
        return [facts.DecisionRefused((command.change,), "there is no such place to choose")]
    outcome = turn.desk.place_at(hunk, offered[command.candidate])
    return [moved_event(turn.note_placement(command.change, outcome))]


def _resolved_hunk(turn: Turn, choice: commands.Choice) -> ResolvedHunk | Barred:
    checked = turn.review.to_accept([choice])
    if isinstance(checked, Barred):
        return checked
    resolved = turn.review.changes[choice.change].resolved
    if not isinstance(resolved, ResolvedHunk):
        return Barred((choice.change,), "only a hunk can be split or edited")
    return resolved


def _split(turn: Turn, command: commands.Split) -> list[Event]:
    whole = _resolved_hunk(turn, command.choice)
    if isinstance(whole, Barred):
        return [facts.DecisionRefused(whole.changes, whole.why)]
    parts = split(whole)
    change = turn.review.changes[command.choice.change]
    if len(parts) < 2:
        return [facts.DecisionRefused((change.id,), "this hunk cannot be split further")]
    turn.review.remove(change.id)
    opened = [_part(turn, change, part) for part in parts]
    ids = tuple(c.id for c in opened)
    events: list[Event] = [facts.ChangeSplit(change.id, ids)]
    for part_change in opened:
        events += _opened_and_closed(part_change)
    return events


def _part(turn: Turn, whole: Change, part: ResolvedHunk) -> Change:
    digest = digest_of(part, turn.desk.drafts[whole.path].base_digest)
    placement = Placed(max(0, part.old_start - 1), "split")
    hunk = Hunk(part.path, part.lines)
    change = replace(
        whole,
        id=turn.new_id(),
        proposed=hunk,
        placement=placement,
        resolved=part,
        digest=digest,
    )
    return turn.review.add(change)


def _opened_and_closed(change: Change) -> list[Event]:
    opened = facts.ChangeOpened(
        change.id, change.kind, path_text(change.path), change.needs, change.note, change.optional
    )
    moved = moved_event(change)
    closed = facts.ChangeClosed(
        change.id, change.state, moved.placement, change.digest, moved.resolved
    )
    return [opened, closed]


def _edit(turn: Turn, command: commands.Edit) -> list[Event]:
    whole = _resolved_hunk(turn, command.choice)
    if isinstance(whole, Barred):
        return [facts.DecisionRefused(whole.changes, whole.why)]
    made = edited_hunk(whole, command.text)
    id = command.choice.change
    if isinstance(made, str):
        return [facts.DecisionRefused((id,), made)]
    change = turn.review.changes[id]
    assert change.placement is not None
    digest = digest_of(made, turn.desk.drafts[change.path].base_digest)
    outcome = Outcome(change.placement, made, digest, change.needs)
    return [moved_event(turn.note_placement(id, outcome))]
