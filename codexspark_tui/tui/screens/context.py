"""What goes along with a prompt, and why; pieces can be pinned and dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import ContextChosen, ContextPiece
from codexspark_tui.tui.model.cells import clean


class ContextScreen(ModalScreen[None]):
    """`send` takes the session's commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", show=False),
        Binding("p", "pin", "pin", show=False),
        Binding("d", "drop", "drop", show=False),
    ]
    DEFAULT_CSS = """
    ContextScreen { align: center middle; background: transparent; }
    ContextScreen > Vertical {
        width: 100; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
        background: $spark-panel; border: round $spark-accent;
    }
    ContextScreen Label { width: 100%; text-style: bold; margin-bottom: 1; }
    ContextScreen OptionList { height: auto; max-height: 24; }
    ContextScreen OptionList, ContextScreen OptionList:focus {
        border: none; padding: 0; background: $spark-panel; background-tint: $spark-panel 0%;
    }
    ContextScreen .hint { text-style: none; color: $spark-muted; margin: 1 0 0 0; }
    """

    def __init__(self, chosen: ContextChosen, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._send = send
        self._chosen = chosen
        self._places = [place_of(piece) for piece in chosen.pieces]
        self._places += [left.path for left in chosen.left_out]
        self._paths = [piece.path for piece in chosen.pieces]
        self._paths += [left.path for left in chosen.left_out]

    def compose(self) -> ComposeResult:
        tokens = sum(piece.tokens for piece in self._chosen.pieces)
        with Vertical():
            yield Label(f"What goes along: {tokens:,} tokens, estimated", markup=False)
            yield OptionList(
                *(Option(_line(piece)) for piece in self._chosen.pieces),
                *(Option(_left(left.path, left.why)) for left in self._chosen.left_out),
            )
            yield Label(
                "p pins · d drops, from the next prompt on · esc goes back",
                classes="hint",
                markup=False,
            )

    def action_pin(self) -> None:
        self._put_aside("pinned", self._places, commands.Pin)

    def action_drop(self) -> None:
        self._put_aside("dropped", self._paths, commands.Drop)

    def _put_aside(self, said: str, paths: list[str], command: Callable[[str], Command]) -> None:
        options = self.query_one(OptionList)
        at = options.highlighted
        if at is None or not paths[at]:
            return
        path = paths[at]
        self._send(command(path))
        options.replace_option_prompt_at_index(
            at, Content.assemble((f"{said:>14}  ", "bold $spark-accent"), clean(path))
        )

    def action_back(self) -> None:
        self.dismiss(None)


def place_of(piece: ContextPiece) -> str:
    """The path, with the lines where it is not the whole file; "" for what is no file."""
    return f"{piece.path}:{piece.ranges}" if piece.ranges else piece.path


def _line(piece: ContextPiece) -> Content:
    size = "known" if piece.known else f"{piece.tokens:,} ~"
    name = place_of(piece) or piece.reason
    return Content.assemble(
        (f"{size:>8} ", "$spark-muted"),
        f"{piece.form:<8}",
        (clean(name), "bold"),
        (f"  {clean(piece.reason)}", "$spark-muted"),
    )


def _left(path: str, why: str) -> Content:
    return Content.assemble(
        (f"{'left out':>8}         ", "$spark-muted"), clean(path), (f"  {why}", "$spark-muted")
    )
