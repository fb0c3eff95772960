"""The commands of the linear face: each action of the app's one list, by its name.

At a change they act on it; `KEYS` are those that the question has a key for, `NOTHING` those that
only concern a screen, with the reason. The others are methods here and in `plain_changes`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from codexspark_tui import config as settings
from codexspark_tui.actions.checking import (
    HOW_TO_SET,
    NO_COMMAND,
    Checked,
    Guilty,
    bisect,
    written_in,
)
from codexspark_tui.actions.confined_check import checker, needs_asking
from codexspark_tui.actions.history import turned
from codexspark_tui.actions.sessions import sessions_of
from codexspark_tui.actions.settings import said_of_written, write_setting
from codexspark_tui.actions.tally import Seen
from codexspark_tui.cli.hunks import HunkPicker
from codexspark_tui.cli.plain_changes import ChangeWords
from codexspark_tui.cli.plain_told import SessionWords, Word
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.config import Config
from codexspark_tui.errors import SparkError, UsageError
from codexspark_tui.events.paths import path_text
from codexspark_tui.setting_list import SETTINGS
from codexspark_tui.tui.action import Action
from codexspark_tui.tui.registry import SECTIONS, actions_of, parse_command
from codexspark_tui.workspace import Workspace

HELP = """\
Type what to change, and press enter; a line that ends with \\ goes on. Each change is then asked
about: ? lists the keys of the question. A command can be typed there and here:
"""
KEYS: Mapping[str, str] = {
    "accept": "y",
    "reject": "n",
    "next": "j",
    "previous": "k",
    "next_any": "J",
    "previous_any": "K",
    "accept_file": "a",
    "reject_file": "d",
    "goto": "g",
    "jump": "g",
    "split": "s",
    "edit": "e",
    "edit_outside": "e",
    "search": "/",
    "pick": "",
}
_LINEAR = "Here everything is said once, in order; nothing scrolls, wraps or folds."
_SCREEN = "There is no screen here that this could change."
NOTHING: Mapping[str, str] = {
    **dict.fromkeys(("line_down", "line_up", "left", "right", "wrap", "fold", "fold_all"), _LINEAR),
    **dict.fromkeys(("follow", "switch", "write"), _LINEAR),
    **dict.fromkeys(("repaint", "theme"), _SCREEN),
    "send": "Enter sends what was typed.",
    "newline": "End a line with \\ to go on in the next one.",
    "clear": "Nothing is typed; ctrl+u takes a line back.",
}
NOT_RUN = "It was not run.\n"
NO_CHANGE = "There is no change to decide now; the next prompt may bring some.\n"


class PlainWords:
    """`session.talk` is set once the session runs; `next_session` is gone on with afterwards."""

    def __init__(self, terminal: Terminal, workspace: Workspace, config: Config) -> None:
        self.session = SessionWords()
        self.prompts: list[str] = []
        self.leaving = False
        self.next_session: str | None = None
        self._terminal = terminal
        self._workspace = workspace
        self._config = config
        self._changes = ChangeWords(terminal, workspace)
        self._words: Mapping[str, Word] = {
            **self.session.words(),
            **dict.fromkeys(("help", "palette", "menu"), self._help),
            "leave": self._leave,
            "undo": self._undo,
            "redo": self._redo,
            "older": self._older,
            "newer": self._older,
            "sessions": self._sessions,
            "export": self._export,
            "settings": self._settings,
            "test": self._test,
            "bisect": self._bisect,
            "verify": self._verify,
            "copy_patch": self._copy_patch,
        }

    def understands(self, name: str) -> bool:
        """Whether an action of the list can be had here in some way."""
        ways = (KEYS, NOTHING, self._words, self._changes.words)
        return any(name in way for way in ways)

    def announce(self, seen: Seen, number: int, total: str) -> str:
        """Before each change: which it is, where, and how large."""
        lines = seen.resolved
        signs = [s.sign for s in seen.view.lines] if seen.view is not None else []
        size = f", {signs.count('+')} added, {signs.count('-')} removed" if lines else ""
        state = "open" if seen.state in ("placed", "ambiguous") else seen.state
        return f"\nChange {number} of {total}: {path_text(seen.path)}, {state}{size}.\n"

    # -- where a command was typed

    async def at_prompt(self, line: str) -> str:
        """What came of a command."""
        if line.startswith("!"):
            return await self._words["run"](line[1:].strip())
        found = parse_command(line)
        if found is None:
            return f"There is no command {line.split()[0]}; /help lists all.\n"
        action, argument = found
        if action.name in NOTHING:
            return NOTHING[action.name] + "\n"
        if action.name in self._words:
            return await self._words[action.name](argument)
        return NO_CHANGE

    async def at_change(self, picker: HunkPicker, seen: Seen, line: str) -> bool | None:
        found = parse_command(line)
        if found is None:
            return None
        action, argument = found
        if action.name in KEYS:
            return await picker.act(seen, f"{KEYS[action.name]}{argument}")
        try:
            if action.name in self._changes.words:
                return await self._changes.words[action.name](picker, seen, argument)
            said = await self._said(action, argument, seen)
        except SparkError as error:
            said = f"{error.title}. {error.next_step}\n"
        self._terminal.write_safely(said)
        if action.name == "leave":
            picker.end()
            return True
        return False

    async def _said(self, action: Action, argument: str, seen: Seen) -> str:
        if action.name in NOTHING:
            return NOTHING[action.name] + "\n"
        return await self._words[action.name](argument)

    # -- what they do

    async def _help(self, _: str) -> str:
        parts = [HELP]
        for where, title in SECTIONS.items():
            parts.append(f"\n{title}:\n")
            for action in actions_of(where):
                if action.name not in NOTHING:
                    parts.append(
                        f"{action.command} {action.argument}".strip() + f": {action.help}\n"
                    )
        return "".join(parts)

    async def _leave(self, _: str) -> str:
        self.leaving = True
        return ""

    async def _undo(self, what: str) -> str:
        return turned(self._workspace, "undo", what or None)

    async def _redo(self, what: str) -> str:
        return turned(self._workspace, "redo", what or None)

    async def _older(self, number: str) -> str:
        """List what was asked; with a number ask it again."""
        if number.isdecimal() and 1 <= int(number) <= len(self.prompts):
            again = self.prompts[int(number) - 1]
            self._terminal.write_safely(f"{again}\n")
            return await self.session.talk.turn(again)
        listed = (f"{n}. {prompt}\n" for n, prompt in enumerate(self.prompts, 1))
        return "".join(listed) or "Nothing was asked yet.\n"

    async def _sessions(self, id: str) -> str:
        kept = sessions_of(self._workspace.root)
        if not id:
            lines = (f"{k.id}: {k.prompts[0].splitlines()[0]}\n" for k in kept[:20])
            return "".join([*lines, "/sessions ID goes on with one of them.\n"])
        if not any(k.id.startswith(id) for k in kept) and id != "last":
            return f"There is no session {id}.\n"
        self.next_session, self.leaving = id, True
        return ""

    async def _export(self, name: str) -> str:
        from codexspark_tui.tui.export import FORMS, export

        if not name:
            return f"Name a file: /export session{FORMS[2]} ({', '.join(FORMS)})\n"
        path = self._workspace.root / Path(name).expanduser()
        export(path, self.session.talk.board, self.session.talk.face.blocks)
        return f"Written: {path}\n"

    async def _settings(self, said: str) -> str:
        key, _, value = said.partition(" ")
        if not key:
            found = settings.load(self._workspace.root).found
            lines = (f"{s.key} = {found[s.key].value!r}: {s.help}\n" for s in SETTINGS)
            return "".join([*lines, "/settings KEY VALUE writes one to your settings file.\n"])
        if key not in {s.key for s in SETTINGS}:
            raise UsageError(f"there is no setting {key}", next_step="/settings lists them")
        written = write_setting(key, value)
        return said_of_written(key, written, self._workspace.root) + "\n"

    # -- does it work?

    async def _allowed(self) -> str:
        """The test command, after the person has allowed it; else ""."""
        command = self._config.text("test_command")
        if not command:
            raise UsageError(NO_COMMAND, next_step=HOW_TO_SET)
        allowed = not await asyncio.to_thread(needs_asking) or await self._agreed(command)
        return command if allowed else ""

    def _checker(self, command: str) -> Callable[[Sequence[str]], Checked]:
        return checker(self._workspace, command, network=self._config.is_on("run_network"))

    async def _agreed(self, command: str) -> bool:
        said = await self._terminal.ask(f"Run {command} in a copy of the tree, as you? [y/N] ")
        return (said or "").lower() in ("y", "yes")

    async def _test(self, _: str) -> str:
        command = await self._allowed()
        return await self._tested(command) if command else NOT_RUN

    async def _tested(self, command: str) -> str:
        return _checked(await asyncio.to_thread(self._checker(command), ()))

    async def _bisect(self, what: str) -> str:
        command = await self._allowed()
        if not command:
            return NOT_RUN
        changes = written_in(self._workspace, what or None)
        return _guilty(await asyncio.to_thread(bisect, changes, self._checker(command)))

    async def _verify(self, turn: str) -> str:
        """Checks and a review; what it would change waits as a session of its own."""
        from codexspark_tui.actions.verify import verify
        from codexspark_tui.actions.verify_findings import line_of
        from codexspark_tui.actions.verify_request import Asked, request_of

        root = self._workspace.root
        request = request_of(self._workspace, root, self._config, Asked(turn or None))
        asks = bool(request.commands) and await asyncio.to_thread(needs_asking)
        if asks and not await self._agreed("; ".join(request.commands)):
            return NOT_RUN
        made = await verify(self._workspace, request, self.session.talk.face)
        lines = [line_of(found) for found in made.findings]
        failed = [f"Failed: {check.command}" for check in made.checks if not check.passed]
        lines += [*failed, made.held] if failed and made.held else failed
        lines += [made.error.title] if made.error is not None else []
        if made.session:
            lines.append(f"What it would change waits: /sessions {made.session} goes on with it.")
        return "\n".join(lines or ["Clean."]) + "\n"

    async def _copy_patch(self, _: str) -> str:
        return self._changes.patch_of(self.session.talk.board)


def _checked(done: Checked) -> str:
    if done.passed:
        return f"Tests passed, in {done.seconds:.1f} s.\n"
    return f"{done.said}\nTests failed; /bisect finds the change that breaks them.\n"


def _guilty(found: Guilty) -> str:
    if found.change is None:
        return "The tests fail without these changes, too.\n" if found.before else "They pass.\n"
    where = f"{found.change.selector} in {path_text(found.change.path)}"
    return f"{found.said}\n{where} breaks the tests; /undo {found.change.selector} takes it back.\n"
