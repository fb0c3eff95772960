"""The transcript: the commands and events of a session, as JSON Lines, readable by its owner only.

Writing it is never a reason to stop: a transcript that cannot be written says so once
(`Transcript.problem`) and goes on without.
"""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from codexspark_tui.errors import UsageError
from codexspark_tui.events.codec import to_line
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import Event, Notice
from codexspark_tui.state_dir import ensure


@dataclass(slots=True)
class Transcript:
    """Open with `Transcript.open(folder, session)`; `problem` tells why nothing is kept, or ""."""

    path: Path
    problem: str = ""
    _file: BinaryIO | None = None
    _seq: int = 0
    _told: str = ""
    _began: float = field(default_factory=time.monotonic)

    @classmethod
    def open(cls, folder: Path, session: str, *, again: bool = False) -> Transcript:
        """Make `folder` (0700) and the file in it (0600, new; or if `again` the one there is).

        Raises `UsageError` when another process has it open.
        """
        made = cls(folder / f"{session}.jsonl")
        new = 0 if again else os.O_EXCL
        try:
            ensure(folder)
            flags = os.O_RDWR | os.O_CREAT | new | os.O_APPEND | os.O_CLOEXEC
            made._file = os.fdopen(os.open(made.path, flags, 0o600), "a+b")
            fcntl.flock(made._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            made._end_line()
        except BlockingIOError:
            made.close()
            raise UsageError(
                f"the session {session} is open in another spark", next_step="Close that one first."
            ) from None
        except OSError as error:
            made.problem = f"no transcript is kept: {error.strerror or error}: {made.path}"
        return made

    def _end_line(self) -> None:
        """Count the lines that are there; one that a crash has cut off is ended."""
        assert self._file is not None
        self._file.seek(0)
        last = b"\n"
        for line in self._file:
            self._seq, last = self._seq + 1, line
        if not last.endswith(b"\n"):
            self._file.write(b"\n")

    def add(self, value: Event | Command) -> None:
        if self._file is None:
            return
        self._seq += 1
        t_ms = (time.monotonic() - self._began) * 1000
        try:
            self._file.write(to_line(value, seq=self._seq, t_ms=t_ms))
        except OSError as error:
            self._fail(error)

    def keep(self, events: list[Event]) -> list[Event]:
        """Add and flush them; the same, and a problem if there is a new one."""
        for event in events:
            self.add(event)
        self.flush()
        if self.problem == self._told:
            return events
        self._told = self.problem
        return [*events, Notice(self.problem, "warning")]

    def flush(self) -> None:
        """Hand what was added to the system, so that a crash of ours does not lose it."""
        if self._file is None:
            return
        try:
            self._file.flush()
        except OSError as error:
            self._fail(error)

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _fail(self, error: OSError) -> None:
        self.problem = f"the transcript ends early: {error.strerror or error}: {self.path}"
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                return
