"""What history and forks cost, measured: `spark doctor --bench`. Wall times in milliseconds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from codexspark_tui.actions.bench import Measurement, bench_repository
from codexspark_tui.patch import diff
from codexspark_tui.workspace import Accepted, Receipt, TurnInfo, Workspace

MANY_FILES = 50_000
FORKED_FILES = 10_000
DECISIONS = 300
_TEXT = "".join(f"def function_{n}(argument):\n    return argument + {n}\n\n\n" for n in range(20))


def _names(count: int) -> list[str]:
    return [f"package_{n % 200}/module_{n}.py" for n in range(count)]


def _accepted() -> Iterator[float]:
    """Decisions one by one, each in another file of a large repository."""
    names = _names(MANY_FILES)
    with bench_repository(dict.fromkeys(names[:DECISIONS], _TEXT)) as (root, _):
        for name in names[DECISIONS:]:  # most are not tracked: adding them would take minutes
            (root / name).write_text("x = 1\n")
        workspace = Workspace.open(root)
        yield from _decisions(workspace, names[:DECISIONS])
        workspace.close()


def _decisions(workspace: Workspace, names: Sequence[str]) -> Iterator[float]:
    for number, name in enumerate(names):
        state = workspace.read(name)
        after = _TEXT.replace("return argument + 9\n", f"return argument * {number}\n")
        (hunk,) = diff(name, _TEXT, after)
        began = time.perf_counter()
        done = workspace.commit(
            TurnInfo(f"bench.{number}", "multiply where it added", "bench", "bench"),
            [Accepted("c1", hunk, state.digest)],
        )
        yield (time.perf_counter() - began) * 1000
        assert isinstance(done, Receipt)


def _kept() -> Iterator[float]:
    """How much the ledger grows: MB for 10,000 decisions, from some hundreds of them."""
    names = _names(DECISIONS)
    with bench_repository(dict.fromkeys(names, _TEXT)) as (root, _):
        workspace = Workspace.open(root)
        half = DECISIONS // 2
        list(_decisions(workspace, names[:half]))
        before = _size(root)
        list(_decisions(workspace, names[half:]))
        workspace.close()
        yield (_size(root) - before) / (DECISIONS - half) * 10_000 / 1e6


def _size(root: Path) -> int:
    """Of the ledger with its journal folded in."""
    path = root / ".git/spark/ledger.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def _forked() -> Iterator[float]:
    """From the call to a tree that is there; the removal is not counted."""
    with bench_repository(dict.fromkeys(_names(FORKED_FILES), _TEXT)) as (root, _):
        workspace = Workspace.open(root)
        for _run in range(5):
            began = time.perf_counter()
            with workspace.fork():
                yield (time.perf_counter() - began) * 1000
        workspace.close()


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(f"accept to on disk, {MANY_FILES} files", 30, _accepted, percentile=95),
    Measurement("ledger of 10,000 decisions", 20, _kept, unit="MB"),
    Measurement(f"fork of {FORKED_FILES} files", 500, _forked),
)
