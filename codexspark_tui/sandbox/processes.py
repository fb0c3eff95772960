"""The processes of a command that runs: how many, how much memory, and an end for all of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MARK = "SPARK_RUN_ID"
ROUNDS = 50
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Use:
    """What the processes take together."""

    processes: int
    memory_bytes: int


def use_of(pid: int, at_most: int) -> Use:
    """What `pid` and its descendants take; counting stops after `at_most` processes."""
    seen: set[int] = set()
    pending = [pid]
    pages = 0
    while pending and len(seen) <= at_most:
        one = pending.pop()
        if one in seen:
            continue
        seen.add(one)
        pages += _resident(one)
        pending += _children(one)
    return Use(len(seen), pages * _PAGE)


def use_of_run(run: str, at_most: int) -> Use:
    """What all processes of a run take, also those whose parents are gone."""
    wanted = f"{MARK}={run}".encode()
    seen, pages = 0, 0
    for pid in _numbers():
        if _carries(pid, wanted):
            seen, pages = seen + 1, pages + _resident(int(pid))
            if seen > at_most:
                break
    return Use(seen, pages * _PAGE)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in (_PROC / str(pid) / "task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except (OSError, ValueError):
        return found
    return found


def _resident(pid: int) -> int:
    """Pages in memory without those that are shared with others."""
    try:
        fields = (_PROC / str(pid) / "statm").read_text().split()
        return max(0, int(fields[1]) - int(fields[2]))
    except (OSError, ValueError, IndexError):
        return 0


def kill_group(pid: int, number: signal.Signals) -> None:
    """The process group that `pid` leads."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def kill_strays(run: str) -> None:
    """Processes that left the group: they still carry the mark of this run in their environment.

    All are stopped before the first is killed, each as soon as it is seen, round by round until no
    new one is found: what is stopped forks no more.
    """
    wanted = f"{MARK}={run}".encode()
    stopped: set[str] = set()
    for _ in range(ROUNDS):
        before = len(stopped)
        for pid in _numbers() - stopped:
            if _carries(pid, wanted):
                _signal([pid], signal.SIGSTOP)
                stopped.add(pid)
        if len(stopped) == before:
            break
    _signal(stopped, signal.SIGKILL)


def _signal(pids: Iterable[str], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(int(pid), number)
        except (ProcessLookupError, PermissionError):
            continue


def _numbers() -> set[str]:
    """All processes but this one."""
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - half the time
    except OSError:
        return set()
    return {name for name in names if name.isdecimal()} - {str(os.getpid())}


def _carries(pid: str, wanted: bytes) -> bool:
    """Whether the environment that it was started with has this entry."""
    try:
        fd = os.open(f"/proc/{pid}/environ", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    told = b""
    try:
        while piece := os.read(fd, 1 << 16):
            told += piece
    except OSError:
        return False
    finally:
        os.close(fd)
    return wanted in told and wanted in told.split(b"\0")
