"""What a file defines, or where a name is defined."""

from __future__ import annotations

import asyncio

from codexspark_tui.git import grep_words
from codexspark_tui.providers.model import Tool
from codexspark_tui.session.tools.kit import Arguments, Hands, Tooled, ToolRefused, schema, text

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
    paths = [path] if path else grep_words(hands.root, [last], timeout_s=TIMEOUT_S)[last]
    said: list[str] = []
    for one in paths[:MOST_FILES]:
        try:
            outlined = syntax.outline(one, hands.text_of(one))
        except ToolRefused:
            if path:
                raise
            continue
        for symbol in outlined.symbols:
            if not name or symbol.dotted == name or symbol.dotted.endswith(f".{name}"):
                at = f"{one}:{symbol.line}-{symbol.end_line}"
                said.append(f"{at} {symbol.kind} {symbol.dotted}  {symbol.signature}".rstrip())
    return "\n".join(said) or "no definition was found"


SYMBOLS = Tooled(
    Tool(
        "symbols",
        "List what a file defines, or find where a name is defined, with lines and signatures.",
        schema((), path="string: a file", name="string: a name, dotted if needed"),
    ),
    "free",
    symbols,
)
