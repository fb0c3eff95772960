"""The test command in a fork, confined, so that it may run without anybody being asked.

True here: what runs can write to the copy only, sees the person's tree as it is and cannot change
it, and has no network unless that was granted. Where nothing confines a command, `check_confined`
runs nothing, and `checker` runs it as the person's own process: it `needs_asking`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from codexspark_tui.actions.checking import TAIL_BYTES, TIMEOUT_S, Checked, check
from codexspark_tui.errors import UsageError
from codexspark_tui.sandbox import (
    Access,
    Finished,
    Job,
    Limits,
    Mechanism,
    probe,
    programs_named,
    run,
)
from codexspark_tui.workspace import Workspace
from codexspark_tui.workspace.fork import Fork

WATCH_S = 0.1


def check_confined(
    workspace: Workspace,
    command: str,
    *,
    network: bool = False,
    stopped: Callable[[], bool] = lambda: False,
    without: Sequence[str] = (),
) -> Checked:
    """Run `command` by a shell in a copy with what is accepted so far.

    Raises `UsageError` where no command can be confined, and what `Workspace.fork` raises.
    """
    mechanism = probe()
    if not mechanism.confines:
        raise UsageError(mechanism.line, next_step="t runs the tests after asking.")
    with workspace.fork(without=without) as fork:
        limits = Limits(time_s=TIMEOUT_S, view_chars=TAIL_BYTES)
        job = job_in(workspace, fork, command, network=network, limits=limits)
        return asyncio.run(_followed(mechanism, job, stopped))


def job_in(workspace: Workspace, fork: Fork, command: str, *, network: bool, limits: Limits) -> Job:
    """`command` by a shell in a copy of the workspace, which it can write to; nothing else."""
    return Job(
        ("/bin/sh", "-c", command),
        fork.root,
        fork.root,
        access=Access(
            network=network,
            readable=(*_beside_copy(workspace, fork), *programs_named(command)),
        ),
        limits=limits,
        variables=fork.environment(),
    )


def needs_asking() -> bool:
    """Whether nothing would keep the command from the network and from other files."""
    return not probe().confines


def checker(
    workspace: Workspace,
    command: str,
    *,
    network: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> Callable[[Sequence[str]], Checked]:
    """What runs `command` without some of the written changes, confined where that can be."""

    def run_without(without: Sequence[str]) -> Checked:
        if needs_asking():
            return check(workspace, command, without=without, stopped=stopped)
        made = check_confined(workspace, command, network=network, stopped=stopped, without=without)
        return made if made.passed else replace(made, said=f"{made.said}\n{how_held(network)}")

    return run_without


def how_held(network: bool) -> str:
    """How it was confined: what a command cannot do there may be why it failed."""
    if network:
        return "(It ran confined: it can write to the copy only.)"
    return "(It ran confined, without network: run_network = true grants that.)"


def _beside_copy(workspace: Workspace, fork: Fork) -> tuple[Path, ...]:
    """What a command in the copy may read outside of it: what links in it and its git lead to."""
    places = (workspace.root, fork.root.parent)
    repository = workspace.repository
    return places if repository is None else (*places, repository.common_dir)


async def _followed(mechanism: Mechanism, job: Job, stopped: Callable[[], bool]) -> Checked:
    task = asyncio.ensure_future(_ended(mechanism, job))
    while not task.done():
        await asyncio.wait([task], timeout=WATCH_S)
        if stopped():
            task.cancel()
    if task.cancelled():
        return Checked(False, 130, 0.0, "it was stopped")
    done = task.result()
    said = f"{done.view.rstrip()}\n{done.why}".strip()
    return Checked(done.is_green, done.exit_code, round(done.seconds, 2), said)


async def _ended(mechanism: Mechanism, job: Job) -> Finished:
    async with aclosing(run(mechanism, job)) as events:
        async for event in events:
            if isinstance(event, Finished):
                return event
    raise AssertionError("a run ends with its end")
