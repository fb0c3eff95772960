"""The budgets of the screen: `spark doctor --bench`.

What is measured stands here, how it is measured in `bench_terminal`; what needs a long session, in
`bench_long`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from codexspark_tui.actions.bench import Measurement
from codexspark_tui.tui import bench_long
from codexspark_tui.tui.bench_terminal import (
    READY,
    TO_PROMPT,
    Phase,
    Streamed,
    app,
    cpu_ms,
    let_go,
    source,
    stream,
)

KINDS = ("prose", "diff")
SLOW, FAST = 1_000, 20_000
BURST = Phase(2_000)  # 20,000 tokens
PICTURE_BYTES, KEY_BYTES = 12_000, 1_500


def _start() -> Iterator[float]:
    """Until a key that was typed is painted in the prompt."""
    for _ in range(10):
        with app() as (terminal, _):
            terminal.until(READY)
            terminal.press("ж")
            yield (terminal.until("ж".encode()) - terminal.began) * 1000


@cache
def _streamed(kind: str, lines: int, rate: float) -> Streamed:
    return stream(kind, Phase(lines, rate))


def _delta(kind: str, lines: int, rate: float) -> Iterator[float]:
    yield from _streamed(kind, lines, rate).lags()


def _bytes(kind: str, lines: int, rate: float) -> Iterator[float]:
    """Of each painted frame."""
    yield from (size for _, size in _streamed(kind, lines, rate).terminal.pictures())


def _paint_rates(kind: str) -> Iterator[float]:
    """Paints a second at the fast rate against those at the slow one, in one stream each time."""
    for _ in range(3):
        yield paint_ratio(kind)


def paint_ratio(kind: str, seconds: float = 1.0) -> float:
    slow, fast = int(SLOW / 10 * seconds), int(FAST / 10 * seconds)
    done = stream(kind, Phase(slow, SLOW), Phase(fast, FAST))
    middle, last = slow - 1, slow + fast - 1
    return done.paints_a_second(middle, last) / done.paints_a_second(0, middle)


@cache
def _bursts(kind: str) -> tuple[Streamed, ...]:
    return tuple(stream(kind, BURST) for _ in range(3))


def _burst(kind: str) -> Iterator[float]:
    """20,000 tokens as fast as the socket takes them: from the last one sent to the last paint."""
    for done in _bursts(kind):
        yield (done.terminal.painted[-1][0] - done.sent[-1]) * 1000


def _burst_cpu(kind: str) -> Iterator[float]:
    yield from (done.cpu_ms for done in _bursts(kind))


def _keys_in_stream(kind: str) -> Iterator[float]:
    """From a letter typed into the prompt to its paint, while 20,000 tokens a second stream."""
    with app() as (terminal, socket):
        terminal.until(READY)
        with source(socket, kind, Phase(8000, FAST)) as process:
            let_go(process)
            terminal.press("go\r")
            terminal.until(b"streaming")
            terminal.press(TO_PROMPT)
            for number in range(80):
                letter = chr(0x400 + number)
                at = terminal.press(letter)
                yield (terminal.until(letter.encode()) - at) * 1000
            terminal.until_quiet()  # a terminal that nobody reads would hold everything up


def key_bytes() -> Iterator[float]:
    """What is sent to the terminal for each of some letters typed into the prompt at rest."""
    with app() as (terminal, _):
        terminal.until(READY)
        terminal.until_quiet()
        for number in range(20):
            terminal.painted.clear()
            terminal.press(chr(0x400 + number))
            terminal.until_quiet(0.2)
            yield sum(len(piece) for _, piece in terminal.painted)


def _at_rest(ask: Callable[[int], float]) -> Iterator[float]:
    """What `ask` counts of the process in one second at rest, five times."""
    with app() as (terminal, _):
        terminal.until(READY)
        terminal.until_quiet(2.0)
        for _ in range(5):
            before, began = ask(terminal.process.pid), time.monotonic()
            terminal.read(1.0)
            yield (ask(terminal.process.pid) - before) / (time.monotonic() - began)


def _wakeups(pid: int) -> float:
    """Voluntary context switches of all threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    said = ((task / "status").read_text() for task in tasks)
    found = (re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M) for text in said)
    return float(sum(int(match[1]) for match in found if match))


def _while_streaming() -> Iterator[Measurement]:
    for kind in KINDS:
        for rate, lines in ((SLOW, 500), (FAST, 6_000)):
            at = f"{kind}, {rate:,} tok/s"
            times = partial(_delta, kind, lines, rate)
            yield Measurement(f"delta to painted, {at} (p99)", 33, times, percentile=99)
            sizes = partial(_bytes, kind, lines, rate)
            yield Measurement(f"bytes of a painted frame, {at}", PICTURE_BYTES, sizes, unit="B")
        name = f"20,000 tokens at once to stable screen, {kind}"
        yield Measurement(name, 300, partial(_burst, kind))
        yield Measurement(f"20,000 tokens at once, CPU, {kind}", 1500, partial(_burst_cpu, kind))
        name = f"paints: 1,000 to 20,000 tok/s, {kind}"
        yield Measurement(name, 1.5, partial(_inverse, kind), unit="x")
    for kind in ("prose", "files"):
        times = partial(_keys_in_stream, kind)
        yield Measurement(f"key to paint, {kind}, 20,000 tok/s (p95)", 50, times, percentile=95)


def _inverse(kind: str) -> Iterator[float]:
    """So many times fewer paints at the fast rate; 1: the same."""
    yield from (1 / ratio for ratio in _paint_rates(kind))


def _at_idle() -> Iterator[Measurement]:
    """What is read from /proc, where there is one."""
    if Path("/proc/self/status").exists():
        yield Measurement("idle: wake-ups a second", 30, partial(_at_rest, _wakeups), unit="/s")
        yield Measurement("idle: CPU in a second", 10, partial(_at_rest, cpu_ms))


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement("app: start to usable", 500, _start),
    *_while_streaming(),
    Measurement("bytes for a letter that is typed", KEY_BYTES, key_bytes, unit="B"),
    *_at_idle(),
    *bench_long.measurements(),
)
