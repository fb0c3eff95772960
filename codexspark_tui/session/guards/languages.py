"""What guards know of languages: names of files, and where definitions lie.

Python by its own tree, which takes a tenth of the time; the others by the room `syntax`. No grammar
and no pattern of a language belongs here.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
import sys
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
_FORMATTED = re.compile(r"(?i)\b(?:f|fr|rf)['\"]")
_MOST_READINGS = 3
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
    """The tree of Python text; None where it has no tree.

    What is newer than the Python that runs here is put into older words; lines keep their numbers.
    """
    tree = _tree(text)
    if isinstance(tree, ast.Module):
        return tree
    from codexspark_tui import syntax

    others = (_tree(other) for (other,) in syntax.readings("python", text))
    return next((other for other in others if isinstance(other, ast.Module)), None)


@functools.lru_cache(maxsize=16)
def can_be_parsed(text: str) -> bool:
    """Whether it is Python, if only in the words of a newer one than runs here."""
    return parsed(text) is not None or _has_newer_strings(text)


def _has_newer_strings(text: str) -> bool:
    """From 3.12 on an f-string may hold its own quotes, backslashes and comments."""
    from codexspark_tui import syntax

    error = _tree(text) if sys.version_info < (3, 12) else None
    if not isinstance(error, SyntaxError) or isinstance(error, IndentationError):
        return False
    lines = text.splitlines()[max((error.lineno or 1) - 5, 0) : error.lineno or 1]
    return any(map(_FORMATTED.search, lines)) and not syntax.faults("a.py", text)


def _tree(text: str) -> ast.Module | Exception:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return error


@functools.lru_cache(maxsize=16)
def spans(path: str, text: str) -> tuple[Span, ...] | None:
    """The definitions of a text; None where it cannot be read."""
    if language_of(path) == "python":
        tree = parsed(text)
        if tree is not None:
            return tuple(_python_spans(tree, ""))
        if not can_be_parsed(text):
            return None
    outlined = outline_of(path, text, reading_of(path, text))
    if outlined.how != "tree-sitter":
        return None
    return tuple(Span(s.dotted, s.line, s.end_line) for s in outlined.symbols)


@functools.lru_cache(maxsize=16)
def outline_of(path: str, text: str, reading: int = 0) -> Outline:
    """The outline of a text; the text before a change is the same for all hunks of a file.

    `reading`: which of the readings of it, the last one where there are not so many.
    """
    from codexspark_tui import syntax

    language = syntax.language_of(path)
    if not reading or language is None:
        return syntax.outline(path, text, heads=True)
    readings = list(syntax.readings(language.name, text))
    return syntax.outline(path, readings[min(reading, len(readings) - 1)][0], heads=True)


def reading_of(path: str, *texts: str) -> int:
    """The first reading in which a grammar finds nothing odd in any of the texts; else the text
    as it is."""
    for reading in range(_MOST_READINGS):
        if not any(outline_of(path, text, reading).broken for text in texts):
            return reading
    return 0


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
