"""The way in: open the app on a session, and tell how it ended.

This is the one module of the room that may be imported by a face; it sets what textual reads at its
import (the frame rate) and imports the rest when the app is wanted.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, cast

from codexspark_tui.actions.auto_test import NO_AUTO_TEST, AutoMode, AutoTest
from codexspark_tui.actions.edit import open_session, resumed_session
from codexspark_tui.actions.hooks import Hooks, SessionHooks
from codexspark_tui.actions.oneshot import Outcome, Plan, picked_outcome
from codexspark_tui.actions.tally import Tally
from codexspark_tui.config import Config
from codexspark_tui.errors import SparkError
from codexspark_tui.events import commands
from codexspark_tui.events.facts import Event, TurnStarted
from codexspark_tui.patch.model import Resolved
from codexspark_tui.providers.model import Provider
from codexspark_tui.session.models import Setup
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:  # what textual reads at its import is set first
    from textual.driver import Driver

    from codexspark_tui.session.session import Session
    from codexspark_tui.tui.app import SparkApp
    from codexspark_tui.tui.files import Files

Names: TypeAlias = Callable[[], tuple[str, ...]]
FRAMES_PER_S = "120"
ANIMATIONS = "TEXTUAL_ANIMATIONS"
DRIVER = "TEXTUAL_DRIVER"
WEB_DRIVER = "textual.drivers.web_driver:WebDriver"


@dataclass(frozen=True, slots=True)
class Record:
    """What a session came to, for the normal screen."""

    accepted: int
    rejected: int
    left_open: int
    files: tuple[str, ...]
    undone: int = 0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person's settings say of the app: see `SETTINGS` in config.py."""

    theme: str = ""
    keys: str = ""
    notify: str = "off"
    test_command: str = ""
    models: Names = tuple
    auto_test: AutoTest = NO_AUTO_TEST
    hooks: Hooks = field(default_factory=Hooks)
    config: Config | None = None
    calm: bool = False

    @classmethod
    def of(cls, config: Config, theme: str = "") -> Wishes:
        """The settings; `theme` is that of the command line."""
        return cls(
            theme or config.text("theme"),
            config.text("keys"),
            config.text("notify"),
            config.text("test_command"),
            auto_test=AutoTest(
                cast(AutoMode, config.text("auto_test")), network=config.is_on("run_network")
            ),
            hooks=Hooks.of(config),
            config=config,
            calm=config.is_on("reduced_motion") or os.environ.get(ANIMATIONS, "").lower() == "none",
        )

    def files(self, workspace: Workspace) -> Files:
        """What the app may do with the files of a workspace."""
        from codexspark_tui.tui.files import Files

        return Files(workspace, self.test_command, self.auto_test, self.config)


NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Start:
    """How a session begins. `ready`: a prompt that waits to be sent. Not `kept`: no transcript,
    history or draft. `resume`: the id of a kept session to go on with ("last": the newest).
    `in_browser`: the terminal is a page (see `is_in_browser`)."""

    ready: str = ""
    kept: bool = True
    resume: str = ""
    in_browser: bool = False


AFRESH = Start()


@dataclass(slots=True)
class _Chosen:
    """The picker of a review that was made on the screen."""

    writes: bool
    taken: frozenset[str]
    changes: list[Resolved]

    def note(self, event: Event) -> None:
        """The tally has seen it."""

    def chosen(self) -> list[Resolved]:
        return self.changes

    async def finish(self) -> None:
        """Nothing is left to do."""


def is_in_browser() -> bool:
    """Whether the process was started by textual-serve, with a page for its terminal."""
    return os.environ.get(DRIVER) == WEB_DRIVER


def _driver(in_browser: bool) -> type[Driver]:
    """What the app draws with."""
    if in_browser:
        from codexspark_tui.tui.web_driver import SparkWebDriver

        return SparkWebDriver
    from codexspark_tui.tui.driver import SparkDriver

    return SparkDriver


def _prepare() -> None:
    os.environ.pop(DRIVER, None)  # what the app runs is not in a browser
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_S)
    gc.disable()  # until everything is imported


