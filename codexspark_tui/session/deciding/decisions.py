"""What a decision does: review, workspace, drafts, and the events that tell of it.

All writing goes through one thread, and a write that has begun is finished before anything else is
done, also when the task that waits for it is cancelled. A file that has moved on since a change was
placed makes its pending changes stale; they are placed anew on the text as it is now.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeAlias, TypeVar, assert_never

from codexspark_tui.errors import SparkError
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.patch.model import Missing, ResolvedRename
from codexspark_tui.patch.render import render
from codexspark_tui.patch.rewrite import render_proposed
from codexspark_tui.session.deciding import handwork
from codexspark_tui.session.deciding.anew import followed, moved_on, place_anew
from codexspark_tui.session.judging import beside, judged
from codexspark_tui.session.placing.desk import Stuck
from codexspark_tui.session.review import UNDECIDED, Barred, Change, broken, kept_back
from codexspark_tui.session.turn import Turn, moved_event
from codexspark_tui.workspace import (
    Declined,
    DeclinedState,
    Receipt,
    Refused,
    TurnInfo,
    UndoReport,
    Workspace,
    oddities,
)

T = TypeVar("T")
Deciding: TypeAlias = (
    commands.Decide
    | commands.PlaceAt
    | commands.Split
    | commands.Edit
    | commands.Propose
    | commands.Reopen
    | commands.Undo
    | commands.Redo
    | commands.Answer
)
WRITE_QUESTION = "write-unusual"


class Decisions:
    """Carries out decisions of one session; `session` names its turns in the ledger, `provider`
    is who answers now."""

    def __init__(self, workspace: Workspace, session: str, provider: str) -> None:
        self._workspace = workspace
        self._session = session
        self.provider = provider
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="spark-writer")
        self._written: dict[str, str] = {}
        self._usual: set[str] = set()
        self._held: tuple[commands.Decide, dict[str, str]] | None = None

    def close(self) -> None:
        """Wait for a write that has begun."""
        self._writer.shutdown(wait=True)

    async def recover(self) -> list[Event]:
        """Settle what an interrupted write has left, and tell it."""
        try:
            said = await self._write(self._workspace.recover)
        except SparkError as error:
            return [facts.Notice(_said(error), "warning")]
        return [facts.Notice(sentence, "warning") for sentence in said]

    async def carry_out(self, command: Deciding, turn: Turn | None) -> list[Event]:
        """Do it and tell what happened. A problem is an event, never an exception."""
        if isinstance(command, commands.Undo | commands.Redo):
            return await self._undo(command, turn)
        if isinstance(command, commands.Decide) and not command.choices:
            return [facts.DecisionRefused((), "no change was named")]
        if turn is None:
            return [facts.DecisionRefused(ids_of(command), "there is nothing to decide")]
        match command:
            case commands.Decide(verdict="accept"):
                return await self._accept(turn, command)
            case commands.Answer():
                return await self._answer(turn, command)
            case commands.Decide():
                return _reject(turn, command)
            case commands.Reopen():
                return await judged(turn, _reopen, turn, command)
            case commands.PlaceAt():
                return await judged(turn, handwork.place_at, turn, command)
            case commands.Split():
                return await judged(turn, handwork.split_change, turn, command)
            case commands.Edit():
                return await judged(turn, handwork.edit, turn, command)
            case commands.Propose():
                return await beside(handwork.added, turn, command.patch, command.author)
            case _:
                assert_never(command)

    async def _accept(self, turn: Turn, command: commands.Decide) -> list[Event]:
        chosen = turn.review.to_accept(command.choices)
        if isinstance(chosen, Barred):
            return [facts.DecisionRefused(chosen.changes, chosen.why)]
        ids = tuple(change.id for change in chosen)
        asked = await self._ask(chosen, command)
        if asked:
            return asked
        accepted = turn.desk.accepted(chosen)
        if isinstance(accepted, Stuck):
            return [facts.DecisionRefused((accepted.change,), accepted.why)]
        try:
            done = await self._write(lambda: self._workspace.commit(self._info(turn), accepted))
        except SparkError as error:
            return [facts.DecisionRefused(ids, _said(error))]
        if isinstance(done, Refused):
            return await judged(turn, _refused, turn, ids, done)
        return await judged(turn, self._told, turn, chosen, done)

    async def _ask(self, chosen: list[Change], command: commands.Decide) -> list[Event]:
        """The question that comes first where a file is seldom meant; empty: there is none."""
        named = [path for change in chosen for path in _names_of(change)]
        paths = [path for path in dict.fromkeys(named) if path not in self._usual]
        if not paths:
            return []
        found = await self._write(lambda: self._workspace.unusual(paths))
        self._usual.update(path for path in paths if path not in found)
        if not found:
            return []
        self._held = command, found
        said = "; ".join(f"{path_text(path)}: {why}" for path, why in found.items())
        options = ("write it all the same", "leave it as it is")
        return [facts.Asked(WRITE_QUESTION, said, options)]

    async def _answer(self, turn: Turn, answer: commands.Answer) -> list[Event]:
        if self._held is None:
            return [facts.Notice("there is nothing to answer", "warning")]
        (command, found), self._held = self._held, None
        if answer.choice == 0:
            self._usual.update(found)
            return await self._accept(turn, command)
        if answer.choice is None:
            why = "; ".join(found.values())
            return [facts.DecisionRefused(ids_of(command), f"not written without asking: {why}")]
        left = {c.id for c in turn.review.changes.values() if set(_names_of(c)) & set(found)}
        fallen = tuple(choice for choice in command.choices if choice.change in left)
        events = _reject(turn, commands.Decide(fallen, "reject", "; ".join(found.values())))
        gone = {e.change for e in events if isinstance(e, facts.ChangeDecided)}
        rest = tuple(choice for choice in command.choices if choice.change not in gone)
        return events + (await self._accept(turn, commands.Decide(rest, "accept")) if rest else [])

    def _told(self, turn: Turn, changes: list[Change], receipt: Receipt) -> list[Event]:
        entries = dict(receipt.changes)
        turn.entry = str(receipt.turn)
        events: list[Event] = []
        for change in changes:
            entry = entries[change.id]
            self._written[entry] = change.id
            turn.review.update(change.id, state="written", entry=entry)
            events.append(facts.ChangeDecided(change.id, "written", entry=entry))
        for file in receipt.files:
            events.append(facts.FileWritten(path_text(file.path), file.deleted))
        events += [facts.Notice(why, "warning") for why in oddities(receipt)]
        turn.desk.written(changes, receipt.files)
        return events + followed(turn, changes, receipt)

    async def _undo(self, command: commands.Undo | commands.Redo, turn: Turn | None) -> list[Event]:
        undo = isinstance(command, commands.Undo)
        act = self._workspace.undo if undo else self._workspace.redo
        try:
            report = await self._write(lambda: act(command.what or None))
        except SparkError as error:
            return [facts.Notice(_said(error), "warning")]
        events = self._turned(report, turn, undo)
        if report.nothing_to_do:
            events.append(facts.Notice(f"there is nothing to {'undo' if undo else 'redo'}"))
        if turn is not None:
            paths = [file.path for file in report.files]
            events += await judged(turn, moved_on, turn, paths)
        return events

    def _turned(self, report: UndoReport, turn: Turn | None, undo: bool) -> list[Event]:
        state: facts.State = "undone" if undo else "written"
        events: list[Event] = []
        for done in report.undone:
            id = self._written.get(done.selector, "") or _id_of(turn, done.selector)
            if turn is not None and id in turn.review.changes:
                change = turn.review.update(id, state=state)
                (turn.desk.unwritten if undo else turn.desk.rewritten)(change)
            events.append(facts.ChangeUndone(done.selector, path_text(done.path), state, id))
        for conflict in report.conflicts:
            path = path_text(conflict.path)
            events.append(facts.UndoConflict(conflict.change, path, conflict.why, conflict.patch))
        for file in report.files:
            events.append(facts.FileWritten(path_text(file.path), file.deleted))
        return events + [facts.Notice(why, "warning") for why in oddities(report)]

    def remember(self, turn: Turn) -> None:
        """Have the turn's declined changes kept beside the written ones, behind its writes."""
        found = tuple(
            _declined(change)
            for change in turn.review.changes.values()
            if _is_declined(change) or _is_left_out(change, turn)
        )
        if found or turn.entry:
            self._writer.submit(self._note, self._info(turn), found)

    def _note(self, info: TurnInfo, declined: tuple[Declined, ...]) -> None:
        """A record that cannot be kept stops nothing: the transcript has it, too."""
        with suppress(SparkError):
            self._workspace.note_declined(info, declined)

    def _info(self, turn: Turn) -> TurnInfo:
        key = f"{self._session}.{turn.number}"
        return TurnInfo(key, turn.prompt, self.provider, turn.model)

    async def _write(self, act: Callable[[], T]) -> T:
        """Run in the writer thread; a cancelled wait still lets the write end first."""
        task = asyncio.get_running_loop().run_in_executor(self._writer, act)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.gather(task, return_exceptions=True)
            raise


