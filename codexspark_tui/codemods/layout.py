"""White space around what a library wrote: tabs, and the blank lines around a new function."""

from __future__ import annotations

import ast
import re
from difflib import SequenceMatcher

from codexspark_tui.codemods.sources import Unreadable, parse

_TAB = " " * 4


def with_spaces(plain: str) -> str:
    """`plain` with four spaces for each leading tab: rope indents by spaces only."""
    return re.sub(r"^\t+", lambda tabs: _TAB * len(tabs.group()), plain, flags=re.MULTILINE)


def with_tabs(plain: str, spaced: str, after: str, *, tabs: bool) -> str:
    """`after`, made from `spaced`, with tabs where `plain` has them; `tabs`: in new lines too."""
    if plain == spaced:
        return after
    own, old, new = plain.split("\n"), spaced.split("\n"), after.split("\n")
    result: list[str] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_at, old_end, new_at, new_end in matcher.get_opcodes():
        made = new[new_at:new_end]
        result += own[old_at:old_end] if tag == "equal" else map(_tabbed, made) if tabs else made
    return "\n".join(result)


def _tabbed(line: str) -> str:
    return re.sub(rf"^(?:{_TAB})+", lambda run: "\t" * (len(run.group()) // 4), line)


def with_blank_lines(plain: str, name: str) -> str | None:
    """`plain` with the usual blank lines around its function `name`; None if it does not parse."""
    tree = parse(plain)
    if isinstance(tree, Unreadable):
        return None
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == name]
    if not found:
        return plain
    node = found[0]
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    lines = plain.split("\n")
    count = 2 if node.col_offset == 0 else 1
    head, body = lines[: first - 1], lines[first - 1 : node.end_lineno]
    tail = lines[node.end_lineno or 0 :]
    while head and not head[-1].strip():
        head.pop()
    while tail and not tail[0].strip():
        tail.pop(0)
    before = [""] * count if head and not head[-1].rstrip().endswith(":") else []
    after = [""] * count if tail and _indent(tail[0]) >= node.col_offset else []
    if tail and not after:
        after = [""] * 2
    return "\n".join([*head, *before, *body, *after, *tail]) + ("" if tail else "\n")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
