"""Renames and moves modules and packages with rope. Imported lazily: rope is loaded here."""

from __future__ import annotations

from rope.refactor.rename import Rename as RopeRename

from codexspark_tui.codemods.model import (
    Answer,
    RenameModule,
)
from codexspark_tui.codemods.naming import check_new_name
from codexspark_tui.codemods.packages import Packages, join, parent
from codexspark_tui.codemods.rope_project import (
    RopeFailed,
    open_project,
)
from codexspark_tui.codemods.sources import Library


def rename_module(request: RenameModule, library: Library) -> Answer:
    packages = Packages(library)
    path = _find(packages, library, request.module)
    if not isinstance(path, str):
        return path
    old = packages.module_name(path).rpartition(".")[2]
    new = request.new.removesuffix(".py").rpartition(".")[2]
    problem = check_new_name(old, new)
    if problem is not None:
        return problem
    target = join(parent(path), new if path in packages.folders else f"{new}.py")
    taken = _taken(packages, target)
    if taken is not None:
        return taken
    project = open_project(library, packages)
    try:
        rename = RopeRename(project, project.get_resource(path))
        changes = rename.get_changes(new, resources=_resources(project, library, old))
    except RopeFailed as error:
        return _failed(error)
    return _edits(library, changes, f"Rename the module {packages.module_name(path)} to {new}")
