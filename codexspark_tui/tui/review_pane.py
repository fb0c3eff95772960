"""The review: file rail and live diff, and all that can be done with changes.

It owns the board and what is made of it. Events reach it in batches; whatever it shows or does
comes from `model/`. Screens put it beside other panes and tell it which action is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message

from codexspark_tui.counts import count
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
    LinesMoved,
    StreamFinished,
    TurnEnded,
    TurnStarted,
    VersionShown,
)
from codexspark_tui.tui.bindings import bindings_of
from codexspark_tui.tui.files import NO_FILES, Files
from codexspark_tui.tui.model.board import Board, Item
from codexspark_tui.tui.model.cells import clean, shortened_path, width_of
from codexspark_tui.tui.model.control import Control
from codexspark_tui.tui.model.diff_rows import BESIDE_FROM, DiffRows
from codexspark_tui.tui.model.guess import Guesses
from codexspark_tui.tui.review_check import CheckActions
from codexspark_tui.tui.review_decide import DecideActions
from codexspark_tui.tui.review_hand import HandActions
from codexspark_tui.tui.review_verify import VerifyActions
from codexspark_tui.tui.review_view import ViewActions, moved_texts
from codexspark_tui.tui.widgets.diff_view import DiffView
from codexspark_tui.tui.widgets.file_rail import FileRail
from codexspark_tui.tui.widgets.key_bar import KeyBar

REVIEW_EVENTS: tuple[type[Event], ...] = (
    TurnStarted, StreamFinished, TurnEnded, ChangeOpened, HunkLines, ChangeClosed, ChangeMoved,
    ChangeStale, ChangeDecided, ChangeSplit, ChangeUndone, FileWritten, DecisionRefused,
    VersionShown, LinesMoved,
)  # fmt: skip

RAIL, SCROLLBAR = 26, 1  # cells, at least
LEAST_TITLE = 8  # cells for a path


class ReviewPane(Horizontal):
    """`send` takes the session's commands; `writes`: an accepted change goes to disk."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("review")
    DEFAULT_CSS = """
    ReviewPane { height: 1fr; width: 1fr; }
    ReviewPane > #rail { width: 24%; min-width: 26; max-width: 44; display: none; }
    ReviewPane > #diff { width: 1fr; }
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

    class Said(Message):
        """What came of an action, in passing ("" is nothing), or for longer if it `stays`."""

        def __init__(self, text: str, stays: bool = False) -> None:
            super().__init__()
            self.text = text
            self.stays = stays

    def __init__(
        self,
        send: Callable[[Command], None],
        *,
        writes: bool = True,
        files: Files = NO_FILES,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.board = Board()
        self.rows = DiffRows(self.board)
        self.control = Control(self.board, self.rows, send=send, writes=writes)
        self.guesses = Guesses(self.board, files.lines)
        self.views = ViewActions(self, files.lines)
        self.hands = HandActions(self, files)
        self.checks = CheckActions(self, files)
        self.decisions = DecideActions(self)
        handlers = self.decisions.handlers()
        self._handlers = {**handlers, **self.views.handlers(), **self.hands.handlers()}
        self.verifying = VerifyActions(self, files)
        self._handlers |= self.checks.handlers()
        self._handlers |= self.verifying.handlers()
        self._turn_begun = 0
        self._title = ""

    def compose(self) -> ComposeResult:
        yield FileRail(self.rows, self.control, id="rail")
        yield DiffView(self.rows, self.control, id="diff")

    @property
    def can_make_room(self) -> bool:
        """Whether two sides fit without the rail."""
        return self.size.width - SCROLLBAR >= BESIDE_FROM

    def make_room(self) -> None:
        """The rail gives way to two sides where they do not fit beside it."""
        beside = self.rows.wants_beside and self.can_make_room
        self.set_class(beside and self.size.width - RAIL - SCROLLBAR < BESIDE_FROM, "-beside")

    def on_resize(self) -> None:
        self.make_room()
        self.call_after_refresh(self.show_title)

    @property
    def diff(self) -> DiffView:
        return self.query_one(DiffView)

    @property
    def rail(self) -> FileRail:
        return self.query_one(FileRail)

    def show_title(self) -> None:
        """How many files there are, and the one of the cursor, whose heading may be out of view."""
        self.make_room()
        files = self.rows.files_of(self.board.turn)
        said = f" changes in {count(files, 'file')} " if files else " changes "
        current = self.control.current
        room = self.diff.size.width - width_of(said) - 6
        if current is not None and room > LEAST_TITLE:
            said += f"· {shortened_path(clean(current.path), room)} "
        if said != self._title:  # a new title paints the whole pane
            self._title = said
            self.diff.border_title = Content(said)

    # -- events

    def on_review_pane_arrived(self, message: Arrived) -> None:
        message.stop()
        self.diff.remember_top()
        for event in message.events:
            self.board.note(event)
        self.guesses.go_on([e.change for e in message.events if isinstance(e, HunkLines)])
        for refused in [e for e in message.events if isinstance(e, DecisionRefused)]:
            self.say(refused.why)  # where the eye is; the session pane keeps it
        self.checks.note(message.events)
        self.views.note(message.events)
        self._take_over()
        if any(isinstance(event, StreamFinished) for event in message.events):
            self._set_following(False)
            self.diff.mark_moved(moved_texts(self.board.of_turn(self.board.turn)))

    def _take_over(self) -> None:
        """Rows, cursor and panes follow the board."""
        before = self.control.cursor
        first = self.rows.update()
        self.control.settle()
        current, turn = self.control.current, self.board.turn
        began = current is not None and current.turn == turn != self._turn_begun
        if began:
            self._turn_begun = self.board.turn
            self.diff.took_over(0)
            self.diff.jump_to(self._turn_top())
        else:
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
        handler = self._handlers[name]
        self.do(lambda: self._with_selection(name, argument) or handler(argument))

    def do(self, act: Callable[[], str]) -> None:
        """Do it, show what came of it, and say what it says."""
        self.diff.remember_top()
        before = self.control.cursor
        self.control.unmoved = False
        said = act()
        if self.control.cursor != before:
            self.hands.end_selection()
            self.views.unfold_current()
        self.after(said.strip())

    def _with_selection(self, name: str, argument: str) -> str:
        """ "" where the action is not for selected lines."""
        said = self.hands.with_selection(name, argument)
        return "" if said is None else said or " "

    def say(self, text: str) -> None:
        """Something in passing."""
        self.post_message(self.Said(text))

    def tell(self, text: str) -> None:
        """Something longer, that stays."""
        self.post_message(self.Said(text, stays=True))

    @contextmanager
    def lent(self) -> Iterator[bool]:
        """The terminal is another program's meanwhile; False where it cannot be given away."""
        try:
            with self.app.batch_update(), self.app.suspend():
                yield True
        except SuspendNotSupported:
            yield False
        self.app.refresh(layout=True)

    def after(self, said: str) -> None:
        self.say(said)
        first = self.rows.update()
        self.diff.took_over(first)
        self._set_following(self.control.following)
        if self.diff.selection is None:
            self.diff.show_cursor()
        self.rail.took_over()
        self.post_message(self.Updated())

    def _set_following(self, on: bool) -> None:
        self.control.following = on
        if on and not self.diff.pinned:
            self.diff.pin()
        elif not on:
            self.diff.unpin()

    # -- mouse

    def on_diff_view_picked(self, message: DiffView.Picked) -> None:
        self._go_to(message, message.item)

    def on_file_rail_picked(self, message: FileRail.Picked) -> None:
        self._go_to(message, message.item)

    def on_diff_view_pressed(self, message: DiffView.Pressed) -> None:
        self._go_to(message, message.item)
        if message.action in self._handlers:
            self.act(message.action, message.argument)
        else:
            self.post_message(KeyBar.Pressed(message.action))

    def _go_to(self, message: Message, item: Item) -> None:
        message.stop()
        self.go_to(item)

    def go_to(self, item: Item) -> None:
        if item.id in self.board.items:
            self.do(lambda: self.control.go_to(item))
