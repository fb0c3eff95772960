"""A git commit of exactly what some recorded changes come to, and of nothing else.

True here: the commit is made through a staging index of our own; the person's working tree is not
touched. HEAD moves, as it does in any commit. Of the person's staging index only the entries of the
committed files change, so that the next commit does not take the change back: what else was staged
in them stays staged. No hook is run and nothing is signed. What cannot be told apart is refused
before anything is written.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.actions.blobs import Blobs, Entry, Stands, merged
from codexspark_tui.actions.export import net_changes
from codexspark_tui.errors import NotPlaced, UsageError
from codexspark_tui.git import Repository, run_git
from codexspark_tui.workspace import FileNet, TurnEntry, Workspace

LONGEST_SUBJECT = 72
_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "sequencer": "a cherry-pick or revert",
}
_CONVERTED = ("filter", "working-tree-encoding")


@dataclass(frozen=True, slots=True)
class Committed:
    """The new commit, its first line, the turns in it and the files that it changed."""

    commit: str
    subject: str
    turns: tuple[int, ...]
    files: tuple[str, ...]


def commit_changes(
    workspace: Workspace, whats: Sequence[str], message: str = "", *, trailer: bool = False
) -> Committed | None:
    """None where HEAD has all of it already. Raises `UsageError` and `NotPlaced`."""
    repository = workspace.repository
    if repository is None:
        raise UsageError("this folder is no git repository", next_step="Make it one with: git init")
    _check_quiet(repository)
    _check_in_force(workspace, whats)
    net = net_changes(workspace, whats)
    turns = [turn for turn in workspace.log(1_000_000) if turn.number in net.turns]
    text = message.strip() or _message(turns)
    if trailer:
        text += "\n\n" + _trailer(turns)
    root = repository.root
    head = run_git(["rev-parse", "-q", "--verify", "HEAD^{commit}"], cwd=root).out.decode().strip()
    _check_attributes(root, [name for file in net.files for name in (file.old_path, file.path)])
    blobs = Blobs(root, head)
    ours = _entries(net.files, blobs, blobs.at_head)
    staged = _entries(net.files, blobs, blobs.staged)
    tree, same = _tree(root, head, ours)
    if same:
        return None
    commit = _commit_object(root, head, tree, text)
    before = {path: blobs.staged(path) for path in staged}
    _stage(root, staged)
    moved = run_git(
        ["update-ref", "-m", f"commit: {text.splitlines()[0]}", "HEAD", commit, head], cwd=root
    )
    if moved.code:
        _stage(root, before)
        raise NotPlaced(
            "HEAD has moved in the meantime, so nothing was committed",
            detail=moved.err,
            next_step="Try again: spark commit",
        )
    return Committed(commit, text.splitlines()[0], net.turns, tuple(sorted(ours)))


def _check_in_force(workspace: Workspace, whats: Sequence[str]) -> None:
    """What the person has taken back is not what they want to commit."""
    for what in whats:
        if not any(change.applied for change in workspace.show(what)):
            raise UsageError(
                f"{what} has been taken back, so there is nothing of it to commit",
                next_step=f"Put it back first: spark redo {what}",
            )


def _check_quiet(repository: Repository) -> None:
    for name, what in _UNDER_WAY.items():
        if (repository.git_dir / name).exists():
            raise UsageError(
                f"{what} is under way in this repository",
                next_step="Finish it first, or commit with git.",
            )


def _check_attributes(root: Path, names: Sequence[str]) -> None:
    """Files that git converts would need its filters run, which are programs of the repository."""
    fed = b"\0".join(map(os.fsencode, dict.fromkeys(names))) + b"\0"
    said = run_git(["check-attr", "-z", "--stdin", *_CONVERTED], cwd=root, stdin=fed).out
    fields = said.split(b"\0")
    for path, attribute, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        if value not in (b"unspecified", b"unset"):
            what = f"{attribute.decode()}={value.decode(errors='replace')}"
            raise UsageError(
                f"{os.fsdecode(path)} is converted by git ({what}), which spark does not run",
                next_step="Commit it with git: git add, git commit.",
            )


def _entries(files: Sequence[FileNet], blobs: Blobs, stands: Stands) -> dict[str, Entry | None]:
    """The entry of each file (None: gone) after the changes, where it `stands` in git before."""
    found: dict[str, Entry | None] = {}
    for file in files:
        old = None if file.before is None else stands(file.old_path)
        entry = merged(blobs, file, old, stands(file.path))
        if file.before is not None and file.path != file.old_path:
            found[file.old_path] = None
        found[file.path] = entry
    return found


def _tree(root: Path, head: str, entries: dict[str, Entry | None]) -> tuple[str, bool]:
    """The tree of HEAD with these entries, and whether it is HEAD's own."""
    with tempfile.TemporaryDirectory(prefix="spark-") as folder:
        own = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        first = ["read-tree", head] if head else ["read-tree", "--empty"]
        for arguments, fed in ((first, b""), (_UPDATE, _info(root, entries))):
            done = run_git(arguments, cwd=root, stdin=fed, env=own)
            if done.code:
                raise NotPlaced("git could not build the commit", detail=done.err)
        tree = run_git(["write-tree"], cwd=root, env=own).out.decode().strip()
    was = run_git(["rev-parse", "-q", "--verify", "HEAD^{tree}"], cwd=root).out.decode().strip()
    return tree, tree == was


_UPDATE = ("update-index", "-z", "--index-info")


def _info(root: Path, entries: dict[str, Entry | None]) -> bytes:
    """Lines for `update-index --index-info`; removals first, as a folder may take a file's name."""
    nothing = run_git(["hash-object", "-t", "tree", "--stdin"], cwd=root).out.strip()
    gone = [(path, b"0 " + b"0" * len(nothing)) for path, entry in entries.items() if not entry]
    there = [
        (path, f"{entry.mode} {entry.blob}".encode()) for path, entry in entries.items() if entry
    ]
    return b"".join(head + b"\t" + os.fsencode(path) + b"\0" for path, head in (*gone, *there))


def _stage(root: Path, entries: dict[str, Entry | None]) -> None:
    done = run_git(_UPDATE, cwd=root, stdin=_info(root, entries))
    if done.code:
        raise NotPlaced(
            "git's staging index could not be written, so nothing was committed",
            detail=done.err,
            next_step="Wait for the other git command to end, then try again.",
        )


def _commit_object(root: Path, head: str, tree: str, text: str) -> str:
    parents = ["-p", head] if head else []
    done = run_git(
        ["commit-tree", tree, *parents, "-F", "-"], cwd=root, stdin=text.encode() + b"\n"
    )
    if done.code:
        raise UsageError(
            "git does not know who commits" if "tell me who" in done.err else "git cannot commit",
            detail=done.err,
            next_step="Set user.name and user.email with git config.",
        )
    return done.out.decode().strip()


def _message(turns: Sequence[TurnEntry]) -> str:
    """From the prompts, the oldest first; a first line that is too long is cut there and whole
    below."""
    prompts = [_plain(turn.prompt).strip() or f"Turn {turn.number}" for turn in reversed(turns)]
    subject = prompts[0].splitlines()[0]
    if len(prompts) == 1 and prompts[0] == subject and len(subject) <= LONGEST_SUBJECT:
        return subject
    short = subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…"
    return short + "\n\n" + "\n\n".join(prompts)


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _trailer(turns: Sequence[TurnEntry]) -> str:
    lines = [f"Assisted-by: spark ({_plain(who)})" for turn in turns for who in turn.authors]
    return "\n".join(dict.fromkeys(" ".join(line.split()) for line in lines))
