"""`spark tests FILE`: skeletons without a model, real tests with one, run once they are written."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from codexspark_tui.actions.test_writing import command_for
from codexspark_tui.sandbox import probe
from tests.support.repo import Repo, Untouched
from tests.support.spark import SPARK, Typist, environment, run, script, scripted
from tests.support.unconfined import unconfined

CALC = "def add(a, b):\n    return a + b\n"
GOOD = (
    "import unittest\n\nimport calc\n\n\nclass Adding(unittest.TestCase):\n"
    "    def test_small(self):\n        self.assertEqual(calc.add(1, 2), 3)\n"
)
BAD = GOOD.replace("3)", "4)")
COMMAND = f"{shlex.quote(sys.executable)} -B -m unittest -q test_calc"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests that are run confined use this interpreter, as if its environment were active."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture
def calc(repo: Repo) -> Repo:
    repo.commit({"calc.py": CALC, "test_other.py": "import calc\n"})
    return repo


def new(text: str) -> str:
    added = "".join(f"+{line}\n" for line in text.splitlines())
    return f"--- /dev/null\n+++ b/test_calc.py\n@@ -0,0 +1,{len(text.splitlines())} @@\n{added}"


def test_without_a_model_skeletons_are_printed_as_before(calc: Repo) -> None:
    ran = run("tests", "calc.py", cwd=calc.root)
    assert ran.code == 0
    assert "+def test_add():\n" in ran.text


def test_a_models_tests_are_written_and_run(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, new(GOOD), record="asked.jsonl")
    before = Untouched.of(calc.root)
    arguments = ("tests", "calc.py", "--apply", "--run", COMMAND, *scripted(answers))
    ran = run(*arguments, cwd=calc.root)
    assert (ran.code, ran.out) == (0, b""), ran.err
    assert f"the tests pass ({COMMAND}, " in ran.err
    asked = json.loads((tmp_path / "asked.jsonl").read_text())
    assert asked["prompt"].startswith("Write tests for calc.py.\n\nWrite tests for what the file")
    assert asked["files"] == ["calc.py", "test_other.py"]
    before.check({"test_calc.py"})
    assert calc.text("test_calc.py") == GOOD


def test_a_test_that_fails_is_told_and_stays(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, new(BAD))
    arguments = ("tests", "calc.py", "--apply", "--json", "--run", COMMAND, *scripted(answers))
    ran = run(*arguments, cwd=calc.root)
    assert (ran.code, ran.result["status"], ran.result["accepted"]) == (1, "partial", 1)
    kinds = [line["type"] for line in ran.lines]
    assert kinds.index("file_written") < kinds.index("run_finished") < kinds.index("result")
    assert "test_calc.py:8: AssertionError: 3 != 4" in ran.err
    assert calc.text("test_calc.py") == BAD


def test_what_was_not_accepted_is_not_run(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, new(GOOD))
    mark = calc.root / "ran"
    ran = run("tests", "calc.py", "--run", f"touch {mark}", *scripted(answers), cwd=calc.root)
    assert ran.code == 0
    assert ran.text.endswith("+        self.assertEqual(calc.add(1, 2), 3)\n")
    assert not mark.exists()


def test_nobody_to_ask_is_exit_2_and_no_run_says_not_to(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, new(GOOD))
    env = {"SPARK_TEST_COMMAND": COMMAND}
    ran = run("tests", "calc.py", "--apply", *scripted(answers), cwd=calc.root, env=env)
    assert ran.code == 2
    assert f"the new tests are written and were not run: {COMMAND}" in ran.err
    assert run("undo", cwd=calc.root).code == 0
    ran = run("tests", "calc.py", "--apply", "--no-run", *scripted(answers), cwd=calc.root)
    assert ran.code == 0


@pytest.mark.skipif(not probe().confines, reason="nothing can be confined here")
def test_the_mode_auto_runs_them_confined(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, new(GOOD))
    outside = tmp_path / "outside"
    command = f"touch {outside}; {COMMAND}"
    ran = run(
        *("tests", "calc.py", "--apply", "--approvals", "auto", *scripted(answers)),
        cwd=calc.root,
        env={"SPARK_TEST_COMMAND": command},
    )
    assert ran.code == 0, ran.err
    assert not outside.exists()


def test_where_nothing_confines_them_they_are_asked_for_whatever_the_mode(
    calc: Repo, tmp_path: Path
) -> None:
    jail, ran = tmp_path / "jail", tmp_path / "ran"
    jail.mkdir()
    before = unconfined(jail, calc.root)
    answers = script(tmp_path, new(GOOD))
    arguments = ("tests", "calc.py", "--apply", "--approvals", "auto", *scripted(answers))
    done = subprocess.run(
        [*before, *SPARK, *arguments],
        env=environment({"SPARK_TEST_COMMAND": f"touch {shlex.quote(str(ran))}"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert b"not confined" in done.stderr
    assert not ran.exists()
    code = (
        "from pathlib import Path; from codexspark_tui.workspace import Workspace\n"
        "from codexspark_tui.actions.confined_check import check_confined\n"
        f"check_confined(Workspace.open(Path('.')), 'touch {ran}')"
    )
    done = subprocess.run(
        [*before, sys.executable, "-c", code], env=environment(), capture_output=True, check=False
    )
    assert b"UsageError: commands are not confined" in done.stderr, done.stderr
    assert not ran.exists()


def test_the_person_is_asked_on_a_terminal(calc: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, new(GOOD))
    arguments = ["tests", "calc.py", "--apply", *scripted(answers)]
    with Typist(arguments, calc.root, env={"SPARK_TEST_COMMAND": COMMAND}) as typist:
        typist.expect(f"Run the new tests? {COMMAND}")
        typist.answer("Which one?", "1")
        typist.expect("the tests pass")
        assert typist.end().code == 0


def test_the_command_follows_from_the_tests(calc: Repo) -> None:
    calc.write({"pkg/b_test.go": "", "test_a b.py": "", "a.test.ts": "", "package.json": "{}"})
    assert command_for(calc.root, ["test_a b.py", "calc.py"], "").endswith("-q 'test_a b.py'")
    assert command_for(calc.root, ["pkg/b_test.go"], "") == "go test ./pkg"
    assert command_for(calc.root, ["a.test.ts"], "") == "npm test"
    assert command_for(calc.root, ["calc.py"], "") == ""
    assert command_for(calc.root, ["calc.py"], "make test") == "make test"
