"""What the screens with a review have in common: status line, key bar, and where actions go."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.screen import Screen

from codexspark_tui.counts import count
from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import Event
from codexspark_tui.tui.action import When, Where
from codexspark_tui.tui.bindings import bindings_of
from codexspark_tui.tui.bridge import Route
from codexspark_tui.tui.calls import Caller
from codexspark_tui.tui.files import NO_FILES, Files
from codexspark_tui.tui.keymap import BUILT_IN, Keymap
from codexspark_tui.tui.own_runs import OwnRuns
from codexspark_tui.tui.registry import BY_NAME, bar_of, shown_key
from codexspark_tui.tui.review_pane import REVIEW_EVENTS, ReviewPane
from codexspark_tui.tui.screens.confirm import ConfirmScreen
from codexspark_tui.tui.widgets.diff_view import DiffView
from codexspark_tui.tui.widgets.key_bar import KeyBar
from codexspark_tui.tui.widgets.line_view import LineView
from codexspark_tui.tui.widgets.status_line import STATUS_EVENTS, StatusLine

WIDTHS = ((0, "-narrow"), (100, "-broad"), (128, "-wide"))
HEIGHTS = ((0, "-short"), (24, "-tall"))


class ReviewingScreen(Screen[None]):
    """Owns a `ReviewPane`; `send` takes the session's commands."""

    DEFAULT_CSS = """
    ReviewingScreen ProseView, ReviewingScreen DiffView, ReviewingScreen FileRail {
        border-top: solid $spark-border;
        border-title-color: $spark-muted;
    }
    ReviewingScreen ProseView:focus, ReviewingScreen DiffView:focus {
        border-top: solid $spark-accent;
        border-title-color: $spark-accent;
    }
    ReviewingScreen.-broad ReviewPane #rail, ReviewingScreen.-wide ReviewPane #rail {
        display: block;
    }
    ReviewingScreen ReviewPane.-beside #rail { display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("app")
    has_prompt: ClassVar[bool] = False

    def __init__(
        self,
        send: Callable[[Command], None],
        *,
        writes: bool,
        files: Files = NO_FILES,
        keymap: Keymap = BUILT_IN,
    ) -> None:
        super().__init__()
        self.keymap = keymap
        self.root = files.root
        self.config = files.config
        self._streamed = False
        self.HORIZONTAL_BREAKPOINTS = [*WIDTHS]
        self.VERTICAL_BREAKPOINTS = [*HEIGHTS]
        self.send = send
        self.pane = ReviewPane(send, writes=writes, files=files, id="review")
        stop = next(map(shown_key, keymap.keys["stop"]), BY_NAME["stop"].command)
        checks, verifying = self.pane.checks, self.pane.verifying
        self.status = StatusLine(self.pane.board, lambda: checks.running or verifying.running, stop)
        self.runs = OwnRuns(send, self.status.status, self.warn)
        self.keys = KeyBar()
        self._keys_shown: tuple[Where, frozenset[When]] | None = None

    def begin(self, calm: bool) -> None:
        """The app is there. `calm`: what counts up is shown seldom."""
        self.status.calm = calm

    def routes(self) -> list[Route]:
        """Which events go where on this screen."""
        return [
            Route(self.pane, REVIEW_EVENTS, ReviewPane.Arrived),
            Route(self.status, STATUS_EVENTS, _stamped),
        ]

    def on_mount(self) -> None:
        self.watch(self, "focused", self._show_keys)

    def _show_keys(self) -> None:
        """The keys of the pane that has them, as far as they are of use now."""
        where: Where = "review" if isinstance(self.focused, DiffView) else "prompt"
        board = self.pane.board
        said: dict[When, bool] = {"streaming": board.streaming, "changes": bool(board.items)}
        now = frozenset(when for when, is_so in said.items() if is_so)
        if self._keys_shown != (where, now):
            self._keys_shown = (where, now)
            self.keys.show_actions(bar_of(where, now, self.keymap.keys))

    def action_act(self, name: str) -> None:
        self.act(name)

    def act(self, name: str, argument: str = "") -> None:
        """Do what the registry calls `name`, wherever its owner is."""
        where: Where = BY_NAME[name].where
        if where == "review":
            self.pane.act(name, argument)
        else:
            self.act_here(name, argument)

    def act_here(self, name: str, argument: str) -> None:
        """The actions that are this screen's or the app's."""
        match name:
            case "leave":
                self.leave()
            case "switch":
                self.focus_next()
            case "stop":
                self.stop()
            case "repaint":
                self.repaint()
            case "model":
                self.send(commands.SwitchModel(argument))
            case "export":
                self.export(argument)
            case "tell":
                self._tell(argument)
            case "run":
                self.runs.begin(argument)
            case "only":
                self.send(commands.SetGuard("only", argument))
            case "guards":
                self.send(commands.SetGuard(*argument.partition(" ")[::2]))
            case _:
                self.call_next(self.app.run_action, f"app.{name}({argument!r})")

    def repaint(self) -> None:
        """Everything anew, out of no cache."""
        for view in self.query(LineView):
            view.notify_style_update()
        self.refresh(layout=True)
        for widget in self.query("*"):
            widget.refresh()

    def _tell(self, text: str) -> None:
        if text:
            self.send(commands.Steer(text))
        else:
            self.warn("Say what to tell the model: /tell TEXT")

    def warn(self, text: str) -> None:
        """Something that the person did is not possible so."""
        self.notify(text, severity="warning", markup=False)

    def stop(self) -> None:
        if self.pane.diff.selection is not None:
            self.pane.hands.end_selection()
            self.keys.say("")
        elif self.runs.stop():
            return
        elif self.pane.board.streaming:
            self.send(commands.Cancel())
        elif self.pane.checks.stop() or self.pane.verifying.stop():
            return
        else:
            self.set_focus(self.pane.diff)

    def leave(self) -> None:
        """Close the session; ask first if something is still to be decided."""
        board = self.pane.board
        left = sum(item.is_open for item in board.items.values() if item.turn == board.turn)
        if not left and not board.streaming:
            self.send(commands.Close())
            return
        title = f"Leave with {count(left, 'undecided change')}?"
        if not left:
            title = "Leave while the answer still streams?"
        done = "written" if self.pane.control.writes else "printed"
        said = f"What is not accepted is not {done}; the transcript of the session keeps it."
        self.app.push_screen(ConfirmScreen(title, said, "leave"), self._leave)

    def keep(self) -> None:
        """Save what would be lost if the app ended now."""

    def _leave(self, yes: bool | None) -> None:
        if yes:
            self.send(commands.Close())

    def on_review_pane_updated(self, message: ReviewPane.Updated) -> None:
        message.stop()
        board = self.pane.board
        self.set_class(bool(board.items), "-changes")
        self.status.following = self.pane.control.following
        self.status.show_soon()
        self._show_keys()
        self._call()
        self.pane.show_title()
        if message.began:
            self.changes_began()

    def _call(self) -> None:
        """Tell a person who looks elsewhere when the turn needs them."""
        board, calls = self.pane.board, getattr(self.app, "calls", None)
        if not isinstance(calls, Caller):
            return
        if self._streamed and not board.streaming and board.undecided:
            calls.call(f"spark: {count(board.undecided, 'change')} to decide")
        self._streamed = board.streaming
        state = "…" if board.streaming else f"{board.undecided} open" if board.undecided else ""
        calls.title(f"spark {state}".strip())

    def export(self, name: str) -> None:
        """Write the session to a file; only a session screen has one."""
        self.warn("Nothing to export here.")

    def on_review_pane_said(self, message: ReviewPane.Said) -> None:
        message.stop()
        if message.stays:
            self.tell(message.text)
        else:
            self.keys.say(message.text)
        self.status.show_soon()  # it may say what runs

    def tell(self, text: str) -> None:
        """Something that the person may want to read twice."""
        self.notify(text[-600:], severity="warning", markup=False, timeout=20)

    def changes_began(self) -> None:
        """The first change of a turn has come."""
        self.set_focus(self.pane.diff)

    def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        message.stop()
        self.act(message.action)


def _stamped(events: Sequence[Event]) -> StatusLine.Arrived:
    return StatusLine.Arrived(events, time.monotonic())


def key_hint(name: str) -> str:
    """ "esc" for the action "stop"."""
    keys = BY_NAME[name].keys
    return shown_key(keys[0]) if keys else BY_NAME[name].command


def style_for_size(screen: ReviewingScreen) -> None:
    """Call when it is composed: Textual would do it when all has been styled and painted."""
    size = screen.app.size
    now = screen._get_breakpoint_classes(size.width, [*WIDTHS])
    now |= screen._get_breakpoint_classes(size.height, [*HEIGHTS])
    every = (*WIDTHS, *HEIGHTS)
    screen.update_classes({name: name in now for _, name in every}, update=False)
