"""The person's terminal, also when stdin and stdout are pipes: /dev/tty.

True here: the terminal stays in the mode in which it was found (line by line, with echo), so there
is nothing to put right after Ctrl-C; after a program that was run on it the mode is put back. While
a question is open, or another program has the terminal, what is said is held back, and said after.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import FrameType

from codexspark_tui.cli.output import is_terminal, terminal_text, uses_color
from codexspark_tui.errors import NeedsAnswer
from codexspark_tui.tui.terminal import let_go

POLL_S = 0.05


@dataclass(slots=True)
class Terminal:
    """Line by line: write text, ask for a line. `color` tells whether it shows colours."""

    fd: int
    color: bool
    _rest: bytes = b""
    _asking: bool = False
    _taken: int = 0
    _held: list[Callable[[], None]] = field(default_factory=list)
    _turns: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Terminal]:
        """The controlling terminal. Raises `NeedsAnswer` where there is none."""
        let_go()
        try:
            fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            raise NeedsAnswer(
                "there is no terminal to ask on",
                next_step="Run it in a terminal, or without --interactive.",
            ) from None
        made = cls(fd, is_terminal(fd) and uses_color(fd))
        try:
            yield made
        finally:
            if made._asking:
                made._put("\n")
            os.close(fd)

    def write(self, text: str) -> None:
        """Text of our own; a terminal that has gone away is let go."""
        self.when_free(partial(self._put, text))

    def when_free(self, tell: Callable[[], None]) -> None:
        """Do it now, or behind the answer to the question that is open."""
        if self._taken:
            self._held.append(tell)
        else:
            tell()

    def interrupt(self, text: str) -> None:
        """What cannot wait: that the open question is not to be answered any more."""
        self._put(f"\n{text}" if self._asking else text)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """All else is held back meanwhile."""
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
            if not self._taken:
                self._tell_held()

    def _tell_held(self) -> None:
        held, self._held = self._held, []
        if held and self._asking:
            self._put("\n")
            self._asking = False
        for tell in held:
            tell()

    def _put(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", "backslashreplace"))
        try:
            while data:
                data = data[os.write(self.fd, data) :]
        except OSError:
            return

    def write_safely(self, text: str) -> None:
        """Text of others, with control characters made visible."""
        self.write(terminal_text(text))

    async def ask(self, prompt: str, said: str = "") -> str | None:
        """The line that the person typed, stripped; None at the end of input (Ctrl-D). `said`: text
        of others that stands before the question.

        Waits in the event loop, so that the stream goes on meanwhile and Ctrl-C ends the wait. One
        question at a time: another one waits for the answer to this.
        """
        async with self._turns:
            with self._alone():
                return await self._asked(terminal_text(said) + prompt)

    async def _asked(self, prompt: str) -> str | None:
        self._put(prompt)
        self._asking = True
        while b"\n" not in self._rest:
            await self._readable()
            piece = self._read()
            if not piece:
                line, self._rest = self._rest, b""
                return line.decode("utf-8", "replace").strip() or None
            self._rest += piece
        self._asking = False
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode("utf-8", "replace").strip()

    def _read(self) -> bytes:
        """What is there; nothing from a terminal that has gone away."""
        try:
            return os.read(self.fd, 4096)
        except OSError:
            return b""

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        try:
            loop.add_reader(self.fd, ready.set)
        except OSError:  # kqueue does not take /dev/tty
            while not select.select([self.fd], [], [], 0)[0]:
                await asyncio.sleep(POLL_S)
            return
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self.fd)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The terminal belongs to another program: Ctrl-C is its affair, and its mode put back."""
        before = _mode(self.fd)
        handler = signal.signal(signal.SIGINT, _ignore)
        with self._alone():
            try:
                yield
            finally:
                signal.signal(signal.SIGINT, handler)
                if before is not None:
                    _set_mode(self.fd, before)


def _ignore(number: int, frame: FrameType | None) -> None:
    """A function and not SIG_IGN, which the other program would inherit."""


def _mode(fd: int) -> list[object] | None:
    try:
        return termios.tcgetattr(fd)
    except termios.error:
        return None


def _set_mode(fd: int, mode: list[object]) -> None:
    try:
        termios.tcsetattr(fd, termios.TCSADRAIN, mode)  # type: ignore[arg-type]
    except termios.error:
        return
