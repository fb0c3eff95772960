"""What was learned of servers while asking them, so that no mistake is made twice.

It lasts as long as the process, unless its owner keeps `facts` (texts, no secrets) and fills them
in again; `changed` is called with itself whenever something new was learned.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

FORGET_AFTER_S = 300.0


@dataclass(slots=True)
class Memory:
    """`facts`: what, and until when on the wall clock (seconds; infinity for good)."""

    facts: dict[str, float] = field(default_factory=dict)
    changed: Callable[[Memory], None] | None = None

    def learn(self, fact: str, for_s: float = inf) -> None:
        """Hold `fact` to be true for so long."""
        self.facts[fact] = time.time() + for_s
        if self.changed is not None:
            self.changed(self)

    def knows(self, fact: str) -> bool:
        return self.facts.get(fact, 0.0) > time.time()

    def known(self, kind: str) -> frozenset[str]:
        """What follows `kind` in the facts that begin with it."""
        now = time.time()
        return frozenset(
            fact[len(kind) :]
            for fact, until in self.facts.items()
            if fact.startswith(kind) and until > now
        )


PROCESS = Memory()
"""Shared by all connections of the process."""


def no_websocket(host: str) -> str:
    return f"no websocket: {host}"


def no_responses(host: str) -> str:
    return f"no responses: {host}"


def refused_by(host: str, model: str) -> str:
    """The beginning of facts that name a parameter."""
    return f"refused by {host} {model}: "
