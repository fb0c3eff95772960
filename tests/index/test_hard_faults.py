"""Faults that need a process of their own, or a very large tree: a kill, a full disk, checkout."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from codexspark_tui.index.finder import PathFinder
from codexspark_tui.index.index import Index
from codexspark_tui.index.keeper import Keeper
from codexspark_tui.index.pool import Plan, environment
from tests.support.repo import Repo

FILES: dict[str, str | bytes] = {
    f"m{n}.py": f"def call_{n}(x):\n    return call_{n // 2}(x)\n" * 40 for n in range(600)
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def building(repo: Repo, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "codexspark_tui.index.build"]
    return subprocess.Popen(
        [*command, os.fspath(repo.root), os.fspath(folder)],
        stdin=subprocess.PIPE,
        env=environment(),
    )


def until_some_are_read(repo: Repo, folder: Path) -> Iterator[int]:
    while True:
        if any(folder.glob("*.sqlite")):
            with closing(Index.open(repo.root, folder=folder)) as index:
                yield index.status().read


@pytest.mark.parametrize("how", ["killed", "left alone"])
def test_what_was_read_before_its_builder_died_is_kept(how: str, repo: Repo, folder: Path) -> None:
    repo.commit(FILES)
    builder = building(repo, folder)
    assert builder.stdin is not None
    read = next(n for n in until_some_are_read(repo, folder) if n or builder.poll() is not None)
    if how == "killed":
        builder.kill()
    builder.stdin.close()  # whoever has started it is gone
    begun = time.monotonic()
    builder.wait(30)
    assert time.monotonic() - begun < 20
    with closing(Index.open(repo.root, folder=folder)) as index:
        assert index.status().read >= read > 0
        todo: list[int] = []
        assert index.build(tell=lambda done, all_: todo.append(all_), plan=Plan(1))
        assert index.status().read == 600
        assert not todo or todo[0] <= 600 - read
        assert len(index.definitions("call_599")) == 40


def test_a_disk_that_fills_up_while_it_is_built_moves_it_to_memory(
    repo: Repo, folder: Path
) -> None:
    """A limit on the size of a file is a disk that is full, for the one who writes."""
    repo.commit(dict(list(FILES.items())[:120]))
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from codexspark_tui.index.index import Index\n"
        "from codexspark_tui.index.pool import Plan\n"
        "from codexspark_tui.index.values import Ask\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "index = Index.open(Path(sys.argv[1]), folder=Path(sys.argv[2]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        "index.refresh()\nindex.build(plan=Plan(1))\nindex.build(plan=Plan(1))\n"
        "print(index.notice)\nprint(index.status().read)\n"
        "print(index.rank(Ask('mend call_77'))[0].path)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, os.fspath(repo.root), os.fspath(folder)],
        capture_output=True,
        env=environment(),
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    notice, read, first = done.stdout.splitlines()
    assert "so it lives in memory until this ends" in notice
    assert (read, first) == ("120", "m77.py")


@pytest.mark.full
def test_a_hundred_thousand_files_in_one_folder(repo: Repo, folder: Path) -> None:
    many = repo.root / "many"
    many.mkdir()
    for number in range(100_000):
        (many / f"file_{number}.txt").touch()
    with closing(Index.open(repo.root, folder=folder)) as index:
        assert len(index.paths) == 100_000
        assert index.refresh().count == 100_000
        assert index.refresh().count == 0
        (many / "file_7.txt").unlink()
        assert index.refresh().removed == ("many/file_7.txt",)
        assert PathFinder(index.paths).find("file_99999")[0] == "many/file_99999.txt"


@pytest.mark.full
def test_a_checkout_of_five_thousand_files_is_one_batch(repo: Repo, folder: Path) -> None:
    repo.commit({f"p{n % 50}/m{n}.py": "x = 1\n" for n in range(5_000)})
    repo.git("checkout", "-q", "-b", "other")
    repo.commit({f"p{n % 50}/m{n}.py": f"def late_{n}(): pass\n" for n in range(5_000)})
    keeper = Telling(repo.root, folder)
    try:
        keeper.index().refresh()
        keeper.index().build()
        keeper.watch()
        while not keeper.hears(repo, "begun.txt", 0.5):
            pass  # until it watches
        repo.git("checkout", "-q", "-")
        heard = iter(partial(keeper.told.get, timeout=100), None)
        batch = next(paths for paths in heard if paths != ["begun.txt"])
        assert len(batch) >= 5_000
        assert keeper.hears(repo, "after.txt", 100) == ["after.txt"]
        assert keeper._builder is not None
        keeper._builder.wait(100)
        assert keeper.index().waiting == 0
        assert keeper.index().definitions("late_77") == []
    finally:
        keeper.close()


class Telling(Keeper):
    """Tells each batch when it was taken in."""

    def __init__(self, root: Path, folder: Path) -> None:
        super().__init__(root, folder)
        self.told: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def _changed(self, paths: list[str]) -> None:
        super()._changed(paths)
        self.told.put(paths)

    def hears(self, repo: Repo, name: str, wait_s: float) -> list[str]:
        """The next batch behind a change of this file."""
        repo.write({name: str(time.monotonic_ns())})
        try:
            return self.told.get(timeout=wait_s)
        except queue.Empty:
            return []


def test_what_changes_while_a_builder_ends_is_read_by_the_next(repo: Repo, folder: Path) -> None:
    repo.commit({"a.py": "x = 1\n"})
    keeper = Keeper(repo.root, folder)
    try:
        keeper.index().refresh()
        with keeper.index()._store.building():  # so the builder finds nothing to do and ends
            keeper.build()
            first = keeper._builder
            assert first is not None
            keeper.build()
            first.wait(30)
        deadline = time.monotonic() + 30
        while keeper.index().waiting:
            assert time.monotonic() < deadline
        assert keeper.index().status().read == 1
    finally:
        keeper.close()
