"""From session events to messages for the widget that owns what they alter.

One worker runs `Bridge.run`. Events that come together travel together: one message for each owner
and batch, and a batch at most every 4 ms, so that a fast stream costs the screen no more than a
slow one. Nothing is ever left out.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from textual.message import Message

from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.session.session import Session

BATCH_S = 0.004
CALM_S = 0.5
QUIET_S = 2.0
MOST_UNTIDY = 10  # turns in a row, without a quiet time between them
MOST_YOUNG = 15_000  # objects; to sweep them takes less than half a frame


class Owner(Protocol):
    """A widget or screen."""

    def post_message(self, message: Message) -> bool: ...


@dataclass(frozen=True, slots=True)
class Route:
    """Events of these types go to `owner`, as the message that `make` makes of a batch."""

    owner: Owner
    kinds: tuple[type[Event], ...]
    make: Callable[[Sequence[Event]], Message]


@dataclass(slots=True)
class Bridge:
    """`also` is called with each event as it comes (a tally, say); it must be quick.

    `least_s`: from one batch to the next, where few repaints are wanted.
    """

    session: Session
    routes: Sequence[Route]
    also: Callable[[Event], None] | None = None
    least_s: float = 0.0
    _waiting: list[Event] = field(default_factory=list)
    _due: asyncio.TimerHandle | None = None
    _last: float = 0.0
    _tidying: asyncio.TimerHandle | None = None
    _untidy: int = 0

    async def run(self) -> None:
        """Until the session is closed."""
        loop = asyncio.get_running_loop()
        try:
            async with aclosing(self.session.events()) as events:
                async for event in events:
                    self._hush(event)
                    if self.also is not None:
                        self.also(event)
                    self._waiting.append(event)
                    if self._due is None:
                        at = max(loop.time(), self._last + max(BATCH_S, self.least_s))
                        self._due = loop.call_at(at, self._deliver)
        finally:
            self._deliver()
            if self._tidying is not None:
                self._tidying.cancel()
            gc.enable()

    def _deliver(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = None
        self._last = asyncio.get_running_loop().time()
        batch, self._waiting = self._waiting, []
        for route in self.routes:
            mine = [event for event in batch if isinstance(event, route.kinds)]
            if mine:
                route.owner.post_message(route.make(mine))

    def _hush(self, event: Event) -> None:
        """No garbage is collected while a turn streams: a collection takes longer than a frame.

        It is made up for once the screen has been quiet; what is left then is never looked at
        again. A very long stream is swept now and then, and so is a session that is never quiet,
        between a prompt and its answer, so that memory stays bounded.
        """
        if isinstance(event, facts.TurnStarted):
            if self._tidying is not None:
                self._tidying.cancel()
                self._untidy += 1
            if self._untidy >= MOST_UNTIDY:
                self._tidy()
            gc.disable()
        elif isinstance(event, facts.StreamFinished):
            self._tidying = asyncio.get_running_loop().call_later(QUIET_S, self._tidy)
        elif gc.get_count()[0] > MOST_YOUNG and not gc.isenabled():
            gc.collect(0)

    def _tidy(self) -> None:
        self._tidying, self._untidy = None, 0
        gc.collect()
        gc.freeze()
        gc.enable()
