"""The line scanner: definitions by what lines look like, where there is no grammar. Pure.

What it knows: R's `name <- function(…)`, `setClass("Name"`, `setGeneric`, `setMethod`, R6 classes;
and for any other language lines that begin with a word like def, class, fn, struct, after words
like export or public. What it cannot know: where a definition ends (it is taken to reach to the
next one that is not indented more), definitions over several lines, names inside strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from codexspark_tui.syntax.model import Outline, Reference, Symbol

LONGEST_SIGNATURE = 160
_LONGEST_LINE = 1000
_SCANNED = frozenset(
    [
        ".dart",
        ".ex",
        ".exs",
        ".erl",
        ".hrl",
        ".hs",
        ".ml",
        ".mli",
        ".fs",
        ".fsx",
        ".clj",
        ".cljs",
        ".zig",
        ".nim",
        ".cr",
        ".groovy",
        ".gradle",
        ".pl",
        ".pm",
        ".tcl",
        ".vb",
        ".pas",
        ".f90",
        ".jl",
        ".sol",
        ".proto",
        ".graphql",
        ".thrift",
        ".tf",
        ".hcl",
        ".d",
        ".vala",
        ".mm",
    ]
)
_MODIFIERS = (
    r"(?:(?:export|default|pub(?:\([^)]{0,40}\))?|public|private|protected|internal|static|final"
    r"|abstract|async|override|open|sealed|virtual|inline|extern|unsafe|data|partial)\s+)*"
)
_GENERIC = re.compile(
    rf"(?P<indent>\s*){_MODIFIERS}(?P<kind>def|defp|defmodule|class|function|fn|func|fun|proc|sub"
    r"|struct|enum|trait|impl|interface|type|module|namespace|record|object|protocol|extension"
    r"|mixin|message|service|resource|contract|macro|template)\b[\s*&]+(?P<name>[\w.:$]+)"
)
_R = (
    re.compile(r"(?P<indent>\s*)(?P<name>[\w.]+|`[^`]+`)\s*(?:<-|<<-|=)\s*(?P<kind>function)\s*\("),
    re.compile(
        r"(?P<indent>\s*)(?:[\w.]+\s*(?:<-|=)\s*)?(?P<kind>setClass|setRefClass|setGeneric|setMethod"
        r"|R6Class|R6::R6Class)\(\s*[\"'](?P<name>[\w.]+)[\"']"
    ),
)
_KINDS = {
    **dict.fromkeys(("def", "defp", "fn", "func", "fun", "proc", "sub"), "function"),
    **dict.fromkeys(("setClass", "setRefClass", "R6Class", "R6::R6Class"), "class"),
    **dict.fromkeys(("setGeneric", "setMethod"), "method"),
    **dict.fromkeys(("defmodule", "namespace"), "module"),
}


def outline(path: str, text: str, language: str = "") -> Outline:
    """What looks like a definition. `how` is "none" for files that are no code as far as known."""
    suffix = PurePosixPath(path).suffix.lower()
    if not language and suffix not in _SCANNED:
        return Outline("", "none")
    patterns = _R if language == "r" else (_GENERIC,)
    found = list(_found(text, patterns))
    last = text.count("\n") + (not text.endswith("\n"))
    symbols = [
        Symbol(name, kind, line, _end(found, at, last), signature)
        for at, (line, _, name, kind, signature) in enumerate(found)
    ]
    note = "there is no grammar for it; read by what its lines look like"
    return Outline(language or suffix[1:], "lines", tuple(symbols), note=note)


def references(text: str, name: str) -> list[Reference]:
    """Where the word `name` stands, wherever that is."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return [
        Reference(name, number, hit.start())
        for number, line in enumerate(text.split("\n"), 1)
        for hit in word.finditer(line[:_LONGEST_LINE])
    ]


_Row = tuple[int, int, str, str, str]


def _found(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[_Row]:
    """Line, indent, name, kind, signature."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST_LINE:
            continue
        for pattern in patterns:
            hit = pattern.match(line)
            if hit is not None:
                kind = _KINDS.get(hit["kind"], hit["kind"])
                signature = line.strip().rstrip("{").rstrip()[:LONGEST_SIGNATURE]
                yield number, len(hit["indent"]), hit["name"].strip("`"), kind, signature
                break


def _end(found: list[_Row], at: int, last: int) -> int:
    for line, indent, *_ in found[at + 1 :]:
        if indent <= found[at][1]:
            return line - 1
    return last
