"""Hooks: commands of the settings that are run when something has happened.

    [hooks]
    turn_ended = "notify-send spark done"     # a turn is over
    written = "make fmt"                      # files were written in it

They count only from the person's own settings or from a repository's that are trusted (config.py).
A hook gets what happened as one line of JSON on stdin. It cannot change what has happened: when it
fails, or takes longer than its time, that is said and no more. In a session they run after each
turn, one after the other, and nothing waits for them; when the session is over they have a moment
together, then what still runs is ended and what has not begun is left out.
"""

from __future__ import annotations

import io
import json
import signal
import subprocess
import tempfile
import threading
import time
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
GRACE_S = 0.5
EVENTS = ("turn_ended", "written")


@dataclass(slots=True)
class Running:
    """The hook that runs, if one does. Once it `is_over` none is begun any more."""

    is_over: bool = False
    _group: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self.is_over:
                return None
            process = start()
            self._group = process.pid
            return process

    def ended(self) -> None:
        with self._lock:
            self._group = 0

    def end(self, number: signal.Signals) -> None:
        with self._lock:
            self.is_over = True
            if self._group:
                kill_group(self._group, number)


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

    def run(
        self, root: Path, happened: Mapping[str, object], running: Running | None = None
    ) -> list[str]:
        """Run the hooks for what happened (`exit_code`, `entry`, `files`); what went wrong with
        them, as sentences. `running` can end them."""
        wrong, running = [], running or Running()
        for event in EVENTS:
            command = str(getattr(self, event))
            if not command or (event == "written" and not happened.get("files")):
                continue
            told = json.dumps({"event": event, **happened})
            why = _run(command, root, told, self.time_s, running)
            if why:
                wrong.append(f"the hook {event} ({command}) {why}")
        return wrong


@dataclass(slots=True)
class SessionHooks:
    """Follows a session's events and runs the hooks after each turn, in threads of its own.

    Use as a context manager: at its end they are over, after `end_s` seconds at the latest. `tell`
    is called with what went wrong, in such a thread.
    """

    hooks: Hooks
    root: Path
    tell: Callable[[str], None]
    _files: dict[str, None] = field(default_factory=dict)
    _code: int = 0
    end_s: float = END_S
    _threads: list[threading.Thread] = field(default_factory=list)
    _running: Running = field(default_factory=Running)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> SessionHooks:
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

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
                for wrong in self.hooks.run(self.root, happened, self._running):
                    self.tell(wrong)

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(threading.Thread(target=run, name="spark-hook", daemon=True))
        self._threads[-1].start()

    def finish(self) -> None:
        """The session is over: what still runs has a moment to end, also when Ctrl-C ends that."""
        try:
            self._wait(self.end_s)
        finally:
            self._running.end(signal.SIGTERM)
            self._wait(GRACE_S)
            self._running.end(signal.SIGKILL)
            self._wait(GRACE_S)

    def _wait(self, most_s: float) -> None:
        """For all together."""
        ends = time.monotonic() + most_s
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))


def _run(command: str, root: Path, told: str, time_s: float, running: Running) -> str:
    """Run it without a terminal; what went wrong. Its errors go to a file and not to a pipe, which
    what it leaves behind would hold open."""
    with tempfile.TemporaryFile() as errors:
        try:
            process = running.begin(lambda: _started(command, root, errors))
        except (OSError, ValueError) as error:
            return f"cannot be run: {getattr(error, 'strerror', None) or error}"
        if process is None:
            return "was not run: spark was left before its turn"
        try:
            process.communicate(told.encode() + b"\n", timeout=time_s)
        except subprocess.TimeoutExpired:
            return f"was ended after {time_s:.0f} s"
        finally:
            if process.poll() is None:
                kill_group(process.pid, signal.SIGKILL)
                process.wait()
            running.ended()
        if running.is_over and process.returncode:
            return "was ended, as spark was left and it still ran"
        return _ended(process.returncode, errors)


def _started(command: str, root: Path, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ("/bin/sh", "-c", command),
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
    )


def _ended(code: int, errors: IO[bytes]) -> str:
    if code == 0:
        return ""
    errors.seek(max(0, errors.seek(0, io.SEEK_END) - MOST_SAID))
    said = errors.read().decode("utf-8", "replace").strip().splitlines()
    how = f"ended with code {code}" if code > 0 else f"was ended by the signal {-code}"
    return how + (f": {visible_line(said[-1])[:200]}" if said else "")
