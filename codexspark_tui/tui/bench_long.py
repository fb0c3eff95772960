"""The app after much has happened in it: many rows, many turns. For `spark doctor --bench`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from codexspark_tui.actions.bench import Measurement
from codexspark_tui.tui.bench_terminal import (
    READY,
    TO_PROMPT,
    Phase,
    Terminal,
    app,
    let_go,
    of_status,
    source,
)

MOVES = ("J", "J", "\x1b[6~", "K", "G", "g")
PAGES = ("\x1b[6~",) * 5 + ("\x1b[5~",) * 2
SOME_TURNS, MANY_TURNS = 200, 1000
FRAME_MS = 1000 / 60


@dataclass(frozen=True, slots=True)
class LongSession:
    """`turn_ms`: from Enter to the painted end of each turn; `key_ms`: from a key that moves to
    its paint, with the rows of `SOME_TURNS` turns; `memory_mb`: after all turns."""

    turn_ms: tuple[float, ...]
    key_ms: tuple[float, ...]
    memory_mb: float

    @property
    def last_to_first(self) -> float:
        """The median turn of the last tenth against that of the first."""
        tenth = len(self.turn_ms) // 10
        first, last = sorted(self.turn_ms[:tenth]), sorted(self.turn_ms[-tenth:])
        return last[tenth // 2] / first[tenth // 2]


def long_session(turns: int, keys_after: int = 0) -> LongSession:
    """So many turns with prose and a change of 50 lines each, which has no place in any file."""
    turn_ms: list[float] = []
    key_ms: list[float] = []
    with app() as (terminal, socket), source(socket, "turns"):
        terminal.until(READY)
        terminal.until_quiet()
        for number in range(1, turns + 1):
            turn_ms.append(_turn(terminal, number))
            if number == keys_after:
                key_ms = list(key_times(terminal, MOVES, 60))
        terminal.until_quiet()
        return LongSession(tuple(turn_ms), tuple(key_ms), memory_mb(terminal))


def _turn(terminal: Terminal, number: int) -> float:
    """Milliseconds from Enter to the painted end of a turn."""
    terminal.painted.clear()
    at = terminal.press(f"{TO_PROMPT}no matter\r")
    ended = terminal.until(f"turn {number}: ".encode())
    terminal.until_quiet(0.05)
    return (ended - at) * 1000


def key_times(terminal: Terminal, keys: tuple[str, ...], count: int) -> Iterator[float]:
    """Milliseconds from each of the keys, at rest, to the first paint behind it."""
    terminal.until_quiet()
    for number in range(count):
        at = terminal.press(keys[number % len(keys)])
        yield (terminal.until_painted() - at) * 1000
        terminal.until_quiet(0.15)


def memory_mb(terminal: Terminal) -> float:
    if not Path("/proc/self/status").exists():
        return 0.0
    return of_status(terminal.process.pid, "VmRSS") / 1024


@contextmanager
def with_rows(rows: int) -> Iterator[Terminal]:
    """The app with so many rows of changes of 10 lines, at rest."""
    with app() as (terminal, socket), source(socket, "files", Phase(rows)) as process:
        terminal.until(READY)
        let_go(process)
        terminal.press("go\r")
        terminal.until(f"{rows // 10} open".encode())
        terminal.until_quiet()
        yield terminal


@cache
def _session() -> LongSession:
    """Minutes of work, done once for all that is measured of it."""
    return long_session(MANY_TURNS, keys_after=SOME_TURNS)


def _keys() -> Iterator[float]:
    yield from _session().key_ms


def _ratio() -> Iterator[float]:
    yield _session().last_to_first


def _memory() -> Iterator[float]:
    yield _session().memory_mb


def _keys_at_rest() -> Iterator[float]:
    with with_rows(10_000) as terminal:
        yield from key_times(terminal, MOVES, 60)


def _pages() -> Iterator[float]:
    with with_rows(100_000) as terminal:
        yield from key_times(terminal, PAGES, 120)


def _memory_of_rows() -> Iterator[float]:
    with with_rows(10_000) as terminal:
        yield memory_mb(terminal)


def measurements() -> Iterator[Measurement]:
    """Memory only where there is a /proc to read it from."""
    yield Measurement("key to paint, 10,000 rows (p95)", 50, _keys_at_rest, percentile=95)
    name = f"key to paint, {SOME_TURNS} turns of 50 rows (p95)"
    yield Measurement(name, 50, _keys, percentile=95)
    yield Measurement("a page of 100,000 rows (p95)", FRAME_MS, _pages, percentile=95)
    name = f"{MANY_TURNS:,} turns: last tenth to first"
    yield Measurement(name, 1.5, _ratio, unit="x")
    if Path("/proc/self/status").exists():
        yield Measurement(f"memory after {MANY_TURNS:,} turns", 250, _memory, unit="MB")
        yield Measurement("memory with 10,000 rows", 150, _memory_of_rows, unit="MB")
