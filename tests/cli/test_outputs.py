"""Outputs that cannot be written, inputs that cannot be read: a sentence and a code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.patches import changed, many_hunks, numbered, patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import Ran, run, script, shell

TEXT = numbered(30)
CHANGE = patch_of("a.txt", TEXT, changed(TEXT, 10))
PRINTING = {
    "--version": 5,
    "": 5,
    "--help": 5,
    "edit --help": 5,
    "edit 'rename load to read' b.py": 5,
    "edit 'rename load to read' b.py --json": 5,
    "edit 'make it faster' --json": 5,
    "edit --frob --json": 2,
    "log": 5,
    "log --json": 5,
    "show 1": 5,
    "codemods": 5,
    "config list": 5,
    "config list --json": 5,
    "completion bash": 5,
    "schema events": 5,
    "doctor": 5,
    "demo": 5,
}


@pytest.fixture
def written(repo: Repo) -> Repo:
    """A repository in which one turn has been written."""
    repo.commit({"a.txt": TEXT, "b.py": "def load():\n    return 1\n\n\nload()\n"})
    assert run("apply", cwd=repo.root, stdin=CHANGE.encode()).code == 0
    return repo


def check(ran: Ran, code: int) -> None:
    assert ran.code == code, ran
    assert ran.err.startswith("spark: "), ran
    assert "Traceback" not in ran.err
    assert "Exception ignored" not in ran.err


@pytest.mark.parametrize("command", PRINTING, ids=lambda command: command or "bare")
def test_full_disk_on_stdout(command: str, written: Repo) -> None:
    before = Untouched.of(written.root)
    ran = shell(f"spark {command} > /dev/full", cwd=written.root)
    check(ran, PRINTING[command])
    if PRINTING[command] == 5:
        assert "standard output could not be written: no space left" in ran.err
    before.check()


@pytest.mark.parametrize(
    "command",
    ["--version", "--help", "edit 'rename load to read' b.py", "log", "edit x --frob --json"],
)
def test_closed_stdout(command: str, written: Repo) -> None:
    ran = shell(f"spark {command} >&-", cwd=written.root)
    check(ran, 2 if "--frob" in command else 5)


def test_closed_stdout_is_no_matter_where_nothing_is_printed(written: Repo) -> None:
    ran = shell("spark undo >&-", cwd=written.root)
    assert (ran.code, ran.err) == (0, "spark: undone: 1.1 a.txt\n")


def test_closed_stderr_changes_no_code(written: Repo) -> None:
    script_text = """
    spark undo 2>&-; echo $?
    spark frob 2>&-; echo $?
    spark edit 'rename load to read' b.py 2>&- | git apply --check; echo ${PIPESTATUS[*]}
    """
    ran = shell(script_text, cwd=written.root)
    assert ran.text.split("\n") == ["0", "2", "0 0", ""]
    assert written.text("a.txt") == TEXT


def test_all_three_closed_write_nothing_into_the_wrong_file(written: Repo) -> None:
    assert shell("spark undo <&- >&- 2>&-", cwd=written.root).code == 0
    assert shell("spark redo <&- >&- 2>&-", cwd=written.root).code == 0
    assert written.text("a.txt") == changed(TEXT, 10)
    assert run("doctor", cwd=written.root).code == 0
    assert shell("spark log <&- >&- 2>&-", cwd=written.root).code == 5


def test_closed_stdin(written: Repo) -> None:
    beside_a_prompt = shell("spark edit 'rename load to read' b.py <&-", cwd=written.root)
    assert beside_a_prompt.code == 0
    for command in ("apply", "edit -", "edit -0 x"):
        check(shell(f"spark {command} <&-", cwd=written.root), 2)


@pytest.mark.parametrize("trap", ["", "trap '' PIPE;"], ids=["SIGPIPE default", "SIGPIPE ignored"])
@pytest.mark.parametrize("options", ["", "--json"], ids=["patch", "json"])
def test_a_reader_that_leaves_early_is_141_and_silence(
    trap: str, options: str, tmp_path: Path
) -> None:
    text = numbered(20_000)
    repo = Repo.make(tmp_path / "repo", {"a.txt": text})
    path = script(tmp_path, many_hunks("a.txt", text, range(5, 20_000, 10)))
    before = Untouched.of(repo.root)
    ran = shell(
        f"{trap} spark edit x {options} --provider script --script {path} | head -1"
        "; echo ${PIPESTATUS[*]}",
        cwd=repo.root,
    )
    assert (ran.text.splitlines()[-1], ran.err) == ("141 0", "")
    before.check()


def test_a_reader_that_reads_nothing_is_141(written: Repo) -> None:
    ran = shell(
        "(spark schema events; echo $? >&2) | true; (spark show 1; echo $? >&2) | true",
        cwd=written.root,
    )
    assert set(ran.err.split()) <= {"141", "0"}


def test_error_of_a_full_disk_is_coloured_for_nobody(written: Repo) -> None:
    ran = shell("spark --help > /dev/full", cwd=written.root, env={"CLICOLOR_FORCE": None})
    assert "\x1b" not in ran.err


def test_output_in_an_encoding_that_lacks_the_words(written: Repo) -> None:
    for command in (("edit", "--help"), ("--help",), ("edit",), ("log",)):
        ran = run(*command, cwd=written.root, env={"PYTHONIOENCODING": "ascii"})
        assert "Traceback" not in ran.err
        assert ran.code in (0, 2)
