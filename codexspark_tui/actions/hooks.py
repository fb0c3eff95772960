"""Hooks: commands of the settings that are run when something has happened.

    [hooks]
    turn_ended = "notify-send spark done"     # a turn is over
    written = "make fmt"                      # files were written in it

They count only from the person's own settings or from a repository's that are trusted (config.py).
A hook gets what happened as one line of JSON on stdin. It cannot change what has happened: when it
fails, or takes longer than its time, that is said and no more. In a session they run after each
turn, one after the other, and nothing waits for them.
"""

from __future__ import annotations

import io
import json
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from codexspark_tui.config import Config
from codexspark_tui.events.facts import Event, Failed, FileWritten, TurnEnded, TurnStarted
from codexspark_tui.events.visible import visible_line
from codexspark_tui.sandbox.processes import kill_group

TIME_S = 60.0
MOST_SAID = 4096
END_S = 5.0
EVENTS = ("turn_ended", "written")


@dataclass(frozen=True, slots=True)
class Hooks:
    """The command of each event; "" where there is none. Each has so many seconds."""

    turn_ended: str = ""
    written: str = ""
    time_s: float = TIME_S

    @classmethod
    def of(cls, config: Config) -> Hooks:
        return cls(config.text("hook_turn_ended"), config.text("hook_written"))

    def __bool__(self) -> bool:
        return bool(self.turn_ended or self.written)

    def run(self, root: Path, happened: Mapping[str, object]) -> list[str]:
        """Run the hooks for what happened (`exit_code`, `entry`, `files`); what went wrong with
        them, as sentences."""
        wrong = []
        for event in EVENTS:
            command = str(getattr(self, event))
            if not command or (event == "written" and not happened.get("files")):
                continue
            why = _run(command, root, json.dumps({"event": event, **happened}), self.time_s)
            if why:
                wrong.append(f"the hook {event} ({command}) {why}")
        return wrong


@dataclass(slots=True)
class SessionHooks:
    """Follows a session's events and runs the hooks after each turn, in threads of its own.

    `tell` is called with what went wrong, in such a thread.
    """

    hooks: Hooks
    root: Path
    tell: Callable[[str], None]
    _files: dict[str, None] = field(default_factory=dict)
    _code: int = 0
    _running: list[threading.Thread] = field(default_factory=list)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def note(self, event: Event) -> None:
        match event:
            case TurnStarted():
                self._files, self._code = {}, 0
            case FileWritten():
                self._files[event.path] = None
            case Failed():
                self._code = event.exit_code
            case TurnEnded():
                code = self._code or (130 if event.reason == "cancelled" else 0)
                happened = {"exit_code": code, "entry": event.entry, "files": list(self._files)}
                self._files = {}
                self._begin(happened)
            case _:
                pass

    def _begin(self, happened: Mapping[str, object]) -> None:
        def run() -> None:
            with self._one:
                for wrong in self.hooks.run(self.root, happened):
                    self.tell(wrong)

        self._running = [thread for thread in self._running if thread.is_alive()]
        self._running.append(threading.Thread(target=run, name="spark-hook", daemon=True))
        self._running[-1].start()

    def finish(self) -> None:
        """The session is over: what still runs has a moment to end."""
        for thread in self._running:
            thread.join(END_S)


def _run(command: str, root: Path, told: str, time_s: float) -> str:
    """Run it without a terminal; what went wrong. Its errors go to a file and not to a pipe, which
    what it leaves behind would hold open."""
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                ("/bin/sh", "-c", command),
                cwd=root,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"cannot be run: {getattr(error, 'strerror', None) or error}"
        try:
            process.communicate(told.encode() + b"\n", timeout=time_s)
        except subprocess.TimeoutExpired:
            return f"was ended after {time_s:.0f} s"
        finally:
            if process.poll() is None:
                kill_group(process.pid, signal.SIGKILL)
                process.wait()
        return _ended(process.returncode, errors)


def _ended(code: int, errors: IO[bytes]) -> str:
    if code == 0:
        return ""
    errors.seek(max(0, errors.seek(0, io.SEEK_END) - MOST_SAID))
    said = errors.read().decode("utf-8", "replace").strip().splitlines()
    how = f"ended with code {code}" if code > 0 else f"was ended by the signal {-code}"
    return how + (f": {visible_line(said[-1])[:200]}" if said else "")
