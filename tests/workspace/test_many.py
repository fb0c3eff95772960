"""Several writers on one tree: every decision ends applied or refused, and none is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from codexspark_tui.workspace import Receipt, Workspace
from tests.support.repo import Repo, Untouched, git
from tests.workspace import tracing
from tests.workspace.actor import one_line
from tests.workspace.helpers import NUMBERS, Desk, turn

WORKER = """
import sys
from pathlib import Path
from codexspark_tui.workspace import Workspace, Receipt, TurnInfo
from tests.workspace.actor import one_line
root, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
space = Workspace.open(root)
for n in range(rounds):
    path = "shared.py" if n % 2 else f"{name}.py"
    for _ in range(500):
        wanted = one_line(space, path, 1 + int(name) * 10 + n % 10, f"{name}-{n}")
        if isinstance(space.commit(TurnInfo(f"{name}:{n}", "", "s", "m"), [wanted]), Receipt):
            break
    else:
        raise SystemExit("never accepted")
    if n % 5 == 4:
        assert space.undo(space_turn := str(next(t.number for t in space.log(200)
            if t.key == f"{name}:{n}"))).conflicts == (), space_turn
"""


def run_many(root: Path, processes: int, rounds: int) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, root, str(number), str(rounds)],
            cwd=tracing.ROOT,
            env=tracing.actor_env(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said


def expected(processes: int, rounds: int) -> dict[str, str]:
    """What each line must be: its last decision that was not undone."""
    total = processes * 10 + 10
    start = [f"line {n}" for n in range(1, total + 1)]
    files = {"shared.py": list(start)}
    for name in range(processes):
        files[f"{name}.py"] = list(start)
        for n in range(rounds):
            path = "shared.py" if n % 2 else f"{name}.py"
            if n % 5 != 4:
                files[path][name * 10 + n % 10] = f"{name}-{n}"
    return {path: "\n".join(lines) + "\n" for path, lines in files.items()}


@pytest.mark.parametrize(
    ("processes", "rounds"),
    [(2, 20), pytest.param(8, 500, marks=[pytest.mark.full, pytest.mark.timeout(900)])],
)
def test_many_processes_lose_no_decision(repo: Repo, processes: int, rounds: int) -> None:
    start = "".join(f"line {n}\n" for n in range(1, processes * 10 + 11))
    repo.commit({"keep.txt": "mine\n", **dict.fromkeys(expected(processes, rounds), start)})
    before = Untouched.of(repo.root)
    run_many(repo.root, processes, rounds)
    assert {path: repo.text(path) for path in expected(processes, rounds)} == expected(
        processes, rounds
    )
    before.check(touched=frozenset(expected(processes, rounds)))
    space = Workspace.open(repo.root)
    assert len(space.log(limit=10**6)) == processes * rounds
    assert space.recover() == []
    if rounds <= 20:  # the log, replayed backwards, leads to where it began
        for entry in space.log(limit=10**6):
            assert not entry.applied or space.undo(str(entry.number)).conflicts == ()
        assert {path: repo.text(path) for path in expected(processes, rounds)} == dict.fromkeys(
            expected(processes, rounds), start
        )


def test_git_an_editor_and_a_watcher_work_on_the_same_tree(repo: Repo) -> None:
    """While decisions are written: git commits in a loop, an editor saves another file by rename,
    and a watcher reads everything: it never sees a file that is torn, and nothing is lost."""
    repo.commit({"a.py": NUMBERS, "editor.txt": "0\n"})
    desk = Desk(repo.root)
    stop = threading.Event()
    seen: set[str] = set()
    saved: list[int] = []

    def commit() -> None:
        while not stop.is_set():
            subprocess.run(["git", "commit", "-qam", "g"], cwd=repo.root, check=False)

    def edit() -> None:
        while not stop.is_set():
            saved.append(len(saved) + 1)
            (repo.root / "editor.txt~").write_text(f"{saved[-1]}\n")
            (repo.root / "editor.txt~").rename(repo.root / "editor.txt")

    def watch() -> None:
        while not stop.is_set():
            seen.add(repo.text("a.py"))

    threads = [threading.Thread(target=act) for act in (commit, edit, watch)]
    for thread in threads:
        thread.start()
    states = {NUMBERS}
    try:
        for number in range(1, 21):
            desk.accept(desk.change("a.py", number, 1, f"x{number}"), turn_name=f"t{number}")
            states.add(repo.text("a.py"))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert seen <= states
    assert repo.text("editor.txt") == f"{saved[-1]}\n"
    for number in range(1, 21):
        assert desk.space.undo(str(number)).conflicts == ()
    assert repo.text("a.py") == NUMBERS
    assert repo.git("fsck", "--no-progress", "--no-dangling") == b""


def test_a_writer_in_another_thread_and_readers_beside_it(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "first"))
    failed: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(20):
                desk.accept(desk.change("a.py", 2, 1, f"n{number}"), turn_name=f"w{number}")
                assert desk.space.undo().conflicts == ()
        except BaseException as error:
            failed.append(error)
            raise

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert desk.space.read("a.py").data.startswith(b"first\n")
        assert desk.space.log(limit=100)[-1].number == 1
    writer.join()
    assert failed == []
    assert repo.text("a.py") == NUMBERS.replace("line 1\n", "first\n", 1)


def test_two_workspaces_in_one_process_see_each_other(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    one, two = Desk(repo.root), Desk(repo.root)
    stale = two.change("a.py", 9, 1, "nine")
    one.accept(one.change("a.py", 1, 1, "x"))
    assert two.refused(stale) == ["a.py: it has moved on since the change was placed"]
    assert two.space.undo().conflicts == ()
    assert one.space.undo().nothing_to_do
    assert isinstance(two.space.commit(turn("t9"), [stale]), Receipt)


def test_git_may_commit_between_decisions(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    git(repo.root, "commit", "-qam", "with the change")
    before = Untouched.of(repo.root)
    assert desk.space.undo().conflicts == ()
    assert repo.text("a.py") == NUMBERS
    before.check(touched={"a.py"})
    space = Workspace.open(repo.root)
    assert isinstance(space.commit(turn("t2"), [one_line(space, "a.py", 3, "y")]), Receipt)
