"""What a codemod proposes, as resolved changes and as patch text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from codexspark_tui.codemods.model import FileEdit
from codexspark_tui.patch import apply_resolved, diff, recontext, render, split_lines, to_line
from codexspark_tui.patch.model import (
    Line,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedRename,
)

BOM = "\ufeff"


def patch_of(edits: Iterable[FileEdit]) -> str:
    """A git-style patch for these edits, files in their order; "" when nothing changes."""
    return render([change for edit in edits for change in changes_of(edit)])


def changes_of(edit: FileEdit) -> list[Resolved]:
    """One edit as resolved changes: a file made or removed, or a rename and its hunks."""
    if edit.before is None:
        return [ResolvedCreate(edit.path, _lines("+", edit.after or ""))]
    if edit.after is None:
        return [ResolvedDelete(edit.path, _lines("-", edit.before))]
    path = edit.move_to or edit.path
    hunks = diff(path, edit.before.removeprefix(BOM), edit.after.removeprefix(BOM))
    if edit.move_to:
        return [ResolvedRename(edit.path, edit.move_to), *hunks]
    return list(hunks)


def extra_hunks(main: FileEdit | None, extra: FileEdit) -> tuple[list[ResolvedHunk], int]:
    """An offered edit as hunks of the text before the main edits, each by itself.

    `extra.before` is the text after `main`. Returns the hunks, and how many lines could not be
    offered because the main edits change them as well.
    """
    after_main = (extra.before or "").removeprefix(BOM)
    wanted = (extra.after or "").removeprefix(BOM)
    base = main.before.removeprefix(BOM) if main is not None and main.before else after_main
    to_base = _line_map(base, after_main)
    base_lines = split_lines(base)
    path = (main.move_to if main else None) or extra.path
    hunks: list[ResolvedHunk] = []
    lost = 0
    for hunk in diff(path, after_main, wanted, context=0):
        old = [i for i, line in enumerate(hunk.lines) if line.sign == "-"]
        indexes = [to_base.get(hunk.old_start - 1 + i) for i in range(len(old))]
        start = indexes[0] if indexes else None
        if start is None or indexes != list(range(start, start + len(old))):
            lost += len(old)
            continue
        moved = start - (hunk.old_start - 1)
        hunks.append(recontext(base_lines, hunk, moved))
    return hunks, lost


def with_extras(edits: Sequence[FileEdit], extras: Sequence[FileEdit]) -> list[FileEdit]:
    """The main edits with the extras in them; an extra that collides with another is left out."""
    made = {edit.move_to or edit.path: edit for edit in edits}
    hunks: dict[str, list[ResolvedHunk]] = {}
    for extra in extras:
        found = diff(extra.path, extra.before or "", extra.after or "", context=0)
        hunks.setdefault(extra.path, []).extend(found)
    for path, offered in hunks.items():
        main = made.get(path)
        text = (main.after if main else next(e.before for e in extras if e.path == path)) or ""
        whole = apply_resolved(text, offered)
        if isinstance(whole, str):
            before = main.before if main else text
            moved = main.move_to if main else None
            made[path] = FileEdit(main.path if main else path, before, whole, moved)
    return list(made.values())


def _line_map(base: str, after: str) -> dict[int, int]:
    """Index in `after` → index in `base`, for the lines that are the same."""
    mapping: dict[int, int] = {}
    at_base = at_after = 0
    for hunk in diff("", base, after, context=0):
        while at_base < hunk.old_start - 1:
            mapping[at_after] = at_base
            at_base, at_after = at_base + 1, at_after + 1
        at_base += sum(line.sign != "+" for line in hunk.lines)
        at_after += sum(line.sign != "-" for line in hunk.lines)
    for index in range(at_base, len(split_lines(base))):
        mapping[at_after + index - at_base] = index
    return mapping


def _lines(sign: Literal["+", "-"], text: str) -> tuple[Line, ...]:
    return tuple(to_line(sign, raw) for raw in split_lines(text.removeprefix(BOM)))


def is_empty(edits: Sequence[FileEdit]) -> bool:
    return not any(edit.before != edit.after or edit.move_to for edit in edits)
