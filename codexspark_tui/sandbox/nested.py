"""Repositories inside of the workspace: their git files, too, say what git runs there.

True here: what was found is kept for some seconds, so that commands one after the other do not
look at the whole tree each; a tree with more folders than a limit is looked at in part.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

MOST_FOLDERS = 20_000
MOST_FOUND = 100
KEPT_S = 20.0
_PASSED_OVER = frozenset({".git", "node_modules", "__pycache__", "site-packages", "target"})
_found: dict[str, tuple[float, tuple[str, ...]]] = {}


async def nested(root: Path) -> tuple[str, ...]:
    """The `.git` of each repository below `root`, from there; links are not followed."""
    at = os.path.realpath(root)
    when, kept = _found.get(at, (0.0, ()))
    if not when or time.monotonic() - when > KEPT_S:
        kept = tuple(await asyncio.to_thread(_looked_for, at))
        _found[at] = (time.monotonic(), kept)
    return tuple(name for name in kept if os.path.lexists(f"{at}/{name}"))


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
