"""The workspace: the one door through which files are read for editing, written, and put back.

True here: opening and reading write nothing; every write is a batch that is recorded before it is
begun and whole or not at all afterwards; git's own files are never written. Safe to use from one
writer thread beside readers in others.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from codexspark_tui.git import Repository, discover
from codexspark_tui.state_dir import state_dir
from codexspark_tui.workspace import declined as unwritten
from codexspark_tui.workspace import selecting
from codexspark_tui.workspace.bases import Read, git_reader, nowhere
from codexspark_tui.workspace.batches import Batches, turns_in, write_failed
from codexspark_tui.workspace.ledger import Ledger, folder_ledger, ledger_folder, not_ours
from codexspark_tui.workspace.plan import plan
from codexspark_tui.workspace.reverse import Turned, turn_round
from codexspark_tui.workspace.rows import Record
from codexspark_tui.workspace.tree import SIZE_LIMIT, Tree
from codexspark_tui.workspace.turns import last_left, newest_turns
from codexspark_tui.workspace.unusual import check_sparse, unusual
from codexspark_tui.workspace.upkeep import health_of
from codexspark_tui.workspace.values import (
    Accepted,
    BlameLine,
    ChangeEntry,
    Declined,
    FileState,
    Health,
    Net,
    Receipt,
    Refused,
    TurnEntry,
    TurnInfo,
    UndoReport,
)

if TYPE_CHECKING:  # what only a few commands need is imported by them
    from codexspark_tui.workspace.fork import Fork
    from codexspark_tui.workspace.prune import Keep, Pruned

_NO_LIMIT = 1 << 62


class Workspace:
    """A working tree and its ledger. `root` is the top folder of the tree.

    `repository` is None for a folder that is edited as it is, without git: its ledger is in the
    state folder, under the name of the folder. `other_ledger` says where another user has one ("":
    there is none).
    """

    def __init__(self, repository: Repository | None, root: Path) -> None:
        self.repository = repository
        self.root = root
        if repository is None:
            folder, name = folder_ledger(root), "."
            self.other_ledger = ""
            closed = [folder, state_dir()]
        else:
            folder = ledger_folder(repository.common_dir)
            self.other_ledger = not_ours(repository.common_dir, folder)
            name = os.path.relpath(repository.git_dir, repository.common_dir)
            closed = [folder, repository.git_dir, repository.common_dir]
        self._tree = Tree.at(root, closed, SIZE_LIMIT)
        self._writers_tree = Tree.at(root, closed, _NO_LIMIT)
        self._ledger = Ledger(folder, name)
        self._batches = Batches(self._ledger, self._writers_tree)
        self._turn = threading.RLock()
        self._read_git: Read = nowhere if repository is None else git_reader(root)
        self._asks = True

    @classmethod
    def open(cls, start: Path) -> Workspace:
        """The workspace that holds the folder `start`. Raises `NoRepository`; writes nothing."""
        repository = discover(start)
        return cls(repository, repository.root)

    @classmethod
    def of_folder(cls, root: Path) -> Workspace:
        """This folder as a workspace, whether or not git knows it; writes nothing."""
        return cls(None, Path(os.path.realpath(root)))

    def limit_files(self, size_bytes: int, *, asks: bool = True) -> None:
        """Leave larger files alone from now on (those that were written can always be undone).

        Without `asks` no file is unusual.
        """
        self._tree = replace(self._tree, size_limit=size_bytes)
        self._asks = asks

    def unusual(self, paths: Sequence[str]) -> dict[str, str]:
        """Those of `paths` that are to be written only after asking (ignored, generated), each
        with the reason."""
        return unusual(self._tree, self.repository, paths) if self._asks else {}

    def read(self, path: str, *, follow: bool = True) -> FileState:
        """The file at `path` now. Raises `PathRefused` for what must not or cannot be read.

        A link is followed to a file inside the root; without `follow` it is itself what is read
        (a deletion, a rename and a hunk that shows where it leads are of the link, all else is of
        the file behind it).
        """
        state = self._tree.read(path, follow=follow)
        if state.kind == "missing" and self.repository is not None:
            check_sparse(self.repository, path)
        return state

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
            with self._batches.locked():
                return self._batches.commit(turn, planned)

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
            turns = newest_turns(self._ledger, limit) if self._ledger.exists() else []
            return [
                replace(turn, declined=unwritten.of_turn(self._ledger, turn.number))
                for turn in turns
            ]

    def show(self, selector: str) -> list[ChangeEntry]:
        """The changes of a turn, or one change. Raises `UsageError` where there is none."""
        with self._turn:
            return [record.entry for record in selecting.selected(self._ledger, selector)]

    def is_as_left(self, state: FileState) -> bool:
        """Whether the file is as the newest write, undo or redo, of any process, has left it."""
        with self._turn:
            known = self._ledger.exists()
            return known and last_left(self._ledger, state.real) == state.digest

    def note_declined(self, turn: TurnInfo, declined: Sequence[Declined]) -> None:
        """Keep what a turn proposed and nobody wrote; told again, the last word counts.

        Refusals alone make no ledger where there is none: nobody has decided anything yet.
        """
        with self._turn:
            if self._ledger.exists() or any(
                one.state in ("rejected", "kept_back") for one in declined
            ):
                try:
                    self._ledger.make()
                except OSError as error:
                    raise write_failed(error) from error
                unwritten.note(self._ledger, turn, declined)

    def declined(self, turn: int) -> tuple[Declined, ...]:
        """What was proposed in a turn and not written."""
        with self._turn:
            return unwritten.of_turn(self._ledger, turn) if self._ledger.exists() else ()

    def net(self, selectors: Sequence[str]) -> Net:
        """What these turns, changes or files come to against the tree as it is now."""
        with self._turn:
            from codexspark_tui.workspace.net import net_of

            return net_of(self._writers_tree, self._ledger, selectors, self._read_git)

    def blame(self, path: str) -> list[BlameLine]:
        """Every line of a file and the change that made it. Raises `PathRefused`."""
        with self._turn:
            from codexspark_tui.workspace.blame import blamed

            return blamed(self._writers_tree, self._ledger, path, self._read_git)

    @contextmanager
    def fork(
        self,
        checkpoint: int | None = None,
        *,
        accepted: Sequence[Accepted] = (),
        without: Sequence[str] = (),
    ) -> Iterator[Fork]:
        """A throwaway copy of the tree as it is now, or as it was after turn `checkpoint` (0:
        before the first one), without the applied changes that `without` selects and with
        `accepted` in it. Nothing of the tree itself is touched; the copy goes with the block.

        Raises `NotPlaced` where a change can neither be taken out nor put in, `UsageError` for a
        selector that names nothing, `WriteFailed` where the cache folder is in the way.
        """
        from codexspark_tui.workspace.fork import forked

        with forked(self.root, self.repository) as fork:
            with self._turn:
                self._fill(fork, checkpoint, without, accepted)
            yield fork

    def _fill(
        self,
        fork: Fork,
        checkpoint: int | None,
        without: Sequence[str],
        accepted: Sequence[Accepted],
    ) -> None:
        """Every change is turned round and planned on the fork's own files."""
        tree = Tree.at(fork.root, [fork.root / ".git"], _NO_LIMIT)
        from codexspark_tui.workspace.fork_changes import taken_out, write_in_fork

        out = taken_out(self._ledger, checkpoint, without)
        if out:
            write_in_fork(tree, self._turn_round(tree, out, undo=True))
        if accepted:
            write_in_fork(tree, plan(tree, accepted))

    def recover(self) -> list[str]:
        """Bring interrupted writes to an end; a sentence for each. Nothing to do: empty."""
        with self._turn:
            if not self._ledger.exists() or not self._ledger.pending():
                return []
            said: list[str] = []
            with self._batches.locked(said):
                return said

    def health(self) -> Health:
        """The state of the ledger, for `doctor`. Writes nothing."""
        with self._turn:
            return health_of(self._ledger)

    def prune(self, keep: Keep) -> Pruned:
        """Forget the oldest turns; what they wrote stays written. Raises `WriteFailed`."""
        from codexspark_tui.workspace.prune import Pruned, prune

        with self._turn:
            if not self._ledger.exists():
                return Pruned(0, 0, 0)
            with self._batches.locked():
                common = None if self.repository is None else self.repository.common_dir
                return prune(self._ledger, keep, common)

    def repair(self) -> list[str]:
        """Mend the ledger as far as that can be done, and remove what crashed forks have left; a
        sentence for each. Raises `WriteFailed`."""
        with self._turn:
            said = self._batches.repair()
        from codexspark_tui.workspace.fork import sweep

        forks = sweep()
        if forks:
            said.append(f"{forks} fork{'s' * (forks != 1)} of a process that is gone: removed.")
        return said

    def close(self) -> None:
        with self._turn:
            self._ledger.close()

    # --- undo and redo ---------------------------------------------------------------------

    def _turned(self, selector: str | None, *, applied: bool, partial: bool) -> UndoReport:
        with self._turn:
            if not self._ledger.exists():
                if selector is not None:
                    raise selecting.no_such(selector)
                return UndoReport()
            with self._batches.locked():
                chosen = selecting.to_turn(self._ledger, selector, applied=applied)
                if not chosen:
                    return UndoReport()
                turned = self._turn_round(self._writers_tree, chosen, undo=applied)
                if turned.conflicts and not partial:
                    return UndoReport(turns_in(chosen), (), (), turned.conflicts)
                return self._batches.turn(turned, "undo" if applied else "redo")

    def _turn_round(self, tree: Tree, records: Sequence[Record], *, undo: bool) -> Turned:
        return turn_round(tree, self._ledger, records, undo=undo, read=self._read_git)
