"""Every place of a few names in one Python file, by syntax: bare, attribute, keyword, import.

Bare names belong to a lexical scope, which is decided here. What an attribute or an import refers
to needs the other files and is decided elsewhere. Offsets are characters of the plain text, and a
place is reported only where the text really has the name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from codexspark_tui.codemods.scan import Lines

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_HEADER = re.compile(r"(?:async[\s\\]+)?(?:def|class)[\s\\]+")
_PREFIX_OF_STRING = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')")


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class or function. `bound` and `used`: name → line of its first place.

    `bound_count`: how often a name is bound; `passed_on`: names declared global or nonlocal here.
    """

    parent: Scope | None
    is_class: bool = False
    bound: dict[str, int] = field(default_factory=dict)
    bound_count: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    passed_on: dict[str, Scope] = field(default_factory=dict)
    node: ast.AST | None = None

    def owner(self, name: str) -> Scope | None:
        """The scope that `name`, used here, is bound in; None for a builtin or an unknown name."""
        if name in self.passed_on:
            return self.passed_on[name]
        if name in self.bound:
            return self
        above = self.parent
        while above is not None and (above.is_class or name not in above.bound):
            above = above.parent
        return above


@dataclass(frozen=True, slots=True)
class Bare:
    name: str
    offset: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class AttributeUse:
    name: str
    offset: int
    node: ast.Attribute
    scope: Scope


@dataclass(frozen=True, slots=True)
class KeywordUse:
    name: str
    offset: int
    call: ast.Call


@dataclass(frozen=True, slots=True)
class ImportUse:
    """`from MODULE import NAME`: the place of NAME. It binds NAME in `scope` unless `aliased`."""

    name: str
    offset: int
    node: ast.ImportFrom
    scope: Scope
    aliased: bool
    again: int | None = None

    @property
    def binds(self) -> bool:
        """Whether it binds the name itself, plainly or as `NAME as NAME` (`again`: the second)."""
        return not self.aliased or self.again is not None


Use: TypeAlias = Bare | AttributeUse | KeywordUse | ImportUse


