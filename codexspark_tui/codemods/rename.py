"""Renames a symbol in the whole project. Imported lazily: rope is loaded here.

What a place means is asked of `target`; what is done with it is decided here: which places change,
what stands in the way, what is left over for the person.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from importlib.metadata import version

from codexspark_tui.codemods.choose import Chooser
from codexspark_tui.codemods.model import (
    AmbiguousName,
    Answer,
    CannotDo,
    Edits,
    FileEdit,
    RenameModule,
    RenameSymbol,
)
from codexspark_tui.codemods.modules import rename_module
from codexspark_tui.codemods.naming import check_new_name, without_place
from codexspark_tui.codemods.offers import Offers
from codexspark_tui.codemods.packages import Packages
from codexspark_tui.codemods.plans import FilePlan, repair
from codexspark_tui.codemods.rope_project import open_project
from codexspark_tui.codemods.scan import find_word
from codexspark_tui.codemods.sources import Library, Source
from codexspark_tui.codemods.swaps import apply_swaps
from codexspark_tui.codemods.symbols import Definition, definitions
from codexspark_tui.codemods.target import Hierarchy, Resolver, Target
from codexspark_tui.codemods.uses import AttributeUse, Bare, ImportUse, KeywordUse, Scope, Uses
from codexspark_tui.counts import count


def rename_symbol(request: RenameSymbol, library: Library) -> Answer:
    """The edits for `request`, or why it cannot be done, or the candidates for its name."""
    packages = Packages(library)
    if request.kind == "module":
        return rename_module(RenameModule(request.old, request.new), library)
    resolver = Resolver(library, packages, open_project(library, packages))
    hierarchy = Hierarchy(resolver)
    chooser = Chooser(library, packages, lambda found: [g[0] for g in hierarchy.groups(found)])
    chosen = chooser.choose(request.old, kind=request.kind, at=request.at, files=request.files)
    if isinstance(chosen, CannotDo) and request.at is None and packages.find_named(request.old):
        return rename_module(RenameModule(request.old, request.new), library)
    if isinstance(chosen, AmbiguousName | CannotDo):
        return chosen
    new = without_place(request.old, request.new)
    bad_name = check_new_name(chosen.name, new)
    if bad_name is not None:
        return bad_name
    every = definitions(library, packages, chosen.name)
    chosen = resolver.defined_by(chosen, every)
    target = Target(resolver, _group_of(chosen, every, hierarchy))
    return _Rename(library, packages, target, new, every).answer(hierarchy)


def _group_of(
    chosen: Definition, every: list[Definition], hierarchy: Hierarchy
) -> list[Definition]:
    if chosen.scope_kind != "class":
        return [chosen]
    in_classes = [d for d in every if d.scope_kind == "class"]
    for group in hierarchy.groups(in_classes):
        if any((d.path, d.offset) == (chosen.path, chosen.offset) for d in group):
            return sorted(group, key=lambda d: (d.path, d.offset) != (chosen.path, chosen.offset))
    return [chosen]


class _Rename:
    """One rename: plans every file, then looks for what is in the way, then writes the answer."""

    def __init__(
        self,
        library: Library,
        packages: Packages,
        target: Target,
        new: str,
        every: list[Definition],
    ) -> None:
        self.library = library
        self.packages = packages
        self.target = target
        self.old = target.name
        self.new = new
        self._every = every

    def answer(self, hierarchy: Hierarchy) -> Answer:
        plans = [self._plan(source) for source in self._sources()]
        blocked = self._blocked(plans)
        if blocked is not None:
            return blocked
        changed = [plan for plan in plans if plan.swaps]
        if not changed:
            return CannotDo(f"no use of “{self.old}” was found", "Name it by its place: FILE:LINE")
        offers = Offers(self.library, self.target, self.new, self._every)
        extras, mentions, left = offers.of(plans)
        places = sum(len(plan.swaps) for plan in changed)
        return Edits(
            files=tuple(self._edit(plan) for plan in changed),
            summary=(
                f"Rename {self._shown()} to {self.new}: {count(places, 'place')} "
                f"in {count(len(changed), 'file')}"
            ),
            library=f"rope {version('rope')}",
            extras=extras,
            mentions=mentions,
            skipped=self._skipped(),
            notices=(*self._notices(hierarchy), *left),
        )

    def _sources(self) -> Iterable[Source]:
        for source in self.library.python_with(self.old):
            if not self.target.is_local or self._function_may_be_called(source):
                yield source

    def _function_may_be_called(self, source: Source) -> bool:
        """Elsewhere a parameter is only named as a keyword; other local names not at all."""
        here = self.target.group[0]
        if source.path == here.path or not here.is_parameter:
            return source.path == here.path
        return re.search(rf"\b{re.escape(self.old)}\s*=(?!=)", source.plain) is not None

    def _plan(self, source: Source) -> FilePlan:
        self.library.check_stop()
        tree = self.library.tree(source.path)
        assert tree is not None
        plan = FilePlan(source, Uses(source.plain, tree, (self.old, self.new)))
        found = find_word(source.plain, self.old)
        repair(plan, found, self.old)
        scopes = self.target.scopes_in(source.path, plan.uses)
        for use in plan.uses.all:
            if use.name == self.old:
                self._place(plan, use, scopes)
        taken = {swap.start for swap in plan.swaps}
        plan.rest = [f for f in found if f.start not in taken]
        return plan

    def _place(
        self, plan: FilePlan, use: Bare | AttributeUse | KeywordUse | ImportUse, scopes: set[Scope]
    ) -> None:
        path = plan.source.path
        match use:
            case Bare():
                if (use.scope.owner(self.old) or plan.uses.module) in scopes:
                    plan.users.add(use.scope)
                    plan.swap(use.offset, self.old, self.new)
            case ImportUse():
                bound = use.scope.passed_on.get(self.old, use.scope) in scopes
                if self.target.is_imported(path, use):
                    plan.swap(use.offset, self.old, self.new)
                elif bound and use.binds and use.again is None:
                    plan.swap(use.offset, self.old, f"{self.old} as {self.new}")
                if bound and use.again is not None:
                    plan.swap(use.again, self.old, self.new)
                if bound and use.binds:
                    plan.users.add(use.scope)
            case AttributeUse():
                meant = self.target.is_attribute(path, use)
                if meant:
                    plan.swap(use.offset, self.old, self.new)
                elif meant is None and self.target.in_class:
                    plan.unsure.append(use.offset)
            case KeywordUse():
                if self.target.is_keyword(path, use):
                    plan.swap(use.offset, self.old, self.new)

    def _blocked(self, plans: list[FilePlan]) -> CannotDo | None:
        for plan in plans:
            line = plan.uses.in_the_way(self.old, self.new, plan.users)
            if line is not None:
                return self._clash(plan.source.path, line)
        if self.target.in_class:
            classes = {(d.path, d.scope) for d in self.target.group}
            for other in definitions(self.library, self.packages, self.new):
                if (other.path, other.scope) in classes and other.scope_kind == "class":
                    return self._clash(other.path, other.line)
        return None

    def _clash(self, path: str, line: int) -> CannotDo:
        return CannotDo(
            f"the name “{self.new}” is already used where “{self.old}” is ({path}:{line})",
            "Choose another name, or rename that one first",
        )

    def _edit(self, plan: FilePlan) -> FileEdit:
        source = plan.source
        return FileEdit(
            source.path, source.text, source.restore(apply_swaps(source.plain, plan.swaps))
        )

    def _shown(self) -> str:
        first = self.target.group[0]
        return f"the {first.kind} {'.'.join([*first.scope, first.name])}"

    def _skipped(self) -> tuple[tuple[str, str], ...]:
        """The files that could not be looked at, and that may name the symbol."""
        return tuple(sorted(self.library.skipped.items()))

    def _notices(self, hierarchy: Hierarchy) -> Iterable[str]:
        group = self.target.group
        classes = list(dict.fromkeys(d.scope[-1] for d in group)) if self.target.in_class else []
        if len(classes) > 1:
            yield f"The classes {', '.join(classes)} are related, so all of them get the new name."
        for base in hierarchy.unknown_bases(group):
            yield (
                f"{base} has a base outside of the project: if that base has “{self.old}”, "
                "it is not overridden any more."
            )
        if self.new in dir(builtins) and not self.target.in_class:
            yield f"“{self.new}” is also the name of something built into Python."
        for other in self.library.elsewhere[:3]:
            place = f"{other.place.path}:{other.place.line}"
            yield f"The {other.kind} “{self.old}” in {place} is not Python and stays as it is."
        if not self.target.is_local and not self.target.in_class:
            local = sum(d.is_local for d in self._every)
            if local:
                yield f"{count(local, 'local name')} “{self.old}” in functions stay as they are."
