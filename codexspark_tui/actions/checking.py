"""The person's test command in a fork, and the change that breaks it, found by halving.

True here: the working tree is never touched; the command runs in a throwaway copy. `check` runs it
as the person's own process: who calls has asked first. `confined_check` runs it in the sandbox.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codexspark_tui.errors import UsageError
from codexspark_tui.workspace import ChangeEntry, Workspace
from codexspark_tui.workspace.fork import Fork

TAIL_BYTES = 16_384
TIMEOUT_S = 600.0
NO_COMMAND = "no test command is set"
HOW_TO_SET = 'Set test_command = "pytest -q" in the settings file, or SPARK_TEST_COMMAND.'


@dataclass(frozen=True, slots=True)
class Checked:
    """How the command ended. `said`: the end of its output; `seconds` that it took."""

    passed: bool
    exit_code: int
    seconds: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class Guilty:
    """The first change with which the command fails; `runs`: how often it was run.

    `change` None: it fails without any of them (`before`), or passes with all.
    """

    change: ChangeEntry | None
    before: bool
    runs: int
    said: str = ""


def check(
    workspace: Workspace,
    command: str,
    *,
    without: Sequence[str] = (),
    timeout_s: float = TIMEOUT_S,
    stopped: Callable[[], bool] = lambda: False,
) -> Checked:
    """Run `command` by a shell on what is accepted so far, `without` these changes of it.

    Raises `NotPlaced` where a change cannot be taken out, `WriteFailed` without a place for a copy.
    """
    with workspace.fork(without=without) as fork:
        return _run(fork, command, timeout_s, stopped)


def _run(fork: Fork, command: str, timeout_s: float, stopped: Callable[[], bool]) -> Checked:
    began = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=fork.root,
            env=fork.environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        why = ""
        try:
            while process.poll() is None and not why:
                try:
                    process.wait(0.1)
                except subprocess.TimeoutExpired:
                    late = time.monotonic() - began > timeout_s
                    why = f"it took longer than {timeout_s:g} s" if late else ""
                    why = "it was stopped" if stopped() else why
        finally:
            _end(process)
        seconds = time.monotonic() - began
        size = out.seek(0, os.SEEK_END)
        out.seek(max(0, size - TAIL_BYTES))
        said = out.read().decode("utf-8", "replace")
    code = process.wait()
    return Checked(
        code == 0 and not why, code, round(seconds, 2), f"{said.rstrip()}\n{why}".strip()
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """The whole group, also what it left behind."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(1.0)
        except (ProcessLookupError, PermissionError):
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def bisect(
    changes: Sequence[ChangeEntry],
    run: Callable[[Sequence[str]], Checked],
    *,
    tell: Callable[[int, int, Checked], None] = lambda kept, of, checked: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Guilty:
    """Which of these written changes, in their order, is the first one that the command fails with.

    `run` runs it without the changes that it is given. Later changes are taken out first, so that
    what one of them needs is always there. `tell` is told of each run: with how many of the
    changes, of how many, and how it ended.
    """
    order = [change for change in changes if change.applied]
    runs = 0
    said = ""

    def fails(kept: int) -> bool:
        nonlocal runs, said
        runs += 1
        out = [change.selector for change in order[kept:]]
        checked = run(out)
        tell(kept, len(order), checked)
        if not checked.passed:
            said = checked.said
        return not checked.passed

    if not fails(len(order)):
        return Guilty(None, False, runs)
    if not order or fails(0):
        return Guilty(None, True, runs, said)
    low, high = 0, len(order)  # passes with `low` of them, fails with `high`
    while high - low > 1 and not stopped():
        middle = (low + high) // 2
        if fails(middle):
            high = middle
        else:
            low = middle
    return Guilty(order[high - 1], False, runs, said)


def written_in(workspace: Workspace, what: str | None) -> list[ChangeEntry]:
    """The changes that a selector names, or those of the newest turn. Raises `UsageError`."""
    if what is None:
        newest = workspace.log(1)
        if not newest:
            raise UsageError("nothing was written here yet", next_step="Accept a change first.")
        what = str(newest[0].number)
    return workspace.show(what)
