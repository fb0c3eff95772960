"""AGENTS.md: how a repository wants to be worked on. Which of these files go with a prompt.

The one in the folder of a named file and those above it go, the outermost first, so that the
nearest is read last and counts. They are somebody's text: bounded in size and number, read like any
other file, shown with the context, and unable to allow anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

NAME = "AGENTS.md"
REASON = "instructions"
LONGEST = 16_384
MOST = 5


def agents_paths(named: Iterable[str], files: Iterable[str]) -> list[str]:
    """The AGENTS.md files for these named files, the outermost first; without any the root's."""
    ends = f"/{NAME}"
    there = {file for file in files if file.endswith(ends) or file == NAME}
    found = {NAME} & there
    for path in named:
        found |= {str(folder / NAME) for folder in PurePosixPath(path).parents} & there
    nearest_first = sorted(found, key=lambda path: (-path.count("/"), path))
    return nearest_first[:MOST][::-1]


def shortened(text: str) -> str:
    """The text, at most `LONGEST` characters of it up to a whole line."""
    if len(text) <= LONGEST:
        return text
    kept = text[:LONGEST]
    return kept[: kept.rfind("\n") + 1 or LONGEST]
