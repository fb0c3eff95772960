"""Guards in a process of its own: what takes long there holds up neither keys nor painting here.

    Apart(root).check(subject, rules, errand)        → findings, or why they are not known
    python -m codexspark_tui.session.apart ROOT      the process itself

One question after the other. While the process judges, it asks back: for the text of a file
(`Subject.read`, answered here), and which files hold a word, as far as that is known here; if it is
not, it looks for them and tells. It ends with its stdin, and by itself once nobody asks.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from codexspark_tui.git import files_holding
from codexspark_tui.index.worker import receive, send
from codexspark_tui.session.guards.rules import Rules, check
from codexspark_tui.session.guards.subject import Found, Subject

LONGEST_LOOK_S = 5.0  # a look takes 0.1 s in 10,000 files and 0.7 s in 50,000
IDLE_S = 20.0  # trees of large files are kept that long
ALARM_S = 60  # whoever asked may be gone
END_S = 1.0
TICK_MS = 20
STOPPED = "it was stopped"
_MODULE = "codexspark_tui.session.apart"


@dataclass(frozen=True, slots=True)
class Errand:
    """How long to wait for an answer; `stopped` is asked now and then whether it is still wanted.

    `held`: the files that hold a word, as far as that is known; None: it was not found out in time.
    """

    within_s: float
    stopped: Callable[[], bool]
    held: dict[str, list[str] | None]


class Apart:
    """Use it from one thread at a time. The process begins when it is first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None

    def check(self, subject: Subject, rules: Rules, errand: Errand) -> tuple[Found, ...] | str:
        """All findings, or why they are not known: a sentence about the check."""
        plain = (subject.change, subject.before, subject.after, subject.changed_lines)
        asked = pickle.dumps((*plain, subject.whole, rules))
        until = time.monotonic() + errand.within_s
        for _ in range(2):  # it may just have ended by itself
            found = self._asked(asked, subject, until, errand)
            if found is not None:
                return found
        return "its process does not begin"

    def close(self) -> None:
        """End the process; whatever it has begun ends with it."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()

    def _asked(
        self, asked: bytes, subject: Subject, until: float, errand: Errand
    ) -> tuple[Found, ...] | str | None:
        """None where the process had ended before it was asked."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            said: list[Any] = [asked]
            while True:
                send(process.stdin, said)
                why = _awaited(process.stdout, until, errand)
                if why:
                    self.close()
                    return why
                kind, *values = _listed(receive(process.stdout))
                if kind == "found":
                    return tuple(Found(rule, why, tuple(lines)) for rule, why, lines in values)
                said = [_answer(kind, values, subject, errand)]
        except (EOFError, OSError, ValueError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_S)
            by_itself = process.returncode == 0
            self.close()
            return None if by_itself else "the check itself broke off"

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            from codexspark_tui.index.pool import environment

            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _MODULE, os.fspath(self._root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                start_new_session=True,  # Ctrl-C is for the one who waits
            )
        return self._process


def _answer(kind: str, values: list[Any], subject: Subject, errand: Errand) -> object:
    match kind:
        case "read":
            return subject.read(*values)
        case "likely":
            return subject.likely(*values)
        case "holding":
            return values[0] in errand.held, errand.held.get(values[0])
        case _:
            errand.held[values[0]] = values[1]
            return None


def _awaited(stream: IO[bytes], until: float, errand: Errand) -> str:
    """ "" once there is something to read; else why it is not waited for any longer."""
    ready = select.poll()
    ready.register(stream, select.POLLIN)
    while not ready.poll(TICK_MS):
        if errand.stopped():
            return STOPPED
        if time.monotonic() > until:
            return f"it takes longer than {errand.within_s:g} s"
    return ""


def _listed(value: object) -> list[Any]:
    assert isinstance(value, list)
    return value


# -- the process itself ----------------------------------------------------------------------------


def main() -> int:
    root = Path(os.fsdecode(sys.argv[1]))
    asked_by, said_to = sys.stdin.buffer, sys.stdout.buffer

    def ask(*question: object) -> Any:
        send(said_to, list(question))
        return _listed(receive(asked_by))[0]

    def read(path: str) -> str | None:
        text: str | None = ask("read", path)
        return text

    def holding(word: str) -> list[str] | None:
        found: list[str] | None
        is_known, found = ask("holding", word)
        if not is_known:
            found = files_holding(root, word, timeout_s=LONGEST_LOOK_S)
            ask("looked", word, found)
        return found

    def likely(word: str) -> list[str]:
        held: list[str] = ask("likely", word)
        return held

    while select.select([asked_by], [], [], IDLE_S)[0]:
        try:
            question = _listed(receive(asked_by))[0]
            change, before, after, many, whole, rules = pickle.loads(question)  # of our starter
            signal.alarm(ALARM_S)
            texts = (before, after, many, read, whole)
            found = check(Subject(change, *texts, holding, likely), rules)
            signal.alarm(0)
            send(said_to, ["found", *((f.rule, f.why, f.lines) for f in found)])
        except (EOFError, BrokenPipeError):
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
