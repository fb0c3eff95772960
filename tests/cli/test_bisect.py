"""`spark bisect`: the change of a turn that breaks the tests, found in copies, confined."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codexspark_tui.sandbox import probe
from tests.support.patches import changed, many_hunks, numbered
from tests.support.repo import Repo, Untouched
from tests.support.spark import SPARK, environment, run
from tests.support.unconfined import unconfined

TEXT = numbered(60)
GOOD = "! grep -q 'line 30!' a.txt"


@pytest.fixture
def broken(tmp_path: Path) -> Repo:
    """One turn of three changes, the second of which is at fault."""
    repo = Repo.make(tmp_path / "repo", {"a.txt": TEXT})
    patch = many_hunks("a.txt", TEXT, (10, 30, 50))
    assert run("apply", cwd=repo.root, stdin=patch.encode()).code == 0
    assert repo.text("a.txt") == changed(TEXT, 10, 30, 50)
    return repo


def test_the_change_at_fault_is_named_and_nothing_is_touched(broken: Repo) -> None:
    before = Untouched.of(broken.root)
    ran = run("bisect", "--yes", "--command", GOOD, cwd=broken.root)
    assert (ran.code, ran.text) == (0, "1.2\ta.txt\n")
    assert "to take it back: spark undo 1.2" in ran.err
    before.check()


def test_tests_that_pass_or_fail_anyway_name_no_change(broken: Repo) -> None:
    passed = run("bisect", "--yes", "--command", "true", cwd=broken.root)
    assert (passed.code, passed.out) == (1, b"")
    assert "it passes with all of the changes" in passed.err
    failed = run("bisect", "--yes", "--command", "false", cwd=broken.root)
    assert (failed.code, failed.out) == (1, b"")
    assert "it fails without any of the 3 changes, too" in failed.err


def test_what_is_run_cannot_write_outside_its_copy_and_nobody_is_asked(
    broken: Repo, tmp_path: Path
) -> None:
    if not probe().confines:
        pytest.skip("nothing confines a command on this machine")
    outside = Path.home() / "made-outside"
    command = f"touch {outside} {broken.root}/made; {GOOD}"
    ran = run("bisect", "--command", command, cwd=broken.root)
    assert (ran.code, ran.text) == (0, "1.2\ta.txt\n")
    assert not outside.exists()
    assert not (broken.root / "made").exists()


def test_where_nothing_confines_it_is_asked_first(broken: Repo, tmp_path: Path) -> None:
    jail = tmp_path / "jail"
    jail.mkdir()
    before = unconfined(jail, broken.root)
    command = [*before, *SPARK, "bisect", "--command", f"touch {tmp_path}/ran"]
    done = subprocess.run(
        command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert b"nothing confines a command here" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_without_a_command_it_says_how_to_set_one(broken: Repo) -> None:
    ran = run("bisect", cwd=broken.root)
    assert ran.code == 2
    assert "test_command" in ran.err
