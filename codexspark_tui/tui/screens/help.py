"""All keys and commands, from the registry."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from codexspark_tui.tui.model.cells import wrapped
from codexspark_tui.tui.registry import DEFAULT_KEYS, SECTIONS, Keys, actions_of, shown_keys

WIDTH = 90
KEYS, COMMANDS = 18, 18
NARROW = 70  # from here down what an action does stands below its keys


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

    def __init__(self, keys: Keys = DEFAULT_KEYS) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        with Vertical():
            with VerticalScroll():
                yield Static(help_text(WIDTH, self._keys), id="keys")
            yield Label("↑↓ scroll · esc goes back", classes="hint", markup=False)

    def on_resize(self) -> None:
        pane = self.query_one(VerticalScroll)
        self.query_one("#keys", Static).update(
            help_text(pane.scrollable_content_region.width or WIDTH, self._keys)
        )


def help_text(width: int, keys: Keys = DEFAULT_KEYS) -> Content:
    """Keys, commands and what they do in columns; sentences are wrapped within theirs."""
    narrow = width < NARROW
    indent = 4 if narrow else KEYS + COMMANDS
    parts: list[tuple[str, str]] = []
    for where, title in SECTIONS.items():
        parts.append((f"\n {title}\n", "bold $spark-accent"))
        for action in actions_of(where):
            first, *more = wrapped(action.help, max(16, width - indent))
            names = f"  {shown_keys(action, keys)}"
            parts.append((f"{names:<{KEYS}}", "bold"))
            if len(names) >= KEYS:  # too many for their column: a row of their own
                parts.append((f"\n{'':<{KEYS}}", ""))
            parts.append((f"{action.command:<{COMMANDS}}", "$spark-muted"))
            parts.append((f"\n{'':<{indent}}{first}\n" if narrow else f"{first}\n", ""))
            parts += [(f"{'':<{indent}}{row.lstrip()}\n", "") for row in more]
    return Content.assemble(*parts)
