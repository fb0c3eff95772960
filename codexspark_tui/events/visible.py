"""Text from a model, a patch or a file name, made harmless for a terminal.

Control characters, direction marks, line separators and lone surrogates become visible signs; all
other characters stay. Nothing that a face shows may go round this.
"""

from __future__ import annotations

import re

_HIDDEN = r"\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff"
_CONTROL = re.compile(rf"[\x00-\x1f{_HIDDEN}]")
_CONTROL_IN_TEXT = re.compile(rf"[\x00-\x08\x0b-\x1f{_HIDDEN}]")


def visible_line(text: str) -> str:
    """One line: every control character is made visible, line ends and tabs included."""
    return _CONTROL.sub(_visible, text) if _CONTROL.search(text) else text


def terminal_text(text: str) -> str:
    """`text` with control characters (but "\\n" and "\\t") and direction marks made visible."""
    return _CONTROL_IN_TEXT.sub(_visible, text) if _CONTROL_IN_TEXT.search(text) else text


def in_place(text: str) -> str:
    """`text` with a sign of one cell for each control character but the tab: its places stay."""
    return _CONTROL.sub(_sign, text) if _CONTROL.search(text) else text


def _sign(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code == 0x09:
        return "\t"
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def _visible(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return "^" + chr(code + 64)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
