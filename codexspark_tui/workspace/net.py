"""What some recorded changes come to, file by file, against the files as they are now.

Turning them round in memory gives the texts without them; the difference is exactly theirs,
whatever else was written before, between and after them. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.workspace.bases import Read
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.reverse import Turned, turn_round
from codexspark_tui.workspace.selecting import selected
from codexspark_tui.workspace.steps import Content, Step
from codexspark_tui.workspace.tree import Tree
from codexspark_tui.workspace.values import FileNet, Net


def net_of(tree: Tree, ledger: Ledger, selectors: Sequence[str], read: Read) -> Net:
    """Of the changes that are applied; where none of them is, of what a redo would write.

    Raises `UsageError` for a selector that names nothing.
    """
    named = {r.id: r for selector in selectors for r in selected(ledger, selector)}
    applied = [r for r in named.values() if r.entry.applied]
    records = applied or list(named.values())
    turned = turn_round(tree, ledger, records, undo=bool(applied), read=read)
    turns = tuple(sorted({record.entry.turn for record in records}))
    if turned.conflicts:
        return Net(turns, (), turned.conflicts)
    return Net(turns, tuple(_files(tree, turned, bool(applied))))


def _files(tree: Tree, turned: Turned, applied: bool) -> list[FileNet]:
    found: list[FileNet] = []
    for step in turned.steps:
        old_path, new_path = step.source or step.path, step.path
        old = _content(tree, step, old_path)
        data = step.content_after(old.data if old is not None else None)
        new = None
        if step.after.exists and data is not None:
            new = Content(data, step.after.mode)
        one = FileNet(old_path, new_path, _pair(old), _pair(new))
        found.append(_back(one) if applied else one)
    return sorted(found, key=lambda one: (one.path, one.old_path))


def _content(tree: Tree, step: Step, path: str) -> Content | None:
    if not step.before.exists:
        return None
    state = tree.read_spot(tree.spot(path))
    return Content(state.data, state.mode)


def _pair(content: Content | None) -> tuple[bytes, str] | None:
    return None if content is None else (content.data, content.mode)


def _back(one: FileNet) -> FileNet:
    return FileNet(one.path, one.old_path, one.after, one.before)
