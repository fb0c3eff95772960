"""What a codemod proposes, as resolved changes and as patch text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from codexspark_tui.codemods.model import FileEdit
from codexspark_tui.patch import (
    apply_resolved,
    diff,
    invert_hunks,
    rebase,
    render,
    split_lines,
    to_line,
)
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
    path = (main.move_to if main else None) or extra.path
    back = invert_hunks(diff(path, base, after_main, context=0))
    hunks: list[ResolvedHunk] = []
    lost = 0
    for hunk in diff(path, after_main, wanted, context=0):
        alone = rebase(hunk, back)
        text = apply_resolved(base, [alone]) if isinstance(alone, ResolvedHunk) else None
        if isinstance(text, str):
            hunks += diff(path, base, text)
        else:
            lost += sum(line.sign == "-" for line in hunk.lines)
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


def _lines(sign: Literal["+", "-"], text: str) -> tuple[Line, ...]:
    return tuple(to_line(sign, raw) for raw in split_lines(text.removeprefix(BOM)))


def is_empty(edits: Sequence[FileEdit]) -> bool:
    return not any(edit.before != edit.after or edit.move_to for edit in edits)
