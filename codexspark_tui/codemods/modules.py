"""Renames and moves modules and packages: every import and dotted use follows. Standard library.

Import statements are changed in place, as text; nothing else in a file moves. A relative import
stays relative where it still can.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from codexspark_tui.codemods import imports
from codexspark_tui.codemods.model import (
    AmbiguousName,
    Answer,
    Candidate,
    CannotDo,
    Edits,
    ExtraEdit,
    FileEdit,
    Mention,
    MentionKind,
    MoveModule,
    Place,
    RenameModule,
)
from codexspark_tui.codemods.naming import check_new_name
from codexspark_tui.codemods.packages import Packages, join, parent
from codexspark_tui.codemods.scan import Lines, find_word
from codexspark_tui.codemods.sources import Library, Source, normal
from codexspark_tui.codemods.swaps import Swap, apply_swaps, shifted
from codexspark_tui.codemods.uses import Uses
from codexspark_tui.counts import count

_TEXT_FILES = frozenset({".md", ".rst", ".txt", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".in"})


def rename_module(request: RenameModule, library: Library) -> Answer:
    """A new last part for a module's or package's dotted name."""
    packages = Packages(library)
    path = _find(packages, request.module)
    if not isinstance(path, str):
        return path
    old = packages.module_name(path)
    new = request.new.removesuffix(".py").rpartition(".")[2].rpartition("/")[2]
    problem = check_new_name(old.rpartition(".")[2], new)
    if problem is not None:
        return problem
    target = join(parent(path), new if path in packages.folders else f"{new}.py")
    dotted = ".".join([*old.split(".")[:-1], new])
    return _Shift(library, packages, path, target, old, dotted).answer("Rename")


def move_module(request: MoveModule, library: Library) -> Answer:
    """A module or package into another package (or, with "", to a source root)."""
    packages = Packages(library)
    path = _find(packages, request.module)
    if not isinstance(path, str):
        return path
    folder = _find_folder(packages, request.to)
    if not isinstance(folder, str):
        return folder
    name = PurePosixPath(path).name
    if folder == path or folder.startswith(f"{path}/"):
        return CannotDo(f"{path} cannot be moved into itself", "Name another package")
    if folder == parent(path):
        return CannotDo(f"{path} is already in {folder or 'the root'}", "Name another package")
    target = join(folder, name)
    package = packages.module_name(folder) if packages.is_package(folder) else ""
    stem = name.removesuffix(".py")
    dotted = f"{package}.{stem}" if package else stem
    return _Shift(library, packages, path, target, packages.module_name(path), dotted).answer(
        "Move"
    )


def _find(packages: Packages, name: str) -> str | AmbiguousName | CannotDo:
    found = packages.find_named(name)
    if len(found) > 1:
        shown = tuple(Candidate(packages.module_name(p), "module", Place(p, 1), p) for p in found)
        return AmbiguousName(name, shown)
    if not found:
        near = sorted(p for p in packages.modules if name.rpartition(".")[2] in p)[:3]
        step = f"There is: {', '.join(near)}" if near else "Give its path, for example pkg/io.py"
        return CannotDo(f"there is no module “{name}” in this project", step)
    if found[0] == "__init__.py" or not found[0]:
        return CannotDo("the root of the project is no package", "Name a module in it")
    return found[0]


def _find_folder(packages: Packages, name: str) -> str | CannotDo:
    cleaned = normal(name)
    if cleaned in packages.folders or not cleaned:
        return cleaned
    found = [p for p in packages.find_named(name) if p in packages.folders]
    if len(found) == 1:
        return found[0]
    return CannotDo(
        f"there is no package or folder “{name}” to move to",
        f"Make it first, for example {name.replace('.', '/').removesuffix('.py')}/__init__.py",
    )


@dataclass(slots=True)
class _File:
    """One file's changes; offsets of the plain text."""

    source: Source
    tree: ast.Module
    uses: Uses
    swaps: list[Swap] = field(default_factory=list)
    new_imports: list[str] = field(default_factory=list)

    def text(self) -> str:
        added = imports.insertion(self.source.plain, self.tree, self.new_imports)
        swaps = [*self.swaps, *([added] if added else [])]
        return self.source.restore(apply_swaps(self.source.plain, swaps))


