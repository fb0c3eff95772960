"""tools/: what a model can do beside writing text, one file for each tool.

A tool is its description with a schema, a rule for when it may be used, and a function from
arguments to text. What the functions need of the world is in `Hands`. Nothing here decides whether
something is allowed, and nothing here writes to the working tree.
"""

from __future__ import annotations

from codexspark_tui.session.tools.kit import Hands, Tooled, ToolRefused
from codexspark_tui.session.tools.registry import TOOLS, by_name

__all__ = ["TOOLS", "Hands", "ToolRefused", "Tooled", "by_name"]
