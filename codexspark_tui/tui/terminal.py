"""The person's terminal on descriptors 0 to 2, also in the middle of a pipe.

Textual reads stdin, paints to stderr and takes its size from stdout. `taken_terminal` puts the
controlling terminal there before textual is imported, and gives the pipes back afterwards.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from codexspark_tui.errors import NeedsAnswer


def is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False


@contextmanager
def taken_terminal() -> Iterator[None]:
    """Raises `NeedsAnswer` where the process has no controlling terminal."""
    if all(is_terminal(fd) for fd in range(3)):
        yield
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        raise NeedsAnswer(
            "there is no terminal to review on",
            next_step="Run it in a terminal; spark apply takes a patch without one.",
        ) from None
    saved = [os.dup(fd) for fd in range(3)]
    _flush()
    try:
        for fd in range(3):
            os.dup2(terminal, fd)
        yield
    finally:
        _flush()
        for fd, old in enumerate(saved):
            os.dup2(old, fd)
            os.close(old)
        os.close(terminal)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                continue
