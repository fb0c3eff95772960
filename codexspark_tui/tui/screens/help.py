"""All keys and commands, from the registry."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from codexspark_tui.tui.registry import SECTIONS, actions_of, shown_keys


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss(None)", "back", show=False)
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $spark-background 60%; }
    HelpScreen > Vertical {
        width: 96; max-width: 96%; height: 90%; padding: 0 1;
        background: $spark-panel; border: round $spark-accent;
    }
    HelpScreen VerticalScroll { scrollbar-size-vertical: 1; }
    HelpScreen .hint { width: 100%; color: $spark-muted; text-align: right; }
    """

    def compose(self) -> ComposeResult:
        with Vertical():
            with VerticalScroll():
                yield Static(help_text())
            yield Label("↑↓ scroll · esc goes back", classes="hint", markup=False)


def help_text() -> Content:
    parts: list[tuple[str, str]] = []
    for where, title in SECTIONS.items():
        parts.append((f"\n{title}\n", "bold $spark-accent"))
        for action in actions_of(where):
            keys, command = shown_keys(action), action.command
            parts.append((f"  {keys:<12} ", "bold"))
            parts.append((f"{command:<17} ", "$spark-muted"))
            parts.append((f"{action.help}\n", ""))
    return Content.assemble(*parts)
