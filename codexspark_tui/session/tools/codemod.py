"""A deterministic edit: exact changes for no tokens. What comes of it is reviewed as any other."""

from __future__ import annotations

from codexspark_tui.providers.model import Tool
from codexspark_tui.session.tools.kit import Arguments, Hands, Tooled, schema, text


async def codemod(arguments: Arguments, hands: Hands) -> str:
    return await hands.codemod(text(arguments, "sentence"))


CODEMOD = Tooled(
    Tool(
        "codemod",
        "Let a refactoring library make an exact edit across the repository, for example: rename "
        "`load` to `read_it` · move `parse` to src/b.py · replace `print($A)` with `log($A)` · "
        "remove unused imports. Better than writing such changes yourself.",
        schema(("sentence",), sentence="string: what to do, as one sentence"),
    ),
    "edit",
    codemod,
)
