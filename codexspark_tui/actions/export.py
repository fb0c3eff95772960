"""What recorded changes come to, as one patch that `git apply` takes."""

from __future__ import annotations

from collections.abc import Sequence

from codexspark_tui.errors import NotPlaced, UsageError
from codexspark_tui.patch import diff, render, split_lines, to_line
from codexspark_tui.patch.model import (
    Line,
    Mode,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedMode,
    ResolvedRename,
    Sign,
)
from codexspark_tui.workspace import FileNet, Net, Workspace
from codexspark_tui.workspace.tree import LINK_MODE


def net_changes(workspace: Workspace, whats: Sequence[str]) -> Net:
    """Raises `NotPlaced` where the tree has moved on, so that it cannot be said what is theirs."""
    chosen = list(whats)
    if not chosen:
        chosen = [str(turn.number) for turn in workspace.log(1_000) if turn.applied][:1]
    if not chosen:
        raise UsageError(
            "nothing that was written here is in force", next_step="spark log lists all turns."
        )
    net = workspace.net(chosen)
    if net.conflicts:
        raise NotPlaced(
            "the files have moved on, so what these changes come to cannot be told apart",
            detail="\n".join(f"  {c.change} {c.path}: {c.why}" for c in net.conflicts),
            next_step=f"spark show {chosen[0]} prints each change as it was written.",
        )
    return net


def patch_of(net: Net) -> str:
    """Raises `NotPlaced` for a file that is no text."""
    return render([change for file in net.files for change in _changes(file)])


def _changes(file: FileNet) -> list[Resolved]:
    before = None if file.before is None else (_text(file, file.before[0]), _mode(file.before[1]))
    after = None if file.after is None else (_text(file, file.after[0]), _mode(file.after[1]))
    found: list[Resolved] = []
    becomes_another = before and after and (before[1] == LINK_MODE) != (after[1] == LINK_MODE)
    if before and (after is None or becomes_another):
        found.append(ResolvedDelete(file.old_path, _lines("-", before[0]), before[1]))
    if after and (before is None or becomes_another):
        found.append(ResolvedCreate(file.path, _lines("+", after[0]), after[1]))
    if before is None or after is None or becomes_another:
        return found
    if file.old_path != file.path:
        found.append(ResolvedRename(file.old_path, file.path))
    if before[1] != after[1]:
        found.append(ResolvedMode(file.path, after[1], before[1]))
    return [*found, *diff(file.path, before[0], after[0])]


def _text(file: FileNet, data: bytes) -> str:
    """Bytes that are not UTF-8 come out of the patch as they went in."""
    if b"\0" in data:
        raise NotPlaced(
            f"{file.path} is not text as git has it, so a patch cannot hold it",
            next_step="spark show prints its changes as text.",
        )
    return data.decode("utf-8", "surrogateescape")


def _lines(sign: Sign, text: str) -> tuple[Line, ...]:
    return tuple(to_line(sign, raw) for raw in split_lines(text))


def _mode(said: str) -> Mode:
    return "100755" if said == "100755" else "120000" if said == "120000" else "100644"
