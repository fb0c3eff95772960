"""Recorded batches, carried out under the lock of the workspace.

True here: a batch is in the ledger before the first file is touched; what an earlier one left
half done is settled before a new one begins; what stops a batch in the middle takes it back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from codexspark_tui.errors import PathRefused, WriteFailed
from codexspark_tui.workspace import lock, writer
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.plan import Plan, Written
from codexspark_tui.workspace.reverse import Turned
from codexspark_tui.workspace.rows import NewChange, Pending, Record, Verb
from codexspark_tui.workspace.steps import Step
from codexspark_tui.workspace.tree import Tree
from codexspark_tui.workspace.upkeep import repair
from codexspark_tui.workspace.values import (
    Accepted,
    FileWritten,
    Problem,
    Receipt,
    Refused,
    TurnInfo,
    UndoReport,
)


@dataclass(frozen=True, slots=True)
class Batches:
    """The ledger and the tree that its batches are written to."""

    ledger: Ledger
    tree: Tree

    @contextmanager
    def locked(self, said: list[str] | None = None) -> Iterator[None]:
        """Hold the workspace; what an earlier write left pending is settled first."""
        try:
            self.ledger.make()
            with lock.held(self.ledger.folder / "lock"):
                for pending in self.ledger.pending():
                    sentence = self._settle(pending)
                    if said is not None:
                        said.append(sentence)
                yield
        except OSError as error:
            raise write_failed(error) from error

    def repair(self) -> list[str]:
        """What `upkeep.repair` does, with the workspace held; then what was interrupted."""
        if not self.ledger.exists():
            return []
        try:
            with lock.held(self.ledger.folder / "lock"):
                said = repair(self.ledger)
            if self.ledger.exists() and self.ledger.pending():
                with self.locked(said):
                    pass
        except OSError as error:
            raise write_failed(error) from error
        return said

    def _settle(self, pending: Pending) -> str:
        settled = writer.settle(self.tree, pending.steps, pending.token)
        files = len(pending.steps)
        what = f"An interrupted {_WORDS[pending.verb]} of {files} file{'s' * (files != 1)}"
        if settled.written:
            self.ledger.settle(pending.id)
            how = "was finished"
        else:
            self.ledger.forget(pending.id)
            how = "was taken back"
        kept = ", ".join(repr(path) for path in settled.other)
        return f"{what} {how}." + (f" Changed since, so left alone: {kept}." if kept else "")

    def commit(self, turn: TurnInfo, planned: Plan) -> Receipt | Refused:
        """Inside the lock: write a plan, unless its files have moved on since."""
        accepted = [written.accepted for written in planned.written]
        moved = [s.path for s in planned.steps if writer.standing(self.tree, s) != "before"]
        if moved:
            return Refused(_all_moved(accepted, moved))
        token = os.urandom(8).hex()
        changes = [_new_change(written) for written in planned.written]
        batch, number, numbers = self.ledger.record_commit(token, planned.steps, turn, changes)
        try:
            disturbed = self._write(Pending(batch, "commit", token, planned.steps))
        except writer.Moved as error:
            return Refused(_all_moved(accepted, [error.path]))
        except PathRefused as error:
            return Refused(
                tuple(Problem(a.change_id, a.resolved.path, error.title) for a in accepted)
            )
        names = tuple(
            (a.change_id, f"{number}.{n}") for a, n in zip(accepted, numbers, strict=True)
        )
        return Receipt(number, names, _files(planned.steps), disturbed, _parted(planned.steps))

    def _write(self, batch: Pending) -> tuple[str, ...]:
        """Carry out a recorded batch, or take it back and raise what stopped it."""
        try:
            disturbed = writer.write(self.tree, batch.steps, batch.token)
        except BaseException as error:
            self._take_back(batch, error)
            raise
        with suppress(WriteFailed):  # everything is on disk; the next start settles the batch
            self.ledger.settle(batch.id)
        return disturbed

    def _take_back(self, batch: Pending, reason: BaseException) -> None:
        try:
            writer.take_back(self.tree, batch.steps, batch.token)
            with suppress(WriteFailed):  # no room even for that: the next start takes it out
                self.ledger.forget(batch.id)
        except (OSError, PathRefused, writer.Moved) as error:
            raise WriteFailed(
                "the write was stopped in the middle and could not be taken back yet",
                detail=f"{reason}; then: {error}",
                next_step="Make room or give the permission; the next spark command finishes it.",
            ) from reason

    def turn(self, turned: Turned, verb: Verb) -> UndoReport:
        """Inside the lock: write an undo or a redo."""
        disturbed: tuple[str, ...] = ()
        if turned.marks:
            token = os.urandom(8).hex()
            batch = self.ledger.record(verb, token, turned.steps, turned.marks)
            try:
                disturbed = self._write(Pending(batch, verb, token, turned.steps))
            except writer.Moved as error:
                raise WriteFailed(
                    f"{error.path!r} was changed by another program at the same moment",
                    detail="nothing was written",
                    next_step=f"Try again: spark {verb}",
                ) from error
        marked = {mark.change for mark in turned.marks}
        changed = [record for record in turned.records if record.id in marked]
        entries = tuple(replace(r.entry, applied=not r.entry.applied) for r in changed)
        files, parted = _files(turned.steps), _parted(turned.steps)
        turns = turns_in(changed)
        return UndoReport(turns, entries, files, turned.conflicts, disturbed, parted)


_WORDS = {"commit": "write", "undo": "undo", "redo": "redo"}


def _new_change(written: Written) -> NewChange:
    resolved = written.accepted.resolved
    return NewChange(
        written.accepted.change_id,
        written.path,
        resolved,
        written.lines,
        written.digest,
        written.raw,
        written.accepted.author,
    )


def _files(steps: Sequence[Step]) -> tuple[FileWritten, ...]:
    found: list[FileWritten] = []
    for step in steps:
        if step.source:
            found.append(FileWritten(step.source, "", True))
        found.append(FileWritten(step.path, step.after.digest, not step.after.exists))
    return tuple(sorted(found, key=lambda file: file.path))


def _parted(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(sorted(step.path for step in steps if step.parted))


def turns_in(records: Sequence[Record]) -> tuple[int, ...]:
    return tuple(sorted({record.entry.turn for record in records}))


def _all_moved(accepted: Sequence[Accepted], moved: Sequence[str]) -> tuple[Problem, ...]:
    why = "it has moved on since the change was placed"
    hit = [a for a in accepted if a.resolved.path in moved] or list(accepted)
    return tuple(Problem(a.change_id, a.resolved.path, why) for a in hit)


def write_failed(error: OSError) -> WriteFailed:
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    said = (error.strerror or str(error)).lower()
    return WriteFailed(
        f"the files could not be written: {said}; they are as they were",
        detail=name,
        next_step="Make room or give yourself the permission, then try again.",
    )
