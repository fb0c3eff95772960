"""What the word at the cursor of the prompt can become: a /command or an @file. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codexspark_tui.index.finder import PathFinder
from codexspark_tui.tui.registry import commands_with

MOST = 8
WORDS = {
    "diff": "what is not committed",
    "staged": "what is staged",
    "last-output": "what the last command printed",
}
_ODD = frozenset(" ,;'`()<>")
_FILE = re.compile(r"(?:^|(?<=\s))@(\S*)$")


@dataclass(frozen=True, slots=True)
class Offer:
    """`text` takes the place of the last `replaces` characters before the cursor."""

    text: str
    about: str
    replaces: int


NO_COMMANDS: Mapping[str, str] = {}


def offers(before: str, files: PathFinder, own: Mapping[str, str] = NO_COMMANDS) -> list[Offer]:
    """For the text before the cursor, the likeliest first; none where nothing is to complete.

    `own`: what the person's own commands are about, by their names with the slash.
    """
    if before.startswith("/") and " " not in before and "\n" not in before:
        mine = [Offer(f"{c} ", own[c], len(before)) for c in sorted(own) if c.startswith(before)]
        ours = [
            Offer(action.command + " " * bool(action.argument), action.help, len(before))
            for action in commands_with(before)
            if action.command != before
        ]
        mine = [offer for offer in mine if offer.text.strip() != before]
        return [*mine[: MOST // 2 if ours else MOST], *ours][:MOST]
    at = _FILE.search(before)
    if at is None:
        return []
    part = at[1]
    words = [word for word in WORDS if part and word.startswith(part) and word != part]
    named = [*words, *(as_written(path) for path in files.find(part, MOST))]
    return [Offer(f"@{said} ", WORDS.get(said, ""), len(part) + 1) for said in named[:MOST]]


def as_written(path: str) -> str:
    """A path as it is written in a prompt."""
    return f'"{path}"' if set(path) & _ODD else path


def mentioned(text: str, files: Sequence[str]) -> tuple[str, ...]:
    """The files of the repository that a prompt names by @path."""
    known = set(files)
    said = (word.rstrip(".,;:!?)") for word in re.findall(r"(?:^|(?<=\s))@(\S+)", text))
    return tuple(dict.fromkeys(path for path in said if path in known))
