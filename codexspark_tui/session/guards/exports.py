"""Names that a file passes on without defining them: `__all__`, `export { a } from "b"`. Pure.

What they look like is not known here, so only that one goes can be told. No rule belongs here.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from codexspark_tui.session.guards.languages import parsed

EXPORTED = "exported"  # the look of a name that is passed on
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_LIST = re.compile(r"^[ \t]*export\s*(?:type\s*)?\{([^}]*)\}(\s*from\b)?", re.M)
_ALL_OF = re.compile(
    r"^[ \t]*export\s*(?:type\s*)?\*\s*(?:as\s+([\w$]+)\s*)?from\s*['\"]([^'\"\n]+)['\"]", re.M
)
_COMMON = re.compile(r"^\s*(?:module\.)?exports(?:\.(\w+)\s*=|\s*=\s*\{([^}]*)\})", re.M)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_SAID = re.compile(r"[\w$]+|['\"][^'\"]*['\"]")
_ENDING = re.compile(r"(?:/index)?\.[cm]?[jt]sx?\Z")


@dataclass(frozen=True, slots=True)
class Lists:
    """`names`: as others see them; `inner`: what of this file they stand for; `other`: inner names
    that are only seen by another name."""

    names: tuple[str, ...] = ()
    inner: frozenset[str] = frozenset()
    other: dict[str, str] = field(default_factory=dict)

    def renamed(self, looks: dict[str, str]) -> Iterator[tuple[str, str]]:
        """What is defined, by the names that others use."""
        for name, look in looks.items():
            first, point, rest = name.partition(".")
            yield self.other.get(first, first) + point + rest, look


def exported_by_script(text: str) -> Lists:
    """What the lists of a module of JavaScript or TypeScript export; `* from b` for all of b."""
    names = list[str]()
    inner, other = set[str](), dict[str, str]()
    for found in _LIST.finditer(text):
        for one in _COMMENT.sub("", found[1]).split(","):
            words: list[str] = _SAID.findall(one)
            if words[:1] == ["type"] and words[1:2] not in ([], ["as"]):
                words = words[1:]
            if not words:
                continue
            names.append(words[-1])
            if not found[2]:
                inner.add(words[0])
                other[words[0]] = words[-1]
    for found in _ALL_OF.finditer(text):
        names.append(found[1] or f"* from {_ENDING.sub('', found[2])}")
    for found in _COMMON.finditer(text):
        inner.update(_WORD.findall(f"{found[1] or ''} {found[2] or ''}"))
    only = {name: seen for name, seen in other.items() if name not in names}
    return Lists(tuple(names), frozenset(inner), only)


@dataclass(frozen=True, slots=True)
class Passed:
    """`listed`: in `__all__`; `names`: these, and what is imported as itself. `whole`: `__all__`
    holds nothing that is only known when it runs."""

    listed: frozenset[str]
    names: tuple[str, ...]
    whole: bool


@functools.lru_cache(maxsize=16)
def exported_by_python(text: str) -> Passed:
    """What a module passes on, by the statements of its outermost level."""
    tree = parsed(text)
    listed, itself, whole = list[str](), list[str](), True
    for one in statements(tree.body if tree is not None else []):
        match one:
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                itself += [alias.name for alias in names if alias.asname == alias.name]
            case (
                ast.Assign(targets=[ast.Name(id="__all__")], value=value)
                | ast.AugAssign(target=ast.Name(id="__all__"), value=value)
                | ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value)
            ):
                whole = _add(value, listed) and whole
            case ast.Expr(
                ast.Call(ast.Attribute(ast.Name(id="__all__"), attr=("extend" | "append")), [value])
            ):
                whole = _add(value, listed) and whole
    return Passed(frozenset(listed), tuple(dict.fromkeys(listed + itself)), whole)


def statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements, and those inside `if` and `try` at the same level."""
    found: list[ast.stmt] = []
    for one in body:
        found.append(one)
        if isinstance(one, ast.If | ast.Try):
            found += statements([*one.body, *one.orelse])
        if isinstance(one, ast.Try):
            found += statements([x for handler in one.handlers for x in handler.body])
    return found


def _add(value: ast.expr, to: list[str]) -> bool:
    """The words that are written out; whether that is all of them."""
    match value:
        case ast.Constant(value=str(word)):
            to.append(word)
            return True
        case ast.List(elts=several) | ast.Tuple(elts=several) | ast.Set(elts=several):
            return False not in list(map(_add, several, itertools.repeat(to)))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _add(left, to) & _add(right, to)
        case _:
            return False
