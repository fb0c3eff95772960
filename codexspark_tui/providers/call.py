"""One request on its way: what every wire needs to make an attempt at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from codexspark_tui.providers.clock import Clock
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.model import ModelEvent, Request
from codexspark_tui.providers.reach import headers_of


@dataclass(frozen=True, slots=True)
class Call:
    """`refused`: parameters that the model was found to refuse."""

    request: Request
    clock: Clock
    refused: frozenset[str] = frozenset()


class Way(Protocol):
    """A wire: makes one attempt, whose events end with `Ended`; raises `Trouble` when it fails."""

    def attempt(self, call: Call) -> AsyncGenerator[ModelEvent, None]: ...


async def authorized(endpoint: Endpoint) -> dict[str, str]:
    """The headers of a request, with the key of this moment.

    Finding it may take a while (a keyring, a command), so it is done beside the event loop.
    """
    return headers_of(endpoint, await asyncio.to_thread(endpoint.key))
