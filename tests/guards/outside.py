"""Source trees of outside projects that lie on this machine, and edits of their files: honest ones,
by which no guard may be troubled, and ones that break a rule.

Nothing is kept of the trees; which files are taken follows from a seed. They come with a Python, a
Go, a Java, a Rust and an npm; more are looked for in the folder that NODE_TOOLS names (packages
that hold TypeScript: rxjs, effect, @blueprintjs/core) and in those that OUTSIDE_SOURCES names, with
":" between them (unpacked source packages: of Json.NET, NUnit, pythonnet for C#, of ruff for Rust).
"""

from __future__ import annotations

import ast
import functools
import os
import random
import re
import shutil
import subprocess
import sysconfig
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from codexspark_tui.session.guards.languages import outline_of, spans

LONGEST = 120_000
SHORTEST = 400
TREES = [Path(one) for one in os.environ.get("OUTSIDE_SOURCES", "").split(os.pathsep) if one]
NODE = Path(os.environ.get("NODE_TOOLS", "/nowhere")) / "node_modules"
CARGO = Path(os.environ.get("CARGO_HOME", str(Path.home() / ".cargo")))  # before a test's own home
ENDINGS = ("py", "go", "js", "java", "ts", "tsx", "rs", "cs")
_NOT_CODE = frozenset(("testdata", "fixtures", "resources"))  # made to be wrong
_LOCAL = {
    "go": re.compile(r"^\s+(\w+) := "),
    "js": re.compile(r"^\s+(?:let|const|var) (\w+) = "),
    "java": re.compile(r"^\s+(?:final )?(?:int|long|String|boolean|char|var) (\w+) = "),
    "ts": re.compile(r"^\s+(?:let|const|var) (\w+)(?:: [^=]+)? = "),
    "rs": re.compile(r"^\s+let (?:mut )?(\w+)(?:: [^=]+)? = "),
    "cs": re.compile(r"^\s+(?:int|long|string|bool|char|var|object) (\w+) = "),
}
_HELPER = {
    "py": "\n\ndef _helper_of_the_test(value):\n    return value\n",
    "go": "\nfunc helperOfTheTest(value int) int {\n\treturn value\n}\n",
    "js": "\nfunction helperOfTheTest(value) {\n  return value;\n}\n",
    "java": "\nclass HelperOfTheTest {\n}\n",
    "ts": "\nfunction helperOfTheTest(value: number): number {\n  return value;\n}\n",
    "rs": "\nfn helper_of_the_test(value: i32) -> i32 {\n    value\n}\n",
    "cs": "\ninternal class HelperOfTheTest\n{\n}\n",
}
_IMPORT = {
    "py": "import stranger_of_the_test\n",
    "go": 'import "example.com/stranger"\n',
    "js": 'import stranger from "stranger-of-the-test";\n',
    "java": "import com.stranger.Thing;\n",
    "ts": 'import stranger from "stranger-of-the-test";\n',
    "rs": "use stranger_of_the_test::Thing;\n",
    "cs": "using Stranger.Thing;\n",
}
_PARAMETER = {"java": "int added", "cs": "int added", "ts": "added: number", "rs": "added: i32"}


@dataclass(frozen=True)
class Source:
    """`path` from the folder in which its trees lie, `folder`; None for what lies in an archive."""

    path: str
    text: str
    folder: Path | None = None

    @property
    def ending(self) -> str:
        ending = self.path.rpartition(".")[2]
        return "ts" if ending == "tsx" else ending


Edit = Callable[[Source, random.Random], str | None]
"""The text after it; None where the file has no place for it."""


# -- trees -----------------------------------------------------------------------------------------


def sources(ending: str, most: int, seed: int = 7) -> list[Source]:
    """So many files of a language, of the trees that are there."""
    found: list[Source] = []
    pending = sorted(_named(ending), key=lambda one: one[0])
    random.Random(seed).shuffle(pending)
    for path, read, folder in pending:
        text = read()
        if text is not None and SHORTEST < len(text) < LONGEST and "\r" not in text:
            found.append(Source(path, text, folder))
        if len(found) == most:
            break
    return found


