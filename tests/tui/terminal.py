"""`spark` in a real pseudo-terminal, its screen kept by pyte: what a person would see."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pyte

from tests.support.spark import SPARK, environment

TIMEOUT_S = 20.0


@dataclass
class Screen:
    """Use as a context manager. `stdin`: piped in; `piped`: stdout is a pipe; `size`: (w, h)."""

    arguments: Sequence[str]
    cwd: Path
    size: tuple[int, int] = (80, 24)
    stdin: bytes | None = None
    piped: bool = False
    env: Mapping[str, str | None] = field(default_factory=dict)
    command: Sequence[str] = SPARK
    raw: bytes = b""

    def __enter__(self) -> Screen:
        self._master, slave = pty.openpty()
        self._resize(slave, self.size)
        self._screen = pyte.Screen(*self.size)
        self._stream = pyte.ByteStream(self._screen)
        tell_terminal: dict[str, str | None] = {"COLUMNS": None, "LINES": None}
        tell_terminal |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **self.env}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _IN_TERMINAL, *self.command, *self.arguments],
            cwd=self.cwd,
            env=environment(tell_terminal),
            stdin=slave if self.stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE if self.piped else slave,
            stderr=slave,
            start_new_session=True,
        )
        self._slave = slave
        self._out = b""
        self._reader = Thread(target=self._read_pipe, daemon=True) if self.piped else None
        if self._reader is not None:
            self._reader.start()
        if self.stdin is not None:
            assert self._process.stdin is not None
            self._process.stdin.write(self.stdin)
            self._process.stdin.close()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        for fd in (self._master, self._slave):
            if fd >= 0:
                os.close(fd)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def terminal(self) -> int:
        """The descriptor of the terminal that the command has."""
        return self._slave

    def wait_for(self, wanted: str | Callable[[str], bool]) -> str:
        """Read until the screen shows `wanted`."""
        shown = wanted if callable(wanted) else lambda text: wanted in text
        deadline = time.monotonic() + TIMEOUT_S
        while not shown(self.text):
            assert time.monotonic() < deadline, f"{wanted} did not come:\n{self.text}"
            assert self._more(0.1), f"ended without {wanted}:\n{self.text}"
        return self.text

    def type(self, keys: str) -> None:
        self.type_bytes(keys.encode())

    def type_bytes(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def hang_up(self) -> int:
        """Close the terminal; the exit code of the command."""
        os.close(self._slave)
        os.close(self._master)
        self._slave = self._master = -1
        return self._process.wait(TIMEOUT_S)

    def resize(self, width: int, height: int) -> None:
        self._screen.resize(height, width)
        self._resize(self._slave, (width, height))
        os.killpg(self._process.pid, signal.SIGWINCH)

    def _read_pipe(self) -> None:
        assert self._process.stdout is not None
        self._out = self._process.stdout.read()

    def end(self) -> tuple[int, bytes]:
        """Wait for the end: exit code, and what came by a pipe."""
        deadline = time.monotonic() + TIMEOUT_S
        while self._process.poll() is None:
            assert time.monotonic() < deadline, f"did not end:\n{self.text}"
            self._more(0.05)
        if self._reader is not None:
            self._reader.join()
        while self._more(0):
            continue
        return self._process.returncode, self._out

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _more(self, wait_s: float) -> bool:
        ended = self._process.poll() is not None
        ready, _, _ = select.select([self._master], [], [], wait_s)
        if not ready:
            return not ended
        try:
            piece = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.raw += piece
        self._stream.feed(piece)
        return bool(piece)

    @staticmethod
    def _resize(fd: int, size: tuple[int, int]) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


_IN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
"""Makes the terminal on stderr the controlling one, then becomes the command."""
