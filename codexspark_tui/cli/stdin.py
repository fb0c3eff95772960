"""What comes in by stdin, and when it is read at all.

A pipe or a file beside a prompt is context and is read to its end; a terminal, a socket and a
device are not read unless asked for. Waiting is never silent: after a second one line on stderr
says what is waited for and how to do without.
"""

from __future__ import annotations

import os
import select
import stat
import time
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui.cli.output import is_terminal, say
from codexspark_tui.errors import UsageError

Reading: TypeAlias = Literal["auto", "always", "never"]
LARGEST_BYTES = 256 * 1024 * 1024
_PIECE = 1 << 20
_LONGEST_S = 3600.0


def is_piped() -> bool:
    """Whether stdin is a pipe or a regular file."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def context_text(reading: Reading, timeout_s: float) -> str:
    """The text that was piped in beside a prompt; "" where there is none to read."""
    if reading == "never" or (reading == "auto" and not is_piped()):
        return ""
    if _is_begun():
        say("spark: reading the rest of standard input as context (--no-stdin leaves it alone)")
    return text_of(read_all(timeout_s))


def _is_begun() -> bool:
    """Whether stdin is a file that somebody has read the beginning of: a `while read` loop."""
    try:
        return os.lseek(0, 0, os.SEEK_CUR) not in (0, os.fstat(0).st_size)
    except OSError:
        return False


def text_of(data: bytes) -> str:
    """Bytes as text; those that are not UTF-8 become surrogates, so that none is lost."""
    return data.decode("utf-8", "surrogateescape")


def read_file(path: Path, called: str) -> bytes:
    """All of a file that the person has named. Raises `UsageError` that names it as `called`."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"{called} cannot be read: {why}", next_step="Check the name.") from error
    if len(data) > LARGEST_BYTES:
        raise UsageError(f"{called} is longer than {LARGEST_BYTES >> 20} MiB")
    return data


def read_all(timeout_s: float = 0.0) -> bytes:
    """All of stdin. Raises `UsageError` when it is closed, too long, or later than `timeout_s`."""
    pieces: list[bytes] = []
    size = 0
    began = time.monotonic()
    told = is_terminal(0)
    while True:
        if not _ready(began, timeout_s, told):
            told = True
            continue
        try:
            piece = os.read(0, _PIECE)
        except BlockingIOError:
            continue
        except OSError as error:
            raise UsageError(
                f"standard input cannot be read: {(error.strerror or '').lower()}",
                next_step="Give the text by a pipe or a file.",
            ) from error
        if not piece:
            return b"".join(pieces)
        told = True
        size += len(piece)
        if size > LARGEST_BYTES:
            raise UsageError(f"standard input is longer than {LARGEST_BYTES >> 20} MiB")
        pieces.append(piece)


def _ready(began: float, timeout_s: float, told: bool) -> bool:
    """Wait for a byte or the end; False after the one second that calls for a notice."""
    waited = time.monotonic() - began
    left = timeout_s - waited if timeout_s > 0 else None
    if left is not None and left <= 0:
        raise UsageError(
            f"standard input did not end within {timeout_s:g} s",
            next_step="Use --no-stdin to go without it, or a longer --stdin-timeout.",
        )
    notice = None if told else max(0.0, 1.0 - waited)
    wait = min((t for t in (left, notice) if t is not None), default=None)
    try:
        ready, _, _ = select.select([0], [], [], None if wait is None else min(wait, _LONGEST_S))
    except (OSError, ValueError):
        return True
    if ready:
        return True
    if not told and time.monotonic() - began >= 1.0:
        say("spark: waiting for standard input to end (--no-stdin or </dev/null goes without it)")
    return False
