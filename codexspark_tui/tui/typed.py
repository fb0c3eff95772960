"""What is typed, as Textual's events; a paste goes past its parser, which looks at each letter.

Works on text in whatever pieces it comes. Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterator

from textual._xterm_parser import XTermParser
from textual.events import Paste
from textual.message import Message

BEGIN, END = "\x1b[200~", "\x1b[201~"


class Typed:
    def __init__(self) -> None:
        self._parser = XTermParser()
        self._pasted: list[str] | None = None
        self._rest = ""

    def feed(self, text: str) -> Iterator[Message]:
        """The events that are complete with `text`."""
        text, self._rest = self._rest + text, ""
        while text:
            pasting = self._pasted is not None
            before, mark, text = text.partition(END if pasting else BEGIN)
            if not mark:
                before, self._rest = _without_half(before, END if pasting else BEGIN)
            if self._pasted is not None:
                self._pasted.append(before)
            elif before:
                yield from self._parser.feed(before)
            if mark and self._pasted is not None:
                yield Paste(_lines("".join(self._pasted)))
            if mark:
                self._pasted = None if pasting else []

    def tick(self) -> Iterator[Message]:
        """Call when nothing has come for a while: what was begun was a key."""
        if self._rest and self._pasted is None:
            rest, self._rest = self._rest, ""
            yield from self._parser.feed(rest)
        yield from self._parser.tick()


def _lines(text: str) -> str:
    """A pasted text as it was copied: terminals send its line ends as the key enter."""
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def _without_half(text: str, mark: str) -> tuple[str, str]:
    """`text` without the first part of a mark at its end, and that part; an escape alone is none:
    nobody is to wait for a key."""
    half = next((n for n in range(len(mark) - 1, 1, -1) if text.endswith(mark[:n])), 0)
    if mark == END and not half and text.endswith("\x1b"):
        half = 1
    return text[: len(text) - half], text[len(text) - half :]
