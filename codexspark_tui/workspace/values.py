"""What crosses the door of the workspace: plain frozen values.

    TurnInfo, Accepted           what a session hands in
    Receipt | Refused            what `commit` answers
    UndoReport                   what `undo` and `redo` answer
    Declined                     what a turn proposed and nobody wrote
    TurnEntry, ChangeEntry       what `log` and `show` tell
    FileState                    what `read` found

Paths are relative to the root, "/" between the parts; bytes that are not UTF-8 are surrogates
(`os.fsdecode`). A selector is "7" for a turn and "7.2" for its second change.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from codexspark_tui.patch.model import Mode, Resolved

FileKind: TypeAlias = Literal["file", "missing", "symlink"]


def digest_of(data: bytes, mode: Mode) -> str:
    """SHA-256 (hex) of the mode and the content: what "the same file" means here."""
    return hashlib.sha256(mode.encode() + b"\0" + data).hexdigest()


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it is on disk now.

    `real` is the path of the file that holds the bytes; it differs from `path` where a part of
    `path` is a symbolic link to a place inside the root. A "symlink" is a link that leads to no
    readable file inside the root; its `data` is the link's target.
    """

    path: str
    kind: FileKind
    data: bytes
    mode: Mode
    digest: str
    real: str


@dataclass(frozen=True, slots=True)
class TurnInfo:
    """`key` names session and turn; several commits with one key join one turn of the ledger."""

    key: str
    prompt: str
    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted change. `base_digest` is `FileState.digest` of the file that it was resolved
    against ("" for a file that did not exist; the old file's where the same commit renames it).
    `author`: the model that wrote it."""

    change_id: str
    resolved: Resolved
    base_digest: str
    author: str = ""


DeclinedState: TypeAlias = Literal["rejected", "kept_back", "refused", "stale"]


@dataclass(frozen=True, slots=True)
class Declined:
    """A change that was proposed and not written: rejected by the person, kept back by a guard, or
    impossible to place.

    `why` is the person's reason, what the guard found with its rule, or the engine's sentence;
    `patch` is "" where there is none.
    """

    change_id: str
    path: str
    state: DeclinedState
    why: str
    patch: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a change was not written, as a sentence."""

    change_id: str
    path: str
    why: str


@dataclass(frozen=True, slots=True)
class FileWritten:
    """`digest_after` is "" for a file that is gone."""

    path: str
    digest_after: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """Written and recorded: the turn's number, and for each change id its selector.

    `disturbed` are files to which another program wrote in the same moment: they are left as that
    program wants them. `parted` are files with other names (hard links) outside of the root, which
    keep what they hold.
    """

    turn: int
    changes: tuple[tuple[str, str], ...]
    files: tuple[FileWritten, ...]
    disturbed: tuple[str, ...] = ()
    parted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """A change in the ledger. `path` is the name that it had when it was written; `author` the
    model that wrote it, where that is known."""

    selector: str
    turn: int
    change_id: str
    path: str
    applied: bool
    resolved: Resolved
    author: str = ""


@dataclass(frozen=True, slots=True)
class TurnEntry:
    """A turn in the ledger. `at` is seconds since the epoch, of its first write (of its end, where
    everything was declined). `authors`: who wrote its changes, each once; without changes the model
    that was asked."""

    number: int
    key: str
    at: float
    prompt: str
    provider: str
    model: str
    changes: int
    applied: int
    files: tuple[str, ...]
    declined: tuple[Declined, ...] = ()
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the ledger. `wrong` is "" or what SQLite found; `waiting` counts interrupted
    writes; `held_by` is the process that holds the workspace now; `free` is of the ledger's disk.
    """

    ledger: str
    exists: bool
    bytes: int
    free: int
    wrong: str = ""
    waiting: int = 0
    held_by: int | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change that cannot be turned back (or on) here; `patch` is what would have to be done."""

    change: str
    path: str
    why: str
    patch: str


@dataclass(frozen=True, slots=True)
class FileNet:
    """What some changes come to in one file: bytes and mode without and with them (None: no file).

    The file is at `old_path` without them, at `path` with them.
    """

    old_path: str
    path: str
    before: tuple[bytes, str] | None
    after: tuple[bytes, str] | None


@dataclass(frozen=True, slots=True)
class Net:
    """What some changes come to. With conflicts there are no files: the tree has moved on."""

    turns: tuple[int, ...]
    files: tuple[FileNet, ...]
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class BlameLine:
    """A line of a file as it is now (`number` from 1), and the change that made it; `selector` ""
    where no recorded change did."""

    number: int
    text: str
    selector: str = ""


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo or a redo did. With conflicts and without `partial`, nothing was written.

    `disturbed` and `parted` are as in a receipt."""

    turns: tuple[int, ...] = ()
    changed: tuple[ChangeEntry, ...] = ()
    files: tuple[FileWritten, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    disturbed: tuple[str, ...] = ()
    parted: tuple[str, ...] = ()

    @property
    def undone(self) -> tuple[ChangeEntry, ...]:
        """The changes that were undone (redone, in the report of a redo)."""
        return self.changed

    @property
    def nothing_to_do(self) -> bool:
        return not self.changed and not self.conflicts


def oddities(done: Receipt | UndoReport) -> list[str]:
    """What a person should know about the files that were written, a sentence for each."""
    found = [
        f"another program wrote to {path!r} at the same moment; look at it"
        for path in done.disturbed
    ]
    found += [
        f"{path!r} had other names (hard links) outside of this folder; they keep what they held"
        for path in done.parted
    ]
    return found
