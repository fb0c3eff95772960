"""Server-sent events: bytes in, the data of whole events out. Pure.

Lines may end in CRLF, LF or CR, and be cut anywhere, also within a character. Comments, names, ids
and what is not known change nothing; an event without data is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_EVENT_BYTES = 64 * 2**20
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class TooLarge(ValueError):
    """One event is larger than `MAX_EVENT_BYTES`."""


@dataclass(slots=True)
class EventStream:
    """`done`: the stream said that it is over. `comments`: how many there were."""

    done: bool = False
    comments: int = 0
    _pieces: list[bytes] = field(default_factory=list)
    _held: int = 0
    _data: list[bytes] = field(default_factory=list)
    _begun: bool = False

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of the events that are whole with this piece."""
        if not self._begun and piece:
            piece = b"".join(self._pieces) + piece
            self._pieces.clear()
            if len(piece) < len(_BOM) and _BOM.startswith(piece):
                self._pieces.append(piece)
                return []
            self._begun = True
            piece = piece.removeprefix(_BOM)
        return self._lines(piece)

    def close(self) -> list[bytes]:
        """What an end without an empty line leaves: the last event, if it was whole."""
        events = self._lines(b"\n") + self._lines(b"\n")
        return [] if self.done else events

    def _lines(self, piece: bytes) -> list[bytes]:
        if b"\n" not in piece and b"\r" not in piece:
            return self._hold(piece)
        text = b"".join(self._pieces) + piece
        self._pieces.clear()
        self._held = 0
        kept = b"\r" if text.endswith(b"\r") else b""
        *lines, last = _LINE_END.split(text.removesuffix(b"\r") if kept else text)
        self._hold(last + kept)
        events: list[bytes] = []
        for line in lines:
            self._line(line, events)
        return events

    def _hold(self, piece: bytes) -> list[bytes]:
        if piece:
            self._pieces.append(piece)
            self._held += len(piece)
        if self._held + sum(map(len, self._data)) > MAX_EVENT_BYTES:
            raise TooLarge(f"an event is larger than {MAX_EVENT_BYTES} bytes")
        return []

    def _line(self, line: bytes, events: list[bytes]) -> None:
        if not line:
            if self._data:
                self._event(b"\n".join(self._data), events)
                self._data.clear()
        elif line.startswith(b":"):
            self.comments += 1
        elif line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))

    def _event(self, data: bytes, events: list[bytes]) -> None:
        if data.strip() == b"[DONE]":
            self.done = True
        elif data.strip() and not self.done:
            events.append(data)
