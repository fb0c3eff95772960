"""`spark` as a shell sees it: real processes, real pipes, real pseudo-terminals.

A process of `run` and `shell` has no controlling terminal, whoever runs the tests.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.support.repo import git_files

ROOT = Path(__file__).resolve().parents[2]
SPARK = (sys.executable, "-m", "codexspark_tui")
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Ran:
    """How a process ended. A negative code is the number of a signal."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """stdout as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def result(self) -> dict[str, Any]:
        """The one result, which is the last line."""
        lines = self.lines
        assert [line["type"] for line in lines].count("result") == 1, self
        assert lines[-1]["type"] == "result"
        return lines[-1]


@cache
def _bytecode() -> tempfile.TemporaryDirectory[str]:
    """Where compiled modules are kept while the tests run, so that each process starts fast."""
    return tempfile.TemporaryDirectory(prefix="spark-tests-")


def environment(extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The test's environment with `extra`; None takes a variable away."""
    own = {
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": None,
        "PYTHONPYCACHEPREFIX": _bytecode().name,
    }
    made: dict[str, str | None] = {**os.environ, **own, **(extra or {})}
    return {name: value for name, value in made.items() if value is not None}


def run(
    *arguments: str | bytes,
    cwd: Path,
    stdin: bytes | int | None = None,
    env: Mapping[str, str | None] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Ran:
    """Run `spark ARGUMENTS` to its end; `stdin` is what is piped in, or a descriptor.

    Whatever it does, the repository's HEAD, refs, staging index, stashes, settings, hooks and
    objects are as they were, with their times; only `spark commit` is there to change them.
    """
    before = git_files(cwd)
    piped = stdin if isinstance(stdin, bytes) else None
    source = stdin if isinstance(stdin, int) else subprocess.DEVNULL
    if piped is not None:
        source = subprocess.PIPE
    with subprocess.Popen(
        [*SPARK, *arguments],
        cwd=cwd,
        env=environment(env),
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(piped, timeout=timeout_s)
        except BaseException:
            process.kill()
            raise
    assert "commit" in arguments[:1] or git_files(cwd) == before
    return Ran(process.returncode, out, err.decode("utf-8", "replace"))


def shell(
    script: str, *, cwd: Path, env: Mapping[str, str | None] | None = None, stdin: bytes = b""
) -> Ran:
    """Run a bash script in which `spark` is the command."""
    command = " ".join(f"'{part}'" for part in SPARK)
    done = subprocess.run(
        ["bash", "-c", f'spark() {{ {command} "$@"; }}\n{script}'],
        cwd=cwd,
        env=environment(env),
        input=stdin,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
        start_new_session=True,
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def started(
    *arguments: str, cwd: Path, env: Mapping[str, str | None] | None = None
) -> subprocess.Popen[bytes]:
    """A running `spark ARGUMENTS` with pipes; the caller reads, signals and waits."""
    return subprocess.Popen(
        [*SPARK, *arguments],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def interrupted_after(process: subprocess.Popen[bytes], seen: bytes) -> Ran:
    """Read stdout up to a line that holds `seen`, send Ctrl-C's signal, and wait for the end."""
    assert process.stdout is not None
    assert process.stderr is not None
    before = b""
    for line in process.stdout:
        before += line
        if seen in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Ran(process.returncode, before + out, err.decode("utf-8", "replace"))


@dataclass
class Typist:
    """Somebody at a pseudo-terminal in which `spark` runs. Use as a context manager.

    `stdin`: what is piped in instead of the terminal; `piped`: stdout is a pipe.
    """

    arguments: Sequence[str]
    cwd: Path
    stdin: bytes | None = None
    piped: bool = False
    env: Mapping[str, str | None] = field(default_factory=dict)
    command: Sequence[str] = SPARK
    screen: str = ""
    _read: int = 0

    def __enter__(self) -> Typist:
        self._master, slave = pty.openpty()
        self._mode = termios.tcgetattr(slave)
        self._slave = slave
        self._process = subprocess.Popen(
            [*self.command, *self.arguments],
            cwd=self.cwd,
            env=environment({"TERM": "xterm", "NO_COLOR": "1", **self.env}),
            stdin=slave if self.stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE if self.piped else slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),
        )
        if self.stdin is not None:
            assert self._process.stdin is not None
            self._process.stdin.write(self.stdin)
            self._process.stdin.close()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        pipes: list[IO[bytes] | None] = [self._process.stdout, self._process.stdin]
        for pipe in pipes:
            if pipe is not None:
                pipe.close()
        os.close(self._master)
        os.close(self._slave)

    def expect(self, text: str) -> str:
        """Wait until `text` is on the screen, after all that was expected before."""
        deadline = time.monotonic() + TIMEOUT_S
        while text not in self.screen[self._read :]:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} did not come; the screen:\n{self.screen}"
            assert self._more(left), f"ended without {text!r}; the screen:\n{self.screen}"
        at = self.screen.index(text, self._read) + len(text)
        seen, self._read = self.screen[self._read : at], at
        return seen

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def look(self) -> None:
        """Read what there is."""
        while self._more(0):
            continue

    def answer(self, question: str, text: str) -> str:
        """Wait for a question and type a line; returns what was on the screen up to it."""
        seen = self.expect(question)
        self.type(text + "\n")
        return seen

    def end(self) -> Ran:
        """Wait for the end: the code, what came by a pipe, and the rest of the screen as `err`."""
        out = self._process.stdout.read() if self.piped and self._process.stdout else b""
        deadline = time.monotonic() + TIMEOUT_S
        while self._process.poll() is None and time.monotonic() < deadline:
            self._more(deadline - time.monotonic())
        self._process.wait(timeout=0)
        while self._more(0):
            continue
        return Ran(self._process.returncode, out, self.screen[self._read :])

    @property
    def mode_is_kept(self) -> bool:
        """Whether the terminal is in the mode in which it was found."""
        return termios.tcgetattr(self._slave) == self._mode

    def _more(self, wait_s: float) -> bool:
        """Take what there is on the screen; False when nothing more can come."""
        step = min(wait_s, 0.1)
        ended = self._process.poll() is not None
        ready, _, _ = select.select([self._master], [], [], step)
        if not ready:
            return not ended and wait_s > 0
        try:
            piece = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.screen += piece.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(piece)


def script(folder: Path, *texts: str, name: str = "script.toml", **fields: object) -> Path:
    """A script for the scripted provider; `fields` go to each answer, `record` to the script."""
    record = fields.pop("record", None)
    lines = [f"record = {json.dumps(record)}"] if record else []
    for number, text in enumerate(texts):
        answer = folder / f"{name}.{number}.txt"
        answer.write_bytes(text.encode("utf-8", "surrogateescape"))
        lines += ["[[answer]]", f"text_file = {json.dumps(answer.name)}"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in fields.items()]
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def scripted(path: Path) -> tuple[str, ...]:
    """The options that let `spark edit` answer from this script."""
    return ("--provider", "script", "--script", str(path))