def _id_of(turn: Turn | None, entry: str) -> str:
    """The change that was written by an earlier run of this session."""
    changes = turn.review.changes.values() if turn is not None else ()
    return next((change.id for change in changes if change.entry == entry), "")


def _names_of(change: Change) -> tuple[str, ...]:
    resolved = change.resolved
    return (change.path, resolved.to) if isinstance(resolved, ResolvedRename) else (change.path,)


def _is_declined(change: Change) -> bool:
    already = isinstance(change.placement, Missing) and change.placement.already
    return change.state in ("rejected", "refused", "stale") and not already


def _is_left_out(change: Change, turn: Turn) -> bool:
    """Open, beside what was written: a plan passes over what breaks a guard."""
    return change.state == "placed" and bool(change.findings and turn.entry)


def _declined(change: Change) -> Declined:
    why = change.reason
    if not why and isinstance(change.placement, Missing):
        why = change.placement.why
    state = _state_of(change)
    if state == "kept_back":
        why = broken(change.findings)
    try:
        os.fsencode(change.path)
    except UnicodeEncodeError:  # no file can have this name
        path = change.path.encode("utf-8", "replace").decode()
        return Declined(change.id, path, state, why)
    patch = ""
    if change.resolved is not None:
        patch = render([change.resolved])
    elif change.proposed is not None:
        patch = render_proposed([change.proposed])
    return Declined(change.id, change.path, state, why, patch)


