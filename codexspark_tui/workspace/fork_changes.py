"""Recorded and new changes in a fork: taken out of its files or put in. The tree is not touched."""

from __future__ import annotations

import os
from collections.abc import Sequence

from codexspark_tui.errors import NotPlaced
from codexspark_tui.workspace import writer
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.plan import Plan
from codexspark_tui.workspace.reverse import Turned
from codexspark_tui.workspace.rows import Record
from codexspark_tui.workspace.selecting import selected
from codexspark_tui.workspace.tree import Tree
from codexspark_tui.workspace.turns import turns_after
from codexspark_tui.workspace.values import Problem


def taken_out(ledger: Ledger, checkpoint: int | None, without: Sequence[str]) -> list[Record]:
    """The applied changes that a fork at this checkpoint, without these, does not have.

    Raises `UsageError` for a selector that names nothing.
    """
    found = [record for selector in without for record in selected(ledger, selector)]
    if checkpoint is not None and ledger.exists():
        for turn in turns_after(ledger, checkpoint):
            found += ledger.changes(turn)
    return list({record.id: record for record in found if record.entry.applied}.values())


def write_in_fork(tree: Tree, wanted: Turned | Plan | tuple[Problem, ...]) -> None:
    """Raises `NotPlaced` where not all of it can be."""
    if isinstance(wanted, tuple):
        raise _refused([f"  {problem.path}: {problem.why}" for problem in wanted])
    if isinstance(wanted, Turned) and wanted.conflicts:
        raise _refused([f"  {c.change} {c.path}: {c.why}" for c in wanted.conflicts])
    writer.write(tree, wanted.steps, os.urandom(8).hex())


def _refused(lines: Sequence[str]) -> NotPlaced:
    many = len(lines)
    return NotPlaced(
        f"{many} change{'s' * (many != 1)} cannot be put into or taken out of a copy of the tree",
        detail="\n".join(lines),
        next_step="The files have moved on there; undo or settle these changes first.",
    )
