"""The context of what is being typed: made after a moment of quiet, shown when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.timer import Timer

from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import ContextChosen
from codexspark_tui.tui.model.completion import mentioned
from codexspark_tui.tui.screens.context import ContextScreen

if TYPE_CHECKING:
    from codexspark_tui.tui.screens.session import SessionScreen

QUIET_S = 0.15
"""Of the keyboard, before the context of what is typed is made."""


@dataclass(slots=True)
class Along:
    """What goes along with the prompt of `screen`."""

    screen: SessionScreen
    send: Callable[[Command], None]
    _last: ContextChosen | None = None
    _due: Timer | None = None

    def chosen(self, event: ContextChosen) -> None:
        """Shown if that was asked for (turn 0), else kept until it is."""
        self._last = event
        if event.turn == 0 and self.screen.is_current:
            self.screen.app.push_screen(ContextScreen(event, self.send))

    def show(self) -> None:
        text = self.screen.prompt.text
        if text.strip():
            self.send(commands.Draft(text.strip(), shown=True, files=self._files(text)))
        elif self._last is not None:
            self.screen.app.push_screen(ContextScreen(self._last, self.send))
        else:
            self.screen.keys.say("nothing goes along yet: it depends on the prompt")

    def typed(self) -> None:
        """Something was typed."""
        if self._due is not None:
            self._due.stop()
        self._due = self.screen.set_timer(QUIET_S, self._tell)

    def _tell(self) -> None:
        self._due = None
        text = self.screen.prompt.text.strip()
        if text and not text.startswith("/") and not self.screen.pane.board.running:
            self.send(commands.Draft(text, files=self._files(text)))

    def _files(self, text: str) -> tuple[str, ...]:
        return mentioned(text, self.screen.prompt.files.paths)

    def put_aside(self, name: str, path: str) -> None:
        """Pin a file, or drop it."""
        if not path:
            self.screen.notify(f"Say which file: /{name} PATH", severity="warning")
        else:
            self.send(commands.Pin(path) if name == "pin" else commands.Drop(path))
