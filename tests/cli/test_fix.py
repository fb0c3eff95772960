"""`spark fix -- COMMAND`: runs, mends, stops, undoes; with real commands and a scripted model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.patches import patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import Typist, interrupted_after, run, script, scripted, started

WRONG = "def add(a, b):\n    return a - b\n"
RIGHT = WRONG.replace("-", "+")
TESTS = """import unittest

import calc


class Adding(unittest.TestCase):
    def test_small(self):
        self.assertEqual(calc.add(1, 2), 3)

    def test_zero(self):
        self.assertEqual(calc.add(5, 0), 5)
"""
CHECK = ("--", sys.executable, "-B", "-m", "unittest", "-q", "test_calc")


@pytest.fixture
def wrong(repo: Repo) -> Repo:
    repo.commit({"calc.py": WRONG, "test_calc.py": TESTS})
    return repo


def living(group: int) -> list[str]:
    """The processes of a group that are no zombies, as the system tells of them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(path.parent.name)
    return found


def to(before: str, after: str) -> str:
    return patch_of("calc.py", before, after)


def test_a_failing_test_becomes_green_and_each_attempt_can_be_undone(
    wrong: Repo, tmp_path: Path
) -> None:
    half = WRONG.replace("a - b", "a + b - 0")
    bad = WRONG.replace("a - b", "a * b or a")
    answers = script(tmp_path, to(WRONG, bad), to(bad, half), record="asked.jsonl")
    before = Untouched.of(wrong.root)
    ran = run("fix", *scripted(answers), *CHECK, cwd=wrong.root)
    assert (ran.code, ran.out) == (0, b""), ran
    assert "the command passes after 2 attempts" in ran.err
    assert "written as turn 1, 2; taken back by: spark undo 2 && spark undo 1" in ran.err
    assert wrong.text("calc.py") == half
    first, second = [json.loads(line) for line in (tmp_path / "asked.jsonl").open()]
    assert first["prompt"].startswith("Make this command pass: ")
    assert "test_calc.py:8: AssertionError: -1 != 3 [test_small" in first["attached"]
    assert ">    8 |         self.assertEqual(calc.add(1, 2), 3)" in first["attached"]
    assert first["files"] == ["test_calc.py"]
    assert "2 != 3" in second["attached"]
    before.check({"calc.py"})
    for _ in range(2):
        assert run("undo", cwd=wrong.root).code == 0
    assert wrong.text("calc.py") == WRONG


def test_a_command_that_passes_asks_nobody(wrong: Repo) -> None:
    ran = run("fix", "--json", "--", "true", cwd=wrong.root)
    assert ran.code == 0
    assert [line["type"] for line in ran.lines] == ["run_started", "run_finished", "result"]
    assert ran.result["status"] == "done"


def test_what_makes_it_worse_is_undone(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, to(WRONG, WRONG.replace("a - b", "(a - b")))
    ran = run("fix", *scripted(answers), *CHECK, cwd=wrong.root)
    assert ran.code == 1
    assert "made it worse and was undone" in ran.err
    assert wrong.text("calc.py") == WRONG


def test_what_cannot_be_undone_is_said_and_stays(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, to(WRONG, WRONG.replace("a - b", "(a - b  # worse")))
    script_text = "if grep -q worse calc.py; then echo = > calc.py; fi; exec " + " ".join(CHECK[1:])
    ran = run("fix", *scripted(answers), "--", "sh", "-c", script_text, cwd=wrong.root)
    assert ran.code == 1
    assert "made it worse, and could not be undone by itself" in ran.err
    assert "written as turn 1" in ran.err
    assert wrong.text("calc.py") == "=\n"


def test_a_read_only_mode_asks_nobody(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, to(WRONG, RIGHT), record="asked.jsonl")
    ran = run("fix", "--approvals", "read-only", *scripted(answers), *CHECK, cwd=wrong.root)
    assert (ran.code, "lets nothing be written" in ran.err) == (2, True)
    assert not (tmp_path / "asked.jsonl").exists()


def test_it_stops_when_nothing_changes(wrong: Repo, tmp_path: Path) -> None:
    ran = run("fix", *scripted(script(tmp_path, "I do not know.\n")), *CHECK, cwd=wrong.root)
    assert ran.code == 1
    assert "no change was made, and the command still fails" in ran.err
    assert "I do not know." in ran.err


