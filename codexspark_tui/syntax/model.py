"""The values of this room. Lines count from 1 and both ends belong to a range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

How: TypeAlias = Literal["tree-sitter", "lines", "none"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition. `kind`: "function", "method", "class", …; `parent`: what it stands in, dotted.

    `signature` is its head on one line, without the body.
    """

    name: str
    kind: str
    line: int
    end_line: int
    signature: str = ""
    parent: str = ""

    @property
    def dotted(self) -> str:
        return f"{self.parent}.{self.name}" if self.parent else self.name


@dataclass(frozen=True, slots=True)
class Reference:
    """A place where a name is used, not defined. `kind`: "call", "type", "attribute" or "name".

    `column` counts characters from 0.
    """

    name: str
    line: int
    column: int
    kind: str = "name"


@dataclass(frozen=True, slots=True)
class Fault:
    """A place that the grammar could not parse: `why` is a phrase ("unexpected ')'").

    `plain`: no macro explains it (`return 1 }`, `int = 3;`), in languages that have macros.
    """

    line: int
    why: str
    plain: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as it stands, with its signs. It begins at `start` (characters from 0) in `line`
    (from 1)."""

    line: int
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file defines, in its order.

    `how` says who read it: a grammar, the line scanner (`note` says why), or nobody. `broken`: the
    grammar met text that it could not parse, so something may be missing.
    """

    language: str
    how: How
    symbols: tuple[Symbol, ...] = ()
    broken: bool = False
    note: str = ""
