"""The patch tool: its text is read while it streams (`patch_calls.py`), so it has no function."""

from __future__ import annotations

from codexspark_tui.providers.model import Tool
from codexspark_tui.session.patch_calls import PATCH_TOOL
from codexspark_tui.session.tools.kit import Arguments, Hands, Tooled


async def nothing(arguments: Arguments, hands: Hands) -> str:
    return ""


APPLY_PATCH = Tooled(
    Tool(
        PATCH_TOOL,
        "Propose changes to files. The input is one patch, from *** Begin Patch to *** End Patch. "
        "The person decides on each change.",
    ),
    "edit",
    nothing,
)
