"""Events on their way to the one reader of a session, in their order, however slow it is."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from codexspark_tui.events.facts import Event


@dataclass(slots=True)
class Outbox:
    """Unbounded. `get` gives None at the end."""

    _events: deque[Event] = field(default_factory=deque)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: bool = False

    def put(self, events: Iterable[Event]) -> None:
        self._events.extend(events)
        self._filled.set()

    def end(self) -> None:
        self._ended = True
        self._filled.set()

    async def get(self) -> Event | None:
        while not self._events:
            if self._ended:
                return None
            self._filled.clear()
            await self._filled.wait()
        return self._events.popleft()
