"""The settings: what each is, where that comes from, and a way to change it in one's own file.

The list is narrowed by typing; what is chosen is changed by a list of its values or a line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from codexspark_tui import config
from codexspark_tui.actions.settings import said_of_written, write_setting
from codexspark_tui.config import Config
from codexspark_tui.errors import SparkError
from codexspark_tui.events.visible import in_place
from codexspark_tui.setting_list import SETTINGS, Setting, Value
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.screens.ask import AskScreen
from codexspark_tui.tui.screens.edit import EditScreen
from codexspark_tui.tui.screens.listed import ListScreen
from codexspark_tui.tui.widgets.typed_lines import Line

NOTHING = "empty: as it is built in"


class SettingsScreen(ListScreen[None]):
    """`root`: the repository whose settings count, too; `flags`: those of this start."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f10", "dismiss(None)", "back", show=False),
        Binding("down", "move(1)", "down", show=False, priority=True),
        Binding("up", "move(-1)", "up", show=False, priority=True),
        Binding("pagedown", "move(8)", "down", show=False, priority=True),
        Binding("pageup", "move(-8)", "up", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    SettingsScreen { align: center middle; background: $spark-background 60%; }
    SettingsScreen > Vertical {
        width: 96; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
        background: $spark-panel; border: round $spark-accent;
    }
    SettingsScreen Label { width: 100%; text-style: bold; }
    SettingsScreen Input { margin: 1 0; }
    """

    rows_around = 10

    def __init__(self, root: Path | None, flags: Mapping[str, Value]) -> None:
        super().__init__()
        self._root = root
        self._flags = flags

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label("Settings", markup=False)
            yield Line(placeholder="search in names, values and what they do")
            yield OptionList()
            yield Label("↑↓ choose · enter changes it · esc goes back", classes="hint")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._show()

    def _show(self, chosen: str = "") -> None:
        """Those that hold each word of the search; `chosen` is under the cursor, if it does."""
        try:
            found = config.load(self._root, self._flags)
        except SparkError as error:
            self.notify(f"{error.title}. {error.next_step}", severity="warning", markup=False)
            return
        words = self.query_one(Input).value.lower().split()
        kept = [s for s in SETTINGS if all(word in _searched(s, found) for word in words)]
        shown = self.query_one(OptionList)
        shown.clear_options()
        shown.add_options([Option(_line(s, found), id=s.key) for s in kept])
        at = next((n for n, s in enumerate(kept) if s.key == chosen), 0)
        shown.highlighted = at if kept else None

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(OptionList).action_select()

    def action_move(self, step: int) -> None:
        shown = self.query_one(OptionList)
        if shown.highlighted is not None:
            shown.highlighted = min(max(0, shown.highlighted + step), shown.option_count - 1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        setting = next(s for s in SETTINGS if s.key == event.option_id)
        title = f"{setting.key}: {setting.help}"
        value = config.load(self._root, self._flags).found[setting.key].value
        if values := _values_of(setting):
            self.app.push_screen(
                ValueScreen(title, values, _typed(value)), lambda said: self._write(setting, said)
            )
        elif setting.lines:
            self.app.push_screen(
                EditScreen(title, _typed(value), NOTHING),
                lambda said: self._write(setting, said[0].strip() if said and said[1] else None),
            )
        else:
            hint = f"{type(setting.default).__name__}; {NOTHING}"
            self.app.push_screen(
                AskScreen(title, hint, _typed(value)), lambda said: self._write(setting, said)
            )

    def _write(self, setting: Setting, said: str | None) -> None:
        if said is None:
            return
        try:
            told = said_of_written(setting.key, write_setting(setting.key, said), self._root)
        except SparkError as error:
            words = f"{error.title}. {error.next_step}" if error.next_step else error.title
            self.notify(words, severity="warning", markup=False)
        else:
            self.notify(clean(told), markup=False)
            self._show(setting.key)


class ValueScreen(ListScreen[str | None]):
    """Gives one of the values that a setting can have."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "back", show=False)
    ]
    DEFAULT_CSS = """
    ValueScreen { align: center middle; background: $spark-background 60%; }
    ValueScreen > Vertical {
        width: 70; max-width: 94%; height: auto; max-height: 90%; padding: 1 2;
        background: $spark-panel; border: round $spark-accent;
    }
    ValueScreen Label { width: 100%; text-style: bold; margin-bottom: 1; }
    """

    rows_around = 8

    def __init__(self, title: str, values: Sequence[str], now: str) -> None:
        super().__init__()
        self._title = title
        self._values = values
        self._now = now

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(self._title, markup=False)
            yield OptionList(*(Option(value, id=value) for value in self._values))
            yield Label("enter writes it · esc goes back", classes="hint", markup=False)

    def on_mount(self) -> None:
        at = self._values.index(self._now) if self._now in self._values else 0
        self.query_one(OptionList).highlighted = at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)


def _values_of(setting: Setting) -> Sequence[str]:
    return ("true", "false") if isinstance(setting.default, bool) else setting.choices


def _typed(value: Value) -> str:
    """A value as it is typed; nothing for one that cannot be."""
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return said if said.replace("\n", "") == in_place(said.replace("\n", "")) else ""


def _shown(value: Value) -> str:
    return repr(value) if isinstance(value, str) else _typed(value)


def _searched(setting: Setting, found: Config) -> str:
    value = found.found[setting.key]
    said = (setting.key, setting.key.replace("_", " "), setting.help, _typed(value.value))
    return " ".join((*said, value.origin)).lower()


def _line(setting: Setting, found: Config) -> Content:
    value = found.found[setting.key]
    return Content.assemble(
        (f"{setting.key} = {clean(_shown(value.value))}", "bold"),
        (f"  ({clean(value.origin)})\n  {setting.help}", "$spark-muted"),
    )
