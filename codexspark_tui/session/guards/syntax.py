"""`--syntax`: a file that could be read can still be read.

Python, JSON and TOML by their own readers; other languages by their grammars (`syntax`), which
lag behind a language: only places count that the text did not have before.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import PurePosixPath

from codexspark_tui.session.guards.languages import parsed
from codexspark_tui.session.guards.subject import Found, Subject

_OWN_READERS = (".py", ".pyi", ".json", ".toml")


def broken_syntax(subject: Subject) -> list[Found]:
    if subject.after is None or not subject.lines:
        return []
    if PurePosixPath(subject.path).suffix.lower() not in _OWN_READERS:
        return _new_faults(subject)
    if _is_readable(subject.path, subject.after):
        return []
    if subject.before is not None and not _is_readable(subject.path, subject.before):
        return []
    return [Found("syntax", f"{subject.path} can no longer be parsed")]


def _new_faults(subject: Subject) -> list[Found]:
    """More places than before that a grammar cannot read."""
    from codexspark_tui import syntax

    after = syntax.faults(subject.path, subject.after or "") or []
    if not after:
        return []
    before = syntax.faults(subject.change.path, subject.before or "") or []
    if len(after) <= len(before):
        return []
    at = {fault.line for fault in after}
    lines = tuple(index for index, number, _ in subject.numbered(False) if number in at)
    why = f"line {after[0].line}: {after[0].why}" if not before else after[-1].why
    return [Found("syntax", f"{subject.path} can no longer be parsed ({why})", lines)]


def _is_readable(path: str, text: str) -> bool:
    match PurePosixPath(path).suffix.lower():
        case ".py" | ".pyi":
            return parsed(text) is not None
        case ".json":
            return _reads(json.loads, text)
        case _:
            return _reads(tomllib.loads, text)


def _reads(read: object, text: str) -> bool:
    assert callable(read)
    try:
        read(text)
    except (ValueError, RecursionError):
        return False
    return True
