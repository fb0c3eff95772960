"""Repositories inside of the workspace: their git files, too, say what git runs there.

True here: what was found is kept for some seconds, so that commands one after the other do not
look at the whole tree each; a tree with more folders than a limit is looked at in part. A submodule
that was never filled counts, too: `git status` of the person would look into what is made there.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

from codexspark_tui.errors import SparkError
from codexspark_tui.git import submodules

MOST_FOLDERS = 20_000
MOST_FOUND = 100
KEPT_S = 20.0
_PASSED_OVER = frozenset({".git", "node_modules", "__pycache__", "site-packages", "target"})
_found: dict[str, tuple[float, tuple[tuple[str, ...], tuple[str, ...]]]] = {}


async def nested(root: Path) -> tuple[str, ...]:
    """The `.git` of each repository and submodule below `root`, from there; links are not followed.

    Of a submodule that is not there at all it is the first folder that is missing."""
    at = os.path.realpath(root)
    when, (found, known) = _found.get(at, (0.0, ((), ())))
    if not when or time.monotonic() - when > KEPT_S:
        found, known = await asyncio.to_thread(_all_in, at)
        _found[at] = (time.monotonic(), (found, known))
    there = [name for name in found if os.path.lexists(f"{at}/{name}")]
    return tuple(dict.fromkeys(filter(None, [*there, *(_to_hold(at, name) for name in known)])))


def _all_in(root: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The repositories that are there, and those that the staging index names."""
    known: list[str] = []
    if os.path.lexists(f"{root}/.git"):
        with suppress(SparkError):
            known = submodules(Path(root))[:MOST_FOUND]
    return tuple(_looked_for(root)), tuple(f"{path}/.git" for path in known)


def _to_hold(root: str, name: str) -> str:
    """The first part of it that is not there, or no folder; else itself; "" behind a link."""
    parts = name.split("/")
    for length in range(1, len(parts) + 1):
        part = "/".join(parts[:length])
        if Path(root, part).is_symlink():
            return ""
        if not Path(root, part).is_dir():
            return part
    return name


def _looked_for(root: str) -> list[str]:
    pending, names, seen = [""], list[str](), 0
    while pending and seen < MOST_FOLDERS and len(names) < MOST_FOUND:
        folder = pending.pop()
        seen += 1
        with suppress(OSError), os.scandir(f"{root}/{folder}") as entries:
            for entry in entries:
                if entry.name == ".git" and folder and not entry.is_symlink():
                    names.append(f"{folder}{entry.name}")
                elif entry.name not in _PASSED_OVER and entry.is_dir(follow_symlinks=False):
                    pending.append(f"{folder}{entry.name}/")
    return names
