"""The files that the letters behind an @ may mean, above the prompt, while they are typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from codexspark_tui.events.paths import path_text
from codexspark_tui.index.finder import PathFinder
from codexspark_tui.tui.model.cells import clean

MOST = 8
WORDS = ("diff", "staged", "last-output")


class MentionList(OptionList, can_focus=False):
    """Shown while there is something to choose from. `paths` is asked in a thread, at each @."""

    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    MentionList {
        display: none; height: auto; max-height: 8; border: none; padding: 0 1;
        background: $spark-panel; color: $spark-text;
    }
    """

    def __init__(self, paths: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self.display = False
        self.taken: Callable[[str], None] = lambda path: None
        self._paths = paths
        self._finder: PathFinder | None = None
        self._letters: str | None = None
        self._found: list[str] = []

    def look_for(self, letters: str | None) -> None:
        """Show what these letters may mean; None hides it."""
        begins = self._letters is None and letters is not None
        self._letters = letters
        if begins or (letters is not None and self._finder is None):
            self._read_paths()
        self._show()

    @work(thread=True, exclusive=True, group="paths", exit_on_error=False)
    def _read_paths(self) -> None:
        finder = PathFinder(list(self._paths()))
        self.app.call_from_thread(self._have, finder)

    def _have(self, finder: PathFinder) -> None:
        self._finder = finder
        self._show()

    def _show(self) -> None:
        letters = self._letters
        found: list[str] = []
        if letters is not None and self._finder is not None:
            words = [w for w in WORDS if letters and w.startswith(letters)]
            found = [*words, *self._finder.find(letters, MOST)][:MOST]
        if found == [letters]:
            found = []
        if found != self._found:
            self._found = found
            self.set_options([Option(Content(clean(path_text(path)))) for path in found])
            self.highlighted = 0 if found else None
        self.display = bool(found)

    def take_key(self, key: str) -> bool:
        """Whether the key was for the list, while it is shown."""
        if not self.display:
            return False
        match key:
            case "tab" | "enter":
                chosen = self._found[self.highlighted or 0]
                self.look_for(None)
                self.taken(path_text(chosen))
            case "up":
                self.action_cursor_up()
            case "down":
                self.action_cursor_down()
            case "escape":
                self.look_for(None)
            case _:
                return False
        return True

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        chosen = self._found[event.option_index]
        self.look_for(None)
        self.taken(path_text(chosen))
