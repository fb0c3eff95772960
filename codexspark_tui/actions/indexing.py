"""What `spark index` does: build and ask the index of a working tree, without a session."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from codexspark_tui.index.index import Index
from codexspark_tui.index.pool import Plan
from codexspark_tui.index.values import Definition, Status
from codexspark_tui.session.context.choosing import RepositoryContext
from codexspark_tui.session.context.model import Chosen, Wanted
from codexspark_tui.session.tokens import Estimator
from codexspark_tui.workspace import Workspace

EXPLAIN_BUDGET = 20_000
Tell = Callable[[int, int], None]


def brought_up_to_date(
    workspace: Workspace, *, rebuild: bool = False, stop: threading.Event, tell: Tell
) -> tuple[Index, bool]:
    """The index with everything read, and whether it is complete: `stop` ends it before its time,
    and another process that builds it is not waited for."""
    index = Index.open(workspace.root)
    if rebuild:
        index.rebuild()
    else:
        index.refresh()
    complete = index.build(stop, tell, Plan(os.cpu_count() or 2))
    return index, complete


def looked_at(workspace: Workspace) -> Status:
    """The figures as they are after a look at the tree; nothing is read."""
    with closing(Index.open(workspace.root)) as index:
        index.refresh()
        return index.status()


def explained(workspace: Workspace, index: Index, prompt: str, files: tuple[str, ...]) -> Chosen:
    """What would go along with this prompt, with reasons."""
    context = RepositoryContext(workspace, Estimator(), lambda: index)
    return context.choose(Wanted(prompt, files, EXPLAIN_BUDGET))


def symbols(index: Index, query: str, most: int) -> list[Definition]:
    """Symbols by their names; a dotted one, or "Class.method", by where it stands, too."""
    exact = index.definitions(query, most) if "." in query else []
    return exact or index.search(query, most)


def progress_line(done: int, todo: int, root: Path) -> str:
    return f"spark: {done:,} of {todo:,} files of {root.name} read"
