"""Every exit code of the command line, as a shell sees it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.support.patches import changed, numbered, patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import interrupted_after, run, script, scripted, started

TEXT = numbered(30)
CHANGE = patch_of("a.txt", TEXT, changed(TEXT, 10))
NOWHERE = patch_of("a.txt", "other\nlines\nhere\n", "other\nwords\nhere\n")
TWO_DEFINITIONS = {
    "pkg/__init__.py": "",
    "pkg/one.py": "def load():\n    return 1\n",
    "pkg/two.py": "def load():\n    return 2\n",
}


@dataclass(frozen=True)
class Case:
    """`says`: words on stderr; `prints`: whether stdout gets anything."""

    name: str
    arguments: tuple[str, ...]
    code: int
    says: tuple[str, ...] = ()
    stdin: bytes | None = None
    prints: bool = False


CASES = (
    Case("version", ("--version",), 0, prints=True),
    Case("version after another option", ("-V", "edit"), 0, prints=True),
    Case("no arguments", (), 0, prints=True),
    Case("help", ("--help",), 0, prints=True),
    Case("help of a command", ("edit", "-h"), 0, prints=True),
    Case("patch", ("edit", "rename load to read", "pkg/one.py"), 0, prints=True),
    Case("nothing to change", ("edit", "remove unused imports"), 1, ("nothing to change",)),
    Case("empty patch", ("apply",), 1, ("nothing to change",), b""),
    Case("nothing to undo", ("undo",), 1, ("nothing to undo",)),
    Case("nothing to redo", ("redo",), 1, ("nothing to redo",)),
    Case("nothing to show", ("show",), 1, ("nothing was written",)),
    Case("no prompt", ("edit",), 2, ("there is no prompt", "spark edit")),
    Case("empty prompt", ("edit", "  "), 2, ("the prompt is empty",)),
    Case("empty prompt on stdin", ("edit", "-"), 2, ("the prompt is empty",), b"\n"),
    Case("unknown option", ("edit", "--frob"), 2, ("--frob", "spark edit --help")),
    Case("unknown command", ("frob",), 2, ("frob", "spark --help")),
    Case("unknown option before a command", ("--frob", "edit"), 2, ("--frob",)),
    Case("value that is no choice", ("edit", "x", "--color", "red"), 2, ("--color", "auto")),
    Case("value that is no number", ("edit", "x", "--stdin-timeout", "soon"), 2, ("'soon'",)),
    Case("value that is no time", ("edit", "x", "--stdin-timeout", "nan"), 2, ("seconds",)),
    Case("missing argument", ("rename", "load"), 2, ("NEW", "spark rename --help")),
    Case("missing subcommand", ("config",), 2, ("spark config --help",)),
    Case(
        "sentence that no codemod understands",
        ("edit", "make it faster please"),
        2,
        ("no codemod understands", "nearest", "spark codemods", "--model", "spark login"),
    ),
    Case(
        "ambiguous name",
        ("rename", "load", "read"),
        2,
        ("several", "pkg/one.py:1", "pkg/two.py:1", "--at"),
    ),
    Case("file outside the root", ("edit", "x", "../out.py"), 2, ("outside the repository",)),
    Case("file that is not there", ("edit", "x", "none.py"), 2, ("no file none.py",)),
    Case("patch that is not there", ("apply", "none.diff"), 2, ("none.diff", "no such file")),
    Case("folder as a patch", ("apply", "pkg"), 2, ("directory",)),
    Case("prompt file that is not there", ("edit", "--prompt-file", "no"), 2, ("prompt file no",)),
    Case("prompt and files both on stdin", ("edit", "-", "-0"), 2, ("-0", "--prompt-file"), b"x"),
    Case("script without its file", ("edit", "x", "--provider", "script"), 2, ("--script",)),
    Case("unknown provider", ("edit", "x", "--provider", "oracle"), 2, ("provider", "codemods")),
    Case("interactive without a terminal", ("apply", "-i"), 2, ("no terminal",), CHANGE.encode()),
    Case("check and interactive", ("apply", "--check", "-i"), 2, ("--check",), b""),
    Case("lines that are no range", ("extract", "pkg/one.py", "f"), 2, ("PATH:FIRST-LAST",)),
    Case("place that is no place", ("inline", "load", "--at", "x"), 2, ("PATH:LINE",)),
    Case("tidy without a wish", ("tidy",), 2, ("--imports",)),
    Case("selector that is none", ("undo", "last"), 2, ("last", "spark log")),
    Case("turn that is not there", ("show", "7"), 2, ("no turn 7",)),
    Case("change that is not there", ("undo", "7.1"), 2, ("no change 7.1",)),
    Case("patch not placed", ("apply",), 5, ("could not be placed", "--partial"), NOWHERE.encode()),
    Case("check of a bad patch", ("apply", "--check"), 5, ("a.txt",), NOWHERE.encode()),
    Case("check of a good patch", ("apply", "--check"), 0, (), CHANGE.encode()),
    Case("text without a patch", ("apply",), 5, ("no patch in this text",), b"Sorry, I cannot.\n"),
)


@cache
def unwritten(root: Path) -> Repo:
    """One repository for all cases, because none may write to it."""
    return Repo.make(root, {"a.txt": TEXT, **TWO_DEFINITIONS})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_code_words_and_nothing_written(
    case: Case, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repo = unwritten(tmp_path_factory.getbasetemp() / "unwritten")
    before = Untouched.of(repo.root)
    ran = run(*case.arguments, cwd=repo.root, stdin=case.stdin)
    assert (ran.code, bool(ran.out)) == (case.code, case.prints), ran
    assert ran.err.startswith("spark: ") or (not ran.err and not case.says), ran
    assert [word for word in case.says if word not in ran.err] == [], ran
    assert "Traceback" not in ran.err
    before.check()


@pytest.mark.parametrize(
    ("fail", "code", "says"),
    [("network", 3, "lost connection"), ("key", 4, "key"), ("limit", 6, "limit")],
    ids=["network", "key", "limit"],
)
def test_what_ends_a_turn_has_its_own_code(fail: str, code: int, says: str, tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"a.txt": TEXT})
    path = script(tmp_path, CHANGE, fail=fail)
    before = Untouched.of(repo.root)
    ran = run("edit", "x", "--apply", *scripted(path), cwd=repo.root)
    assert (ran.code, ran.out) == (code, b"")
    assert says in ran.err
    before.check()


def test_outside_of_a_repository_the_sentence_names_git_init(tmp_path: Path) -> None:
    for command in (("edit", "x"), ("apply",), ("undo",), ("log",), ("rename", "a", "b")):
        ran = run(*command, cwd=tmp_path)
        assert (ran.code, ran.out) == (2, b"")
        assert "git init" in ran.err


def test_partial_takes_the_rest_and_exits_1(repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    ran = run("apply", "--partial", cwd=repo.root, stdin=(CHANGE + NOWHERE).encode())
    assert ran.code == 1
    assert "left out" in ran.err
    assert repo.text("a.txt") == changed(TEXT, 10)


def test_partial_prints_what_fits_and_exits_1(tmp_path: Path, repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    path = script(tmp_path, CHANGE + NOWHERE)
    ran = run("edit", "x", "--partial", *scripted(path), cwd=repo.root)
    assert ran.code == 1
    repo.git("apply", stdin=ran.out)
    assert repo.text("a.txt") == changed(TEXT, 10)


def test_truncated_answer_is_5_and_partial_1(tmp_path: Path, repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    both = patch_of("a.txt", TEXT, changed(TEXT, 5, 25))
    path = script(tmp_path, both, cut_after=len(both) - 12)
    whole = run("edit", "x", *scripted(path), cwd=repo.root)
    assert (whole.code, whole.out) == (5, b"")
    part = run("edit", "x", "--partial", *scripted(path), cwd=repo.root)
    assert part.code == 1
    repo.git("apply", stdin=part.out)
    assert repo.text("a.txt") == changed(TEXT, 5)


def test_undo_conflict_is_5_prints_the_patch_and_writes_nothing(repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    assert run("apply", cwd=repo.root, stdin=CHANGE.encode()).code == 0
    repo.write({"a.txt": TEXT.replace("line 10\n", "my own words\n")})
    before = Untouched.of(repo.root)
    ran = run("undo", cwd=repo.root)
    assert ran.code == 5
    assert "1.1 a.txt" in ran.err
    assert b"-line 10!" in ran.out
    assert b"+line 10\n" in ran.out
    before.check()


def test_ctrl_c_while_a_slow_answer_streams(tmp_path: Path, repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    path = script(tmp_path, CHANGE + "word\n" * 10_000, rate_tok_s=100.0)
    before = Untouched.of(repo.root)
    process = started("edit", "x", "--apply", "--json", *scripted(path), cwd=repo.root)
    ran = interrupted_after(process, b'"change_closed"')
    assert ran.code == 130
    assert ran.result["status"] == "interrupted"
    assert "interrupted; nothing was written" in ran.err
    assert "Traceback" not in ran.err
    before.check()


def test_ctrl_c_while_a_codemod_works(repo: Repo) -> None:
    repo.commit({f"m{n}.py": numbered(400, "import os #") for n in range(100)})
    process = started("tidy", "--imports", "--json", cwd=repo.root)
    ran = interrupted_after(process, b'"turn_started"')
    assert "interrupted" in ran.err
    assert (ran.code, ran.result["exit_code"]) == (130, 130)


def test_ctrl_c_in_mid_write_leaves_the_tree_whole_and_the_ledger_settled(repo: Repo) -> None:
    names = [f"f{n}.txt" for n in range(150)]
    repo.commit(dict.fromkeys(names, TEXT))
    patch = "".join(patch_of(name, TEXT, changed(TEXT, 10)) for name in names)
    (repo.root / "p.diff").write_text(patch)
    process = started("apply", "p.diff", "--json", cwd=repo.root)
    ran = interrupted_after(process, b'"stream_finished"')
    assert ran.code == 130
    assert ran.result["status"] == "interrupted"
    now = {repo.text(name) for name in names}
    assert len(now) == 1
    turns = run("log", "--json", cwd=repo.root).lines[:-1]
    written = now == {changed(TEXT, 10)}
    assert [turn["applied"] for turn in turns] == ([len(names)] if written else [])
    assert ("turn 1" if written else "nothing was written") in ran.err
    assert ("in order" if written else "empty") in run("doctor", cwd=repo.root).text
