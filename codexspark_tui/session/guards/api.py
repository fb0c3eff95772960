"""`--keep-api`: public names and their signatures stay. New ones may come.

Python by its tree: functions, classes, methods and constants without a leading underscore. JS and
TypeScript, Go, Rust, Java and C# by a scanner: lines that begin an exported definition, up to their
brace. What a scanner cannot see (overloads by type alone, macros) is not judged.
"""

from __future__ import annotations

import ast
import re

from codexspark_tui.session.guards.languages import language_of, parsed
from codexspark_tui.session.guards.subject import Found, Subject

_EXPORTED = {
    "js": r"export\s+(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?:function\s*\*?|class|interface|type|enum|const|let|var)\s+(\w+)|exports\.(\w+)\s*=",
    "go": r"func\s+((?:\([^)]*\)\s*)?[A-Z]\w*)|(?:type|var|const)\s+([A-Z]\w*)",
    "rust": r"\s*pub\s+(?:async\s+|unsafe\s+|const\s+|extern\s+\"\w+\"\s+)*"
    r"(?:fn|struct|enum|trait|type|const|static|mod|union)\s+(\w+)",
    "java": r"\s*(?:public|protected)\s+[^=;{(]*?(\w+)\s*(?=[({=;]|extends|implements)",
    "csharp": r"\s*(?:public|protected)\s+[^=;{(]*?(\w+)\s*(?=[({=;:]|=>)",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _EXPORTED.items()}
_HAS_VALUE = re.compile(r"(?:export\s+|pub\s+)?(?:const|let|var|static)\s|exports\.|\w+\s*=[^=>]")


def api_changes(subject: Subject) -> list[Found]:
    path = subject.change.path
    language = language_of(path)
    before = _names(subject.before or "", language) if subject.before else {}
    if subject.path != path and any(before):
        return [Found("keep_api", f"{path} with its public names moves")]
    after = _names(subject.after or "", language)
    if language == "python" and parsed(subject.after or "") is None:
        return []  # the guard of the syntax says that
    gone = [name for name in before if name not in after]
    other = [name for name in before if name in after and after[name] != before[name]]
    if not gone and not other:
        return []
    said = [f"{', '.join(gone)} would be gone"] if gone else []
    said += [f"{', '.join(other)} would have another signature"] if other else []
    return [Found("keep_api", "; ".join(said))]


def _names(text: str, language: str) -> dict[str, str]:
    """Public names and what they look like; nothing for what cannot be read."""
    if language == "python":
        tree = parsed(text)
        return {} if tree is None else dict(_python(tree, ""))
    if language not in _PATTERNS:
        return {}
    return _scanned(text, language)


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
    return found


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name in ("__init__", "__call__", "__all__")


def _scanned(text: str, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    lines = text.splitlines()
    for at, line in enumerate(lines):
        match = _PATTERNS[language].match(line)
        if match:
            name = next(group for group in match.groups() if group)
            found[name] = found.get(name, "") + _head(lines, at)
    return found


def _head(lines: list[str], at: int) -> str:
    """The definition up to its brace, as one line with single spaces; of a value its name only."""
    if _HAS_VALUE.match(lines[at].strip()):
        return lines[at].split("=")[0].strip()
    said = ""
    for line in lines[at : at + 30]:
        said += " " + re.sub(r"//.*", "", line).strip()
        if re.search(r"[{;]|=>|\bwhere\b", line):
            break
    return re.sub(r"\s+", "", re.split(r"\{|;|=>", said)[0])
