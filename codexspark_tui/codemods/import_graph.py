"""Which modules a module imports while it is being imported itself. Standard library only.

Imports in functions and under TYPE_CHECKING happen later or never, and do not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from codexspark_tui.codemods import imports
from codexspark_tui.codemods.packages import Packages, join, parent
from codexspark_tui.codemods.sources import Library


class ImportGraph:
    def __init__(self, library: Library, packages: Packages) -> None:
        self._library = library
        self._packages = packages
        self._kept: dict[str, frozenset[str]] = {}

    def imported(self, path: str) -> frozenset[str]:
        """The project's files that the module at `path` imports at its top level."""
        if path not in self._kept:
            tree = self._library.tree(path)
            found = set() if tree is None else set(self._targets(path, tree))
            self._kept[path] = frozenset(found - {path})
        return self._kept[path]

    def chain(self, start: str, goal: str) -> list[str]:
        """The files from `start` to `goal`, each importing the next; [] where there is no way."""
        came_from: dict[str, str] = {}
        waiting = [start]
        while waiting:
            path = waiting.pop(0)
            for target in sorted(self.imported(path)):
                if target in came_from or target == start:
                    continue
                came_from[target] = path
                if target == goal:
                    chain = [goal]
                    while chain[0] != start:
                        chain.insert(0, came_from[chain[0]])
                    return chain
                waiting.append(target)
        return []

    def _targets(self, path: str, tree: ast.Module) -> Iterator[str]:
        for node in _at_import(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._file(self._packages.find(alias.name, parent(path)))
            elif isinstance(node, ast.ImportFrom):
                base = imports.base_of(self._packages, path, node)
                for alias in node.names:
                    inner = self._packages.find(f"{base}.{alias.name}", parent(path))
                    whole = self._packages.find(base, parent(path)) if base else None
                    yield from self._file(inner or whole)

    def _file(self, found: str | None) -> Iterator[str]:
        if found is not None:
            yield found if found.endswith(".py") else join(found, "__init__.py")


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The import statements that run with the module."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from _at_import(other)
        elif isinstance(child, ast.If | ast.Try | ast.With | ast.ClassDef):
            yield from _at_import(child)
