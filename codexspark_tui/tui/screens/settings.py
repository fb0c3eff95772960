"""The settings: what each is, where that comes from, and a way to change it in one's own file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from codexspark_tui import config
from codexspark_tui.actions.settings import write_setting
from codexspark_tui.config import Config
from codexspark_tui.errors import SparkError
from codexspark_tui.setting_list import SETTINGS, Setting
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.screens.ask import AskScreen
from codexspark_tui.tui.screens.listed import ListScreen


class SettingsScreen(ListScreen[None]):
    """`root`: the repository whose settings count, too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f10", "dismiss(None)", "back", show=False)
    ]
    DEFAULT_CSS = """
    SettingsScreen { align: center middle; background: $spark-background 60%; }
    SettingsScreen > Vertical {
        width: 96; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
        background: $spark-panel; border: round $spark-accent;
    }
    SettingsScreen Label { width: 100%; text-style: bold; margin-bottom: 1; }
    """

    def __init__(self, root: Path | None) -> None:
        super().__init__()
        self._root = root

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label("Settings", markup=False)
            yield OptionList()
            yield Label("enter changes it · esc goes back", classes="hint")

    def on_mount(self) -> None:
        self._show(0)

    def _show(self, at: int) -> None:
        try:
            found = config.load(self._root)
        except SparkError as error:
            self.notify(f"{error.title}. {error.next_step}", severity="warning", markup=False)
            return
        shown = self.query_one(OptionList)
        shown.clear_options()
        shown.add_options([Option(_line(s, found), id=s.key) for s in SETTINGS])
        shown.highlighted = at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        setting, at = SETTINGS[event.option_index], event.option_index

        def answered(said: str | None) -> None:
            if said is None:
                return
            try:
                path = write_setting(setting.key, said)
            except SparkError as error:
                self.notify(error.title, severity="warning", markup=False)
            else:
                self.notify(f"Written to {clean(str(path))}; it counts from the next start.")
                self._show(at)

        hint = ", ".join(setting.choices) or type(setting.default).__name__
        self.app.push_screen(AskScreen(f"{setting.key}: {setting.help}", hint), answered)


def _line(setting: Setting, found: Config) -> Content:
    value = found.found[setting.key]
    return Content.assemble(
        (f"{setting.key} = {clean(repr(value.value))}", "bold"),
        (f"  ({clean(value.origin)})\n  {setting.help}", "$spark-muted"),
    )
