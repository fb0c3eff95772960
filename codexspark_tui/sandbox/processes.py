"""The processes of a command that runs: how many, how much memory, and an end for all of them."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

MARK = "SPARK_RUN_ID"
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

    Again until there are none, since one that forks may be faster than a single round.
    """
    wanted = f"{MARK}={run}".encode()
    for _ in range(20):
        found = [pid for pid in _numbers() if _carries(pid, wanted)]
        if not found:
            return
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue


def _numbers() -> list[int]:
    try:
        return [int(path.name) for path in _PROC.iterdir() if path.name.isdecimal()]
    except OSError:
        return []


def _carries(pid: int, wanted: bytes) -> bool:
    if pid == os.getpid():
        return False
    try:
        return wanted in (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
