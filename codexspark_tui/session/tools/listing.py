"""List the files of the tree."""

from __future__ import annotations

import asyncio
from fnmatch import fnmatchcase

from codexspark_tui.counts import count
from codexspark_tui.providers.model import Tool
from codexspark_tui.session.tools.kit import Arguments, Hands, Tooled, schema, text

MOST = 1000


async def listing(arguments: Arguments, hands: Hands) -> str:
    pattern = text(arguments, "pattern", "").removeprefix("./")
    files = await asyncio.to_thread(hands.files)
    found = [path for path in files if _fits(path, pattern)]
    if not found:
        return "there is no such file"
    left = len(found) - MOST
    return "\n".join([*found[:MOST], *([f"[{count(left, 'more file')}]"] if left > 0 else [])])


def _fits(path: str, pattern: str) -> bool:
    folder = pattern.rstrip("/")
    return not folder or path.startswith(f"{folder}/") or fnmatchcase(path, pattern)


LIST = Tooled(
    Tool(
        "list",
        "List files of the repository.",
        schema((), pattern="string: a folder, or a pattern such as src/*.py"),
    ),
    "free",
    listing,
)
