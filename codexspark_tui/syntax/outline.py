"""The outline of a text, and where it uses a name: by a grammar, else by the line scanner.

True here: nothing raises for what a text holds; a text over the limits of size is not parsed, one
that takes too long is given up, and the outline says so. A parser that crashes takes its process
along: whoever reads files that nobody vouches for does it in a worker process (the index does).
"""

from __future__ import annotations

from codexspark_tui.syntax import lines, scripts
from codexspark_tui.syntax.languages import Language, language_of
from codexspark_tui.syntax.model import Fault, Outline, Reference, Symbol

LARGEST_BYTES = 2 * 1024 * 1024
LONGEST_S = 2.0  # a file of 2 MB takes 0.6
TOO_LONG = "its grammar takes too long"
LONGEST_LINE_BYTES = 20_000  # code that a person wrote has none; minified text has


def outline(
    path: str,
    text: str,
    *,
    language: Language | None = None,
    within_s: float = LONGEST_S,
    heads: bool = False,
) -> Outline:
    """What `text`, the content of a file named `path`, defines.

    `language` where its name does not tell it; `within_s`: of the thread's own time; `heads`:
    members of types are among them, and signatures are whole, to be compared.
    """
    language = language or language_of(path)
    if language is None:
        return lines.outline(path, text)
    data = text.encode("utf-8", "surrogatepass")
    why = too_much(data)
    if why:
        return Outline(language.name, "none", note=why)
    if not language.module:
        return lines.outline(path, text, language.name)
    from codexspark_tui.syntax import grammar

    try:
        found = grammar.outline(language, data, within_s, heads=heads)
        if found is not None and language.scripted:
            found = _with_script(found, data)
    except grammar.TookTooLong:
        scanned = lines.outline(path, text, language.name)
        return Outline(language.name, "lines", scanned.symbols, True, TOO_LONG)
    if found is None:
        scanned = lines.outline(path, text, language.name)
        return Outline(language.name, "lines", scanned.symbols, note="its grammar is not installed")
    return found


def references(path: str, text: str, name: str = "") -> list[Reference]:
    """Where `text` uses names (only `name`, where one is given), definitions left out."""
    language = language_of(path)
    data = text.encode("utf-8", "surrogatepass")
    if language is None or not language.module or too_much(data):
        return lines.references(text, name) if name else []
    from codexspark_tui.syntax import grammar

    try:
        return grammar.references(language, data, name)
    except grammar.TookTooLong:
        return lines.references(text, name) if name else []


def faults(path: str, text: str, most: int = 20) -> list[Fault] | None:
    """Where `text` is no proper text of its language, the first `most` places.

    None where that cannot be told: no grammar, too large, too slow. Grammars lag behind languages
    and know no preprocessor: compare with the faults that the text had before.
    """
    language = language_of(path)
    data = text.encode("utf-8", "surrogatepass")
    if language is None or not language.module or too_much(data):
        return None
    from codexspark_tui.syntax import grammar

    try:
        return grammar.faults(language, data, most)
    except grammar.TookTooLong:
        return None


def too_much(data: bytes) -> str:
    """Why a text is not parsed, "" if it is."""
    if len(data) > LARGEST_BYTES:
        return f"it is larger than {LARGEST_BYTES >> 20} MB"
    if b"\0" in data:
        return "it is binary"
    if max(map(len, data.split(b"\n"))) > LONGEST_LINE_BYTES:
        return "it has a line that no person wrote"
    return ""


def _with_script(found: Outline, data: bytes) -> Outline:
    """The outline with what the scripts inside the markup define, in the order of lines."""
    from codexspark_tui.syntax import grammar

    symbols: list[Symbol] = list(found.symbols)
    broken = found.broken
    for language, script in scripts.inside(data):
        inner = grammar.outline(language, script)
        if inner is not None:
            symbols += inner.symbols
            broken = broken or inner.broken
    symbols.sort(key=lambda s: (s.line, -s.end_line))
    return Outline(found.language, found.how, tuple(symbols), broken, found.note)
