"""One door to every codemod: a request and a project in, an answer out.

True here: nothing is written, nothing of the repository is run; each engine (and the library that
it needs) is imported when it is asked for. Runs in this process; `client` runs it in a worker.
"""

from __future__ import annotations

import threading
from importlib import import_module

from codexspark_tui.codemods.languages import language_for
from codexspark_tui.codemods.model import Answer, CannotDo, Request
from codexspark_tui.codemods.sources import Library, Project

__all__ = ["Project", "language_for", "propose"]

_ENGINES: dict[str, tuple[str, str]] = {
    "RenameSymbol": ("rename", "rename_symbol"),
    "RenameModule": ("modules", "rename_module"),
    "MoveName": ("move", "move_name"),
    "MoveModule": ("modules", "move_module"),
    "Extract": ("extract", "extract"),
    "Inline": ("inline", "inline"),
    "Tidy": ("tidy", "tidy"),
    "Replace": ("replace", "replace"),
    "Docstrings": ("docstrings", "add_docstrings"),
    "TestSkeletons": ("skeletons", "add_skeletons"),
}


def propose(request: Request, project: Project, *, stop: threading.Event | None = None) -> Answer:
    """What `request` would change in `project`, or why it cannot be done.

    `Edits` without files: there is nothing to change. Raises `Interrupted` when `stop` is set
    meanwhile.
    """
    library = Library(project, stop)
    if not library.files:
        return CannotDo("this project has no files yet", "Add some, then try again")
    module, function = _ENGINES[type(request).__name__]
    engine = import_module(f"codexspark_tui.codemods.{module}")
    answer: Answer = getattr(engine, function)(request, library)
    return answer
