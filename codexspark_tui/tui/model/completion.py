"""What the word at the cursor of the prompt can become: a /command or an @file. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from codexspark_tui.tui.registry import commands_with

MOST = 8
_FILE = re.compile(r"(?:^|(?<=\s))@(\S*)$")


@dataclass(frozen=True, slots=True)
class Offer:
    """`text` takes the place of the last `replaces` characters before the cursor."""

    text: str
    about: str
    replaces: int


def offers(before: str, files: Sequence[str]) -> list[Offer]:
    """For the text before the cursor, the likeliest first; none where nothing is to complete."""
    if before.startswith("/") and " " not in before and "\n" not in before:
        found = commands_with(before)
        return [
            Offer(action.command + " " * bool(action.argument), action.help, len(before))
            for action in found[:MOST]
            if action.command != before
        ]
    at = _FILE.search(before)
    if at is None:
        return []
    part = at[1]
    return [Offer(f"@{path} ", "", len(part) + 1) for path in _best(part, files)]


def _best(part: str, files: Sequence[str]) -> list[str]:
    """Files whose name begins so, then those that hold it, then those with its letters in order."""
    wanted = part.lower()
    ranked: list[tuple[int, int, str]] = []
    for path in files:
        rank = _rank(wanted, path.lower())
        if rank is not None:
            ranked.append((rank, len(path), path))
    return [path for _, _, path in sorted(ranked)[:MOST]]


def _rank(wanted: str, path: str) -> int | None:
    name = path.rpartition("/")[2]
    if name.startswith(wanted) or path.startswith(wanted):
        return 0
    if wanted in path:
        return 1
    letters = iter(path)
    return 2 if all(letter in letters for letter in wanted) else None


def mentioned(text: str, files: Sequence[str]) -> tuple[str, ...]:
    """The files of the repository that a prompt names by @path."""
    known = set(files)
    said = (word.rstrip(".,;:!?)") for word in re.findall(r"(?:^|(?<=\s))@(\S+)", text))
    return tuple(dict.fromkeys(path for path in said if path in known))
