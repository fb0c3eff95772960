"""What a text imports, line by line: the names by which its dependencies are known. Pure.

    imports_of(language, text) → [(line from 1, name)]: top level names; in Go the whole path, in
    Java and C# the first two parts

What a comment, a string or the text of a template says of imports is none; nor is a name of the
file's own tree ("./a", `crate::a`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from codexspark_tui.session.guards.languages import parsed
from codexspark_tui.session.guards.scripts import code_alone

_PYTHON = re.compile(r"^\s*(?:import\s+([A-Za-z_].*)|from\s+([A-Za-z_][\w.]*)\s+import\b)")
_JS = re.compile(
    r"\s*import\s*['\"]([^'\"]+)['\"]"
    r"|\s*(?:import|export)\b[^'\"=;]*\bfrom\s*['\"]([^'\"]+)['\"]"
    r"|[\w\s$,]*(?:\}\s*)?\bfrom\s*['\"]([^'\"]+)['\"]\s*(?:with\b.*|assert\b.*)?;?\s*(?://.*)?$"
)
_JS_COMMENT = re.compile(r"\s*(?://|/?\*)")
_JS_CALL = re.compile(
    # of the methods of that name only what Node has
    r"(?:\bmodule\??\.|\bglobalThis\??\.|(?<=\.\.\.)|(?<![\w$.#]))(?:require|import)"
    r"\s*\(\s*['\"`]([^'\"`$]+)['\"`]\s*[,)]"
)
_JS_NAME = re.compile(r"(?:@[\w.~-]+/)?[\w.~-]+\Z")
_GO_LINE = re.compile(r"^\s*(?:[\w.]+\s+)?[\"`]([\w./~-]+)[\"`]\s*(?://.*)?$")
_GO_ALONE = re.compile(r"^import\s+(?:[\w.]+\s+)?[\"`]([\w./~-]+)[\"`]")
_RUST = re.compile(
    r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:use\s+(?:::)?(?:(\w+)|\{([^;]*))|extern\s+crate\s+(\w+))"
)
_JAVA = re.compile(r"^\s*import\s+(?:static\s+)?(\w[\w.]*)")
_CSHARP = re.compile(
    r"^\s*(?:global\s+)?using\s+(?:static\s+|unsafe\s+)*(?:\w+\s*=\s*)?([A-Z_]\w*(?:\.\w+)*)\s*;"
)
_IMPORTING = ("import_module", "__import__")
_OWN_TREE = (".", "/", "#", "node:", "@/", "~/", "$", "virtual:", "bun:")


def imports_of(language: str, text: str) -> list[tuple[int, str]]:
    """`language` as `language_of` of this room names it; nothing for another one."""
    if language == "python" and (tree := parsed(text)) is not None:
        return list(_python(tree))
    lines = (code_alone(text) if language == "js" else text).split("\n")
    if language == "go":
        return list(_go(lines))
    read = {"python": _python_line, "js": _js, "rust": _rust, "java": _java, "csharp": _csharp}
    if language not in read:
        return []
    said = read[language]
    return [(n, name) for n, line in enumerate(lines, 1) for name in said(line) if name]


def _python(tree: ast.Module) -> Iterator[tuple[int, str]]:
    modules, functions, calls = {"importlib", "builtins"}, {"__import__"}, list[ast.Call]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.lineno, alias.name.split(".")[0]
                modules |= (
                    {alias.asname or ""} if alias.name in ("importlib", "builtins") else set()
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]
            if node.module in ("importlib", "builtins"):
                functions |= {a.asname or a.name for a in node.names if a.name in _IMPORTING}
        elif isinstance(node, ast.Call):
            calls.append(node)
    for call in calls:
        yield from _called(call, modules, functions)


def _called(call: ast.Call, modules: set[str], functions: set[str]) -> Iterator[tuple[int, str]]:
    """What a call imports, where its name is said outright."""
    match call.func:
        case ast.Name(id=name) if name in functions:
            pass
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            if module not in modules or name not in _IMPORTING:
                return
        case _:
            return
    said = call.args[:1] or [one.value for one in call.keywords if one.arg == "name"]
    match said:
        case [ast.Constant(value=str() as name, lineno=line)] if name[:1] not in ("", "."):
            yield line, name.split(".")[0]


def _python_line(line: str) -> list[str]:
    """For what cannot be parsed."""
    match = _PYTHON.match(line)
    if match is None:
        return []
    said = [match[2]] if match[2] else match[1].split("#")[0].rstrip("\\; ").split(",")
    names = [one.split()[0].split(".")[0] for one in said if one.strip()]
    return [name for name in names if name.isidentifier()]


def _js(line: str) -> list[str]:
    said, at = list[str](), 0
    while match := _JS.match(line, at):
        said += [group for group in match.groups() if group]
        at = match.end() + (line[match.end() : match.end() + 1] == ";")
    if not _JS_COMMENT.match(line):
        said += _JS_CALL.findall(line)
    return [_js_package(one) for one in said if not one.startswith(_OWN_TREE)]


def _js_package(said: str) -> str:
    """ "" for what no package can be called."""
    said = re.sub(r"^(?:npm:|jsr:|https?://)", "", said)
    parts = said.split("/")
    name = "/".join(parts[:2]) if said.startswith("@") else parts[0]
    return name if _JS_NAME.match(name) else ""


def _go(lines: list[str]) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(lines, 1):
        match = _GO_ALONE.match(line) or (_GO_LINE.match(line) if inside else None)
        if match and "." in match[1].split("/")[0]:
            yield number, match[1]
        inside = line.startswith("import (") or (inside and not line.startswith(")"))


def _rust(line: str) -> list[str]:
    match = _RUST.match(line)
    if match is None:
        return []
    if match[2] is None:
        return [match[1] or match[3]]
    depth, names = 0, list[str]()
    for part in re.findall(r"[{}]|[^{},]+", match[2]):
        depth += (part == "{") - (part == "}")
        found = re.match(r"\s*(\w+)", part) if depth == 0 else None
        names += [found[1]] if found else []
    return names


def _java(line: str) -> list[str]:
    match = _JAVA.match(line)
    return [".".join(match[1].split(".")[:2])] if match else []


def _csharp(line: str) -> list[str]:
    match = _CSHARP.match(line)
    return [".".join(match[1].split(".")[:2])] if match else []
