"""The theme picker: each theme is shown live as the person goes through the list."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from codexspark_tui.themes import Theme
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.screens.listed import ListScreen


class ThemeScreen(ListScreen[str | None]):
    """Gives the chosen theme's name; going back restores the one before."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "back", "back", show=False)]
    DEFAULT_CSS = """
    ThemeScreen { align: right middle; background: transparent; }
    ThemeScreen > Vertical {
        width: 38; max-width: 94%; height: auto; max-height: 90%; padding: 0 1; margin-right: 2;
        background: $spark-panel; border: round $spark-accent;
    }
    ThemeScreen Label { width: 100%; text-style: bold; margin-bottom: 1; }
    """

    def __init__(self, themes: list[Theme]) -> None:
        super().__init__()
        self._themes = themes
        self._names = [theme.name for theme in themes]
        self._before = ""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label("Theme", markup=False)
            yield OptionList(*(Option(_line(theme), id=theme.name) for theme in self._themes))
            yield Label("enter keeps it · esc goes back", classes="hint", markup=False)

    def on_mount(self) -> None:
        self._before = self.app.theme
        if self._before in self._names:
            self.query_one(OptionList).highlighted = self._names.index(self._before)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.app.theme = self._names[event.option_index]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._names[event.option_index])

    def action_back(self) -> None:
        self.app.theme = self._before
        self.dismiss(None)


def _line(theme: Theme) -> Content:
    about = f"\n{clean(theme.description)}" if theme.description else ""
    return Content.assemble((clean(theme.title), "bold"), (about, "$spark-muted"))
