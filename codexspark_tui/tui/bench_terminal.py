"""The app in a pseudo-terminal, as it is measured from outside.

The clock is at the terminal: something is painted when its bytes have been read there. The answer
comes from another process over a socket, in numbered lines; a line that was scrolled past between
two paints counts as painted with the next one that is seen. The terminal says that it can hold a
picture back until it is whole (synchronized output), so that the painted frames can be counted.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from codexspark_tui.actions.bench import bench_repository

SIZE = (160, 48)
GIVE_UP_S = 60.0
READY = b"Say what to change"
KEYS_OF_REVIEW = b" why"  # in the key bar, when the changes have the keys
TO_PROMPT = "\x1b[17~"  # F6
PICTURE, PICTURE_END = b"\x1b[?2026h", b"\x1b[?2026l"
_ASKS_FOR_PICTURES, _HAS_THEM = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_MARK = re.compile(rb"~(\d{6})~")


@dataclass
class Terminal:
    """A process in a pseudo-terminal; `painted` holds (time, bytes) as they were read."""

    process: subprocess.Popen[bytes]
    master: int
    began: float
    painted: list[tuple[float, bytes]] = field(default_factory=list)

    def read(self, wait_s: float) -> bytes:
        ready, _, _ = select.select([self.master], [], [], wait_s)
        if not ready:
            return b""
        try:
            piece = os.read(self.master, 1 << 20)
        except OSError:
            return b""
        self.painted.append((time.monotonic(), piece))
        if _ASKS_FOR_PICTURES in piece:
            os.write(self.master, _HAS_THEM)
        return piece

    def until(self, wanted: bytes) -> float:
        """Read until `wanted` has been painted since the call; the time at which it was."""
        seen = b""
        deadline = time.monotonic() + GIVE_UP_S
        while wanted not in seen:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{wanted!r} was not painted")
            seen = seen[-200:] + self.read(0.05)
        return self.painted[-1][0]

    def until_quiet(self, quiet_s: float = 0.4) -> float:
        """Read until nothing is painted for so long; the time of the last paint."""
        while self.read(quiet_s):
            continue
        return self.painted[-1][0]

    def until_painted(self) -> float:
        """Read until anything is painted; the time at which it was."""
        deadline = time.monotonic() + GIVE_UP_S
        while not self.read(0.05):
            if time.monotonic() > deadline:
                raise TimeoutError("nothing was painted")
        return self.painted[-1][0]

    def pictures(self) -> list[tuple[float, int]]:
        """Of each painted frame: the time at which its end was read, and its bytes."""
        return list(pictures(self.painted))

    def press(self, keys: str) -> float:
        at = time.monotonic()
        os.write(self.master, keys.encode())
        return at


@contextmanager
def app() -> Iterator[tuple[Terminal, Path]]:
    """The app on a small repository, ready for a prompt; and where its socket is to be."""
    with bench_repository({"a.py": "x = 1\n"}) as (root, environment):
        socket = root.parent / "answer"
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "codexspark_tui.tui.bench_app", str(root), str(socket)]
        began = time.monotonic()
        process = subprocess.Popen(
            command, env=environment, stdin=slave, stdout=slave, stderr=slave, cwd=root
        )
        os.close(slave)
        try:
            yield Terminal(process, master, began), socket
        finally:
            process.kill()
            process.wait()
            os.close(master)


@dataclass(frozen=True, slots=True)
class Phase:
    """So many lines at so many tokens a second; 0: as fast as the socket takes them."""

    lines: int
    rate: float = 0

    def __str__(self) -> str:
        return f"{self.lines}@{self.rate:g}"


@contextmanager
def source(path: Path, kind: str, *phases: Phase) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "codexspark_tui.tui.bench_source", str(path), kind]
    with subprocess.Popen(
        [*command, *map(str, phases)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def let_go(process: subprocess.Popen[bytes]) -> None:
    """The source goes on after its first line."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


def sent_times(process: subprocess.Popen[bytes]) -> list[float]:
    assert process.stdout is not None
    return [float(at) for at in process.stdout.read().split()]


def pictures(painted: Sequence[tuple[float, bytes]]) -> Iterator[tuple[float, int]]:
    """(time, bytes) of each frame, whatever pieces it was read in."""
    rest = b""
    for at, piece in painted:
        rest += piece
        while (end := rest.find(PICTURE_END)) >= 0:
            begin = rest.rfind(PICTURE, 0, end)
            if begin >= 0:
                yield at, end + len(PICTURE_END) - begin
            rest = rest[end + len(PICTURE_END) :]


def lags(
    sent: Sequence[float], painted: Sequence[tuple[float, bytes]], first: int = 0
) -> Iterator[float]:
    """For each line from `first` on, milliseconds from sent until it or a later one was painted."""
    number = first
    rest = b""
    for at, piece in painted:
        text = rest + piece
        rest = text[-7:]
        shown = max((int(mark) for mark in _MARK.findall(text)), default=-1)
        while number <= shown and number < len(sent):
            yield max(0.0, at - sent[number]) * 1000
            number += 1


@dataclass(frozen=True, slots=True)
class Streamed:
    """`sent`: when each line was; `terminal` has what was painted since the first one, which was
    painted at `first_at`; `cpu_ms`: processor time of the app for the others."""

    sent: list[float]
    terminal: Terminal
    cpu_ms: float
    first_at: float

    def lags(self) -> Iterator[float]:
        """Milliseconds from sent to painted, of each line."""
        yield (self.first_at - self.sent[0]) * 1000
        yield from lags(self.sent, self.terminal.painted, 1)

    def paints_a_second(self, first: int, last: int) -> float:
        """While these lines were sent."""
        begin, end = self.sent[first], self.sent[last]
        return sum(begin < at <= end for at, _ in self.terminal.pictures()) / (end - begin)


def stream(kind: str, *phases: Phase) -> Streamed:
    """An answer that streams into the app from its first line to its last paint."""
    with app() as (terminal, socket):
        terminal.until(READY)
        terminal.until_quiet()
        with source(socket, kind, *phases) as process:
            terminal.press("go\r")
            first_at = terminal.until(b"~000000~")
            if kind == "diff":
                terminal.until(KEYS_OF_REVIEW)
                terminal.press(".")
                terminal.until(b"following")
            terminal.until_quiet()
            before = cpu_ms(terminal.process.pid)
            terminal.painted.clear()
            let_go(process)
            last = sum(phase.lines for phase in phases) - 1
            terminal.until(f"~{last:06}~".encode())
            terminal.until_quiet()
            spent = cpu_ms(terminal.process.pid) - before
            return Streamed(sent_times(process), terminal, spent, first_at)


def cpu_ms(pid: int) -> float:
    """What the process has used of the processors; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def of_status(pid: int, name: str) -> float:
    """A number of /proc/PID/status, of all threads together."""
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
    return float(found[1]) if found else 0.0
