"""What is sent to the terminal, said in fewer bytes: colours only where they change.

Textual says all colours of each piece of a row and takes them back behind it, which is two thirds
of a picture. The same picture with only the differences is a third as long. Pure; a text keeps its
other sequences (ECMA-48, "SGR" is select graphic rendition).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_MOVES = re.compile(r"(?:\r?\n|\x1b\[[0-9;]*H)*")
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
_OF_LETTERS = frozenset("123")
"""Bold, faint, italic: nothing of a blank shows them."""
_ARGUMENTS = {"2": 4, "5": 2}
"""How many codes follow 38 or 48, by the first one of them."""


class Look(NamedTuple):
    """How letters look: codes of attributes, colours as the codes that set them ("" the usual)."""

    attributes: frozenset[str] = frozenset()
    colour: str = ""
    background: str = ""


PLAIN = Look()


def shortened(data: str, look: Look = PLAIN) -> tuple[str, Look]:
    """`data`, which finds the terminal at `look`, in fewer bytes; and the look it leaves."""
    parts = _SGR.split(data)
    made, now = [parts[0]], look
    for codes, text in zip(parts[1::2], parts[2::2], strict=True):
        look = _after(look, codes)
        if text and now != look and not _MOVES.fullmatch(text):
            wanted = _as_blank(now, look) if text.isspace() else look
            if now != wanted:
                made.append(_step(now, wanted))
                now = wanted
        made.append(text)
    if now != look:
        made.append(_step(now, look))
    return "".join(made), look


def _as_blank(now: Look, look: Look) -> Look:
    """What is enough for blanks: their background, unless they are drawn on."""
    if now.attributes | look.attributes <= _OF_LETTERS:
        return Look(now.attributes, now.colour, look.background)
    return look


@lru_cache(maxsize=4096)
def _after(look: Look, codes: str) -> Look:
    attributes, colour, background = look
    left = (codes or "0").split(";")
    while left:
        code = left.pop(0) or "0"
        if code == "0":
            attributes, colour, background = PLAIN
        elif code in ("38", "48"):
            taken = _ARGUMENTS.get(left[0] if left else "", 0)
            said = ";".join([code, *left[:taken]])
            left = left[taken:]
            colour, background = (said, background) if code == "38" else (colour, said)
        elif code.startswith("38:") or 30 <= _number(code) <= 39 or 90 <= _number(code) <= 97:
            colour = "" if code == "39" else code
        elif code.startswith("48:") or 40 <= _number(code) <= 49 or 100 <= _number(code) <= 107:
            background = "" if code == "49" else code
        elif code in _OFF.values():
            attributes -= {on for on, off in _OFF.items() if off == code}
        else:
            attributes |= {code}
    return Look(attributes, colour, background)


def _number(code: str) -> int:
    return int(code) if code.isdecimal() else -1


@lru_cache(maxsize=16384)
def _step(now: Look, look: Look) -> str:
    """The shorter one of two ways: from nothing, or only the differences."""
    whole = ";".join(filter(None, ["0", *sorted(look.attributes), look.colour, look.background]))
    gone = now.attributes - look.attributes
    if any(code not in _OFF for code in gone):
        return f"\x1b[{whole}m"
    off = {_OFF[code] for code in gone}
    back = {code for code in look.attributes if _OFF.get(code) in off}
    codes = [*sorted(off), *sorted((look.attributes - now.attributes) | back)]
    if look.colour != now.colour:
        codes.append(look.colour or "39")
    if look.background != now.background:
        codes.append(look.background or "49")
    return f"\x1b[{min(whole, ';'.join(codes), key=len)}m"
