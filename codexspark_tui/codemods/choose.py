"""Which symbol a name means: one definition, several candidates, or none with near names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TypeAlias

from codexspark_tui.codemods.model import (
    AmbiguousName,
    Candidate,
    CannotDo,
    Place,
    SymbolKind,
)
from codexspark_tui.codemods.packages import Packages, parent
from codexspark_tui.codemods.scan import Lines, find_word
from codexspark_tui.codemods.sources import Library, normal
from codexspark_tui.codemods.symbols import Definition, defined_names, definitions, in_file

Chosen: TypeAlias = Definition | AmbiguousName | CannotDo
Merge: TypeAlias = Callable[[Sequence[Definition]], list[Definition]]

_IN_FILE = re.compile(r"^(?P<path>[^:]+\.py)::?(?P<name>[^:].*)$")
_SAME_KIND: dict[SymbolKind, frozenset[SymbolKind]] = {
    "function": frozenset({"function", "method"}),
    "method": frozenset({"method"}),
    "class": frozenset({"class"}),
    "variable": frozenset({"variable", "attribute"}),
    "attribute": frozenset({"attribute", "method"}),
    "module": frozenset(),
}


class Chooser:
    """Looks up names in one project. `merge` makes one of definitions that are one symbol."""

    def __init__(self, library: Library, packages: Packages, merge: Merge) -> None:
        self._library = library
        self._packages = packages
        self._merge = merge

    def choose(
        self,
        name: str,
        *,
        kind: SymbolKind | None = None,
        at: Place | None = None,
        files: Sequence[str] = (),
    ) -> Chosen:
        """The definition that `name` means; `name` is bare, dotted, or "path.py::name"."""
        split = _IN_FILE.match(name)
        if split is not None:
            files = (split["path"],)
            name = split["name"].replace("::", ".")
        bare = name.rpartition(".")[2]
        if not bare.isidentifier():
            return CannotDo(
                f"“{name}” is not a Python name", "Give a name like parse or Reader.parse"
            )
        if at is not None:
            return self._at(bare, at)
        wanted = set(self._library.select(files)) if files else None
        every = definitions(self._library, self._packages, bare)
        found = [d for d in every if wanted is None or d.path in wanted]
        found = self._narrow(name, found)
        if kind is not None:
            found = _of_kind(found, kind)
        found = _prefer_global(found)
        if len(found) > 1:
            found = self._merge(found)
        if not found:
            return self._missing(name, bare, every, files)
        if len(found) > 1:
            return AmbiguousName(name, tuple(d.candidate() for d in found))
        return found[0]

    def _narrow(self, name: str, found: list[Definition]) -> list[Definition]:
        """Those of `found` whose full name ends in the dotted `name`, or that it re-exports."""
        if "." not in name:
            return found
        exact = [d for d in found if d.full_name == name]
        if exact:
            return exact
        ending = [d for d in found if d.full_name.endswith(f".{name}")]
        return ending or self._through_import(name, found)

    def _through_import(self, name: str, found: list[Definition]) -> list[Definition]:
        """`pkg.parse` where pkg/__init__.py only imports it: what it imports."""
        module, _, bare = name.rpartition(".")
        for path in self._packages.find_named(module):
            seen: set[str] = set()
            origins = self._origins(path, bare, seen)
            chosen = [d for d in found if not d.scope and d.path in origins]
            if chosen:
                return chosen
        return []

    def _origins(self, path: str, bare: str, seen: set[str]) -> set[str]:
        import ast

        file = path if path.endswith(".py") else f"{path}/__init__.py"
        if file in seen:
            return set()
        seen.add(file)
        origins = {file}
        tree = self._library.tree(file)
        for node in ast.walk(tree) if tree is not None else ():
            if not isinstance(node, ast.ImportFrom):
                continue
            names = {alias.name for alias in node.names}
            target = self._imported_file(file, node.module or "", node.level)
            if target is not None and names & {bare, "*"}:
                origins |= self._origins(target, bare, seen)
        return origins

    def _imported_file(self, file: str, module: str, level: int) -> str | None:
        if not level:
            return self._packages.find(module, parent(file))
        folder = parent(file)
        for _ in range(level - 1):
            folder = parent(folder)
        return self._packages.find_below(folder, module) if module else folder

    def _at(self, bare: str, at: Place) -> Chosen:
        path = normal(at.path)
        source = self._library.python(path)
        tree = self._library.tree(path)
        if source is None or tree is None:
            why = self._library.skipped.get(path, "it is not one of the project's files")
            return CannotDo(f"{at.path} cannot be used: {why}", "Name another place")
        here = in_file(source, tree, self._packages.module_name(path), bare)
        same_line = [d for d in here if d.line == at.line]
        exact = [d for d in same_line if d.column == at.column]
        if exact or len(same_line) == 1:
            return (exact or same_line)[0]
        lines = Lines(source.plain)
        places = [
            (f.start, *lines.place(f.start))
            for f in find_word(source.plain, bare)
            if f.where == "code"
        ]
        on_line = [p for p in places if p[1] == at.line]
        if not on_line:
            return CannotDo(
                f"there is no “{bare}” in line {at.line} of {path}",
                f"Look for it with: git grep -nw {bare}",
            )
        start, line, column = min(on_line, key=lambda p: abs(p[2] - at.column))
        module = self._packages.module_name(path)
        text = lines.texts[line - 1]
        return Definition(path, module, (), "module", bare, "variable", start, line, column, text)

    def _missing(
        self, name: str, bare: str, every: Sequence[Definition], files: Sequence[str]
    ) -> CannotDo:
        where = f" in {', '.join(files)}" if files else ""
        if every:
            places = ", ".join(f"{d.full_name} ({d.path}:{d.line})" for d in every[:3])
            return CannotDo(f"no “{name}” is defined{where}", f"There is: {places}")
        if self._library.elsewhere:
            return self._not_python(bare)
        near = get_close_matches(bare, defined_names(self._library), n=3, cutoff=0.6)
        if near:
            return CannotDo(f"no “{name}” is defined{where}", f"Did you mean {' or '.join(near)}?")
        return CannotDo(f"no “{name}” is defined{where}", f"Look for it with: git grep -nw {bare}")

    def _not_python(self, bare: str) -> CannotDo:
        shown = [f"{c.place.path}:{c.place.line} ({c.kind})" for c in self._library.elsewhere[:3]]
        return CannotDo(
            f"“{bare}” is defined in {', '.join(shown)}, and only Python names can be changed "
            "everywhere",
            f"See its places with: git grep -nw {bare}; spark replace changes code of other "
            "languages by its structure",
        )


def _prefer_global(found: list[Definition]) -> list[Definition]:
    """Names inside functions count only where no module or class has the name."""
    return [d for d in found if not d.is_local] or found


def _of_kind(found: list[Definition], kind: SymbolKind) -> list[Definition]:
    """Those of just this kind; where there are none, those that many call so."""
    exact = [d for d in found if d.kind == kind]
    return exact or [d for d in found if d.kind in _SAME_KIND[kind]]


def candidates(found: Sequence[Definition]) -> tuple[Candidate, ...]:
    return tuple(d.candidate() for d in found)
