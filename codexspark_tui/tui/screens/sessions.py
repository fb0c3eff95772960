"""The session picker: earlier sessions of this repository, searched while one types."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from codexspark_tui.actions.sessions import Kept
from codexspark_tui.counts import count
from codexspark_tui.themes import DEFAULT, load_all
from codexspark_tui.tui.colours import default_variables, textual_theme
from codexspark_tui.tui.model.cells import clean, ended
from codexspark_tui.tui.screens.listed import ListScreen
from codexspark_tui.tui.widgets.typed_lines import Line

LONGEST = 70


class SessionsScreen(ListScreen[str | None]):
    """Gives the id of the chosen session, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", show=False),
        Binding("down", "move(1)", "down", show=False, priority=True),
        Binding("up", "move(-1)", "up", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    SessionsScreen { align: center middle; background: $spark-background 60%; }
    SessionsScreen > Vertical {
        width: 90; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
        background: $spark-panel; border: round $spark-accent;
    }
    SessionsScreen Label { width: 100%; text-style: bold; }
    SessionsScreen Input { margin: 1 0; }
    """

    rows_around = 10

    def __init__(self, kept: Sequence[Kept]) -> None:
        super().__init__()
        self._kept = kept

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label("Go on with which session?", markup=False)
            yield Line(placeholder="search in what was asked")
            yield OptionList(*self._options(""))
            hint = "↑↓ choose · enter opens · esc goes back"
            yield Label(hint if self._kept else "there is none yet", classes="hint")

    def _options(self, words: str) -> list[Option]:
        return [Option(_line(kept), id=kept.id) for kept in self._kept if kept.holds(words)]

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self.query_one(OptionList).highlighted = 0 if self._kept else None

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        found = self.query_one(OptionList)
        found.clear_options()
        found.add_options(self._options(event.value))
        found.highlighted = 0 if found.option_count else None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        found = self.query_one(OptionList)
        if found.highlighted is not None:
            self.dismiss(found.get_option_at_index(found.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)

    def action_move(self, step: int) -> None:
        found = self.query_one(OptionList)
        if found.highlighted is not None and found.option_count:
            found.highlighted = min(max(0, found.highlighted + step), found.option_count - 1)


def _line(kept: Kept) -> Content:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.at))
    first = ended(clean(kept.prompts[0].split("\n")[0]), LONGEST)
    more = f"  {count(len(kept.prompts), 'prompt')}"
    return Content.assemble((f"{first}\n", "bold"), (f"{when}{more}", "$spark-muted"))


class SessionPicker(App[str | None]):
    """Only the picker, before there is a session."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, kept: Sequence[Kept], theme: str = "") -> None:
        super().__init__()
        self._kept = kept
        self.animation_level = "none"
        themes = load_all().themes
        for own in themes.values():
            self.register_theme(textual_theme(own))
        self.theme = theme if theme in themes else DEFAULT

    def on_mount(self) -> None:
        self.push_screen(SessionsScreen(self._kept), self.exit)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return default_variables()
