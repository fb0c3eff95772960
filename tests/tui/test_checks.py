"""The test command in a copy of the tree, and the change that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from codexspark_tui.actions.checking import Checked, bisect, check, written_in
from codexspark_tui.actions.confined_check import needs_asking
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo, Untouched
from tests.support.spark import SPARK, run, script, scripted
from tests.support.unconfined import unconfined
from tests.tui.conftest import Running, hunk, opened, painted, rows
from tests.tui.terminal import Screen

FOUR = "".join(hunk("shop/prices.py", f"-line {n}", f"+LINE {n}") for n in (5, 15, 25, 35))
BREAKS = "! grep -q 'LINE 25' shop/prices.py"


async def all_accepted(run: Running) -> None:
    await run.send("go")
    await run.until(lambda: run.rested)
    await run.press("y", "y", "y", "y")
    await run.until(lambda: set(run.states().values()) == {"written"})


def marks(run: Running) -> list[str]:
    return [item.tested for item in run.screen.pane.board.items.values()]


@pytest.fixture
def confined() -> None:
    if needs_asking():
        pytest.skip("nothing confines a command here")


async def test_tests_run_confined_and_mark_the_changes(
    shop: Repo, confined: None, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    command = f"touch {outside} {shop.root}/x; grep -q 'LINE 5' shop/prices.py"
    async with opened(shop, FOUR, test_command=command) as run:
        await all_accepted(run)
        await run.press("t")
        await run.until(lambda: marks(run) == ["tests passed"] * 4)
        assert "tests passed" in "\n".join(rows(run.screen.pane.diff))
        await run.until(lambda: not run.screen.pane.checks.running)
    assert not outside.exists()
    assert not (shop.root / "x").exists()


async def test_tests_that_are_stopped_have_not_failed(shop: Repo, confined: None) -> None:
    async with opened(shop, FOUR, test_command="sleep 60") as run:
        await all_accepted(run)
        for key in ("t", "b"):
            await run.press(key)
            await run.until(lambda: bool(run.screen.pane.checks.running))
            await run.press("escape")
            await run.until(lambda: not run.screen.pane.checks.running)
            assert marks(run) == [""] * 4
            await run.until(lambda: "stopped" in run.screen.keys._said)


def test_where_nothing_confines_a_command_the_person_is_asked(shop: Repo, tmp_path: Path) -> None:
    (tmp_path / "jail").mkdir()
    told = scripted(script(tmp_path, hunk("shop/prices.py", "-line 5", "+LINE 5")))
    command = (*unconfined(tmp_path / "jail", shop.root), *SPARK)
    env = {"SPARK_TEST_COMMAND": "grep -q 'LINE 5' shop/prices.py"}
    with Screen(told, shop.root, (80, 24), env=env, command=command) as person:
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for("y accept  n reject")
        person.type("y")
        person.wait_for("✓ accepted")
        person.type("t")
        person.wait_for("nothing keeps it from the network")
        person.type("y")
        person.wait_for("tests passed")


async def test_a_failed_test_is_traced_to_the_change_that_breaks_it(
    shop: Repo, confined: None
) -> None:
    async with opened(shop, FOUR, test_command=f"echo was here; {BREAKS}") as run:
        await all_accepted(run)
        await run.press("t")
        await run.until(lambda: marks(run) == ["tests failed"] * 4)
        assert "It ran confined, without network" in painted(run.app)
        await run.press("b")
        await run.until(lambda: marks(run) == ["", "", "breaks the tests", ""])
        assert run.screen.pane.control.cursor == "c3"
    assert "LINE 25" in shop.text("shop/prices.py")


async def test_without_a_command_it_is_said_where_to_set_one(shop: Repo) -> None:
    async with opened(shop, FOUR) as run:
        await all_accepted(run)
        await run.press("t")
        assert "test_command" in run.screen.keys._said


@pytest.fixture
def written(shop: Repo, tmp_path: Path) -> Repo:
    """A turn of four written changes."""
    done = run("apply", "--json", cwd=shop.root, stdin=FOUR.encode())
    assert done.code == 0, done.err
    return shop


def test_a_check_leaves_the_tree_alone_whatever_the_command_does(written: Repo) -> None:
    before = Untouched.of(written.root)
    workspace = Workspace.open(written.root)
    done = check(workspace, "rm -rf shop; echo done; exit 3")
    workspace.close()
    assert (done.passed, done.exit_code, done.said) == (False, 3, "done")
    before.check(touched=set())


def test_what_a_command_leaves_behind_is_ended_and_a_slow_one_stopped(written: Repo) -> None:
    workspace = Workspace.open(written.root)
    done = check(workspace, "sleep 300 & echo $!; wait", timeout_s=0.3)
    workspace.close()
    assert not done.passed
    pid, _, why = done.said.partition("\n")
    assert why == "it took longer than 0.3 s"
    assert not _lives(int(pid))


def _lives(pid: int) -> bool:
    """A process that nobody has waited for yet does nothing any more."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_halving_finds_the_first_change_that_fails(written: Repo) -> None:
    workspace = Workspace.open(written.root)
    changes = written_in(workspace, None)
    told: list[tuple[int, bool]] = []

    def runs(command: str) -> Callable[[Sequence[str]], Checked]:
        return lambda out: check(workspace, command, without=out)

    found = bisect(changes, runs(BREAKS), tell=lambda kept, of, c: told.append((kept, c.passed)))
    assert found.change == changes[2]
    assert told == [(4, False), (0, True), (2, True), (3, False)]
    assert bisect(changes, runs("true")).change is None
    assert bisect(changes, runs("false")).before
    workspace.close()
