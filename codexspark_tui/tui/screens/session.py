"""The session screen: prose, changes and prompt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static, TextArea

from codexspark_tui.actions.opening import files_of
from codexspark_tui.counts import count
from codexspark_tui.errors import SparkError
from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import (
    Asked,
    ContextChosen,
    DecisionRefused,
    Event,
    Failed,
    ModelChosen,
    Notice,
    TurnStarted,
    UndoConflict,
)
from codexspark_tui.events.paths import path_text
from codexspark_tui.index.finder import PathFinder
from codexspark_tui.tui.attention import Attention
from codexspark_tui.tui.bridge import Route
from codexspark_tui.tui.calls import call
from codexspark_tui.tui.files import NO_FILES, Files
from codexspark_tui.tui.keymap import BUILT_IN, Keymap
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.model.completion import mentioned
from codexspark_tui.tui.model.pasted import Entry
from codexspark_tui.tui.notes import Draft, History
from codexspark_tui.tui.registry import BY_COMMAND, BY_NAME, parse_command
from codexspark_tui.tui.screens.along import Along
from codexspark_tui.tui.screens.base import ReviewingScreen, style_for_size
from codexspark_tui.tui.screens.confirm import ConfirmScreen
from codexspark_tui.tui.screens.own import OwnPrompts
from codexspark_tui.tui.screens.questions import Questions
from codexspark_tui.tui.widgets.completions import Completions
from codexspark_tui.tui.widgets.prompt import Prompt
from codexspark_tui.tui.widgets.prose_view import PROSE_EVENTS, ProseView
from codexspark_tui.tui.widgets.welcome import Welcome

SAVE_S = 1.0
TOLD = (TurnStarted, ModelChosen, Notice, DecisionRefused, UndoConflict, Failed)
"""What is to be read beside the changes, also where nobody has asked anything yet."""
SAID_IN_THE_PROMPT = frozenset({"tell", "run", "pin", "drop", "export"})
"""Actions that need a word: called without one, their command waits in the prompt for it."""


class SessionScreen(ReviewingScreen):
    """`root`: the repository, whose history and draft the prompt has; `ready`: a first prompt.

    `provider`: the name of who will answer, for the first screen.
    """

    DEFAULT_CSS = """
    SessionScreen { layout: vertical; background: $spark-background; }
    SessionScreen #main { height: 1fr; layout: vertical; }
    SessionScreen ProseView { height: 1fr; }
    SessionScreen Welcome { height: 1fr; }
    SessionScreen #review { display: none; }
    SessionScreen.-changes #review { display: block; }
    SessionScreen.-changes ProseView { height: 32%; min-height: 4; }
    SessionScreen.-short.-changes ProseView { height: 3; min-height: 3; }
    SessionScreen.-short.-changes.-reading ProseView { height: 1fr; }
    SessionScreen.-short.-changes.-reading #review { height: 3; }
    SessionScreen.-wide #main { layout: horizontal; }
    SessionScreen.-wide.-changes ProseView { width: 30%; max-width: 76; height: 1fr; }
    SessionScreen.-wide.-changes #review { height: 1fr; }
    SessionScreen #entry { height: auto; background: $spark-surface; }
    SessionScreen #entry { border-top: solid $spark-border; }
    SessionScreen #entry:focus-within { border-top: solid $spark-accent; }
    SessionScreen #lead { width: 3; padding: 0 0 0 1; color: $spark-accent; text-style: bold; }
    SessionScreen Prompt { width: 1fr; padding: 0; }
    """
    AUTO_FOCUS: ClassVar[str | None] = "Prompt"
    has_prompt: ClassVar[bool] = True

    class Arrived(Message):
        def __init__(self, events: Sequence[Event]) -> None:
            super().__init__()
            self.events = events

    def __init__(
        self,
        send: Callable[[Command], None],
        root: Path,
        ready: str = "",
        *,
        kept: bool = True,
        provider: str = "",
        files: Files = NO_FILES,
        keymap: Keymap = BUILT_IN,
    ) -> None:
        super().__init__(send, writes=True, files=files, keymap=keymap)
        self.history = History.load(root) if kept else History(None)
        self.draft = Draft.load(root) if kept else Draft(None)
        self.prose = ProseView(id="prose")
        self.prose.display = False
        self.welcome = Welcome(root, provider)
        saved = Entry(ready) if ready else self.draft.saved
        self.prompt = Prompt(self.history, saved, keymap=keymap)
        self.prompt.ends_run = self.runs.stop
        self.attention = Attention(self, self.prompt, self.set_timer)
        self.along = Along(self, send)
        self.own = OwnPrompts(self, files.workspace)
        self._saving: Timer | None = None
        self.questions = Questions(self, send)

    def compose(self) -> ComposeResult:
        style_for_size(self)
        with Container(id="main"):
            yield self.welcome
            yield self.prose
            yield self.pane
        yield self.prompt.completions
        with Horizontal(id="entry"):
            yield Static("❯", id="lead", markup=False)
            yield self.prompt
        yield self.status
        yield self.keys

    def routes(self) -> list[Route]:
        return [
            *super().routes(),
            Route(self.prose, PROSE_EVENTS, ProseView.Arrived),
            Route(self, (Asked, ContextChosen, *TOLD), self.Arrived),
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.prose.border_title = " session "

        def told_by_focus() -> None:
            self.set_class(self.focused is self.prose, "-reading")

        self.watch(self, "focused", told_by_focus)
        self.prompt.move_cursor(self.prompt.document.end)
        self.run_worker(_list_files(self.prompt, self.root), group="files", exit_on_error=False)
        self.run_worker(self.own.look(), group="own", exit_on_error=False)
        if self.draft.saved.text and self.prompt.entry().whole() == self.draft.saved.whole():
            self.keys.say("what you had typed is back")

    def on_session_screen_arrived(self, message: Arrived) -> None:
        message.stop()
        for event in message.events:
            if isinstance(event, Asked):
                self.questions.came(event)
                call(self.app, "a question waits")
            elif isinstance(event, ContextChosen):
                self.along.chosen(event)
            else:
                self._show_prose()  # also where nobody has typed: a session is gone on with
                if isinstance(event, Failed):
                    call(self.app, "the answer failed")

    # -- the prompt

    def on_prompt_sent(self, message: Prompt.Sent) -> None:
        message.stop()
        if message.text.startswith("/"):
            self._command(message)
            return
        if message.text.startswith("!"):
            self._show_prose()
            self._sent(message.entry)
            self.runs.begin(message.entry.whole()[1:])
            return
        self.take_prompt(message)

    def take_prompt(self, said: Prompt.Sent) -> None:
        """Send it, when the turn before is over or given up."""
        board = self.pane.board
        if board.streaming:
            self.keys.say("the answer still streams; esc stops it")
            self.back(said.entry)
        elif board.running:
            self._go_on(said)
        else:
            self._prompt(said)

    def _prompt(self, said: Prompt.Sent) -> None:
        self._show_prose()
        self._sent(said.entry)
        self.prose.pin()
        files = mentioned(said.text, self.prompt.files.paths)
        self.send(commands.Prompt(said.text, files, said.entry.attached()))

    def _go_on(self, said: Prompt.Sent) -> None:
        """A new prompt while something is undecided: it is rejected, if the person says so."""
        sweep = self.pane.control.sweep(accept=False)
        if sweep is None:
            self._prompt(said)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.pane.control.everything(sweep)
                self._prompt(said)
            else:
                self.back(said.entry)

        title = f"Go on without {count(len(sweep.choices), 'undecided change')}?"
        detail = "What is open is rejected; nothing that was accepted is lost."
        self.app.push_screen(ConfirmScreen(title, detail, "go on"), answered)

    def on_prompt_left(self, message: Prompt.Left) -> None:
        message.stop()
        self.leave()

    def _sent(self, entry: Entry) -> None:
        self.history.add(entry)
        self._save_draft()

    def back(self, entry: Entry) -> None:
        """What could not be sent, before what was typed meanwhile."""
        self.prompt.put(entry.then(self.prompt.entry()))

    def _command(self, said: Prompt.Sent) -> None:
        """A command of ours by its whole name, else the person's own one, else ours begun."""
        text = said.text
        if text.split()[0] not in BY_COMMAND and self.own.take(said):
            return
        found = parse_command(said.entry.whole())
        if found is None:
            self.notify(f"there is no command {text.split()[0]}; /help lists all", markup=False)
            self.back(said.entry)
            return
        self._sent(said.entry)
        action, argument = found
        self.act(action.name, argument)

    def _show_prose(self) -> None:
        self.welcome.display = False
        self.prose.display = True

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.prompt.offer()
        self.along.typed()
        if self.prompt.text == "/":
            self.run_worker(self.own.look(), group="own", exclusive=True, exit_on_error=False)
        if self._saving is None:
            self._saving = self.set_timer(SAVE_S, self._save_draft)

    def _save_draft(self) -> None:
        self._saving = None
        self.draft.save(self.prompt.entry())
        if self.draft.problem:
            self.notify(self.draft.problem, severity="warning", markup=False)
            self.draft.problem = ""

    # -- actions

    def tell(self, text: str) -> None:
        self._show_prose()
        self.prose.say(text, "warning")

    def act_here(self, name: str, argument: str) -> None:
        action = BY_NAME[name]
        if action.where == "prompt":
            self.set_focus(self.prompt)
            self.prompt.action_act(name)
        elif name in SAID_IN_THE_PROMPT and not argument and not self.prompt.text.strip():
            self.set_focus(self.prompt)
            self.prompt.put(f"{action.command} ")
            self.keys.say(f"{action.command} {action.argument}: {action.help}")
        elif name == "write":
            self.set_focus(self.prompt)
        elif name == "context":
            self.along.show()
        elif name in ("pin", "drop"):
            self.along.put_aside(name, argument)
        else:
            super().act_here(name, argument)

    def export(self, name: str) -> None:
        """Beside the files of the repository, if the name is not a whole path."""
        from codexspark_tui.tui.export import FORMS, export

        if not name or self.root is None:
            self.notify(f"Name a file: /export session{FORMS[2]} ({', '.join(FORMS)})")
            return
        path = self.root / Path(name).expanduser()
        try:
            said = [(block.kind, block.lines) for block in self.prose.prose.blocks]
            export(path, self.pane.board, said)
        except SparkError as error:
            self.notify(f"{error.title}. {error.next_step}", severity="warning", markup=False)
        else:
            self.notify(f"Written: {clean(str(path))}", markup=False)

    def stop(self) -> None:
        if self.questions.bring_up():
            return
        if self.runs.going or self.pane.board.streaming or self.pane.board.items:
            super().stop()

    def keep(self) -> None:
        self.draft.save(self.prompt.entry())

    def on_completions_picked(self, message: Completions.Picked) -> None:
        message.stop()
        self.prompt.completions.at = message.at
        self.prompt.complete()
        self.set_focus(self.prompt)

    def leave(self) -> None:
        self._save_draft()
        super().leave()

    def changes_began(self) -> None:
        self.attention.take(lambda: self.set_focus(self.pane.diff), lambda: None)


async def _list_files(prompt: Prompt, root: Path | None) -> None:
    """The files of the repository, for completion; they may be many."""
    if root is not None:
        prompt.files = await asyncio.to_thread(_files_of, root)


def _files_of(root: Path) -> PathFinder:
    """Paths in text form; none where they cannot be listed."""
    try:
        return PathFinder([path_text(path) for path in files_of(root)])
    except (SparkError, OSError):
        return PathFinder([])
