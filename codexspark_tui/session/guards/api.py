"""`--keep-api`: public names and their signatures stay. New ones may come, but for members that
whoever implements a public interface must now have.

Python by its tree: functions, classes, methods and constants without a leading underscore. The
other languages by their outline (`syntax`): what is public follows from a word at its definition
("export", "pub", "public"), from its name, or from the lack of a word that hides it. What an
outline cannot see (macros) is not judged.
"""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter

from codexspark_tui.session.guards.exports import (
    EXPORTED,
    Lists,
    exported_by_python,
    exported_by_script,
    statements,
)
from codexspark_tui.session.guards.languages import (
    can_be_parsed,
    language_of,
    outline_of,
    parsed,
    reading_of,
    spans,
)
from codexspark_tui.session.guards.subject import Found, Subject
from codexspark_tui.syntax.model import Outline, Symbol

_HIDING = re.compile(
    r"\b(?:private|fileprivate|internal|static\s+(?:inline\s+)?(?=\w+\s+\*?\w+\())"
)
_ALSO = "\0"  # between the looks of one name
_PASSES_ON = ("impl", "module", "namespace", "extension")
_SHUT = ("function", "method", "constructor")
_VALUES = ("variable", "constant", "field", "property")


def api_changes(subject: Subject) -> list[Found]:
    path = subject.change.path
    texts = [text for text in (subject.before, subject.after) if text]
    by_tree = language_of(path) == "python" and all(parsed(text) is not None for text in texts)
    how = None if by_tree else reading_of(path, *texts)
    before = _names(path, subject.before, how) if subject.before else {}
    if subject.path != path and any(before):
        return [Found("keep_api", f"{path} with its public names moves")]
    after = _names(path, subject.after or "", how)
    if language_of(path) == "python" and not can_be_parsed(subject.after or ""):
        return []  # the guard of the syntax says that
    gone = [name for name in before if name not in after]
    if by_tree:
        gone = _unlisted(subject, before, gone)
    other = [name for name in before if _differs(before[name], after.get(name, EXPORTED))]
    asked = _asked_for(subject, how, [name for name in after if name not in before])
    said = [f"{', '.join(gone)} would be gone"] if gone else []
    said += [f"{', '.join(other)} would have another signature"] if other else []
    said += [f"{', '.join(asked)} would be asked of all who implement it"] if asked else []
    if not said:
        return []
    lines = _lines_of(subject, gone + other, True) + _lines_of(subject, asked, False)
    return [Found("keep_api", "; ".join(said), lines)]


def _differs(old: str, new: str) -> bool:
    """Whether a look that the name had is gone; one more is one more overload, or branch. What
    comes from another file, then or now, has a look that is not known here."""
    if EXPORTED in (old, new):
        return False
    return not Counter(old.split(_ALSO)) <= Counter(new.split(_ALSO))


def _unlisted(subject: Subject, before: dict[str, str], gone: list[str]) -> list[str]:
    """What goes, with what goes from `__all__` though it is still defined; of that which only
    stood there nothing, where `__all__` is now made of what is not known here."""
    old, new = (exported_by_python(text or "") for text in (subject.before, subject.after))
    if not new.whole:
        return [name for name in gone if before[name] != EXPORTED]
    if not new.listed:
        return gone
    return list(dict.fromkeys([*gone, *(name for name in old.listed if name not in new.listed)]))


def _asked_for(subject: Subject, how: int | None, new: list[str]) -> list[str]:
    """Of the new names those that whoever implements a type that was there must now have."""
    if how is None or not new or not subject.before or not subject.after:
        return []
    path = subject.change.path
    old = outline_of(path, subject.before, how).symbols
    asking = {symbol.dotted for symbol in old if symbol.kind in ("interface", "trait")}
    outlined = outline_of(path, subject.after, how)
    added = [s for s in outlined.symbols if s.dotted in new and s.parent in asking]
    return [s.dotted for s in added if _is_required(outlined.language, s)]


def _is_required(language: str, member: Symbol) -> bool:
    words = member.signature.split()
    match language:
        case "go":
            return True
        case "typescript" | "tsx":
            return re.search(rf"{re.escape(member.name)}\s*\?", member.signature) is None
        case "java" | "csharp" | "rust":  # what has a body of its own is optional
            return member.signature.endswith(";") and "static" not in words
        case _:
            return False


def _lines_of(subject: Subject, names: list[str], old: bool) -> tuple[int, ...]:
    """The removed (or added) lines in which a definition of one of these names begins."""
    text = subject.before if old else subject.after
    found = (spans(subject.change.path, text or "") or ()) if names else ()
    begins = {span.first for span in found if span.name in names}
    return tuple(index for index, number, _ in subject.numbered(old) if number in begins)


