"""A top-level definition cut out of its module, with what it needs from there."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from codexspark_tui.codemods import imports
from codexspark_tui.codemods.model import CannotDo
from codexspark_tui.codemods.packages import Packages
from codexspark_tui.codemods.regions import first_line
from codexspark_tui.codemods.scan import Lines
from codexspark_tui.codemods.sources import Source
from codexspark_tui.codemods.uses import Bare, Uses


@dataclass(frozen=True, slots=True)
class _Needed:
    """An import of the old module that the definition needs; `guarded` by TYPE_CHECKING."""

    name: str
    module: str | None
    imported: str
    guarded: bool = False

    def shown(self) -> str:
        """The name as it stands after `import`."""
        is_same = self.name == self.imported
        is_top = self.module is None and self.imported.partition(".")[0] == self.name
        return self.imported if is_same or is_top else f"{self.imported} as {self.name}"


def _statements(needed: Sequence[_Needed]) -> list[str]:
    """Import statements, plain ones first, the names of one module in one statement."""
    plain = sorted({f"import {n.shown()}" for n in needed if n.module is None})
    modules = sorted({n.module for n in needed if n.module is not None})
    for module in modules:
        names = sorted({n.shown() for n in needed if n.module == module})
        plain.append(f"from {module} import {', '.join(names)}")
    return plain


@dataclass(frozen=True, slots=True)
class Carried:
    """`text` was `plain[start:end]` of its module. `from_home`: names it needs that stay there."""

    text: str
    start: int
    end: int
    home: str
    from_home: tuple[str, ...]
    needed: tuple[_Needed, ...]
    needs_future: bool = False

    def bound_in(self, tree: ast.Module) -> set[str]:
        """Of the names needed, those that the module `tree` has at its top level."""
        names = {*self.from_home, *(n.name for n in self.needed)}
        uses = Uses(ast.unparse(tree), ast.parse(ast.unparse(tree)), names)
        return set(uses.module.bound)

    def imports(self, bound: set[str]) -> list[str]:
        """The import statements to add to a module that has the names `bound` already."""
        missing = [n for n in self.needed if n.name not in bound]
        home = [_Needed(n, self.home, n) for n in self.from_home if n not in bound]
        guarded = _statements([n for n in missing if n.guarded])
        plain = _statements([*(n for n in missing if not n.guarded), *home])
        if not guarded:
            return plain
        head = ["from typing import TYPE_CHECKING", "", "if TYPE_CHECKING:"]
        return [*plain, *head, *(f"    {statement}" for statement in guarded)]

    def clash(self, packages: Packages, path: str, tree: ast.Module) -> CannotDo | None:
        """Why a name that the definition needs means something else in the module at `path`."""
        bound = self.bound_in(tree)
        there = {n.name: n for n in _imported(packages, path, tree) if n.name in bound}
        module = packages.module_name(path)
        for need in (n for n in self.needed if n.name in bound):
            same = there.get(need.name)
            is_own = need.module == module and need.imported == need.name
            if not is_own and (
                same is None or (same.module, same.imported) != (need.module, need.imported)
            ):
                return _other(need.name, path)
        for name in (n for n in self.from_home if n in bound):
            same = there.get(name)
            if same is None or (same.module, same.imported) != (self.home, name):
                return _other(name, path)
        return None


def _other(name: str, path: str) -> CannotDo:
    return CannotDo(
        f"it uses “{name}”, which is something else in {path}", "Rename one of the two first"
    )


def carry(packages: Packages, source: Source, tree: ast.Module, name: str) -> Carried | CannotDo:
    """The definition of `name` in `source`, or why it cannot be cut out."""
    nodes = [n for n in tree.body if _defines(n, name)]
    lines = Lines(source.plain)
    uses = Uses(source.plain, tree, (name,))
    is_global = any(name in scope.passed_on for scope in uses.scopes)
    if not nodes or is_global or uses.module.bound_count.get(name, 0) != len(nodes):
        return CannotDo(
            f"“{name}” is not defined by one plain statement at the top of {source.path}",
            "Move it by hand, or make its definition one statement first",
        )
    at = [tree.body.index(n) for n in nodes]
    if at != list(range(at[0], at[0] + len(at))):
        return CannotDo(
            f"“{name}” is defined several times in {source.path}", "Put the definitions together"
        )
    first, last = first_line(nodes[0]), nodes[-1].end_lineno or 0
    others = [n for n in tree.body if n not in nodes]
    if any(first_line(n) <= last and (n.end_lineno or 0) >= first for n in others):
        return CannotDo(f"“{name}” shares a line with other code", "Put it on a line of its own")
    while first > 1 and lines.texts[first - 2].startswith("#") and first > 2:
        first -= 1
    return _cut(packages, source, tree, nodes, (first, last))


def _cut(
    packages: Packages,
    source: Source,
    tree: ast.Module,
    nodes: list[ast.stmt],
    span: tuple[int, int],
) -> Carried | CannotDo:
    lines = Lines(source.plain)
    first, last = span
    text = "\n".join(lines.texts[first - 1 : last]) + "\n"
    end = last
    while end < len(lines.texts) and not lines.texts[end].strip():
        end += 1
    start_offset = lines.offset(first, 0)
    end_offset = lines.offset(end + 1, 0) if end < len(lines.texts) else len(source.plain)
    names = _loaded(nodes)
    uses = Uses(source.plain, tree, names)
    inside = {
        u.name
        for u in uses.all
        if start_offset <= u.offset < end_offset
        and isinstance(u, Bare)
        and u.name in uses.module.bound
        and u.scope.owner(u.name) is uses.module
    }
    own = {n for node in nodes for n in _names_of(node)}
    imported = {n.name: n for n in _imported(packages, source.path, tree)}
    conditional = _conditional(tree)
    wanted = sorted(inside - own)
    unclear = [n for n in wanted if n in conditional]
    if unclear:
        return CannotDo(
            f"it needs “{unclear[0]}”, which {source.path} defines under a condition",
            "Move it by hand",
        )
    needed = tuple(imported[n] for n in wanted if n in imported)
    from_home = tuple(n for n in wanted if n not in imported)
    home = packages.module_name(source.path)
    future = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body)
    noted = any(
        isinstance(n, ast.AnnAssign)
        or (isinstance(n, ast.arg) and n.annotation)
        or (isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.returns)
        for node in nodes
        for n in ast.walk(node)
    )
    return Carried(text, start_offset, end_offset, home, from_home, needed, future and noted)


def _loaded(nodes: list[ast.stmt]) -> set[str]:
    """Every name that is used in `nodes`, strings in annotations included."""
    names: set[str] = set()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.update(w for w in node.value.replace(".", " ").split() if w.isidentifier())
            names.update(part for part in node.value.split("[") if part.isidentifier())
    return names


def _names_of(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _defines(node: ast.stmt, name: str) -> bool:
    return name in _names_of(node)


def _imported(packages: Packages, path: str, tree: ast.Module) -> list[_Needed]:
    """What the top level of a module imports, by absolute names."""
    found: list[_Needed] = []
    guarded = [
        inner
        for node in tree.body
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in node.body
    ]
    for node in [*tree.body, *guarded]:
        is_guarded = node in guarded
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found.append(_Needed(name, None, alias.name, is_guarded))
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            base = imports.base_of(packages, path, node)
            for alias in node.names:
                found.append(_Needed(alias.asname or alias.name, base, alias.name, is_guarded))
    return found


def _conditional(tree: ast.Module) -> set[str]:
    """Names bound in an `if` or `try` at the top level, TYPE_CHECKING left out."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for inner in ast.walk(node):
                if isinstance(inner, ast.alias):
                    names.add(inner.asname or inner.name.partition(".")[0])
                elif isinstance(inner, ast.stmt):
                    names.update(_names_of(inner))
    return names
