"""Structural search and replace with ast-grep. The library is loaded here, lazily.

A pattern is one piece of code; `$A` stands for one node, `$$$ARGS` for any number, and both may be
used in the rewrite. Where matches lie inside each other, the outermost is replaced, once.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING

from codexspark_tui.codemods.languages import LANGUAGES, language_for, language_named
from codexspark_tui.codemods.model import Answer, CannotDo, Edits, FileEdit, Replace
from codexspark_tui.codemods.sources import Library, Source
from codexspark_tui.codemods.splice import looseness
from codexspark_tui.codemods.swaps import Swap, apply_swaps
from codexspark_tui.counts import count

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# Languages in which every expression is a program, so that a pattern must parse by itself.
_STRICT = frozenset({"python", "javascript", "jsx", "typescript", "tsx", "ruby"})
_FAMILIES = {"javascript": ("javascript", "jsx"), "typescript": ("typescript", "tsx")}
_OPERATIONS = frozenset(
    {
        *("attribute", "await", "binary_operator", "boolean_operator", "comparison_operator"),
        *("conditional_expression", "not_operator", "subscript", "unary_operator"),
    }
)
_VARIABLE = re.compile(r"\$\$\$([A-Z_][A-Z0-9_]*)?|\$([A-Z_][A-Z0-9_]*)")


def replace(request: Replace, library: Library) -> Answer:
    """The replacements in all files of the language, or in the files asked for."""
    language = language_named(request.language)
    if language is None:
        return CannotDo(
            f"“{request.language}” is not a language that can be searched by structure",
            f"Use one of: {', '.join(sorted(LANGUAGES))}",
        )
    problem = _check(request, language)
    if problem is not None:
        return problem
    family = _FAMILIES.get(language, (language,))
    files = [p for p in library.select(request.files) if language_for(p) in family]
    if not files:
        where = f" in {', '.join(request.files)}" if request.files else ""
        return CannotDo(f"there are no {language} files{where}", "Name files or folders to search")
    edits, places = [], 0
    for path in files:
        source = library.source(path)
        if source is not None:
            swaps = _swaps(source, request, language_for(path) or language)
            after = source.restore(apply_swaps(source.plain, swaps))
            places += len(swaps)
            if after != source.text:
                edits.append(FileEdit(path, source.text, after))
    if not edits and language in _STRICT and _has_error(request.pattern, language):
        return _not_one_piece(request.pattern, language)
    found = f"{count(places, 'place')} in {count(len(edits), 'file')}"
    searched = count(len(files), "file")
    return Edits(
        tuple(edits),
        f"Replace {request.pattern} by {request.rewrite}: {found}"
        if edits
        else f"{request.pattern} is found nowhere in {searched}",
        f"ast-grep {version('ast-grep-py')}",
        skipped=tuple(sorted(library.skipped.items())),
    )


def _check(request: Replace, language: str) -> CannotDo | None:
    """Why the pattern or the rewrite cannot be used, if it cannot."""
    if not request.pattern.strip():
        return CannotDo("the pattern is empty", "Give a piece of code such as print($A)")
    known = {name for match in _VARIABLE.finditer(request.pattern) if (name := _name(match))}
    used = list(_VARIABLE.finditer(request.rewrite))
    unknown = [match.group() for match in used if _name(match) not in known]
    if unknown:
        return CannotDo(
            f"{unknown[0]} is in the rewrite but not in the pattern",
            "Use only variables that the pattern binds",
        )
    if _VARIABLE.fullmatch(request.pattern.strip()):
        return CannotDo(
            f"the pattern “{request.pattern}” matches everything", "Add the code around it"
        )
    try:
        _matches("", request.pattern, language)
    except (RuntimeError, ValueError, TypeError):
        return _not_one_piece(request.pattern, language)
    return None


def _not_one_piece(pattern: str, language: str) -> CannotDo:
    return CannotDo(
        f"the pattern “{pattern}” is not one piece of {language} code",
        "Give one whole expression or statement, for example print($A)",
    )


def _has_error(pattern: str, language: str) -> bool:
    from ast_grep_py import SgRoot

    root = SgRoot(_VARIABLE.sub("v", pattern), language).root()
    return root.find(kind="ERROR") is not None


def _name(match: re.Match[str]) -> str:
    name = match.group(1) or match.group(2) or ""
    return "" if name.startswith("_") else name


def _matches(plain: str, pattern: str, language: str) -> list[SgNode]:
    from ast_grep_py import SgRoot

    return SgRoot(plain, language).root().find_all(pattern=pattern)


def _swaps(source: Source, request: Replace, language: str) -> list[Swap]:
    swaps: list[Swap] = []
    end = 0
    found = _matches(source.plain, request.pattern, language)
    spans = sorted(
        ((n.range().start.index, n.range().end.index, n) for n in found),
        key=lambda span: (span[0], -span[1]),
    )
    for start, stop, node in spans:
        if start >= end and stop > start:
            swaps.append(
                Swap(start, stop, _rewritten(source.plain, node, request.rewrite, language))
            )
            end = stop
    return swaps


def _rewritten(plain: str, node: SgNode, rewrite: str, language: str) -> str:
    """`rewrite` with the matched text in place of its variables, indented like the match."""
    for match in list(_VARIABLE.finditer(rewrite)):
        if match.group(1) and not node.get_multiple_matches(match.group(1)):
            name = re.escape(match.group())
            rewrite = re.sub(rf",\s*{name}(?!\w)|{name}(?!\w)(\s*,\s*)?", "", rewrite)
    text = _VARIABLE.sub(lambda match: _value(plain, node, match, language), rewrite)
    if language == "python" and looseness(text) > looseness(node.text()) and _is_operand(node):
        text = f"({text})"
    if "\n" not in rewrite:
        return text
    start = node.range().start.index
    line_start = plain.rfind("\n", 0, start) + 1
    indent = re.match(r"[ \t]*", plain[line_start:start])
    return text.replace("\n", f"\n{indent.group() if indent else ''}")


def _value(plain: str, node: SgNode, match: re.Match[str], language: str) -> str:
    name = _name(match)
    if not name:
        return match.group()
    if match.group(1):
        several = node.get_multiple_matches(name)
        return plain[several[0].range().start.index : several[-1].range().end.index]
    one = node.get_match(name)
    text = match.group() if one is None else one.text()
    rewrite = match.string
    before, after = rewrite[: match.start()].rstrip()[-1:], rewrite[match.end() :].lstrip()[:1]
    enclosed = before in {"", *"([{,=:"} and after in {"", *")]},:;"}
    if language == "python" and not enclosed and looseness(text):
        return f"({text})"
    return text


def _is_operand(node: SgNode) -> bool:
    parent = node.parent()
    if parent is None:
        return False
    if parent.kind() == "call":
        function = parent.field("function")
        return function is not None and function.range().start == node.range().start
    return parent.kind() in _OPERATIONS
