"""Ignored and generated files on the command line: asked first, or --generated."""

from __future__ import annotations

from tests.support.patches import changed, many_hunks, numbered
from tests.support.repo import Repo, Untouched
from tests.support.spark import run

TEXT = numbered(30)


def test_without_a_terminal_nothing_is_written_unless_it_is_said_beforehand(repo: Repo) -> None:
    repo.commit({"a.txt": TEXT, "yarn.lock": TEXT})
    before = Untouched.of(repo.root)
    patch = (many_hunks("a.txt", TEXT, (10,)) + many_hunks("yarn.lock", TEXT, (20,))).encode()
    ran = run("apply", cwd=repo.root, stdin=patch)
    assert (ran.code, ran.out) == (2, b"")
    assert "yarn.lock: it looks like a file that a program writes" in ran.err
    assert "--generated" in ran.err
    before.check()
    ran = run("apply", "--generated", cwd=repo.root, stdin=patch)
    assert ran.code == 0
    assert repo.text("yarn.lock") == changed(TEXT, 20)


def test_a_patch_of_it_is_printed_without_asking(repo: Repo) -> None:
    repo.commit({"m.py": "# @generated\nimport os\nx = 1\n"})
    ran = run("edit", "remove unused imports in m.py", cwd=repo.root)
    assert ran.code == 0
    assert b"-import os" in ran.out
    ran = run("edit", "--apply", "remove unused imports in m.py", cwd=repo.root)
    assert ran.code == 2
    env = {"SPARK_GENERATED": "1"}
    assert run("edit", "--apply", "remove unused imports in m.py", cwd=repo.root, env=env).code == 0
