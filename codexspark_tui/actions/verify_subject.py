"""What `spark verify` looks at: a turn, or what git knows as changed since a commit.

Nothing that looks like a secret goes into the text: files by their name, lines by what they hold.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from codexspark_tui.errors import PathRefused, UsageError
from codexspark_tui.events.paths import path_text
from codexspark_tui.git import PLAIN_DIFF, head_commit, list_files, run_git, without_filters
from codexspark_tui.index.secret_files import secret_by_name, without_keys
from codexspark_tui.patch import TextFile, decode, render, split_lines, to_line
from codexspark_tui.patch.model import ResolvedCreate
from codexspark_tui.workspace import ChangeEntry, Workspace

MOST_FILES = 200
MOST_CHARACTERS = 400_000
MOST_TURNS = 10_000
_DIFF = (*PLAIN_DIFF, "--no-renames")
_EMPTY_TREE = ("hash-object", "-t", "tree", "/dev/null")
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
        raise UsageError(
            f"of turn {number} nothing is written any more",
            next_step=f"Put it back with spark redo {number}, or name another; see spark log.",
        )
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
    root = workspace.root
    head = head_commit(root) or run_git(_EMPTY_TREE, cwd=root).out.decode().strip()
    now = _diff(workspace, head, "what is not committed yet")
    if now.patch:
        return now
    before = run_git(["rev-parse", "-q", "--verify", "HEAD~1^{commit}"], cwd=root)
    if not before.out.strip():
        return Subject("the tree")
    return _diff(workspace, before.out.decode().strip(), "the last commit")


def _diff(workspace: Workspace, base: str, title: str) -> Subject:
    """From a commit to the tree as it is; files that are not added yet are part of it."""
    root = workspace.root
    command = [*without_filters(root), *_DIFF]
    listed = run_git([*command, "--name-only", "-z", base], cwd=root)
    names = [os.fsdecode(name) for name in listed.out.split(b"\0") if name]
    known = set(list_files(root, untracked=False))
    added = [name for name in list_files(root) if name not in known]
    kept = [name for name in names if not secret_by_name(name)][:MOST_FILES]
    wanted = (name for name in added if not (secret_by_name(name) or name.endswith(".sarif")))
    made = list(wanted)[: MOST_FILES - len(kept)]  # a log of an earlier verify is none of it
    shown = ""
    if kept:
        shown = run_git([*command, base, "--", *kept], cwd=root).out.decode("utf-8", "replace")
    shown += "".join(_as_new(workspace, name) for name in made)
    if not shown:
        return Subject(title)
    files = tuple(path_text(name) for name in dict.fromkeys((*kept, *made)))
    return Subject(title, _clean(shown), files=files)


def _as_new(workspace: Workspace, name: str) -> str:
    """A file that git does not know yet, as a patch; "" for what is no text."""
    try:
        state = workspace.read(name)
    except PathRefused:
        return ""
    text = decode(state.data) if state.kind == "file" else None
    if not isinstance(text, TextFile) or secret_by_name(state.real):
        return ""
    lines = tuple(to_line("+", raw) for raw in split_lines(text.text))
    return render([ResolvedCreate(name, lines)])


def _clean(patch: str) -> str:
    return without_keys(patch[:MOST_CHARACTERS])
