"""The workspace that a command works in: a repository, or with --no-git the folder as it is."""

from __future__ import annotations

from pathlib import Path

from codexspark_tui.errors import NoRepository
from codexspark_tui.git import list_files, walked
from codexspark_tui.workspace import Workspace


def undo_of(workspace: Workspace) -> str:
    """The command that undoes there: without git the folder must be named as one that has none."""
    return "spark undo" if workspace.repository is not None else "spark undo --no-git"


def open_workspace(folder: Path, *, no_git: bool = False) -> Workspace:
    """Raises `NoRepository`, whose next step names --no-git as well."""
    if no_git:
        return Workspace.of_folder(folder)
    try:
        return Workspace.open(folder)
    except NoRepository as error:
        if "git init" in error.next_step:
            error.next_step += ", or edit it as it is with the option --no-git"
        raise


def files_of(root: Path) -> list[str]:
    """What git lists, or what lies in a folder that it does not know, without hidden folders and
    those that tools fill."""
    try:
        return list_files(root)
    except NoRepository:
        return walked(root)
