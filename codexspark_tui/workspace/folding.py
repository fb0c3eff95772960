"""File systems on which names that differ in case only are one name. Reading only.

There a path is taken as the folder has it, so that one file has one path in the ledger, and comes
back under its own name.
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path


def folds_case(root: Path) -> bool:
    """Whether names below `root` are found in another case, by the one of `.git` or of itself."""
    known = root / ".git" if (root / ".git").exists() else root
    other = known.with_name(known.name.swapcase())
    try:
        return other.name != known.name and other.samefile(known)
    except OSError:
        return False


def as_on_disk(root: Path, path: str) -> str:
    """The same path with each part as its folder names it, as far as it is there."""
    here, found = root, list[str]()
    parts = path.split("/")
    for number, part in enumerate(parts):
        try:
            names = [entry.name for entry in os.scandir(here)]
        except OSError:
            return "/".join((*found, *parts[number:]))
        if part not in names:
            part = next((name for name in names if _folded(name) == _folded(part)), part)
        found.append(part)
        here = here / part
    return "/".join(found)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
