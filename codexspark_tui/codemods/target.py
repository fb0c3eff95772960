"""What a chosen definition is to rope, and which places of its name mean it. Loads rope.

Bare names are settled by lexical scope (`uses`), attributes and imports by rope's inference. A
method or attribute stands for itself and for what it overrides and is overridden by.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from rope.base import evaluate, pynames, pyobjects
from rope.refactor.occurrences import same_pyname, unsure_pyname

from codexspark_tui.codemods.classes import bases, lookup
from codexspark_tui.codemods.hints import Hints
from codexspark_tui.codemods.packages import Packages, parent
from codexspark_tui.codemods.rope_project import MemoryProject, RopeFailed
from codexspark_tui.codemods.sources import Library
from codexspark_tui.codemods.symbols import Definition
from codexspark_tui.codemods.uses import AttributeUse, ImportUse, KeywordUse, Scope, Uses

_NO_CLASS = frozenset({"object", "Generic", "Protocol", "ABC", "NamedTuple", "TypedDict"})


class Resolver:
    """Asks rope about places in the files of one project."""

    def __init__(self, library: Library, packages: Packages, project: MemoryProject) -> None:
        self.library = library
        self.packages = packages
        self.project = project
        self.hints = Hints(project)

    def module(self, path: str) -> Any:
        return self.project.get_pymodule(self.project.get_resource(path))

    def global_name(self, path: str, name: str) -> Any:
        """rope's name object for `name` in the module or package at `path`, or None."""
        try:
            return self.module(path)[name]
        except RopeFailed:
            return None

    def attribute(self, path: str, use: AttributeUse) -> Any:
        """What `x.name` refers to, or None where that is not known."""
        try:
            scope = self.module(path).get_scope().get_inner_scope_for_line(use.node.lineno)
            return evaluate.eval_node(scope, use.node)
        except RopeFailed:
            return None

    def value(self, path: str, use: AttributeUse) -> Any:
        """rope's object for the `x` of `x.name`, or None."""
        try:
            scope = self.module(path).get_scope().get_inner_scope_for_line(use.node.lineno)
            found = evaluate.eval_node(scope, use.node.value)
            return None if found is None else found.get_object()
        except RopeFailed:
            return None

    def called(self, path: str, call: ast.Call) -> Any:
        """The function or class that is called, or None."""
        try:
            scope = self.module(path).get_scope().get_inner_scope_for_line(call.lineno)
            found = evaluate.eval_node(scope, call.func)
            return None if found is None else found.get_object()
        except RopeFailed:
            return None

    def imported_file(self, path: str, node: ast.ImportFrom) -> str | None:
        """The file or folder that a `from … import` reads from; None outside the project."""
        if not node.level:
            return self.packages.find(node.module or "", parent(path))
        folder = parent(path)
        for _ in range(node.level - 1):
            folder = parent(folder)
        return self.packages.find_below(folder, node.module) if node.module else folder

    def defined_by(self, place: Definition, every: Sequence[Definition]) -> Definition:
        """The one of `every` that is used at `place`; `place` itself where that is not known."""
        if any((d.path, d.offset) == (place.path, place.offset) for d in every):
            return place
        source, tree = self.library.source(place.path), self.library.tree(place.path)
        if source is None or tree is None:
            return place
        uses = Uses(source.plain, tree, (place.name,))
        scope = uses.scope_at(place.offset)
        owner = None if scope is None else scope.owner(place.name)
        for here in (d for d in every if d.path == place.path and owner is not None):
            its = uses.scope_at(here.offset)
            if its is not None and its.owner(place.name) is owner:
                return here
        try:
            pyname = evaluate.eval_location(self.module(place.path), place.offset)
        except RopeFailed:
            return place
        meant = (d for d in every if Target(self, [d]).is_same(pyname))
        return next(meant, place)

    def containing_class(self, definition: Definition) -> Any:
        """rope's class object around a definition in a class, or None."""
        if definition.scope_kind != "class":
            return None
        try:
            scope = self.module(definition.path).get_scope()
            scope = scope.get_inner_scope_for_line(definition.line)
            while scope is not None and not self._is_class_of(scope, definition):
                scope = scope.parent
            return None if scope is None else scope.pyobject
        except RopeFailed:
            return None

    def _is_class_of(self, scope: Any, definition: Definition) -> bool:
        return bool(
            scope.get_kind() == "Class" and scope.pyobject.get_name() == definition.scope[-1]
        )

    def function(self, definition: Definition) -> Any:
        """rope's function object whose parameter `definition` is, or None."""
        try:
            scope = self.module(definition.path).get_scope()
            scope = scope.get_inner_scope_for_line(definition.line)
            while scope is not None and scope.get_kind() != "Function":
                scope = scope.parent
            return None if scope is None else scope.pyobject
        except RopeFailed:
            return None


