"""stdout is the product: a patch that git applies to the same tree as --apply gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.patches import changed, numbered, patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import run, script, scripted, shell

TEXT = numbered(20)
CODE = "import os\nimport sys\n\n\ndef load():\n    return sys.path\n"


def both_ways(tmp_path: Path, files: Mapping[str, str | bytes], *arguments: str) -> None:
    """The patch on stdout, applied by git, gives the tree that --apply gives."""
    printed = Repo.make(tmp_path / "printed", dict(files))
    applied = Repo.make(tmp_path / "applied", dict(files))
    before = Untouched.of(printed.root)
    ran = run(*arguments, cwd=printed.root)
    assert ran.code == 0, ran
    before.check()
    assert ran.out.startswith(b"diff --git ")
    printed.git("apply", "--check", stdin=ran.out)
    printed.git("apply", stdin=ran.out)
    written = run(arguments[0], "--apply", *arguments[1:], cwd=applied.root)
    assert (written.code, written.out) == (0, b"")
    assert "written as turn 1; spark undo 1" in written.err
    assert tree(printed.root) == tree(applied.root)
    assert tree(printed.root) != dict(files)


def tree(root: Path) -> dict[str, bytes]:
    return {
        os.fsdecode(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


@pytest.mark.parametrize(
    "name",
    ["plain.py", "with space.py", "ünïcode-名前.py", 'quo"ted.py', "back\\slash.py", "-dash.py"],
)
def test_names_survive_the_pipe(name: str, tmp_path: Path) -> None:
    both_ways(tmp_path, {name: CODE}, "tidy", "--imports", "--", name)


def test_name_that_is_no_utf8_survives_the_pipe(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    repo = Repo.make(tmp_path / "repo", {name: TEXT})
    patch = patch_of("NAME", TEXT, changed(TEXT, 3)).replace("NAME", name)
    path = script(tmp_path, patch)
    ran = run("edit", "x", *scripted(path), os.fsencode(name), cwd=repo.root)
    assert ran.code == 0, ran
    repo.git("apply", stdin=ran.out)
    assert repo.text(name) == changed(TEXT, 3)


@pytest.mark.parametrize(
    "content",
    [
        CODE.replace("\n", "\r\n").encode(),
        CODE.rstrip("\n").encode(),
        CODE.replace("\n", "\r\n").rstrip("\r\n").encode(),
        b"\xef\xbb\xbf" + CODE.encode(),
        CODE.replace("sys.path", '"a\\rb"').encode() + b'X = "\x0c"\n',
        CODE.encode() + "# naïve — 名前\n".encode(),
    ],
    ids=["CRLF", "no final newline", "CRLF without", "BOM", "form feed", "non-ASCII"],
)
def test_bytes_of_files_survive_the_pipe(content: bytes, tmp_path: Path) -> None:
    both_ways(tmp_path, {"a.py": content}, "edit", "rename load to read", "a.py")


def test_lone_carriage_returns_are_kept(tmp_path: Path, repo: Repo) -> None:
    before, after = "one\rtwo\nthree\nfour\r\n", "one\rtwo\nthree!\nfour\r\n"
    repo.commit({"a.txt": before})
    patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\rtwo\n-three\n+three!\n four\r\n"
    ran = run("edit", "x", *scripted(script(tmp_path, patch)), cwd=repo.root)
    assert ran.code == 0
    repo.git("apply", stdin=ran.out)
    assert repo.read("a.txt") == after.encode()


def test_files_made_renamed_and_removed_survive_the_pipe(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/io.py": CODE,
        "pkg/use.py": "from pkg.io import load\n\nload()\n",
    }
    both_ways(tmp_path / "1", files, "rename", "pkg.io", "reader", "--kind", "module")
    both_ways(tmp_path / "2", files, "tests", "pkg/io.py")


def test_stat_and_notices_go_to_stderr(repo: Repo) -> None:
    repo.commit({"a.py": CODE, "b.py": "from a import load\n\nload()\n"})
    loud = run("rename", "load", "read", "--stat", cwd=repo.root)
    quiet = run("rename", "load", "read", "--quiet", cwd=repo.root)
    assert loud.out == quiet.out
    assert quiet.err == ""
    assert "Rename the function load to read" in loud.err
    assert " 2 files changed, 3 added, 3 removed" in loud.err


def test_pipe_into_git_apply(repo: Repo) -> None:
    repo.commit({"a.py": CODE})
    ran = shell("spark edit 'remove unused imports' | git apply && git diff --stat", cwd=repo.root)
    assert (ran.code, b"1 deletion" in ran.out) == (0, True), ran


def test_from_a_subfolder_names_are_seen_from_there(repo: Repo) -> None:
    repo.commit({"src/a.py": CODE, "other/a.py": CODE})
    ran = run("tidy", "--imports", "a.py", cwd=repo.root / "src")
    assert ran.code == 0
    assert b"+++ b/src/a.py" in ran.out
    assert b"other" not in ran.out


def test_what_the_model_said_instead_of_a_patch_is_told(tmp_path: Path, repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    path = script(tmp_path, "The file is fine \x1b[31mas it is.\n")
    ran = run("edit", "x", *scripted(path), cwd=repo.root)
    assert (ran.code, ran.out) == (1, b"")
    assert "The file is fine ^[[31mas it is." in ran.err
