"""Makes a function of some lines, with rope. Imported lazily: rope is loaded here."""

from __future__ import annotations

import ast
from importlib.metadata import version

from rope.refactor.extract import ExtractMethod

from codexspark_tui.codemods.layout import with_blank_lines, with_spaces, with_tabs
from codexspark_tui.codemods.model import Answer, CannotDo, Edits, Extract, FileEdit
from codexspark_tui.codemods.naming import check_identifier
from codexspark_tui.codemods.packages import Packages
from codexspark_tui.codemods.regions import (
    nearest_range,
    trimmed,
    whole_statements,
    without_comments,
)
from codexspark_tui.codemods.rope_project import RopeFailed, changed_texts, explain, open_project
from codexspark_tui.codemods.scan import Lines
from codexspark_tui.codemods.sources import Library, Source, normal
from codexspark_tui.codemods.symbols import in_file


def extract(request: Extract, library: Library) -> Answer:
    """The lines as a function (a method, inside a class) that is called in their place."""
    path = normal(request.path)
    source, tree = library.source(path), library.tree(path) if path.endswith(".py") else None
    if source is None or tree is None:
        why = library.skipped.get(path, "it is not a Python file")
        return CannotDo(f"{request.path} cannot be used: {why}", "Name a Python file")
    problem = check_identifier(request.name) or _check_lines(request, source)
    if problem is not None:
        return problem
    lines = Lines(source.plain)
    first, last = trimmed(request.first, request.last, lines)
    statements = whole_statements(tree, *without_comments(first, last, lines))
    problem = _check_statements(tree, first, last, statements) or _check_free(
        request.name, source, tree
    )
    if problem is not None:
        return problem
    return _extracted(request, library, source, (first, last))


def _check_lines(request: Extract, source: Source) -> CannotDo | None:
    total = source.plain.count("\n") + (not source.plain.endswith("\n"))
    if 1 <= request.first <= request.last <= total:
        return None
    return CannotDo(
        f"there are no lines {request.first}–{request.last} in {source.path}",
        f"It has lines 1–{total}",
    )


def _check_statements(
    tree: ast.Module, first: int, last: int, statements: list[ast.stmt]
) -> CannotDo | None:
    if not statements:
        near = nearest_range(tree, first, last)
        step = f"The nearest whole range is {near[0]}-{near[1]}" if near else "Choose other lines"
        return CannotDo(f"lines {first}–{last} are not whole statements", step)
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await):
                return CannotDo(
                    f"line {node.lineno} has a yield or await that would leave its function",
                    "Choose lines without it",
                )
            if isinstance(node, ast.Nonlocal | ast.Global):
                return CannotDo(
                    f"line {node.lineno} declares an outer name, which does not move with it",
                    "Choose lines without it",
                )
    return None


def _check_free(name: str, source: Source, tree: ast.Module) -> CannotDo | None:
    taken = in_file(source, tree, "", name)
    if not taken:
        return None
    return CannotDo(
        f"the name “{name}” is already used in {source.path}:{taken[0].line}",
        "Choose another name for the new function",
    )


def _extracted(request: Extract, library: Library, source: Source, span: tuple[int, int]) -> Answer:
    first, last = span
    spaced = with_spaces(source.plain)
    lines = Lines(spaced)
    begin = lines.texts[first - 1]
    start = lines.offset(first, len(begin) - len(begin.lstrip()))
    end = lines.offset(last, len(lines.texts[last - 1]))
    project = open_project(library, Packages(library))
    project.instead[source.path] = spaced
    try:
        rope = ExtractMethod(project, project.get_resource(source.path), start, end)
        changed = dict(changed_texts(rope.get_changes(request.name)))
    except RopeFailed as error:
        return CannotDo(
            f"lines {first}–{last} cannot become a function: {explain(error)}",
            "Choose whole statements without a return or break that leaves them",
        )
    after = with_blank_lines(changed.get(source.path, spaced), request.name)
    if after is None:
        return CannotDo(
            f"rope could not make a function of lines {first}–{last}", "Choose other lines"
        )
    has_tabs = source.plain.split("\n")[first - 1].startswith("\t")
    text = source.restore(with_tabs(source.plain, spaced, after, tabs=has_tabs))
    return Edits(
        (FileEdit(source.path, source.text, text),),
        f"Extract lines {first}–{last} of {source.path} into {request.name}",
        f"rope {version('rope')}",
    )
