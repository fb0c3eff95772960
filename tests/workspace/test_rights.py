"""What a file has beside its bytes: permission bits, owner, attributes, and its other names."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from codexspark_tui.workspace import Accepted, Receipt, Workspace
from tests.support.nobody import NOBODY
from tests.support.repo import Repo, Untouched
from tests.support.spark import run
from tests.workspace import tracing
from tests.workspace.helpers import NUMBERS, Desk, replace_lines, turn
from tests.workspace.test_faults import SMALL_DISK, mount_command
from tests.workspace.tracing import Call

CHANGED = NUMBERS.replace("line 1\n", "x\n", 1)
RIGHTS = [0o400 | 0o200, 0o640, 0o655, 0o711, 0o754, 0o2644, 0o2755, 0o4755, 0o4711, 0o6755, 0o1777]


@pytest.fixture
def desk(repo: Repo) -> Desk:
    repo.commit({"a.py": NUMBERS, "keep.txt": "mine\n"})
    return Desk(repo.root)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("bits", RIGHTS)
def test_all_permission_bits_outlive_a_write_an_undo_and_a_redo(
    desk: Desk, repo: Repo, bits: int
) -> None:
    path = repo.root / "a.py"
    path.chmod(bits)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    assert rights(path) == bits
    desk.accept(desk.rename("a.py", "d/b.py"), turn_name="t2")
    assert rights(repo.root / "d/b.py") == bits
    desk.accept(desk.delete("d/b.py"), turn_name="t3")
    for verb in (desk.space.undo, desk.space.redo, desk.space.undo):
        assert not verb("3").conflicts
    assert rights(repo.root / "d/b.py") == bits
    desk.space.undo("2")
    desk.space.undo("1")
    assert (rights(path), repo.text("a.py")) == (bits, NUMBERS)


@pytest.mark.parametrize("bits", RIGHTS)
def test_a_mode_that_is_taken_back_gives_all_bits_back(desk: Desk, repo: Repo, bits: int) -> None:
    path = repo.root / "a.py"
    path.chmod(bits)
    executable = bool(bits & 0o100)
    desk.accept(desk.mode("a.py", "100644" if executable else "100755"))
    changed = rights(path)
    assert bool(changed & 0o100) != executable
    assert changed & ~0o111 == bits & ~0o111
    for _ in range(2):
        desk.space.undo()
        assert rights(path) == bits
        desk.space.redo()
        assert rights(path) == changed
    path.chmod(changed ^ 0o020)  # somebody else has changed them since
    desk.space.undo()
    assert rights(path) & 0o666 == (changed ^ 0o020) & 0o666


def test_what_comes_to_a_name_brings_its_own_bits(desk: Desk, repo: Repo) -> None:
    """A private file stays private where it takes the name of another one, or is copied."""
    repo.commit({"b.py": "b\n" * 9})
    one, two = repo.root / "a.py", repo.root / "b.py"
    one.chmod(0o664)
    two.chmod(0o600)
    moved = desk.rename("a.py", "c.py"), desk.rename("b.py", "a.py")
    desk.accept(*moved)
    assert [rights(repo.root / name) for name in ("a.py", "c.py")] == [0o600, 0o664]
    desk.space.undo()
    assert (rights(one), rights(two)) == (0o664, 0o600)
    desk.accept(desk.rename("b.py", "copy.py", copy=True), turn_name="t2")
    assert rights(repo.root / "copy.py") == 0o600


def test_attributes_and_access_lists_stay(desk: Desk, repo: Repo) -> None:
    path = repo.root / "a.py"
    path.chmod(0o640)
    try:
        os.setxattr(path, "user.spark", b"kept")
    except (AttributeError, OSError):
        pytest.skip("no extended attributes here")
    setfacl = shutil.which("setfacl")
    if setfacl is not None:
        command = [setfacl, "-m", f"u:{NOBODY}:rw", str(path)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            setfacl = None
    before = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    assert ("system.posix_acl_access" in before) == (setfacl is not None)
    bits = rights(path)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    desk.accept(desk.rename("a.py", "b.py"), turn_name="t2")
    path = repo.root / "b.py"
    assert {name: os.getxattr(path, name) for name in os.listxattr(path)} == before
    assert rights(path) == bits


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("bits", [0o640, 0o4755])
def test_root_leaves_the_file_to_its_owner(desk: Desk, repo: Repo, bits: int) -> None:
    path = repo.root / "a.py"
    os.chown(path, NOBODY, NOBODY)
    path.chmod(bits)
    for change in (lambda: desk.accept(desk.change("a.py", 1, 1, "x")), desk.space.undo):
        change()
        info = path.stat()
        assert (info.st_uid, info.st_gid, rights(path)) == (NOBODY, NOBODY, bits)


def linked(repo: Repo, *names: str) -> None:
    for name in names:
        (repo.root / name).parent.mkdir(exist_ok=True)
        (repo.root / name).hardlink_to(repo.root / "a.py")


def same(repo: Repo, *names: str) -> bool:
    return len({(repo.root / name).stat().st_ino for name in names}) == 1


def test_all_names_of_a_file_show_the_change(desk: Desk, repo: Repo) -> None:
    linked(repo, "d/other.py", "d/third.py")
    names = ("a.py", "d/other.py", "d/third.py")
    (repo.root / "a.py").chmod(0o4750)
    before = Untouched.of(repo.root)
    for act in (
        lambda: desk.accept(desk.change("a.py", 1, 1, "x", "y"), desk.mode("a.py", "100644")),
        desk.space.undo,
        desk.space.redo,
    ):
        assert act().parted == ()
        assert same(repo, *names)
    assert repo.text("d/third.py") == NUMBERS.replace("line 1\n", "x\ny\n", 1)
    assert rights(repo.root / "a.py") == 0o4640
    desk.space.undo()
    assert (repo.text("d/third.py"), rights(repo.root / "a.py")) == (NUMBERS, 0o4750)
    before.check(touched=set(names))


def test_a_renamed_file_keeps_its_other_names(desk: Desk, repo: Repo) -> None:
    linked(repo, "other.py")
    desk.accept(desk.rename("a.py", "d/b.py"))
    assert same(repo, "d/b.py", "other.py")
    desk.space.undo()
    assert same(repo, "a.py", "other.py")
    hunk = replace_lines(NUMBERS, "e/c.py", 1, 1, "x")
    edited = desk.on(desk.space.read("a.py").digest, hunk)
    desk.accept(desk.rename("a.py", "e/c.py"), edited, turn_name="t2")
    assert same(repo, "e/c.py", "other.py")
    assert repo.text("other.py") == CHANGED
    desk.space.undo()
    assert same(repo, "a.py", "other.py")
    assert (repo.text("other.py"), (repo.root / "e").exists()) == (NUMBERS, False)


def test_two_names_of_one_file_are_changed_once(desk: Desk, repo: Repo) -> None:
    linked(repo, "other.py")
    desk.accept(desk.change("a.py", 1, 1, "x"), desk.change("other.py", 1, 1, "x"))
    assert same(repo, "a.py", "other.py")
    assert repo.text("other.py") == CHANGED
    desk.space.undo()
    assert (repo.text("a.py"), same(repo, "a.py", "other.py")) == (NUMBERS, True)
    differ = desk.change("a.py", 1, 1, "x"), desk.change("other.py", 1, 1, "y")
    assert any("the same file as" in said for said in desk.refused(*differ))
    assert repo.text("a.py") == NUMBERS


def test_a_file_with_several_names_does_not_make_room_for_another(desk: Desk, repo: Repo) -> None:
    linked(repo, "other.py")
    (said,) = set(desk.refused(desk.rename("a.py", "b.py"), desk.create("a.py", "new\n")))
    assert "other names (hard links)" in said
    assert same(repo, "a.py", "other.py")


def test_a_name_outside_of_the_root_keeps_what_it_holds_and_that_is_said(
    desk: Desk, repo: Repo, tmp_path: Path
) -> None:
    outside = tmp_path / "copy of it.py"
    outside.hardlink_to(repo.root / "a.py")
    linked(repo, "other.py")
    assert desk.accept(desk.change("a.py", 1, 1, "x")).parted == ("a.py",)
    assert (outside.read_text(), repo.text("other.py")) == (NUMBERS, NUMBERS)
    assert repo.text("a.py") == CHANGED
    patch = run("edit", "sort imports", "other.py", "--apply", cwd=repo.root)
    assert patch.code == 1
    repo.write({"p.diff": "--- a/other.py\n+++ b/other.py\n@@ -1 +1 @@\n-line 1\n+x\n"})
    done = run("apply", "p.diff", cwd=repo.root)
    assert done.code == 0, done.err
    assert "had other names (hard links) outside of this folder" in done.err
    assert outside.read_text() == NUMBERS


def test_a_name_in_gits_own_folder_or_another_repository_is_outside(desk: Desk, repo: Repo) -> None:
    inner = Repo.make(repo.root / "sub")
    names = [repo.root / ".git/kept", inner.root / "kept"]
    for name in names:
        name.hardlink_to(repo.root / "a.py")
        assert desk.accept(desk.change("a.py", 1, 1, "x")).parted == ("a.py",)
        assert name.read_text() == NUMBERS
        desk.space.undo()


# --- written in place, and killed -----------------------------------------------------------


@pytest.fixture
def two_names(tmp_path: Path) -> Callable[[str], Repo]:
    """A repository with two names for the file that the actor accepts a hunk in."""

    def make(name: str) -> Repo:
        repo = Repo.make(tmp_path / name, {"a.py": NUMBERS, "first.txt": "1\n2\n"})
        linked(repo, "other.py")
        space = Workspace.open(repo.root)
        hunk = replace_lines("1\n2\n", "first.txt", 1, 1, "x")
        first = Accepted("c", hunk, space.read("first.txt").digest)
        assert isinstance(space.commit(turn("first"), [first]), Receipt)
        space.close()
        return repo

    return make


ACTION = "line:a.py:6:" + "much longer than before " * 40
PLAIN_ACTION = ACTION.replace(" ", "_")


def calls_in_place(repo: Repo, log: Path) -> list[Call]:
    """What is called on the file itself, from its first write on."""
    calls = tracing.calls_of(repo.root, PLAIN_ACTION, log)
    return [
        call
        for call in calls
        if call.name in ("write", "ftruncate", "fsync") and f"<{repo.root}/a.py>" in call.arguments
    ]


needs_strace = pytest.mark.skipif(bool(tracing.why_not()), reason=tracing.why_not() or "traced")


@needs_strace
def test_killed_in_a_write_in_place_all_names_are_whole_afterwards(
    two_names: Callable[[str], Repo], tmp_path: Path
) -> None:
    calls = calls_in_place(two_names("dry"), tmp_path / "log")
    assert [call.name for call in calls] == ["write", "ftruncate", "fsync"]
    ends: list[str] = []
    for number, call in enumerate(calls):
        repo = two_names(f"at{number}")
        before = Untouched.of(repo.root)
        assert tracing.killed_at(repo.root, PLAIN_ACTION, call)
        space = Workspace.open(repo.root)
        ends += space.recover()
        assert same(repo, "a.py", "other.py")
        assert (repo.text("a.py") != NUMBERS) == (len(space.log()) == 2)
        space.undo("2") if len(space.log()) == 2 else None
        assert repo.text("other.py") == NUMBERS
        before.check(touched={"a.py", "other.py"})
        space.close()
    assert ends == [
        "An interrupted write of 1 file was taken back.",
        "An interrupted write of 1 file was finished.",
        "An interrupted write of 1 file was finished.",
    ]


def torn(before: bytes, after: bytes, at: int) -> bytes:
    return after[:at] + before[at:]


@needs_strace
@pytest.mark.parametrize("shorter", [False, True])
def test_a_write_in_place_that_stopped_at_any_byte_is_finished(
    two_names: Callable[[str], Repo], tmp_path: Path, shorter: bool
) -> None:
    """A kernel may stop a write between any two pages, and a power cut in any order of them."""
    action = "line:a.py:6:x" if shorter else PLAIN_ACTION
    dry = two_names("dry")
    calls = tracing.calls_of(dry.root, action, tmp_path / "log")
    after = dry.read("a.py")
    (sync,) = [c for c in calls if c.name == "fsync" and f"<{dry.root}/a.py>" in c.arguments]
    repo = two_names("killed")
    assert tracing.killed_at(repo.root, action, sync)
    kept = tmp_path / "kept"
    shutil.copytree(repo.root / ".git/spark", kept)
    before = NUMBERS.encode()
    for at in [*range(36, 64, 7), len(before), len(after)]:
        shutil.rmtree(repo.root / ".git/spark")
        shutil.copytree(kept, repo.root / ".git/spark")
        repo.write({"a.py": torn(before, after, at)})
        (said,) = Workspace.open(repo.root).recover()
        assert said == "An interrupted write of 1 file was finished."
        assert (repo.read("other.py"), same(repo, "a.py", "other.py")) == (after, True)
    mine = torn(before, after, 40)
    for edited in (mine + b"and something of the user's\n" * 90, b"L" + mine[1:]):
        shutil.rmtree(repo.root / ".git/spark")
        shutil.copytree(kept, repo.root / ".git/spark")
        repo.write({"a.py": edited})
        (said,) = Workspace.open(repo.root).recover()
        assert "left alone: 'a.py'" in said
        assert repo.read("other.py") == edited


@pytest.mark.parametrize("free", [65536, 299008, 323584, 348160, 372736, 524288])
def test_a_full_disk_leaves_a_file_with_two_names_before_or_after(
    two_names: Callable[[str], Repo], tmp_path: Path, free: int
) -> None:
    """What a write in place had begun is taken back: the old bytes have their room."""
    command = mount_command()
    if command is None:
        pytest.skip("no small disk can be mounted here")
    repo = two_names("repo")
    disk, copy = tmp_path / "disk", tmp_path / "copy"
    disk.mkdir()
    copy.mkdir()
    wide = "x" * 100_000
    arguments = ["3m", str(disk), str(repo.root), str(free)]
    arguments += tracing.actor_command(disk, f"line:a.py:6:{wide}")
    done = subprocess.run(
        [*command, "bash", "-c", SMALL_DISK, "bash", *arguments],
        cwd=tracing.ROOT,
        env={**tracing.actor_env(), "DISK": str(disk), "COPY": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    after = NUMBERS.replace("line 6\n", wide + "\n", 1)
    assert (copy / "a.py").read_text() == (after if done.stdout == "done" else NUMBERS)
    assert same(Repo(copy), "a.py", "other.py")
    if done.stdout != "done":
        assert done.stdout.startswith("write_failed: ")
    space = Workspace.open(copy)
    assert space.recover() in ([], ["An interrupted write of 1 file was taken back."])
    assert len(space.log()) == 1 + (done.stdout == "done")
