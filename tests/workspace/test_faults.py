"""A full disk, missing permissions, a damaged ledger: a sentence, and the files as they were."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from codexspark_tui.errors import WriteFailed
from codexspark_tui.workspace import Workspace, lock
from tests.support.nobody import NOBODY, as_nobody
from tests.support.repo import Repo, Untouched
from tests.workspace import tracing
from tests.workspace.actor import AFTER, FILES, on_disk
from tests.workspace.helpers import NUMBERS, Desk


@cache
def mount_command() -> tuple[str, ...] | None:
    """What to put before a command so that it may mount a small disk; None where nothing helps."""
    if shutil.which("unshare") is None:
        return None
    for command in (("unshare", "-Urm"), ("unshare", "-m")):
        tried = subprocess.run(
            [*command, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
        )
        if tried.returncode == 0:
            return command
    return None


SMALL_DISK = """
set -e
mount -t tmpfs -o size=$1 none "$2"
cp -a "$3/." "$2/"
exec 3>"$2/.git/filler"
dd if=/dev/zero bs=4096 count=100000 >&3 2>/dev/null || true
exec 3>&-
truncate -s -$4 "$2/.git/filler"
shift 4
"$@"
rm -f "$DISK/.git/filler"
cp -a "$DISK/." "$COPY/"
"""


@pytest.mark.parametrize("free", [0, 65536, 163840, 172032, 180224, 188416, 196608, 262144])
def test_a_full_disk_leaves_everything_before_or_after(
    repo: Repo, tmp_path: Path, free: int
) -> None:
    command = mount_command()
    if command is None:
        pytest.skip("no small disk can be mounted here")
    repo.commit(dict(FILES))
    disk, copy = tmp_path / "disk", tmp_path / "copy"
    disk.mkdir()
    copy.mkdir()
    arguments = [str(disk), str(repo.root), str(free), *tracing.actor_command(disk, "accept")]
    done = subprocess.run(
        [*command, "bash", "-c", SMALL_DISK, "bash", "3m", *arguments],
        cwd=tracing.ROOT,
        env={**tracing.actor_env(), "DISK": str(disk), "COPY": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = on_disk(copy)
    assert found == (AFTER if done.stdout == "done" else FILES), done.stdout
    if done.stdout != "done":
        assert done.stdout.startswith("write_failed: ")
        assert "disk" in done.stdout or "space" in done.stdout
        assert "Traceback" not in done.stderr
    assert not list(copy.rglob(".spark-*"))
    space = Workspace.open(copy)
    said = space.recover()
    assert said in ([], ["An interrupted write of 9 files was taken back."])
    assert on_disk(copy) == found
    assert len(space.log()) == (done.stdout == "done")


@pytest.fixture(name="as_nobody")
def _as_nobody() -> tuple[str, ...]:
    """What to put before a command so that file permissions count."""
    return as_nobody()


@pytest.fixture
def theirs(as_nobody: tuple[str, ...]) -> Iterator[Repo]:
    """A repository that belongs to the user that the actor runs as, where that user may look."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        repo = Repo.make(Path(folder) / "repo", dict(FILES))
        if as_nobody:
            for path in (repo.root, *repo.root.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        yield repo


TRUSTING = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


def act_as(who: tuple[str, ...], root: Path, action: str) -> subprocess.CompletedProcess[str]:
    home = root.parent / "their-home"
    home.mkdir(exist_ok=True)
    if who:
        os.chown(home, NOBODY, NOBODY)
    env = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), **TRUSTING}
    return tracing.run_actor(root, action, *who, env=env)


@pytest.mark.parametrize(
    ("path", "mode", "why"),
    [
        ("a.py", 0o444, "a.py: it is read-only"),
        ("gone.txt", 0o400, "gone.txt: it is read-only"),
        ("d/c.py", 0o200, "d/c.py"),
        ("d", 0o555, "its folder cannot be written to"),
    ],
)
def test_what_may_not_be_written_is_named_and_nothing_is_written(
    theirs: Repo, as_nobody: tuple[str, ...], path: str, mode: int, why: str
) -> None:
    (theirs.root / path).chmod(mode)
    before = on_disk(theirs.root)
    done = act_as(as_nobody, theirs.root, "accept")
    assert why in done.stdout
    assert done.stdout.startswith(("refused: ", "path_refused: "))
    assert on_disk(theirs.root) == before
    assert not list(theirs.root.rglob(".spark-*"))


