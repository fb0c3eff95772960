"""Where the comments of a text are: by a grammar, else by the signs that begin a line.

Without a grammar only comments that stand alone on their lines are found, in files whose kind says
how they begin: a `#` in a Markdown file is a heading.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from codexspark_tui.syntax import scripts
from codexspark_tui.syntax.languages import Language, language_of
from codexspark_tui.syntax.model import Comment
from codexspark_tui.syntax.outline import too_much

_HASH = re.compile(r"(?m)^[ \t]*(#[^\r\n]*)")
_DASHES = re.compile(r"(?m)^[ \t]*(--[^\r\n]*)")
_SEMICOLON = re.compile(r"(?m)^[ \t]*(;[^\r\n]*)")
_PERCENT = re.compile(r"(?m)^[ \t]*(%[^\r\n]*)")
_SLASHES = re.compile(r"(?m)^[ \t]*(//[^\r\n]*)")
_MARKUP = re.compile(r"(<!--[^\r\n]*-->)")
_BY_SUFFIX: dict[str, re.Pattern[str]] = {
    **dict.fromkeys((".yaml", ".yml", ".toml", ".cfg", ".conf", ".r", ".mk", ".cmake"), _HASH),
    **dict.fromkeys((".tf", ".nix", ".ex", ".exs", ".pl", ".pm", ".py", ".rb", ".sh"), _HASH),
    **dict.fromkeys((".jl", ".fish", ".nim", ".graphql", ".awk", ".tcl", ".properties"), _HASH),
    **dict.fromkeys((".hs", ".elm", ".sql", ".lua", ".adb", ".ads", ".vhd", ".vhdl"), _DASHES),
    **dict.fromkeys((".ini", ".el", ".lisp", ".clj", ".cljs", ".edn", ".scm", ".asm"), _SEMICOLON),
    **dict.fromkeys((".tex", ".sty", ".erl", ".hrl", ".m", ".bib"), _PERCENT),
    **dict.fromkeys((".md", ".markdown", ".xml", ".svg", ".html", ".htm", ".xsl"), _MARKUP),
    **dict.fromkeys((".vue", ".svelte"), _MARKUP),
    **dict.fromkeys((".js", ".ts", ".go", ".rs", ".java", ".c", ".h", ".cpp", ".cs"), _SLASHES),
    **dict.fromkeys((".kt", ".swift", ".scala", ".php", ".dart", ".zig", ".proto"), _SLASHES),
    **dict.fromkeys((".scss", ".less", ".groovy", ".gradle", ".jsonc", ".sol", ".fs"), _SLASHES),
}
_BY_NAME = dict.fromkeys(
    ("Makefile", "makefile", "GNUmakefile", "Dockerfile", "CMakeLists.txt", "justfile"), _HASH
)


def comments(path: str, text: str) -> list[Comment]:
    """The comments of `text`, the content of a file named `path`, in their order."""
    language = language_of(path)
    data = text.encode("utf-8", "surrogatepass")
    if too_much(data):
        return []
    if language is not None and language.module:
        found = _by_grammar(language, data)
        if found is not None:
            return [_in_characters(data, start, end) for start, end in found]
    return _by_signs(path, text)


def _by_grammar(language: Language, data: bytes) -> list[tuple[int, int]] | None:
    """Ranges of bytes; None where there is no grammar, or it takes too long."""
    from codexspark_tui.syntax import grammar

    try:
        found = grammar.comments(language, data)
        if found is not None and language.scripted:
            for inner, script in scripts.inside(data):
                found += grammar.comments(inner, script) or []
    except grammar.TookTooLong:
        return None
    return sorted(found) if found is not None else None


def _in_characters(data: bytes, start: int, end: int) -> Comment:
    before = data[:start].decode("utf-8", "surrogatepass")
    text = data[start:end].decode("utf-8", "surrogatepass").rstrip()
    return Comment(before.count("\n") + 1, len(before), text)


def _by_signs(path: str, text: str) -> list[Comment]:
    name = PurePosixPath(path).name
    sign = _BY_NAME.get(name) or _BY_SUFFIX.get(PurePosixPath(name).suffix.lower())
    if sign is None:
        return []
    return [
        Comment(text.count("\n", 0, found.start(1)) + 1, found.start(1), found[1].rstrip())
        for found in sign.finditer(text)
    ]
