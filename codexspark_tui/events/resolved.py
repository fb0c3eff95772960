"""A resolved change in its one JSON form, for events, transcript and ledger.

The values of `patch/` know nothing of JSON; here is the way there and back:
`to_resolved(view_of(change)) == change` for every change. Paths are in text form.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from codexspark_tui.events.paths import path_text, real_path
from codexspark_tui.patch.model import (
    ChangeKind,
    Line,
    LineEnd,
    Mode,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
    Sign,
)


class LineView(msgspec.Struct, frozen=True, array_like=True):
    """[sign, text, end]; `end` is "\\n", "\\r\\n" or "" (no final newline)."""

    sign: Sign
    text: str
    end: LineEnd = "\n"


class ResolvedView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What will be written. `start`: 1-based first old line of a hunk; `to`: the new path."""

    kind: ChangeKind
    path: str
    start: int = 0
    lines: tuple[LineView, ...] = ()
    to: str = ""
    copy: bool = False
    mode: Mode = "100644"
    old_mode: Mode = "100644"


def view_of(change: Resolved) -> ResolvedView:
    path = path_text(change.path)
    match change:
        case ResolvedHunk():
            return ResolvedView("hunk", path, change.old_start, _views(change.lines))
        case ResolvedCreate():
            return ResolvedView("create", path, 0, _views(change.lines), mode=change.mode)
        case ResolvedDelete():
            return ResolvedView("delete", path, 0, _views(change.lines), mode=change.mode)
        case ResolvedRename():
            return ResolvedView("rename", path, to=path_text(change.to), copy=change.copy)
        case ResolvedMode():
            return ResolvedView("mode", path, mode=change.mode, old_mode=change.old_mode)
        case _:
            assert_never(change)


def to_resolved(view: ResolvedView) -> Resolved:
    path = real_path(view.path)
    match view.kind:
        case "hunk":
            return ResolvedHunk(path, view.start, _lines(view.lines))
        case "create":
            return ResolvedCreate(path, _lines(view.lines), view.mode)
        case "delete":
            return ResolvedDelete(path, _lines(view.lines), view.mode)
        case "rename":
            return ResolvedRename(path, real_path(view.to), view.copy)
        case "mode":
            return ResolvedMode(path, view.mode, view.old_mode)
        case _:
            assert_never(view.kind)


def _views(lines: tuple[Line, ...]) -> tuple[LineView, ...]:
    return tuple(LineView(line.sign, line.text, line.end) for line in lines)


def _lines(views: tuple[LineView, ...]) -> tuple[Line, ...]:
    return tuple(Line(view.sign, view.text, view.end) for view in views)
