"""The menu: every action of the list, to be clicked or chosen with the arrows.

It is the mouse's way to what has no button of its own; the key bar and the head of each change open
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from codexspark_tui.tui.action import Action, Where
from codexspark_tui.tui.registry import SECTIONS, Keys, actions_of, shown_keys
from codexspark_tui.tui.screens.listed import ListScreen

if TYPE_CHECKING:
    from textual.app import App

    from codexspark_tui.tui.screens.base import ReviewingScreen

KEYS_WIDTH = 12


class MenuScreen(ListScreen[str | None]):
    """Gives the name of the chosen action. `sections`: in their order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f12", "dismiss(None)", "back", show=False)
    ]
    DEFAULT_CSS = """
    MenuScreen { align: right bottom; background: transparent; }
    MenuScreen > Vertical {
        width: 48; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
        background: $spark-panel; border: round $spark-accent; margin: 0 1 1 0;
    }
    """

    rows_around = 4

    def __init__(self, sections: tuple[Where, ...], keys: Keys) -> None:
        super().__init__()
        self._sections = sections
        self._keys = keys

    def compose(self) -> ComposeResult:
        with Vertical():
            yield OptionList(*self._options())
            yield Label("click, or ↑↓ and enter · esc goes back", classes="hint", markup=False)

    def _options(self) -> list[Option]:
        made: list[Option] = []
        for where in self._sections:
            title = Content.assemble((SECTIONS[where], "bold $spark-accent"))
            made.append(Option(title, disabled=True))
            made += [Option(_line(a, self._keys), id=a.name) for a in actions_of(where)]
        return made

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)

    def on_click(self, event: object) -> None:
        """Beside the menu: back."""
        if self.get_widget_at(*self.app.mouse_position)[0] is self:
            self.dismiss(None)


def _line(action: Action, keys: Keys) -> Content:
    named = shown_keys(action, keys) or action.command
    return Content.assemble(
        (f" {named:<{KEYS_WIDTH}} ", "$spark-muted"), (action.title, "$spark-text")
    )


def open_menu(app: App[None], screen: ReviewingScreen) -> None:
    """What the focused pane understands comes first."""

    def chosen(name: str | None) -> None:
        if name is not None:
            screen.act(name)

    sections: tuple[Where, ...] = ("review", "app")
    if screen.has_prompt:
        at_changes = screen.focused is screen.pane.diff
        sections = ("review", "app", "prompt") if at_changes else ("prompt", "app", "review")
    app.push_screen(MenuScreen(sections, screen.keymap.keys), chosen)
