"""`kill -9` at any system call leaves everything before or everything after."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo, Untouched
from tests.support.spark import run
from tests.workspace import tracing
from tests.workspace.actor import AFTER, FILES, TOUCHED, on_disk, one_line
from tests.workspace.helpers import turn
from tests.workspace.tracing import Call

pytestmark = pytest.mark.skipif(bool(tracing.why_not()), reason=tracing.why_not() or "traced")

# the calls between which something can be half done; reads change nothing
CHANGING = {
    "fdatasync", "fsync", "ftruncate", "mkdir", "openat", "pwrite64", "rename", "rmdir",
    "symlink", "unlink", "write", "fchmod", "flock",
}  # fmt: skip


def make(root: Path, action: str) -> Repo:
    repo = Repo.make(root, {**FILES, "first.txt": "1\n2\n", "keep.txt": "mine\n"})
    space = Workspace.open(repo.root)
    space.commit(turn("first"), [one_line(space, "first.txt", 1, "x")])
    space.close()
    if action in ("undo", "redo"):
        assert tracing.run_actor(repo.root, "accept").stdout == "done"
    if action == "redo":
        assert tracing.run_actor(repo.root, "undo").stdout == "done"
    return repo


def check_settled(repo: Repo, before: Untouched) -> str:
    """Recover as the next start does; "before" or "after", with the ledger of the same mind."""
    space = Workspace.open(repo.root)
    said = space.recover()
    assert len(said) <= 1
    assert space.recover() == []
    found = on_disk(repo.root)
    assert found in (FILES, AFTER)
    executable = bool((repo.root / "tool").stat().st_mode & 0o100)
    assert executable == (found == AFTER)
    before.check(touched=TOUCHED)
    folders = {str(p.relative_to(repo.root)) for p in repo.root.rglob("*") if p.is_dir()}
    assert not {f for f in folders if f[0] != "."} - {"d", "e", "e/f", "n"}
    applied = any(t.number == 2 and t.applied == 12 for t in space.log())
    assert applied == (found == AFTER)
    report = space.undo("2") if applied else None
    if report is not None:
        assert report.conflicts == ()
        assert on_disk(repo.root) == FILES
        before.check(touched=TOUCHED)
    space.close()
    return "after" if applied else "before"


def points(tmp_path: Path, action: str) -> list[Call]:
    repo = make(tmp_path / "dry", action)
    calls = tracing.calls_of(repo.root, action, tmp_path / "log")
    return [call for call in calls if changes_something(call)]


def changes_something(call: Call) -> bool:
    return call.name in CHANGING and (call.name != "openat" or "O_CREAT" in call.arguments)


def some(calls: list[Call]) -> list[Call]:
    """First, second and last rename, the ledger's flush, the first deletion, a folder's flush."""
    renames = [c for c in calls if c.name == "rename"]
    syncs = [c for c in calls if c.name in ("fsync", "fdatasync")]
    unlinks = [c for c in calls if c.name == "unlink"]
    return [syncs[0], renames[0], renames[1], renames[-1], unlinks[-1], syncs[-1], calls[-1]]


def run_all(tmp_path: Path, action: str, calls: list[Call]) -> dict[str, int]:
    ended: dict[str, int] = {}
    for number, call in enumerate(calls):
        repo = make(tmp_path / f"at{number}", action)
        before = Untouched.of(repo.root)
        assert tracing.killed_at(repo.root, action, call), call
        end = check_settled(repo, before)
        ended[end] = ended.get(end, 0) + 1
    return ended


def test_an_accept_killed_at_the_worst_moments_is_whole_or_not_at_all(tmp_path: Path) -> None:
    ended = run_all(tmp_path, "accept", some(points(tmp_path, "accept")))
    assert set(ended) == {"before", "after"}


def test_an_undo_killed_at_the_worst_moments_is_whole_or_not_at_all(tmp_path: Path) -> None:
    ended = run_all(tmp_path, "undo", some(points(tmp_path, "undo"))[1::2])
    assert sum(ended.values()) == 3


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("action", ["accept", "undo", "redo"])
def test_killed_at_every_changing_call(tmp_path: Path, action: str) -> None:
    calls = points(tmp_path, action)
    assert len(calls) > 50
    ended = run_all(tmp_path, action, calls)
    assert set(ended) == {"before", "after"}


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_recovery_that_is_killed_is_taken_up_again(tmp_path: Path) -> None:
    first = [c for c in points(tmp_path, "accept") if c.name == "rename"][2]
    dry = make(tmp_path / "dry2", "accept")
    assert tracing.killed_at(dry.root, "accept", first)
    calls = [
        c for c in tracing.calls_of(dry.root, "recover", tmp_path / "log2") if c.name in CHANGING
    ]
    for number, call in enumerate(calls):
        repo = make(tmp_path / f"again{number}", "accept")
        before = Untouched.of(repo.root)
        assert tracing.killed_at(repo.root, "accept", first)
        assert tracing.killed_at(repo.root, "recover", call)
        check_settled(repo, before)


def test_an_interrupted_write_is_finished_by_the_next_decision(tmp_path: Path) -> None:
    renames = [c for c in points(tmp_path, "accept") if c.name == "rename"]
    repo = make(tmp_path / "next", "accept")
    before = Untouched.of(repo.root)
    assert tracing.killed_at(repo.root, "accept", renames[1])
    assert on_disk(repo.root) not in (FILES, AFTER)
    space = Workspace.open(repo.root)
    space.commit(turn("after"), [one_line(space, "first.txt", 2, "y")])
    assert on_disk(repo.root) == AFTER
    before.check(touched=TOUCHED | {"first.txt"})


def test_a_file_that_was_edited_after_the_crash_is_left_alone_and_named(tmp_path: Path) -> None:
    renames = [c for c in points(tmp_path, "accept") if c.name == "rename"]
    repo = make(tmp_path / "edited", "accept")
    assert tracing.killed_at(repo.root, "accept", renames[1])
    waiting = next(n for n in ("a.py", "d/c.py") if repo.text(n) == FILES[n])
    repo.write({waiting: "the user's own\n"})
    (said,) = Workspace.open(repo.root).recover()
    assert said == (
        f"An interrupted write of 9 files was finished. Changed since, so left alone: {waiting!r}."
    )
    assert on_disk(repo.root) == {**AFTER, waiting: "the user's own\n"}


@pytest.mark.parametrize("command", [("log",), ("undo", "1"), ("edit", "sort imports", "a.py")])
def test_the_next_command_settles_it_and_says_so_in_one_sentence(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    renames = [c for c in points(tmp_path, "accept") if c.name == "rename"]
    repo = make(tmp_path / "told", "accept")
    assert tracing.killed_at(repo.root, "accept", renames[1])
    ran = run(*command, cwd=repo.root)
    said = [line for line in ran.err.splitlines() if "interrupted" in line]
    assert [line.removeprefix("spark: ") for line in said] == [
        "An interrupted write of 9 files was finished."
    ]
    assert on_disk(repo.root) == AFTER
    assert "interrupted" not in run("log", cwd=repo.root).err
