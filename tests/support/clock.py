"""An event loop whose clock jumps: what waits for a time waits for nothing else, and not for long.

When everything that can run has run, and no thread works for the loop, time goes on to the next
timer at once. So a script at 1,000 tokens a second takes no time, and what happens between two of
its tokens is the same on every machine.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _Selector(selectors.DefaultSelector):
    """Instead of waiting for a timer, moves the clock; waits only for what threads will say."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.working = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.working and (timeout is None or timeout > 0):
            return super().select(None)
        found = super().select(0)
        if not found and timeout is None:
            raise AssertionError("everybody waits, and nothing will ever happen")
        self.now_s += 0 if found or timeout is None else timeout
        return found


class JumpingLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 0 and counts seconds that nobody waits for."""

    def __init__(self) -> None:
        self._jumping = _Selector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        self._jumping.working += 1
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._worked)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Its end is told by a thread, too."""
        self._jumping.working += 1
        try:
            await super().shutdown_default_executor()
        finally:
            self._jumping.working -= 1

    def _worked(self, _: asyncio.Future[Any]) -> None:
        self._jumping.working -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on a jumping clock."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main)