def test_two_attempts_that_leave_the_failure_as_it_is_are_enough(
    wrong: Repo, tmp_path: Path
) -> None:
    one, two = "# one\n" + WRONG, "# two\n" + WRONG
    answers = script(tmp_path, to(WRONG, one), to(one, two), to(two, RIGHT))
    ran = run("fix", *scripted(answers), *CHECK, cwd=wrong.root)
    assert ran.code == 1
    assert "two attempts have changed nothing about the failure" in ran.err
    assert wrong.text("calc.py") == two


def test_attempts_are_a_limit(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, to(WRONG, WRONG.replace("a - b", "a * b or a")))
    ran = run("fix", "--json", "--attempts", "1", *scripted(answers), *CHECK, cwd=wrong.root)
    assert ran.code == ran.result["exit_code"] == 6
    assert ran.result["error"]["code"] == "limit_reached"
    assert ran.result["files"] == ["calc.py"]


def test_time_is_a_limit_for_the_command_too(wrong: Repo) -> None:
    ran = run("fix", "--timeout", "0.3", "--", "sleep", "60", cwd=wrong.root)
    assert ran.code == 6
    assert "the time was up" in ran.err


def test_the_limit_is_named_as_it_was_set_not_what_was_left_of_it(
    wrong: Repo, tmp_path: Path
) -> None:
    slow = script(tmp_path, to(WRONG, RIGHT), rate_tok_s=1)
    ran = run("fix", "--timeout", "1", *scripted(slow), *CHECK, cwd=wrong.root)
    assert ran.code == 6
    assert "the limit of 1 s (--timeout) is reached" in ran.err, ran


def test_no_attempts_at_all_is_a_usage_error(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, to(WRONG, RIGHT))
    ran = run("fix", "--attempts", "0", *scripted(answers), *CHECK, cwd=wrong.root)
    assert (ran.code, wrong.text("calc.py")) == (2, WRONG)
    assert "--attempts: spark fix needs at least 1 attempt, not 0" in ran.err


def test_one_attempt_is_told_as_one(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, to(WRONG, WRONG.replace("a - b", "a * b or a")))
    ran = run("fix", "--attempts", "1", *scripted(answers), *CHECK, cwd=wrong.root)
    assert "the command still fails after 1 attempt\n" in ran.err, ran


@pytest.mark.parametrize("how", ["", "setsid "])
def test_what_a_command_leaves_behind_is_not_waited_for(wrong: Repo, how: str) -> None:
    command = f"{how}sleep 25 & echo bad; exit 1"
    ran = run("fix", "--", "sh", "-c", command, cwd=wrong.root, timeout_s=20)
    assert ran.code == 2  # no model is connected
    assert "Traceback" not in ran.err


def test_a_change_that_breaks_a_guard_counts_and_is_told_to_the_model(
    wrong: Repo, tmp_path: Path
) -> None:
    longer = WRONG.replace("\n", "  # as it was\n")
    answers = script(tmp_path, to(WRONG, longer), to(WRONG, RIGHT), record="asked.jsonl")
    ran = run("fix", "--max-lines", "2", *scripted(answers), *CHECK, cwd=wrong.root)
    assert ran.code == 0, ran
    second = json.loads((tmp_path / "asked.jsonl").read_text().splitlines()[1])
    assert "breaks a guard" in second["prompt"]
    assert "(max-lines)" in second["prompt"]
    wrong.write({"calc.py": WRONG})
    again = script(tmp_path, to(WRONG, longer), name="again.toml")
    options = ("--max-lines", "2", "--attempts", "1")
    left = run("fix", *options, *scripted(again), *CHECK, cwd=wrong.root)
    assert left.code == 5
    assert "breaks a guard, so nothing was written" in left.err
    kept = [line for line in run("log", cwd=wrong.root).text.splitlines() if "calc.py" in line]
    assert kept[0].startswith("        kept back calc.py: "), kept
    assert kept[0].endswith("(max-lines)"), kept
    turns = run("log", "--json", cwd=wrong.root).lines
    assert {one["state"] for t in turns if t["type"] == "turn" for one in t["declined"]} == {
        "kept_back"
    }


