"""The values of this room. Lines count from 1 and both ends belong to a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

State: TypeAlias = Literal["waiting", "read", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was found in one file. `oid`: its blob id in hex; `note`: why it failed, a phrase;
    `whole`: all its words are in `body`."""

    path: str
    size: int
    mtime_ns: int
    oid: str = ""
    kind: str = ""
    state: State = "read"
    note: str = ""
    names: str = ""
    body: str = ""
    symbols: tuple[tuple[str, str, int, int, str, str], ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol and where it is."""

    path: str
    name: str
    kind: str
    line: int
    end_line: int
    signature: str
    parent: str = ""

    @property
    def dotted(self) -> str:
        return f"{self.parent}.{self.name}" if self.parent else self.name


@dataclass(frozen=True, slots=True)
class Ask:
    """What to rank for. `named`: paths that are sure to be wanted; `edited`: changed in this
    session, the latest first; `dropped`: never wanted."""

    prompt: str
    named: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    dropped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A file with its score and why, the weightiest reason first. `lines`: ranges in it that the
    prompt names for certain, the surest first."""

    path: str
    score: float
    reasons: tuple[str, ...]
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look at the tree has found to be different from the index."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)


@dataclass(frozen=True, slots=True)
class Status:
    """Figures of an index. `place`: its file, "" in memory; `notice`: what is not as usual."""

    files: int
    read: int
    waiting: int
    failed: int
    symbols: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[tuple[str, str], ...] = ()
    by_lines: tuple[str, ...] = ()
    place: str = ""
    size_bytes: int = 0
    notice: str = ""
