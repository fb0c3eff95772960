"""What a client asks for, whatever wire it came by. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from codexspark_tui.providers.model import Item, Message, Request, Tool


@dataclass(frozen=True, slots=True)
class Ask:
    """One request for an answer.

    `model`: as the client wrote it, "" for none. `items`: what is new; `previous`: the id of the
    response whose conversation they follow, "" for none. `echo`: the fields of the request that an
    answer repeats. Not `generate`: only make ready. `counts`: usage is wanted in a stream of chat.
    """

    model: str = ""
    instructions: str = ""
    items: tuple[Item, ...] = ()
    tools: tuple[Tool, ...] = ()
    previous: str = ""
    store: bool = True
    stream: bool = False
    generate: bool = True
    counts: bool = False
    max_output_tokens: int | None = None
    affinity: str = ""
    echo: dict[str, Any] = field(default_factory=dict)

    def following(self, before: tuple[Item, ...]) -> Ask:
        """The same with the whole conversation."""
        return replace(self, items=(*before, *self.items))

    def request(self, root: str, total_s: float, answers: tuple[tuple[str, int], ...]) -> Request:
        """For a provider. The prompt is what the user said last."""
        return Request(
            self.prompt(),
            root,
            answers=answers,
            instructions=self.instructions,
            items=self.items,
            tools=self.tools,
            max_output_tokens=self.max_output_tokens,
            total_s=total_s,
        )

    def prompt(self) -> str:
        for item in reversed(self.items):
            if isinstance(item, Message) and item.role == "user":
                return item.text
        return ""


def size_of(items: tuple[Item, ...]) -> int:
    """About how many bytes these items hold."""
    return sum(_size(item) for item in items)


_ITEM_BYTES = 200


def _size(item: Item) -> int:
    match item:
        case Message():
            pictures = sum(len(image.data) for image in item.images)
            return _ITEM_BYTES + len(item.text) + pictures
        case _:
            texts = (getattr(item, name, "") for name in ("text", "arguments", "data"))
            return _ITEM_BYTES + sum(len(text) for text in texts)
