"""Questions of the provider: one after the other, and never into the middle of typing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import Asked
from codexspark_tui.tui.screens.question import STOPPED, QuestionScreen

if TYPE_CHECKING:
    from codexspark_tui.tui.screens.session import SessionScreen

WAITS = "A question waits: esc brings it up."


@dataclass(slots=True)
class Questions:
    """Of the session of `screen`; `send` takes the answers."""

    screen: SessionScreen
    send: Callable[[Command], None]
    _waiting: list[Asked] = field(default_factory=list)

    def came(self, asked: Asked) -> None:
        self._waiting.append(asked)
        if self.screen.focused is self.screen.prompt:
            self.screen.attention.take(self._bring, lambda: self.screen.tell(WAITS))
        else:
            self._bring()

    def bring_up(self) -> bool:
        """Show the one that waits longest, now; whether there was one."""
        found = bool(self._waiting)
        self._bring()
        return found

    def _bring(self) -> None:
        if not self._waiting:
            return
        asked = self._waiting.pop(0)

        def answer(choice: int | None) -> None:
            if choice == STOPPED:
                self._waiting.clear()
                self.send(commands.Cancel())
                return
            self.send(commands.Answer(asked.question, choice, goes_on=choice is None))

        later, prompt = self.screen.attention.later, self.screen.prompt
        self.screen.app.push_screen(QuestionScreen(asked, later, prompt.insert), answer)
