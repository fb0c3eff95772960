"""Output of a command as plain text: no control sequence, however the reads cut it.

Carriage returns become line ends, so a progress bar becomes lines. What is no UTF-8 is replaced.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

LONGEST_SEQUENCE = 4096
_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC, each with its end
    r"|\x1b[ -/]+[0-~]"
    r"|\x1b[0-OQ-WYZ\\`-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]",
    re.DOTALL,
)
_UNFINISHED = re.compile(
    r"(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_].*|[ -/]*)?|\x9b[0-?]*[ -/]*|\r)\Z", re.S
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(slots=True)
class Plain:
    """Feed it bytes, it gives text."""

    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )
    _held: str = ""

    def feed(self, data: bytes) -> str:
        return self._take(self._held + self._decoder.decode(data))

    def end(self) -> str:
        """What was still held back."""
        text, self._held = self._held + self._decoder.decode(b"", True), ""
        return _cleaned(text)

    def _take(self, text: str) -> str:
        self._held = ""
        if "\x1b" not in text and "\x9b" not in text and not text.endswith("\r"):
            return _cleaned(text)
        text = _SEQUENCE.sub("", text)
        start = _first_unfinished(text)
        if start is not None and len(text) - start <= LONGEST_SEQUENCE:
            text, self._held = text[:start], text[start:]
        return _cleaned(text)


def _first_unfinished(text: str) -> int | None:
    """Where a sequence begins that the text does not end; only the tail can hold one."""
    found = _UNFINISHED.search(text, max(0, len(text) - LONGEST_SEQUENCE - 1))
    return found.start() if found else None


def _cleaned(text: str) -> str:
    text = _SEQUENCE.sub("", text) if "\x1b" in text or "\x9b" in text else text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


@dataclass(slots=True)
class View:
    """The beginning and the end of a text, at most `most` characters of it."""

    most: int
    _head: str = ""
    _tail: str = ""
    _cut: int = 0

    def add(self, text: str) -> None:
        room = self.most // 4 - len(self._head)
        if room > 0 and not self._tail:
            self._head, text = self._head + text[:room], text[room:]
        self._tail += text
        most = self.most - self.most // 4
        if len(self._tail) > 2 * most:
            self._shorten(most)

    def _shorten(self, most: int) -> None:
        self._cut += len(self._tail) - most
        self._tail = self._tail[-most:]

    @property
    def text(self) -> str:
        most = self.most - self.most // 4
        if len(self._tail) > most:
            self._shorten(most)
        if not self._cut:
            return self._head + self._tail
        return f"{self._head}\n[… {self._cut} characters left out …]\n{self._tail}"
