"""The workspace lock: advisory, held for milliseconds, let go by the kernel when its owner dies.

Nothing here removes a lock file or waits for one that a dead process left; a lock of git's
(`index.lock`) is never looked at.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codexspark_tui.errors import WriteFailed

_WAIT_S = 20.0
_PAUSE_S = 0.002


@contextmanager
def held(path: Path, *, wait_s: float = _WAIT_S) -> Iterator[None]:
    """Hold the lock at `path`. Raises `WriteFailed` when another process keeps it for too long."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _wait(fd, path, wait_s)
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()} {started(os.getpid())}\n".encode(), 0)
        yield
    finally:
        os.close(fd)


def owner(path: Path) -> int | None:
    """The process that holds the lock now (0: it cannot be told which); None when nobody does."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid, _, start = os.pread(fd, 64, 0).decode("ascii", "replace").strip().partition(" ")
        # a process that has the number of a dead one is not the owner
        return int(pid) if pid.isdigit() and started(int(pid)) == start else 0
    finally:
        os.close(fd)
    return None


def started(pid: int) -> str:
    """When the process began, in the system's own count; "" where that is not told, or it is gone.

    Linux: field 22 of /proc/PID/stat, in clock ticks since the machine started.
    """
    try:
        said = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return said.rpartition(")")[2].split()[19]


def _wait(fd: int, path: Path, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise WriteFailed(
                    f"another spark (process {owner(path)}) holds the workspace",
                    detail="nothing was written",
                    next_step="Wait for it to end or end it, then try again.",
                ) from None
            time.sleep(_PAUSE_S)
        else:
            return
