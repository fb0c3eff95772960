"""`--syntax`: a file that could be read can still be read: Python, JSON and TOML.

Other languages are not judged: a scanner that errs would stop good changes.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import PurePosixPath

from codexspark_tui.session.guards.languages import parsed
from codexspark_tui.session.guards.subject import Found, Subject


def broken_syntax(subject: Subject) -> list[Found]:
    if subject.after is None or not subject.lines or _is_readable(subject.path, subject.after):
        return []
    if subject.before is not None and not _is_readable(subject.path, subject.before):
        return []
    return [Found("syntax", f"{subject.path} can no longer be parsed")]


def _is_readable(path: str, text: str) -> bool:
    """True also for what is not judged."""
    match PurePosixPath(path).suffix.lower():
        case ".py" | ".pyi":
            return parsed(text) is not None
        case ".json":
            return _reads(json.loads, text)
        case ".toml":
            return _reads(tomllib.loads, text)
        case _:
            return True


def _reads(read: object, text: str) -> bool:
    assert callable(read)
    try:
        read(text)
    except (ValueError, RecursionError):
        return False
    return True
