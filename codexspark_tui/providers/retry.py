"""The one layer that tries again. Below it an attempt is made once; above it nobody retries.

Until something of the answer was shown, an attempt that failed is made again when that can help:
after the wait that the server asked for, or one that grows; by another way; in full; without what
is refused. Once something was shown nothing is tried again here: the answer ends as "lost".
What cannot succeed unchanged is never sent again unchanged.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from codexspark_tui.providers.call import Call, Way
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.memory import (
    FORGET_AFTER_S,
    Memory,
    no_responses,
    no_websocket,
    refused_by,
)
from codexspark_tui.providers.model import (
    Ended,
    ItemDone,
    ModelEvent,
    ReasoningDelta,
    Said,
    TextDelta,
    ToolDelta,
    Waiting,
)
from codexspark_tui.providers.responses import NEVER_DROPPED
from codexspark_tui.providers.trouble import Trouble, as_error

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 8.0
LONGEST_ASKED_S = 120.0
"""A server that asks for more is not waited for."""
ABSENT_ATTEMPTS = 3
"""Where nobody listens: long enough for a server that is being restarted, and no longer."""
SHOWN_FROM_S = 1.0
RESENDS = 2
SOCKET_FAILURES = 2
PARAMETERS = 8
_SHOWS = (TextDelta, ReasoningDelta, ToolDelta, ItemDone)
_LOST = ("wait", "resend", "https", "chat", "drop")


class Choose(Protocol):
    """Gives the wire for the next attempt, by name; `socket`: whether it may be a WebSocket."""

    def __call__(self, *, socket: bool) -> tuple[str, Way]: ...


@dataclass(slots=True)
class Retry:
    """One request until it is answered. `hide` takes the key out of a text."""

    endpoint: Endpoint
    memory: Memory
    way: Choose
    hide: Callable[[str], str]
    socket: bool = True
    attempt: int = 1
    resends: int = 0
    socket_failures: int = 0
    dropped: set[str] = field(default_factory=set)
    shown: bool = False

    async def answered(self, call: Call) -> AsyncGenerator[ModelEvent, None]:
        """The events of the attempt that succeeds, with `Waiting` before it; raises errors of the
        tree."""
        while True:
            kind, way = self.way(socket=self.socket)
            refused = self.memory.known(refused_by(self.endpoint.host, self.endpoint.model))
            here = Call(call.request, call.clock, refused)
            try:
                async with aclosing(way.attempt(here)) as events:
                    async for event in events:
                        self.shown = self.shown or isinstance(event, _SHOWS)
                        yield event
                return
            except Trouble as trouble:
                failure = trouble
                failure.said = self.hide(failure.said)
            if self.shown and failure.remedy in _LOST:
                yield Said(f"{self.endpoint.host} {failure.said}", warning=True)
                yield Ended("lost")
                return
            wait_s = self._next(failure, kind, call)
            if wait_s >= SHOWN_FROM_S:
                said = f"{self.endpoint.host} {failure.said}"
                yield Waiting(wait_s, said, self.attempt, self.endpoint.attempts)
            if wait_s > 0:
                await asyncio.sleep(wait_s)

    def _next(self, trouble: Trouble, kind: str, call: Call) -> float:
        """Prepare the next attempt; how long to wait before it. Raises when there is none."""
        host = self.endpoint.host
        match trouble.remedy:
            case "resend" if self.resends < RESENDS:
                self.resends += 1
                return 0.0
            case "https" if kind == "websocket" and self._other_way(trouble):
                return 0.0
            case "chat" if kind != "chat" and self.endpoint.to_chat:
                self.memory.learn(no_responses(host))
                return 0.0
            case "drop" if self._leave_out(trouble.param):
                return 0.0
            case "wait" | "resend":
                return self._wait(trouble, kind, call)
            case _:
                raise as_error(trouble, self.endpoint) from trouble

    def _other_way(self, trouble: Trouble) -> bool:
        """Go on over HTTPS: this once for what is too large, else from now on."""
        if trouble.code == "message_too_big":
            self.socket = False
            return True
        if self.endpoint.websocket == "always":
            return False
        self.memory.learn(no_websocket(self.endpoint.host))
        return True

    def _leave_out(self, param: str) -> bool:
        first = param.partition(".")[0]
        if first in NEVER_DROPPED or param in self.dropped or len(self.dropped) >= PARAMETERS:
            return False
        self.dropped.add(param)
        self.memory.learn(refused_by(self.endpoint.host, self.endpoint.model) + param)
        return True

    def _wait(self, trouble: Trouble, kind: str, call: Call) -> float:
        asked = trouble.wait_s
        wait_s = backoff(self.attempt) if asked is None else asked
        most = self.endpoint.attempts
        most = min(most, ABSENT_ATTEMPTS) if trouble.absent else most
        if self.attempt >= most or wait_s > LONGEST_ASKED_S:
            raise as_error(trouble, self.endpoint) from trouble
        if wait_s >= call.clock.left_s:
            late = Trouble("time", f"{trouble.said}; there is no time left to try again")
            raise as_error(late, self.endpoint) from trouble
        self.attempt += 1
        if kind == "websocket" and trouble.transport:
            self.socket_failures += 1
            if self.socket_failures >= SOCKET_FAILURES and self.endpoint.websocket == "auto":
                self.memory.learn(no_websocket(self.endpoint.host), FORGET_AFTER_S)
                return 0.0
        return wait_s


def backoff(attempt: int) -> float:
    """Seconds before the attempt after this one: doubling, with a tenth of chance in it."""
    wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (attempt - 1))
    return wait_s * random.uniform(0.9, 1.1)
