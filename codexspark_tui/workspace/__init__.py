"""workspace/: the working tree that is edited, and the ledger of what was written to it."""

from __future__ import annotations

from codexspark_tui.workspace.values import (
    Accepted,
    BlameLine,
    ChangeEntry,
    Conflict,
    Declined,
    DeclinedState,
    FileNet,
    FileState,
    FileWritten,
    Health,
    Net,
    Problem,
    Receipt,
    Refused,
    TurnEntry,
    TurnInfo,
    UndoReport,
    digest_of,
    oddities,
)
from codexspark_tui.workspace.workspace import Workspace

__all__ = [
    "Accepted",
    "BlameLine",
    "ChangeEntry",
    "Conflict",
    "Declined",
    "DeclinedState",
    "FileNet",
    "FileState",
    "FileWritten",
    "Health",
    "Net",
    "Problem",
    "Receipt",
    "Refused",
    "TurnEntry",
    "TurnInfo",
    "UndoReport",
    "Workspace",
    "digest_of",
    "oddities",
]
