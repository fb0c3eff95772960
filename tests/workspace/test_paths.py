"""Hostile and odd paths: what must not be touched is not, what may have any name has."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from codexspark_tui.errors import PathRefused
from codexspark_tui.patch.model import ResolvedRename
from tests.support.repo import Repo, Untouched
from tests.workspace.helpers import NUMBERS, Desk, delete

OUTSIDE = "secret\nof others\n"


@pytest.fixture
def desk(repo: Repo) -> Desk:
    repo.commit({"a.py": NUMBERS, "dir/b.py": NUMBERS})
    outside = repo.root.parent / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(OUTSIDE)
    (repo.root / "out").symlink_to(outside)
    (repo.root / "secret").symlink_to("../outside/secret.txt")
    (repo.root / "absolute").symlink_to(outside / "secret.txt")
    (repo.root / "git").symlink_to(".git")
    (repo.root / "inside").symlink_to("dir")
    (repo.root / "same.py").symlink_to("dir/b.py")
    (repo.root / "dangling").symlink_to("nowhere.py")
    (repo.root / "loop").symlink_to("loop")
    os.mkfifo(repo.root / "pipe")
    return Desk(repo.root)


HOSTILE = [
    "/etc/passwd",
    "../outside/secret.txt",
    "dir/../../outside/secret.txt",
    "out/secret.txt",
    "secret",
    "absolute",
    ".git/config",
    ".GIT/config",
    "dir/.git/config",
    "git/config",
    "git/hooks/post-commit",
    ".git",
    "a\0b",
    "",
    ".",
    "dir",
    "dir/",
    "pipe",
    "loop",
    "loop/below",
    "a.py/below",
    "x" * 300,
]


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_path_is_neither_read_nor_written_nor_made(
    desk: Desk, repo: Repo, path: str
) -> None:
    before = Untouched.of(repo.root)
    outside = Untouched.of(repo.root).files
    with pytest.raises(PathRefused) as caught:
        desk.space.read(path)
    assert str(repo.root) not in caught.value.title  # files are called as the person calls them
    assert len(desk.refused(desk.create(path, "x\n"))) == 1
    assert len(desk.refused(desk.on("", desk.rename("a.py", path).resolved))) == 1
    before.check()
    assert outside == Untouched.of(repo.root).files
    assert (repo.root.parent / "outside/secret.txt").read_text() == OUTSIDE
    assert sorted(p.name for p in (repo.root.parent / "outside").iterdir()) == ["secret.txt"]


def test_a_socket_is_named_and_left_alone(desk: Desk, repo: Repo) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(repo.root)
        try:
            server.bind("sock")
        finally:
            os.chdir(here)
        with pytest.raises(PathRefused, match="socket"):
            desk.space.read("sock")


def test_a_link_inside_is_followed_and_stays_a_link(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    desk.accept(desk.change("same.py", 1, 1, "one"))
    assert (repo.root / "same.py").readlink() == Path("dir/b.py")
    assert repo.text("dir/b.py") == NUMBERS.replace("line 1\n", "one\n", 1)
    desk.accept(desk.change("inside/b.py", 2, 1, "two"))
    assert repo.text("dir/b.py").startswith("one\ntwo\nline 3\n")
    before.check(touched={"dir/b.py"})
    assert desk.space.undo().conflicts == ()
    assert repo.text("dir/b.py") == NUMBERS


def test_one_file_by_two_names_is_one_file(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.change("same.py", 1, 1, "one"), desk.change("inside/b.py", 9, 1, "nine"))
    lines = NUMBERS.splitlines(keepends=True)
    assert repo.text("dir/b.py") == "".join(["one\n", *lines[1:8], "nine\n", *lines[9:]])


def test_a_link_that_leads_nowhere_is_no_text(desk: Desk, repo: Repo) -> None:
    state = desk.space.read("dangling")
    assert (state.kind, state.data, state.mode) == ("symlink", b"nowhere.py", "120000")
    assert desk.refused(desk.create("dangling", "x\n")) == [
        "dangling: there is already a file of that name"
    ]
    assert not (repo.root / "nowhere.py").exists()


def test_a_link_is_deleted_only_when_the_patch_says_that_it_is_one(desk: Desk, repo: Repo) -> None:
    state = desk.space.read("same.py")
    assert desk.refused(desk.on(state.digest, delete("same.py", NUMBERS))) == [
        "same.py: it is a symbolic link, and the patch says otherwise"
    ]
    assert repo.text("dir/b.py") == NUMBERS


def test_a_link_itself_is_renamed_deleted_and_comes_back(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    link = desk.space.read("same.py", follow=False)
    assert (link.kind, link.data, link.real) == ("symlink", b"dir/b.py", "same.py")
    desk.accept(desk.on(link.digest, ResolvedRename("same.py", "other.py")))
    assert (repo.root / "other.py").readlink() == Path("dir/b.py")
    desk.accept(desk.on(link.digest, delete("other.py", "dir/b.py", "120000")), turn_name="t2")
    assert not (repo.root / "other.py").is_symlink()
    assert desk.space.undo().conflicts == ()
    assert desk.space.undo().conflicts == ()
    before.check(touched={"same.py"})
    assert (repo.root / "same.py").readlink() == Path("dir/b.py")


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside/secret.txt", "git/config/../../.."])
def test_a_link_that_would_lead_out_is_not_made(desk: Desk, repo: Repo, target: str) -> None:
    before = Untouched.of(repo.root)
    assert "lead out" in desk.refused(desk.create("new", target, "120000"))[0]
    before.check()


def test_a_link_and_a_file_below_it_cannot_come_together(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    desk.refused(desk.create("d2", "dir", "120000"), desk.create("d2/x", "x\n"))
    before.check()


NAMES = [
    "with space.py",
    " leading",
    "quote'\"`$(x).py",
    "日本語/ファイル.txt",
    "émigré",
    "-rf",
    "back\\slash",
    "*.[a-z]?",
    os.fsdecode(b"not-utf8-\xff\xfe.txt"),
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_created_edited_renamed_undone(repo: Repo, name: str) -> None:
    repo.commit({"other": "x\n"})
    before = Untouched.of(repo.root)
    desk = Desk(repo.root)
    desk.accept(desk.create(name, NUMBERS))
    desk.accept(desk.change(name, 5, 1, "five"), turn_name="t2")
    desk.accept(desk.rename(name, "plain"), turn_name="t3")
    desk.accept(desk.rename("plain", name), turn_name="t4")
    assert (repo.root / name).read_text() == NUMBERS.replace("line 5\n", "five\n", 1)
    assert [c.path for c in desk.space.show("2")] == [name]
    assert desk.space.undo("2").conflicts == ()
    assert (repo.root / name).read_text() == NUMBERS
    for _ in range(3):
        assert desk.space.undo().conflicts == ()
    before.check()


@pytest.mark.parametrize("name", ["line\nbreak.py", "tab\there", "\x1b[31mred"])
def test_a_name_with_control_characters_is_edited_but_never_made(repo: Repo, name: str) -> None:
    repo.commit({name: NUMBERS})
    before = Untouched.of(repo.root)
    desk = Desk(repo.root)
    desk.accept(desk.change(name, 5, 1, "five"))
    assert (repo.root / name).read_text() == NUMBERS.replace("line 5\n", "five\n", 1)
    assert "control characters" in desk.refused(desk.create("x" + name, "1\n"))[0]
    before.check(touched={name})


def test_names_that_differ_only_by_case_are_two_files(repo: Repo) -> None:
    repo.write({"readme": "small\n"})
    if (repo.root / "README").exists():
        pytest.skip("this file system does not tell case apart")
    desk = Desk(repo.root)
    desk.accept(desk.create("README", "large\n"))
    assert (repo.text("readme"), repo.text("README")) == ("small\n", "large\n")
