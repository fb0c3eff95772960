"""`/name` in the prompt: the person's own commands, and those of a repository that they trust.

The list is read anew each time, so that a file that was just written, or changed, counts as it is.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from codexspark_tui.actions.own_commands import OwnCommand, own_commands, split_call
from codexspark_tui.actions.trust import trust_command
from codexspark_tui.errors import SparkError, UsageError
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.screens.confirm import ConfirmScreen
from codexspark_tui.tui.widgets.prompt import Prompt
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:
    from codexspark_tui.tui.screens.session import SessionScreen

SHOWN_LINES = 12


class OwnPrompts:
    """Of `screen`; `commands` are those that can be used, as of the latest look."""

    def __init__(self, screen: SessionScreen, workspace: Workspace | None) -> None:
        self._screen = screen
        self._workspace = workspace
        self.commands: dict[str, OwnCommand] = {}

    async def look(self) -> None:
        """Read them, for completion and palette."""
        self._keep(await asyncio.to_thread(self._read))

    def _read(self) -> dict[str, OwnCommand]:
        try:
            return own_commands(self._workspace) if self._workspace is not None else {}
        except OSError:
            return {}

    def _keep(self, found: dict[str, OwnCommand]) -> None:
        self.commands = {name: one for name, one in found.items() if one.trusted}
        self._screen.prompt.own = {f"/{name}": one.about for name, one in self.commands.items()}

    def take(self, said: Prompt.Sent) -> bool:
        """Whether it is a call of such a command; then its text is sent, once it is trusted."""
        call = split_call(said.text)
        if call is None:
            return False
        found = self._read()
        self._keep(found)
        command = found.get(call[0])
        if command is None:
            return False
        try:
            filled = Prompt.Sent(command.filled(call[1]), said.entry)
        except UsageError as error:
            parts = (error.title, error.detail, error.next_step)
            self._screen.notify("\n".join(clean(part) for part in parts), markup=False)
            self._screen.back(said.entry)
            return True
        if command.trusted:
            self._send(command, filled)
        else:
            self._ask(command, filled)
        return True

    def _send(self, command: OwnCommand, filled: Prompt.Sent) -> None:
        if not filled.text.strip():
            self._screen.notify(f"{clean(command.origin)} is empty.", markup=False)
            return
        self._screen.tell(f"/{command.name} stands for {command.origin}")
        self._screen.take_prompt(filled)

    def _ask(self, command: OwnCommand, filled: Prompt.Sent) -> None:
        """The repository's own: its text is shown before it counts."""
        lines = [clean(line) for line in command.text.splitlines()]
        more = [f"… and {len(lines) - SHOWN_LINES} more lines"] if len(lines) > SHOWN_LINES else []
        said = "\n".join([f"{command.origin} says:", *lines[:SHOWN_LINES], *more])

        def answered(yes: bool | None) -> None:
            if not yes:
                self._screen.back(filled.entry)
                return
            try:
                trust_command(command)
            except SparkError as error:
                self._screen.notify(f"{error.title}. {error.next_step}", markup=False)
            self._send(command, filled)

        title = f"Trust /{command.name} of this repository, as it is now?"
        self._screen.app.push_screen(ConfirmScreen(title, said, "trust"), answered)
