"""AGENTS.md: how a repository wants to be worked on. Which of these files go with a prompt.

The one in the folder of a file that is shown and those above it go, the outermost first, so that
the nearest is read last and counts. They are somebody's text: bounded in size and number, read like
any other file, shown with the context, and unable to allow anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

NAME = "AGENTS.md"
REASON = "instructions"
LONGEST = 16_384
MOST = 5


def agents_paths(shown: Iterable[str], files: Iterable[str]) -> list[str]:
    """The AGENTS.md files for these files, the outermost first; without any the root's.

    Where there are too many, the root's stays, and those of the files that come first."""
    ends = f"/{NAME}"
    there = {file for file in files if file.endswith(ends) or file == NAME}
    found = dict.fromkeys({NAME} & there)
    for path in shown if len(there) > len(found) else ():
        nearest_first = (str(folder / NAME) for folder in PurePosixPath(path).parents)
        found |= dict.fromkeys(one for one in nearest_first if one in there)
    return sorted(list(found)[:MOST], key=depth)


def depth(path: str) -> tuple[int, str]:
    """To sort by: the outermost first."""
    return path.count("/"), path


def shortened(text: str) -> str:
    """The text, at most `LONGEST` characters of it up to a whole line."""
    if len(text) <= LONGEST:
        return text
    kept = text[:LONGEST]
    return kept[: kept.rfind("\n") + 1 or LONGEST]
