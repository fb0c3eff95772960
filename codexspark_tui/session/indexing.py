"""The index that works for a session in the background: begun once, ended with the session."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codexspark_tui.index.keeper import Keeper

AFTER_S = 0.5
"""Where the session stays: the screen comes first."""


class Indexing:
    """Without a keeper it does nothing."""

    def __init__(self, keeper: Keeper | None) -> None:
        self._keeper = keeper
        self._begun: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def begin(self, *, stays: bool = False) -> None:
        """Have what the index does not know yet read by another process; where the session
        `stays`, have the tree watched as well."""
        if self._keeper is not None and self._begun is None:
            self._begun = asyncio.create_task(self._begin(self._keeper, stays))

    async def _begin(self, keeper: Keeper, stays: bool) -> None:
        if stays:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), AFTER_S)
                return
        await asyncio.to_thread(_begin, keeper, stays)

    async def close(self) -> None:
        self._closing.set()
        if self._begun is not None:
            await self._begun
        if self._keeper is not None:
            await asyncio.to_thread(self._keeper.close)


def _begin(keeper: Keeper, stays: bool) -> None:
    keeper.build()
    if stays:
        keeper.watch()
