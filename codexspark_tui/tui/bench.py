"""The budgets of the screen, measured from outside: `spark doctor --bench`.

The app runs in a pseudo-terminal, and the clock is at the terminal: something is painted when its
bytes have been read there. The answer comes from another process over a socket, in numbered lines;
a line that was scrolled past between two paints counts as painted with the next one that is seen.
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from codexspark_tui.actions.bench import Measurement, bench_repository

SIZE = (160, 48)
GIVE_UP_S = 60.0
MOVES = ("J", "J", "\x1b[6~", "K", "G", "g")
READY = b"Say what to change"
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


@contextmanager
def source(path: Path, lines: int, rate: float, kind: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "codexspark_tui.tui.bench_source", str(path)]
    with subprocess.Popen(
        [*command, str(lines), str(rate), kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


def let_go(process: subprocess.Popen[bytes]) -> None:
    """The source goes on after its first line."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


def sent_times(process: subprocess.Popen[bytes]) -> list[float]:
    assert process.stdout is not None
    return [float(at) for at in process.stdout.read().split()]


def lags(sent: list[float], painted: list[tuple[float, bytes]]) -> Iterator[float]:
    """For each line, milliseconds from sent until it or a later one was painted."""
    number = 0
    rest = b""
    for at, piece in painted:
        text = rest + piece
        rest = text[-7:]
        shown = max((int(mark) for mark in _MARK.findall(text)), default=-1)
        while number <= shown and number < len(sent):
            yield max(0.0, at - sent[number]) * 1000
            number += 1


def _streamed(lines: int, rate: float, kind: str) -> tuple[list[float], Terminal, float]:
    """Times of sending, the terminal with all it was painted, and when the last line was seen."""
    with app() as (terminal, socket):
        terminal.until(READY)
        terminal.until_quiet()
        with source(socket, lines, rate, kind) as process:
            terminal.press("go\r")
            terminal.until(b"~000000~")
            if kind == "diff":
                terminal.press(".")
                terminal.until(b"following")
            terminal.until_quiet()
            let_go(process)
            last = terminal.until(f"~{lines - 1:06}~".encode())
            terminal.until_quiet()
            return sent_times(process), terminal, last


def _start() -> Iterator[float]:
    """Until a key that was typed is painted in the prompt."""
    for _ in range(5):
        with app() as (terminal, _):
            terminal.until(READY)
            terminal.press("ж")
            yield (terminal.until("ж".encode()) - terminal.began) * 1000


def _delta(lines: int, rate: float, kind: str) -> Iterator[float]:
    sent, terminal, _ = _streamed(lines, rate, kind)
    yield from lags(sent, terminal.painted)


def _burst(kind: str) -> Iterator[float]:
    """20,000 tokens as fast as the socket takes them: from the last one sent to the last paint."""
    for _ in range(3):
        sent, terminal, _ = _streamed(2000, 0, kind)
        yield (terminal.painted[-1][0] - sent[-1]) * 1000


@contextmanager
def _with_changes() -> Iterator[Terminal]:
    """The app with 1,000 changes of 10 lines, at rest."""
    with app() as (terminal, socket), source(socket, 10_000, 0, "files") as process:
        terminal.until(READY)
        let_go(process)
        terminal.press("go\r")
        terminal.until(b"1000 open")
        terminal.until_quiet()
        yield terminal


def _keys_at_rest() -> Iterator[float]:
    """From a key that moves to the next paint, with 10,000 rows of changes."""
    with _with_changes() as terminal:
        for number in range(60):
            at = terminal.press(MOVES[number % len(MOVES)])
            while not terminal.read(GIVE_UP_S):
                continue
            yield (terminal.painted[-1][0] - at) * 1000
            terminal.until_quiet(0.15)


def _keys_in_stream(kind: str) -> Iterator[float]:
    """From a letter typed into the prompt to its paint, while 20,000 tokens a second stream."""
    with app() as (terminal, socket):
        terminal.until(READY)
        with source(socket, 8000, 20_000, kind) as process:
            let_go(process)
            terminal.press("go\r")
            terminal.until(b"streaming")
            terminal.press("i")
            for number in range(80):
                letter = chr(0x400 + number)
                at = terminal.press(letter)
                yield (terminal.until(letter.encode()) - at) * 1000
            terminal.until_quiet()  # a terminal that nobody reads would hold everything up


def _at_rest(ask: Callable[[int], float]) -> Iterator[float]:
    """What `ask` counts of the process in one second at rest, five times."""
    with app() as (terminal, _):
        terminal.until(READY)
        terminal.until_quiet(2.0)
        for _ in range(5):
            before, began = ask(terminal.process.pid), time.monotonic()
            terminal.read(1.0)
            yield (ask(terminal.process.pid) - before) / (time.monotonic() - began)


def _cpu_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _wakeups(pid: int) -> float:
    """Voluntary context switches of all threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    found = (re.search(r"^voluntary_ctxt_switches:\s+(\d+)", _status(t), re.M) for t in tasks)
    return float(sum(int(match[1]) for match in found if match))


def _status(task: Path) -> str:
    return (task / "status").read_text()


def _memory() -> Iterator[float]:
    """Resident megabytes after 10,000 rows of changes."""
    with _with_changes() as terminal:
        said = re.search(r"^VmRSS:\s+(\d+)", _status(Path(f"/proc/{terminal.process.pid}")), re.M)
        yield int(said[1]) / 1024 if said else 0.0


def _deltas() -> Iterator[Measurement]:
    for kind in ("prose", "diff"):
        for rate, lines in ((1_000, 500), (20_000, 6_000)):
            name = f"delta to painted, {kind}, {rate:,} tok/s (p99)"
            yield Measurement(name, 33, partial(_delta, lines, rate, kind), percentile=99)


def _of_process() -> Iterator[Measurement]:
    """What is read from /proc, where there is one."""
    if Path("/proc/self/status").exists():
        yield Measurement("idle: wake-ups a second", 30, partial(_at_rest, _wakeups), unit="/s")
        yield Measurement("idle: CPU in a second", 10, partial(_at_rest, _cpu_ms))
        yield Measurement("memory with 10,000 rows", 150, _memory, unit="MB")


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement("app: start to usable", 500, _start),
    *_deltas(),
    Measurement("20,000 tokens at once to stable screen, prose", 300, partial(_burst, "prose")),
    Measurement("20,000 tokens at once to stable screen, diff", 300, partial(_burst, "diff")),
    Measurement("key to paint, 10,000 rows (p95)", 50, _keys_at_rest, percentile=95),
    *(
        Measurement(
            f"key to paint, {kind}, 20,000 tok/s (p95)",
            50,
            partial(_keys_in_stream, kind),
            percentile=95,
        )
        for kind in ("prose", "files")
    ),
    *_of_process(),
)
