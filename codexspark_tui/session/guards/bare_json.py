"""JSON with comments, and a comma behind the last entry, as settings of tools have it. Pure."""

from __future__ import annotations

import re

_COMMENT = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\\n])*")|,(?=\s{0,1000}[}\]])')


def bare(text: str) -> str:
    """Without both."""
    return _LAST_COMMA.sub(r"\1", _COMMENT.sub(r"\1", text))