Named: TypeAlias = tuple[str, Callable[[], str | None], Path | None]


def _named(ending: str) -> list[Named]:
    if ending == "java":
        return list(_in_archive())
    return [
        (str(path.relative_to(root)), functools.partial(_text, path), root)
        for root in _roots(ending)
        for path in root.rglob(f"*.{ending}")
        if path.is_file() and _NOT_CODE.isdisjoint(path.parts) and _is_written(path.name)
    ]


def _is_written(name: str) -> bool:
    """Not what a machine made of other files."""
    return not any(part in name for part in (".min.", ".d.ts", ".designer.", ".Designer."))


def _roots(ending: str) -> list[Path]:
    found = list(TREES)
    match ending:
        case "py":
            found.append(Path(sysconfig.get_paths()["purelib"]))
        case "go":
            found += _said(("go", "env", "GOROOT"), "src")
        case "js":
            found += _said(("npm", "root", "-g"), "")
        case "ts" | "tsx":
            found.append(NODE)
        case "rs":
            found += [CARGO / "registry/src", Path("/usr/share/cargo/registry")]
            found += _said(("rustc", "--print", "sysroot"), "lib/rustlib/src")
    return [root for root in found if root.is_dir()]


def _said(command: tuple[str, ...], below: str) -> list[Path]:
    """The folder that a tool names."""
    if shutil.which(command[0]) is None:
        return []
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return [Path(said) / below] if said else []


def _in_archive() -> Iterator[Named]:
    """The sources that come with a Java."""
    for archive in sorted(Path("/usr/lib/jvm").glob("*/lib/src.zip")):
        if archive.exists():
            opened = _opened(archive)
            for name in opened.namelist():
                if name.startswith("java.base/java/") and name.endswith(".java"):
                    yield name, functools.partial(_member, opened, name), None
            return


def _member(opened: zipfile.ZipFile, name: str) -> str:
    return opened.read(name).decode("utf-8", "replace")


@functools.cache
def _opened(archive: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(archive)


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


# -- honest edits ----------------------------------------------------------------------------------


def add_helper(source: Source, _: random.Random) -> str | None:
    """A new function that others cannot see, at the end."""
    text = source.text if source.text.endswith("\n") else source.text + "\n"
    return text + _HELPER[source.ending]


def comment_before(source: Source, chance: random.Random) -> str | None:
    """A comment above a definition of the outermost level."""
    lines = source.text.splitlines(keepends=True)
    at = [line for line in _definitions(source) if not lines[line - 1][:1].isspace()]
    if not at:
        return None
    chosen = chance.choice(at) - 1
    sign = "#" if source.ending == "py" else "//"
    return "".join([*lines[:chosen], f"{sign} see above\n", *lines[chosen:]])


def rename_local(source: Source, chance: random.Random) -> str | None:
    """Another name for a variable of one function."""
    return _rename_in_python(source, chance) if source.ending == "py" else _rename(source, chance)


def change_body(source: Source, chance: random.Random) -> str | None:
    """One more statement (in Python), or an empty line, in a function."""
    if source.ending != "py":
        return None
    functions = _functions(source.text)
    if not functions:
        return None
    first = chance.choice(functions).body[0]
    lines = source.text.splitlines(keepends=True)
    at = first.lineno - 1
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    if len(indent) != first.col_offset or isinstance(first, ast.FunctionDef | ast.ClassDef):
        return None
    return "".join([*lines[:at], f"{indent}assert True\n", *lines[at:]])


HONEST: dict[str, Edit] = {
    "add_helper": add_helper,
    "comment_before": comment_before,
    "rename_local": rename_local,
    "change_body": change_body,
}


def _definitions(source: Source) -> list[int]:
    """The first lines of functions and classes, decorators and comments not counted."""
    if source.ending == "py":
        tree = _tree(source.text)
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        body = tree.body if tree else []
        return [n.lineno for n in body if isinstance(n, kinds) and not n.decorator_list]
    kinds_of = ("function", "class", "method", "struct", "interface")
    symbols = outline_of(source.path, source.text).symbols
    return [s.line for s in symbols if s.kind in kinds_of]


def _tree(text: str) -> ast.Module | None:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _functions(text: str) -> list[ast.FunctionDef]:
    tree = _tree(text)
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)] if tree else []