def test_an_answer_that_has_no_place_counts_and_is_told_to_the_model(
    wrong: Repo, tmp_path: Path
) -> None:
    lost = to("def sub(a, b):\n    return a / b\n", "def sub(a, b):\n    return a // b\n")
    answers = script(tmp_path, lost, to(WRONG, RIGHT), record="asked.jsonl")
    ran = run("fix", *scripted(answers), *CHECK, cwd=wrong.root)
    assert ran.code == 0, ran
    second = json.loads((tmp_path / "asked.jsonl").read_text().splitlines()[1])
    assert "could not be placed" in second["prompt"]
    assert (
        "Nothing of your last answer was written, so the command was not run again"
        in (second["prompt"])
    )
    assert "last change" not in second["prompt"]


def test_what_helped_before_is_not_said_of_an_answer_that_was_not_written(
    wrong: Repo, tmp_path: Path
) -> None:
    half = WRONG.replace("a - b", "a * b or a")
    lost = to("def sub(a, b):\n    return a / b\n", "def sub(a, b):\n    return a // b\n")
    answers = script(tmp_path, to(WRONG, half), lost, to(half, RIGHT), record="asked.jsonl")
    ran = run("fix", "--json", *scripted(answers), *CHECK, cwd=wrong.root)
    assert ran.code == 0, ran
    prompts = [json.loads(line)["prompt"] for line in (tmp_path / "asked.jsonl").open()]
    assert [["last change" in one, "last answer was written" in one] for one in prompts] == [
        [False, False],
        [True, False],
        [False, True],
    ]
    assert sum(line["type"] == "run_started" for line in ran.lines) == 3


def test_without_a_model_it_is_said_what_cannot_be_done(wrong: Repo) -> None:
    before = Untouched.of(wrong.root)
    ran = run("fix", *CHECK, cwd=wrong.root)
    assert ran.code == 2
    assert "the codemods cannot mend this, and no model is connected" in ran.err
    before.check()


def test_without_a_model_ruffs_findings_are_mended(repo: Repo) -> None:
    repo.commit({"a.py": "import os\nimport sys\n\nprint(sys.path)\n"})
    check = ("--", sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "a.py")
    ran = run("fix", *check, cwd=repo.root)
    assert ran.code == 0, ran
    assert repo.text("a.py") == "import sys\n\nprint(sys.path)\n"


def test_a_command_that_is_not_there_is_a_usage_error(wrong: Repo) -> None:
    ran = run("fix", "--", "no-such-command-at-all", cwd=wrong.root)
    assert ran.code == 2
    assert "it cannot be run" in ran.err


def test_a_failing_model_is_exit_3_and_a_key_is_never_sent(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, "x", fail="network", record="asked.jsonl")
    key = "ghp_" + "a" * 40
    ran = run("fix", *scripted(answers), "--", "sh", "-c", f"echo k {key}; exit 1", cwd=wrong.root)
    assert ran.code == 3
    assert key not in json.loads((tmp_path / "asked.jsonl").read_text())["attached"]


def test_paths_outside_of_the_repository_are_not_read(wrong: Repo, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("not to be sent = 1\n")
    answers = script(tmp_path, "no change\n", record="asked.jsonl")
    says = f"echo '../other.py:1: bad'; echo '{tmp_path}/other.py:1: bad'; exit 1"
    assert run("fix", *scripted(answers), "--", "sh", "-c", says, cwd=wrong.root).code == 1
    asked = json.loads((tmp_path / "asked.jsonl").read_text())
    assert asked["files"] == []
    assert "not to be sent" not in asked["attached"]


def test_ctrl_c_ends_the_command_and_keeps_the_tree(wrong: Repo, tmp_path: Path) -> None:
    says = "echo pid $$; sleep 60 & wait"
    process = started("fix", "--json", "--", "sh", "-c", says, cwd=wrong.root)
    ran = interrupted_after(process, b'"text":"pid ')
    assert ran.code == 130, ran
    assert ran.result["status"] == "interrupted"
    told = next(line["text"] for line in ran.lines if line["type"] == "run_output")
    assert living(int(told.split()[1])) == []
    assert wrong.text("calc.py") == WRONG


def test_with_review_the_person_decides(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, to(WRONG, RIGHT))
    with Typist(("fix", "--review", *scripted(answers), *CHECK), wrong.root) as typist:
        typist.expect("[y,n")
        typist.type("y\n")
        assert typist.end().code == 0
    assert wrong.text("calc.py") == RIGHT
    (wrong.root / "calc.py").write_text(WRONG)
    with Typist(("fix", "--review", *scripted(answers), *CHECK), wrong.root) as typist:
        typist.expect("[y,n")
        typist.type("q\n")
        assert typist.end().code == 1
    assert wrong.text("calc.py") == WRONG
