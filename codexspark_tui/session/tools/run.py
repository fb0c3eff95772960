"""Run a command in the workspace, confined, when the person allows it."""

from __future__ import annotations

from codexspark_tui.providers.model import Tool
from codexspark_tui.session.tools.kit import Arguments, Hands, Tooled, schema, text


async def run(arguments: Arguments, hands: Hands) -> str:
    return await hands.run(text(arguments, "command"))


RUN = Tooled(
    Tool(
        "run",
        "Run a shell command at the root of the repository and read its output. There is no "
        "network, and your changes are in the files only when they were accepted.",
        schema(("command",), command="string: the command line"),
    ),
    "run",
    run,
)
