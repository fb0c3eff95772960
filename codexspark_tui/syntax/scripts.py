"""The scripts inside markup (HTML, Vue, Svelte), each where it stands. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from codexspark_tui.syntax.languages import LANGUAGES, Language

_SCRIPT = re.compile(rb"<script\b([^>]{0,500})>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_TYPED = re.compile(rb"""\blang\s*=\s*["']?(?:ts|typescript)""", re.IGNORECASE)
_NOT_CODE = re.compile(rb"""\btype\s*=\s*["']?(?!module|text/javascript|application/javascript)""")
_VISIBLE = re.compile(rb"[^\n]")


def inside(data: bytes) -> Iterator[tuple[Language, bytes]]:
    """Each script with everything before it blanked, so that lines and columns stay true."""
    for found in _SCRIPT.finditer(data):
        attributes, body = found[1], found[2]
        if not body.strip() or _NOT_CODE.search(attributes):
            continue
        name = "typescript" if _TYPED.search(attributes) else "javascript"
        yield LANGUAGES[name], _VISIBLE.sub(b" ", data[: found.start(2)]) + body
