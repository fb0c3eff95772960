"""Bytes to text and back without losing one; text to lines and lines to `Line` values.

A line ends at "\\n" only: "\\r", form feeds and Unicode separators inside a line are content, as
git has it. What cannot be decoded is said with its offset, never guessed. No I/O here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO

from codexspark_tui.patch.model import Line, LineEnd, Sign

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why bytes are no text that we can edit, or why text cannot be written in an encoding."""

    why: str


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's text with its own line ends; `bom` is not part of `text`."""

    text: str
    encoding: str = "utf-8"
    bom: bytes = b""

    def encode(self, text: str) -> bytes | Undecodable:
        """The bytes of `text` in this file's encoding; `encode(self.text)` is the file itself."""
        try:
            return self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            character = text[error.start]
            return Undecodable(
                f"U+{ord(character):04X} cannot be written in the file's encoding {self.encoding}"
            )


def decode(data: bytes) -> TextFile | Undecodable:
    """UTF-8, UTF-16 with a BOM, or what a Python coding comment (PEP 263) names."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], encoding, bom)
    cookie = _cookie(data)
    if cookie and cookie != "utf-8":
        return _decoded(data, cookie, b"")
    return _decoded(data, "utf-8", b"")


def _decoded(body: bytes, encoding: str, bom: bytes) -> TextFile | Undecodable:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        offset = len(bom) + error.start
        return Undecodable(f"byte 0x{body[error.start]:02X} at offset {offset} is not {encoding}")
    nul = text.find("\0")
    if nul >= 0:
        offset = len(bom) + len(text[:nul].encode(encoding))
        return Undecodable(f"NUL byte at offset {offset}: a binary file")
    found = TextFile(text, encoding, bom)
    if found.encode(text) != bom + body:
        return Undecodable(f"the text would not survive being written in {encoding}")
    return found


def _cookie(data: bytes) -> str | None:
    """The encoding named in the first two lines, if it is one that maps bytes to text."""
    for line in data[:400].split(b"\n")[:2]:
        match = _COOKIE.match(line)
        if match is None:
            continue
        try:
            info = codecs.lookup(match.group(1).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            return None
        return info.name if getattr(info, "_is_text_encoding", True) else None
    return None


def split_lines(text: str) -> list[str]:
    """Lines with their ends, cut after "\\n" only; "".join gives the text back."""
    return StringIO(text, newline="\n").readlines()


def line_end(raw: str) -> LineEnd:
    """The end of one line as `split_lines` gives it."""
    if raw.endswith("\r\n"):
        return "\r\n"
    return "\n" if raw.endswith("\n") else ""


def bare(raw: str) -> str:
    """One line without its end."""
    if raw.endswith("\r\n"):
        return raw[:-2]
    return raw[:-1] if raw.endswith("\n") else raw


def to_line(sign: Sign, raw: str) -> Line:
    """A `Line` of one line as `split_lines` gives it."""
    end = line_end(raw)
    return Line(sign, raw[: len(raw) - len(end)], end)


def to_text(lines: Iterable[Line]) -> str:
    """The text that these lines make, whatever their signs."""
    return "".join(line.text + line.end for line in lines)


def main_line_end(lines: Iterable[str]) -> LineEnd:
    """The line end that most of these lines have; "\\n" where there is none."""
    crlf = lf = 0
    for raw in lines:
        if raw.endswith("\r\n"):
            crlf += 1
        elif raw.endswith("\n"):
            lf += 1
    return "\r\n" if crlf > lf else "\n"
