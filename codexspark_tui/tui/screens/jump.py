"""Jump mode: a letter stands at each place that can be gone to; one key goes there."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.screen import ModalScreen

LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class JumpScreen(ModalScreen[str]):
    """Gives the letter that was typed, "" for anything else. The screen below stays as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')", "back", show=False)]
    DEFAULT_CSS = "JumpScreen { background: transparent; }"

    def on_key(self, event: Key) -> None:
        event.stop()
        letter = event.character or ""
        self.dismiss(letter if len(letter) == 1 and letter in LETTERS else "")
