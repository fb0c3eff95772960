"""A dialog that asks yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label


class ConfirmScreen(ModalScreen[bool]):
    """`verb` names what "yes" does; nothing is done by a key that is not y or enter on a button."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "yes", show=False),
        Binding("n,escape,q", "dismiss(False)", "no", show=False),
        Binding("left,right", "app.focus_next", "other", show=False),
    ]
    DEFAULT_CSS = """
    ConfirmScreen { align: center middle; background: $spark-background 60%; }
    ConfirmScreen > Vertical {
        width: 60; max-width: 94%; height: auto; padding: 1 2;
        background: $spark-panel; border: round $spark-warning;
    }
    ConfirmScreen .title { text-style: bold; width: 100%; }
    ConfirmScreen .detail { width: 100%; margin: 1 0; color: $spark-text; }
    ConfirmScreen Horizontal { height: auto; align-horizontal: right; }
    ConfirmScreen Button { margin-left: 2; min-width: 12; }
    ConfirmScreen #no { background: $spark-selection; color: $spark-text; }
    """

    def __init__(self, title: str, detail: str, verb: str) -> None:
        super().__init__()
        self._title = title
        self._detail = detail
        self._verb = verb

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(self._title, classes="title", markup=False)
            yield Label(self._detail, classes="detail", markup=False)
            with Horizontal():
                yield Button("n  back", id="no", compact=True)
                yield Button(f"y  {self._verb}", id="yes", variant="primary", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")
