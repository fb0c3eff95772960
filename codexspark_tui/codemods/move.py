"""Moves a top-level name to another module. Imported lazily: rope is loaded here.

The definition goes with its comments and decorators; what it needs is imported in its new place;
every file that took it from the old module takes it from the new one. Where the two modules would
have to import each other, nothing is done.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from codexspark_tui.codemods import imports
from codexspark_tui.codemods.carry import Carried, carry
from codexspark_tui.codemods.choose import Chooser
from codexspark_tui.codemods.import_graph import ImportGraph
from codexspark_tui.codemods.model import (
    AmbiguousName,
    Answer,
    CannotDo,
    Edits,
    FileEdit,
    MoveName,
)
from codexspark_tui.codemods.packages import Packages, join, parent
from codexspark_tui.codemods.plans import attribute_span
from codexspark_tui.codemods.rope_project import open_project
from codexspark_tui.codemods.sources import Library, Source, normal
from codexspark_tui.codemods.swaps import Swap, apply_swaps
from codexspark_tui.codemods.symbols import Definition, definitions
from codexspark_tui.codemods.target import Hierarchy, Resolver, Target
from codexspark_tui.codemods.uses import AttributeUse, Bare, ImportUse, Uses
from codexspark_tui.counts import count

_FUTURE = "from __future__ import annotations"


def move_name(request: MoveName, library: Library) -> Answer:
    """The definition in its new module and all imports of it changed, or why that cannot be."""
    packages = Packages(library)
    resolver = Resolver(library, packages, open_project(library, packages))
    hierarchy = Hierarchy(resolver)
    chooser = Chooser(library, packages, lambda found: [g[0] for g in hierarchy.groups(found)])
    chosen = chooser.choose(request.name, at=request.at, files=request.files)
    if isinstance(chosen, AmbiguousName | CannotDo):
        return chosen
    chosen = resolver.defined_by(chosen, definitions(library, packages, chosen.name))
    if chosen.scope:
        return CannotDo(
            f"“{'.'.join([*chosen.scope, chosen.name])}” is not at the top level of its module",
            "Only top-level functions, classes and variables can be moved",
        )
    target = _target(packages, library, request.to)
    if isinstance(target, CannotDo):
        return target
    if target == chosen.path:
        return CannotDo(f"“{chosen.name}” is already in {target}", "Name another module")
    return _Move(library, packages, Target(resolver, [chosen]), chosen, target).answer()


def _target(packages: Packages, library: Library, to: str) -> str | CannotDo:
    """The file to move to: a listed one, or a new one in a folder that there is."""
    found = packages.find_named(to)
    files = [join(p, "__init__.py") if p in packages.folders else p for p in found]
    if len(files) > 1:
        return CannotDo(f"“{to}” may be {' or '.join(files)}", "Give the path of the one you mean")
    if files:
        return files[0]
    path = normal(to) if to.endswith(".py") else normal(to.replace(".", "/")) + ".py"
    for root in packages.roots:
        folder = parent(path)
        if not to.endswith(".py"):
            folder = join(root, folder) if folder else root
            path_there = join(root, path)
        else:
            path_there = path
        is_there = folder in packages.folders or not folder
        if is_there and path_there not in library.files and not path_there.startswith(("/", "..")):
            return path_there
    return CannotDo(f"there is no module “{to}”", "Make its folder first, or give another path")


@dataclass(slots=True)
class _File:
    source: Source
    tree: ast.Module
    uses: Uses
    swaps: list[Swap] = field(default_factory=list)
    statements: dict[str, None] = field(default_factory=dict)

    def text(self) -> str:
        added = imports.insertion(self.source.plain, self.tree, list(self.statements))
        if added is None:
            return apply_swaps(self.source.plain, self.swaps)
        around = [s.start for s in self.swaps if s.start < added.start < s.end]
        at = min(around, default=added.start)  # never in the middle of what goes away
        return apply_swaps(self.source.plain, [*self.swaps, Swap(at, at, added.text)])


class _Move:
    def __init__(
        self,
        library: Library,
        packages: Packages,
        target: Target,
        definition: Definition,
        to: str,
    ) -> None:
        self._library = library
        self._packages = packages
        self._target = target
        self._name = definition.name
        self._from = definition.path
        self._to = to
        self._old = packages.module_name(definition.path)
        self._new = packages.module_name(to)
        self._notices: list[str] = []
        self._graph = ImportGraph(library, packages)

    def answer(self) -> Answer:
        home = self._open(self._from)
        assert home is not None
        carried = carry(self._packages, home.source, home.tree, self._name)
        if isinstance(carried, CannotDo):
            return carried
        self._leave(home, carried)
        edits = [self._edit(home)]
        needs_back = bool(home.statements)
        problem = self._long_circle(home) if needs_back else None
        if problem is not None:
            return problem
        arrived = self._arrive(carried, needs_back=needs_back)
        if isinstance(arrived, CannotDo):
            return arrived
        edits.append(arrived)
        for source in self._library.python_with(self._name):
            if source.path in {self._from, self._to}:
                continue
            file = self._open(source.path)
            problem = None if file is None else self._follow(file) or self._long_circle(file)
            if problem is not None:
                return problem
            if file is not None and (file.swaps or file.statements):
                edits.append(self._edit(file))
        return Edits(
            tuple(sorted(edits, key=lambda e: e.path)),
            f"Move {self._name} from {self._old} to {self._new}: {count(len(edits), 'file')}",
            f"rope {version('rope')}",
            skipped=tuple(s for s in sorted(self._library.skipped.items()) if s[0] != self._to),
            notices=tuple(self._notices),
        )

    def _open(self, path: str) -> _File | None:
        source, tree = self._library.source(path), self._library.tree(path)
        if source is None or tree is None:
            return None
        names = (self._name, self._new.partition(".")[0])
        return _File(source, tree, Uses(source.plain, tree, names))

    def _edit(self, file: _File) -> FileEdit:
        text = file.text()
        if file.source.path == self._from and text.strip():
            text = text.rstrip("\n") + "\n"
        return FileEdit(file.source.path, file.source.text, file.source.restore(text))

    def _leave(self, home: _File, carried: Carried) -> None:
        """Takes the definition out of its module, which imports it where it still uses it."""
        home.swaps.append(Swap(carried.start, carried.end, ""))
        for use in home.uses.all:
            inside = carried.start <= use.offset < carried.end
            if not isinstance(use, Bare) or use.name != self._name or inside:
                continue
            if use.scope.owner(self._name) in {home.uses.module, None}:
                home.statements[f"from {self._new} import {self._name}"] = None
        exported = any(
            isinstance(n, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == "__all__" for t in n.targets)
            and self._name in {c.value for c in ast.walk(n) if isinstance(c, ast.Constant)}
            for n in home.tree.body
        )
        if exported:
            home.statements[f"from {self._new} import {self._name}"] = None
            self._notices.append(
                f"{self._from} still exports {self._name} in __all__, so it imports it."
            )

    def _arrive(self, carried: Carried, *, needs_back: bool) -> FileEdit | CannotDo:
        """The destination with the definition at its end and the imports that it needs."""
        if self._to not in self._library.files:
            if carried.from_home and needs_back:
                return self._circle(carried.from_home)
            future = [_FUTURE, ""] if carried.needs_future else []
            text = "\n".join([*future, *carried.imports(set())]).strip("\n")
            return FileEdit(self._to, None, f"{text}\n\n\n{carried.text}" if text else carried.text)
        file = self._open(self._to)
        if file is None:
            return CannotDo(
                f"{self._to} cannot be used: {self._library.skipped[self._to]}", "Correct it first"
            )
        needs = [n for n in carried.from_home if n not in carried.bound_in(file.tree)]
        if needs and (needs_back or self._imports_home(file)):
            return self._circle(needs)
        moved_in = [
            u for u in file.uses.all if isinstance(u, ImportUse) and self._is_from_home(file, u)
        ]
        for use in moved_in:
            self._drop(file, use)
        taken = file.uses.module.bound.get(self._name)
        if taken is not None and not moved_in:
            return CannotDo(
                f"{self._to}:{taken} already has the name “{self._name}”",
                "Rename one of the two first",
            )
        clash = carried.clash(self._packages, self._to, file.tree)
        if clash is not None:
            return clash
        self._attributes(file)
        bound = carried.bound_in(file.tree)
        for statement in carried.imports(bound):
            file.statements[statement] = None
        if carried.needs_future and not _has_future(file.tree):
            file.swaps.append(imports.first_statement(file.source.plain, file.tree, _FUTURE))
        if self._new.partition(".")[0]:
            file.statements.pop(f"import {self._new}", None)
        body = file.text().rstrip("\n")
        after = f"{body}\n\n\n{carried.text}" if body else carried.text
        return FileEdit(self._to, file.source.text, file.source.restore(after))

    def _long_circle(self, file: _File) -> CannotDo | None:
        """Refuses where the new module imports, over others, a file that now imports it."""
        path = file.source.path
        if path.endswith("__init__.py") or not (file.swaps or file.statements):
            return None
        is_new = self._to not in self._graph.imported(path)
        chain = self._graph.chain(self._to, path) if is_new else []
        if not chain:
            return None
        shown = " → ".join([*chain, self._to])
        return CannotDo(
            f"the modules would import each other in a circle: {shown}",
            "Move it to a module that imports less",
        )

    def _circle(self, needs: Sequence[str]) -> CannotDo:
        return CannotDo(
            f"{self._new} would need {', '.join(needs)} of {self._old}, and {self._old} would "
            f"need {self._new}: the two modules would import each other",
            f"Move {needs[0]} first, or to a third module",
        )

    def _imports_home(self, file: _File) -> bool:
        for node in file.tree.body:
            if isinstance(node, ast.ImportFrom):
                base = imports.base_of(self._packages, file.source.path, node)
                names = {a.name for a in node.names}
                if base == self._old and names != {self._name}:
                    return True
        return False

    def _is_from_home(self, file: _File, use: ImportUse) -> bool:
        base = imports.base_of(self._packages, file.source.path, use.node)
        return use.name == self._name and base == self._old

    def _follow(self, file: _File) -> CannotDo | None:
        """Another file: its imports and dotted uses of the name."""
        for use in file.uses.all:
            if isinstance(use, ImportUse) and self._is_from_home(file, use):
                self._redirect(file, use)
        is_starred = any(
            imports.base_of(self._packages, file.source.path, n) == self._old
            for n in file.uses.star_imports
        )
        if is_starred and any(
            u.scope.owner(self._name) is None for u in file.uses.bare(self._name)
        ):
            file.statements[f"from {self._new} import {self._name}"] = None
        return self._attributes(file)

    def _redirect(self, file: _File, use: ImportUse) -> None:
        plain, lines = file.source.plain, file.uses.lines
        text = imports.relative(self._packages, file.source.path, use.node.level, self._new)
        if len(use.node.names) == 1:
            file.swaps.append(imports.module_swap(plain, lines, use.node, text))
            return
        alias = next(a for a in use.node.names if a.name == self._name)
        file.swaps.append(imports.without_alias(plain, lines, use.node, alias))
        shown = self._name if alias.asname is None else f"{self._name} as {alias.asname}"
        begin = lines.offset(use.node.lineno, 0)
        line = lines.texts[use.node.lineno - 1]
        indent = line[: len(line) - len(line.lstrip())]
        file.swaps.append(Swap(begin, begin, f"{indent}from {text} import {shown}\n"))

    def _drop(self, file: _File, use: ImportUse) -> None:
        plain, lines = file.source.plain, file.uses.lines
        if len(use.node.names) == 1:
            start, end = imports.statement_span(plain, lines, use.node)
            text = "" if use.node in file.tree.body else f"{' ' * use.node.col_offset}pass\n"
            file.swaps.append(Swap(start, end, text))
        else:
            alias = next(a for a in use.node.names if a.name == self._name)
            file.swaps.append(imports.without_alias(plain, lines, use.node, alias))

    def _attributes(self, file: _File) -> CannotDo | None:
        """`pkg.io.parse` and `io.parse`: the new module by its full name."""
        for use in self._dotted(file):
            span = attribute_span(file.source.plain, file.uses.lines, use)
            root = self._new.partition(".")[0]
            if span is None or self._is_other(file, root):
                line = file.uses.lines.place(use.offset)[0]
                return CannotDo(
                    f"{file.source.path}:{line} uses “{self._name}” in a way that cannot follow",
                    "Import the name itself there first",
                )
            if file.source.path == self._to:
                file.swaps.append(Swap(*span, self._name))
            else:
                file.swaps.append(Swap(*span, f"{self._new}.{self._name}"))
                file.statements[f"import {self._new}"] = None
        return None

    def _dotted(self, file: _File) -> Iterator[AttributeUse]:
        path = file.source.path
        for use in file.uses.all:
            if not isinstance(use, AttributeUse) or use.name != self._name:
                continue
            is_it = self._target.is_attribute(path, use)
            if is_it and self._target.is_module_value(path, use, self._from):
                yield use

    def _is_other(self, file: _File, root: str) -> bool:
        """Whether `root`, the first part of the new dotted name, means something else there."""
        bound = file.uses.module.bound.get(root)
        lines = {
            a.lineno
            for n in ast.walk(file.tree)
            if isinstance(n, ast.Import)
            for a in n.names
            if a.asname is None and a.name.partition(".")[0] == root
        }
        return bound is not None and bound not in lines


def _has_future(tree: ast.Module) -> bool:
    return any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body)
