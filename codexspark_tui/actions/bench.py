"""The speed budgets, measured on this machine: `spark doctor --bench`.

Commands are measured as whole processes from outside, the engine in this process. Every number is a
wall time in milliseconds unless its unit says otherwise.
"""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from codexspark_tui.actions.bench_guards import guarded, sandbox_started
from codexspark_tui.actions.recordings import SHIPPED, Shipped
from codexspark_tui.git import make_repository
from codexspark_tui.patch import FilePlacer, PatchReader, decode, diff, render, resolve
from codexspark_tui.patch.model import Hunk, HunkHint, Placed, ResolvedHunk
from codexspark_tui.providers.model import Request, TextDelta
from codexspark_tui.providers.replay import load_recording
from codexspark_tui.workspace import Accepted, Receipt, TurnInfo, Workspace

LINES = 10_000
PATCH_FILES, PATCH_HUNKS = 300, 3_000


@dataclass(frozen=True, slots=True)
class Measured:
    """`runs` values in `unit`; `judged` is the one that is compared with the budget."""

    name: str
    budget_ms: float
    median: float
    p95: float
    p99: float
    worst: float
    runs: int
    judged: float
    unit: str = "ms"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"within": self.judged <= self.budget_ms}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the table; `times` yields a value in `unit` for each run.

    `percentile` says which of them is compared with the budget.
    """

    name: str
    budget_ms: float
    times: Callable[[], Iterator[float]]
    unit: str = "ms"
    percentile: int = 50

    def run(self) -> Measured:
        times = sorted(self.times())
        return Measured(
            self.name,
            self.budget_ms,
            times[len(times) // 2],
            _percentile(times, 95),
            _percentile(times, 99),
            times[-1],
            len(times),
            times[len(times) // 2]
            if self.percentile == 50
            else _percentile(times, self.percentile),
            self.unit,
        )


def _percentile(times: list[float], percent: int) -> float:
    """Of sorted values: the smallest that `percent` of a hundred do not exceed."""
    return times[max(0, math.ceil(len(times) * percent / 100) - 1)]


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000


@cache
def _compiled() -> tempfile.TemporaryDirectory[str]:
    """Where modules are kept as bytecode while it is measured."""
    return tempfile.TemporaryDirectory(prefix="spark-bench-")


@contextmanager
def bench_repository(files: Mapping[str, str]) -> Iterator[tuple[Path, dict[str, str]]]:
    """A temporary repository, and an environment whose home and state are beside it."""
    with tempfile.TemporaryDirectory(prefix="spark-bench-") as folder:
        root = Path(folder) / "repository"
        root.mkdir()
        make_repository(root, files, "bench")
        home = str(Path(folder) / "home")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
        environment |= {"HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}
        if environment.pop("PYTHONDONTWRITEBYTECODE", ""):  # what is installed is compiled
            environment["PYTHONPYCACHEPREFIX"] = _compiled().name
        yield root, environment


def _spark(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "codexspark_tui", *arguments]


def _version() -> Iterator[float]:
    for _ in range(15):
        began = time.perf_counter()
        subprocess.run(_spark("--version"), stdout=subprocess.DEVNULL, check=True)
        yield _ms(began)


def _first_event() -> Iterator[float]:
    """From the start of the process to the first event of the turn, with a scripted answer."""
    with bench_repository({"a.py": "x = 1\n"}) as (root, environment):
        script = root.parent / "script.toml"
        script.write_text('[[answer]]\ntext = "no change\\n"\n')
        command = _spark("edit", "x", "--no-stdin", "--json", "--provider", "script")
        for _ in range(9):
            began = time.perf_counter()
            with subprocess.Popen(
                [*command, "--script", str(script)],
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as process:
                assert process.stdout is not None
                while b'"turn_started"' not in process.stdout.readline():
                    continue
                yield _ms(began)
                process.stdout.read()


def _text(lines: int, seed: int = 0) -> str:
    """Lines of code that look alike and are all different."""
    return "".join(
        f"def function_{seed}_{n}(value):\n" if n % 5 == 0 else f"    value += {n} * {seed + 1}\n"
        for n in range(lines)
    )


def _edited(text: str, every: int) -> str:
    lines = text.splitlines(keepends=True)
    for n in range(every // 2, len(lines), every):
        lines[n] = lines[n].rstrip("\n") + "  # edited\n"
    return "".join(lines)


def _placed() -> Iterator[float]:
    """A hunk that has closed, found in a file of 10,000 lines that is in memory."""
    text = _text(LINES)
    hunks = diff("a.py", text, _edited(text, 100))
    placer = FilePlacer("a.py", text)
    for resolved in hunks:
        hunk = Hunk(resolved.path, resolved.lines, HunkHint())
        began = time.perf_counter()
        placement = placer.place(hunk)
        assert isinstance(placement, Placed)
        resolve(placer.lines, hunk, placement)
        yield _ms(began)


def _accepted() -> Iterator[float]:
    """One accepted hunk: recorded, written, read back."""
    text = _text(200)
    with bench_repository({"a.py": text}) as (root, _):
        workspace = Workspace.open(root)
        for number in range(40):
            state = workspace.read("a.py")
            found = decode(state.data)
            before = getattr(found, "text", "")
            (hunk,) = diff("a.py", before, _edited_once(before, number))
            assert isinstance(hunk, ResolvedHunk)
            began = time.perf_counter()
            done = workspace.commit(
                TurnInfo(f"bench.{number}", "bench", "bench", ""),
                [Accepted("c1", hunk, state.digest)],
            )
            yield _ms(began)
            assert isinstance(done, Receipt)
        workspace.close()


def _edited_once(text: str, number: int) -> str:
    lines = text.splitlines(keepends=True)
    lines[number * 5 + 1] = f"    value -= {number}\n"
    return "".join(lines)


def _large_patch() -> Iterator[float]:
    """3,000 hunks over 300 files: read, placed, verified, recorded and written by one command."""
    lines = PATCH_HUNKS // PATCH_FILES * 20
    files = {f"src/module_{n}.py": _text(lines, n) for n in range(PATCH_FILES)}
    changes = [h for path, text in files.items() for h in diff(path, text, _edited(text, 20))]
    assert len(changes) == PATCH_HUNKS
    patch = render(changes)
    for _ in range(3):
        with bench_repository(files) as (root, environment):
            began = time.perf_counter()
            subprocess.run(
                _spark("apply", "-"),
                cwd=root,
                env=environment,
                input=patch.encode(),
                stderr=subprocess.DEVNULL,
                check=True,
            )
            yield _ms(began)


def _recorded() -> Iterator[float]:
    """The shipped recordings, as fast as they go, from replay to closed hunks: µs a delta."""
    for _ in range(7):
        began = time.perf_counter()
        deltas = sum(asyncio.run(_read(shipped)) for shipped in SHIPPED)
        yield (time.perf_counter() - began) * 1e6 / deltas


async def _read(shipped: Shipped) -> int:
    """How many deltas the answer has; its hunks are read as a session reads them."""
    reader, deltas = PatchReader(), 0
    async for event in load_recording(shipped.path, speed=0).stream(Request(shipped.prompt, "")):
        if isinstance(event, TextDelta):
            reader.feed(event.text)
            deltas += 1
    reader.close("stop")
    return deltas


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement("spark --version", 30, _version),
    Measurement("spark edit: start to first event", 250, _first_event),
    Measurement(f"hunk closed to placed, {LINES} lines", 2, _placed),
    Measurement("accept to on disk", 30, _accepted),
    Measurement("sandbox: a command that does nothing", 15, sandbox_started),
    Measurement("guards on a hunk, all of them", 3, guarded),
    Measurement("recordings, replayed to closed hunks, a delta", 50, _recorded, unit="us"),
    Measurement(f"apply {PATCH_HUNKS} hunks in {PATCH_FILES} files", 5000, _large_patch),
)
