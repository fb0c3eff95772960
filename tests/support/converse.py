"""A provider that converses, told step by step what to do; it keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from codexspark_tui.errors import SparkError
from codexspark_tui.providers.model import (
    Capabilities,
    Counted,
    Ended,
    Finish,
    Message,
    ModelEvent,
    Opened,
    Request,
    TextDelta,
)
from codexspark_tui.providers.presets import Model


@dataclass(frozen=True)
class Say:
    """One answer: text in pieces, then its end or an error."""

    text: str = ""
    finish: Finish = "stop"
    fails: SparkError | None = None
    counted: Counted | None = None
    hangs: bool = False
    before: tuple[ModelEvent, ...] = ()


@dataclass
class Conversing:
    """Gives `answers` one after the other."""

    answers: Sequence[Say]
    name: str = "house/one"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(converses=True))
    asked: list[Request] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    warmed: int = 0
    closed: int = 0

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        self.asked.append(request)
        answer = self.answers[len(self.asked) - 1]
        yield Opened("loopback", self.name.partition("/")[2])
        for event in answer.before:
            yield event
        for line in answer.text.splitlines(keepends=True):
            await asyncio.sleep(0.01)
            yield TextDelta(line)
        if answer.hangs:
            await asyncio.sleep(10_000)
        if answer.fails is not None:
            raise answer.fails
        if answer.counted is not None:
            yield answer.counted
        yield Ended(answer.finish)

    async def warm(self, request: Request) -> None:
        self.warmed += 1

    async def steer(self, text: str) -> bool:
        self.told.append(text)
        return self.capabilities.steers

    async def aclose(self) -> None:
        self.closed += 1

    def said(self, number: int = -1) -> list[tuple[str, str]]:
        """(role, text) of the messages of a request."""
        items = self.asked[number].items
        return [(item.role, item.text) for item in items if isinstance(item, Message)]


@dataclass
class House:
    """The models of a session: providers by name, and what is known of them."""

    providers: dict[str, Conversing]
    known: dict[str, Model] = field(default_factory=dict)

    def facts(self, name: str) -> Model:
        return self.known.get(name, Model(name.partition("/")[2]))

    def names(self) -> tuple[str, ...]:
        return tuple(self.providers)

    def after(self, name: str) -> tuple[str, ...]:
        names = [*self.providers, name]
        return tuple(names[names.index(name) + 1 : len(self.providers)])

    def open(self, name: str) -> Conversing:
        return self.providers[name]