def _state_of(change: Change) -> DeclinedState:
    if change.state == "placed" or (change.reason and change.reason == kept_back(change.findings)):
        return "kept_back"
    assert change.state in ("rejected", "refused", "stale")
    return change.state


def ids_of(command: Deciding) -> tuple[str, ...]:
    """The changes that a decision is about."""
    match command:
        case commands.Decide():
            return tuple(choice.change for choice in command.choices)
        case commands.PlaceAt() | commands.Reopen():
            return (command.change,)
        case commands.Split() | commands.Edit():
            return (command.choice.change,)
        case commands.Undo() | commands.Redo() | commands.Answer() | commands.Propose():
            return ()
        case _:
            assert_never(command)


def _said(error: SparkError) -> str:
    return ". ".join(
        part.rstrip(".") for part in (error.title, error.detail, error.next_step) if part
    )


def _refused(turn: Turn, ids: tuple[str, ...], refused: Refused) -> list[Event]:
    why = "; ".join(dict.fromkeys(f"{path_text(p.path)}: {p.why}" for p in refused.problems))
    moved = moved_on(turn, (problem.path for problem in refused.problems))
    return [*moved, facts.DecisionRefused(ids, why)]


def _reject(turn: Turn, command: commands.Decide) -> list[Event]:
    fallen = turn.review.to_reject(command.choices)
    if isinstance(fallen, Barred):
        return [facts.DecisionRefused(fallen.changes, fallen.why)]
    chosen = {choice.change for choice in command.choices}
    gone = {change.id for change in fallen}
    events: list[Event] = []
    for change in fallen:
        reason = kept_back(change.findings) if command.by_plan else command.reason
        if change.id not in chosen:
            needed = ", ".join(id for id in change.needs if id in gone)
            reason = f"needs {needed}, which was rejected"
        turn.review.update(change.id, state="rejected", reason=reason)
        events.append(facts.ChangeDecided(change.id, "rejected", reason))
    return events


def _reopen(turn: Turn, command: commands.Reopen) -> list[Event]:
    change = turn.review.changes.get(command.change)
    if change is None or change.state not in ("rejected", "stale"):
        why = "only a rejected or a stale change can be reopened"
        return [facts.DecisionRefused((command.change,), why)]
    obstacle = turn.review.obstacle(change)
    if obstacle:
        return [
            facts.DecisionRefused((change.id,), f"{change.id} stays {change.state}: {obstacle}")
        ]
    bound = [one for one in turn.review.bound_to(change) if one.state in ("rejected", "stale")]
    events = moved_on(turn, [change.path])
    for one in (*bound, change):
        events += _reopened(turn, turn.review.changes[one.id])
    return events


def _reopened(turn: Turn, change: Change) -> list[Event]:
    if change.state in UNDECIDED - {"stale"}:
        return []
    if turn.desk.still_placed(change):
        return [moved_event(turn.review.restore(change.id))]
    return place_anew(turn, change)