@functools.lru_cache(maxsize=16)
def _names(path: str, text: str, reading: int | None) -> dict[str, str]:
    """Public names and what they look like; nothing for what cannot be read.

    `reading`: of the grammar; None for Python's own tree, which sees more.
    """
    if reading is None:
        tree = parsed(text)
        if tree is None:
            return {}
        looks: dict[str, str] = {}
        for name, look in _python(tree, ""):
            looks[name] = _with(looks.get(name), look)
        return dict.fromkeys(exported_by_python(text).names, EXPORTED) | looks
    outlined = outline_of(path, text, reading)
    if outlined.how != "tree-sitter":
        return {}
    return dict(_outlined(outlined, text))


def _python(node: ast.Module | ast.ClassDef, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for child in statements(node.body):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if _is_public(child.name):
                kind = "async " if isinstance(child, ast.AsyncFunctionDef) else ""
                returns = f" -> {ast.unparse(child.returns)}" if child.returns else ""
                marks = [ast.unparse(d) for d in child.decorator_list]
                kept = [m for m in marks if m in ("property", "staticmethod", "classmethod")]
                look = f"{kept}{kind}({ast.unparse(child.args)}){returns}"
                found.append((prefix + child.name, look))
            case ast.ClassDef() if _is_public(child.name):
                bases = ", ".join(ast.unparse(base) for base in child.bases)
                found.append((prefix + child.name, f"class({bases})"))
                found += _python(child, f"{prefix}{child.name}.")
            case ast.Assign(targets=targets):
                named = [t.id for t in targets if isinstance(t, ast.Name)]
                found += [(prefix + name, "value") for name in named if _is_public(name)]
            case ast.AnnAssign(target=ast.Name(id=name)) if _is_public(name):
                found.append((prefix + name, "value"))
    return found


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name in ("__init__", "__call__", "__all__")


def _outlined(outlined: Outline, text: str) -> list[tuple[str, str]]:
    """Public names by an outline; overloads of one name are one, with all their heads."""
    lines = text.splitlines()
    lists = exported_by_script(text) if outlined.language in _EXPORTING else Lists()
    open_to: dict[str, bool] = {}
    kinds: dict[str, str] = {}
    looks: dict[str, str] = {}
    for symbol in outlined.symbols:
        within = open_to.get(symbol.parent, True)
        head = f"{_before(symbol, lines)} {symbol.signature}"
        kinds.setdefault(symbol.dotted, symbol.kind)
        if symbol.kind in _MEMBERS and not symbol.parent:
            continue  # of a type that has no members of its own, by its grammar
        if outlined.language in _SAYING and kinds.get(symbol.parent) in _ALL_PUBLIC:
            shown = within and "private" not in head.split()
        else:
            shown = within and _shows(outlined.language, symbol, head, lists.inner)
        if symbol.kind in _PASSES_ON:
            open_to[symbol.dotted] = open_to.get(symbol.dotted, within)
            continue
        open_to[symbol.dotted] = shown and symbol.kind not in _SHUT  # what it defines is its own
        if shown:
            look = symbol.signature.split("=")[0] if symbol.kind in _VALUES else symbol.signature
            looks[symbol.dotted] = _with(looks.get(symbol.dotted), _NO_MATTER.sub("", look))
    return [*dict.fromkeys(lists.names, EXPORTED).items(), *lists.renamed(looks)]


def _with(looks: str | None, look: str) -> str:
    return look if looks is None else f"{looks}{_ALSO}{look}"


def _before(symbol: Symbol, lines: list[str]) -> str:
    """What stands before a definition in its line ("export")."""
    line = lines[symbol.line - 1] if symbol.line <= len(lines) else ""
    start = line.find(symbol.signature[:40]) if symbol.signature else -1
    return _STATEMENT_ENDS.split(line[:start] if start >= 0 else line)[-1]


_STATEMENT_ENDS = re.compile(r"[;{}]")
_NO_MATTER = re.compile(r"\s+|;$|,(?=\s*[)\]}>])")
_MEMBERS = ("field", "property")
_ALL_PUBLIC = ("interface", "trait", "enum")  # what others see of it need not say so itself
_EXPORTING = ("javascript", "typescript", "tsx", "jsx")
_SAYING = {"java": ("public", "protected"), "csharp": ("public", "protected"), "rust": ("pub",)}


def _shows(language: str, symbol: Symbol, head: str, listed: frozenset[str]) -> bool:
    """Whether others can name it, by the customs of its language."""
    if symbol.name.startswith(("_", "#")):
        return False
    words = head.replace("(", " ( ").split()
    match language:
        case "go":
            return symbol.name[:1].isupper()
        case "java" | "csharp" | "rust":
            hidden = "pub (" in " ".join(words)
            return not hidden and any(word in _SAYING[language] for word in words)
        case _ if language in _EXPORTING:
            if symbol.parent:
                return "private" not in words
            return "export" in words or symbol.name in listed
        case _:
            return _HIDING.search(head) is None
