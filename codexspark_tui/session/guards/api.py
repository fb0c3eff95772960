"""`--keep-api`: public names and their signatures stay. New ones may come.

Python by its tree: functions, classes, methods and constants without a leading underscore. The
other languages by their outline (`syntax`): what is public follows from a word at its definition
("export", "pub", "public"), from its name, or from the lack of a word that hides it. What an
outline cannot see (macros) is not judged.
"""

from __future__ import annotations

import ast
import functools
import re

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
_LISTED = re.compile(
    r"^\s*(?:export\s*\{([^}]*)\}|(?:module\.)?exports(?:\.(\w+)\s*=|\s*=\s*\{([^}]*)\}))", re.M
)
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
    other = [name for name in before if name in after and after[name] != before[name]]
    if not gone and not other:
        return []
    said = [f"{', '.join(gone)} would be gone"] if gone else []
    said += [f"{', '.join(other)} would have another signature"] if other else []
    return [Found("keep_api", "; ".join(said), _lines_of(subject, gone + other))]


def _lines_of(subject: Subject, names: list[str]) -> tuple[int, ...]:
    """The removed lines in which a definition of one of these names begins."""
    found = spans(subject.change.path, subject.before or "") or ()
    begins = {span.first for span in found if span.name in names}
    return tuple(index for index, number, _ in subject.numbered(True) if number in begins)


@functools.lru_cache(maxsize=16)
def _names(path: str, text: str, reading: int | None) -> dict[str, str]:
    """Public names and what they look like; nothing for what cannot be read.

    `reading`: of the grammar; None for Python's own tree, which sees more.
    """
    if reading is None:
        tree = parsed(text)
        return {} if tree is None else dict(_python(tree, ""))
    outlined = outline_of(path, text, reading)
    if outlined.how != "tree-sitter":
        return {}
    return dict(_outlined(outlined, text))


def _python(node: ast.Module | ast.ClassDef, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for child in _statements(node.body):
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


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements, and those inside `if` and `try` at the same level."""
    found: list[ast.stmt] = []
    for one in body:
        found.append(one)
        if isinstance(one, ast.If | ast.Try):
            found += _statements([*one.body, *one.orelse])
        if isinstance(one, ast.Try):
            found += _statements([x for handler in one.handlers for x in handler.body])
    return found


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name in ("__init__", "__call__", "__all__")


def _outlined(outlined: Outline, text: str) -> list[tuple[str, str]]:
    """Public names by an outline; overloads of one name are one, with all their heads."""
    lines = text.splitlines()
    listed = _exported(text) if outlined.language in _EXPORTING else frozenset()
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
            shown = within and _shows(outlined.language, symbol, head, listed)
        if symbol.kind in _PASSES_ON:
            open_to[symbol.dotted] = open_to.get(symbol.dotted, within)
            continue
        open_to[symbol.dotted] = shown and symbol.kind not in _SHUT  # what it defines is its own
        if shown:
            look = symbol.signature.split("=")[0] if symbol.kind in _VALUES else symbol.signature
            looks[symbol.dotted] = looks.get(symbol.dotted, "") + _NO_MATTER.sub("", look)
    return list(looks.items())


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


def _exported(text: str) -> frozenset[str]:
    """Names that a module exports by a list."""
    found = ["".join(part for part in match.groups() if part) for match in _LISTED.finditer(text)]
    return frozenset(re.findall(r"[A-Za-z_$][\w$]*", " ".join(found)))
