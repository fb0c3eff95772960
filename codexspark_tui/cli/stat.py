"""A summary of changes like that of `git diff --stat`."""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.patch.model import (
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)

WIDTH = 40


def stat_lines(changes: Sequence[Resolved]) -> list[str]:
    """One line a file, and a total."""
    added: dict[str, int] = {}
    removed: dict[str, int] = {}
    notes: dict[str, str] = {}
    for change in changes:
        path = change.to if isinstance(change, ResolvedRename) else change.path
        added.setdefault(path, 0)
        removed.setdefault(path, 0)
        match change:
            case ResolvedHunk() | ResolvedCreate() | ResolvedDelete():
                added[path] += sum(line.sign == "+" for line in change.lines)
                removed[path] += sum(line.sign == "-" for line in change.lines)
            case ResolvedRename():
                notes[path] = f" (from {change.path})"
            case ResolvedMode():
                notes[path] = f" (mode {change.old_mode} to {change.mode})"
    longest = max(len(path + notes.get(path, "")) for path in added)
    most = max(max(added[p] + removed[p] for p in added), 1)
    lines = [
        f" {path + notes.get(path, ''):{longest}} | {added[path] + removed[path]:4} "
        + _bar(added[path], removed[path], most)
        for path in added
    ]
    files = len(added)
    total = f" {files} file{'s' if files != 1 else ''} changed"
    return [*lines, f"{total}, {sum(added.values())} added, {sum(removed.values())} removed"]


def _bar(added: int, removed: int, most: int) -> str:
    scale = min(1.0, WIDTH / most)
    plus = max(1, round(added * scale)) if added else 0
    minus = max(1, round(removed * scale)) if removed else 0
    return "+" * plus + "-" * minus
