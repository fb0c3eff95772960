"""From what the grammar captured to a request; None where it cannot be expressed as one.

A capture that no field of the request can hold makes None: nothing that was said is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from codexspark_tui.codemods.model import (
    Docstrings,
    Extract,
    Inline,
    MoveModule,
    MoveName,
    Place,
    RenameModule,
    RenameSymbol,
    Replace,
    Request,
    SymbolKind,
    TestSkeletons,
    Tidy,
)
from codexspark_tui.codemods.sentences import shapes
from codexspark_tui.codemods.sentences.match import Captures
from codexspark_tui.codemods.sentences.tokens import Token


class Said:
    """The captures of one reading, with the sentence and the files that were given beside it."""

    def __init__(self, captures: Captures, sentence: str, files: tuple[str, ...]) -> None:
        self.captures = captures
        self.sentence = sentence
        self.files = files

    def all(self, key: str) -> tuple[object, ...]:
        return tuple(value for name, value in self.captures if name == key)

    def text(self, key: str) -> str:
        """The only value of `key`, a text; empty when nothing was said."""
        values = self.all(key)
        return str(values[0]) if len(values) == 1 else ""

    def has(self, *keys: str) -> bool:
        return any(name in keys for name, _ in self.captures)

    def paths(self) -> tuple[str, ...]:
        """All paths, those of the sentence first, each once."""
        named = [path for group in self.all("path") for path in cast("tuple[str, ...]", group)]
        return tuple(dict.fromkeys([*named, *self.files]))

    def only_path(self) -> str | None:
        found = self.paths()
        return found[0] if len(found) == 1 else None


def requests(
    codemod: str, readings: Sequence[Captures], sentence: str, files: Sequence[str]
) -> list[Request]:
    """The different requests that the readings of one rule amount to."""
    found: list[Request] = []
    for captures in readings:
        request = _BUILDERS[codemod.removeprefix("say_")](Said(captures, sentence, tuple(files)))
        if request is not None and request not in found:
            found.append(request)
    return found


def with_files(request: Request, files: Sequence[str]) -> Request | None:
    """The same request for `files` too; None if it cannot take them."""
    if not files:
        return request
    match request:
        case RenameModule(module, new):
            found = _module_named(Said((("module", module),), "", tuple(files)))
            return RenameModule(found, new) if found else None
        case MoveModule(module, to):
            found = _module_named(Said((("module", module),), "", tuple(files)))
            return MoveModule(found, to) if found else None
        case Extract(path) | Docstrings(path) | TestSkeletons(path):
            return request if set(files) == {path} else None
        case _:
            return replace(request, files=tuple(dict.fromkeys([*request.files, *files])))


def _full_name(said: Said) -> str | None:
    """The name with the classes, functions and modules it was said to be in."""
    name = said.text("name")
    if not name or len(said.all("owner")) > 2:
        return None
    owners = [str(owner) for owner in said.all("owner")]
    return ".".join([*reversed(owners), name])


def _place(said: Said) -> tuple[Place | None, tuple[str, ...]] | None:
    """Where the name stands and the files to look in; None for a line without its file."""
    paths = said.paths()
    lines = said.all("at") + said.all("line")
    if not lines:
        return None, paths
    if len(lines) > 1 or len(paths) != 1:
        return None
    return Place(paths[0], cast(int, lines[0])), ()


def _new_name(new: str, old: str) -> str | None:
    """`new` without the prefix that it shares with `old`; None if it has another prefix."""
    prefix, _, last = new.rpartition(".")
    if not prefix:
        return last
    before = old.rpartition(".")[0]
    return last if before == prefix or before.endswith("." + prefix) else None


def _rename(said: Said) -> Request | None:
    old, where = _full_name(said), _place(said)
    if old is None or where is None or not _says_again(said, old):
        return None
    new = _new_name(said.text("new"), old)
    if not new:
        return None
    kind = said.text("kind") or None
    return RenameSymbol(old, new, cast("SymbolKind | None", kind), where[0], where[1])


def _says_again(said: Said, old: str) -> bool:
    """Whether a name that is said twice ("from x", "not x") is the same both times."""
    return all(old == again or old.endswith(f".{again}") for again in said.all("again"))


def _module_named(said: Said) -> str | None:
    """The module of the sentence; a file beside it must be that module, and says which one."""
    module = said.text("module")
    others = [path for path in said.files if path != module]
    if not others:
        return module or None
    last = module.rpartition(".")[2]
    if len(others) == 1 and "/" not in module and shapes.stem(others[0]) == last:
        return others[0] if shapes.suffix(others[0]) in shapes.MODULE_SUFFIXES else None
    return None


def _is_path(module: str) -> bool:
    return "/" in module or shapes.suffix(module) in shapes.MODULE_SUFFIXES


def _rename_module(said: Said) -> Request | None:
    module, new = _module_named(said), said.text("new")
    if module is None or said.has("path") or not _says_again(said, module):
        return None
    if _is_path(new):
        beside = shapes.folder_of(new) in ("", shapes.folder_of(module))
        if not beside or shapes.suffix(new) != shapes.suffix(module):
            return None
        new = shapes.stem(new)
    name = _new_name(new, module) if not _is_path(module) else new
    return RenameModule(module, name) if name and name.isidentifier() else None


def _move(said: Said) -> Request | None:
    name, where = _full_name(said), _place(said)
    to = _to(said)
    if name is None or where is None or not to or to in said.paths():
        return None
    before, _, last = name.rpartition(".")
    if before and not said.has("kind") and not _is_definition(before, last):
        return None
    return MoveName(name, to, where[0], where[1])


def _to(said: Said) -> str:
    """The target. "Put" and "take" ask for a module only when the target is clearly one."""
    to = said.text("to")
    return "" if said.has("weak") and to.isalpha() else to


def _is_definition(before: str, last: str) -> bool:
    """Whether a dotted name without a kind is a top-level name for certain, and no module."""
    inside_class = before.rpartition(".")[2][:1].isupper()
    return not inside_class and (last[:1].isupper() or "_" in last.strip("_"))


def _move_module(said: Said) -> Request | None:
    module, to = _module_named(said), _to(said)
    if module is None or not to or said.has("path"):
        return None
    if said.has("dotted") and "." not in to:
        return None
    if said.has("from"):
        module = _from_package(module, said.text("from"))
        if module is None:
            return None
    if shapes.suffix(to) in shapes.MODULE_SUFFIXES:
        if shapes.last_part(to) != shapes.last_part(module) or not shapes.folder_of(to):
            return None
        to = shapes.folder_of(to)
    return MoveModule(module, to)


def _from_package(module: str, package: str) -> str | None:
    """`io` from `pkg` → `pkg.io`; `io.py` from `src` → `src/io.py`."""
    if _is_path(module):
        return f"{package.rstrip('/')}/{module}" if "/" not in module and "/" in package else None
    if "/" in package:
        return None
    return module if module.startswith(package + ".") else f"{package}.{module}"


def _extract(said: Said) -> Request | None:
    path, name, lines = said.only_path(), said.text("name"), _lines(said)
    if path is None or lines is None or not name or "." in name:
        return None
    first, last = lines
    return Extract(path, first, last, name) if 1 <= first <= last else None


def _lines(said: Said) -> tuple[int, int] | None:
    spans = said.all("lines")
    if len(spans) == 1 and not said.has("first", "only"):
        return cast("tuple[int, int]", spans[0])
    if said.has("only"):
        only = cast(int, said.all("only")[0])
        return only, only
    firsts, lasts = said.all("first"), said.all("last")
    if len(firsts) != 1 or len(lasts) != 1:
        return None
    return cast(int, firsts[0]), cast(int, lasts[0])


def _inline(said: Said) -> Request | None:
    name, where = _full_name(said), _place(said)
    if name is None or where is None:
        return None
    return Inline(name, where[0], where[1])


_TIDIES = ("imports", "sort", "modernise", "simplify", "format")


def _tidy(said: Said) -> Request | None:
    # "sort a.py and format b.py" has two lists of files, a request has one.
    if len(set(said.all("path"))) > 1 and len(said.all("list")) > 1:
        return None
    files = said.paths()
    if not _means_something(said, files):
        return None
    if any(_not_python(path) for path in files):
        return None
    flags = {name: said.has(name) for name in _TIDIES}
    return Tidy(files, **flags)


def _means_something(said: Said, files: tuple[str, ...]) -> bool:
    """Whether "it", "the rest" and "unused ones" have something before them that they mean."""
    keys = [name for name, _ in said.captures]
    if "it" in keys and not files and "object" not in keys[: keys.index("it")]:
        return False
    if "rest" in keys and "imports" not in keys[: keys.index("rest")]:
        return False
    return "ones" not in keys or "sort" in keys[: keys.index("ones")]


def _not_python(path: str) -> bool:
    found = shapes.suffix(path)
    return bool(found) and not path.endswith("/") and found not in shapes.PYTHON_SUFFIXES


def _replace(said: Said) -> Request | None:
    pattern, rewrite = _code(said, "pattern"), _code(said, "rewrite")
    if pattern is None or rewrite is None or len(said.all("lang")) > 1:
        return None
    files = said.paths()
    language = said.text("lang") or _language(pattern, rewrite, files)
    return Replace(pattern, rewrite, language, files) if language else None


def _code(said: Said, key: str) -> str | None:
    value = said.all(key)[0]
    if isinstance(value, Token):
        return value.text
    start, end = cast("tuple[int, int]", value)
    text = said.sentence[start:end].strip()
    return text if shapes.looks_like_code(text) and not shapes.looks_like_path(text) else None


def _language(pattern: str, rewrite: str, files: tuple[str, ...]) -> str | None:
    """By the files; without files only what cannot be anything but Python with metavariables."""
    known = {shapes.language_of(path) for path in files if shapes.suffix(path)}
    if known:
        return known.pop() if len(known) == 1 else None
    if shapes.has_metavariable(pattern) and shapes.certainly_python(pattern, rewrite):
        return "python"
    return None


def _docstrings(said: Said) -> Request | None:
    path = said.only_path()
    return Docstrings(path) if path and shapes.suffix(path) in shapes.MODULE_SUFFIXES else None


def _tests(said: Said) -> Request | None:
    path = said.only_path()
    if not path or shapes.suffix(path) not in shapes.MODULE_SUFFIXES:
        return None
    if shapes.last_part(path).startswith("test_"):
        return None
    to = said.text("to") or None
    return None if to == path else TestSkeletons(path, to)


_BUILDERS: dict[str, Callable[[Said], Request | None]] = {
    "rename": _rename,
    "rename_module": _rename_module,
    "move": _move,
    "move_module": _move_module,
    "extract": _extract,
    "inline": _inline,
    "tidy": _tidy,
    "replace": _replace,
    "docstrings": _docstrings,
    "tests": _tests,
}
