"""The list of tools, in the order in which a model is told of them."""

from __future__ import annotations

from codexspark_tui.session.tools.apply_patch import APPLY_PATCH
from codexspark_tui.session.tools.ask import ASK
from codexspark_tui.session.tools.codemod import CODEMOD
from codexspark_tui.session.tools.kit import Tooled
from codexspark_tui.session.tools.listing import LIST
from codexspark_tui.session.tools.read import READ
from codexspark_tui.session.tools.run import RUN
from codexspark_tui.session.tools.search import SEARCH
from codexspark_tui.session.tools.symbols import SYMBOLS

TOOLS: tuple[Tooled, ...] = (READ, SEARCH, LIST, SYMBOLS, APPLY_PATCH, CODEMOD, RUN, ASK)
_BY_NAME = {one.tool.name: one for one in TOOLS}


def by_name(name: str) -> Tooled | None:
    return _BY_NAME.get(name)
