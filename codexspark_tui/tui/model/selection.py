"""Selected lines of the current change. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from codexspark_tui.tui.model.board import Item


@dataclass(frozen=True, slots=True)
class Selection:
    """Lines of the change `id` from `anchor` to `head`, both within; `version`: as it was then."""

    id: str
    version: int
    anchor: int
    head: int

    @classmethod
    def begin(cls, item: Item) -> Selection | str:
        """The first changed line of an open change, or a sentence why not."""
        first = next((n for n, line in enumerate(item.lines) if line.sign != " "), None)
        if item.state != "placed" or not item.is_open or first is None:
            return "only lines of an open change can be selected"
        return cls(item.id, item.version, first, first)

    @property
    def first(self) -> int:
        return min(self.anchor, self.head)

    @property
    def last(self) -> int:
        return max(self.anchor, self.head)

    def holds(self, item: Item) -> range | None:
        """The selected lines of this change; None of any other, or when it has changed."""
        if item.id != self.id or item.version != self.version:
            return None
        return range(self.first, self.last + 1)

    def moved(self, item: Item, step: int) -> Selection:
        """Its end on the next or previous line."""
        head = min(max(0, self.head + step), len(item.lines) - 1)
        return Selection(self.id, self.version, self.anchor, head)
