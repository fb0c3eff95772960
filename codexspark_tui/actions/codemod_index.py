"""Where a codemod has to look: asked of the index, else of git; where neither can tell, everywhere.

True here: a file is left out only where its words are known as they are now. What the index has not
read yet, or not to its end, is looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from codexspark_tui.actions.opening import files_of
from codexspark_tui.codemods import model as codemods
from codexspark_tui.codemods.sources import Project
from codexspark_tui.git import files_holding

if TYPE_CHECKING:  # a session begins sooner without it
    from codexspark_tui.index.index import Index

FEW = 400  # files that are all read sooner than anybody is asked
MOST_ELSEWHERE = 20
BUILD_S = 1.5
GREP_TIMEOUT_S = 3.0
_PYTHON = (".py", ".pyi")
_NO_DEFINITION = frozenset({"anchor", "animation", "impl", "rule"})


def looked_up(root: Path, wanted: codemods.Request, *, use_index: bool) -> Project:
    """The project as this request needs it."""
    files = tuple(files_of(root))
    name = _name_of(wanted)
    if not name:
        return Project(root, files)
    if not use_index:
        return Project(root, files, _by_git(root, files, name))
    from codexspark_tui.index.index import Index

    with closing(Index.open(root)) as index:
        index.refresh()
        _fill_a_little(index)
        elsewhere = tuple(_elsewhere(index, name))
        unknown = frozenset(files).difference(index.paths)
        holders = {
            word: found | unknown
            for word in (name, *_folders(index, name))
            if (found := index.may_hold(word)) is not None
        }
    return Project(root, files, holders or _by_git(root, files, name), elsewhere)


def _fill_a_little(index: Index) -> None:
    """Read what waits, if that is done in a moment: a small project, or a few changed files."""
    if not 0 < index.waiting <= FEW:
        return
    stop = threading.Event()
    timer = threading.Timer(BUILD_S, stop.set)
    timer.start()
    try:
        index.build(stop)
    finally:
        timer.cancel()


def _name_of(wanted: codemods.Request) -> str:
    """The bare name that it is about; "" where it is about no name, or about a path."""
    name = ""
    match wanted:
        case codemods.RenameSymbol():
            name = wanted.old
        case codemods.MoveName() | codemods.Inline():
            name = wanted.name
        case codemods.RenameModule() | codemods.MoveModule():
            name = wanted.module.removesuffix(".py").strip("/").replace("/", ".")
        case _:
            pass
    return name.replace("::", ".").rpartition(".")[2]


def _by_git(root: Path, files: tuple[str, ...], name: str) -> dict[str, frozenset[str]]:
    """What git finds; nothing where it cannot tell."""
    if len(files) <= FEW or not name.isascii() or not name.isidentifier():
        return {}
    found = files_holding(root, name, timeout_s=GREP_TIMEOUT_S)
    return {} if found is None else {name: frozenset(found)}


def _folders(index: Index, name: str) -> set[str]:
    """The names of the folders in which it is defined: which files import them is asked, too."""
    paths = [found.path for found in index.definitions(name) if found.path.endswith(_PYTHON)]
    return {part for path in paths for part in path.removesuffix(".py").split("/")}


def _elsewhere(index: Index, name: str) -> Iterator[codemods.Candidate]:
    """Where a language other than Python defines the name, exactly as it is written."""
    for found in index.definitions(name, MOST_ELSEWHERE):
        if found.path.endswith(_PYTHON) or found.name != name or found.kind in _NO_DEFINITION:
            continue
        place = codemods.Place(found.path, found.line)
        yield codemods.Candidate(found.dotted, found.kind, place, found.signature)
