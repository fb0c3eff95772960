"""Test skeletons for a module, for pytest or unittest, as the project has it. Standard library
only.

Each test fails until it is written, and names what it is for by using it, so that no skeleton can
pass and no import looks unused. Tests that exist already are never touched.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from codexspark_tui.codemods.docstrings import decorators, public
from codexspark_tui.codemods.model import Answer, CannotDo, Edits, FileEdit, TestSkeletons
from codexspark_tui.codemods.packages import Packages, join, parent
from codexspark_tui.codemods.sources import Library, Source, normal
from codexspark_tui.codemods.test_style import Style, style_of
from codexspark_tui.counts import count


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A test to write: `of` is what it tests ("parse", "Reader.read"); `group` its test class."""

    name: str
    of: str
    group: str = ""


def add_skeletons(request: TestSkeletons, library: Library) -> Answer:
    """A new test file, or the missing tests at the end of the one that there is."""
    path = normal(request.path)
    tree = library.tree(path) if path.endswith(".py") else None
    if tree is None:
        why = library.skipped.get(path, "it is not a Python file")
        return CannotDo(f"{request.path} cannot be used: {why}", "Name a Python module")
    packages = Packages(library)
    module = packages.module_name(path)
    stem = PurePosixPath(path).stem
    if stem.startswith("test_") or stem.endswith("_test") or stem == "conftest":
        return CannotDo(f"{path} is a test file itself", "Name the module that is to be tested")
    if not all(part.isidentifier() for part in module.split(".")):
        return CannotDo(f"{path} cannot be imported by its name", "Rename the file or folder first")
    wanted = list(_wanted(tree))
    if not wanted:
        return CannotDo(f"{path} has no public functions or classes", "Name another module")
    target = _target(library, packages, path, module, request.to)
    if isinstance(target, CannotDo):
        return target
    return _write(library, target, module, wanted)


def _wanted(tree: ast.Module) -> Iterator[_Wanted]:
    seen: set[str] = set()
    for node in public(tree.body):
        if node.name in seen:
            continue
        seen.add(node.name)
        if not isinstance(node, ast.ClassDef):
            yield _Wanted(f"test_{node.name}", node.name)
            continue
        methods = [m for m in public(node.body) if not isinstance(m, ast.ClassDef)]
        names = dict.fromkeys(m.name for m in methods if not decorators(m) & {"overload"})
        for name in names:
            yield _Wanted(f"test_{name}", f"{node.name}.{name}", f"Test{node.name}")
        if not names:
            yield _Wanted("test_make", node.name, f"Test{node.name}")


def _target(
    library: Library, packages: Packages, path: str, module: str, to: str | None
) -> str | CannotDo:
    if to is not None:
        target = normal(to)
        if not target.endswith(".py") or target.startswith(("/", "..")) or target == path:
            return CannotDo(f"{to} cannot be the test file", "Name a .py file in this project")
        return target
    short, long = module.rpartition(".")[2], module.replace(".", "_")
    for name in (f"test_{short}.py", f"{short}_test.py", f"test_{long}.py"):
        for found in sorted(p for p in library.python_files if PurePosixPath(p).name == name):
            source = library.source(found)
            if source is not None and module in source.plain:
                return found
    folder = _test_folder(packages, path)
    first = join(folder, f"test_{short}.py")
    return first if first not in library.files else join(folder, f"test_{long}.py")


def _test_folder(packages: Packages, path: str) -> str:
    """The nearest `tests` or `test` folder beside or above the module, else a new `tests`."""
    folder = parent(path)
    while True:
        for name in ("tests", "test"):
            if join(folder, name) in packages.folders:
                return join(folder, name)
        if not folder:
            return "tests"
        folder = parent(folder)


def _write(library: Library, target: str, module: str, wanted: list[_Wanted]) -> Answer:
    source = library.source(target) if target in library.files else None
    tree = library.tree(target) if source is not None else ast.Module([], [])
    if target in library.files and tree is None:
        return CannotDo(
            f"{target} exists and cannot be used: {library.skipped[target]}",
            "Correct it, or name another file for the tests",
        )
    assert tree is not None
    style = style_of(library, target, tree)
    of_classes = frozenset(w.group for w in wanted)
    missing = [w for w in wanted if not _exists(tree, w, of_classes)]
    if not missing:
        return Edits((), f"{target} has a test for everything public in {module}", "ast")
    if style.by_class:
        group = _group_of(module, of_classes)
        missing = [w if w.group else replace(w, group=group) for w in missing]
    if source is None:
        text = _imports(style, module, missing, set(), new=True) + "\n\n" + _tests(style, missing)
        after = f'"""Tests of {module}."""\n\n{text}'
    else:
        after = _appended(source, tree, style, (module, missing))
    return Edits(
        (FileEdit(target, None if source is None else source.text, after),),
        f"Add {count(len(missing), 'test skeleton')} for {module} to {target}",
        "ast",
        notices=("Each new test fails until it is written.",),
    )


