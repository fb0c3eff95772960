"""Conversations that can be continued: bounded in number and bytes, the oldest go first.

A conversation belongs to an owner (who asked: a token) and perhaps to one lane of one connection,
which keeps its most recent only. What was asked to be stored can be continued from anywhere by the
same owner.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from codexspark_tui.gateway.ask import size_of
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.providers.model import Item, Question


@dataclass(frozen=True, slots=True)
class Kept:
    """`question` and `prompt`: what the answer ended with, and what had been asked for then."""

    owner: str
    items: tuple[Item, ...]
    question: Question | None = None
    prompt: str = ""
    size: int = 0


@dataclass(slots=True)
class Store:
    """By the id of the response. `lane` names a connection and a lane; "" for none."""

    limits: Limits
    bytes: int = 0
    _kept: OrderedDict[str, Kept] = field(default_factory=OrderedDict)
    _lanes: dict[str, str] = field(default_factory=dict)
    _lane_of: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, id: str, kept: Kept, lane: str, stored: bool) -> None:
        """Keep it under `id`; it takes the place of what its lane had, unless that was stored."""
        size = size_of(kept.items)
        if lane:
            self.drop_lane(lane)
        if size > self.limits.conversation_bytes or not (lane or stored):
            return
        self._kept[id] = Kept(kept.owner, kept.items, kept.question, kept.prompt, size)
        self.bytes += size
        if lane and not stored:
            self._lanes[lane], self._lane_of[id] = id, lane
        while len(self._kept) > self.limits.kept or self.bytes > self.limits.kept_bytes:
            self._drop(next(iter(self._kept)))

    def get(self, id: str, owner: str, lane: str) -> Kept | None:
        """The conversation, if this owner may continue it here."""
        kept = self._kept.get(id)
        if kept is None or kept.owner != owner or self._lane_of.get(id, lane) != lane:
            return None
        self._kept.move_to_end(id)
        return kept

    def drop_lane(self, lane: str) -> None:
        """Forget what can be continued in this lane only."""
        id = self._lanes.get(lane)
        if id is not None:
            self._drop(id)

    def _drop(self, id: str) -> None:
        self.bytes -= self._kept.pop(id).size
        lane = self._lane_of.pop(id, None)
        if lane is not None:
            self._lanes.pop(lane, None)
