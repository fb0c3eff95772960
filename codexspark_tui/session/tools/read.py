"""Read a file, or a range of its lines, with their numbers."""

from __future__ import annotations

from codexspark_tui.counts import count
from codexspark_tui.providers.model import Tool
from codexspark_tui.session.tools.kit import Arguments, Hands, Tooled, number, schema, text

MOST_LINES = 2000


async def read(arguments: Arguments, hands: Hands) -> str:
    path = text(arguments, "path")
    lines = hands.text_of(path).splitlines()
    first = number(arguments, "first", 1)
    last = min(number(arguments, "last", first + MOST_LINES - 1), first + MOST_LINES - 1)
    shown = [f"{n}\t{line}" for n, line in enumerate(lines[first - 1 : last], first)]
    if not shown:
        return f"{path} has {count(len(lines), 'line')}; there is nothing from line {first} on"
    left = len(lines) - first - len(shown) + 1
    return "\n".join([*shown, *([f"[{count(left, 'more line')} to come]"] if left > 0 else [])])


READ = Tooled(
    Tool(
        "read",
        "Read a text file of the repository, with line numbers.",
        schema(
            ("path",),
            path="string: relative to the root",
            first="integer: first line, from 1",
            last="integer: last line",
        ),
    ),
    "free",
    read,
)
