"""Real repositories for the codemods, and what an answer would make of them."""

from __future__ import annotations

from pathlib import Path

from codexspark_tui.codemods.engine import Project, propose
from codexspark_tui.codemods.model import Answer, CannotDo, Edits, Request
from codexspark_tui.git import list_files
from tests.support.repo import Repo, Untouched


def make(root: Path, files: dict[str, str | bytes]) -> Repo:
    return Repo.make(root / "project", files)


def project_of(repo: Repo) -> Project:
    return Project(repo.root, tuple(list_files(repo.root)))


def ask(repo: Repo, request: Request) -> Answer:
    """The answer; the repository must be the same afterwards, byte for byte."""
    before = Untouched.of(repo.root)
    answer = propose(request, project_of(repo))
    before.check()
    return answer


def edits(repo: Repo, request: Request) -> Edits:
    answer = ask(repo, request)
    assert isinstance(answer, Edits), answer
    return answer


def refused(repo: Repo, request: Request) -> CannotDo:
    answer = ask(repo, request)
    assert isinstance(answer, CannotDo), answer
    return answer


def texts(answer: Edits) -> dict[str, str | None]:
    """Path → new text of each file that changes; a moved file is under its new path."""
    return {edit.move_to or edit.path: edit.after for edit in answer.files}


def accept(repo: Repo, answer: Edits, *, extras: bool = False) -> None:
    """Writes the main edits, and with `extras` those that are on, as the workspace would."""
    for edit in answer.files:
        path = repo.root / edit.path
        if edit.before is not None:
            assert path.read_bytes().decode() == edit.before
            path.unlink()
        if edit.after is not None:
            repo.write({edit.move_to or edit.path: edit.after})
    for extra in answer.extras if extras else ():
        if extra.on:
            assert (repo.root / extra.edit.path).read_bytes().decode() == extra.edit.before
            repo.write({extra.edit.path: extra.edit.after or ""})
