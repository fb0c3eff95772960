"""Which commands the person has allowed for good: beginnings of commands, by repository.

The list lies in the state folder, where no repository can write. One that cannot be read allows
nothing. What a beginning covers is decided by `session/approvals.py`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.state_dir import ensure, state_dir

FILE = "allowed.json"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Commands that begin with `prefix` (words with single spaces) may run in `root`."""

    root: str
    prefix: str


def listed() -> list[Allowed]:
    """All that was allowed, in the order in which it was."""
    import json

    try:
        told = json.loads((state_dir() / FILE).read_bytes())
        return [Allowed(str(e["root"]), str(e["prefix"])) for e in told]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return []


def prefixes_in(root: Path) -> frozenset[str]:
    return frozenset(one.prefix for one in listed() if one.root == _name(root))


def allow(root: Path, prefix: str) -> None:
    """Raises `OSError` where the list cannot be written."""
    one = Allowed(_name(root), prefix)
    _write([*(known for known in listed() if known != one), one])


def revoke(root: Path) -> int:
    """Take back all that was allowed in this repository; how many beginnings that were."""
    before = listed()
    left = [one for one in before if one.root != _name(root)]
    if len(left) != len(before):
        _write(left)
    return len(before) - len(left)


def _name(root: Path) -> str:
    return os.fsencode(root.resolve()).decode("utf-8", "backslashreplace")


def _write(known: list[Allowed]) -> None:
    import json

    folder = ensure(state_dir())
    told = [{"root": one.root, "prefix": one.prefix} for one in known]
    new = folder / f"{FILE}.{os.getpid()}"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(json.dumps(told, indent=1).encode())
    new.replace(folder / FILE)
