"""Docstring stubs for what is public in a file and has none. Standard library only.

A stub says in a sentence what the name says, no more: nothing about arguments or results is
guessed. Nested functions, overloads, setters, dunder methods and private names are left alone.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import TypeAlias

from codexspark_tui.codemods.model import Answer, CannotDo, Docstrings, Edits, FileEdit
from codexspark_tui.codemods.scan import Lines
from codexspark_tui.codemods.sources import Library, normal
from codexspark_tui.codemods.swaps import Swap, apply_swaps
from codexspark_tui.counts import count

Documented: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_SKIPPED_DECORATORS = frozenset({"overload", "setter", "deleter", "override"})
_NOUN_DECORATORS = frozenset({"property", "cached_property", "getter"})
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z]|\b|\d)|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SENTENCES = {
    "is": "Tell whether it is {}.",
    "has": "Tell whether it has {}.",
    "can": "Tell whether it can {}.",
    "should": "Tell whether it should {}.",
    "to": "Convert to {}.",
    "from": "Make one from {}.",
    "on": "Handle {}.",
}


def add_docstrings(request: Docstrings, library: Library) -> Answer:
    """Stubs for everything public in the file without a docstring."""
    path = normal(request.path)
    source, tree = library.source(path), library.tree(path) if path.endswith(".py") else None
    if source is None or tree is None:
        why = library.skipped.get(path, "it is not a Python file")
        return CannotDo(f"{request.path} cannot be used: {why}", "Name a Python file")
    lines = Lines(source.plain)
    colons = _header_colons(source.plain, lines)
    swaps = [_stub(source.plain, lines, node, colons) for node in undocumented(tree)]
    after = source.restore(apply_swaps(source.plain, swaps))
    if not swaps:
        return Edits((), f"Everything public in {path} has a docstring", "ast")
    return Edits(
        (FileEdit(path, source.text, after),),
        f"Add {count(len(swaps), 'docstring stub')} to {path}",
        "ast",
        notices=("The stubs say only what the names say: complete them.",),
    )


def public(body: list[ast.stmt]) -> Iterator[Documented]:
    """The public functions and classes defined in a module's or class's body, in order."""
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.If | ast.Try):
            yield from public([*node.body, *node.orelse])


def decorators(node: Documented) -> set[str]:
    """The last names of its decorators: {"property"}, {"setter"} …"""
    found = set()
    for decorator in node.decorator_list:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        found.add(ast.unparse(inner).rpartition(".")[2])
    return found


def undocumented(tree: ast.Module) -> Iterator[Documented]:
    for node in public(tree.body):
        yield from _without(node)


def _without(node: Documented) -> Iterator[Documented]:
    if ast.get_docstring(node, clean=False) is None and not decorators(node) & _SKIPPED_DECORATORS:
        yield node
    if isinstance(node, ast.ClassDef):
        for inner in public(node.body):
            yield from _without(inner)


def sentence(node: Documented) -> str:
    """A sentence of the words of its name: parse_bytes → "Parse bytes."."""
    parts = [part for part in node.name.split("_") if part]
    found = [w for p in parts for w in (_WORDS.findall(p) if p.isascii() else [p])]
    words = [w if w.isupper() and len(w) > 1 else w.lower() for w in found]
    rest = " ".join(words[1:])
    if not words:
        return f"{node.name}."
    if not isinstance(node, ast.ClassDef):
        if decorators(node) & _NOUN_DECORATORS and words[0] not in _SENTENCES:
            return f"The {' '.join(words)}."
        if rest and words[0] in _SENTENCES:
            return _SENTENCES[words[0]].format(rest)
    text = " ".join(words)
    return f"{text[0].upper()}{text[1:]}."


def _header_colons(plain: str, lines: Lines) -> dict[tuple[int, int], int]:
    """Start of each `def` or `class` keyword → offset after the colon that ends its header."""
    colons: dict[tuple[int, int], int] = {}
    open_header: tuple[int, int] | None = None
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(plain).readline):
        if token.type == tokenize.NAME and token.string in {"def", "class"} and not open_header:
            open_header, depth = token.start, 0
        elif token.type == tokenize.OP and open_header:
            depth += (token.string in "([{") - (token.string in ")]}")
            if token.string == ":" and depth == 0:
                colons[open_header] = lines.offset(*token.end)
                open_header = None
    return colons


def _stub(plain: str, lines: Lines, node: Documented, colons: dict[tuple[int, int], int]) -> Swap:
    header = re.compile(r"(?:async[\s\\]+)?(?=def|class)")
    start = lines.byte_offset(node.lineno, node.col_offset)
    found = header.match(plain, start)
    colon = colons[lines.place(found.end() if found else start)]
    text = f'"""{sentence(node)}"""'
    first = node.body[0]
    first_start = lines.byte_offset(first.lineno, first.col_offset)
    own = lines.texts[node.lineno - 1]
    own_indent = own[: len(own) - len(own.lstrip())]
    if "\n" in plain[colon:first_start]:
        end = plain.index("\n", colon)
        first_line = lines.texts[_first_line(first) - 1]
        indent = first_line[: len(first_line) - len(first_line.lstrip())]
        is_blank = not plain[end + 1 :].partition("\n")[0].strip()
        parts = isinstance(node, ast.ClassDef) and isinstance(first, Documented)
        blank = "\n" if parts and not is_blank else ""
        return Swap(end, end, f"\n{indent}{text}{blank}")
    indent = own_indent + ("\t" if own_indent.startswith("\t") else "    ")
    return Swap(colon, first_start, f"\n{indent}{text}\n{indent}")


def _first_line(node: ast.stmt) -> int:
    listed = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(d.lineno for d in listed)]))
