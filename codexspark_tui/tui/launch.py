"""The way in: open the app on a session, and tell how it ended.

This is the one module of the room that may be imported by a face; it sets what textual reads at its
import (the frame rate) and imports the rest when the app is wanted.
"""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass

from codexspark_tui.actions.edit import open_session
from codexspark_tui.actions.oneshot import Outcome, Plan, picked_outcome
from codexspark_tui.actions.tally import Tally
from codexspark_tui.events import commands
from codexspark_tui.events.facts import Event
from codexspark_tui.patch.model import Resolved
from codexspark_tui.providers.model import Provider
from codexspark_tui.session.models import Setup
from codexspark_tui.workspace import Workspace

FRAMES_PER_S = "120"


@dataclass(frozen=True, slots=True)
class Record:
    """What a session came to, for the normal screen."""

    accepted: int
    rejected: int
    left_open: int
    files: tuple[str, ...]


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


def _prepare() -> None:
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_S)


def run_session(
    workspace: Workspace,
    provider: Provider,
    setup: Setup | None = None,
    *,
    theme: str = "",
    ready: str = "",
    kept: bool = True,
) -> Record:
    """The app on a new session, until the person leaves.

    `ready`: a prompt that waits to be sent. Not `kept`: no transcript, history or draft.
    """
    _prepare()
    from codexspark_tui.tui.app import SparkApp
    from codexspark_tui.tui.files import Files
    from codexspark_tui.tui.keymap import load_keymap
    from codexspark_tui.tui.screens.session import SessionScreen

    session = open_session(workspace, provider, setup, kept=kept)
    screen = SessionScreen(
        session.send,
        workspace.root,
        ready,
        kept=kept,
        provider=provider.name,
        files=Files(workspace),
        keymap=load_keymap(),
    )
    app = SparkApp(session, screen, theme=theme)
    _run(app)
    board = screen.pane.board
    return Record(board.accepted, board.counts["rejected"], board.undecided, tuple(board.written))


def run_review(
    workspace: Workspace,
    provider: Provider,
    name: str,
    plan: Plan,
    *,
    writes: bool,
    theme: str = "",
) -> Outcome:
    """Review the patch that `provider` gives. Without `writes`, what was chosen is in the outcome.

    The terminal must be on descriptors 0 to 2 (see `terminal`).
    """
    _prepare()
    from codexspark_tui.tui.app import SparkApp
    from codexspark_tui.tui.files import Files
    from codexspark_tui.tui.keymap import load_keymap
    from codexspark_tui.tui.screens.review import ReviewScreen

    tally = Tally()
    session = open_session(workspace, provider)
    session.send(commands.Prompt(f"review {name}"))
    screen = ReviewScreen(session.send, writes=writes, files=Files(workspace), keymap=load_keymap())
    _run(SparkApp(session, screen, theme=theme, also=tally.note))
    board = screen.pane.board
    ids = frozenset(i.id for i in board.items.values() if i.taken or i.state == "written")
    return picked_outcome(tally, _Chosen(writes, ids, screen.pane.control.chosen()), plan)


def _run(app: object) -> None:
    from codexspark_tui.tui.app import SparkApp

    assert isinstance(app, SparkApp)
    gc.collect()
    gc.freeze()
    app.run()
    if app.crash is not None:
        raise app.crash
