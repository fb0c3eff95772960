"""The budget of guards that take long: how long a session's event loop stands still meanwhile.

In the app that is how long no key is taken and nothing painted. A session of its own on a real
repository; a task beside it that wakes up again and again notices when it could not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

from codexspark_tui.actions.bench import Measurement, bench_repository
from codexspark_tui.events import commands, facts
from codexspark_tui.patch import diff, render
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.guards import Rules
from codexspark_tui.session.models import Setup
from codexspark_tui.session.session import Session
from codexspark_tui.workspace import Workspace

FILES, FUNCTIONS, NAMES = 2_000, 5_000, 5
EACH_S = 0.001
RUNS = 5
_RULES = Rules(no_new_deps=True, keep_api=True, syntax=True)


def stalls() -> Iterator[float]:
    """The longest one of each turn, in ms: a hunk in a file of 20,000 lines imports names that
    2,000 files are searched for."""
    large = "".join(f"def f{n}(a: int) -> int:\n    return a + {n}\n\n\n" for n in range(FUNCTIONS))
    files = {f"p{n // 100}/m{n}.py": f"import os\n\nVALUE = {n}\n" for n in range(FILES)}
    imports = "".join(f"import nobody_has_{n}\n" for n in range(NAMES))
    with bench_repository({**files, "large.py": large}) as (root, _):
        answer = render(diff("large.py", large, imports + large))
        for _ in range(RUNS):
            yield asyncio.run(_longest(root, answer))


async def _longest(root: Path, answer: str) -> float:
    workspace = Workspace.open(root)
    provider = ScriptedProvider((Scripted(answer),))
    session = Session("bench", workspace, provider, None, Setup(rules=_RULES))
    session.send(commands.Prompt("x"))
    watching, found = asyncio.create_task(_watched()), 0.0
    async with aclosing(session.events()) as events:
        async for event in events:
            if isinstance(event, facts.ChangeClosed):
                assert len(event.findings) == NAMES, event
            elif isinstance(event, facts.StreamFinished):
                watching.cancel()
                found = await watching
                session.send(commands.Close())
    workspace.close()
    return found * 1000


async def _watched() -> float:
    """Until it is cancelled: the longest time that it could not wake up, in seconds."""
    longest, before = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(EACH_S)
            now = time.perf_counter()
            longest, before = max(longest, now - before - EACH_S), now
    except asyncio.CancelledError:
        return max(longest, time.perf_counter() - before - EACH_S)


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement("guards: the longest time without a key or a paint", 50, stalls),
)
