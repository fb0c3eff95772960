"""Undo and redo outside a session."""

from __future__ import annotations

from typing import Literal, TypeAlias

from codexspark_tui.actions.shielded import shielded
from codexspark_tui.workspace import UndoReport, Workspace

Turning: TypeAlias = Literal["undo", "redo"]


def turn_back(
    workspace: Workspace, verb: Turning, what: str | None, *, partial: bool = False
) -> UndoReport:
    """Undo or redo; a write that has begun is finished even when Ctrl-C comes."""
    act = workspace.undo if verb == "undo" else workspace.redo
    try:
        return shielded(lambda: act(what, partial=partial))
    finally:
        workspace.close()
