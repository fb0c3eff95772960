"""What becomes of each place of a name in one file."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from codexspark_tui.codemods.scan import Found, Lines
from codexspark_tui.codemods.sources import Source
from codexspark_tui.codemods.swaps import Swap
from codexspark_tui.codemods.uses import AttributeUse, Bare, ImportUse, KeywordUse, Scope, Use, Uses


@dataclass(slots=True)
class FilePlan:
    """What becomes of each place of the old name in one file (offsets of the plain text)."""

    source: Source
    uses: Uses
    swaps: list[Swap] = field(default_factory=list)
    unsure: list[int] = field(default_factory=list)
    users: set[Scope] = field(default_factory=set)
    rest: list[Found] = field(default_factory=list)

    def swap(self, offset: int, old: str, text: str) -> None:
        if self.source.plain.startswith(old, offset):
            self.swaps.append(Swap(offset, offset + len(old), text))


def repair(plan: FilePlan, found: list[Found], old: str) -> None:
    """Gives places in f-strings their true offset, where the parser has a wrong one."""
    code = {f.start for f in found if f.where == "code"}
    strings = {f.start for f in found if f.where == "string"}
    uses = [u for u in plan.uses.all if u.name == old]
    lost = [u for u in uses if u.offset not in code and u.offset not in strings]
    free = sorted(code - {u.offset for u in uses})
    if not lost:
        return
    plan.uses.all = [u for u in plan.uses.all if u not in lost]
    if len(lost) == len(free):
        plan.uses.all += [_moved(u, offset) for u, offset in zip(lost, free, strict=True)]


def _moved(use: Use, offset: int) -> Use:
    match use:
        case Bare():
            return Bare(use.name, offset, use.scope)
        case AttributeUse():
            return AttributeUse(use.name, offset, use.node, use.scope)
        case KeywordUse():
            return KeywordUse(use.name, offset, use.call)
        case ImportUse():
            return use


def attribute_span(plain: str, lines: Lines, use: AttributeUse) -> tuple[int, int] | None:
    """Start and end of the whole `a.b.name`; None where the parser's places cannot be trusted."""
    node = use.node
    start = lines.byte_offset(node.lineno, node.col_offset)
    end = use.offset + len(use.name)
    try:
        inside = ast.parse(f"({plain[start:end]})", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return (start, end) if ast.unparse(inside) == ast.unparse(node) else None
