"""Which repositories' own files (settings, commands) the person trusts: a list in the state folder.

Trust is for one file with one content: a file that has changed since counts for nothing and is
asked about again. A "no" is kept in the same way, so that it is asked once. Reading the list never
fails: one that cannot be read trusts nobody. Nothing is made on the disk before something is told.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui.state_dir import ensure, state_dir

FILE = "trusted.json"
Says: TypeAlias = Literal["trusted", "denied", "unknown", "changed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the person has said of a file with this digest; "changed": of another content."""

    digest: str
    says: Says


@dataclass(frozen=True, slots=True)
class Known:
    """One line of the list."""

    path: str
    digest: str
    trusted: bool


def digest_of(data: bytes) -> str:
    import hashlib  # few repositories have settings that need trust

    return hashlib.sha256(data).hexdigest()


def verdict_on(path: Path, data: bytes) -> Verdict:
    """What was said of the file at `path` with the content `data`."""
    digest = digest_of(data)
    for known in listed():
        if known.path == name_of(path):
            if known.digest != digest:
                return Verdict(digest, "changed")
            return Verdict(digest, "trusted" if known.trusted else "denied")
    return Verdict(digest, "unknown")


def is_trusted(path: Path, data: bytes, told: Sequence[Known]) -> bool:
    """Whether `told`, which is `listed()`, says yes to this file as it is."""
    wanted = Known(name_of(path), digest_of(data), True)
    return wanted in told


def listed() -> list[Known]:
    """All that was said, in the order in which it was."""
    import json

    try:
        told = json.loads((state_dir() / FILE).read_bytes())
        return [Known(str(e["path"]), str(e["digest"]), e["trusted"] is True) for e in told]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return []


def remember(path: Path, digest: str, *, trusted: bool) -> None:
    """Keep what the person said. Raises `OSError` where the list cannot be written."""
    others = [known for known in listed() if known.path != name_of(path)]
    _write([*others, Known(name_of(path), digest, trusted)])


def forget(path: Path) -> bool:
    """Take back what was said of this file; False where nothing was."""
    before = listed()
    left = [known for known in before if known.path != name_of(path)]
    if len(left) == len(before):
        return False
    _write(left)
    return True


def name_of(path: Path) -> str:
    """The path as the list has it."""
    return os.fsencode(path.absolute()).decode("utf-8", "backslashreplace")


def _write(known: list[Known]) -> None:
    import json

    folder = ensure(state_dir())
    told = [{"path": k.path, "digest": k.digest, "trusted": k.trusted} for k in known]
    new = folder / f"{FILE}.{os.getpid()}"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(json.dumps(told, indent=1).encode())
    new.replace(folder / FILE)
