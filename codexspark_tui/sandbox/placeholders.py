"""Protected names that are not there are taken by empty folders while a command runs, so that it
cannot make them. A mount needs something to be mounted on, so they stand in the person's tree.

True here: each run holds a shared lock on the folder; the last one takes it away again if it is
still empty. A folder that nobody holds is the person's own and is left alone. What is looked at and
made in between is under one short lock in the state folder.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from codexspark_tui.sandbox.values import Job
from codexspark_tui.state_dir import ensure, state_dir

LOCK = "placeholders.lock"


@contextmanager
def names_taken(job: Job) -> Iterator[None]:
    """While it is open no command that is confined in the job's root can make a protected name."""
    root = Path(os.path.realpath(job.root))
    with _alone():
        held = [(path, fd) for name in job.protected if (fd := _taken(path := root / name)) >= 0]
    try:
        yield
    finally:
        with _alone():
            for path, fd in held:
                _let_go(path, fd)


def _taken(path: Path) -> int:
    """The descriptor by which a placeholder is held; -1 where there is none to hold."""
    made = False
    with suppress(OSError):
        if not os.path.lexists(path):
            path.mkdir()
            made = True
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        if made or _is_held(fd):
            with suppress(BlockingIOError):  # a command may lock it, too; that changes nothing
                fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return fd
        os.close(fd)
    return -1


def _is_held(fd: int) -> bool:
    """Whether another run holds the folder."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _let_go(path: Path, fd: int) -> None:
    """The last one that holds it takes it away."""
    with suppress(OSError):
        if not _is_held(fd):
            path.rmdir()
    os.close(fd)


@contextmanager
def _alone() -> Iterator[None]:
    """No other run looks or makes meanwhile; where there can be no lock it goes on without."""
    with ExitStack() as stack:
        with suppress(OSError):
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            fd = os.open(ensure(state_dir()) / LOCK, flags, 0o600)
            stack.callback(os.close, fd)
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
