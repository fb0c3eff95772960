"""Syntax colours for lines of code: never while painting, a few lines at a time, kept by text.

`Highlighter.spans` answers from what is there, or notes what is wanted and answers None; `work`
does a piece of what is wanted. Pygments is imported and asked for a lexer by `load`, in a thread:
the first one takes a quarter of a second.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pygments.lexer import Lexer

Span: TypeAlias = tuple[int, int, str]
Key: TypeAlias = tuple[str, tuple[str, ...]]
PIECE = 40
KEPT = 4000
LONGEST = 400
_ROLES = (
    ("Token.Comment", "comment"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Keyword.Constant", "number"),
    ("Token.Keyword.Type", "type"),
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Name.Function", "function"),
    ("Token.Name.Decorator", "function"),
    ("Token.Name.Tag", "keyword"),
    ("Token.Name.Attribute", "function"),
    ("Token.Name.Class", "type"),
    ("Token.Name.Builtin", "type"),
    ("Token.Name.Exception", "type"),
    ("Token.Name.Namespace", "type"),
)

SYNTAX = tuple(dict.fromkeys(role for _, role in _ROLES))


class Highlighter:
    """Lines are given in pieces of at most `PIECE`; a piece is coloured as a whole."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, tuple[tuple[Span, ...], ...]] = OrderedDict()
        self._wanted: OrderedDict[Key, None] = OrderedDict()
        self._loaded: set[str] = set()

    def spans(self, path: str, piece: tuple[str, ...]) -> tuple[tuple[Span, ...], ...] | None:
        """For each line (start, end, role), in characters; None until it has been worked out."""
        key = (_kind(path), piece)
        found = self._known.get(key)
        if found is None and key[0]:
            self._wanted[key] = None
        return found

    @property
    def has_work(self) -> bool:
        return bool(self._wanted)

    @property
    def unloaded(self) -> frozenset[str]:
        """Kinds of files that are wanted, and whose lexer is to be loaded first."""
        return frozenset(kind for kind, _ in self._wanted if kind not in self._loaded)

    async def load(self, kinds: frozenset[str], then: Callable[[], None]) -> None:
        """Look for the lexers in a thread, then call `then` in the loop."""
        for kind in kinds:
            await asyncio.to_thread(_lexer, kind)
            self._loaded.add(kind)
        then()

    def work(self) -> None:
        """Colour one piece, what was wanted last first: that is what is looked at.

        Nothing is to be `unloaded` then."""
        if not self._wanted:
            return
        key, _ = self._wanted.popitem()
        self._known[key] = _coloured(*key)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)


def _kind(path: str) -> str:
    """What stands for the language: the end of the name."""
    name = path.rpartition("/")[2]
    return "." + name.rpartition(".")[2] if "." in name else name


@lru_cache(maxsize=64)
def _lexer(kind: str) -> Lexer | None:
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        name = f"x{kind}" if kind.startswith(".") else kind
        return get_lexer_for_filename(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _coloured(kind: str, lines: Sequence[str]) -> tuple[tuple[Span, ...], ...]:
    lexer = _lexer(kind)
    made: list[list[Span]] = [[] for _ in lines]
    if lexer is None:
        return tuple(() for _ in lines)
    text = "\n".join(line if len(line) <= LONGEST else "" for line in lines)
    row = column = 0
    for token, value in lexer.get_tokens(text):
        role = role_of(str(token))
        for number, part in enumerate(value.split("\n")):
            if number:
                row, column = row + 1, 0
            if role and part.strip() and row < len(made):
                made[row].append((column, column + len(part), role))
            column += len(part)
    return tuple(tuple(spans) for spans in made)


@lru_cache(maxsize=512)
def role_of(token: str) -> str:
    return next((role for name, role in _ROLES if token.startswith(name)), "")
