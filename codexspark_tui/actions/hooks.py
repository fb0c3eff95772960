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

import json
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codexspark_tui.config import Config
from codexspark_tui.events.facts import Event, Failed, FileWritten, TurnEnded, TurnStarted

TIME_S = 60.0
END_S = 5.0
EVENTS = ("turn_ended", "written")


@dataclass(frozen=True, slots=True)
class Hooks:
    """The command of each event; "" where there is none."""

    turn_ended: str = ""
    written: str = ""

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
            why = _run(command, root, json.dumps({"event": event, **happened}))
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


def _run(command: str, root: Path, told: str) -> str:
    arguments: Sequence[str] = ("/bin/sh", "-c", command)
    try:
        done = subprocess.run(
            arguments,
            cwd=root,
            input=told.encode() + b"\n",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIME_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"was ended after {TIME_S:.0f} s"
    except OSError as error:
        return f"cannot be run: {error.strerror or error}"
    if done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"ended with code {done.returncode}" + (f": {said[-1][:200]}" if said else "")
