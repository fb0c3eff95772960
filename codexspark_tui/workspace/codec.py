"""Resolved changes as bytes for the ledger, and back: compact, and exact for every text.

JSON with its escapes on, so that lone surrogates survive; paths are not in the body (the ledger
keeps them as raw bytes beside it).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

from codexspark_tui.patch.model import (
    Line,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)

_END_LETTER = {"\n": "n", "\r\n": "r", "": "e"}
_LETTER_END = {letter: end for end, letter in _END_LETTER.items()}


def pack_change(resolved: Resolved) -> bytes:
    match resolved:
        case ResolvedHunk(old_start=start, lines=lines):
            body: list[Any] = [start, _packed(lines)]
        case ResolvedCreate(lines=lines, mode=mode) | ResolvedDelete(lines=lines, mode=mode):
            body = [mode, _packed(lines)]
        case ResolvedRename(copy=copy):
            body = [copy]
        case ResolvedMode(mode=mode, old_mode=old_mode):
            body = [mode, old_mode]
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 6)


def unpack_change(kind: str, path: str, to: str, packed: bytes) -> Resolved:
    body = json.loads(zlib.decompress(packed))
    match kind:
        case "hunk":
            return ResolvedHunk(path, body[0], _lines(body[1]))
        case "create":
            return ResolvedCreate(path, _lines(body[1]), body[0])
        case "delete":
            return ResolvedDelete(path, _lines(body[1]), body[0])
        case "rename":
            return ResolvedRename(path, to, body[0])
        case "mode":
            return ResolvedMode(path, body[0], body[1])
    raise ValueError(f"the ledger names an unknown kind of change: {kind}")


def _packed(lines: Sequence[Line]) -> list[str]:
    return [line.sign + _END_LETTER[line.end] + line.text for line in lines]


def _lines(packed: Sequence[str]) -> tuple[Line, ...]:
    return tuple(Line(p[0], p[2:], _LETTER_END[p[1]]) for p in packed)  # type: ignore[arg-type]
