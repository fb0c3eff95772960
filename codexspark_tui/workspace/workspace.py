"""The workspace: the one door through which files are read for editing, written, and put back.

True here: opening and reading write nothing; every write is a batch that is recorded before it is
begun and whole or not at all afterwards; git's own files are never written. Safe to use from one
writer thread beside readers in others.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from codexspark_tui.errors import PathRefused, WriteFailed
from codexspark_tui.git import Repository, discover
from codexspark_tui.state_dir import state_dir
from codexspark_tui.workspace import declined as unwritten
from codexspark_tui.workspace import lock, selecting, writer
from codexspark_tui.workspace.bases import git_reader, nowhere
from codexspark_tui.workspace.ledger import Ledger, folder_ledger, ledger_folder
from codexspark_tui.workspace.plan import Plan, Written, plan
from codexspark_tui.workspace.reverse import Turned, turn_round
from codexspark_tui.workspace.rows import NewChange, Pending, Record, Verb
from codexspark_tui.workspace.steps import Step
from codexspark_tui.workspace.tree import SIZE_LIMIT, Tree
from codexspark_tui.workspace.values import (
    Accepted,
    ChangeEntry,
    Declined,
    FileState,
    FileWritten,
    Health,
    Problem,
    Receipt,
    Refused,
    TurnEntry,
    TurnInfo,
    UndoReport,
)

_NO_LIMIT = 1 << 62


class Workspace:
    """A working tree and its ledger. `root` is the top folder of the tree.

    `repository` is None for a folder that is edited as it is, without git: its ledger is in the
    state folder, under the name of the folder.
    """

    def __init__(self, repository: Repository | None, root: Path) -> None:
        self.repository = repository
        self.root = root
        if repository is None:
            folder, name = folder_ledger(root), "."
            closed = [folder, state_dir()]
        else:
            folder = ledger_folder(repository.common_dir)
            name = os.path.relpath(repository.git_dir, repository.common_dir)
            closed = [folder, repository.git_dir, repository.common_dir]
        self._tree = Tree.at(root, closed, SIZE_LIMIT)
        self._writers_tree = Tree.at(root, closed, _NO_LIMIT)
        self._ledger = Ledger(folder, name)
        self._turn = threading.RLock()

    @classmethod
    def open(cls, start: Path) -> Workspace:
        """The workspace that holds the folder `start`. Raises `NoRepository`; writes nothing."""
        repository = discover(start)
        return cls(repository, repository.root)

    @classmethod
    def of_folder(cls, root: Path) -> Workspace:
        """This folder as a workspace, whether or not git knows it; writes nothing."""
        return cls(None, Path(os.path.realpath(root)))

    def limit_files(self, size_bytes: int) -> None:
        """Leave larger files alone from now on (those that were written can always be undone)."""
        self._tree = replace(self._tree, size_limit=size_bytes)

    def read(self, path: str, *, follow: bool = True) -> FileState:
        """The file at `path` now. Raises `PathRefused` for what must not or cannot be read.

        A link is followed to a file inside the root; without `follow` it is itself what is read
        (a deletion and a rename are of the link, a hunk and a mode are of the file behind it).
        """
        return self._tree.read(path, follow=follow)

    def commit(self, turn: TurnInfo, accepted: Sequence[Accepted]) -> Receipt | Refused:
        """Write accepted changes, all of them or none.

        Changes of one file in one call all refer to the same text. Raises `WriteFailed` where the
        disk is in the way; the files are then as they were.
        """
        with self._turn:
            planned = plan(self._tree, accepted)
            if isinstance(planned, tuple):
                return Refused(planned)
            if not accepted:
                return Receipt(0, (), ())
            with self._locked():
                moved = self._moved(planned.steps)
                if moved:
                    return Refused(_all_moved(accepted, moved))
                return self._commit(turn, planned)

    def undo(self, selector: str | None = None, *, partial: bool = False) -> UndoReport:
        """Take back a turn ("7"), a change ("7.2"), what a turn did to a file ("7:a.py"), what the
        newest turn in question did to it ("a.py"), or the newest turn that is not undone.

        A change that cannot be taken back safely is a conflict; then nothing is written, or with
        `partial` the others. Raises `UsageError` for a selector that names nothing.
        """
        return self._turned(selector, applied=True, partial=partial)

    def redo(self, selector: str | None = None, *, partial: bool = False) -> UndoReport:
        """Write again what was undone: a turn, a change, or what the newest undo took back."""
        return self._turned(selector, applied=False, partial=partial)

    def log(self, limit: int = 20) -> list[TurnEntry]:
        """The newest turns, the newest first."""
        with self._turn:
            turns = self._ledger.turns(limit) if self._ledger.exists() else []
            return [
                replace(turn, declined=unwritten.of_turn(self._ledger, turn.number))
                for turn in turns
            ]

    def show(self, selector: str) -> list[ChangeEntry]:
        """The changes of a turn, or one change. Raises `UsageError` where there is none."""
        with self._turn:
            return [record.entry for record in selecting.selected(self._ledger, selector)]

    def note_declined(self, turn: TurnInfo, declined: Sequence[Declined]) -> None:
        """Keep what a turn proposed and nobody wrote; told again, the last word counts.

        Refusals alone make no ledger where there is none: nobody has decided anything yet.
        """
        with self._turn:
            if self._ledger.exists() or any(one.state == "rejected" for one in declined):
                try:
                    self._ledger.make()
                except OSError as error:
                    raise _write_failed(error) from error
                unwritten.note(self._ledger, turn, declined)

    def declined(self, turn: int) -> tuple[Declined, ...]:
        """What was proposed in a turn and not written."""
        with self._turn:
            return unwritten.of_turn(self._ledger, turn) if self._ledger.exists() else ()

    def recover(self) -> list[str]:
        """Bring interrupted writes to an end; a sentence for each. Nothing to do: empty."""
        with self._turn:
            if not self._ledger.exists() or not self._ledger.pending():
                return []
            said: list[str] = []
            with self._locked(said):
                return said

    def health(self) -> Health:
        """The state of the ledger, for `doctor`. Writes nothing."""
        with self._turn:
            return self._ledger.health()

    def close(self) -> None:
        with self._turn:
            self._ledger.close()

    # --- writing ---------------------------------------------------------------------------

    @contextmanager
    def _locked(self, said: list[str] | None = None) -> Iterator[None]:
        """Hold the workspace; what an earlier write left pending is settled first."""
        try:
            self._ledger.make()
            with lock.held(self._ledger.folder / "lock"):
                for pending in self._ledger.pending():
                    sentence = self._settle(pending)
                    if said is not None:
                        said.append(sentence)
                yield
        except OSError as error:
            raise _write_failed(error) from error

    def _settle(self, pending: Pending) -> str:
        settled = writer.settle(self._writers_tree, pending.steps, pending.token)
        files = len(pending.steps)
        what = f"An interrupted {_WORDS[pending.verb]} of {files} file{'s' * (files != 1)}"
        if settled.written:
            self._ledger.settle(pending.id)
            how = "was finished"
        else:
            self._ledger.forget(pending.id)
            how = "was taken back"
        kept = ", ".join(repr(path) for path in settled.other)
        return f"{what} {how}." + (f" Changed since, so left alone: {kept}." if kept else "")

    def _moved(self, steps: Sequence[Step]) -> list[str]:
        return [s.path for s in steps if writer.standing(self._writers_tree, s) != "before"]

    def _commit(self, turn: TurnInfo, planned: Plan) -> Receipt | Refused:
        token = os.urandom(8).hex()
        changes = [_new_change(written) for written in planned.written]
        batch, number, numbers = self._ledger.record_commit(token, planned.steps, turn, changes)
        accepted = [written.accepted for written in planned.written]
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
        return Receipt(number, names, _files(planned.steps), disturbed)

    def _write(self, batch: Pending) -> tuple[str, ...]:
        """Carry out a recorded batch, or take it back and raise what stopped it."""
        try:
            disturbed = writer.write(self._writers_tree, batch.steps, batch.token)
        except BaseException as error:
            self._take_back(batch, error)
            raise
        with suppress(WriteFailed):  # everything is on disk; the next start settles the batch
            self._ledger.settle(batch.id)
        return disturbed

    def _take_back(self, batch: Pending, reason: BaseException) -> None:
        try:
            writer.take_back(self._writers_tree, batch.steps, batch.token)
            with suppress(WriteFailed):  # no room even for that: the next start takes it out
                self._ledger.forget(batch.id)
        except (OSError, PathRefused, writer.Moved) as error:
            raise WriteFailed(
                "the write was stopped in the middle and could not be taken back yet",
                detail=f"{reason}; then: {error}",
                next_step="Make room or give the permission; the next spark command finishes it.",
            ) from reason

    # --- undo and redo ---------------------------------------------------------------------

    def _turned(self, selector: str | None, *, applied: bool, partial: bool) -> UndoReport:
        with self._turn:
            if not self._ledger.exists():
                if selector is not None:
                    raise selecting.no_such(selector)
                return UndoReport()
            with self._locked():
                chosen = selecting.to_turn(self._ledger, selector, applied=applied)
                if not chosen:
                    return UndoReport()
                turned = self._turn_round(chosen, undo=applied)
                if turned.conflicts and not partial:
                    return UndoReport(_turns(chosen), (), (), turned.conflicts)
                return self._write_turned(turned, "undo" if applied else "redo")

    def _turn_round(self, records: Sequence[Record], *, undo: bool) -> Turned:
        read = nowhere if self.repository is None else git_reader(self.root)
        return turn_round(self._writers_tree, self._ledger, records, undo=undo, read=read)

    def _write_turned(self, turned: Turned, verb: Verb) -> UndoReport:
        if turned.marks:
            token = os.urandom(8).hex()
            batch = self._ledger.record(verb, token, turned.steps, turned.marks)
            try:
                self._write(Pending(batch, verb, token, turned.steps))
            except writer.Moved as error:
                raise WriteFailed(
                    f"{error.path!r} was changed by another program at the same moment",
                    detail="nothing was written",
                    next_step=f"Try again: spark {verb}",
                ) from error
        marked = {mark.change for mark in turned.marks}
        changed = [record for record in turned.records if record.id in marked]
        entries = tuple(replace(r.entry, applied=not r.entry.applied) for r in changed)
        return UndoReport(_turns(changed), entries, _files(turned.steps), turned.conflicts)


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
    )


def _files(steps: Sequence[Step]) -> tuple[FileWritten, ...]:
    found: list[FileWritten] = []
    for step in steps:
        if step.source:
            found.append(FileWritten(step.source, "", True))
        found.append(FileWritten(step.path, step.after.digest, not step.after.exists))
    return tuple(sorted(found, key=lambda file: file.path))


def _turns(records: Sequence[Record]) -> tuple[int, ...]:
    return tuple(sorted({record.entry.turn for record in records}))


def _all_moved(accepted: Sequence[Accepted], moved: Sequence[str]) -> tuple[Problem, ...]:
    why = "it has moved on since the change was placed"
    hit = [a for a in accepted if a.resolved.path in moved] or list(accepted)
    return tuple(Problem(a.change_id, a.resolved.path, why) for a in hit)


def _write_failed(error: OSError) -> WriteFailed:
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    said = (error.strerror or str(error)).lower()
    return WriteFailed(
        f"the files could not be written: {said}; they are as they were",
        detail=name,
        next_step="Make room or give yourself the permission, then try again.",
    )
