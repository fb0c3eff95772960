"""The values of the ledger and their rows: pure, both ways exact.

Paths are kept as the raw bytes of the file system, digests as 32 bytes, prompts and names as UTF-8
text in which a lone surrogate becomes a question mark.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from codexspark_tui.patch.model import Resolved
from codexspark_tui.workspace.codec import pack_change, unpack_change
from codexspark_tui.workspace.delta import pack, unpack
from codexspark_tui.workspace.steps import Side, Step
from codexspark_tui.workspace.values import ChangeEntry

Verb: TypeAlias = Literal["commit", "undo", "redo"]

RECORD_COLUMNS = (
    "change.id, turn.number, change.number, change.name, change.kind, change.path, change.target,"
    " change.body, change.raw, change.digest, mark.batch, mark.path, mark.lines, batch.verb,"
    " (SELECT min(m.batch) FROM mark AS m WHERE m.change = change.id), change.author, turn.model"
)
CHANGE_COLUMNS = "turn, number, name, kind, path, target, digest, body, raw, author"
STEP_COLUMNS = (
    "path, source, before, before_mode, after, after_mode, rights, deltas, data, folders,"
    " before_rights, origin, via"
)
STEP_WIDTH = 15
MARK_WIDTH = 4


@dataclass(frozen=True, slots=True)
class Record:
    """A change as the ledger has it. `batch` is the one that last wrote it; after that its file was
    at `path` and its parts stood at `lines`; `first` is the batch that wrote it first; `raw` are
    bytes that its lines cannot give."""

    id: int
    entry: ChangeEntry
    digest: str
    raw: bytes | None
    first: int
    batch: int
    path: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a change stands after a batch: its file's path and the 0-based lines of its parts."""

    change: int
    path: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewChange:
    """A change that is about to be recorded. `path`: the file's own, after the batch."""

    name: str
    path: str
    resolved: Resolved
    lines: tuple[int, ...]
    digest: str
    raw: bytes | None
    author: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A batch whose writing was begun and not seen to end."""

    id: int
    verb: Verb
    token: str
    steps: tuple[Step, ...]


def change_row(turn: int, number: int, change: NewChange) -> tuple[Any, ...]:
    resolved = change.resolved
    is_rename = resolved.kind == "rename"
    return (
        turn,
        number,
        *texts(change.name, resolved.kind),
        os.fsencode(resolved.path if is_rename else change.path),
        os.fsencode(resolved.to if resolved.kind == "rename" else ""),
        bytes.fromhex(change.digest),
        pack_change(resolved),
        None if change.raw is None else zlib.compress(change.raw),
        *texts(change.author),
    )


def mark_row(batch: int, mark: Mark) -> tuple[Any, ...]:
    return (mark.change, batch, os.fsencode(mark.path), ",".join(map(str, mark.lines)))


def step_row(batch: int, number: int, step: Step) -> tuple[Any, ...]:
    return (
        batch,
        number,
        os.fsencode(step.path),
        os.fsencode(step.source),
        bytes.fromhex(step.before.digest),
        step.before.mode,
        bytes.fromhex(step.after.digest),
        step.after.mode,
        step.after.rights,
        pack(step.deltas) if step.deltas else None,
        None if step.data is None else zlib.compress(step.data),
        json.dumps([step.makes, step.removes]) if step.makes or step.removes else "",
        step.before.rights,
        None if step.origin is None else os.fsencode(step.origin),
        pack(step.via) if step.via else None,
    )


def to_step(row: Sequence[Any]) -> Step:
    path, source, before, before_mode, after, after_mode, rights, deltas, data = row[:9]
    folders, before_rights, origin, via = row[9:]
    makes, removes = json.loads(folders) if folders else ((), ())
    return Step(
        os.fsdecode(path),
        Side(before.hex(), before_mode, before_rights),
        Side(after.hex(), after_mode, rights),
        unpack(deltas) if deltas else (),
        None if data is None else zlib.decompress(data),
        os.fsdecode(source),
        tuple(makes),
        tuple(removes),
        None if origin is None else os.fsdecode(origin),
        unpack(via) if via else (),
    )


def to_record(row: Sequence[Any]) -> Record:
    identity, turn, number, name, kind, path, target, body = row[:8]
    raw, digest, batch, path_then, lines, verb, first, author, model = row[8:]
    resolved = unpack_change(kind, os.fsdecode(path), os.fsdecode(target), body)
    entry = ChangeEntry(
        f"{turn}.{number}", turn, name, resolved.path, verb != "undo", resolved, author or model
    )
    return Record(
        identity,
        entry,
        digest.hex(),
        None if raw is None else zlib.decompress(raw),
        first,
        batch,
        os.fsdecode(path_then),
        tuple(int(line) for line in lines.split(",") if line),
    )


def texts(*plain: str) -> tuple[str, ...]:
    return tuple(text.encode("utf-8", "replace").decode() for text in plain)
