"""The outline of a source file: its definitions with their lines, without their bodies. Pure.

Python by its own parser; everything else, and Python that does not parse, by what lines look like.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

MOST_LINES = 400
LONGEST_LINE = 160
_DEFINITION = re.compile(
    r"^\s*(?:(?:export|default|pub(?:\([^)]*\))?|public|private|protected|internal|static|final"
    r"|abstract|async|override|open|sealed|data|virtual|inline|extern|unsafe|const)\s+)*"
    r"(?:def|class|function\*?|fn|func|fun|struct|enum|trait|impl|interface|type|module|mod"
    r"|namespace|record|object|protocol|extension|package|macro_rules!|union)\b[\s(]*[\w<(*&\[]"
)
_ASSIGNED = re.compile(
    r"^(?:export\s+)?(?:const|let|var)\s+\w+\s*=\s*(?:async\s*)?(?:function\b|\(|\w+\s*=>)"
)
_C_LIKE = re.compile(r"^[A-Za-z_][\w\s*&:<>,~]*\b\w+\s*\([^;]*\)\s*(?:const\s*)?\{?\s*$")
_CONTROL = re.compile(r"^(?:if|for|while|switch|return|else|catch|do|try|with|match)\b")
_C_SUFFIXES = frozenset({".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".java", ".cs", ".m", ".mm"})


def outline(path: str, text: str) -> str:
    """A line for each definition, "12: def f(a) -> int"; "" where nothing was found."""
    suffix = PurePosixPath(path).suffix.lower()
    found = _python(text) if suffix in (".py", ".pyi") else None
    if found is None:
        found = list(_scanned(text, c_like=suffix in _C_SUFFIXES))
    shown = found[:MOST_LINES]
    if len(found) > MOST_LINES:
        shown.append(f"… and {len(found) - MOST_LINES} more")
    return "\n".join(shown)


def _python(text: str) -> list[str] | None:
    try:
        return list(_of_nodes(ast.parse(text).body, ""))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of_nodes(nodes: list[ast.stmt], indent: str) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.ClassDef():
                bases = ", ".join(ast.unparse(base) for base in node.bases)
                said = f"class {node.name}({bases}):" if bases else f"class {node.name}:"
                yield _line(node.lineno, indent, said)
                yield from _of_nodes(node.body, indent + "    ")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
                word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
                said = f"{word} {node.name}({ast.unparse(node.args)}){returns}"
                yield _line(node.lineno, indent, said)
            case ast.Assign(targets=[ast.Name(id=name)]) if name.isupper():
                yield _line(node.lineno, indent, f"{name} = …")
            case ast.If() | ast.Try():
                yield from _of_nodes(node.body, indent)
            case _:
                continue


def _scanned(text: str, *, c_like: bool) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 4 * LONGEST_LINE:
            continue
        defines = _DEFINITION.match(line) or _ASSIGNED.match(line)
        if defines or (c_like and _C_LIKE.match(line) and not _CONTROL.match(line)):
            yield _line(number, "", line.rstrip().rstrip("{").rstrip())


def _line(number: int, indent: str, said: str) -> str:
    flat = " ".join(said.split("\n")) if "\n" in said else said
    whole = f"{number}: {indent}{flat}"
    return whole if len(whole) <= LONGEST_LINE else whole[: LONGEST_LINE - 1] + "…"