def _group_of(module: str, taken: frozenset[str]) -> str:
    """The test class of functions: "TestTextTools" of "pkg.text_tools"."""
    words = module.rpartition(".")[2].split("_")
    group = "Test" + "".join(word[:1].upper() + word[1:] for word in words)
    return f"{group}Functions" if group in taken else group


def _exists(tree: ast.Module, wanted: _Wanted, of_classes: frozenset[str]) -> bool:
    """Whether a test by that name (or one that begins with it) is there, in its group or alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == wanted.group:
            inner = {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
            if any(name == wanted.name or name.startswith(f"{wanted.name}_") for name in inner):
                return True
    alone = wanted.name if not wanted.group else f"test_{wanted.of.replace('.', '_').lower()}"
    names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    if not wanted.group:  # it may be tested in any class that is not for one of the module's
        others = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name not in of_classes]
        held = [n for other in others for n in other.body]
        names |= {n.name for n in held if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    return any(name == alone or name.startswith(f"{alone}_") for name in names)


def _imports(
    style: Style, module: str, missing: list[_Wanted], bound: set[str], *, new: bool = False
) -> str:
    names = sorted({w.of.partition(".")[0] for w in missing} - bound)
    lines = [*style.imports, *([""] if new else [])]
    if names:
        one = f"from {module} import {', '.join(names)}"
        long = [f"from {module} import (", *(f"    {name}," for name in names), ")"]
        lines += [one] if len(one) <= 88 else long
    return "".join(f"{line}\n" for line in lines)


def _test(style: Style, wanted: _Wanted, indent: str) -> str:
    owner, _, method = wanted.of.partition(".")
    said = f'f"not written yet: {{{owner}.__name__}}{"." if method else ""}{method}"'
    step = "\t" if indent.startswith("\t") else "    "
    parameter = "self" if wanted.group else ""
    return f"{indent}def {wanted.name}({parameter}):\n{indent}{step}{style.fails}({said})\n"


def _tests(style: Style, missing: list[_Wanted]) -> str:
    groups: dict[str, list[str]] = {}
    for wanted in missing:
        body = _test(style, wanted, "    " if wanted.group else "")
        groups.setdefault(wanted.group or wanted.name, []).append(body)
    shown = []
    for group, bodies in groups.items():
        base = f"({style.base})" if style.base else ""
        head = f"class {group}{base}:\n" if group.startswith("Test") else ""
        shown.append(head + "\n".join(bodies))
    return "\n\n".join(shown)


def _appended(
    source: Source, tree: ast.Module, style: Style, wants: tuple[str, list[_Wanted]]
) -> str:
    """The text with what is missing; before the lines that run it as a program, if it ends so."""
    module, missing = wants
    lines = source.plain.split("\n")
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    bound = {a.asname or a.name for n in imports for a in n.names}
    at = imports[-1].end_lineno or 0 if imports else _after_docstring(tree)
    added = _imports(style, module, missing, bound).splitlines()
    if added and not imports and at:
        added.insert(0, "")
    inserts = {at: added} if added else {}
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    for wanted in (w for w in missing if w.group in classes):
        node = classes[wanted.group]
        indent = " " * node.body[0].col_offset
        line = lines[node.body[0].lineno - 1]
        indent = line[: len(line) - len(line.lstrip())] or indent
        body = _test(style, wanted, indent).rstrip("\n").split("\n")
        inserts.setdefault(node.end_lineno or 0, []).extend(["", *body])
    rest = [w for w in missing if w.group not in classes]
    main = _main_at(tree) or len(lines) + 1
    parts: tuple[list[str], list[str]] = (list(inserts.get(0, ())), [])
    for number, line in enumerate(lines, 1):
        parts[number >= main].extend([line, *inserts.get(number, ())])
    before, after = ("\n".join(part).rstrip("\n") for part in parts)
    texts = [before, *([_tests(style, rest).rstrip("\n")] if rest else []), after]
    return source.restore("\n\n\n".join(text for text in texts if text) + "\n")


def _main_at(tree: ast.Module) -> int:
    """The line of the `if __name__ == "__main__":` that the file ends with; 0 without one."""
    last = tree.body[-1] if tree.body else None
    is_main = isinstance(last, ast.If) and "__name__" in ast.unparse(last.test)
    return last.lineno if last is not None and is_main else 0


def _after_docstring(tree: ast.Module) -> int:
    if tree.body and ast.get_docstring(tree, clean=False) is not None:
        return tree.body[0].end_lineno or 0
    return 0
