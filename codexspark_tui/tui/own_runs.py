"""Commands that the person types (`!` or /run): begun, and ended without ending anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.tui.model.status import Status

if TYPE_CHECKING:
    from codexspark_tui.tui.app import SparkApp

LEAVES = "q in the changes, ctrl+d or /quit leaves."


class OwnRuns:
    """`status` knows what runs; `say` tells the person something in passing."""

    def __init__(
        self, send: Callable[[Command], None], status: Status, say: Callable[[str], None]
    ) -> None:
        self._send, self._status, self._say = send, status, say

    def begin(self, command: str) -> None:
        if command.strip():
            self._send(commands.Run(command.strip()))
        else:
            self._say("Say what to run: /run COMMAND")

    @property
    def going(self) -> bool:
        return self._status.runs is not None and self._status.runs.typed

    def stop(self) -> bool:
        """End the one that runs; whether there was one."""
        if self._status.runs is None or not self.going:
            return False
        self._send(commands.StopRun(self._status.runs.run))
        return True


def interrupt(app: SparkApp) -> None:
    """Ctrl+c where it copies and clears nothing."""
    if not app.first.runs.stop():
        app.notify(LEAVES)
