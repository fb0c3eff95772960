"""Small patches as text, for tests of what reads them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def patch_of(path: str, before: str, after: str, context: int = 3) -> str:
    """A unified diff of two texts with "\\n" line ends, as git would print it."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
        n=context,
    )
    return f"diff --git a/{path} b/{path}\n" + "".join(lines)


def numbered(count: int, word: str = "line") -> str:
    return "".join(f"{word} {n}\n" for n in range(1, count + 1))


def changed(text: str, *numbers: int) -> str:
    """`text` with "!" at the end of the lines with these numbers (from 1)."""
    lines = text.splitlines()
    for number in numbers:
        lines[number - 1] += "!"
    return "\n".join(lines) + "\n"


def many_hunks(path: str, text: str, numbers: Iterable[int]) -> str:
    """A patch that makes `changed(text, *numbers)`, one hunk each; numbers at least 7 apart."""
    lines = text.splitlines()
    out = [f"diff --git a/{path} b/{path}", f"--- a/{path}", f"+++ b/{path}"]
    for number in numbers:
        first, last = max(0, number - 4), min(len(lines), number + 3)
        count = last - first
        out.append(f"@@ -{first + 1},{count} +{first + 1},{count} @@")
        for index in range(first, last):
            line = lines[index]
            out += [f"-{line}", f"+{line}!"] if index == number - 1 else [f" {line}"]
    return "\n".join(out) + "\n"
