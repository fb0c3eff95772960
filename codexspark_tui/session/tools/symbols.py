"""What a file defines, or where a name is defined."""

from __future__ import annotations

import asyncio

from codexspark_tui.git import grep_words
from codexspark_tui.providers.model import Tool
from codexspark_tui.session.tools.kit import Arguments, Hands, Tooled, ToolRefused, schema, text
from codexspark_tui.syntax.languages import language_of

MOST_FILES = 60
TIMEOUT_S = 5.0


async def symbols(arguments: Arguments, hands: Hands) -> str:
    path, name = text(arguments, "path", ""), text(arguments, "name", "")
    if not path and not name:
        raise ToolRefused("give a path, or the name of a definition")
    return await asyncio.to_thread(_found, hands, path, name)


def _found(hands: Hands, path: str, name: str) -> str:
    from codexspark_tui import syntax

    last = name.rpartition(".")[2]
    paths = [path] if path else _with_name(hands, last)
    said: list[str] = []
    looked = 0
    for one in paths:
        try:
            text = hands.text_of(one)
        except ToolRefused:
            if path:
                raise
            continue
        if last not in text or looked >= MOST_FILES:
            continue
        looked += 1
        outlined = syntax.outline(one, text)
        for symbol in outlined.symbols:
            if not name or symbol.dotted == name or symbol.dotted.endswith(f".{name}"):
                at = f"{one}:{symbol.line}-{symbol.end_line}"
                said.append(f"{at} {symbol.kind} {symbol.dotted}  {symbol.signature}".rstrip())
    return "\n".join(said) or "no definition was found"


def _with_name(hands: Hands, name: str) -> list[str]:
    """Files that may define it: those that hold the word, by the index or by a search."""
    files = hands.files()
    index = hands.index()
    known = index.may_hold(name) if index is not None else None
    if known is None and hands.workspace.repository is not None:
        known = frozenset(grep_words(hands.root, [name], timeout_s=TIMEOUT_S)[name])
    return [
        path for path in files if (known is None or path in known) and language_of(path) is not None
    ]


SYMBOLS = Tooled(
    Tool(
        "symbols",
        "List what a file defines, or find where a name is defined, with lines and signatures.",
        schema((), path="string: a file", name="string: a name, dotted if needed"),
    ),
    "free",
    symbols,
)
