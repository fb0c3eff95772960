"""What goes along with a prompt, and why; pieces can be pinned and dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import ContextChosen, ContextPiece
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.screens.listed import ListScreen

BAR = 8


class ContextScreen(ListScreen[None]):
    """`send` takes the session's commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", show=False),
        Binding("p", "pin", "pin", show=False),
        Binding("d", "drop", "drop", show=False),
    ]
    DEFAULT_CSS = """
    ContextScreen { align: center middle; background: transparent; }
    ContextScreen > Vertical {
        width: 110; max-width: 96%; height: auto; max-height: 90%; padding: 0 1;
        background: $spark-panel; border: round $spark-accent;
    }
    ContextScreen Label { width: 100%; margin-bottom: 1; }
    """

    rows_around = 8

    def __init__(self, chosen: ContextChosen, send: Callable[[Command], None]) -> None:
        super().__init__()
        self._send = send
        self._chosen = chosen
        self._rows = list(rows_of(chosen))

    def compose(self) -> ComposeResult:
        options = [
            Option(_heading(row.said) if row.key is None else _line(row), disabled=row.key is None)
            for row in self._rows
        ]
        with Vertical():
            yield Label(_title(self._chosen))
            yield OptionList(*options)
            yield Label(
                Content.assemble(
                    ("p", "bold $spark-accent"),
                    " pin: goes with every prompt   ",
                    ("d", "bold $spark-accent"),
                    " drop: stays at home   ",
                    ("esc", "bold $spark-accent"),
                    " back      @path in the prompt adds a file",
                ),
                classes="hint",
            )

    def on_mount(self) -> None:
        first = next((at for at, row in enumerate(self._rows) if row.key is not None), None)
        self.query_one(OptionList).highlighted = first

    def action_pin(self) -> None:
        self._put_aside("pinned", commands.Pin)

    def action_drop(self) -> None:
        self._put_aside("dropped", commands.Drop)

    def _put_aside(self, state: str, command: Callable[[str], Command]) -> None:
        options = self.query_one(OptionList)
        at = options.highlighted
        row = self._rows[at] if at is not None else None
        if at is None or row is None or not row.path:
            self.app.bell()
            return
        if row.state == state == "pinned":  # once more takes it away
            command, state = commands.Drop, ""
        self._send(command(row.path if command is commands.Drop else row.place))
        self._rows[at] = row = replace(row, state=state)
        options.replace_option_prompt_at_index(at, _line(row))

    def action_back(self) -> None:
        self.dismiss(None)


@dataclass(frozen=True, slots=True)
class Row:
    """A piece, or what was left out. `key` None: a heading. `share`: of all tokens, 0 to 1;
    `path` "" for what is no file; `place`: the path with its lines."""

    said: str
    key: str | None = None
    size: str = ""
    share: float = 0.0
    name: str = ""
    part: str = ""
    path: str = ""
    place: str = ""
    state: str = ""


NAMED, FOUND, HEADS, REST, LEFT = (
    "You named",
    "Found for this prompt",
    "Signatures of what is near",
    "Always",
    "Left out",
)
_PART = {"outline": "signatures", "list": "names", "text": "", "said": "", "image": "image"}


def rows_of(chosen: ContextChosen) -> Iterator[Row]:
    """In groups, each with a heading, the largest pieces first."""
    whole = sum(piece.tokens for piece in chosen.pieces) or 1
    groups: dict[str, list[ContextPiece]] = {}
    for piece in chosen.pieces:
        groups.setdefault(_group(piece), []).append(piece)
    for group in (NAMED, FOUND, HEADS, REST):
        pieces = sorted(groups.get(group, ()), key=lambda piece: -piece.tokens)
        if pieces:
            yield Row(f"{group} · {sum(p.tokens for p in pieces):,}")
        for piece in pieces:
            part = f"lines {piece.ranges}" if piece.ranges else _PART.get(piece.form, piece.form)
            size = "known" if piece.known else f"{piece.tokens:,}"
            state = "pinned" if piece.reason == "pinned" else ""
            name = piece.path or {"list": "the files of the repository"}.get(piece.form, "")
            yield Row(
                "" if piece.form == "list" else piece.reason if name else "",
                place_of(piece) or piece.reason,
                size,
                piece.tokens / whole,
                name or piece.reason,
                part,
                piece.path,
                place_of(piece),
                state,
            )
    if chosen.left_out:
        yield Row(LEFT)
    for left in chosen.left_out:
        yield Row(
            left.why, left.path, "–", name=left.path or "the rest", path=left.path, place=left.path
        )


def _group(piece: ContextPiece) -> str:
    if piece.form == "outline":
        return HEADS
    if piece.reason in ("pinned", "instructions") or piece.form == "list":
        return REST
    said = piece.reason.partition(":")[0]
    if said in ("named", "mentioned", "attached", "image") or not piece.path:
        return NAMED
    return FOUND


def place_of(piece: ContextPiece) -> str:
    """The path, with the lines where it is not the whole file; "" for what is no file."""
    return f"{piece.path}:{piece.ranges}" if piece.ranges else piece.path


def _title(chosen: ContextChosen) -> Content:
    tokens = sum(piece.tokens for piece in chosen.pieces)
    said = f"{tokens:,} tokens, estimated"
    if chosen.window:
        said = f"{tokens:,} tokens, estimated, of a window of {chosen.window:,}"
    return Content.assemble(("What goes along  ", "bold"), (said, "$spark-muted"))


def _heading(said: str) -> Content:
    return Content.from_text(said, markup=False).stylize("bold $spark-accent")


def _line(row: Row) -> Content:
    mark, style = {"pinned": ("◆", "bold $spark-accent"), "dropped": ("✕", "$spark-removed")}.get(
        row.state, (" ", "")
    )
    full = round(row.share * BAR)
    name = "strike $spark-muted" if row.state == "dropped" else "bold"
    said = row.said if not row.state or row.said == row.state else f"{row.state} · {row.said}"
    return Content.assemble(
        (f"{mark} ", style),
        (f"{row.size:>7} ", ""),
        ("▪" * max(full, bool(row.share)), "$spark-accent"),
        ("·" * (BAR - max(full, bool(row.share))), "$spark-border"),
        "  ",
        (clean(row.name), name),
        (f"  {clean(row.part)}" if row.part else "", ""),
        (f"  {clean(said)}" if said else "", "$spark-muted"),
    )
