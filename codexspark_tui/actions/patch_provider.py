"""A patch that somebody else made, as a provider: `spark apply` and its like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    ModelEvent,
    Opened,
    Request,
    TextDelta,
    Unconnected,
)

PIECE = 1 << 16


@dataclass(slots=True)
class PatchProvider(Unconnected):
    """Streams `text`; bytes of the patch that are not UTF-8 are surrogates in it."""

    text: str
    name: str = "patch"
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        yield Opened("patch", "")
        for start in range(0, len(self.text), PIECE):
            yield TextDelta(self.text[start : start + PIECE])
            await asyncio.sleep(0)
        yield Ended("stop")