def run_session(
    workspace: Workspace,
    provider: Provider,
    setup: Setup | None = None,
    *,
    start: Start = AFRESH,
    wishes: Wishes = NO_WISHES,
) -> Record:
    """The app on a session, until the person leaves it and no other one is chosen."""
    _prepare()
    if setup is not None:
        auto = replace(wishes.auto_test, keeper=setup.keeper)
        wishes = replace(wishes, models=setup.models.names, auto_test=auto)
    session = _session(workspace, provider, setup, start)
    app = _session_app(session, workspace, provider.name, start, wishes)
    _run_hooked(app, workspace, wishes.hooks)
    while app.next_session:
        provider = _anew(provider, setup)
        session = resumed_session(workspace, provider, setup, app.next_session)
        app = _session_app(session, workspace, provider.name, replace(start, ready=""), wishes)
        _run_hooked(app, workspace, wishes.hooks)
    board = app.first.pane.board
    counts = board.counts
    return Record(
        board.accepted,
        counts["rejected"],
        board.undecided,
        board.files_written(),
        counts["undone"],
    )


def _anew(provider: Provider, setup: Setup | None) -> Provider:
    """The same provider for another session: the first one has put its things away."""
    if setup is None:
        return provider
    try:
        return setup.models.open(provider.name)
    except SparkError:
        return provider


def pick_session(workspace: Workspace, wishes: Wishes = NO_WISHES) -> str | None:
    """Let the person choose an earlier session; None when they go back, or there is none."""
    _prepare()
    from codexspark_tui.actions.sessions import sessions_of
    from codexspark_tui.tui.screens.sessions import SessionPicker

    return SessionPicker(sessions_of(workspace.root), wishes.theme).run()


def _session(
    workspace: Workspace, provider: Provider, setup: Setup | None, start: Start
) -> Session:
    if start.resume:
        return resumed_session(workspace, provider, setup, start.resume)
    return open_session(workspace, provider, setup, kept=start.kept)


def _session_app(
    session: Session, workspace: Workspace, provider: str, start: Start, wishes: Wishes
) -> SparkApp:
    from codexspark_tui.tui.app import SparkApp
    from codexspark_tui.tui.keymap import load_keymap
    from codexspark_tui.tui.screens.session import SessionScreen

    screen = SessionScreen(
        session.send,
        workspace.root,
        start.ready,
        kept=start.kept,
        provider=provider,
        files=wishes.files(workspace),
        keymap=load_keymap(wishes.keys),
    )
    app = SparkApp(
        session,
        screen,
        theme=wishes.theme,
        notify=wishes.notify,
        models=wishes.models,
        driver=_driver(start.in_browser),
        calm=wishes.calm,
        tells_lag=True,
    )
    if start.in_browser and start.kept:
        app.also = partial(_tell_page, app)
    return app


def _tell_page(app: SparkApp, event: Event) -> None:
    """There is something to come back to."""
    from codexspark_tui.tui.web_driver import SparkWebDriver

    if isinstance(event, TurnStarted) and isinstance(app._driver, SparkWebDriver):
        app._driver.tell_session(app.session.id)


def run_review(
    workspace: Workspace,
    session: Session,
    name: str,
    plan: Plan,
    *,
    writes: bool,
    wishes: Wishes = NO_WISHES,
) -> Outcome:
    """Review the patch that the provider of `session` gives.

    Without `writes`, what was chosen is in the outcome. The terminal must be on descriptors 0 to 2
    (see `terminal`).
    """
    _prepare()
    from codexspark_tui.tui.app import SparkApp
    from codexspark_tui.tui.keymap import load_keymap
    from codexspark_tui.tui.screens.review import ReviewScreen

    tally = Tally()
    session.send(commands.Prompt(f"review {name}"))
    screen = ReviewScreen(
        session.send,
        writes=writes,
        files=wishes.files(workspace),
        keymap=load_keymap(wishes.keys),
    )
    _run(SparkApp(session, screen, theme=wishes.theme, also=tally.note, calm=wishes.calm))
    board = screen.pane.board
    ids = frozenset(i.id for i in board.items.values() if i.taken or i.state == "written")
    return picked_outcome(tally, _Chosen(writes, ids, screen.pane.control.chosen()), plan)


def _run_hooked(app: SparkApp, workspace: Workspace, hooks: Hooks) -> None:
    """The same with the person's hooks after each turn."""
    if not hooks:
        _run(app)
        return

    def tell(said: str) -> None:
        if app.is_running:
            app.tell_later(said)
        else:
            sys.stderr.write(f"spark: {said}\n")

    before = app.also

    def note(event: Event) -> None:
        if before is not None:
            before(event)
        session_hooks.note(event)

    app.also = note
    with SessionHooks(hooks, workspace.root, tell) as session_hooks:
        _run(app)


def _run(app: SparkApp) -> None:
    gc.freeze()
    gc.enable()
    app.run()
    if app.crash is not None:
        raise app.crash
