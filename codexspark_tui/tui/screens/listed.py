"""The base of the dialogs with a list: title and hints stay in view, only the list scrolls."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.screen import ModalScreen
from textual.widgets import OptionList

T = TypeVar("T")
LEAST_ROWS = 3


class ListScreen(ModalScreen[T]):
    """`rows_around`: of the dialog, beside those of its list."""

    DEFAULT_CSS = """
    ListScreen OptionList { height: auto; overflow-x: hidden; scrollbar-size-vertical: 1; }
    ListScreen OptionList, ListScreen OptionList:focus {
        border: none; padding: 0; background: $spark-panel; background-tint: $spark-panel 0%;
    }
    ListScreen .hint { text-style: none; color: $spark-muted; width: 100%; margin: 1 0 0 0; }
    """
    rows_around: ClassVar[int] = 6

    def on_resize(self) -> None:
        room = self.size.height * 9 // 10 - self.rows_around
        self.query_one(OptionList).styles.max_height = max(LEAST_ROWS, room)
