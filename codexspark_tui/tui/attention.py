"""Whose keys they are when something comes up: the one rule of what may take the focus by itself.

Nothing does while the prompt holds text, or once a key was pressed there since the last prompt was
sent: who types goes on typing. Else what has come is shown first, and takes the keys a moment
later, unless a key was pressed meanwhile: that one was for the prompt, and nobody decides what they
had no time to see. The time is handed in; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from codexspark_tui.tui.widgets.prompt import Prompt

MOMENT_S = 0.3
"""Longer than it takes to see something and to press a key because of it."""
Later: TypeAlias = Callable[[float, Callable[[], None]], object]


class Focused(Protocol):
    """A screen."""

    @property
    def focused(self) -> object: ...


@dataclass(slots=True)
class Attention:
    """`later(seconds, act)` calls `act` once so much time has passed."""

    screen: Focused
    prompt: Prompt
    later: Later

    @property
    def is_free(self) -> bool:
        """Whether nobody is at work in the prompt, or reads elsewhere."""
        return self.screen.focused in (self.prompt, None) and not self.prompt.is_in_use

    def take(self, act: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """`act` after a moment in which nobody was at work, else `otherwise`."""
        presses = self.prompt.presses

        def later() -> None:
            same = self.prompt.presses == presses
            (act if same and self.is_free else otherwise)()

        if self.is_free:
            self.later(MOMENT_S, later)
        else:
            otherwise()
