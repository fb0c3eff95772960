"""--json: each line in the one form of the schema, and exactly one result as the last."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest

from codexspark_tui.events.paths import path_text, real_path
from tests.support.patches import changed, numbered, patch_of
from tests.support.repo import Repo
from tests.support.schema import problems
from tests.support.spark import Ran, run, script, scripted

TEXT = numbered(20)
GOOD = patch_of("a.txt", TEXT, changed(TEXT, 3))
BAD = patch_of("a.txt", "some\nother\ntext\n", "some\nnew\ntext\n")


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    ran = run("schema", "events", cwd=tmp_path_factory.mktemp("schema"))
    made: dict[str, object] = json.loads(ran.out)
    return made


def check(ran: Ran, schema: dict[str, object]) -> None:
    """All that every --json output keeps to."""
    assert ran.out.endswith(b"}\n")
    lines = ran.lines
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(a["t_ms"] <= b["t_ms"] for a, b in pairwise(lines))
    assert [problem for line in lines for problem in problems(line, schema)] == []
    assert ran.result["exit_code"] == ran.code
    error = ran.result["error"]
    assert error is None or error["title"] in ran.err


PATHS: dict[str, tuple[tuple[str, ...], int, str, bytes | None]] = {
    "patch": (("edit", "rename load to read", "--json"), 0, "done", None),
    "apply": (("apply", "--json"), 0, "done", GOOD.encode()),
    "check": (("apply", "--check", "--json"), 0, "done", GOOD.encode()),
    "partial": (("apply", "--partial", "--json"), 1, "partial", (GOOD + BAD).encode()),
    "not placed": (("apply", "--json"), 5, "failed", BAD.encode()),
    "no patch": (("apply", "--json"), 5, "failed", b"hello\n"),
    "empty": (("apply", "--json"), 1, "nothing", b""),
    "nothing": (("tidy", "--imports", "--json"), 1, "nothing", None),
    "not understood": (("edit", "make it faster", "--json"), 2, "usage", None),
    "ambiguous": (("rename", "twice", "once", "--json"), 2, "usage", None),
    "unknown option": (("edit", "x", "--frob", "--json"), 2, "usage", None),
    "unknown command": (("frob", "--json"), 2, "usage", None),
    "no prompt": (("edit", "--json"), 2, "usage", None),
    "missing file": (("edit", "x", "no.py", "--json"), 2, "usage", None),
    "no terminal": (("edit", "x", "-i", "--json"), 2, "usage", None),
    "nothing to undo": (("undo", "--json"), 1, "nothing", None),
    "no such turn": (("show", "9", "--json"), 2, "usage", None),
    "empty log": (("log", "--json"), 0, "done", None),
    "codemods": (("codemods", "--json"), 0, "done", None),
    "settings": (("config", "list", "--json"), 0, "done", None),
    "doctor": (("doctor", "--json"), 0, "done", None),
}


@pytest.mark.parametrize("path", PATHS)
def test_one_result_on_every_path(path: str, tmp_path: Path, schema: dict[str, object]) -> None:
    files: dict[str, str | bytes] = {
        "a.txt": TEXT,
        "a.py": "def load():\n    pass\n",
        "b.py": "def twice():\n    pass\n",
        "c.py": "def twice():\n    pass\n",
    }
    repo = Repo.make(tmp_path / "repo", files)
    arguments, code, status, stdin = PATHS[path]
    ran = run(*arguments, cwd=repo.root, stdin=stdin)
    check(ran, schema)
    assert (ran.code, ran.result["status"]) == (code, status)


def test_variable_instead_of_the_option(repo: Repo, schema: dict[str, object]) -> None:
    for arguments in (("edit",), ("frob",), ("log",), ("edit", "--frob"), ("--frob",)):
        check(run(*arguments, cwd=repo.root, env={"SPARK_JSON": "1"}), schema)
    assert run("edit", cwd=repo.root, env={"SPARK_JSON": "0"}).out == b""
    assert run("edit", "--", "--json", cwd=repo.root).out == b""


@pytest.mark.parametrize("fail", ["network", "key", "limit"])
def test_failures_of_a_provider(
    fail: str, tmp_path: Path, repo: Repo, schema: dict[str, object]
) -> None:
    path = script(tmp_path, GOOD, fail=fail)
    ran = run("edit", "x", "--json", *scripted(path), cwd=repo.root)
    check(ran, schema)
    assert ran.result["status"] == "failed"


def test_history(repo: Repo, schema: dict[str, object]) -> None:
    repo.commit({"a.txt": TEXT})
    first = run("apply", "--json", cwd=repo.root, stdin=GOOD.encode())
    check(first, schema)
    assert (first.result["entry"], first.result["files"]) == ("1", ["a.txt"])
    log = run("log", "--json", cwd=repo.root)
    check(log, schema)
    assert (log.lines[0]["prompt"], log.lines[0]["applied"]) == ("apply stdin", 1)
    show = run("show", "1.1", "--json", cwd=repo.root)
    check(show, schema)
    undo = run("undo", "--json", cwd=repo.root)
    check(undo, schema)
    assert repo.text("a.txt") == TEXT
    repo.git("apply", stdin=show.lines[0]["patch"].encode())
    repo.write({"a.txt": changed(TEXT, 2, 3, 4)})
    conflict = run("redo", "--json", cwd=repo.root)
    check(conflict, schema)
    assert conflict.code == 5
    assert [line["type"] for line in conflict.lines] == ["undo_conflict", "result"]


def test_paths_are_printable_and_reversible(tmp_path: Path, schema: dict[str, object]) -> None:
    names = ["a b.txt", "ü.txt", 'q"uote.txt', "back\\slash.txt", os.fsdecode(b"\xff\xe9.txt")]
    repo = Repo.make(tmp_path / "repo", dict.fromkeys(names, TEXT))
    plain = patch_of("NAME", TEXT, changed(TEXT, 3))
    quoted = {'q"uote.txt': 'q\\"uote.txt', "back\\slash.txt": "back\\\\slash.txt"}
    patches = [
        plain.replace("a/NAME", f'"a/{quoted[n]}"').replace("b/NAME", f'"b/{quoted[n]}"')
        if n in quoted
        else plain.replace("NAME", n)
        for n in names
    ]
    whole = "".join(patches).encode("utf-8", "surrogateescape")
    ran = run("apply", "--json", cwd=repo.root, stdin=whole)
    check(ran, schema)
    assert sorted(real_path(path) for path in ran.result["files"]) == sorted(names)
    assert all(path_text(real_path(path)) == path for path in ran.result["files"])


def test_text_that_is_no_utf8_is_still_json(
    tmp_path: Path, repo: Repo, schema: dict[str, object]
) -> None:
    repo.commit({"a.txt": TEXT})
    path = script(tmp_path, "caf\udce9 \x00 \x1b[31m\n" + GOOD)
    ran = run(b"edit", b"caf\xe9", b"--json", *map(os.fsencode, scripted(path)), cwd=repo.root)
    check(ran, schema)
    assert ran.code == 0
