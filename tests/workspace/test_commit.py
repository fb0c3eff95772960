"""What is accepted is on disk, exactly, and nothing else is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codexspark_tui.patch.model import Line, ResolvedHunk
from codexspark_tui.workspace import FileWritten, Receipt, TurnInfo, Workspace
from tests.support.repo import Repo, Untouched
from tests.workspace.helpers import NUMBERS, Desk, delete, replace_lines, turn


@pytest.fixture
def desk(repo: Repo) -> Desk:
    repo.commit({"a.py": NUMBERS, "dir/b.py": NUMBERS, "keep.txt": "mine\n"})
    return Desk(repo.root)


def test_opening_and_reading_a_fresh_repository_write_nothing(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    space = Workspace.open(repo.root)
    assert (space.log(), space.read("a.py").data) == ([], NUMBERS.encode())
    assert space.recover() == []
    assert space.undo().nothing_to_do
    assert space.redo().nothing_to_do
    space.close()
    before.check()
    assert not (repo.root / ".git" / "spark").exists()


def test_a_refused_decision_makes_no_ledger(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    assert desk.refused(desk.create("a.py", "x\n")) == [
        "a.py: there is already a file of that name"
    ]
    before.check()
    assert not (repo.root / ".git" / "spark").exists()


def test_several_hunks_of_one_file_refer_to_the_same_text(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    answer = desk.accept(
        desk.change("a.py", 20, 1, "twenty", "and a half"),
        desk.change("a.py", 3, 2, "three"),
        desk.change("dir/b.py", 1, 0, "first"),
    )
    lines = NUMBERS.splitlines(keepends=True)
    expected = [*lines[:2], "three\n", *lines[4:19], "twenty\n", "and a half\n", *lines[20:]]
    assert repo.text("a.py") == "".join(expected)
    assert repo.text("dir/b.py") == "first\n" + NUMBERS
    assert answer == Receipt(
        1,
        (("c1", "1.1"), ("c2", "1.2"), ("c3", "1.3")),
        (
            FileWritten("a.py", desk.space.read("a.py").digest),
            FileWritten("dir/b.py", desk.space.read("dir/b.py").digest),
        ),
    )
    before.check(touched={"a.py", "dir/b.py"})


def test_commits_with_one_key_join_one_turn(desk: Desk) -> None:
    desk.accept(desk.change("a.py", 3, 1, "three"), turn_name="one")
    desk.accept(desk.change("a.py", 5, 1, "five"), turn_name="two")
    third = desk.accept(desk.change("a.py", 7, 1, "seven"), turn_name="one")
    assert third.changes == (("c3", "1.2"),)
    assert [(t.number, t.key, t.changes, t.applied, t.files) for t in desk.space.log()] == [
        (2, "session:two", 1, 1, ("a.py",)),
        (1, "session:one", 2, 2, ("a.py",)),
    ]
    assert [c.change_id for c in desk.space.show("1")] == ["c1", "c3"]
    assert [c.change_id for c in desk.space.show("1.2")] == ["c3"]


def test_the_ledger_says_prompt_provider_model_and_the_change_itself(desk: Desk) -> None:
    wanted = desk.change("a.py", 3, 1, "three \ud800")  # stands for nothing
    assert "cannot be written" in desk.refused(wanted)[0]
    wanted = desk.change("a.py", 3, 1, "drei – 三")
    desk.space.commit(TurnInfo("k", "say it\nin other words \udc80", "responses", "m-1"), [wanted])
    (entry,) = desk.space.log()
    assert (entry.prompt, entry.provider, entry.model) == (
        "say it\nin other words ?",
        "responses",
        "m-1",
    )
    assert [c.resolved for c in desk.space.show("1")] == [wanted.resolved]


def test_a_rename_takes_the_hunks_of_the_new_name_with_it(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    digest = desk.space.read("a.py").digest
    rename = desk.rename("a.py", "new/place/c.py")
    hunk = desk.on(digest, replace_lines(NUMBERS, "new/place/c.py", 2, 1, "two"))
    answer = desk.accept(rename, hunk)
    assert not (repo.root / "a.py").exists()
    assert repo.text("new/place/c.py") == NUMBERS.replace("line 2\n", "two\n", 1)
    assert answer.files == (
        FileWritten("a.py", "", True),
        FileWritten("new/place/c.py", desk.space.read("new/place/c.py").digest),
    )
    before.check(touched={"a.py", "new/place/c.py"})


def test_create_delete_copy_and_mode_in_one_decision(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    desk.accept(
        desk.create("n/e/w.sh", "#!/bin/sh\n", "100755"),
        desk.create("empty", ""),
        desk.delete("keep.txt"),
        desk.rename("a.py", "copy.py", copy=True),
        desk.mode("dir/b.py", "100755"),
    )
    assert repo.text("n/e/w.sh") == "#!/bin/sh\n"
    assert os.access(repo.root / "n/e/w.sh", os.X_OK)
    assert repo.read("empty") == b""
    assert not (repo.root / "keep.txt").exists()
    assert repo.text("copy.py") == repo.text("a.py") == NUMBERS
    assert (repo.root / "dir/b.py").stat().st_mode & 0o777 == 0o755
    before.check(touched={"n/e/w.sh", "empty", "keep.txt", "copy.py", "dir/b.py"})


def test_a_file_may_become_a_link_only_by_delete_and_create(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.delete("keep.txt"), desk.create("keep.txt", "a.py", "120000"))
    assert (repo.root / "keep.txt").readlink() == Path("a.py")
    assert desk.space.undo().conflicts == ()
    assert not (repo.root / "keep.txt").is_symlink()
    assert repo.text("keep.txt") == "mine\n"


def test_one_hunk_that_does_not_fit_sinks_the_whole_decision(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    digest = desk.space.read("a.py").digest
    wrong = ResolvedHunk("a.py", 9, (Line("-", "no such line"), Line("+", "x")))
    said = desk.refused(
        desk.change("dir/b.py", 1, 1, "x"), desk.on(digest, wrong), desk.change("a.py", 1, 1, "y")
    )
    assert said == ["a.py: line 9: the file has another line here"]
    before.check()


def test_two_hunks_on_the_same_line_are_refused_together(desk: Desk, repo: Repo) -> None:
    said = desk.refused(desk.change("a.py", 4, 2, "x"), desk.change("a.py", 5, 1, "y"))
    assert said == ["a.py: line 5: two hunks change this line"] * 2
    assert repo.text("a.py") == NUMBERS


def test_what_has_moved_on_is_refused_by_content_not_by_time(desk: Desk, repo: Repo) -> None:
    accepted = desk.change("a.py", 3, 1, "three")
    info = (repo.root / "a.py").stat()
    repo.write({"a.py": NUMBERS.replace("line 30", "line XX")})
    os.utime(repo.root / "a.py", ns=(info.st_atime_ns, info.st_mtime_ns))
    assert desk.refused(accepted) == ["a.py: it has moved on since the change was placed"]
    repo.write({"a.py": NUMBERS})  # saved again with the same bytes: no change at all
    assert desk.accept(accepted).turn == 1


@pytest.mark.parametrize(
    ("data", "line", "new", "expected"),
    [
        (b"\xef\xbb\xbfone\r\ntwo\r\n", 2, "zwei", b"\xef\xbb\xbfone\r\nzwei\r\n"),
        (b"\xef\xbb\xbfone\ntwo\n", 1, "eins", b"\xef\xbb\xbfeins\ntwo\n"),
        (b"one\ntwo", 1, "eins", b"eins\ntwo"),
        (b"a\r\nb\nc\r\n", 3, "d", b"a\r\nb\nd\r\n"),
        ("é\n二\n".encode("utf-16"), 2, "三", "é\n三\n".encode("utf-16")),
        (b"# coding: latin-1\n\xe9\n", 2, "\xe8", b"# coding: latin-1\n\xe8\n"),
        (b"# coding: koi8-r\n\xc1\n", 2, "я", b"# coding: koi8-r\n\xd1\n"),
        (b"# coding: utf-7\n+AGE-\nx\n", 3, "y", b"# coding: utf-7\n+AGE-\ny\n"),
        (b"caf\xe9\nx\n", 2, "\xe8", b"caf\xe9\n\xe8\n"),
        (b"\x93q\x94\nx\n", 2, "“", b"\x93q\x94\n\x93\n"),
        ("ï\n".encode() + b"\xff\n", 1, "é", "é\n".encode() + b"\xff\n"),
        (b"plain\nx\n", 2, "\udce9", b"plain\n\xe9\n"),
        (b"form\x0cfeed\rhere\nx\n", 2, "y", b"form\x0cfeed\rhere\ny\n"),
    ],
    ids=[
        "bom-crlf",
        "bom-first-line",
        "no-final-newline",
        "mixed",
        "utf-16",
        "coding-line",
        "coding-line-alone-tells",
        "coding-line-that-says-bytes-in-two-ways",
        "latin-1",
        "windows-1252",
        "utf-8-with-other-bytes",
        "first-other-byte",
        "odd-breaks",
    ],
)
def test_encoding_and_line_ends_survive_and_undo_gives_the_bytes_back(
    repo: Repo, data: bytes, line: int, new: str, expected: bytes
) -> None:
    repo.commit({"f": data})
    before = Untouched.of(repo.root)
    desk = Desk(repo.root)
    desk.accept(desk.change("f", line, 1, new))
    assert repo.read("f") == expected
    before.check(touched={"f"})
    assert desk.space.undo().conflicts == ()
    assert repo.read("f") == data
    desk.space.redo()
    assert repo.read("f") == expected


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x00\x01binary", "cannot be read as text"),
        (b"caf\xe9\x01\n", "cannot be read as text"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
    ],
)
def test_a_file_that_is_no_text_is_left_alone_and_named(repo: Repo, data: bytes, why: str) -> None:
    repo.commit({"f": data})
    before = Untouched.of(repo.root)
    desk = Desk(repo.root)
    hunk = ResolvedHunk("f", 1, (Line("-", "x"), Line("+", "y")))
    (said,) = desk.refused(desk.on(desk.space.read("f").digest, hunk))
    assert said.startswith("f: ")
    assert why in said
    before.check()


def test_lines_of_bytes_are_those_of_the_encoding_of_the_file(repo: Repo) -> None:
    repo.commit({"f": b"caf\xe9\nx\n"})
    desk = Desk(repo.root)
    lines = (Line("-", "caf\udce9"), Line("+", "th\udce9"))
    desk.accept(desk.on(desk.space.read("f").digest, ResolvedHunk("f", 1, lines)))
    assert repo.read("f") == b"th\xe9\nx\n"


def test_text_that_the_encoding_of_the_file_cannot_hold_is_refused(repo: Repo) -> None:
    told, untold = b"# coding: latin-1\n\xe9\n", b"caf\xe9\nx\n"
    repo.commit({"told": told, "untold": untold})
    desk = Desk(repo.root)
    (said,) = desk.refused(desk.change("told", 2, 1, "→"))
    assert "U+2192 cannot be written in the file's encoding" in said
    (said,) = desk.refused(desk.change("untold", 2, 1, "“"))
    assert "U+201C cannot be written in the file's encoding" in said
    assert (repo.read("told"), repo.read("untold")) == (told, untold)


def test_a_deleted_private_file_comes_back_private(desk: Desk, repo: Repo) -> None:
    path = repo.root / "keep.txt"
    path.chmod(0o600)
    desk.accept(desk.delete("keep.txt"))
    desk.space.undo()
    assert (repo.text("keep.txt"), path.stat().st_mode & 0o777) == ("mine\n", 0o600)


def test_deleted_bytes_that_are_no_text_come_back_exactly(desk: Desk, repo: Repo) -> None:
    data = b"\xff\xfe\x00broken\n"
    repo.write({"blob": data})
    desk.accept(desk.on(desk.space.read("blob").digest, delete("blob", "")))
    assert not (repo.root / "blob").exists()
    desk.space.undo()
    assert repo.read("blob") == data


def test_a_change_accepted_twice_in_one_decision_is_refused(desk: Desk) -> None:
    one = desk.change("a.py", 1, 1, "x")
    assert desk.refused(one, one) == ["a.py: the same change was accepted twice"]


def test_nothing_accepted_is_nothing_done(desk: Desk, repo: Repo) -> None:
    assert desk.space.commit(turn(), []) == Receipt(0, (), ())
    assert not (repo.root / ".git" / "spark").exists()


def test_a_file_and_a_folder_of_one_name_are_refused(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    assert desk.refused(desk.create("x", "1\n"), desk.create("x/y", "2\n")) == [
        "x/y: a folder of that name would be a file as well"
    ]
    before.check()


def test_a_file_larger_than_the_limit_is_left_alone(repo: Repo) -> None:
    repo.commit({"big": "x" * 2000 + "\n"})
    small = Workspace.open(repo.root)
    small.limit_files(1000)
    answer = small.commit(turn(), [Desk(repo.root).change("big", 1, 1, "y")])
    assert not isinstance(answer, Receipt)
    assert "larger than" in answer.problems[0].why
    small.limit_files(3000)
    change = Desk(repo.root).change("big", 1, 1, "y" * 4000)
    assert isinstance(small.commit(turn(), [change]), Receipt)
    small.limit_files(1000)
    assert small.undo().conflicts == ()
    assert repo.text("big") == "x" * 2000 + "\n"
