"""What `spark verify` looks at: a turn, or what git knows as changed since a commit.

Nothing that looks like a secret goes into the text: files by their name, lines by what they hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codexspark_tui.errors import UsageError
from codexspark_tui.events.paths import path_text
from codexspark_tui.git import run_git
from codexspark_tui.index.secret_files import secret_by_content, secret_by_name
from codexspark_tui.patch import render
from codexspark_tui.workspace import ChangeEntry, Workspace

MOST_FILES = 200
MOST_CHARACTERS = 400_000
MOST_TURNS = 10_000
_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-renames")
_TURN = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Subject:
    """`title` as a person says it; `patch` what was changed, `prompt` what for. `files` from the
    root. `checkpoint`: the turn after which the tree is looked at; None: as it is now."""

    title: str
    patch: str = ""
    prompt: str = ""
    files: tuple[str, ...] = ()
    checkpoint: int | None = None


def subject_of(workspace: Workspace, turn: str | None, since: str) -> Subject:
    """A turn by its number; without one what changed `since` a commit, the newest turn, what is
    not committed yet, or the last commit. Raises `UsageError` for what is not there."""
    if turn is not None and since:
        raise UsageError("a turn and --since cannot be given together")
    if since:
        return _since(workspace, since)
    if turn is not None:
        if not _TURN.fullmatch(turn):
            raise UsageError(f"{turn} is no turn", next_step="spark log lists the turns.")
        return _of_turn(workspace, int(turn), newest=False)
    newest = next((t for t in workspace.log() if t.applied), None)
    if newest is not None:
        return _of_turn(workspace, newest.number, newest=True)
    return _of_git(workspace)


def _of_turn(workspace: Workspace, number: int, *, newest: bool) -> Subject:
    entries = [entry for entry in workspace.show(str(number)) if entry.applied]
    if not entries:
        raise UsageError(f"of turn {number} nothing is written any more")
    turn = next(t for t in workspace.log(MOST_TURNS) if t.number == number)
    last = workspace.log(1)[0].number == number
    patch = "".join(render([entry.resolved]) for entry in entries if _may_be_sent(entry))
    files = tuple(dict.fromkeys(path_text(entry.path) for entry in entries))
    checkpoint = None if newest or last else number
    return Subject(f"turn {number}", _clean(patch), turn.prompt, files, checkpoint)


def _may_be_sent(entry: ChangeEntry) -> bool:
    return not secret_by_name(entry.path)


def _since(workspace: Workspace, since: str) -> Subject:
    if workspace.repository is None or since.startswith("-"):
        raise UsageError(f"there is no commit {since}")
    named = ["rev-parse", "-q", "--verify", f"{since}^{{commit}}"]
    found = run_git(named, cwd=workspace.root).out.decode().strip()
    if not found:
        raise UsageError(f"there is no commit {since}", next_step="git log shows the commits.")
    return _diff(workspace, found, f"what changed since {since}")


def _of_git(workspace: Workspace) -> Subject:
    """What is not committed yet, or the last commit, where no turn is known."""
    if workspace.repository is None:
        return Subject("the tree")
    now = _diff(workspace, "HEAD", "what is not committed yet")
    if now.patch:
        return now
    before = run_git(["rev-parse", "-q", "--verify", "HEAD~1^{commit}"], cwd=workspace.root)
    if not before.out.strip():
        return Subject("the tree")
    return _diff(workspace, before.out.decode().strip(), "the last commit")


def _diff(workspace: Workspace, base: str, title: str) -> Subject:
    listed = run_git([*_DIFF, "--name-only", "-z", base], cwd=workspace.root)
    names = [name.decode("utf-8", "surrogateescape") for name in listed.out.split(b"\0") if name]
    kept = [name for name in names if not secret_by_name(name)][:MOST_FILES]
    if not kept:
        return Subject(title)
    shown = run_git([*_DIFF, base, "--", *kept], cwd=workspace.root)
    patch = _clean(shown.out.decode("utf-8", "replace"))
    return Subject(title, patch, files=tuple(path_text(name) for name in kept))


def _clean(patch: str) -> str:
    lines = patch[:MOST_CHARACTERS].split("\n")
    return "\n".join("(held back: a key)" if secret_by_content(line) else line for line in lines)
