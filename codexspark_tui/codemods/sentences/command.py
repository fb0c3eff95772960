"""A request as the explicit command, quoted for a shell, and the way back.

`request_of(command_of(request)) == request`, so what is shown to a person is what is done.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import assert_never, cast, get_args

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
from codexspark_tui.codemods.sentences.slots import NEVER

_TIDIES = ("imports", "sort", "modernise", "simplify", "format")
_VALUED = {
    "rename": {"--kind", "--at"},
    "move": {"--at"},
    "extract": set[str](),
    "inline": {"--at"},
    "tidy": set[str](),
    "replace": {"--lang"},
    "docstrings": set[str](),
    "tests": {"--to"},
}
_SPOKEN = ("rename", "move", "inline")
# "rename a to b --kind class" is half a sentence.
_FILLERS = {"rename": ("to", "as", "->"), "move": ("to", "into"), "replace": ("with", "by", "->")}
# How many words after the verb are no files.
_FIXED = {"rename": 2, "move": 2, "extract": 2, "inline": 1, "tidy": 0, "replace": 2} | {
    "docstrings": 0,
    "tests": 0,
}


def command_of(request: Request) -> str:
    """`spark rename OLD NEW …`: what does the same as the sentence, typed out."""
    words, options = _parts(request)
    if any(word.startswith("-") for word in words[1:]):
        return shlex.join(["spark", words[0], *options, "--", *words[1:]])
    return shlex.join(["spark", *words, *options])


def _parts(request: Request) -> tuple[list[str], list[str]]:
    """The verb with its words, and the options."""
    match request:
        case RenameSymbol(old, new, kind, at, files):
            kinds = [] if kind is None else ["--kind", kind]
            return ["rename", old, new, *files], [*kinds, *_at(at)]
        case RenameModule(module, new):
            return ["rename", module, new], ["--kind", "module"]
        case MoveName(name, to, at, files):
            return ["move", name, to, *files], _at(at)
        case MoveModule(module, to):
            return ["move", module, to], ["--module"]
        case Extract(path, first, last, name):
            return ["extract", f"{path}:{first}-{last}", name], []
        case Inline(name, at, files):
            return ["inline", name, *files], _at(at)
        case Tidy():
            return ["tidy", *request.files], [f"--{t}" for t in _TIDIES if getattr(request, t)]
        case Replace(pattern, rewrite, language, files):
            return ["replace", pattern, rewrite, *files], ["--lang", language]
        case Docstrings(path):
            return ["docstrings", path], []
        case TestSkeletons(path, to):
            return ["tests", path], [] if to is None else ["--to", to]
        case _:
            assert_never(request)


def _at(place: Place | None) -> list[str]:
    if place is None:
        return []
    column = f":{place.column}" if place.column else ""
    return ["--at", f"{place.path}:{place.line}{column}"]


def typed(sentence: str) -> Request | None:
    """`request_of`, unless the words go on as English ("spark move f m but not in tests")."""
    request = request_of(sentence)
    if request is None:
        return None
    words = shlex.split(sentence)
    verb, *rest = words[1:] if words[0] == "spark" else words
    files = rest[_FIXED[verb.lower()] :]
    return None if any(word.lower() in NEVER for word in files) else request


def request_of(sentence: str) -> Request | None:
    """The request of an explicit command, with or without `spark`; None if it is not one.

    Without `spark` and without an option the words must be beyond doubt: "rename a to b" is not
    the command `rename` with the new name "to".
    """
    try:
        words = shlex.split(sentence)
    except ValueError:
        return None
    sure = words[:1] == ["spark"]
    words = words[1:] if sure else words
    if not words or words[0].lower() not in _VALUED:
        return None
    verb = words[0].lower()
    parsed = _options(words[1:], _VALUED[verb])
    if parsed is None:
        return None
    positional, options = parsed
    if not sure:
        if options and positional[1:2] and positional[1] in _FILLERS.get(verb, ()):
            del positional[1]
        if not _beyond_doubt(verb, positional, bool(options)):
            return None
    return _READERS[verb](positional, options)


def _options(words: Sequence[str], valued: set[str]) -> tuple[list[str], dict[str, str]] | None:
    positional: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word == "--":
            positional.extend(rest)
        elif not word.startswith("-") or word == "-":
            positional.append(word)
        else:
            name, equals, value = word.partition("=")
            if name in options or (equals and name not in valued):
                return None
            given = value if equals else next(rest, None) if name in valued else ""
            if given is None:
                return None
            options[name] = given
    return positional, options


def _beyond_doubt(verb: str, words: list[str], has_options: bool) -> bool:
    fixed = _FIXED[verb]
    if any(word.lower() in NEVER for word in words[:fixed]):
        return False
    if not has_options and (verb == "tidy" or (verb in _SPOKEN and len(words) <= fixed)):
        return False  # The grammar reads these, with what it knows of English.
    return all(shapes.looks_like_path(word) for word in words[fixed:])


def _rename(words: list[str], options: dict[str, str]) -> Request | None:
    kind = options.get("--kind")
    if len(words) < 2 or not options.keys() <= {"--kind", "--at"}:
        return None
    old, new, *files = words
    if kind == "module":
        return RenameModule(old, _last(new, old)) if not files and len(options) == 1 else None
    if kind is not None and kind not in get_args(SymbolKind):
        return None
    if not _name(old) or not _name(new) or "." in new:
        return None
    at = _place(options)
    if "--at" in options and at is None:
        return None
    return RenameSymbol(old, new, cast("SymbolKind | None", kind), at, tuple(files))


def _last(new: str, old: str) -> str:
    """`pkg.reader` for `pkg.io` is `reader`."""
    prefix, _, last = new.rpartition(".")
    return last if prefix and prefix == old.rpartition(".")[0] else new


def _name(text: str) -> bool:
    return bool(text) and all(part.isidentifier() for part in text.split("."))


def _place(options: dict[str, str]) -> Place | None:
    path, _, last = options.get("--at", "").rpartition(":")
    before, _, line = path.rpartition(":")
    if before and line.isdecimal() and last.isdecimal():
        return Place(before, int(line), int(last))
    return Place(path, int(last)) if path and last.isdecimal() else None


def _move(words: list[str], options: dict[str, str]) -> Request | None:
    if len(words) < 2 or not options.keys() <= {"--module", "--at"}:
        return None
    name, to, *files = words
    if "--module" in options:
        return MoveModule(name, to) if not files and len(options) == 1 else None
    at = _place(options)
    if not _name(name) or ("--at" in options and at is None):
        return None
    return MoveName(name, to, at, tuple(files))


def _extract(words: list[str], options: dict[str, str]) -> Request | None:
    if len(words) != 2 or options:
        return None
    path, _, lines = words[0].rpartition(":")
    span = shapes.line_range(lines)
    line = shapes.line_number(lines)
    if span is None and line is not None:
        span = (line, line)
    name = words[1].removesuffix("()")
    if not path or span is None or not 1 <= span[0] <= span[1] or not name.isidentifier():
        return None
    return Extract(path, *span, name)


def _inline(words: list[str], options: dict[str, str]) -> Request | None:
    at = _place(options)
    if not words or not options.keys() <= {"--at"} or ("--at" in options and at is None):
        return None
    return Inline(words[0], at, tuple(words[1:])) if _name(words[0]) else None


def _tidy(words: list[str], options: dict[str, str]) -> Request | None:
    asked = {name.removeprefix("--").replace("modernize", "modernise") for name in options}
    if not asked or not asked <= set(_TIDIES):
        return None
    return Tidy(tuple(words), **dict.fromkeys(asked, True))


def _replace(words: list[str], options: dict[str, str]) -> Request | None:
    language = shapes.LANGUAGES.get(options.get("--lang", "").lower())
    if len(words) < 2 or options.keys() != {"--lang"} or language is None:
        return None
    return Replace(words[0], words[1], language, tuple(words[2:]))


def _docstrings(words: list[str], options: dict[str, str]) -> Request | None:
    return Docstrings(words[0]) if len(words) == 1 and not options else None


def _tests(words: list[str], options: dict[str, str]) -> Request | None:
    if len(words) != 1 or not options.keys() <= {"--to"}:
        return None
    return TestSkeletons(words[0], options.get("--to"))


_READERS = {
    "rename": _rename,
    "move": _move,
    "extract": _extract,
    "inline": _inline,
    "tidy": _tidy,
    "replace": _replace,
    "docstrings": _docstrings,
    "tests": _tests,
}
