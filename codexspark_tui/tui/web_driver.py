"""The terminal of the app is a page: packets on stdin and stdout, as textual-serve sends them.

What ends it: the page was closed, or the server is gone; both are told to the app.
"""

from __future__ import annotations

import codecs
import os
import select

from textual import events
from textual.drivers._byte_stream import ByteStream
from textual.drivers.web_driver import WebDriver

from codexspark_tui.tui.driver import PIECE, POLL_S, TerminalGone
from codexspark_tui.tui.typed import Typed


class SparkWebDriver(WebDriver):
    def write(self, data: str) -> None:
        try:
            super().write(data)
        except OSError:  # the server is gone, which is read on stdin, too
            return

    def write_meta(self, data: dict[str, object]) -> None:
        try:
            super().write_meta(data)
        except OSError:
            return

    def tell_session(self, id: str) -> None:
        """The server opens it again when the page is loaded again."""
        self.write_meta({"type": "session", "id": id})

    def start_application_mode(self) -> None:
        """A page that was just opened is looked at; it says so itself only when that changes."""
        super().start_application_mode()
        self._app.call_later(self._app.post_message, events.AppFocus())

    def run_input_thread(self) -> None:
        """Read what is typed until the driver is stopped or the server is gone."""
        typed = Typed()
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        packets = ByteStream()
        while not self.exit_event.is_set():
            ready, _, _ = select.select([0], [], [], POLL_S)
            if ready:
                piece = _read()
                if not piece:
                    self._app.post_message(TerminalGone())
                    return
                for kind, payload in packets.feed(piece):
                    if kind == "D":
                        for event in typed.feed(decode(payload)):
                            self.process_message(event)
                    else:
                        self._on_meta(kind, payload)
            else:
                for event in typed.tick():
                    self.process_message(event)

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        if packet_type == "quit":
            self._app.post_message(TerminalGone(wanted=True))
            self.exit_event.set()
        else:
            super().on_meta(packet_type, payload)


def _read() -> bytes:
    try:
        return os.read(0, PIECE)
    except OSError:
        return b""
