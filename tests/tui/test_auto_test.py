"""Tests that run by themselves after an accept: which, where, and what they say of a change."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from codexspark_tui.actions.affected import affected, holds_tests, narrowed, whole
from codexspark_tui.actions.auto_test import AutoTest
from codexspark_tui.index.keeper import Keeper
from codexspark_tui.sandbox import probe
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo, Untouched
from tests.support.spark import run as spark
from tests.tui.conftest import Running, hunk, opened

PYTEST = f"{shlex.quote(sys.executable)} -m pytest -q -p no:cacheprovider"
FILES: dict[str, str | bytes] = {
    "shop/__init__.py": "",
    "shop/rates.py": (
        "def _rate():\n    return 2\n\n\ndef price(n):\n    return n * _rate()\n\n\n"
        "def other():\n    return 5\n"
    ),
    "shop/bill.py": (
        "from shop.rates import price\n\n\ndef total(all):\n    return sum(map(price, all))\n"
    ),
    "shop/alone.py": "def alone():\n    return 1\n",
    "tests/test_bill.py": (
        "from shop.bill import total\n\n\ndef test_total():\n    assert total([1, 2]) == 6\n"
    ),
    "tests/test_other.py": (
        "from shop.rates import other\n\n\ndef test_other():\n    open('ran-other', 'w')\n"
        "    assert other() == 5\n"
    ),
    "tests/helper.py": "def other_helper():\n    return 1\n",
    "README.md": "price\n",
}
RATE = hunk("shop/rates.py", " def _rate():", "-    return 2", "+    return 3")
OTHER = hunk("shop/rates.py", " def other():", "-    return 5", "+    return 2 + 3")
ALONE = hunk("shop/alone.py", " def alone():", "-    return 1", "+    return 2")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests that are run confined use this interpreter, as if its environment were active."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture
def bills(repo: Repo) -> Repo:
    if not probe().confines:
        pytest.skip("nothing confines a command here")
    repo.commit(FILES)
    return repo


def marks(run: Running) -> list[str]:
    return [item.tested for item in run.screen.pane.board.items.values()]


async def accept(run: Running, many: int) -> None:
    await run.send("go")
    await run.until(lambda: run.rested)
    for _ in range(many):
        await run.press("y")


async def test_tests_of_the_changed_symbol_run_at_once_and_mark_it(bills: Repo) -> None:
    """`_rate` is tested by what calls `price`, two steps away; `other` by its own test."""
    auto = AutoTest("affected")
    async with opened(bills, RATE + OTHER, test_command=PYTEST, auto_test=auto) as run:
        await accept(run, 1)
        await run.until(lambda: marks(run) == ["tests failed", ""])
        said = [line for block in run.screen.prose.prose.blocks for line in block.lines]
        assert "The tests failed in 1 file:" in said
        assert "E       assert 9 == 6" in said
        await run.press("u")
        await run.until(lambda: run.states()["c1"] == "undone")
        assert marks(run) == ["", ""]
        await run.press("n", "J", "y")
        await run.until(lambda: marks(run)[1] == "tests passed")
        assert "tests passed in 1 file with 1 change" in run.screen.keys._said
    assert not (bills.root / "ran-other").exists()


async def test_change_that_no_test_speaks_of_runs_nothing(bills: Repo) -> None:
    auto = AutoTest("affected")
    async with opened(bills, ALONE, test_command="false", auto_test=auto) as run:
        await accept(run, 1)
        await run.until(lambda: "no test speaks of this change" in run.screen.keys._said)
        assert marks(run) == [""]


async def test_all_runs_the_whole_command(bills: Repo) -> None:
    async with opened(bills, ALONE, test_command=PYTEST, auto_test=AutoTest("all")) as run:
        await accept(run, 1)
        await run.until(lambda: marks(run) == ["tests passed"])


async def test_what_runs_by_itself_is_confined(bills: Repo, isolated_home: Path) -> None:
    """It reads the tree and no key, writes to the copy only, and reaches no network."""
    (isolated_home / ".ssh").mkdir()
    (isolated_home / ".ssh/id").write_text("key")
    bills.write({"kept": "kept"})
    script = (
        f"! cat {isolated_home}/.ssh/id && echo x > kept && ! echo x > {bills.root}/kept"
        f" && git log -1 && cat {bills.root}/README.md"
        " && ! python3 -c 'import socket; socket.create_connection((\"192.0.2.1\", 80), 2)'"
    )
    async with opened(bills, ALONE, test_command=script, auto_test=AutoTest("all")) as run:
        await accept(run, 1)
        await run.until(lambda: marks(run)[0] not in ("", "testing"))
        said = [line for b in run.screen.prose.prose.blocks for line in b.lines]
        assert marks(run) == ["tests passed"], said
    assert bills.text("kept") == "kept"


async def test_a_run_is_stopped_by_escape(bills: Repo) -> None:
    auto = AutoTest("all")
    async with opened(bills, ALONE, test_command="sleep 60", auto_test=auto) as run:
        await accept(run, 1)
        await run.until(lambda: marks(run) == ["testing"])
        await run.press("escape")
        await run.until(lambda: marks(run) == [""])


def test_the_index_finds_the_same_tests_as_a_search(bills: Repo, tmp_path: Path) -> None:
    keeper = Keeper(bills.root, tmp_path / "index")
    workspace = Workspace.open(bills.root)
    for built in (False, True):
        if built:
            keeper.index().refresh()
            keeper.index().build()
        index = keeper.index() if built else None
        assert affected(workspace, {"shop/rates.py": [2]}, index) == ("tests/test_bill.py",)
        assert affected(workspace, {"shop/rates.py": [10]}, index) == ("tests/test_other.py",)
        both = ("tests/test_bill.py", "tests/test_other.py")
        assert affected(workspace, {"shop/rates.py": [2, 9]}, index) == both
        assert affected(workspace, {"tests/test_bill.py": [1]}, index) == both[:1]
        assert affected(workspace, {"shop/alone.py": [1], "README.md": [1]}, index) == ()
    keeper.close()
    workspace.close()


def test_what_was_just_written_counts_for_the_index(bills: Repo, tmp_path: Path) -> None:
    keeper = Keeper(bills.root, tmp_path / "index")
    keeper.index().refresh()
    keeper.index().build()
    new = "from shop.alone import alone\n\n\ndef test_alone():\n    assert alone() == 1\n"
    patch = hunk("shop/alone.py", " def alone():", "-    return 1", "+    return 1 + 0")
    patch += "--- /dev/null\n+++ b/tests/test_alone.py\n@@ -0,0 +1,5 @@\n" + "".join(
        f"+{line}\n" for line in new.splitlines()
    )
    assert spark("apply", cwd=bills.root, stdin=patch.encode()).code == 0
    before = Untouched.of(bills.root)
    workspace = Workspace.open(bills.root)
    planned = AutoTest("affected", keeper).planned(workspace, PYTEST, ["1.1", "1.2"])
    assert planned.tests == ("tests/test_alone.py",)
    assert planned.command == f"{PYTEST} tests/test_alone.py"
    assert AutoTest("affected", keeper).run(workspace, planned.command).passed
    keeper.close()
    workspace.close()
    before.check()


TWO = ("tests/a b_test.go", "tests/c_test.go")


@pytest.mark.parametrize(
    ("command", "tests", "narrow"),
    [
        ("pytest -q", ("t/test_a.py",), "pytest -q t/test_a.py"),
        ("python3.11 -m pytest", ("a b.py",), "python3.11 -m pytest 'a b.py'"),
        (".venv/bin/pytest", ("t.py",), ".venv/bin/pytest t.py"),
        ("python -m unittest", ("t.py",), "python -m unittest t.py"),
        ("npx vitest run", ("a.test.ts",), "npx vitest run a.test.ts"),
        ("jest --ci", ("a.test.ts",), "jest --ci a.test.ts"),
        ("make test FILES='{files}'", ("t.py",), "make test FILES='t.py'"),
        ("go test ./...", TWO, "go test ./tests"),
        ("pytest tests", ("t.py",), ""), ("make test", ("t.py",), ""),
        ("cargo test", ("t.rs",), ""), ("pytest; true", ("t.py",), ""),
        ("pytest -q", ("-rm.py",), ""), ("pytest-watch", ("t.py",), ""),
        ("pytest -q", tuple(f"t{n}.py" for n in range(70)), ""),
    ],
)  # fmt: skip
def test_command_is_narrowed_where_it_takes_files(
    command: str, tests: tuple[str, ...], narrow: str
) -> None:
    assert narrowed(command, tests, lambda word: word == "tests") == narrow
    assert "{files}" not in whole(command)


def test_what_stands_beside_tests_holds_none() -> None:
    assert holds_tests("tests/test_a.py")
    assert holds_tests("src/a.test.ts")
    assert holds_tests("pkg/a_test.go")
    assert not holds_tests("tests/helper.py")
    assert not holds_tests("tests/conftest.py")
    assert not holds_tests("src/a.py")
