"""A dialog to edit lines: those of a change, or of a setting."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label, TextArea

from codexspark_tui.tui.widgets.typed_lines import Lines

SIGNS = "each line begins with: space stays, - goes, + comes"


class EditScreen(ModalScreen[tuple[str, bool]]):
    """Gives (the text, whether it is to be taken); going back loses nothing that was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2,ctrl+o,ctrl+enter", "end(True)", "take", priority=True, show=False),
        Binding("escape", "end(False)", "back", priority=True, show=False),
    ]
    DEFAULT_CSS = """
    EditScreen { align: center middle; background: $spark-background 60%; }
    EditScreen > Vertical {
        width: 100; max-width: 96%; height: 90%; max-height: 30; padding: 0 1;
        background: $spark-panel; border: round $spark-accent;
    }
    EditScreen Label { width: 100%; text-style: bold; }
    EditScreen TextArea {
        height: 1fr; border: none; padding: 0 1; scrollbar-size: 1 1;
        background: $spark-background; color: $spark-text;
    }
    EditScreen TextArea:focus { border: none; }
    EditScreen .hint { text-style: none; color: $spark-muted; width: 1fr; }
    EditScreen Horizontal { height: auto; }
    EditScreen Button { margin-left: 2; min-width: 10; }
    EditScreen #no { background: $spark-selection; color: $spark-text; }
    """

    def __init__(self, title: str, text: str, hint: str = SIGNS) -> None:
        super().__init__()
        self._hint = hint
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(self._title, markup=False)
            yield Lines(self._text, soft_wrap=False, show_line_numbers=False)
            yield Label(self._hint, classes="hint", markup=False)
            with Horizontal():
                yield Label("", classes="hint")
                yield Button("esc  back", id="no", compact=True)
                yield Button("F2  take", id="yes", variant="primary", compact=True)

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.cursor_blink = False
        rows = self._text.split("\n")
        first = next((n for n, row in enumerate(rows) if row[:1] == "+"), 0)
        area.move_cursor((first, 1))
        area.call_after_refresh(self._show_signs, first)

    def _show_signs(self, row: int) -> None:
        """The first columns, and all that is before this row as far as it fits."""
        area = self.query_one(TextArea)
        area.scroll_to(0, max(0, row + 2 - area.size.height), animate=False)

    def action_end(self, take: bool) -> None:
        self.dismiss((self.query_one(TextArea).text, take))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_end(event.button.id == "yes")
