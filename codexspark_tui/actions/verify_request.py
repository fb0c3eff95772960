"""From the settings to a request of `spark verify`; and the same in a thread beside the app."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from codexspark_tui.actions.confined_check import how_held, job_in
from codexspark_tui.actions.edit import make_setup
from codexspark_tui.actions.own_run import run_as_is
from codexspark_tui.actions.verify import RunCheck, Verified, VerifyRequest, verify
from codexspark_tui.actions.verify_subject import subject_of
from codexspark_tui.config import Config
from codexspark_tui.errors import UsageError
from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.sandbox import Limits, Mechanism, RunEvent, probe, run
from codexspark_tui.workspace import Workspace
from codexspark_tui.workspace.fork import Fork

LOOK_S = 0.2
HOW_TO_SET = (
    'Name a command with --check "pytest -q", or set commands under [verify], or heavy under '
    "[loop], in the settings."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person named: a turn, or a commit. `sandbox`: nothing runs that is not confined;
    else, where nothing confines a command, who calls has asked (`needs_asking`)."""

    turn: str | None = None
    since: str = ""
    sandbox: bool = False


def commands_of(config: Config) -> tuple[str, ...]:
    """What the settings say that is run."""
    said = config.text("verify_commands") or config.text("test_command")
    return tuple(line.strip() for line in said.split("\n") if line.strip())


def request_of(workspace: Workspace, folder: Path, config: Config, asked: Asked) -> VerifyRequest:
    """Raises `UsageError` where there is nothing to verify, or nothing to do it with."""
    commands, heavy = commands_of(config), config.text("loop_heavy")
    if not commands and not heavy:
        raise UsageError("there is nothing to verify with", next_step=HOW_TO_SET)
    subject = subject_of(workspace, asked.turn, asked.since)
    if not commands and not subject.patch:
        raise UsageError("there is no change that could be reviewed", next_step=HOW_TO_SET)
    mechanism = _mechanism(asked.sandbox)
    network = config.is_on("run_network")
    return VerifyRequest(
        subject,
        commands,
        _runner(workspace, mechanism, config.number("run_timeout") or None, network),
        mechanism.name if mechanism else "none",
        how_held(network) if mechanism else "",
        heavy,
        make_setup(config, folder),
    )


def _mechanism(needed: bool) -> Mechanism | None:
    mechanism = probe()
    if mechanism.confines:
        return mechanism
    if needed:
        raise UsageError(
            f"there is no sandbox here: {mechanism.line}",
            next_step="Run it without --sandbox, if you trust the commands and the code.",
        )
    return None


def _runner(
    workspace: Workspace, mechanism: Mechanism | None, time_s: float | None, network: bool
) -> RunCheck:
    """How a command is run in a fork: confined, or as it is."""

    def as_it_is(command: str, fork: Fork) -> AsyncGenerator[RunEvent, None]:
        return run_as_is(("/bin/sh", "-c", command), fork.root, time_s, fork.environment())

    def confined(command: str, fork: Fork) -> AsyncGenerator[RunEvent, None]:
        assert mechanism is not None
        limits = Limits(time_s=time_s, view_chars=4 << 20)
        return run(mechanism, job_in(workspace, fork, command, network=network, limits=limits))

    return confined if mechanism else as_it_is


class _Silent:
    """A face that shows nothing and answers nothing."""

    def show(self, event: Event) -> None:
        return

    async def ask(self, asked: facts.Asked) -> int | None:
        return None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Verifies in a thread, while the app goes on; the patch is given back, and kept by nobody."""

    workspace: Workspace
    config: Config

    @property
    def commands(self) -> tuple[str, ...]:
        return commands_of(self.config)

    @property
    def can(self) -> bool:
        """Whether the settings name anything to verify with."""
        return bool(self.commands or self.config.text("loop_heavy"))

    def run(self, turn: str, stop: threading.Event) -> Verified | None:
        """To its end, or None where it was stopped. Raises `SparkError`."""
        asked = Asked(turn or None)
        request = request_of(self.workspace, self.workspace.root, self.config, asked)
        return asyncio.run(self._run(replace(request, keeps=False), stop))

    async def _run(self, request: VerifyRequest, stop: threading.Event) -> Verified | None:
        task = asyncio.create_task(verify(self.workspace, request, _Silent()))
        while not task.done():
            if stop.is_set():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                return None
            await asyncio.wait([task], timeout=LOOK_S)
        return task.result()
