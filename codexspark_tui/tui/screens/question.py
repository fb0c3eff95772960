"""A dialog for a question of the provider: one of several options, or no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import Label, OptionList

from codexspark_tui.events.facts import Asked
from codexspark_tui.session.approvals import TOOL_QUESTION
from codexspark_tui.tui.attention import MOMENT_S, Later
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.screens.listed import ListScreen

STOPPED = -1


class QuestionScreen(ListScreen[int | None]):
    """Gives the index of the option, None for no answer, or `STOPPED`: the whole answer is to end.

    A key of its first moment was not pressed because of it: it answers nothing, and a letter goes
    to `typed`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(None)", "no answer", show=False),
        Binding("ctrl+c", f"answer({STOPPED})", "stop", show=False),
        *(Binding(str(n), f"answer({n - 1})", show=False) for n in range(1, 10)),
    ]
    DEFAULT_CSS = """
    QuestionScreen { align: center middle; background: $spark-background 60%; }
    QuestionScreen > Vertical {
        width: 90; max-width: 94%; height: auto; max-height: 80%; padding: 1 2;
        background: $spark-panel; border: round $spark-accent;
    }
    QuestionScreen Label { width: 100%; text-style: bold; margin-bottom: 1; }
    """

    rows_around = 12

    def __init__(self, asked: Asked, later: Later, typed: Callable[[str], object]) -> None:
        super().__init__()
        self._asked = asked
        self._typed = typed
        self._later = later
        self._hears = False

    def compose(self) -> ComposeResult:
        options = [
            Content(f"{number}  {clean(text)}")
            for number, text in enumerate(self._asked.options, 1)
        ]
        with Vertical():
            yield Label(clean(self._asked.text), markup=False)
            yield OptionList(*options, markup=False)
            of_tool = self._asked.question.startswith(TOOL_QUESTION)
            esc = "refuses this, the turn goes on" if of_tool else "gives no answer"
            hint = f"a number or enter chooses · esc {esc} · ctrl+c stops the answer"
            yield Label(hint, classes="hint")

    def on_mount(self) -> None:
        self._later(MOMENT_S, self._hear)

    def _hear(self) -> None:
        self._hears = True

    def on_key(self, event: Key) -> None:
        if not self._hears and event.character is not None and event.is_printable:
            self._typed(event.character)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_answer(event.option_index)

    def action_answer(self, index: int | None) -> None:
        if self._hears and (index is None or index < len(self._asked.options)):
            self.dismiss(index)
