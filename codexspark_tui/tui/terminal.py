"""The person's terminal on descriptors 0 to 2, also in the middle of a pipe.

Textual reads stdin, paints to stderr and takes its size from stdout. `taken_terminal` puts the
controlling terminal there before textual is imported, and gives the pipes back afterwards.

`hold_keys` keeps what is typed before the app can read it as it was typed: a terminal in its usual
mode would make a new line of enter and show the letters where the app is about to paint.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

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


@contextmanager
def early_keys() -> Iterator[None]:
    """Keys wait as they are until `let_go`, which the driver calls before its own mode begins."""
    hold_keys()
    try:
        yield
    finally:
        let_go()


def hold_keys() -> None:
    """From now on keys wait as they are; who calls sees to it that `let_go` follows.

    A signal that ends the process lets go, too.
    """
    if _before:
        return
    try:
        before = termios.tcgetattr(0)
    except termios.error:
        return
    waiting = [*before[:6], list(before[6])]
    waiting[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
    waiting[3] &= ~(termios.ECHO | termios.ICANON)  # ctrl+c still ends the start
    _before.append(before)
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    _set(waiting)


_before: list[list[Any]] = []
"""How the terminal was, while keys wait."""
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def let_go() -> None:
    """The terminal is as it was before `hold_keys`; what has been typed still waits."""
    if not _before:
        return
    _set(_before.pop())
    for number in _ENDING:
        if signal.getsignal(number) is _end:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> None:
    let_go()
    os.kill(os.getpid(), number)


def _set(mode: list[Any]) -> None:
    try:
        termios.tcsetattr(0, termios.TCSANOW, mode)
    except termios.error:  # it is gone; the driver will tell
        return


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                continue
