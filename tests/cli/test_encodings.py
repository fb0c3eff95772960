"""Files that are not UTF-8: patches of git and of models, in and out, without a byte lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.patches import numbered
from tests.support.repo import Repo, Untouched
from tests.support.spark import run

BEFORE: dict[str, bytes] = {
    "ascii.txt": b"plain\nascii\n",
    "latin.txt": b"un caf\xe9\nsecond\nthird\n",
    "windows.txt": b"\x93quoted\x94 text\nend\n",
    "some.txt": "naïve\n".encode() + b"bad \xff byte\nend\n",
    "coding.py": b'# -*- coding: latin-1 -*-\nx = "\xe9"\ny = 1\n',
    "sjis.txt": b"\x83e\x83X\x83g\x81\x42\nend\n",
    "gone.txt": b"ancien \xe9\n",
    "mark.txt": b"\xef\xbb\xbfone\ntwo\nthree\n",
    "mark_before.txt": b"\xef\xbb\xbfx = 1\r\ny = 2\r\n",
    "mark_less.txt": b"\xef\xbb\xbfone\ntwo\nthree\n",
    "mark_second.txt": b"\xef\xbb\xbfone\ntwo\nthree\n",
    "mark_alone.txt": b"\xef\xbb\xbf",
    "mark_emptied.txt": b"\xef\xbb\xbfone\n",
    "mark_gone.txt": b"\xef\xbb\xbfone\ntwo\n",
    "unmarked.txt": b"one\ntwo\n",
}
AFTER: dict[str, bytes] = {
    "ascii.txt": b"plain\nascii\nd\xe9but\n",
    "latin.txt": b"un caf\xe9\nsecond \xfc\nthird\n",
    "windows.txt": b"\x93quoted\x94 text \x80\nend\n",
    "some.txt": "naïve é\n".encode() + b"bad \xff byte!\nend\n",
    "coding.py": b'# -*- coding: latin-1 -*-\nx = "\xe9\xe8"\ny = 1\n',
    "sjis.txt": b"\x83e\x83X\x83g\x81\x42\nend\x83e\n",
    "made.txt": b"neu \xe9\n",
    "mark.txt": b"\xef\xbb\xbfONE\ntwo\nthree\n",
    "mark_before.txt": b"\xef\xbb\xbfw = 0\r\nx = 1\r\ny = 2\r\n",
    "mark_less.txt": b"\xef\xbb\xbftwo\nthree\n",
    "mark_second.txt": b"\xef\xbb\xbfone\nTWO\nthree\n",
    "mark_alone.txt": b"\xef\xbb\xbfone\n",
    "mark_emptied.txt": b"\xef\xbb\xbf",
    "unmarked.txt": b"\xef\xbb\xbfone\ntwo\n",
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo", {**BEFORE})


@pytest.fixture
def patch(repo: Repo) -> bytes:
    """The patch from `BEFORE` to `AFTER` as git writes it; the tree is at `BEFORE` again."""
    for name in BEFORE.keys() - AFTER.keys():
        (repo.root / name).unlink()
    repo.write({**AFTER})
    repo.git("add", "-A")
    written = repo.git("diff", "--cached")
    repo.git("reset", "-q", "--hard")
    return written


def tree(repo: Repo) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in repo.root.iterdir() if path.is_file()}


def test_patch_of_git_gives_the_bytes_that_git_would(repo: Repo, patch: bytes) -> None:
    before = Untouched.of(repo.root)
    assert run("apply", cwd=repo.root, stdin=patch).code == 0
    assert tree(repo) == AFTER
    before.check(touched=BEFORE.keys() | AFTER.keys())
    assert run("undo", cwd=repo.root).code == 0
    assert tree(repo) == BEFORE
    assert run("redo", cwd=repo.root).code == 0
    assert tree(repo) == AFTER


def test_printed_patch_is_one_that_git_applies(repo: Repo, patch: bytes) -> None:
    printed = run("apply", "--dry-run", cwd=repo.root, stdin=patch)
    assert printed.code == 0
    assert tree(repo) == BEFORE
    (repo.root.parent / "printed.patch").write_bytes(printed.out)
    repo.git("apply", str(repo.root.parent / "printed.patch"))
    assert tree(repo) == AFTER


def test_taken_back_though_the_files_have_moved_on(repo: Repo, patch: bytes) -> None:
    assert run("apply", cwd=repo.root, stdin=patch).code == 0
    moved = {name for name in BEFORE.keys() & AFTER.keys() if "mark" not in name}
    for name in moved:
        repo.write({name: b"top\n" + AFTER[name]})
    assert run("undo", cwd=repo.root).code == 0
    assert tree(repo) == BEFORE | {name: b"top\n" + BEFORE[name] for name in moved}


def test_first_line_of_a_marked_file_is_taken_back_though_others_moved_on(repo: Repo) -> None:
    said = "--- a/mark.txt\n+++ b/mark.txt\n@@ -1,2 +1,2 @@\n-\ufeffone\n+\ufeffONE\n two\n"
    assert run("apply", cwd=repo.root, stdin=said.encode()).code == 0
    repo.write({"mark.txt": b"\xef\xbb\xbftop\nONE\ntwo\nthree\nfour\n"})
    assert run("undo", cwd=repo.root).code == 0
    assert repo.read("mark.txt") == b"\xef\xbb\xbftop\none\ntwo\nthree\nfour\n"


def test_printed_patch_of_a_renamed_file_is_in_its_encoding(repo: Repo) -> None:
    renamed = {"latin.txt": b"un caf\xe9\nsecond \xfc\nthird\n", "mark.txt": AFTER["mark.txt"]}
    for name, data in renamed.items():
        repo.git("mv", name, f"to_{name}")
        repo.write({f"to_{name}": data})
    repo.git("add", "-A")
    written = repo.git("diff", "--cached", "-M30%")
    assert written.count(b"rename to") == 2
    repo.git("reset", "-q", "--hard")
    printed = run("apply", "--dry-run", cwd=repo.root, stdin=written)
    (repo.root.parent / "printed.patch").write_bytes(printed.out)
    repo.git("apply", str(repo.root.parent / "printed.patch"))
    assert {name: repo.read(f"to_{name}") for name in renamed} == renamed


def test_taken_back_by_its_bytes_where_they_have_moved_to(repo: Repo) -> None:
    """The file was ASCII when the patch was placed, and is Latin-1 now."""
    rows, block = numbered(30).encode(), b"plain\nascii\n"
    repo.write({"ascii.txt": rows + block})
    said = b"--- a/ascii.txt\n+++ b/ascii.txt\n@@ -31,2 +31,3 @@\n plain\n ascii\n+d\xe9but\n"
    assert run("apply", cwd=repo.root, stdin=said).code == 0
    assert repo.read("ascii.txt") == rows + block + b"d\xe9but\n"
    repo.write({"ascii.txt": block + b"d\xe9but\n" + rows})
    undone = run("undo", cwd=repo.root)
    assert undone.code == 0, undone
    assert repo.read("ascii.txt") == block + rows


def test_a_models_text_is_written_in_the_encoding_of_the_file(repo: Repo) -> None:
    said = (
        "--- a/latin.txt\n+++ b/latin.txt\n@@ -1,3 +1,3 @@\n un café\n-second\n+zweité\n third\n"
        "--- a/windows.txt\n+++ b/windows.txt\n@@ -1 +1 @@\n-“quoted” text\n+“quoted” €\n"
        "--- a/some.txt\n+++ b/some.txt\n@@ -1 +1 @@\n-naïve\n+naïve é\n"
    )
    assert run("apply", cwd=repo.root, stdin=said.encode()).code == 0
    assert repo.read("latin.txt") == b"un caf\xe9\nzweit\xe9\nthird\n"
    assert repo.read("windows.txt") == b"\x93quoted\x94 \x80\nend\n"
    assert repo.read("some.txt") == "naïve é\n".encode() + b"bad \xff byte\nend\n"


@pytest.mark.parametrize("name", ["latin.txt", "sjis.txt"])
def test_what_the_encoding_cannot_hold_is_refused_and_named(repo: Repo, name: str) -> None:
    last = BEFORE[name].splitlines()[-1].decode()
    said = f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-{last}\n+日本\n"
    before = Untouched.of(repo.root)
    ran = run("apply", cwd=repo.root, stdin=said.encode())
    assert ran.code == 5
    assert "U+65E5 cannot be written in the file's encoding" in ran.err
    before.check()


@pytest.mark.parametrize("left", [b"one\ntwo\n", b"ONE\ntwo\n", b"two\n", b""])
def test_a_patch_that_takes_a_byte_order_mark_away_is_refused_and_says_so(
    repo: Repo, left: bytes
) -> None:
    repo.commit({"mark.txt": b"\xef\xbb\xbfone\ntwo\n"})
    repo.write({"mark.txt": left})
    patch = repo.git("diff")
    repo.git("checkout", "-q", ".")
    before = Untouched.of(repo.root)
    ran = run("apply", cwd=repo.root, stdin=patch)
    assert (ran.code, ran.out) == (5, b"")
    assert "takes away the file's byte order mark" in ran.err
    before.check()
