"""The session's one queue: commands of the faces and events of the provider, in their order."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

from codexspark_tui.errors import SparkError
from codexspark_tui.events.commands import Cancel, Close, Command, Look
from codexspark_tui.events.facts import Event
from codexspark_tui.providers.model import Counted, ModelEvent, Question, TextDelta, ToolCall


@dataclass(frozen=True, slots=True)
class StreamBroke:
    """The provider's stream ended with an error."""

    error: SparkError


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model (`author`) said when it was asked beside the conversation about the change `id`.

    `heavy`: it is the heavy one."""

    id: str
    digest: str
    text: str = ""
    counted: Counted | None = None
    error: SparkError | None = None
    heavy: bool = False
    author: str = ""
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Streamed:
    """What came of one stream; `stream` counts them, so leftovers of a stopped one are known."""

    stream: int
    event: ModelEvent | StreamBroke


@dataclass(frozen=True, slots=True)
class Results:
    """What came of all calls of an answer, in their order."""

    of_calls: tuple[tuple[ToolCall, str], ...]


@dataclass(frozen=True, slots=True)
class ToolNews:
    """What comes of tools that run for stream `stream`, or (None) of what the person typed.

    `patch`: a text that is to be read like an answer. `outputs`: all calls are done.
    """

    stream: int | None
    events: tuple[Event, ...] = ()
    question: Question | None = None
    patch: str = ""
    outputs: Results | None = None


Item: TypeAlias = Command | Streamed | ToolNews | Answered
_UNDECIDING = (Streamed, ToolNews, Answered, Look, Cancel, Close)


@dataclass(slots=True)
class Inbox:
    """Unbounded: a slow face never holds up the stream. Text that has piled up is joined.

    `is_stopping`, which another thread may ask: the person has stopped what is done, or leaves, and
    it is no decision of theirs that is carried out; or nobody reads on.
    """

    _stops: int = 0
    _leaves: bool = False
    _abandoned: bool = False
    _current: Item | None = None
    _items: deque[Item] = field(default_factory=deque)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, item: Item) -> None:
        self._stops += isinstance(item, Cancel)
        self._leaves = self._leaves or isinstance(item, Close)
        self._items.append(item)
        self._filled.set()

    def end(self) -> None:
        """Nobody reads what comes of anything any more."""
        self._abandoned = True
        self.put(Close())

    @property
    def is_stopping(self) -> bool:
        decides = not isinstance(self._current, _UNDECIDING)
        return self._abandoned or ((self._stops > 0 or self._leaves) and not decides)

    @property
    def is_empty(self) -> bool:
        return not self._items

    async def get(self) -> Item:
        self._stops -= isinstance(self._current, Cancel)
        self._current = None
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        first = self._items.popleft()
        self._current = first
        if not (isinstance(first, Streamed) and isinstance(first.event, TextDelta)):
            return first
        pieces = [first.event.text]
        while self._items:
            following = self._items[0]
            if not (isinstance(following, Streamed) and following.stream == first.stream):
                break
            if not isinstance(following.event, TextDelta):
                break
            pieces.append(following.event.text)
            self._items.popleft()
        return Streamed(first.stream, TextDelta("".join(pieces))) if len(pieces) > 1 else first