class _Shift:
    """The module at `path`, dotted name `old`, becomes `target` with the dotted name `new`."""

    def __init__(
        self, library: Library, packages: Packages, path: str, target: str, old: str, new: str
    ) -> None:
        self._library = library
        self._packages = packages
        self._path = path
        self._target = target
        self._old = old
        self._new = new
        self._last = old.rpartition(".")[2]
        self._new_last = new.rpartition(".")[2]
        self._moves = _moves(library, path, target)

    def answer(self, verb: str) -> Answer:
        taken = sorted(set(self._moves.values()) & self._library.files)
        if taken or self._target in self._packages.folders:
            return CannotDo(
                f"{(taken or [self._target])[0]} exists already", "Choose another name or place"
            )
        edits: list[FileEdit] = []
        changed: dict[str, tuple[list[Swap], str]] = {}
        for path in self._library.python_files:
            if path not in self._moves and not self._library.holds(path, self._last):
                continue  # no import of the module is without the last part of its name
            self._library.check_stop()
            file = self._file(path)
            if file is None:
                continue
            problem = self._change(file)
            if problem is not None:
                return problem
            text = file.text()
            changed[path] = (file.swaps, text)
            if text != file.source.text or path in self._moves:
                moved = self._moves.get(path)
                edits.append(FileEdit(path, file.source.text, text, moved))
        edits += self._other_moves({e.path for e in edits})
        extras, mentions = self._offers(changed)
        return Edits(
            tuple(sorted(edits, key=lambda e: e.path)),
            f"{verb} the module {self._old} to {self._new}: {count(len(edits), 'file')}",
            "ast",
            extras=extras,
            mentions=mentions[:200],
            skipped=tuple(sorted(self._library.skipped.items())),
        )

    def _other_moves(self, done: set[str]) -> Iterator[FileEdit]:
        """The files of a package that are no Python, or are Python that does not parse."""
        for path, target in sorted(self._moves.items()):
            source = self._library.source(path) if path not in done else None
            if source is not None:
                yield FileEdit(path, source.text, source.text, target)

    def _file(self, path: str) -> _File | None:
        source = self._library.source(path)
        if source is None:
            return None
        is_named = re.search(rf"\b{re.escape(self._last)}\b", source.plain)
        if not is_named and path not in self._moves:
            return None
        tree = self._library.tree(path)
        if tree is None:
            return None
        root = self._old.partition(".")[0]
        names = (self._last, self._new_last, root)
        return _File(source, tree, Uses(source.plain, tree, names))

    def _change(self, file: _File) -> CannotDo | None:
        imported_root = False
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Import):
                imported_root |= self._import(file, node)
            elif isinstance(node, ast.ImportFrom):
                problem = self._import_from(file, node)
                if problem is not None:
                    return problem
        if imported_root:
            self._dotted_uses(file)
        return None

    def _import(self, file: _File, node: ast.Import) -> bool:
        """`import pkg.io`; tells whether dotted uses by the full name are possible."""
        root = self._old.partition(".")[0]
        binds_root = False
        for alias in node.names:
            binds_root |= alias.asname is None and alias.name.partition(".")[0] == root
            if alias.name == self._old or alias.name.startswith(f"{self._old}."):
                start = imports.alias_span(file.uses.lines, alias)[0]
                file.swaps.append(Swap(start, start + len(self._old), self._new))
        return binds_root

    def _dotted_uses(self, file: _File) -> None:
        """`pkg.io.parse` in code, where `pkg` comes from an import."""
        plain = file.source.plain
        prefix = self._old[: len(self._old) - len(self._last)]
        taken = [(s.start, s.end) for s in file.swaps]
        for found in find_word(plain, self._last):
            start = found.start - len(prefix)
            if found.where != "code" or start < 0 or not plain.startswith(prefix, start):
                continue
            before = plain[:start].rstrip()[-1:]
            is_whole = before != "." and not (start and re.match(r"\w", plain[start - 1]))
            is_free = not any(a < start + len(self._old) and start < b for a, b in taken)
            if is_whole and is_free and self._is_root(file, start):
                file.swaps.append(Swap(start, start + len(self._old), self._new))

    def _is_root(self, file: _File, offset: int) -> bool:
        """Whether the name at `offset` is the imported package, as far as can be seen."""
        root = self._old.partition(".")[0]
        scope = file.uses.scope_at(offset)
        owner = None if scope is None else scope.owner(root)
        if scope is None or owner is None:
            return scope is None
        bound = {
            alias.lineno
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.asname is None and alias.name.partition(".")[0] == root
        }
        return owner.bound[root] in bound

    def _import_from(self, file: _File, node: ast.ImportFrom) -> CannotDo | None:
        path, plain, lines = file.source.path, file.source.plain, file.uses.lines
        base = imports.base_of(self._packages, path, node)
        is_moving = path in self._moves
        inside = base == self._old or base.startswith(f"{self._old}.")
        if inside:
            new = self._new + base[len(self._old) :]
            if not (node.level and is_moving):
                text = imports.relative(self._packages, path, node.level, new)
                file.swaps.append(imports.module_swap(plain, lines, node, text))
            return None
        parent_name = self._old.rpartition(".")[0]
        alias = next((a for a in node.names if a.name == self._last), None)
        if base == parent_name and alias is not None:
            return self._import_module(file, node, alias)
        if node.level and is_moving and parent_name != self._new.rpartition(".")[0]:
            file.swaps.append(imports.module_swap(plain, lines, node, base))
        return None

    def _import_module(
        self, file: _File, node: ast.ImportFrom, alias: ast.alias
    ) -> CannotDo | None:
        """`from pkg import io`."""
        plain, lines = file.source.plain, file.uses.lines
        start = imports.alias_span(lines, alias)[0]
        package, _, last = self._new.rpartition(".")
        if last != self._last:
            if alias.asname is not None:
                file.swaps.append(Swap(start, start + len(self._last), last))
                return None
            return self._rename_bound(file, start)
        text = imports.relative(self._packages, file.source.path, node.level, package)
        shown = last if alias.asname is None else f"{last} as {alias.asname}"
        statement = f"from {text} import {shown}" if text else f"import {shown}"
        if len(node.names) > 1:
            file.swaps.append(imports.without_alias(plain, lines, node, alias))
            indent = plain[plain.rfind("\n", 0, lines.byte_offset(node.lineno, 0)) + 1 :]
            indent = indent[: len(indent) - len(indent.lstrip(" \t"))]
            begin = lines.offset(node.lineno, 0)
            file.swaps.append(Swap(begin, begin, f"{indent}{statement}\n"))
        elif text:
            file.swaps.append(imports.module_swap(plain, lines, node, text))
        else:
            begin = lines.byte_offset(node.lineno, node.col_offset)
            end = lines.byte_offset(node.end_lineno or 1, node.end_col_offset or 0)
            file.swaps.append(Swap(begin, end, statement))
        return None

    def _rename_bound(self, file: _File, start: int) -> CannotDo | None:
        """`from pkg import io` and the uses of `io`; `reader as io` where `reader` is taken."""
        scope = file.uses.scope_at(start)
        owner = None if scope is None else scope.owner(self._last)
        users = [u for u in file.uses.bare(self._last) if u.scope.owner(self._last) is owner]
        scopes = {u.scope for u in users} | ({scope} if scope is not None else set())
        if file.uses.in_the_way(self._last, self._new_last, scopes) is not None:
            end = start + len(self._last)
            file.swaps.append(Swap(start, end, f"{self._new_last} as {self._last}"))
            return None
        for offset in {start, *(u.offset for u in users)}:
            if file.source.plain.startswith(self._last, offset):
                file.swaps.append(Swap(offset, offset + len(self._last), self._new_last))
        return None

    def _offers(
        self, changed: dict[str, tuple[list[Swap], str]]
    ) -> tuple[tuple[ExtraEdit, ...], tuple[Mention, ...]]:
        """Strings and documents that have the dotted name or the path."""
        extras: list[ExtraEdit] = []
        mentions: list[Mention] = []
        for path in sorted(self._library.files):
            is_python = path.endswith(".py")
            if not is_python and PurePosixPath(path).suffix.lower() not in _TEXT_FILES:
                continue
            if path in self._moves or not self._library.holds(path, self._last):
                continue
            source = self._library.source(path)
            if is_python and self._library.tree(path) is None:
                continue
            if source is not None:
                self._offer(source, changed.get(path), extras, mentions)
        return tuple(extras), tuple(mentions)

    def _offer(
        self,
        source: Source,
        changed: tuple[list[Swap], str] | None,
        extras: list[ExtraEdit],
        mentions: list[Mention],
    ) -> None:
        swaps, after = changed if changed is not None else ([], source.text)
        where: MentionKind = "string" if source.path.endswith(".py") else "docs"
        lines = Lines(source.plain)
        code = {
            f.start
            for f in (find_word(source.plain, self._last) if where == "string" else ())
            if f.where == "code"
        }
        chosen: list[Swap] = []
        for old, new in ((self._old, self._new), (self._path, self._target)):
            if "." not in old and "/" not in old:
                continue
            for hit in re.finditer(rf"(?<![\w./]){re.escape(old)}(?!\w)", source.plain):
                if any(s.start < hit.end() and hit.start() < s.end for s in swaps):
                    continue
                if any(hit.start() <= at < hit.end() for at in code):
                    continue
                line, column = lines.place(hit.start())
                place = Place(source.path, line, column)
                mentions.append(Mention(place, where, lines.texts[line - 1].strip()))
                at = shifted(swaps, hit.start())
                chosen.append(Swap(at, at + len(old), new))
        if chosen and len(swaps) == len(set(swaps)) and not self._has_added(changed, source):
            text = source.restore(apply_swaps(apply_swaps(source.plain, swaps), chosen))
            why = f"text that names {self._old}, {len(chosen)} in {source.path}"
            extras.append(ExtraEdit(FileEdit(source.path, after, text), where, why, on=False))

    def _has_added(self, changed: tuple[list[Swap], str] | None, source: Source) -> bool:
        return changed is not None and changed[1] != source.restore(
            apply_swaps(source.plain, changed[0])
        )


def _moves(library: Library, path: str, target: str) -> dict[str, str]:
    """Old path → new path of every listed file that moves."""
    if path in library.files:
        return {path: target}
    inside = [p for p in library.files if p.startswith(f"{path}/")]
    return {p: str(PurePosixPath(target) / p[len(path) + 1 :]) for p in sorted(inside)}
