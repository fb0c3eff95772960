"""Definitions of a name in a project, by syntax tree: which things a name may mean.

A symbol is a name in one scope: several assignments, overloads, a property's setter or the two
branches of an `if` are one symbol. Nothing is resolved here that needs types; that is the
refactoring library's part.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from codexspark_tui.codemods.model import Candidate, Place, SymbolKind
from codexspark_tui.codemods.packages import Packages
from codexspark_tui.codemods.scan import Lines
from codexspark_tui.codemods.sources import Library, Source

ScopeKind: TypeAlias = Literal["module", "class", "function"]

_HEADER = re.compile(r"(?:async[\s\\]+)?(?:def|class)[\s\\]+")
_DEFINED = re.compile(
    r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol: `offset` is where its name first stands, in the plain text of `path`.

    `scope` are the names of the scopes around it, outermost first; `scope_kind` the innermost one.
    """

    path: str
    module: str
    scope: tuple[str, ...]
    scope_kind: ScopeKind
    name: str
    kind: SymbolKind
    offset: int
    line: int
    column: int
    line_text: str
    is_parameter: bool = False

    @property
    def full_name(self) -> str:
        return ".".join([self.module, *self.scope, self.name])

    @property
    def is_local(self) -> bool:
        return self.scope_kind == "function"

    @property
    def place(self) -> Place:
        return Place(self.path, self.line, self.column)

    def candidate(self) -> Candidate:
        shown = ".".join([*self.scope, self.name])
        return Candidate(shown, self.kind, self.place, self.line_text.strip())


def definitions(library: Library, packages: Packages, name: str) -> list[Definition]:
    """Every symbol called `name` in the project, by path and position."""
    found: list[Definition] = []
    for source in library.python_with(name):
        tree = library.tree(source.path)
        here = in_file(source, tree, "", name) if tree is not None else []
        if here:  # what a file is called is dear to find out
            module = packages.module_name(source.path)
            found += [dataclasses.replace(one, module=module) for one in here]
    return found


def in_file(source: Source, tree: ast.Module, module: str, name: str) -> list[Definition]:
    """The symbols called `name` in one file, one for each scope that binds it."""
    walker = _Walker(source, module, name)
    walker.block(tree.body, _Scope((), "module"))
    first: dict[tuple[str, ...], Definition] = {}
    for found in walker.found:
        key = (*found.scope, found.scope_kind)
        if key not in first or found.offset < first[key].offset:
            first[key] = found
    return sorted(first.values(), key=lambda d: d.offset)


def defined_names(library: Library) -> set[str]:
    """All names that are defined somewhere, found by a quick look at the lines."""
    names: set[str] = set()
    for path in library.python_files:
        source = library.source(path)
        for match in _DEFINED.finditer(source.plain) if source else ():
            names.add(match.group(1) or match.group(2))
    return names


@dataclass(frozen=True, slots=True)
class _Scope:
    names: tuple[str, ...]
    kind: ScopeKind
    owner: tuple[str, ...] | None = None  # the class whose `self` is the first parameter
    self_name: str = ""
    outer: frozenset[str] = frozenset()  # names declared global or nonlocal


