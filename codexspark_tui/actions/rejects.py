"""What could not be placed, as a patch to be mended by hand and applied later.

Every change comes with the reason as a line of text before it, which readers of patches pass over.
Its header numbers say where the change nearly fits; its lines are the model's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from codexspark_tui.actions.tally import Seen
from codexspark_tui.events.facts import AmbiguousAt, NotPlacedAt, ShownLine
from codexspark_tui.patch import render
from codexspark_tui.patch.model import (
    Line,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    Sign,
)

_SIGNS: dict[str, Sign] = {sign: sign for sign in get_args(Sign)}


def rejects(left_out: Sequence[Seen], lines: Mapping[str, Sequence[ShownLine]]) -> str:
    """The changes that were left out; `lines` are those of each change by its id."""
    return "".join(
        f"{seen.path}: {_one_line(seen.why_not)}\n\n{_patch(seen, lines.get(seen.id, ()))}\n"
        for seen in left_out
        if not seen.is_there_already
    )


def keep(path: Path, patch: str) -> None:
    """Write the patch to the file that the person has named. Raises `OSError`."""
    path.write_bytes(patch.encode("utf-8", "surrogateescape"))


def _one_line(why: str) -> str:
    return " ".join(why.split()) or "it could not be placed"


def _patch(seen: Seen, shown: Sequence[ShownLine]) -> str:
    lines = tuple(Line(_SIGNS.get(line.sign, " "), line.text) for line in shown)
    change: Resolved
    match seen.kind:
        case "hunk":
            change = ResolvedHunk(seen.path, _nearest(seen), lines)
        case "create":
            change = ResolvedCreate(seen.path, lines)
        case "delete":
            change = ResolvedDelete(seen.path, lines)
        case _:
            return ""
    return render([change]) if lines else ""


def _nearest(seen: Seen) -> int:
    """The line, from 1, that the change is nearest to."""
    match seen.placement:
        case NotPlacedAt(nearest=int(line)):
            return line
        case AmbiguousAt(lines=(line, *_)):
            return line
        case _:
            return 1