class Hierarchy:
    """Groups definitions in classes: the same name in related classes is one symbol."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def groups(self, found: Sequence[Definition]) -> list[list[Definition]]:
        """`found` in groups of one symbol each, in the order of their first definition."""
        groups: list[tuple[set[int], list[Definition]]] = []
        for definition in found:
            roots = self._roots(definition)
            related = [g for g in groups if roots & g[0]]
            merged = (
                roots.union(*(g[0] for g in related)),
                [*(d for g in related for d in g[1]), definition],
            )
            groups = [g for g in groups if g not in related] + [merged]
        position = {d: n for n, d in enumerate(found)}
        return sorted((g[1] for g in groups), key=lambda g: position[g[0]])

    def _roots(self, definition: Definition) -> set[int]:
        pyclass = self._resolver.containing_class(definition)
        if pyclass is None:
            return {id(definition)}
        return {id(c) for c in self._root_classes(pyclass, definition.name, 0)}

    def _root_classes(self, pyclass: Any, name: str, depth: int) -> list[Any]:
        above = []
        for base in bases(pyclass) if depth < 40 else ():
            if isinstance(base, pyobjects.PyClass) and lookup(base, name) is not None:
                above += self._root_classes(base, name, depth + 1)
        return above or [pyclass]

    def unknown_bases(self, group: Iterable[Definition]) -> list[str]:
        """ "Reader(json.JSONEncoder)" for each class here with a base outside of the project."""
        shown: dict[str, None] = {}
        for definition in group:
            pyclass = self._resolver.containing_class(definition)
            if pyclass is None:
                continue
            for base in pyclass.get_ast().bases:
                text = ast.unparse(base)
                plain_name = text.partition("[")[0].rpartition(".")[2]
                if plain_name not in _NO_CLASS and not self._is_known(pyclass, base):
                    shown[f"{pyclass.get_name()}({text})"] = None
        return list(shown)

    def _is_known(self, pyclass: Any, base: ast.expr) -> bool:
        inner = base.value if isinstance(base, ast.Subscript) else base
        try:
            found = evaluate.eval_node(pyclass.parent.get_scope(), inner)
            return found is not None and isinstance(found.get_object(), pyobjects.AbstractClass)
        except RopeFailed:
            return False


class Target:
    """The symbol to rename. `group`: all its definitions (several in a class hierarchy)."""

    def __init__(self, resolver: Resolver, group: Sequence[Definition]) -> None:
        self.name = group[0].name
        self.group = tuple(group)
        self.is_local = group[0].is_local
        self.in_class = group[0].scope_kind == "class"
        self._resolver = resolver
        self._places = {(d.path, d.offset) for d in group}
        self._classes = [c for d in group if (c := resolver.containing_class(d)) is not None]
        self._function = resolver.function(group[0]) if group[0].is_parameter else None
        self._pynames = self._find_pynames()

    def _find_pynames(self) -> list[Any]:
        if self.is_local:
            return []
        if not self.in_class:
            found = self._resolver.global_name(self.group[0].path, self.name)
            return [] if found is None else [found]
        named = []
        for pyclass in self._classes:
            found = lookup(pyclass, self.name)
            named += [] if found is None else [found]
        return named

    def is_same(self, pyname: Any) -> bool:
        try:
            return any(same_pyname(own, pyname) for own in self._pynames)
        except RopeFailed:
            return False

    def scopes_in(self, path: str, uses: Uses) -> set[Scope]:
        """The scopes of one file in which the bare name is this symbol."""
        own = {s for d in self.group if d.path == path and (s := uses.scope_at(d.offset))}
        scopes = {scope.owner(self.name) or scope for scope in own}
        if self.is_local or self.in_class:
            return scopes
        for use in uses.all:
            if isinstance(use, ImportUse) and use.binds and self.is_imported(path, use):
                scopes.add(use.scope.passed_on.get(self.name, use.scope))
        if self.name not in uses.module.bound and any(
            self.is_global_of(self._resolver.imported_file(path, node))
            for node in uses.star_imports
        ):
            scopes.add(uses.module)
        return scopes

    def is_imported(self, path: str, use: ImportUse) -> bool:
        """Whether `from X import name` imports this symbol."""
        if self.is_local or self.in_class:
            return False
        return self.is_global_of(self._resolver.imported_file(path, use.node))

    def is_global_of(self, path: str | None) -> bool:
        """Whether the module or package at `path` has this symbol under its name."""
        if path is None or self.is_local or self.in_class:
            return False
        if path == self.group[0].path or f"{path}/__init__.py" == self.group[0].path:
            return True
        return self.is_same(self._resolver.global_name(path, self.name))

    def is_attribute(self, path: str, use: AttributeUse) -> bool | None:
        """Whether `x.name` means this symbol; None: the type of `x` is not known."""
        if self.is_local:
            return False
        if (path, use.offset) in self._places:
            return True
        pyname = self._resolver.attribute(path, use)
        if self.is_same(pyname):
            return True
        try:
            unknown = unsure_pyname(pyname) or isinstance(pyname, pynames.UnboundName)
        except RopeFailed:
            unknown = True
        if not unknown:
            return False
        return self._by_annotation(path, use) if self.in_class else None

    def _by_annotation(self, path: str, use: AttributeUse) -> bool | None:
        """Like `is_attribute`, by the annotated type of `x`."""
        classes = self._resolver.hints.classes(path, use.scope, use.node.value)
        found = []
        for pyclass in classes:
            pyname = lookup(pyclass, self.name)
            found += [] if pyname is None else [self.is_same(pyname)]
        return any(found) if found else None

    def is_module_value(self, path: str, use: AttributeUse, module: str) -> bool:
        """Whether the `x` of `x.name` is the module in the file `module` itself."""
        found = self._resolver.value(path, use)
        resource = getattr(found, "get_resource", lambda: None)()
        return (
            resource is not None
            and resource.path in {module, parent(module)}
            and (resource.path == module or module.endswith("/__init__.py"))
        )

    def is_keyword(self, path: str, use: KeywordUse) -> bool:
        """Whether `f(name=…)` passes this parameter, or sets this field of a dataclass."""
        if self._function is None and not self._is_field():
            return False
        called = self._resolver.called(path, use.call)
        if called is None:
            return False
        if self._function is None:
            return isinstance(called, pyobjects.PyClass) and self._has_field(called)
        if isinstance(called, pyobjects.PyClass):
            init = lookup(called, "__init__")
            called = None if init is None else init.get_object()
        return bool(called == self._function)

    def _is_field(self) -> bool:
        return self.in_class and all(d.kind == "attribute" for d in self.group)

    def _has_field(self, pyclass: Any) -> bool:
        """A class without an `__init__` of its own takes its annotated names as keywords."""
        init = lookup(pyclass, "__init__")
        if init is not None and isinstance(init.get_object(), pyobjects.PyFunction):
            return False
        return self.is_same(lookup(pyclass, self.name))
