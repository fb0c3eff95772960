"""The budget of `spark fix`: what a round takes beside the command and the model.

A real command in a real repository fails; a scripted model answers at once; the command passes. A
round is all that lies between the end of the one run and the start of the next: reading the
output, the prompt, the turn, placing, writing, and the ledger.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from codexspark_tui.actions.bench import Measurement, bench_repository
from codexspark_tui.actions.fix import FixRequest, FixSetting, fix
from codexspark_tui.actions.oneshot import Plan
from codexspark_tui.actions.own_run import run_as_is
from codexspark_tui.events import runs
from codexspark_tui.events.facts import Asked, Event
from codexspark_tui.patch import diff, render
from codexspark_tui.providers.model import Capabilities
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.models import Allowance
from codexspark_tui.session.session import Session
from codexspark_tui.workspace import Workspace

ROUNDS = 9
COMMAND = """\
tail -1 shop.py | grep -q 'return 3' && exit 0
cat <<'END'
============================= FAILURES =============================
____________________________ test_total ____________________________

    def test_total():
>       assert total() == 3
E       assert 2 == 3

test_shop.py:5: AssertionError
===================== short test summary info ======================
FAILED test_shop.py::test_total - assert 2 == 3
END
exit 1
"""


@dataclass(slots=True)
class _Clock:
    """A face that only notes when commands begin and end."""

    ended: float = 0.0
    rounds: list[float] = field(default_factory=list)

    def show(self, event: Event) -> None:
        if isinstance(event, runs.RunFinished):
            self.ended = time.perf_counter()
        elif isinstance(event, runs.RunStarted) and self.ended:
            self.rounds.append((time.perf_counter() - self.ended) * 1000)

    async def ask(self, asked: Asked) -> int | None:
        return None


def fix_round() -> Iterator[float]:
    """From the end of a failing run to the start of the next, in ms; the model takes no time."""
    for _ in range(ROUNDS):
        yield from asyncio.run(_fixed())


async def _fixed() -> list[float]:
    body = "".join(f"def part_{n}():\n    return {n}\n\n\n" for n in range(200))
    code = f"{body}def total():\n    return 2\n"
    mended = f"{body}def total():\n    return 3\n"
    test = "from shop import total\n\n\ndef test_total():\n    assert total() == 3\n"
    with bench_repository({"shop.py": code, "test_shop.py": test}) as (root, _):
        patch = render(diff("shop.py", code, mended))
        command = ("/bin/sh", "-c", COMMAND)
        provider = ScriptedProvider((Scripted(patch),), capabilities=Capabilities(converses=True))
        workspace = Workspace.open(root)
        request = FixRequest(command, lambda time_s: run_as_is(command, root), Plan("write"))
        clock = _Clock()
        session = Session("bench", workspace, provider, None)
        setting = FixSetting(Path(root), Allowance())
        outcome = await fix(session, workspace, request, clock, setting)
        workspace.close()
        assert outcome.ended == "green", outcome
        return clock.rounds


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement("fix: a round beside command and model", 100, fix_round),
)
