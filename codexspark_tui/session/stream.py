"""One stream of a provider after the other, read by a task of its own into the session's inbox.

However a provider ends, fails or hangs, the session hears of it exactly once, and a stream that was
stopped is never waited for while the session goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from codexspark_tui.errors import ProviderError, SparkError
from codexspark_tui.providers.model import Ended, Provider, Request
from codexspark_tui.session.inbox import Inbox, StreamBroke, Streamed

CLOSE_WAIT_S = 2.0


@dataclass(slots=True)
class Streams:
    """`number` is that of the stream in force; what comes of another one is out of date."""

    provider: Provider
    inbox: Inbox
    number: int = 0
    began: float = 0.0
    first_token_ms: float | None = None
    _task: asyncio.Task[None] | None = None
    _settled: bool = True
    _stopped: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, request: Request) -> None:
        """Ask the provider; a stream that still runs is stopped."""
        self.stop()
        self.began = time.monotonic()
        self.first_token_ms = None
        self._settled = False
        self._task = asyncio.create_task(self._read(request, self.number))

    def stop(self) -> None:
        """Nothing more comes of the stream in force; its task ends by itself, soon."""
        self.number += 1
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()
            self._stopped.add(task)
            task.add_done_callback(self._stopped.discard)

    def warm(self, request: Request) -> None:
        """Let the provider make ready, beside everything else; `stream` tells what went wrong."""
        self.beside(_quietly(self.provider.warm(request)))

    def switch(self, provider: Provider) -> None:
        """Ask this provider from now on; the one before gives back what it holds."""
        self.stop()
        self.beside(_quietly(self.provider.aclose()))
        self.provider = provider

    def beside(self, work: Coroutine[object, object, None]) -> None:
        """Do it while everything else goes on; it ends with the session."""
        task = asyncio.create_task(work)
        self._stopped.add(task)
        task.add_done_callback(self._stopped.discard)

    async def aclose(self) -> None:
        """Stop, and give the provider some time to put its things away."""
        self.stop()
        if self._stopped:
            await asyncio.wait(self._stopped, timeout=CLOSE_WAIT_S)
        for task in self._stopped:  # what makes ready, and never will
            task.cancel()
        with suppress(Exception):  # the session is over: nobody is left who could act on it
            await asyncio.wait_for(self.provider.aclose(), CLOSE_WAIT_S)

    def elapsed_ms(self) -> float:
        return round((time.monotonic() - self.began) * 1000, 1)

    def settled_s(self) -> float:
        """How long the stream took, once for each stream."""
        if self._settled:
            return 0.0
        self._settled = True
        return time.monotonic() - self.began

    def note_token(self) -> None:
        if self.first_token_ms is None:
            self.first_token_ms = self.elapsed_ms()

    async def _read(self, request: Request, number: int) -> None:
        try:
            await self._read_events(request, number)
        except SparkError as error:
            self.inbox.put(Streamed(number, StreamBroke(error)))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            self.inbox.put(Streamed(number, StreamBroke(_fault_of(self.provider, error))))

    async def _read_events(self, request: Request, number: int) -> None:
        async with aclosing(self.provider.stream(request)) as stream:
            async for event in stream:
                self.inbox.put(Streamed(number, event))
                if isinstance(event, Ended):
                    return
        self.inbox.put(Streamed(number, Ended("cut")))


async def _quietly(work: Coroutine[object, object, None]) -> None:
    with suppress(SparkError, OSError):
        await work


def _fault_of(provider: Provider, error: BaseException) -> SparkError:
    return ProviderError(
        f"the provider {provider.name} failed: {type(error).__name__}: {error}",
        next_step="Try again; if it stays, please report it with the transcript.",
    )
