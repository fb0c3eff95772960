"""The time that one request may take, all its attempts together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import inf

from codexspark_tui.providers.trouble import Trouble, dropped


@dataclass(frozen=True, slots=True)
class Clock:
    """`until`: on the clock of the event loop. `total_s`: as it was asked for, for messages."""

    until: float = inf
    total_s: float = inf

    @staticmethod
    def of(*totals_s: float | None) -> Clock:
        """The clock for the shortest of the totals; None is no limit."""
        total_s = min((total for total in totals_s if total is not None), default=inf)
        return Clock(asyncio.get_running_loop().time() + total_s, total_s)

    @property
    def left_s(self) -> float:
        return self.until - asyncio.get_running_loop().time()

    def limit(self, seconds: float) -> float:
        """So many seconds, or what is left if that is less."""
        return max(0.0, min(seconds, self.left_s))

    def late(self, said: str) -> Trouble:
        """The trouble when a time is over: the whole time, or that of one step as `said`."""
        if self.left_s <= 0.001:
            return Trouble("time", f"had not answered in full after {self.total_s:g} s")
        return dropped(said)

    @asynccontextmanager
    async def within(self, seconds: float, said: str) -> AsyncGenerator[asyncio.Timeout, None]:
        """A step that may take so long; `said` is the trouble if it takes longer."""
        try:
            async with asyncio.timeout(self.limit(seconds)) as timeout:
                yield timeout
        except TimeoutError as error:
            raise self.late(said) from error