def test_where_git_cannot_be_written_to_the_ledger_is_in_the_state_folder(
    theirs: Repo, as_nobody: tuple[str, ...]
) -> None:
    (theirs.root / ".git").chmod(0o555)
    assert act_as(as_nobody, theirs.root, "accept").stdout == "done"
    assert on_disk(theirs.root) == AFTER
    assert not (theirs.root / ".git/spark").exists()
    state = theirs.root.parent / "their-home/state"
    (ledger,) = state.rglob("ledger.db")
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert all(p.stat().st_mode & 0o777 == 0o700 for p in [state, *ledger.parents[:2]])
    assert act_as(as_nobody, theirs.root, "undo").stdout == "done"
    assert on_disk(theirs.root) == FILES


def test_nothing_can_be_recorded_so_nothing_is_written(
    theirs: Repo, as_nobody: tuple[str, ...]
) -> None:
    (theirs.root / ".git").chmod(0o555)
    closed = theirs.root.parent / "closed"
    closed.mkdir(mode=0o555)
    env = {"HOME": str(closed), "XDG_STATE_HOME": str(closed / "state"), **TRUSTING}
    done = tracing.run_actor(theirs.root, "accept", *as_nobody, env=env)
    assert done.stdout.startswith("write_failed: "), done.stdout + done.stderr
    assert on_disk(theirs.root) == FILES


def test_a_damaged_ledger_is_named_and_nothing_is_written(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    desk.space.close()
    for path in (repo.root / ".git/spark").iterdir():
        path.write_bytes(b"this is no ledger" * 100)
    before = Untouched.of(repo.root)
    desk = Desk(repo.root)
    for call in (desk.space.log, desk.space.undo, desk.space.recover):
        with pytest.raises(WriteFailed) as caught:
            call()
        assert "damaged" in caught.value.title
        assert "ledger.db" in caught.value.detail
    with pytest.raises(WriteFailed):
        desk.accept(desk.change("a.py", 2, 1, "y"))
    assert "damaged" in desk.space.health().wrong
    before.check()


def test_health_says_where_the_ledger_is_and_how(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    health = desk.space.health()
    assert (health.exists, health.bytes, health.free > 0) == (False, 0, True)
    assert not (repo.root / ".git/spark").exists()
    desk.accept(desk.change("a.py", 1, 1, "x"))
    health = desk.space.health()
    assert health.ledger == str(repo.root / ".git/spark/ledger.db")
    assert (health.exists, health.wrong, health.waiting, health.held_by) == (True, "", 0, None)
    with lock.held(repo.root / ".git/spark/lock"):
        assert desk.space.health().held_by == os.getpid()


def test_a_ledger_of_a_newer_version_is_left_alone(repo: Repo) -> None:
    import sqlite3

    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    desk.space.close()
    with sqlite3.connect(repo.root / ".git/spark/ledger.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(WriteFailed, match="newer version"):
        Desk(repo.root).space.undo()


def test_a_workspace_that_is_held_for_too_long_is_a_sentence(repo: Repo, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock.held(path):
        assert lock.owner(path) == os.getpid()
        with pytest.raises(WriteFailed, match=f"process {os.getpid()}"), lock.held(path, wait_s=0):
            pass
    assert lock.owner(path) is None


def test_a_lock_of_a_dead_process_is_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import os, sys; from pathlib import Path; from codexspark_tui.workspace import lock\n"
        "with lock.held(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, path], env=tracing.actor_env(), check=False)
    assert re.fullmatch(r"\d+ \d*\n", path.read_text())
    assert lock.owner(path) is None
    with lock.held(path, wait_s=0):
        pass


def test_a_process_that_has_the_number_of_a_dead_owner_is_not_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock.held(path):
        assert lock.owner(path) == os.getpid()
        assert path.read_text() == f"{os.getpid()} {lock.started(os.getpid())}\n"
        path.write_text(f"{os.getpid()} 1\n")
        assert lock.owner(path) == 0
    assert lock.owner(path) is None


def test_a_lock_of_git_is_not_touched_and_not_in_the_way(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    (repo.root / ".git/index.lock").write_text("somebody's")
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    desk.space.undo()
    assert (repo.root / ".git/index.lock").read_text() == "somebody's"
    assert repo.text("a.py") == NUMBERS
