"""The one text form of a path in events: reversible, printable, always valid UTF-8.

A backslash becomes two; a control character and a byte that is not UTF-8 become `\\xNN`. All other
characters stay as they are, so an ordinary path is its own text.
"""

from __future__ import annotations

import re

_TO_ESCAPE = re.compile(
    r"[\\\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_ESCAPED = re.compile(r"(?:\\x[0-9a-f]{2})+|\\\\")


def path_text(path: str) -> str:
    """The text of a file-system path as Python has it (bytes that are not UTF-8 as surrogates)."""
    return _TO_ESCAPE.sub(_escape, path) if _TO_ESCAPE.search(path) else path


def real_path(text: str) -> str:
    """The path that `path_text` was given: `real_path(path_text(p)) == p` for every path."""
    return _ESCAPED.sub(_unescape, text) if "\\" in text else text


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    if char == "\\":
        return "\\\\"
    try:
        data = char.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # no file system gives such a path; a model may write one
        data = char.encode("utf-8", "surrogatepass")
    return "".join(f"\\x{byte:02x}" for byte in data)


def _unescape(found: re.Match[str]) -> str:
    escaped = found.group()
    if escaped == "\\\\":
        return "\\"
    return bytes.fromhex(escaped.replace("\\x", "")).decode("utf-8", "surrogateescape")
