"""Puts a variable's value or a function's result in the place of its uses. rope is loaded here.

rope finds the uses; the text is made here, because the value must keep its meaning in its new
place. Done only where that is certain: everything else is refused with the reason.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise

from codexspark_tui.codemods import imports
from codexspark_tui.codemods.choose import Chooser
from codexspark_tui.codemods.model import (
    AmbiguousName,
    Answer,
    CannotDo,
    Edits,
    FileEdit,
    Inline,
)
from codexspark_tui.codemods.packages import Packages
from codexspark_tui.codemods.plans import FilePlan, repair
from codexspark_tui.codemods.result import Refused, Value, value_of
from codexspark_tui.codemods.rope_project import open_project
from codexspark_tui.codemods.scan import find_word
from codexspark_tui.codemods.sources import Library
from codexspark_tui.codemods.splice import parents_of
from codexspark_tui.codemods.swaps import Swap, apply_swaps
from codexspark_tui.codemods.symbols import Definition, definitions
from codexspark_tui.codemods.target import Hierarchy, Resolver, Target
from codexspark_tui.codemods.uses import AttributeUse, Bare, ImportUse, Scope, Use, Uses
from codexspark_tui.counts import count


def inline(request: Inline, library: Library) -> Answer:
    """Every use of the name replaced and the definition removed, or why that cannot be."""
    packages = Packages(library)
    resolver = Resolver(library, packages, open_project(library, packages))
    hierarchy = Hierarchy(resolver)
    chooser = Chooser(library, packages, lambda found: [g[0] for g in hierarchy.groups(found)])
    chosen = chooser.choose(request.name, at=request.at, files=request.files)
    if isinstance(chosen, AmbiguousName | CannotDo):
        return chosen
    chosen = resolver.defined_by(chosen, definitions(library, packages, chosen.name))
    if chosen.scope_kind == "class" or chosen.kind == "class" or chosen.is_parameter:
        return CannotDo(
            f"“{chosen.name}” is {_article(chosen)}, and only functions and variables outside of "
            "classes can be inlined",
            "Inline it by hand",
        )
    try:
        return _Inline(library, Target(resolver, [chosen]), chosen).answer()
    except Refused as refused:
        return CannotDo(f"“{chosen.name}” cannot be inlined: {refused.why}", refused.next_step)


def _notices(value: Value) -> tuple[str, ...]:
    if value.function is not None or isinstance(value.node, ast.Constant):
        return ()
    return ("The value is now computed where it is used: check that nothing changes it before.",)


def _article(definition: Definition) -> str:
    if definition.is_parameter:
        return "a parameter"
    kind = definition.kind
    return f"{'an' if kind[0] in 'ae' else 'a'} {kind}"


@dataclass(slots=True)
class _Place:
    """One use to replace: `node` is the name (or `module.name`) in the tree of its file."""

    use: Bare | AttributeUse
    node: ast.expr


class _Inline:
    def __init__(self, library: Library, target: Target, definition: Definition) -> None:
        self._library = library
        self._target = target
        self._definition = definition
        self._name = definition.name

    def answer(self) -> Answer:
        home_tree = self._library.tree(self._definition.path)
        home = self._library.source(self._definition.path)
        assert home is not None
        assert home_tree is not None
        value = value_of(home, home_tree, self._definition)
        edits: list[FileEdit] = []
        total = 0
        for source in self._library.python_with(self._name):
            if self._target.is_local and source.path != self._definition.path:
                continue
            plan, places, taken_imports = self._uses_in(source.path, value)
            total += len(places)
            plan.swaps += self._replaced(plan, places, value)
            plan.swaps += taken_imports
            if source.path == self._definition.path:
                plan.swaps.append(value.removal)
            if plan.swaps:
                after = source.restore(apply_swaps(source.plain, plan.swaps))
                edits.append(FileEdit(source.path, source.text, after))
        if not total:
            raise Refused("nothing uses it", "Remove it by hand if it is not needed")
        return Edits(
            tuple(edits),
            f"Inline {self._name}: {count(total, 'place')} in {count(len(edits), 'file')}",
            f"rope {version('rope')}",
            skipped=tuple(sorted(self._library.skipped.items())),
            notices=_notices(value),
        )

    def _uses_in(self, path: str, value: Value) -> tuple[FilePlan, list[_Place], list[Swap]]:
        self._library.check_stop()
        source, tree = self._library.source(path), self._library.tree(path)
        assert source is not None
        assert tree is not None
        names = {self._name, *value.free_names}
        plan = FilePlan(source, Uses(source.plain, tree, names))
        found = find_word(source.plain, self._name)
        repair(plan, found, self._name)
        scopes = self._target.scopes_in(path, plan.uses)
        nodes = _nodes(tree, plan, self._name)
        places: list[_Place] = []
        removed: list[Swap] = []
        for use in [u for u in plan.uses.all if u.name == self._name]:
            if self._is_definition(path, use, value):
                continue
            if isinstance(use, ImportUse) and self._target.is_imported(path, use):
                removed.append(self._without(plan, tree, use))
            elif self._is_meant(plan, path, use, scopes):
                place = nodes.get(use.offset)
                if place is None or not isinstance(use, Bare | AttributeUse):
                    raise Refused(f"it is used in {path} in a way that cannot be replaced")
                self._check(plan, path, use, value)
                places.append(_Place(use, place))
        self._check_strings(plan, path)
        return plan, places, removed

    def _is_definition(self, path: str, use: Use, value: Value) -> bool:
        removal = value.removal
        return path == self._definition.path and removal.start <= use.offset < removal.end

    def _is_meant(self, plan: FilePlan, path: str, use: Use, scopes: set[Scope]) -> bool:
        match use:
            case Bare():
                return (use.scope.owner(self._name) or plan.uses.module) in scopes
            case AttributeUse():
                return bool(self._target.is_attribute(path, use))
        return False

    def _without(self, plan: FilePlan, tree: ast.Module, use: ImportUse) -> Swap:
        """The import of the name taken out. An alias or a re-export cannot be followed."""
        path, plain, lines = plan.source.path, plan.source.plain, plan.uses.lines
        if use.aliased:
            raise Refused(f"{path}:{use.node.lineno} imports it under another name")
        if path.endswith("__init__.py"):
            raise Refused(f"{path}:{use.node.lineno} exports it")
        if len(use.node.names) > 1:
            alias = next(a for a in use.node.names if a.name == self._name)
            return imports.without_alias(plain, lines, use.node, alias)
        start, end = imports.statement_span(plain, lines, use.node)
        text = "" if use.node in tree.body else f"{' ' * use.node.col_offset}pass\n"
        return Swap(start, end, text)

    def _check(self, plan: FilePlan, path: str, use: Use, value: Value) -> None:
        """Refuses where a name in the value means something else in its new place."""
        line = plan.uses.lines.place(use.offset)[0]
        scope = use.scope if isinstance(use, Bare) else None
        for name in sorted(value.free_names):
            if path != self._definition.path and name not in value.builtin_names:
                raise Refused(
                    f"it uses “{name}”, which {path}:{line} does not have",
                    "Import that name there first, or inline it by hand",
                )
            owner = None if scope is None else scope.owner(name)
            its = None if name in value.builtin_names else value.owner_in(plan.uses, name)
            if scope is not None and owner is not its:
                raise Refused(f"it uses “{name}”, which means something else in {path}:{line}")

    def _check_strings(self, plan: FilePlan, path: str) -> None:
        for node in ast.walk(self._library.tree(path) or ast.Module([], [])):
            if isinstance(node, ast.Assign) and "__all__" in {
                t.id for t in node.targets if isinstance(t, ast.Name)
            }:
                listed = {c.value for c in ast.walk(node.value) if isinstance(c, ast.Constant)}
                if self._name in listed and self._target.is_global_of(path):
                    raise Refused(f"{path}:{node.lineno} exports it in __all__")

    def _replaced(self, plan: FilePlan, places: list[_Place], value: Value) -> list[Swap]:
        tree = self._library.tree(plan.source.path)
        assert tree is not None
        parents = parents_of(tree)
        value.check_count(len(places), [(p.node, parents) for p in places])
        swaps: list[Swap] = []
        for place in places:
            in_text = parents.get(place.node)
            while in_text is not None and not isinstance(in_text, ast.JoinedStr | ast.stmt):
                in_text = parents.get(in_text)
            if isinstance(in_text, ast.JoinedStr):
                line = place.node.lineno
                raise Refused(f"{plan.source.path}:{line} uses it in an f-string")
            swaps.append(value.replacement(plan, place.node, parents))
        inner = sorted(swaps, key=lambda s: s.start)
        if any(a.end > b.start for a, b in pairwise(inner)):
            raise Refused("one use of it is an argument of another")
        return swaps


def _nodes(tree: ast.Module, plan: FilePlan, name: str) -> dict[int, ast.expr]:
    """Offset of the name → its node, where it is read."""
    lines = plan.uses.lines
    found: dict[int, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            found[lines.byte_offset(node.lineno, node.col_offset)] = node
        elif isinstance(node, ast.Attribute) and node.attr == name:
            end = lines.byte_offset(node.end_lineno or 1, node.end_col_offset or 0)
            found[end - len(name)] = node
    return found
