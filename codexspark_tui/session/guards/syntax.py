"""`--syntax`: a file that could be read can still be read.

Python, JSON, TOML and YAML by their own readers; other languages by their grammars (`syntax`).
Grammars lag behind their languages, so a text counts as broken only where no reading of it is
without faults. One that no grammar could read before is broken by a change that leaves a bracket
open, by no other; so is a new file in a language whose grammar cannot be relied on. In the roughest
ones a file that was read is broken by that, too, and in C where a piece is missing that no macro
stands for.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import PurePosixPath

from codexspark_tui.session.guards.bare_json import bare
from codexspark_tui.session.guards.languages import can_be_parsed
from codexspark_tui.session.guards.subject import Found, Subject
from codexspark_tui.syntax.model import Fault

_OWN_READERS = (".py", ".pyi", ".json", ".toml", ".yaml", ".yml")
_RELIABLE = ("go", "java", "javascript", "rust", "html")  # read all but 1 in 300 files of others
_ROUGH = ("c", "cpp", "css", "sql")  # of these 1 in 6 and more cannot be read
_TEMPLATE = re.compile(
    r"\{%|<%|\{\{-|-\}\}|^\s*\{\{|:[ \t]*\{\{", re.M
)  # YAML when it is filled in
_COMMENTED = re.compile(
    r"(?:[tj]sconfig[\w.-]*|\.eslintrc|\.babelrc|\.swcrc|devcontainer|api-extractor|typedoc"
    r"|language-configuration)\.json\Z"
)


def broken_syntax(subject: Subject) -> list[Found]:
    if subject.after is None or not subject.lines:
        return []
    if PurePosixPath(subject.path).suffix.lower() not in _OWN_READERS:
        return _newly_broken(subject)
    if _is_readable(subject.path, subject.after):
        return []
    if subject.before is not None and not _is_readable(subject.path, subject.before):
        return []
    return [Found("syntax", f"{subject.path} can no longer be parsed")]


def _newly_broken(subject: Subject) -> list[Found]:
    """By a grammar. Only what does not fit it asks for its other readings and for brackets."""
    from codexspark_tui import syntax

    language = syntax.language_of(subject.path)
    after = _faults(subject.path, subject.after or "")
    if language is None or not after:
        return []
    trusted = language.name in _RELIABLE
    if subject.before is not None:
        plain = language.name not in _ROUGH or all(fault.plain for fault in after)
        trusted = plain and not _faults(subject.path, subject.before)
    if not (trusted or _opens_a_bracket(subject, language.name)):
        return []
    at = {fault.line for fault in after}
    lines = tuple(index for index, number, _ in subject.numbered(False) if number in at)
    why = f"line {after[0].line}: {after[0].why}"
    return [Found("syntax", f"{subject.path} can no longer be parsed ({why})", lines)]


def _faults(path: str, text: str) -> list[Fault]:
    """What a grammar cannot read of the text, and of no other reading of it either."""
    from codexspark_tui import syntax

    first = syntax.faults(path, text) or []
    language = syntax.language_of(path)
    if not first or language is None:
        return first
    others = list(syntax.readings(language.name, text))[1:]
    wrong = (any(syntax.faults(path, part) for part in reading) for reading in others)
    return first if all(wrong) else []


def _opens_a_bracket(subject: Subject, language: str) -> bool:
    """Brackets that were closed, and are no longer."""
    from codexspark_tui import syntax

    was_closed = subject.before is None or syntax.is_closed(language, subject.before)
    return bool(was_closed) and syntax.is_closed(language, subject.after or "") is False


def _is_readable(path: str, text: str) -> bool:
    match PurePosixPath(path).suffix.lower():
        case ".py" | ".pyi":
            return can_be_parsed(text)
        case ".json":
            return _reads(json.loads, text) or _is_commented_json(path, text)
        case ".yaml" | ".yml":
            return _TEMPLATE.search(text) is not None or _reads(_read_yaml, text)
        case _:
            return _reads(tomllib.loads, text)


def _read_yaml(text: str) -> None:
    """Its events alone: nothing is made of them, and tags may be any. Raises ValueError."""
    import yaml

    reader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without its library in C it is slow
    try:
        for _ in yaml.parse(text, Loader=reader):
            pass
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _is_commented_json(path: str, text: str) -> bool:
    """Settings of tools that take comments, and a comma behind the last entry."""
    if not (_COMMENTED.search(path) or "/.vscode/" in f"/{path}"):
        return False
    return _reads(json.loads, bare(text))


def _reads(read: object, text: str) -> bool:
    assert callable(read)
    try:
        read(text)
    except (ValueError, RecursionError):
        return False
    return True
