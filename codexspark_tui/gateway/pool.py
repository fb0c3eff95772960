"""Providers for many clients at once: each answer has one for itself, and a conversation gets the
same one again, so that a connection upstream with its cache stays its own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from codexspark_tui.providers.model import Capabilities, Provider


@dataclass(frozen=True, slots=True)
class Source:
    """Where providers come from. `shared`: one serves all at once (it holds no conversation).

    `name` is the name of the model for clients, `aliases` are further ones; "*" is any.
    """

    make: Callable[[], Provider]
    name: str
    root: str
    shared: bool = False
    aliases: tuple[str, ...] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)

    @property
    def names(self) -> tuple[str, ...]:
        """All names that are listed."""
        return (self.name, *(alias for alias in self.aliases if alias != "*"))

    def answers_to(self, model: str) -> bool:
        own = (self.name, self.name.partition("/")[2], *self.aliases)
        return not model or "*" in self.aliases or model in own


@dataclass(slots=True)
class Pool:
    """`idle` holds providers by the key of their last conversation, the oldest first."""

    source: Source
    most_idle: int
    idle: OrderedDict[str, Provider] = field(default_factory=OrderedDict)
    _one: Provider | None = None
    _number: int = 0

    @asynccontextmanager
    async def lease(self, key: str) -> AsyncIterator[Provider]:
        """A provider for one answer; `key` names the conversation ("" for none)."""
        if self.source.shared:
            self._one = self._one or self.source.make()
            yield self._one
            return
        provider = self._take(key)
        whole = False
        try:
            yield provider
            whole = True
        finally:
            if whole:
                await self._give_back(key, provider)
            else:
                await provider.aclose()

    def _take(self, key: str) -> Provider:
        if key in self.idle:
            return self.idle.pop(key)
        free = next((known for known in self.idle if known.startswith("-")), None)
        return self.idle.pop(free) if free else self.source.make()

    async def _give_back(self, key: str, provider: Provider) -> None:
        if not key or key in self.idle:
            self._number += 1
            key = f"-{self._number}"
        self.idle[key] = provider
        while len(self.idle) > self.most_idle:
            _, oldest = self.idle.popitem(last=False)
            await oldest.aclose()

    async def forget(self, prefix: str) -> None:
        """Give back the providers of a connection that is gone."""
        for key in [known for known in self.idle if known.startswith(prefix)]:
            await self.idle.pop(key).aclose()

    async def aclose(self) -> None:
        await self.forget("")
        if self._one is not None:
            await self._one.aclose()
