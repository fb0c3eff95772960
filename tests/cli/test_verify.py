"""`spark verify`: checks and a review in a copy of the tree, with real commands and a script."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from codexspark_tui.actions.fix_prompt import Places
from codexspark_tui.actions.verify import Check, Verified
from codexspark_tui.actions.verify_findings import Found, of_model
from codexspark_tui.actions.verify_subject import Subject
from codexspark_tui.actions.verify_told import markdown, sarif
from codexspark_tui.sandbox import probe
from tests.support.patches import patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import SPARK, environment, interrupted_after, run, script, started
from tests.support.unconfined import unconfined

GOOD = "def add(a, b):\n    return a + b\n"
WRONG = GOOD.replace("+", "-")
TESTS = (
    "import unittest\n\nimport calc\n\n\nclass Adding(unittest.TestCase):\n"
    "    def test_small(self):\n        self.assertEqual(calc.add(1, 2), 3)\n"
)
CHECK = f"{sys.executable} -B -m unittest -q test_calc"
FOUND = "FINDING calc.py:2 error correctness: it subtracts where it should add\n\nIt is mended.\n\n"
HEAVY = ("--heavy", "script", "--script")


@pytest.fixture
def wrong(repo: Repo) -> Repo:
    """A turn that has broken the sum."""
    repo.commit({"calc.py": GOOD, "test_calc.py": TESTS})
    patch = patch_of("calc.py", GOOD, WRONG).encode()
    assert run("apply", "-", cwd=repo.root, stdin=patch).code == 0
    return repo


def mending() -> str:
    return f"{FOUND}```diff\n{patch_of('calc.py', WRONG, GOOD)}```\n"


def records(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def test_checks_alone_tie_what_fails_to_its_line(wrong: Repo) -> None:
    before = Untouched.of(wrong.root)
    ran = run("verify", "--check", CHECK, "--check", "true", cwd=wrong.root)
    assert ran.code == 1
    assert ran.text.startswith(
        "test_calc.py:8: error: AssertionError: -1 != 3 [unittest test_small"
    )
    assert f"failed: {CHECK}" in ran.err
    before.check(set())
    assert run("verify", "--check", "true", cwd=wrong.root).code == 0


def test_the_review_is_tied_to_lines_and_its_patch_waits_as_a_session(
    wrong: Repo, tmp_path: Path
) -> None:
    answers = script(tmp_path, mending(), record="asked.jsonl")
    before = Untouched.of(wrong.root)
    ran = run("verify", "--json", "--check", CHECK, *HEAVY, str(answers), cwd=wrong.root)
    assert (ran.code, ran.result["status"]) == (1, "partial"), ran.err
    by_tool, by_model = records(ran.lines, "finding")
    assert (by_tool["path"], by_tool["line"], by_tool["by_model"]) == ("test_calc.py", 8, False)
    assert by_model | {"v": 0, "seq": 0, "t_ms": 0} == {
        "v": 0,
        "seq": 0,
        "t_ms": 0,
        "type": "finding",
        "tool": "scripted",
        "path": "calc.py",
        "line": 2,
        "end_line": 2,
        "severity": "error",
        "rule": "correctness",
        "message": "it subtracts where it should add",
        "by_model": True,
    }
    before.check(set())
    asked = json.loads((tmp_path / "asked.jsonl").read_text())
    assert asked["prompt"].startswith("Review turn 1.")
    assert "-    return a + b" in asked["attached"]
    assert "AssertionError: -1 != 3" in asked["attached"]
    (kept,) = records(ran.lines, "kept")
    assert (kept["changes"], kept["author"]) == (1, "scripted")
    applied = run("apply", "-", cwd=wrong.root, stdin=kept["patch"].encode())
    assert applied.code == 0
    assert wrong.text("calc.py") == GOOD


def test_the_kept_patch_is_decided_in_the_app(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, mending())
    ran = run("verify", "--json", *HEAVY, str(answers), cwd=wrong.root)
    (kept,) = records(ran.lines, "kept")
    state = Path(os.environ["XDG_STATE_HOME"]) / "spark/sessions"
    (path,) = state.rglob(f"{kept['session']}.jsonl")
    told = [json.loads(line) for line in path.read_text().splitlines()]
    (opened,) = [line for line in told if line["type"] == "change_opened"]
    (closed,) = [line for line in told if line["type"] == "change_closed"]
    assert (opened["author"], closed["state"]) == ("scripted", "placed")
    assert "change_decided" not in {line["type"] for line in told}


def test_what_the_reviewer_asks_to_run_is_not_run(wrong: Repo, tmp_path: Path) -> None:
    """Not even where commands need no answer; and it is told so, and goes on."""
    answers = tmp_path / "script.toml"
    answers.write_text(
        'tools = "calls"\n[[answer]]\ncall = "run"\n'
        f"""arguments = '{{"command": "touch {tmp_path}/ran"}}'\n"""
        '[[answer]]\ntext = "NO FINDINGS"\n'
    )
    asked = ("verify", "--json", *HEAVY, str(answers))
    ran = run(*asked, cwd=wrong.root, env={"SPARK_APPROVALS": "auto"})
    assert ran.code == 0, ran
    assert not (tmp_path / "ran").exists()
    assert not records(ran.lines, "run_started")


def test_a_commands_own_tree_is_the_copy_with_what_was_accepted(wrong: Repo) -> None:
    shows = "cat calc.py; touch made-here; echo a.py:1: wrong; exit 1"
    ran = run("verify", "--json", "--check", shows, cwd=wrong.root)
    output = "".join(line["text"] for line in records(ran.lines, "run_output"))
    assert "return a - b" in output
    assert not (wrong.root / "made-here").exists()


@pytest.mark.skipif(not probe().confines, reason="nothing can be confined here")
def test_a_check_is_confined_to_the_copy_and_nobody_is_asked(wrong: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside"  # a folder of its own is there, which goes with the command
    check = f"touch inside && ls inside && ! touch {wrong.root}/made && touch {outside}; true"
    for more in ((), ("--sandbox",)):
        assert run("verify", *more, "--check", check, cwd=wrong.root).code == 0
        ran = run("verify", *more, "--check", CHECK, cwd=wrong.root)
        assert (ran.code, "It ran confined, without network" in ran.err) == (1, True)
    assert not outside.exists()
    assert not (wrong.root / "made").exists()


@pytest.mark.skipif(not probe().confines, reason="nothing can be confined here")
def test_a_check_has_a_network_only_if_that_is_granted(wrong: Repo) -> None:
    listen = "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); s.close()"
    reach = f"import socket; {listen}; socket.create_connection(('127.0.0.1', PORT), 5)"
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = reach.replace("PORT", str(server.getsockname()[1]))
        command = ("verify", "--check", f'{sys.executable} -c "{code}"')
        assert run(*command, cwd=wrong.root).code == 1
        assert run(*command, cwd=wrong.root, env={"SPARK_RUN_NETWORK": "1"}).code == 0


def test_where_nothing_confines_a_check_it_is_asked_first(wrong: Repo, tmp_path: Path) -> None:
    jail = tmp_path / "jail"
    jail.mkdir()
    ran = tmp_path / "ran"
    command = [*unconfined(jail, wrong.root), *SPARK, "verify", "--check", f"touch {ran}"]

    def said(*more: str) -> tuple[int, bytes]:
        done = subprocess.run(
            [*command, *more],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stderr

    assert said()[0] == 2
    assert b"Use --yes to run it" in said("--json")[1] + said()[1]
    assert b"there is no sandbox here" in said("--sandbox", "--yes")[1]
    assert not ran.exists()
    assert said("--yes")[0] == 0
    assert ran.exists()


def test_a_turn_before_the_last_is_looked_at_as_the_tree_was_then(wrong: Repo) -> None:
    back = patch_of("calc.py", WRONG, GOOD).encode()
    assert run("apply", "-", cwd=wrong.root, stdin=back).code == 0
    assert run("verify", "--check", CHECK, cwd=wrong.root).code == 0
    assert run("verify", "1", "--check", CHECK, cwd=wrong.root).code == 1


def test_ci_prints_markdown_and_writes_sarif(wrong: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, mending())
    target = tmp_path / "out.sarif"
    ran = run(
        *("verify", "--ci", "--sarif", str(target), "--check", CHECK, "--check", "true"),
        *(*HEAVY, str(answers)),
        cwd=wrong.root,
    )
    assert ran.code == 1
    assert ran.text.startswith("# spark verify: turn 1\n\n**Not clean**: 1 of 2 checks failed, 2 f")
    assert "| true | passed |" in ran.text
    assert "- **error** calc.py:2: it subtracts where it should add (scripted corr" in ran.text
    assert "```diff\n--- a/calc.py\n" in ran.text.replace("diff --git a/calc.py b/calc.py\n", "")
    log = json.loads(target.read_text())
    check_sarif(log)
    results = log["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == [
        "unittest/test_small (test_calc.Adding.test_small)",
        "review/correctness",
    ]
    place = results[1]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "calc.py"},
        "region": {"startLine": 2, "endLine": 2},
    }


def test_a_clean_review_is_exit_0_and_silence_is_none(wrong: Repo, tmp_path: Path) -> None:
    clean = script(tmp_path, "NO FINDINGS\n\nIt does what was asked.\n")
    assert run("verify", *HEAVY, str(clean), cwd=wrong.root).code == 0
    silent = script(tmp_path, "Looks fine to me.\n", name="silent.toml")
    ran = run("verify", *HEAVY, str(silent), cwd=wrong.root)
    assert ran.code == 1
    assert "scripted gave no verdict" in ran.err


def test_a_model_that_fails_leaves_the_checks_and_exits_3(wrong: Repo, tmp_path: Path) -> None:
    broken = script(tmp_path, "FINDING", fail="network")
    ran = run("verify", "--check", CHECK, *HEAVY, str(broken), cwd=wrong.root)
    assert ran.code == 3
    assert "test_calc.py:8: error:" in ran.text


def test_where_no_turn_is_known_git_says_what_changed(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"calc.py": GOOD, ".env": "KEY=1\n"})
    repo.commit({"calc.py": WRONG, ".env": "KEY=2\n"})
    for more in ((), ("--since", "HEAD~1")):
        answers = script(tmp_path, mending(), record="asked.jsonl")
        (tmp_path / "asked.jsonl").unlink(missing_ok=True)
        ran = run("verify", "--json", *more, *HEAVY, str(answers), cwd=repo.root)
        assert ran.code == 1
        asked = json.loads((tmp_path / "asked.jsonl").read_text())
        assert "-    return a + b" in asked["attached"]
        assert "KEY" not in asked["attached"]


@pytest.mark.parametrize("commits", [0, 1])
def test_new_files_are_part_of_what_is_not_committed_yet(tmp_path: Path, commits: int) -> None:
    repo = Repo.make(tmp_path / "r", {"old.py": GOOD})
    if not commits:
        repo.git("update-ref", "-d", "HEAD")
        repo.git("rm", "-q", "--cached", "old.py")
    repo.write({"made.py": WRONG, ".env": "KEY=1\n", "last.sarif": "{}\n", "b.bin": b"\0\xff"})
    answers = script(tmp_path, "NO FINDINGS\n", record="asked.jsonl")
    assert run("verify", *HEAVY, str(answers), cwd=repo.root).code == 0
    attached = json.loads((tmp_path / "asked.jsonl").read_text())["attached"]
    assert "+    return a - b" in attached
    assert ("old.py" in attached) is (commits == 0)
    assert not any(name in attached for name in ("KEY", "sarif", "b.bin"))


@pytest.mark.parametrize("option", ["--sarif", "--patch"])
def test_a_file_for_the_findings_is_never_stdout(wrong: Repo, option: str) -> None:
    before = Untouched.of(wrong.root)
    ran = run("verify", option, "-", "--check", CHECK, cwd=wrong.root)
    assert (ran.code, ran.out) == (2, b"")
    assert f"{option} needs the name of a file" in ran.err
    before.check()


def test_findings_are_told_though_the_log_cannot_be_written(wrong: Repo) -> None:
    nowhere = ("--sarif", "/nowhere/at/all.sarif")
    ran = run("verify", *nowhere, "--check", CHECK, cwd=wrong.root)
    assert (ran.code, "cannot be written" in ran.err) == (5, True)
    assert ran.text.startswith("test_calc.py:8: error:")
    ran = run("verify", "--json", *nowhere, "--check", CHECK, cwd=wrong.root)
    assert ran.result["exit_code"] == 5
    assert len(records(ran.lines, "finding")) == 1


def test_a_turn_that_was_undone_is_exit_2_and_says_what_to_do(wrong: Repo) -> None:
    assert run("undo", "1", cwd=wrong.root).code == 0
    ran = run("verify", "1", "--check", "true", cwd=wrong.root)
    assert ran.code == 2
    assert "spark redo 1" in ran.err


def test_an_interrupted_check_is_exit_130_and_ends_with_its_children(
    wrong: Repo, tmp_path: Path
) -> None:
    seconds = f"{600_000 + os.getpid()}"
    check = f"sleep {seconds} & echo up; wait"
    with started("verify", "--json", "--yes", "--check", check, cwd=wrong.root) as process:
        ran = interrupted_after(process, b'"up')
    assert (ran.code, ran.result["exit_code"]) == (130, 130)
    assert seconds not in _all_that_runs()


def _all_that_runs() -> str:
    """The command lines of all processes."""
    said = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            said.append(path.read_text("utf-8", "replace"))
    return "\n".join(said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is nothing to verify with"),
        (("--check", "true", "9"), "no turn 9"),
        (("--check", "true", "x"), "x is no turn"),
        (("--check", "true", "--since", "nowhere"), "there is no commit nowhere"),
        (("--check", "true", "--since=--output=x"), "there is no commit"),
    ],
)
def test_what_cannot_be_verified_is_exit_2(
    wrong: Repo, arguments: tuple[str, ...], said: str
) -> None:
    ran = run("verify", *arguments, cwd=wrong.root)
    assert ran.code == 2
    assert said in ran.err


def test_commands_of_a_repository_count_only_if_it_is_trusted(wrong: Repo) -> None:
    settings = wrong.root / ".spark/config.toml"
    settings.parent.mkdir()
    settings.write_text('[verify]\ncommands = ["touch ran-it", "false"]\n')
    ran = run("verify", cwd=wrong.root)
    assert ran.code == 2
    assert "verify_commands was left out" in ran.err
    assert run("trust", cwd=wrong.root).code == 0
    ran = run("verify", cwd=wrong.root)
    assert (ran.code, "failed: false" in ran.err) == (1, True)


def test_findings_name_files_of_the_tree_only(repo: Repo) -> None:
    repo.commit({"a b.py": "x\n", "src/c.py": "x\n"})
    places = Places(repo.root, repo.root)
    said = (
        "FINDING a b.py:3-1 warning api: one\n"
        "prose FINDING `src/c.py`:2-4 note security: two\n"
        "FINDING ../../etc/passwd:1 error security: three\n"
        "FINDING src/c.py error security: no line\n"
        "FINDING src/c.py:1 fatal security: no such word\n"
    )
    assert of_model(said, "m", places) == [
        Found("m", "a b.py", 3, 3, "warning", "api", "one", True),
        Found("m", "src/c.py", 2, 4, "note", "security", "two", True),
        Found("m", "", 0, 0, "error", "security", "../../etc/passwd:1"[:-2] + ": three", True),
    ]


def test_hostile_texts_are_no_markup_and_no_broken_sarif() -> None:
    nasty = "</td><script>`|*[x](http://y)\n# head \udc80\x1b[2J\u202e"
    found = Found("t|`", "a b/ü%.py", 1, 0, "note", "", nasty)
    patch = "````\n+\x1b[2J\u202e\n"
    made = Verified(Subject(nasty), (Check(nasty, False, 1, 0.0),), (found,), patch=patch)
    page = markdown(made)
    assert not set("\x1b\u202e\udc80") & set(page)
    assert "<script>" not in page.replace("\\<script\\>", "")
    assert "\n# head" not in page
    assert "`````diff" in page
    log = json.loads(sarif(made))
    check_sarif(log)
    (result,) = log["runs"][0]["results"]
    assert result["message"]["text"].startswith("</td><script>`|*\\[x\\](http://y)")
    assert not set("\x1b\u202e") & set(result["message"]["text"])
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (
        "a%20b/%C3%BC%25.py"
    )


def check_sarif(log: Any) -> None:
    """The rules of SARIF 2.1.0 for the properties that we write; any other one fails."""
    assert log.keys() == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (made,) = log["runs"]
    assert made.keys() == {"tool", "columnKind", "invocations", "results"}
    assert made["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = made["tool"]["driver"]
    assert made["tool"].keys() == {"driver"}
    assert driver.keys() == {"name", "version", "rules"}
    ids = [rule["id"] for rule in driver["rules"]]
    assert all(rule.keys() == {"id"} for rule in driver["rules"])
    assert len(set(ids)) == len(ids)
    assert [type(i["executionSuccessful"]) for i in made["invocations"]] == [bool]
    for result in made["results"]:
        assert result.keys() - {"locations"} == {"ruleId", "ruleIndex", "level", "message"}
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result.get("locations", []):
            region = location["physicalLocation"].get("region", {"startLine": 1, "endLine": 1})
            assert 1 <= region["startLine"] <= region["endLine"]
