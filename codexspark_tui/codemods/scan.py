"""Where a word stands in a Python text: in code, in a string, in a docstring or in a comment.

Offsets are characters of the plain text ("\\n" only). Works on tokens, so a prefix of a longer name
is never found; inside f-strings the expressions are code and the rest is string.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, TypeAlias

Where: TypeAlias = Literal["code", "string", "comment"]

_PREFIX = re.compile(r"[A-Za-z]*")


@dataclass(frozen=True, slots=True)
class Found:
    """One whole word at `start`; `whole`: it is all of a string's value, or its last dotted part.

    `chunk` is the start of the token it stands in.
    """

    start: int
    where: Where
    whole: bool = False
    chunk: int = 0


class Lines:
    """Turns (line, column) into an offset and back; lines 1-based, columns 0-based characters."""

    def __init__(self, plain: str) -> None:
        self.texts = plain.split("\n")
        self._starts = [0, *accumulate(len(text) + 1 for text in self.texts)]

    def offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def byte_offset(self, line: int, byte_column: int) -> int:
        """Like `offset` for the byte columns of `ast`."""
        text = self.texts[line - 1]
        if text.isascii():
            return self.offset(line, byte_column)
        return self.offset(line, len(text.encode()[:byte_column].decode("utf-8", "replace")))

    def place(self, offset: int) -> tuple[int, int]:
        low, high = 0, len(self.texts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low + 1, offset - self._starts[low]


def find_word(plain: str, word: str) -> list[Found]:
    """Every place of `word` in `plain`, ascending. `plain` must parse as Python."""
    pattern = re.compile(rf"\b{re.escape(word)}\b")
    if not pattern.search(plain):
        return []
    lines = Lines(plain)
    found: list[Found] = []
    for token in tokenize.generate_tokens(io.StringIO(plain).readline):
        if word not in token.string:
            continue
        start = lines.offset(*token.start)
        found += _in_token(token, start, pattern)
    return found


def _in_token(token: tokenize.TokenInfo, start: int, word: re.Pattern[str]) -> Iterator[Found]:
    kind = tokenize.tok_name[token.type]
    if kind == "NAME":
        if word.fullmatch(token.string):
            yield Found(start, "code", chunk=start)
    elif kind == "COMMENT":
        for match in word.finditer(token.string):
            yield Found(start + match.start(), "comment", chunk=start)
    elif kind == "STRING":
        yield from _in_string(token.string, start, word)
    elif kind == "FSTRING_MIDDLE":
        for match in word.finditer(token.string):
            yield Found(start + match.start(), "string", chunk=start)


def _in_string(literal: str, start: int, word: re.Pattern[str]) -> Iterator[Found]:
    match = _PREFIX.match(literal)
    prefix = match.group() if match else ""
    quote = literal[len(prefix)]
    size = len(prefix) + (3 if literal[len(prefix) :].startswith(quote * 3) else 1)
    width = size - len(prefix)
    body = literal[size : len(literal) - width]
    code = _expressions(body) if "f" in prefix.lower() else []
    for hit in word.finditer(body):
        inside = any(a <= hit.start() < b for a, b in code)
        whole = not code and bool(re.fullmatch(r"[\w.:]*", body)) and hit.end() == len(body)
        before = body[: hit.start()]
        whole = whole and (not before or before[-1] in ".:")
        yield Found(start + size + hit.start(), "code" if inside else "string", whole, start)


def _expressions(body: str) -> list[tuple[int, int]]:
    """The spans of `body`, the text of an f-string, that are names in expressions."""
    spans: list[tuple[int, int]] = []
    at, depth, begun = 0, 0, 0
    while at < len(body):
        char = body[at]
        if depth == 0 and body[at : at + 2] in {"{{", "}}"}:
            at += 2
            continue
        if char == "{":
            if depth:
                spans.append((begun, at))
            depth, begun = depth + 1, at + 1
        elif char == "}" and depth:
            spans.append((begun, at))
            depth, begun = depth - 1, at + 1
        elif depth and char in "'\"":
            spans.append((begun, at))
            at = _end_of_quoted(body, at)
            begun = at + 1
        at += 1
    return spans


def _end_of_quoted(body: str, at: int) -> int:
    end = body.find(body[at], at + 1)
    return len(body) if end < 0 else end
