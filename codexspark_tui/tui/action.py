"""The form of an entry of the list of actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Where: TypeAlias = Literal["review", "prompt", "app"]
When: TypeAlias = Literal["streaming", "changes"]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    `keys` are Textual's names; `bar` ranks it in the key bar (0: not there), where it is called
    `short` and shown only `when` that is so; `argument` names what its slash command takes. Every
    action but typing itself has a slash command.
    """

    name: str
    where: Where
    keys: tuple[str, ...]
    title: str
    help: str
    slash: str = ""
    argument: str = ""
    bar: int = 0
    short: str = ""
    when: When | None = None

    @property
    def label(self) -> str:
        """What the key bar calls it."""
        return self.short or self.title

    @property
    def command(self) -> str:
        return "/" + (self.slash or self.name.replace("_", "-"))
