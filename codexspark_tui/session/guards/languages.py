"""What guards know of languages without a parser: names of files, and definitions by a scanner.

The scanner finds definitions line by line; a block ends with its last brace. It takes braces in
strings and comments out of the count, and knows no more of a language than the patterns below.
"""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_ENDINGS = {
    "python": ("py", "pyi"),
    "js": ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"),
    "go": ("go",),
    "rust": ("rs",),
    "java": ("java",),
    "csharp": ("cs",),
}
_LANGUAGE = {ending: name for name, endings in _ENDINGS.items() for ending in endings}
_MODIFIERS = r"(?:(?:public|protected|private|internal|static|final|abstract|sealed|async|override|"
_MODIFIERS += (
    r"virtual|readonly|partial|synchronized|default|export|declare|unsafe|extern|const)\s+)*"
)
_DEFINITION = {
    "js": rf"\s*{_MODIFIERS}(?:function\s*\*?|class|interface|enum|type|const|let|var)\s+(\w+)"
    rf"|\s+{_MODIFIERS}(?!if|for|while|switch|catch|return)(\w+)\s*\([^;]*\)\s*(?::[^{{;]+)?\{{",
    "go": r"func\s+(?:\([^)]*\)\s*)?(\w+)|type\s+(\w+)",
    "rust": r"\s*(?:pub(?:\([^)]*\))?\s+)?(?:async\s+|unsafe\s+|const\s+)*"
    r"(?:fn|struct|enum|trait|mod|type|static|const)\s+(\w+)",
    "java": rf"\s*{_MODIFIERS}(?:class|interface|enum|record|@interface)\s+(\w+)"
    rf"|\s*{_MODIFIERS}(?:<[^>]+>\s+)?[\w<>\[\],.?]+\s+(?<!new )(?<!return )(\w+)\s*\([^;]*$",
    "csharp": rf"\s*{_MODIFIERS}(?:class|interface|enum|record|struct|delegate)\s+(\w+)"
    rf"|\s*{_MODIFIERS}[\w<>\[\],.?]+\s+(?<!new )(?<!return )(\w+)\s*(?:<\w+>)?\s*\([^;]*$",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _DEFINITION.items()}
_NOISE = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|//.*|/\*.*?\*/')


@dataclass(frozen=True, slots=True)
class Span:
    """A definition: its name (dotted in Python) and its lines, 1-based, both included."""

    name: str
    first: int
    last: int


def language_of(path: str) -> str:
    """ "" for a language that is not known here."""
    return _LANGUAGE.get(PurePosixPath(path).suffix.lstrip(".").lower(), "")


@functools.lru_cache(maxsize=16)
def parsed(text: str) -> ast.Module | None:
    """The tree of Python text; None where it has no tree."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def spans(text: str, language: str) -> tuple[Span, ...] | None:
    """The definitions of a text; None where it cannot be read."""
    if language == "python":
        tree = parsed(text)
        return None if tree is None else tuple(_python_spans(tree, ""))
    return tuple(_scanned(text.splitlines(), language)) if language in _PATTERNS else None


def _python_spans(node: ast.AST, prefix: str) -> list[Span]:
    found: list[Span] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
            name = prefix + child.name
            found.append(Span(name, first, child.end_lineno or child.lineno))
            found += _python_spans(child, name + ".")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            found += _python_spans(child, prefix)
    return found


def _scanned(lines: list[str], language: str) -> list[Span]:
    found: list[Span] = []
    for at, line in enumerate(lines):
        match = _PATTERNS[language].match(line)
        if match:
            name = next(group for group in match.groups() if group)
            found.append(Span(name, at + 1, _end_of_block(lines, at) + 1))
    return found


def _end_of_block(lines: list[str], at: int) -> int:
    """The index of the line in which the block closes that begins at `at`; `at` without one."""
    depth, opened = 0, False
    for index in range(at, min(len(lines), at + 5000)):
        bare = _NOISE.sub("", lines[index])
        depth += bare.count("{") - bare.count("}")
        opened = opened or "{" in bare
        if opened and depth <= 0:
            return index
        if not opened and ";" in bare:
            return index
    return at
