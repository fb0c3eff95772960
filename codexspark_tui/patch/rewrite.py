"""A model's changes as the text of a patch again, before they are placed; and turned round.

What is written is what was read: hunks keep the numbers and anchors of their headers, right or
wrong, so that reading the text again gives the same changes. `render` is for resolved changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from codexspark_tui.patch.model import (
    Create,
    Delete,
    Hunk,
    HunkHint,
    ModeChange,
    Proposed,
    Rename,
)
from codexspark_tui.patch.render import diff_head, shown_lines, whole_header
from codexspark_tui.patch.transform import ordered, turned


def invert_proposed(changes: Sequence[Proposed]) -> list[Proposed]:
    """The changes that take these back, in the order in which that can be done.

    A copy is taken back by deleting the new file. A mode whose old value the patch does not tell
    was that of a plain file.
    """
    names = {change.to: change.path for change in changes if isinstance(change, Rename)}
    inverted = [_inverted(change, names) for change in changes]
    moves = [change for change in inverted if isinstance(change, Rename)]
    return [*moves, *(change for change in inverted if not isinstance(change, Rename))]


def _inverted(change: Proposed, names: dict[str, str]) -> Proposed:
    match change:
        case Hunk(path, lines, hint):
            return Hunk(names.get(path, path), ordered(turned(lines)), _turned_hint(hint))
        case Create(path, lines, mode):
            return Delete(path, turned(lines), mode)
        case Delete(path, lines, mode):
            return Create(path, turned(lines), mode or "100644")
        case Rename(path, to, copy):
            return Delete(to) if copy else Rename(to, path)
        case ModeChange(path, mode, old_mode):
            return ModeChange(names.get(path, path), old_mode or "100644", mode)


def _turned_hint(hint: HunkHint) -> HunkHint:
    return replace(
        hint,
        old_start=hint.new_start,
        old_count=hint.new_count,
        new_start=hint.old_start,
        new_count=hint.old_count,
    )


@dataclass(slots=True)
class _Part:
    """What the patch does to one file."""

    old: str
    new: str
    copy: bool = False
    modes: list[ModeChange] = field(default_factory=list)
    hunks: list[Hunk] = field(default_factory=list)


def render_proposed(changes: Sequence[Proposed]) -> str:
    """A patch that reads as these changes, file by file in the order in which they first come."""
    out: list[str] = []
    parts: dict[str, _Part] = {}
    for change in changes:
        match change:
            case Rename(path, to, copy):
                parts[to] = _Part(path, to, copy)
            case Hunk(path):
                parts.setdefault(path, _Part(path, path)).hunks.append(change)
            case ModeChange(path):
                parts.setdefault(path, _Part(path, path)).modes.append(change)
            case Create(path, lines, mode):
                out += [*diff_head(path, path), f"new file mode {mode}\n"]
                out += whole_header(None, path, lines)
            case Delete(path, lines, mode):
                out += [*diff_head(path, path), f"deleted file mode {mode or '100644'}\n"]
                out += whole_header(path, None, lines)
    for part in parts.values():
        out += _part_lines(part)
    return "".join(out)


def _part_lines(part: _Part) -> list[str]:
    out = diff_head(part.old, part.new)
    for change in part.modes:
        out += [f"old mode {change.old_mode or '100644'}\n", f"new mode {change.mode}\n"]
    if part.old != part.new:
        verb = "copy" if part.copy else "rename"
        out += [f"{verb} from {part.old}\n", f"{verb} to {part.new}\n"]
    if part.hunks:
        out += whole_header(part.old, part.new, ())
    for hunk in part.hunks:
        out += [*_hunk_headers(hunk.hint), *shown_lines(hunk.lines)]
        if hunk.hint.at_end:
            out.append("*** End of File\n")
    return out


def _hunk_headers(hint: HunkHint) -> list[str]:
    if hint.anchors:
        return [f"@@ {anchor}\n" for anchor in hint.anchors]
    if hint.old_start is None or hint.new_start is None:
        return ["@@\n"]
    old, new = f"{hint.old_start},{hint.old_count}", f"{hint.new_start},{hint.new_count}"
    return [f"@@ -{old} +{new} @@ {hint.section}".rstrip() + "\n"]
