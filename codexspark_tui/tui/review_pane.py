"""The review: file rail and live diff, and all that can be done with changes.

It owns the board and what is made of it. Events reach it in batches; whatever it shows or does
comes from `model/`. Screens put it beside other panes and tell it which action is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message

from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import (
    ChangeClosed,
    ChangeDecided,
    ChangeMoved,
    ChangeOpened,
    ChangeSplit,
    ChangeStale,
    ChangeUndone,
    DecisionRefused,
    Event,
    FileWritten,
    HunkLines,
    StreamFinished,
    TurnEnded,
    TurnStarted,
)
from codexspark_tui.tui.model.board import Board, Item
from codexspark_tui.tui.model.control import Control, Sweep
from codexspark_tui.tui.model.diff_rows import DiffRows
from codexspark_tui.tui.model.words import count
from codexspark_tui.tui.registry import actions_of
from codexspark_tui.tui.screens.ask import AskScreen
from codexspark_tui.tui.screens.confirm import ConfirmScreen
from codexspark_tui.tui.widgets.diff_view import SHIFT_STEP, DiffView
from codexspark_tui.tui.widgets.file_rail import FileRail

REVIEW_EVENTS: tuple[type[Event], ...] = (
    TurnStarted, StreamFinished, TurnEnded, ChangeOpened, HunkLines, ChangeClosed, ChangeMoved,
    ChangeStale, ChangeDecided, ChangeSplit, ChangeUndone, FileWritten, DecisionRefused,
)  # fmt: skip


class ReviewPane(Horizontal):
    """`send` takes the session's commands; `writes`: an accepted change goes to disk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, f"act('{action.name}', '{key if action.name == 'pick' else ''}')",
                    action.title, show=False)
            for action in actions_of("review")
            for key in action.keys
        ),
        Binding("left", "shift(-1)", "left", show=False),
        Binding("right", "shift(1)", "right", show=False),
    ]  # fmt: skip
    DEFAULT_CSS = """
    ReviewPane { height: 1fr; width: 1fr; }
    ReviewPane > #rail { width: 26; display: none; }
    ReviewPane > #diff { width: 1fr; }
    .-wide ReviewPane > #rail, .-broad ReviewPane > #rail { display: block; }
    """

    class Arrived(Message):
        """Events of the session, in their order."""

        def __init__(self, events: Sequence[Event]) -> None:
            super().__init__()
            self.events = events

    class Updated(Message):
        """The board or the cursor has changed; `began`: the turn's first change has come."""

        def __init__(self, began: bool = False) -> None:
            super().__init__()
            self.began = began

    def __init__(
        self, send: Callable[[Command], None], *, writes: bool = True, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.board = Board()
        self.rows = DiffRows(self.board)
        self.control = Control(self.board, self.rows, send, writes)
        self._turn_begun = 0

    def compose(self) -> ComposeResult:
        yield FileRail(self.rows, self.control, id="rail")
        yield DiffView(self.rows, self.control, id="diff")

    @property
    def diff(self) -> DiffView:
        return self.query_one(DiffView)

    @property
    def rail(self) -> FileRail:
        return self.query_one(FileRail)

    # -- events

    def on_review_pane_arrived(self, message: Arrived) -> None:
        message.stop()
        self.diff.remember_top()
        for event in message.events:
            self.board.note(event)
        self._take_over()
        if any(isinstance(event, StreamFinished) for event in message.events):
            self._set_following(False)

    def _take_over(self) -> None:
        """Rows, cursor and panes follow the board."""
        before = self.control.cursor
        first = self.rows.update()
        self.control.settle()
        began = bool(self.board.items) and self._turn_begun != self.board.turn
        if began and self.control.current is not None:
            self._turn_begun = self.board.turn
            self.diff.took_over(0)
            self.diff.jump_to(self._turn_top())
        else:
            began = False
            self.diff.took_over(first)
        if self.control.cursor != before:
            self.diff.show_cursor()
        self.rail.took_over()
        self.post_message(self.Updated(began))

    def _turn_top(self) -> int:
        """The row of the heading of the turn of the cursor."""
        top = self.rows.top_of(self.control.cursor) or 0
        return max(0, top - 2)

    # -- actions

    def action_act(self, name: str, argument: str = "") -> None:
        self.act(name, argument)

    def act(self, name: str, argument: str = "") -> None:
        """Do what the registry calls `name`."""
        self.diff.remember_top()
        control = self.control
        simple: dict[str, Callable[[], str]] = {
            "accept": lambda: self._on_shown(control.accept),
            "reject": lambda: self._on_shown(control.reject),
            "next": lambda: control.move(1, undecided=True),
            "previous": lambda: control.move(-1, undecided=True),
            "next_any": lambda: control.move(1, undecided=False),
            "previous_any": lambda: control.move(-1, undecided=False),
            "next_file": lambda: control.move_file(1),
            "previous_file": lambda: control.move_file(-1),
            "first": lambda: control.go_end(0),
            "last": lambda: control.go_end(-1),
            "accept_file": lambda: self._on_shown(lambda: control.rest_of_file(accept=True)),
            "reject_file": lambda: self._on_shown(lambda: control.rest_of_file(accept=False)),
            "undo": lambda: self._turn_back(argument, commands.Undo(argument), control.undo),
            "redo": lambda: self._turn_back(argument, commands.Redo(argument), control.redo),
            "pick": lambda: control.pick(int(argument) if argument.isdecimal() else 0),
            "live": control.go_live,
            "follow": control.turn_following,
            "reason": lambda: self._on_shown(lambda: self._ask_reason(argument)),
            "search": lambda: self._ask_search(argument),
            "accept_all": lambda: self._sweep(accept=True),
            "reject_all": lambda: self._sweep(accept=False),
        }
        self._after(simple[name]())

    def _after(self, said: str) -> None:
        if said:
            self.notify(said, markup=False, timeout=4)
        first = self.rows.update()
        self.diff.took_over(first)
        self._set_following(self.control.following)
        self.diff.show_cursor()
        self.rail.took_over()
        self.post_message(self.Updated())

    def _on_shown(self, act: Callable[[], str]) -> str:
        """Decide only what is in view; else bring it there, and say so."""
        item = self.control.current
        if item is not None and item.state != "writing" and not self.diff.is_in_view(item):
            return "here is the current change; press the key again to decide it"
        return act()

    def _turn_back(self, what: str, command: Command, act: Callable[[], str]) -> str:
        """Undo or redo: what was named, else what the cursor is on."""
        if not what:
            return act()
        self.control.send(command)
        return ""

    def _set_following(self, on: bool) -> None:
        self.control.following = on
        if on and not self.diff.pinned:
            self.diff.pin()
        elif not on:
            self.diff.unpin()

    def _ask_reason(self, reason: str) -> str:
        item = self.control.current
        if item is None or not (item.is_open or item.taken):
            return self.control.reject()
        if reason:
            return self.control.reject(reason)
        self.app.push_screen(
            AskScreen("Why is this change rejected?", "the reason goes with the decision"),
            lambda said: self._reject_with(item.id, said),
        )
        return ""

    def _reject_with(self, id: str, reason: str | None) -> None:
        if reason is None:
            return
        self.diff.remember_top()
        self.control.cursor = id
        self._after(self.control.reject(reason))

    def _ask_search(self, needle: str) -> str:
        if needle:
            return self.control.search(needle)
        placeholder = f"enter repeats: {self.control.needle}" if self.control.needle else ""
        self.app.push_screen(AskScreen("Search in paths and lines", placeholder), self._search)
        return ""

    def _search(self, needle: str | None) -> None:
        if needle is not None:
            self._after(self.control.search(needle))

    def _sweep(self, *, accept: bool) -> str:
        sweep = self.control.sweep(accept=accept)
        if sweep is None:
            return "nothing is open" if not self.board.undecided else "nothing open has a place"
        title = f"{'Accept' if accept else 'Reject'} {count(len(sweep.choices), 'change')}?"
        confirm = ConfirmScreen(title, _sweep_detail(sweep), f"{'accept' if accept else 'reject'}")
        self.app.push_screen(confirm, lambda yes: self._swept(sweep, yes))
        return ""

    def _swept(self, sweep: Sweep, yes: bool | None) -> None:
        if yes:
            self.diff.remember_top()
            self._after(self.control.everything(sweep))

    def action_shift(self, step: int) -> None:
        self.diff.shift(step * SHIFT_STEP)

    # -- mouse

    def on_diff_view_picked(self, message: DiffView.Picked) -> None:
        self._go_to(message, message.item)

    def on_file_rail_picked(self, message: FileRail.Picked) -> None:
        self._go_to(message, message.item)

    def on_diff_view_pressed(self, message: DiffView.Pressed) -> None:
        self._go_to(message, message.item)
        self.act(message.action, message.argument)

    def _go_to(self, message: Message, item: Item) -> None:
        message.stop()
        if item.id in self.board.items:
            self.diff.remember_top()
            self._after(self.control.go_to(item))


def _sweep_detail(sweep: Sweep) -> str:
    lines = []
    if sweep.unseen:
        was = "was" if sweep.unseen == 1 else "were"
        lines.append(f"{sweep.unseen:,} of them {was} never on screen.")
    else:
        one = len(sweep.choices) == 1
        lines.append("It was on screen." if one else "Each of them was on screen.")
    if sweep.unplaced:
        lines.append(f"{count(sweep.unplaced, 'other')} cannot be decided this way and stay open.")
    return "\n".join(lines)
