"""The person's terminal, also when stdin and stdout are pipes: /dev/tty."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from codexspark_tui.cli.output import is_terminal, uses_color
from codexspark_tui.errors import NeedsAnswer


@dataclass(slots=True)
class Terminal:
    """Line by line: write text, ask for a line. `color` tells whether it shows colours."""

    fd: int
    color: bool
    _rest: bytes = b""

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Terminal]:
        """The controlling terminal. Raises `NeedsAnswer` where there is none."""
        try:
            fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            raise NeedsAnswer(
                "there is no terminal to ask on",
                next_step="Run it in a terminal, or use --apply to take all changes.",
            ) from None
        try:
            yield cls(fd, is_terminal(fd) and uses_color(fd))
        finally:
            os.close(fd)

    def write(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", "backslashreplace"))
        while data:
            data = data[os.write(self.fd, data) :]

    async def ask(self, prompt: str) -> str | None:
        """The line that the person typed, stripped; None at the end of input (Ctrl-D).

        Waits in the event loop, so that the stream goes on meanwhile and Ctrl-C ends the wait.
        """
        self.write(prompt)
        while b"\n" not in self._rest:
            await self._readable()
            piece = os.read(self.fd, 4096)
            if not piece:
                line, self._rest = self._rest, b""
                return line.decode("utf-8", "replace").strip() or None
            self._rest += piece
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode("utf-8", "replace").strip()

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        loop.add_reader(self.fd, wake)
        try:
            await ready
        finally:
            loop.remove_reader(self.fd)
