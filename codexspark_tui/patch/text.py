"""Bytes to text and back without losing one; text to lines and lines to `Line` values.

A line ends at "\\n" only: "\\r", form feeds and Unicode separators inside a line are content, as
git has it. What is no text is said with its offset. No I/O here.

A file that is not UTF-8 and names no encoding is taken for Latin-1 (Windows-1252 where it uses
that one's signs) only if nothing in it reads as UTF-8; in any other, the bytes that are not UTF-8
are kept as lone surrogates. Either way, what is not changed comes out byte for byte.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO

from codexspark_tui.patch.model import Line, LineEnd, Sign

# C0 control characters that text files do not have; tabs, line ends, form feeds, backspaces,
# escapes and DOS's end of file they may have.
_CONTROL = re.compile(rb"[\x00-\x07\x0e-\x19\x1c-\x1f]")
_MULTIBYTE = re.compile(r"[^\x00-\x7f\udc80-\udcff]")
_C1 = re.compile(rb"[\x80-\x9f]")
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
            return self.bom + text.encode(self.encoding, _errors(self.encoding))
        except UnicodeEncodeError as error:
            character = text[error.start]
            return Undecodable(
                f"U+{ord(character):04X} cannot be written in the file's encoding {self.encoding}"
            )
        except UnicodeError as error:
            return Undecodable(f"it cannot be written in the file's encoding: {error}")


def decode(data: bytes) -> TextFile | Undecodable:
    """UTF-8, UTF-16 with a BOM, what a Python coding comment (PEP 263) says, or single bytes."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], encoding, bom)
    cookie = _cookie(data)
    if cookie and cookie != "utf-8":
        found = _decoded(data, cookie, b"")
        if isinstance(found, TextFile):
            return found
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return _not_utf8(data, error)
    return _decoded(data, "utf-8", b"")


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> TextFile | Undecodable:
    """Text of one byte a character, or UTF-8 with some bytes that are none."""
    control = _CONTROL.search(data)
    if control is not None:
        offset = control.start()
        return Undecodable(
            f"byte 0x{data[error.start]:02X} at offset {error.start} is not utf-8, and the "
            f"control character 0x{data[offset]:02X} at offset {offset} is that of a binary file"
        )
    kept = data.decode("utf-8", "surrogateescape")
    if _MULTIBYTE.search(kept):
        return TextFile(kept)
    if not _C1.search(data):
        return TextFile(data.decode("latin-1"), "iso8859-1")
    try:
        return TextFile(data.decode("cp1252"), "cp1252")
    except UnicodeDecodeError:
        return TextFile(kept, "ascii")


def _errors(encoding: str) -> str:
    """How characters that the encoding lacks are met: surrogates stand for bytes, but of UTF-16."""
    return "strict" if encoding.startswith("utf-16") else "surrogateescape"


def _decoded(body: bytes, encoding: str, bom: bytes) -> TextFile | Undecodable:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        offset = len(bom) + error.start
        return Undecodable(f"byte 0x{body[error.start]:02X} at offset {offset} is not {encoding}")
    except UnicodeError as error:
        return Undecodable(f"it is not {encoding}: {error}")
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
