"""Import statements as text: what they import, and small edits that keep the rest as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from codexspark_tui.codemods.packages import Packages, parent
from codexspark_tui.codemods.scan import Lines
from codexspark_tui.codemods.swaps import Swap

_FROM = re.compile(r"from[\s\\]*((?:\.[\s\\]*)*(?!import\b)[\w.]*)")


def package_of(packages: Packages, path: str) -> str:
    """The dotted package that one dot of a relative import in `path` means."""
    return packages.module_name(parent(path))


def base_of(packages: Packages, path: str, node: ast.ImportFrom) -> str:
    """The absolute dotted name after `from`, for an import in the file `path`."""
    if not node.level:
        return node.module or ""
    parts = package_of(packages, path).split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def relative(packages: Packages, path: str, level: int, dotted: str) -> str:
    """`dotted` as a relative import of `level` dots in `path`; absolute where that cannot be."""
    parts = package_of(packages, path).split(".")
    anchor = ".".join(parts[: len(parts) - level + 1])
    if level and dotted == anchor:
        return "." * level
    if level and anchor and dotted.startswith(f"{anchor}."):
        return "." * level + dotted[len(anchor) + 1 :]
    return dotted


def module_swap(plain: str, lines: Lines, node: ast.ImportFrom, text: str) -> Swap:
    """The change of what stands between `from` and `import` to `text`."""
    start = lines.byte_offset(node.lineno, node.col_offset)
    found = _FROM.match(plain, start)
    assert found is not None
    end = found.start(1) + len(found.group(1).rstrip(" \t\\\n"))
    return Swap(found.start(1), end, text)


def statement_span(plain: str, lines: Lines, node: ast.stmt) -> tuple[int, int]:
    """The whole lines of a statement, or only itself where it shares a line with another."""
    start = lines.byte_offset(node.lineno, node.col_offset)
    end = lines.byte_offset(node.end_lineno or 1, node.end_col_offset or 0)
    line_start = plain.rfind("\n", 0, start) + 1
    line_end = plain.find("\n", end)
    line_end = len(plain) if line_end < 0 else line_end + 1
    rest = plain[end:line_end].strip()
    if not plain[line_start:start].strip() and (not rest or rest.startswith("#")):
        return line_start, line_end
    return start, end


def without_alias(
    plain: str, lines: Lines, node: ast.Import | ast.ImportFrom, alias: ast.alias
) -> Swap:
    """Takes one of several names out of an import, with its comma."""
    at = node.names.index(alias)
    spans = [alias_span(lines, each) for each in node.names]
    if at + 1 < len(spans):
        gap = plain[spans[at][1] : spans[at + 1][0]]
        if "\n" in gap and "#" not in gap:
            return Swap(spans[at][0], spans[at + 1][0], "")
        comma = spans[at][1] + gap.index(",") + 1
        end = comma + len(plain[comma:]) - len(plain[comma:].lstrip(" \t"))
        return Swap(spans[at][0], end, "")
    return Swap(spans[at - 1][1], spans[at][1], "")


def alias_span(lines: Lines, alias: ast.alias) -> tuple[int, int]:
    start = lines.byte_offset(alias.lineno, alias.col_offset)
    return start, lines.byte_offset(alias.end_lineno or 1, alias.end_col_offset or 0)


def import_end(tree: ast.Module) -> int:
    """The number of the last line of the imports (or docstring) at the top; 0 without any."""
    line = 0
    for number, node in enumerate(tree.body):
        is_docstring = number == 0 and isinstance(node, ast.Expr)
        if isinstance(node, ast.Import | ast.ImportFrom) or is_docstring:
            line = node.end_lineno or line
    return line


def insertion(plain: str, tree: ast.Module, statements: Sequence[str]) -> Swap | None:
    """`statements` as new lines after the imports of a file; None without any."""
    if not statements:
        return None
    lines = Lines(plain)
    at = import_end(tree)
    has_imports = any(isinstance(n, ast.Import | ast.ImportFrom) for n in tree.body)
    text = "".join(f"{statement}\n" for statement in statements)
    if not at:
        skipped = 0
        while skipped < len(lines.texts) and lines.texts[skipped].startswith("#"):
            skipped += 1
        offset = lines.offset(skipped + 1, 0) if skipped < len(lines.texts) else len(plain)
        return Swap(offset, offset, f"{text}\n" if plain[offset:].strip() else text)
    if at < len(lines.texts):
        offset = lines.offset(at + 1, 0)
        return Swap(offset, offset, text if has_imports else f"\n{text}")
    return Swap(len(plain), len(plain), f"\n{text}")


def first_statement(plain: str, tree: ast.Module, statement: str) -> Swap:
    """`statement` before all code, after the comments and the docstring at the top."""
    lines = Lines(plain)
    line = 0
    if tree.body and isinstance(tree.body[0], ast.Expr) and ast.get_docstring(tree) is not None:
        line = tree.body[0].end_lineno or 0
    while not line < 1 and line < len(lines.texts) and not lines.texts[line].strip():
        line += 1
    while line < len(lines.texts) and lines.texts[line].startswith("#"):
        line += 1
    if line >= len(lines.texts):
        return Swap(len(plain), len(plain), f"\n{statement}\n")
    offset = lines.offset(line + 1, 0)
    return Swap(offset, offset, f"{statement}\n\n")
