"""The app without a screen: linear, line by line, for screen readers and simple terminals.

Nothing is drawn and nothing moves: what comes is said once, in order, a change when it is complete
and then asked about, so that the cursor is always at the question. A bell ends each turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from codexspark_tui.actions.edit import EditRequest, make_provider, make_setup, run_edit
from codexspark_tui.actions.history import turned
from codexspark_tui.actions.oneshot import Outcome, Plan
from codexspark_tui.actions.own_commands import expanded
from codexspark_tui.cli.faces import TurnFace
from codexspark_tui.cli.hunks import HunkPicker
from codexspark_tui.cli.run import after_turn
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.config import Config
from codexspark_tui.errors import SparkError
from codexspark_tui.events import facts
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.workspace import Workspace

HELP = """\
Type what to change, and press enter. Each change is then asked about; ? lists the keys.
/undo WHAT - take back a turn (7), a change (7.2) or a file; without WHAT the last turn
/redo WHAT - put it back
/log - the last turns
/NAME - your own command of that name
/help - this text
/quit - leave; also ctrl+d
"""
OURS = ("/undo", "/redo", "/log", "/help", "/quit", "/q")
BELL = "\a"


class PlainFace(TurnFace):
    """Also says what the model says, line by line as it is complete."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(interactive=True)
        self._terminal = terminal
        self._said = ""

    def show(self, event: Event) -> None:
        super().show(event)
        match event:
            case facts.ProseDelta():
                self._said += event.text
                *whole, self._said = self._said.split("\n")
                for line in whole:
                    if line.strip() and not line.startswith("```"):
                        self._terminal.write_safely(f"{line}\n")
            case facts.StreamFinished():
                self._terminal.write_safely(f"{self._said}\n" if self._said.strip() else "")
                self._said = ""
            case _:
                pass


def run_plain(workspace: Workspace, config: Config, folder: Path) -> int:
    """Prompt after prompt, until the person leaves."""
    with Terminal.open() as terminal, closing(workspace):
        terminal.write_safely(
            f"spark in {path_text(str(workspace.root))}. /help says what to do.\n"
        )
        while True:
            line = asyncio.run(terminal.ask("What should change? "))
            if line is None or line in ("/quit", "/q"):
                return 0
            if line.split()[:1] and line.split()[0] in OURS:
                terminal.write_safely(_told(partial(_command, workspace, line)))
            elif line:
                act = partial(_turn, workspace, config, folder, line, terminal)
                terminal.write_safely(_told(act))
                terminal.write(BELL)


def _told(act: Callable[[], str]) -> str:
    """What came of it; an error as a sentence with its next step."""
    try:
        return act()
    except SparkError as error:
        parts = (error.title, error.detail, error.next_step)
        return "".join(f"{part}\n" for part in parts if part)


def _turn(
    workspace: Workspace, config: Config, folder: Path, prompt: str, terminal: Terminal
) -> str:
    provider = make_provider(config, folder)
    text, _ = expanded(workspace, prompt)
    request = EditRequest(text, setup=make_setup(config, folder))
    plan = Plan("write", config.is_on("partial"), config.is_on("mentions"))

    def picker(send: Callable[[Command], None]) -> HunkPicker:
        return HunkPicker(send, terminal, writes=True)

    face = PlainFace(terminal)
    outcome = asyncio.run(run_edit(workspace, provider, request, plan, face, picker))
    after_turn(workspace.root, config, outcome)
    return _summary(outcome)


def _summary(outcome: Outcome) -> str:
    if outcome.error is not None:
        return "".join(f"{p}\n" for p in (outcome.error.title, outcome.error.next_step) if p)
    if not outcome.accepted + outcome.rejected + outcome.refused:
        return "Nothing to change.\n"
    refused = f", {outcome.refused} could not be placed" if outcome.refused else ""
    back = f" /undo {outcome.entry} takes it back." if outcome.entry else ""
    return f"{outcome.accepted} accepted, {outcome.rejected} rejected{refused}.{back}\n"


def _command(workspace: Workspace, line: str) -> str:
    name, _, what = line.partition(" ")
    if name == "/undo" or name == "/redo":
        return turned(workspace, "undo" if name == "/undo" else "redo", what.strip() or None)
    if name == "/log":
        turns = workspace.log(10)
        said = (f"{t.number}: {t.prompt}, {t.changes} changes, {t.applied} in place" for t in turns)
        return "".join(f"{line}\n" for line in said) or "Nothing was written here yet.\n"
    return HELP