def _rename_in_python(source: Source, chance: random.Random) -> str | None:
    functions = _functions(source.text)
    chance.shuffle(functions)
    for function in functions[:20]:
        names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
        given = {a.arg for a in ast.walk(function) if isinstance(a, ast.arg)}
        told = [n for n in ast.walk(function) if isinstance(n, ast.Global | ast.Nonlocal)]
        inner = [n for n in ast.walk(function) if isinstance(n, ast.ClassDef)]
        stored = sorted({n.id for n in names if isinstance(n.ctx, ast.Store)} - given)
        if told or inner or not stored:
            continue
        name = chance.choice(stored)
        lines = source.text.splitlines(keepends=True)
        for node in sorted(names, key=lambda n: (n.lineno, n.col_offset), reverse=True):
            if node.id == name:
                row = lines[node.lineno - 1].encode()
                at, end = node.col_offset, node.end_col_offset or 0
                lines[node.lineno - 1] = (row[:at] + b"renamed_here" + row[end:]).decode()
        return "".join(lines)
    return None


def _rename(source: Source, chance: random.Random) -> str | None:
    symbols = outline_of(source.path, source.text).symbols
    bodies = [s for s in symbols if s.kind in ("function", "method") and s.end_line > s.line + 3]
    chance.shuffle(bodies)
    lines = source.text.splitlines(keepends=True)
    for symbol in bodies[:20]:
        inner = range(symbol.line, symbol.end_line - 1)
        found = [m[1] for n in inner if (m := _LOCAL[source.ending].match(lines[n]))]
        if not found:
            continue
        word = re.compile(rf"(?<![.\w$/\"'`]){re.escape(chance.choice(found))}(?![\w$(:\"'`])")
        for number in inner:
            lines[number] = word.sub("renamedHere", lines[number])
        return "".join(lines)
    return None


# -- edits that break a rule -----------------------------------------------------------------------


def foreign_import(source: Source, _: random.Random) -> str | None:
    """An import of a package that nobody declares, where imports may stand."""
    lines = source.text.splitlines(keepends=True)
    begins = {"go": "package ", "java": "package "}.get(source.ending)
    at = next((n + 1 for n, line in enumerate(lines) if begins and line.startswith(begins)), 0)
    return "".join([*lines[:at], _IMPORT[source.ending], *lines[at:]])


def lost_bracket(source: Source, chance: random.Random) -> str | None:
    """A closing bracket too many at the end of a definition's first line."""
    at = [n for n in _definitions(source) if n <= source.text.count("\n")]
    if not at:
        return None
    lines = source.text.splitlines(keepends=True)
    chosen = chance.choice(at) - 1
    return "".join([*lines[:chosen], ")\n", *lines[chosen:]])


def more_parameters(source: Source, name: str) -> str | None:
    """A public function takes one more argument that must be given; `name`: its dotted name."""
    places = [one for one in spans(source.path, source.text) or () if one.name == name]
    if len(places) != 1:
        return None
    lines = source.text.splitlines(keepends=True)
    begin = sum(map(len, lines[: places[0].first - 1]))
    word = re.escape(name.rpartition(".")[2])
    head = re.compile(rf"(?<!@)\b{word}(?: = (?:async )?)?(?:<\w+(?:: ?\w+)?>)? ?\(")
    found = head.search(source.text, begin, begin + 400)
    first = re.compile(rf"\b{word}\b").search(source.text, begin)
    if found is None or first is None or found.start() != first.start():
        return None
    if ";" in source.text[begin : found.end()]:
        return None
    before, rest = source.text[: found.end()], source.text[found.end() :]
    said = _PARAMETER.get(source.ending, "added")
    return before + said + ("" if rest.lstrip()[:1] == ")" else ", ") + rest
