"""Run a command by each mechanism that works here; the others are skipped with their reason."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from codexspark_tui.sandbox import Access, Finished, Job, Limits, Mechanism, run
from codexspark_tui.sandbox.confine import MechanismName, _works

WORKING: dict[str, bool] = {}
LIMITS = replace(Limits(), time_s=20.0)


def mechanism(name: MechanismName) -> Mechanism:
    if name != "none":
        if name not in WORKING:
            WORKING[name] = _works(name)
        if not WORKING[name]:
            pytest.skip(f"{name} does not work on this machine")
    return Mechanism(name, name)


def job_of(root: Path, script: str, limits: Limits = LIMITS, access: Access | None = None) -> Job:
    return Job(("sh", "-c", script), root, root, access=access or Access(), limits=limits)


def ran(by: Mechanism, job: Job) -> Finished:
    """The end of the job; everything it printed is its view."""

    async def follow() -> Finished:
        async with aclosing(run(by, job)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return event
        raise AssertionError("it never finished")

    return asyncio.run(follow())
