"""What the index costs, measured: `spark doctor --bench`. Wall times in milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from codexspark_tui.actions.bench import Measurement, bench_repository
from codexspark_tui.index.finder import PathFinder
from codexspark_tui.index.index import Index
from codexspark_tui.index.values import Ask

FILES = 10_000
READ_FILES = 500  # as many as are read in a moment
PICKED_FILES = 50_000
RUNS = 7
PROMPT = "why does load_number_7 not accept bytes"


def _text(number: int) -> str:
    name = f"load_number_{number}"
    return f"def {name}(value):\n    return load_number_{number // 2}(value, {number})\n" * 8


@contextmanager
def _tree(count: int) -> Iterator[tuple[Path, Path]]:
    """A repository of so many files, and a folder for its index; the files are not tracked."""
    with bench_repository({"start.py": "x = 1\n"}) as (root, _):
        for number in range(count):
            path = root / f"package_{number % 97}" / f"module_{number}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(_text(number))
        yield root, root.parent / "index"


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _paths() -> Iterator[float]:
    """From nothing to the paths of the tree."""
    with _tree(FILES) as (root, folder):
        for run in range(RUNS):
            yield _timed(partial(_opened, root, folder / str(run)))


def _opened(root: Path, folder: Path) -> None:
    index = Index.open(root, folder=folder)
    assert len(index.paths) > READ_FILES
    index.close()


def _reopened() -> Iterator[float]:
    """An index that knows the tree, opened by another process: its paths can be asked for."""
    with _tree(FILES) as (root, folder):
        index = Index.open(root, folder=folder)
        index.refresh()
        index.close()
        for _ in range(RUNS):
            yield _timed(partial(_opened, root, folder))


def _ranked() -> Iterator[float]:
    """A prompt to its ranked files."""
    with _tree(READ_FILES) as (root, folder):
        index = Index.open(root, folder=folder)
        index.refresh()
        index.build()
        for _ in range(RUNS):
            yield _timed(partial(index.rank, Ask(PROMPT)))
        index.close()


def _changed() -> Iterator[float]:
    """A file that has changed on the disk to the index that knows it."""
    with _tree(READ_FILES) as (root, folder):
        index = Index.open(root, folder=folder)
        index.refresh()
        path = index.paths[0]
        index.read_now([path])  # the grammar is loaded once
        for run in range(RUNS):
            (root / path).write_text(_text(run))
            yield _timed(partial(_noted, index, path))
        index.close()


def _noted(index: Index, path: str) -> None:
    index.note([path])
    index.read_now([path])


def _picked() -> Iterator[float]:
    """What was typed behind an @ to the paths that may be meant."""
    paths = [f"package_{n % 97}/part_{n % 11}/module_{n}.py" for n in range(PICKED_FILES)]
    finder = PathFinder(sorted(paths))
    for query in ("m", "module_77", "pkg7mod", "part_3/module_4", "xqz", "pmd9", "e7"):
        yield _timed(partial(finder.find, query))


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(f"index: paths of {FILES} files", 150, _paths),
    Measurement(f"index: opened again, {FILES} files", 100, _reopened),
    Measurement(f"index: prompt to ranked files, {READ_FILES} files", 50, _ranked),
    Measurement("index: one changed file", 15, _changed),
    Measurement(f"index: picker, {PICKED_FILES} paths", 10, _picked),
)
