"""What guards know of languages: names of files, and where definitions lie.

Python by its own tree, which takes a tenth of the time; the others by the room `syntax`. No grammar
and no pattern of a language belongs here.
"""

from __future__ import annotations

import ast
import functools
import itertools
from dataclasses import dataclass
from pathlib import PurePosixPath

from codexspark_tui.syntax.model import Outline

_ENDINGS = {
    "python": ("py", "pyi"),
    "js": ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"),
    "go": ("go",),
    "rust": ("rs",),
    "java": ("java",),
    "csharp": ("cs",),
}
_LANGUAGE = {ending: name for name, endings in _ENDINGS.items() for ending in endings}


@dataclass(frozen=True, slots=True)
class Span:
    """A definition: its dotted name and its lines, 1-based, both included."""

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


@functools.lru_cache(maxsize=16)
def spans(path: str, text: str) -> tuple[Span, ...] | None:
    """The definitions of a text; None where it cannot be read."""
    if language_of(path) == "python":
        tree = parsed(text)
        return None if tree is None else tuple(_python_spans(tree, ""))
    outlined = outline_of(path, text)
    if outlined.how != "tree-sitter":
        return None
    return tuple(Span(s.dotted, s.line, s.end_line) for s in outlined.symbols)


@functools.lru_cache(maxsize=16)
def outline_of(path: str, text: str) -> Outline:
    """The outline of a text; the text before a change is the same for all hunks of a file."""
    from codexspark_tui import syntax

    return syntax.outline(path, text)


def _python_spans(node: ast.AST, prefix: str) -> list[Span]:
    """Only statements are walked: no definition lies in an expression."""
    found: list[Span] = []
    below = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    for child in itertools.chain.from_iterable(below):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
            name = prefix + child.name
            found.append(Span(name, first, child.end_lineno or child.lineno))
            found += _python_spans(child, name + ".")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            found += _python_spans(child, prefix)
    return found
