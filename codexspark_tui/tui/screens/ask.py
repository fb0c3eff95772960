"""A dialog that asks for one line."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from codexspark_tui.tui.widgets.typed_lines import Line


class AskScreen(ModalScreen[str | None]):
    """Gives the line (it may be empty), or None when the person goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "back", show=False)]
    DEFAULT_CSS = """
    AskScreen { align: center middle; background: $spark-background 60%; }
    AskScreen > Vertical {
        width: 70; max-width: 94%; height: auto; padding: 1 2;
        background: $spark-panel; border: round $spark-accent;
    }
    AskScreen Label { width: 100%; text-style: bold; margin-bottom: 1; }
    AskScreen .hint { text-style: none; color: $spark-muted; margin: 1 0 0 0; }
    """

    def __init__(self, title: str, placeholder: str = "", value: str = "") -> None:
        super().__init__()
        self._value = value
        self._title = title
        self._placeholder = placeholder
        self._early = ""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(self._title, markup=False)
            yield Line(self._value, placeholder=self._placeholder, select_on_focus=False)
            yield Label("enter sends · esc goes back", classes="hint", markup=False)

    def on_mount(self) -> None:
        line = self.query_one(Input)
        line.cursor_blink = False
        line.value = self._value + self._early + line.value.removeprefix(self._value)
        line.cursor_position = len(line.value)

    def on_key(self, event: Key) -> None:
        """What was typed before the line had the focus is not lost."""
        if event.character is None or not event.is_printable:
            return
        if self.is_mounted:
            self.query_one(Input).insert_text_at_cursor(event.character)
        else:
            self._early += event.character

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())
