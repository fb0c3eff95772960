"""The budgets of what is done beside a stream: commands in the sandbox, guards, rounds of fix."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

from codexspark_tui.patch import apply_resolved, diff
from codexspark_tui.patch.model import ResolvedHunk
from codexspark_tui.sandbox import Job, Mechanism, probe, run
from codexspark_tui.session.guards import Rules, Subject, check

RUNS = 20
_EACH = Rules(
    ("a.py::function_5", "b.py"),
    True,
    True,
    400,
    no_delete=True,
    no_tests_changed=True,
    syntax=True,
)


def sandbox_started() -> Iterator[float]:
    """A command that does nothing, from our call to its end, in ms; probing is done before."""
    mechanism = probe()
    with tempfile.TemporaryDirectory(prefix="spark-bench-") as folder:
        yield from asyncio.run(_runs(mechanism, Job(("/bin/true",), Path(folder), Path(folder))))


async def _runs(mechanism: Mechanism, job: Job) -> list[float]:
    """In one event loop, as a session has it."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        async with aclosing(run(mechanism, job)) as events:
            async for _event in events:
                pass
        times.append((time.perf_counter() - began) * 1000)
    return times


def guarded() -> Iterator[float]:
    """All guards on each of the hunks of a Python file of 400 lines, in ms.

    As while a turn streams in the app: nothing is collected meanwhile.
    """
    text = "".join(
        f"def function_{n}(value: int) -> int:\n    return value + {n}\n\n\n" for n in range(100)
    )
    edited = text
    for n in range(0, 100, 5):
        edited = edited.replace(f"value + {n}\n", f"value - {n}\n")
    hunks = diff("a.py", text, edited)
    check(Subject(hunks[0], text, edited), _EACH)  # what is imported once
    collects = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for hunk in hunks:
            assert isinstance(hunk, ResolvedHunk)
            began = time.perf_counter()
            after = apply_resolved(text, [hunk])
            check(Subject(hunk, text, after if isinstance(after, str) else None), _EACH)
            yield (time.perf_counter() - began) * 1000
    finally:
        if collects:
            gc.enable()
