"""The application: one session on one screen, until it is closed.

It starts the bridge, offers themes, palette and help, and nothing else: what happens in a session
reaches the widgets that own it by `bridge`, and what a key does stands with the screens.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.markup import escape
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.events import Event as Event_
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Input, TextArea
from textual.worker import Worker, WorkerState

from codexspark_tui.errors import Interrupted, SparkError
from codexspark_tui.events.commands import Close, Look
from codexspark_tui.events.facts import Event, StreamFinished, TurnStarted
from codexspark_tui.session.session import Session
from codexspark_tui.tui.actions_list import ACTIONS
from codexspark_tui.tui.bridge import CALM_S, Bridge
from codexspark_tui.tui.calls import Caller
from codexspark_tui.tui.colours import default_variables
from codexspark_tui.tui.driver import SparkDriver, TerminalGone
from codexspark_tui.tui.lag import PaintLag
from codexspark_tui.tui.looks import LOOKS
from codexspark_tui.tui.own_runs import interrupt
from codexspark_tui.tui.registry import shown_keys
from codexspark_tui.tui.screens.base import ReviewingScreen
from codexspark_tui.tui.theming import Themes

if TYPE_CHECKING:
    from textual.driver import Driver

    from codexspark_tui.actions.sessions import Kept

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KEPT = "What was accepted is on disk: spark log lists it, spark undo takes it back."


def _things() -> type[Provider]:
    """Loaded when the palette is first opened."""
    from codexspark_tui.tui.palette import Things

    return Things


class SparkApp(App[None], inherit_bindings=False):
    """`screen` shows the session; `also` sees each event; `crash` is what ended the session.

    `calm`: reduced motion, so few repaints. `tells_lag`: a paint that comes late is told.
    """

    TITLE = "spark"
    CSS = LOOKS
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "interrupt", show=False)]
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = App.COMMANDS | {_things}

    def __init__(
        self,
        session: Session,
        screen: ReviewingScreen,
        *,
        theme: str = "",
        notify: str = "off",
        models: Callable[[], tuple[str, ...]] = tuple,
        also: Callable[[Event], None] | None = None,
        driver: type[Driver] = SparkDriver,
        calm: bool = False,
        tells_lag: bool = False,
    ) -> None:
        super().__init__(driver_class=driver)
        self.session = session
        self.crash: BaseException | None = None
        self.first = screen
        self.also = also
        self.next_session = ""
        self.models = models
        self.calls = Caller(None, notify)
        self._notify = notify
        self.animation_level = "none"  # a page that glides is a page that comes late
        self.themes = Themes(self, theme)
        self._calm = calm
        show = screen.status.show_lag
        self._lag = PaintLag(screen.pane.call_after_refresh, show) if tells_lag else None

    def get_default_screen(self) -> Screen[None]:
        return self.first

    def on_mount(self) -> None:
        self.themes.mounted()
        self.calls = Caller(self._driver, self._notify)
        self.calls.begin()
        if self._lag is not None:
            self.app_resume_signal.subscribe(self, self._lag.resumed)
        self.set_keymap(self.first.keymap.bindings())
        for problem in self.first.keymap.problems:
            self.notify(str(problem), severity="warning", markup=False, timeout=10)
        if not self.is_headless:
            for number in SIGNALS:
                asyncio.get_running_loop().add_signal_handler(number, self._signalled, number)
        bridge = Bridge(self.session, self.first.routes(), self._seen, CALM_S if self._calm else 0)
        self.first.begin(self._calm)
        self.run_worker(bridge.run(), name="session", group="session", exit_on_error=False)

    def _seen(self, event: Event) -> None:
        """Each event as it comes."""
        if self._lag is not None and isinstance(event, TurnStarted | StreamFinished):
            self._lag.streaming(isinstance(event, TurnStarted))
        if self.also is not None:
            self.also(event)

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """The screen as SVG, in which every blank counts."""
        svg = super().export_screenshot(title=title, simplify=simplify)
        return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)

    def _fatal_error(self) -> None:
        """A fault of ours: no traceback on the person's screen; the outermost frame says it."""
        self.crash = self._exception
        self._close_messages_no_wait()

    async def on_event(self, event: Event_) -> None:
        """A key that types nothing acts before the next one is looked at.

        Textual lets it rise through the panes first, and a key typed right behind it would go to
        the pane that had the focus before: "inext" would reject a change.
        """
        if isinstance(event, Key) and not event.is_forwarded:
            self.app_focus = True  # who types is here, whatever the terminal has said of its focus
            if self.focused is None and self.screen is self.first and self.first.AUTO_FOCUS:
                self.first.set_focus(self.first.query(self.first.AUTO_FOCUS).first())
            if self._lag is not None:
                self._lag.since(time.monotonic())
            typing = isinstance(self.focused, TextArea | Input)
            if not typing and await self._check_bindings(event.key):
                return
        await super().on_event(event)

    def _signalled(self, number: signal.Signals) -> None:
        if number is signal.SIGHUP:
            self.calls.forget()
        self.end(Interrupted(f"ended by {number.name}", next_step=KEPT))

    def on_terminal_gone(self, message: TerminalGone) -> None:
        self.calls.forget()
        closed = Interrupted("the terminal was closed", next_step=KEPT)
        self.end(None if message.wanted else closed)

    def tell_later(self, said: str) -> None:
        """A warning from another thread; nothing once the app is over."""
        if self.is_running:
            self.call_later(partial(self.notify, said, severity="warning", markup=False))

    def end(self, why: SparkError | None) -> None:
        """Leave without asking; what is typed is kept."""
        self.crash = why
        self.first.keep()
        self.exit()

    def panic(self, *renderables: object) -> None:
        """Textual's way to end with a traceback; ours ends with a sentence."""
        self.crash = self.crash or SparkError("the screen failed", next_step=KEPT)
        self._close_messages_no_wait()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "session" and event.state in (
            WorkerState.SUCCESS,
            WorkerState.ERROR,
        ):
            self.crash = self.crash or event.worker.error
            self.exit()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        for action in ACTIONS:
            if action.where != "prompt" or self.first.has_prompt:
                named = shown_keys(action, self.first.keymap.keys)
                keys = f"  · {escape(named)}" if named else ""
                yield SystemCommand(
                    f"{action.title}{keys}",
                    escape(action.help),
                    lambda a=action: self.first.act(a.name),
                )

    def action_palette(self, argument: str = "") -> None:
        from codexspark_tui.tui.palette import Palette

        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette(id="--command-palette"))

    action_interrupt = interrupt
    action_command_palette = action_palette  # what Textual's own key for it does

    def action_menu(self, argument: str = "") -> None:
        from codexspark_tui.tui.screens.menu import open_menu

        open_menu(self, self.first)

    def action_help(self, argument: str = "") -> None:
        from codexspark_tui.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.first.keymap.keys))

    def on_app_focus(self) -> None:
        self.calls.looked_at = True
        self.session.send(Look())  # who comes back may have changed a file

    def on_app_blur(self) -> None:
        self.calls.looked_at = False

    def on_unmount(self) -> None:
        self.calls.end()

    def kept_sessions(self) -> list[Kept]:
        """The other sessions of this repository."""
        from codexspark_tui.actions.sessions import sessions_of

        root = self.first.root
        return [k for k in sessions_of(root) if k.id != self.session.id] if root else []

    def action_sessions(self, id: str = "") -> None:
        """Leave this session, which is kept, and go on with another one."""
        from codexspark_tui.tui.screens.sessions import SessionsScreen

        def chosen(id: str | None) -> None:
            if id:
                self.next_session = id
                self.first.keep()
                self.session.send(Close())

        if id:
            chosen(id)
            return
        self.push_screen(SessionsScreen(self.kept_sessions()), chosen)

    def action_settings(self, argument: str = "") -> None:
        from codexspark_tui.tui.screens.settings import SettingsScreen

        config = self.first.config
        self.push_screen(SettingsScreen(self.first.root, {} if config is None else config.flags))

    def action_theme(self, name: str = "") -> None:
        from codexspark_tui.tui.screens.theme import ThemeScreen

        def chosen(name: str | None) -> None:
            self.themes.keep(name, self.first.root)

        if name:
            chosen(name)
        else:
            self.push_screen(ThemeScreen(list(self.themes.loaded.themes.values())), chosen)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return default_variables()
