"""The terminal of the app: its end is told to the app, and no byte that is typed can end the app.

What is read here becomes Textual's events; drawing and the terminal's modes are Textual's own.
"""

from __future__ import annotations

import codecs
import os
import select
from collections.abc import Callable

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from codexspark_tui.tui.sgr import PLAIN, shortened
from codexspark_tui.tui.terminal import let_go
from codexspark_tui.tui.typed import Typed

POLL_S = 0.1  # the parser is asked so often whether an escape was a key of its own
PIECE = 1 << 12


class TerminalGone(Message):
    """Nothing can be read from the terminal any more: it was closed.

    `wanted`: it is a page that the person has closed.
    """

    def __init__(self, wanted: bool = False) -> None:
        super().__init__()
        self.wanted = wanted


class SparkDriver(LinuxDriver):
    _missed: Size | None = None
    _look = PLAIN

    def write(self, data: str) -> None:
        data, self._look = shortened(data, self._look)
        super().write(data)

    def start_application_mode(self) -> None:
        """The mode to come back to is the terminal's own one."""
        let_go()
        start: Callable[[], None] = super().start_application_mode
        start()

    def run_input_thread(self) -> None:
        """Read what is typed until the driver is stopped or the terminal is gone."""
        typed = Typed()
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            ready, _, _ = select.select([self.fileno], [], [], POLL_S)
            if ready:
                piece = self._read()
                if not piece:
                    self._app.post_message(TerminalGone())
                    return
                for event in typed.feed(decode(piece)):
                    self.process_message(event)
            else:
                for event in typed.tick():
                    self.process_message(event)
            self._tell_size()

    def _tell_size(self) -> None:
        """The window's size, should the app have missed its change for a whole round."""
        size = Size(*self._get_terminal_size())
        missed = size != self._app.size
        if missed and size == self._missed:
            self.process_message(Resize(size, size))
        self._missed = size if missed else None

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, PIECE)
        except OSError:
            return b""