class Uses:
    """The places of `names` in one file, in `all`; `module` is the outermost scope."""

    def __init__(self, plain: str, tree: ast.Module, names: Iterable[str]) -> None:
        self.module = Scope(None)
        self.scopes: list[Scope] = [self.module]
        self.all: list[Use] = []
        self.lines = Lines(plain)
        self.star_imports: list[ast.ImportFrom] = []
        self._names = frozenset(names)
        self._plain = plain
        self._children(tree, self.module)

    def bare(self, name: str) -> list[Bare]:
        return [u for u in self.all if isinstance(u, Bare) and u.name == name]

    def scope_at(self, offset: int) -> Scope | None:
        for use in self.all:
            if use.offset == offset and isinstance(use, Bare | ImportUse):
                return use.scope
        return None

    def in_the_way(self, old: str, new: str, users: Iterable[Scope]) -> int | None:
        """The line where `new` stands in the way when `old`, used in `users`, gets that name."""
        owners: set[Scope] = set()
        for scope in users:
            owner, blocker = scope.owner(old) or self.module, scope.owner(new)
            owners.add(owner)
            if blocker is not None and is_within(blocker, owner):
                return blocker.bound[new]
        for scope in self.scopes:
            blocker = scope.owner(new) if new in scope.used else None
            for owner in owners if new in scope.used else ():
                captured = blocker is None or is_within(owner, blocker)
                hidden = owner.is_class and scope is not owner
                if captured and is_within(scope, owner) and not hidden:
                    return scope.used[new]
        return None

    def _add_bare(self, name: str, offset: int, scope: Scope) -> None:
        if name in self._names:
            self.all.append(Bare(name, offset, scope))

    def _bind(self, name: str, node: ast.AST, scope: Scope, offset: int | None = None) -> None:
        if name in self._names:
            target = scope.passed_on.get(name, scope)
            target.bound.setdefault(name, getattr(node, "lineno", 1))
            target.bound_count[name] = target.bound_count.get(name, 0) + 1
            if offset is not None:
                self._add_bare(name, offset, scope)

    def _start(self, node: ast.expr | ast.stmt | ast.arg | ast.alias | ast.keyword) -> int:
        return self.lines.byte_offset(node.lineno, node.col_offset)

    def _end(self, node: ast.expr | ast.alias) -> int:
        return self.lines.byte_offset(node.end_lineno or 1, node.end_col_offset or 0)

    def _children(self, node: ast.AST, scope: Scope) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope)

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Name():
                self._name(node, scope)
            case ast.Attribute():
                self._visit(node.value, scope)
                if node.attr in self._names:
                    offset = self._end(node) - len(node.attr)
                    self.all.append(AttributeUse(node.attr, offset, node, scope))
            case ast.Call():
                self._children(node, scope)
                for keyword in node.keywords:
                    if keyword.arg in self._names:
                        use = KeywordUse(keyword.arg or "", self._start(keyword), node)
                        self.all.append(use)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                self._definition(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._children(node, self._open(scope, node))
            case ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal():
                self._statement(node, scope)
            case ast.AnnAssign():
                self._annotation(node.annotation, scope)
                self._children(node, scope)
            case _:
                self._named(node, scope)
                self._children(node, scope)

    def _named(self, node: ast.AST, scope: Scope) -> None:
        """`except … as NAME`, `case … as NAME`, `case [*NAME]`, `case {**NAME}`."""
        match node:
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                pass
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                pass
            case _:
                return
        if name in self._names:
            start = self.lines.byte_offset(node.lineno, node.col_offset)
            pattern = rf"(?:\bas[\s\\]+|\*+[\s\\]*|\A)({re.escape(name)})\b"
            hit = re.search(pattern, self._plain[start:])
            self._bind(name, node, scope, start + hit.start(1) if hit else None)

    def _name(self, node: ast.Name, scope: Scope) -> None:
        if node.id not in self._names:
            return
        if isinstance(node.ctx, ast.Load):
            scope.used.setdefault(node.id, node.lineno)
            self._add_bare(node.id, self._start(node), scope)
        else:
            self._bind(node.id, node, scope, self._start(node))

    def _statement(
        self, node: ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal, scope: Scope
    ) -> None:
        if isinstance(node, ast.Global | ast.Nonlocal):
            start = self._start(node)
            for name in self._names.intersection(node.names):
                hit = re.search(rf"\b{re.escape(name)}\b", self._plain[start:])
                self._add_bare(name, start + hit.start(), scope) if hit else None
            return
        for alias in node.names:
            if isinstance(node, ast.ImportFrom) and alias.name in self._names:
                aliased = alias.asname is not None
                again = self._end(alias) - len(alias.name) if alias.asname == alias.name else None
                use = ImportUse(alias.name, self._start(alias), node, scope, aliased, again)
                self.all.append(use)
            elif isinstance(node, ast.ImportFrom) and alias.name == "*":
                self.star_imports.append(node)
            bound = alias.asname or alias.name.partition(".")[0]
            is_new = alias.asname is not None and alias.asname != alias.name
            at = self._end(alias) - len(bound) if is_new else None
            self._bind(bound, alias, scope, at)

    def _open(self, parent: Scope, node: ast.AST) -> Scope:
        scope = Scope(parent, isinstance(node, ast.ClassDef), node=node)
        self.scopes.append(scope)
        return scope

    def _definition(self, node: Function | ast.ClassDef | ast.Lambda, scope: Scope) -> None:
        if not isinstance(node, ast.Lambda) and node.name in self._names:
            header = _HEADER.match(self._plain, self._start(node))
            self._bind(node.name, node, scope, header.end() if header else None)
        inner = self._open(scope, node)
        self._pass_on(node, inner)
        body: list[ast.AST] = [*node.body] if isinstance(node.body, list) else [node.body]
        if isinstance(node, Function) and node.returns is not None:
            self._annotation(node.returns, scope)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.arguments):
                self._arguments(child, scope, inner)
            elif child not in body:
                self._visit(child, scope)
        for child in body:
            self._visit(child, inner)

    def _pass_on(self, node: ast.AST, inner: Scope) -> None:
        """Names that `global` or `nonlocal` in this body give to an outer scope."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Global | ast.Nonlocal):
                above = inner.parent or self.module
                for name in self._names.intersection(child.names):
                    outer = self.module if isinstance(child, ast.Global) else above.owner(name)
                    inner.passed_on[name] = outer or self.module
            elif not isinstance(child, Function | ast.ClassDef | ast.Lambda):
                self._pass_on(child, inner)

    def _arguments(self, arguments: ast.arguments, scope: Scope, inner: Scope) -> None:
        for child in ast.iter_child_nodes(arguments):
            if isinstance(child, ast.arg):
                self._bind(child.arg, child, inner, self._start(child))
                if child.annotation is not None:
                    self._annotation(child.annotation, scope)
                    self._visit(child.annotation, scope)
            else:
                self._visit(child, scope)

    def _annotation(self, node: ast.expr, scope: Scope) -> None:
        """Names in annotations that are written as strings are uses like any other."""
        for text in ast.walk(node):
            if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
                continue
            if not any(name in text.value for name in self._names):
                continue
            start = self._start(text)
            prefix = _PREFIX_OF_STRING.match(self._plain, start)
            if prefix and self._plain.startswith(text.value, prefix.end()):
                self._names_in(text.value, prefix.end(), scope)

    def _names_in(self, annotation: str, start: int, scope: Scope) -> None:
        try:
            inner = ast.parse(annotation, mode="eval")
        except (SyntaxError, ValueError):
            return
        for node in ast.walk(inner):
            if isinstance(node, ast.Name) and node.id in self._names and annotation.isascii():
                scope.used.setdefault(node.id, 1)
                self._add_bare(node.id, start + node.col_offset, scope)


def is_within(scope: Scope | None, outer: Scope) -> bool:
    while scope is not None and scope is not outer:
        scope = scope.parent
    return scope is outer
