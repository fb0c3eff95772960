"""Turns of creates, deletes, renames, copies, modes and hunks: back through all of them, and on."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codexspark_tui.patch import diff
from codexspark_tui.patch.model import Mode, Resolved, ResolvedMode, ResolvedRename
from codexspark_tui.workspace import Accepted, Refused, TurnInfo, Workspace
from tests.support.repo import Repo
from tests.support.spark import run as spark
from tests.workspace.helpers import create, delete
from tests.workspace.test_property import workspace

PATHS = ("a", "b", "d/a", "d/e/b", "f")
KINDS = ("hunk", "hunk", "create", "delete", "rename", "copy", "mode", "exchange", "link", "relink")
OPERATION = st.tuples(st.sampled_from(KINDS), st.integers(0, 4), st.integers(0, 4))
TURNS = st.lists(st.lists(OPERATION, min_size=1, max_size=4), min_size=1, max_size=5)
Operations = list[tuple[str, int, int]]
Tree = dict[str, tuple[str, bool | None]]
"""Text and executable bit by path; where it leads and None for a symbolic link."""


def tree_of(root: Path) -> Tree:
    found: Tree = {}
    for path in root.rglob("*"):
        if path.is_symlink():
            found[str(path.relative_to(root))] = (str(path.readlink()), None)
        elif path.is_file() and ".git" not in path.parts:
            executable = bool(path.stat().st_mode & stat.S_IXUSR)
            found[str(path.relative_to(root))] = (path.read_text(), executable)
    return found


def resolved_of(tree: Tree, kind: str, path: str, to: str, number: int) -> Resolved | None:
    if kind == "create":
        return create(path, f"made {number}\n" * 3, "100755" if number % 2 else "100644")
    leads = os.path.relpath(to, Path(path).parent)
    if kind == "link":
        return create(path, leads, "120000")
    if path not in tree:
        return None
    text, executable = tree[path]
    mode: Mode = "120000" if executable is None else "100755" if executable else "100644"
    if executable is None and kind == "hunk":
        return diff(path, text, leads)[0] if text != leads else None
    if executable is None and kind in ("mode", "hunk in"):
        return None
    if kind in ("hunk", "hunk in"):
        hunks = diff(path, text, f"first {number}\n{text}")
        return replace(hunks[0], path=to if kind == "hunk in" else path)
    if kind == "delete":
        return delete(path, text, mode)
    if kind == "mode":
        return ResolvedMode(path, "100644" if executable else "100755", mode)
    return ResolvedRename(path, to, kind == "copy")


def in_steps(operations: Operations) -> Operations:
    """Two files exchange their names by two renames, and the second one is edited under its new
    name; a file becomes a link by two changes."""
    steps: Operations = []
    for kind, one, two in operations:
        if kind == "exchange":
            steps += [("rename", one, two), ("rename", two, one), ("hunk in", two, one)]
        elif kind == "relink":
            steps += [("delete", one, one), ("link", one, two)]
        else:
            steps.append((kind, one, two))
    return steps


def accept(space: Workspace, root: Path, number: int, operations: Operations) -> bool:
    """One decision; whatever the workspace refuses must leave the disk alone."""
    before = tree_of(root)
    accepted: list[Accepted] = []
    for index, (kind, one, two) in enumerate(in_steps(operations)):
        resolved = resolved_of(before, kind, PATHS[one], PATHS[two], number * 10 + index)
        if resolved is not None:
            made = resolved.kind == "create"
            base = "" if made else space.read(PATHS[one], follow=False).digest
            accepted.append(Accepted(f"{number}-{index}", resolved, base))
    answer = space.commit(TurnInfo(f"t{number}", "", "p", "m"), accepted)
    if isinstance(answer, Refused):
        assert tree_of(root) == before
        return False
    return bool(answer.changes)


def run(turns: list[Operations], order: list[int]) -> None:
    with workspace() as (repo, space):
        (repo.root / "kept").mkdir()
        states = [tree_of(repo.root)]
        for number, operations in enumerate(turns):
            if accept(space, repo.root, number, operations):
                states.append(tree_of(repo.root))
        back_and_on(repo, space, states)
        in_any_order(repo, space, len(states) - 1, order)
        assert (repo.root / "kept").is_dir()


def back_and_on(repo: Repo, space: Workspace, states: list[Tree]) -> None:
    for state in reversed(states[:-1]):
        report = space.undo()
        assert report.conflicts == ()
        assert tree_of(repo.root) == state
    assert not (repo.root / "d").exists()
    for state in states[1:]:
        report = space.redo()
        assert report.conflicts == ()
        assert tree_of(repo.root) == state
    assert space.redo().nothing_to_do


def in_any_order(repo: Repo, space: Workspace, turns: int, order: list[int]) -> None:
    """Whatever cannot be done leaves everything as it was; what can be is done to the end."""
    for pick in order:
        if not turns:
            return
        before = tree_of(repo.root)
        selector = str(pick % turns + 1)
        report = space.undo(selector) if pick % 3 else space.redo(selector)
        if report.conflicts:
            assert tree_of(repo.root) == before
        else:
            assert {c.applied for c in report.undone} <= {not pick % 3}
        assert not list(repo.root.rglob(".spark-*"))
        assert space.recover() == []


def test_a_name_that_was_given_to_another_file_is_not_mistaken_for_it() -> None:
    """Create a, rename it to b, create another a, edit that; back, and on again."""
    run([[("create", 0, 0)], [("rename", 0, 1)], [("create", 0, 0)], [("hunk", 0, 0)]], [])


def test_a_deleted_file_comes_back_with_the_mode_that_it_really_had() -> None:
    """The patch that deletes it does not know of the mode that came before it."""
    run([[("create", 0, 0)], [("mode", 0, 0), ("delete", 0, 0)]], [])


def test_a_mode_that_is_set_by_the_decision_that_renames_the_file_is_undone_with_it() -> None:
    """The change of the mode is kept under the new name, and so is found there."""
    run([[("create", 0, 0)], [("mode", 0, 0), ("rename", 0, 1)]], [])
    run([[("create", 0, 0)], [("rename", 0, 1)], [("mode", 1, 0), ("rename", 1, 0)]], [])


A, B, F = 0, 1, 4
BOTH = [("create", A, 0), ("create", B, 0)]
EXCHANGED: list[Operations] = [
    [("mode", A, 0), ("rename", A, B), ("create", A, 0)],
    [("mode", A, 0), ("hunk", A, 0), ("rename", A, B), ("create", A, 0)],
    [("rename", A, F), ("rename", B, A)],
    [("mode", A, 0), ("rename", A, F), ("rename", B, A)],
    [("hunk", A, 0), ("rename", A, F), ("mode", B, 0), ("rename", B, A)],
    [("hunk", A, 0), ("hunk", B, 0), ("rename", B, F), ("rename", A, B), ("create", A, 0)],
    [("delete", A, 0), ("rename", B, A)],
    [("delete", A, 0), ("copy", B, A)],
    [("delete", A, 0), ("create", A, 0)],
    [("mode", A, 0), ("rename", A, 2), ("rename", B, A)],
    [("rename", A, B), ("rename", B, A)],
    [("exchange", A, B)],
    [("exchange", B, A)],
    [("relink", A, F)],
    [("rename", A, F), ("link", A, B)],
]


@pytest.mark.parametrize("operations", EXCHANGED)
def test_a_decision_that_gives_a_name_to_another_file_goes_back_and_comes_again(
    operations: Operations,
) -> None:
    """Each file keeps its own bytes, mode and history, whichever name it has."""
    only_a = ("rename", A, B) in operations and ("rename", B, F) not in operations
    with workspace() as (repo, space):
        states = [tree_of(repo.root)]
        for number, one in enumerate([BOTH[:1] if only_a else BOTH, [("hunk", A, 0)], operations]):
            assert accept(space, repo.root, number, one), one
            states.append(tree_of(repo.root))
        for _ in range(2):
            back_and_on(repo, space, states)
        (new_name,) = [path for path, (text, _) in states[-1].items() if "first 10" in text] or [""]
        report = space.undo("2")
        if not new_name:
            assert report.conflicts
            assert tree_of(repo.root) == states[-1]
            return
        text, executable = states[-1][new_name]
        without = {**states[-1], new_name: (text.replace("first 10\n", ""), executable)}
        assert (report.conflicts, tree_of(repo.root)) == ((), without)
        assert space.redo("2").conflicts == ()
        assert tree_of(repo.root) == states[-1]


@pytest.mark.parametrize("change", ["hunk", "mode"])
def test_a_file_that_is_changed_deleted_and_replaced_at_once_is_refused(change: str) -> None:
    with workspace() as (repo, space):
        assert accept(space, repo.root, 0, list(BOTH))
        operations = [(change, A, 0), ("delete", A, 0), ("rename", B, A)]
        assert not accept(space, repo.root, 1, operations)
        assert not accept(space, repo.root, 1, [("mode", A, 0), ("mode", A, 0)])
        assert accept(space, repo.root, 1, operations[1:])


def test_what_is_changed_before_its_name_is_exchanged_is_refused() -> None:
    """Which of the names such a change means cannot be told."""
    with workspace() as (repo, space):
        assert accept(space, repo.root, 0, list(BOTH))
        exchange = [("rename", A, B), ("rename", B, A)]
        assert not accept(space, repo.root, 1, [("hunk", A, 0), *exchange])
        assert not accept(space, repo.root, 1, [("mode", B, 0), *exchange])
        assert accept(space, repo.root, 1, exchange)


def test_a_file_becomes_a_link_and_a_file_again() -> None:
    with workspace() as (repo, space):
        path = repo.root / "a.py"
        path.chmod(0o750)
        text = path.read_text()
        changes = [
            Accepted("1", delete("a.py", text, "100755"), space.read("a.py").digest),
            Accepted("2", create("a.py", "b.py", "120000"), ""),
        ]
        assert not isinstance(space.commit(TurnInfo("t", "", "p", "m"), changes), Refused)
        for _ in range(2):
            assert str(path.readlink()) == "b.py"
            assert space.undo().conflicts == ()
            assert (path.is_symlink(), path.read_text()) == (False, text)
            assert stat.S_IMODE(path.stat().st_mode) == 0o750
            assert space.redo().conflicts == ()


def test_a_name_that_was_given_away_goes_back_from_other_processes() -> None:
    with workspace() as (repo, space):
        states = [tree_of(repo.root)]
        for number, one in enumerate([BOTH, EXCHANGED[4], [("hunk", A, 0)]]):
            assert accept(space, repo.root, number, one)
            states.append(tree_of(repo.root))
        space.close()
        for state in reversed(states[1:-1]):
            assert spark("undo", cwd=repo.root).code == 0
            assert tree_of(repo.root) == state
        assert spark("redo", cwd=repo.root).code == 0
        assert tree_of(repo.root) == states[2]
        assert spark("undo", cwd=repo.root).code == 0
        assert tree_of(repo.root) == states[1]


SLOW = list(HealthCheck)


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(TURNS, st.lists(st.integers(0, 30), max_size=8))
def test_turns_of_file_operations_go_back_and_come_again(
    turns: list[Operations], order: list[int]
) -> None:
    run(turns, order)


@pytest.mark.full
@pytest.mark.timeout(1200)
@settings(max_examples=3000, deadline=None, suppress_health_check=SLOW)
@given(TURNS, st.lists(st.integers(0, 30), max_size=8))
def test_thousands_of_turns_of_file_operations(turns: list[Operations], order: list[int]) -> None:
    run(turns, order)