class _Walker:
    """Walks one tree and collects where `name` is bound; other names cost nothing."""

    def __init__(self, source: Source, module: str, name: str) -> None:
        self.found: list[Definition] = []
        self._source = source
        self._module = module
        self._name = name
        self._lines = Lines(source.plain)

    def block(self, nodes: list[ast.stmt], scope: _Scope) -> None:
        for node in nodes:
            self._visit(node, scope)

    def _visit(self, node: ast.AST, scope: _Scope) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, scope)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Lambda():
                self._inner(node.args, node.body, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                inner = _Scope((*scope.names, "<comprehension>"), "function", scope.owner)
                self._children(node, inner)
            case ast.Name(ctx=ast.Store()) if node.id == self._name:
                self._bind(self._lines.byte_offset(node.lineno, node.col_offset), "variable", scope)
            case ast.Attribute(ctx=ast.Store()) if node.attr == self._name:
                self._attribute(node, scope)
            case ast.alias() if node.asname == self._name != node.name:
                end = self._lines.byte_offset(node.end_lineno or 1, node.end_col_offset or 0)
                self._bind(end - len(self._name), "variable", scope)
            case _:
                self._other(node, scope)

    def _other(self, node: ast.AST, scope: _Scope) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        binds = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping)
        if isinstance(node, binds) and name == self._name:
            start = self._lines.byte_offset(node.lineno, node.col_offset)
            header = self._source.plain[start:]
            hit = re.search(rf"(?:\bas[\s\\]+|\*+\s*|^)({re.escape(name)})\b", header)
            if hit:
                self._bind(start + hit.start(1), "variable", scope)
        self._children(node, scope)

    def _children(self, node: ast.AST, scope: _Scope) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> None:
        if node.name == self._name:
            self._bind_header(node, "method" if scope.kind == "class" else "function", scope)
        arguments = node.args
        for child in [*node.decorator_list, *arguments.defaults, *arguments.kw_defaults]:
            if child is not None:
                self._visit(child, scope)
        first = [*arguments.posonlyargs, *arguments.args][:1]
        is_method = scope.kind == "class" and bool(first)
        inner = _Scope(
            (*scope.names, node.name),
            "function",
            scope.names if is_method else scope.owner,
            first[0].arg if is_method else scope.self_name,
            frozenset(_declared_outer(node)),
        )
        self._parameters(arguments, inner)
        self.block(node.body, inner)

    def _class(self, node: ast.ClassDef, scope: _Scope) -> None:
        if node.name == self._name:
            self._bind_header(node, "class", scope)
        for child in [*node.decorator_list, *node.bases, *node.keywords]:
            self._visit(child, scope)
        self.block(node.body, _Scope((*scope.names, node.name), "class"))

    def _inner(self, arguments: ast.arguments, body: ast.expr, scope: _Scope) -> None:
        inner = _Scope((*scope.names, "<lambda>"), "function", scope.owner, scope.self_name)
        self._parameters(arguments, inner)
        self._visit(body, inner)

    def _parameters(self, arguments: ast.arguments, scope: _Scope) -> None:
        extra = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]:
            if each.arg == self._name:
                offset = self._lines.byte_offset(each.lineno, each.col_offset)
                self._bind(offset, "variable", scope, is_parameter=True)

    def _attribute(self, node: ast.Attribute, scope: _Scope) -> None:
        self._visit(node.value, scope)
        target = node.value
        if scope.owner is None or not isinstance(target, ast.Name):
            return
        if target.id == scope.self_name and scope.self_name:
            end = self._lines.byte_offset(node.end_lineno or 1, node.end_col_offset or 0)
            self._bind(end - len(self._name), "attribute", _Scope(scope.owner, "class"))

    def _bind_header(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
        kind: SymbolKind,
        scope: _Scope,
    ) -> None:
        start = self._lines.byte_offset(node.lineno, node.col_offset)
        header = _HEADER.match(self._source.plain, start)
        if header is not None:
            self._bind(header.end(), kind, scope)

    def _bind(
        self, offset: int, kind: SymbolKind, scope: _Scope, *, is_parameter: bool = False
    ) -> None:
        if self._name in scope.outer:
            return
        if scope.kind == "class" and kind == "variable":
            kind = "attribute"
        line, column = self._lines.place(offset)
        self.found.append(
            Definition(
                self._source.path,
                self._module,
                scope.names,
                scope.kind,
                self._name,
                kind,
                offset,
                line,
                column,
                self._lines.texts[line - 1],
                is_parameter,
            )
        )


def _declared_outer(node: ast.AST) -> Iterator[str]:
    """Names that `global` or `nonlocal` gives to an outer scope, in this function only."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Global | ast.Nonlocal):
            yield from child.names
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _declared_outer(child)
