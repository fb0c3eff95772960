"""The text of a file as a batch left it, found again: the base of a three-way merge.

The ledger keeps deltas, not texts. A text is reached from one that git still has (HEAD, the staging
index, the last commits of the file), or from the recorded creation of the file, through the deltas
between; its digest says that it is the right one, so nothing here is ever a guess.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from codexspark_tui.errors import ProviderError
from codexspark_tui.git import run_git
from codexspark_tui.patch.compare import edits_between
from codexspark_tui.patch.model import Mode, ResolvedCreate
from codexspark_tui.patch.text import TextFile, split_lines
from codexspark_tui.workspace import trail
from codexspark_tui.workspace.delta import Delta, LineEdit, of_edits
from codexspark_tui.workspace.hunks import encoder, read_text
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.plan import content_of
from codexspark_tui.workspace.rows import to_record
from codexspark_tui.workspace.steps import Step
from codexspark_tui.workspace.values import digest_of

_COMMITS = 30
_LONGEST_S = 2.0
_MODES: tuple[Mode, ...] = ("100644", "100755")
Read = Callable[[str], list[bytes]]


def text_then(ledger: Ledger, path: str, digest: str, from_git: Read) -> bytes | None:
    """The bytes of the file of this digest that is or was at `path`; None where nobody has them."""
    names, steps = _steps_of(ledger, path)
    for found in (_created(ledger, names), *(map(_with_digests, map(from_git, sorted(names))))):
        data = _reached(found, steps, digest)
        if data is not None:
            return data
    return None


def nowhere(path: str) -> list[bytes]:
    """Reads nothing: for a folder that is no repository."""
    return []


def git_reader(root: Path) -> Read:
    """Reads what git has of a path below `root`: HEAD, the staging index, its last commits."""

    def read(path: str) -> list[bytes]:
        raw = os.fsencode(path)
        if b"\n" in raw:
            return []
        try:
            arguments = ["rev-list", f"-{_COMMITS}", "HEAD", "--", f":(literal){path}"]
            commits = run_git(arguments, cwd=root, timeout_s=_LONGEST_S).out.split()
        except ProviderError:  # a long history in which the file is rare
            commits = []
        names = [b":0:", b"HEAD:", *(commit + b":" for commit in commits)]
        asked = b"".join(name + raw + b"\n" for name in names)
        out = run_git(["cat-file", "--batch"], cwd=root, stdin=asked).out
        return list(dict.fromkeys(_blobs(out)))

    return read


def names_of(ledger: Ledger, path: str) -> set[str]:
    """Every name that the file at `path` has had or will have, as far as we moved it."""
    return _steps_of(ledger, path)[0]


def outside_delta(before: bytes, after: bytes) -> Delta | None:
    """What others did to the text, line by line; None where either side is no text."""
    old, new = read_text(before), read_text(after)
    if isinstance(old, str) or isinstance(new, str):
        return None
    if (old.encoding, old.bom) != (new.encoding, new.bom):
        old, new = _by_bytes(before), _by_bytes(after)
    lines = split_lines(old.text)
    edits = [
        LineEdit(edit.start, edit.end - edit.start, edit.lines)
        for edit in edits_between(lines, split_lines(new.text))
    ]
    return of_edits(lines, edits, encoder(old))


def _by_bytes(data: bytes) -> TextFile:
    """Bytes whose encoding has changed, as a text in which each byte is a character."""
    return TextFile(data.decode("latin-1"), "latin-1")


def _blobs(out: bytes) -> Iterator[bytes]:
    """The contents in the output of `git cat-file --batch`."""
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        head = out[at:end].split()
        at = end + 1
        if len(head) >= 3 and head[-2] in (b"blob", b"tree", b"commit", b"tag"):
            size = int(head[-1])
            if head[-2] == b"blob":
                yield out[at : at + size]
            at += size + 1


def _with_digests(texts: Sequence[bytes]) -> dict[str, bytes]:
    """With both modes, and with the line ends that a checkout may have put in."""
    found: dict[str, bytes] = {}
    for data in texts:
        ways = [data] if b"\r\n" in data else [data, data.replace(b"\n", b"\r\n")]
        found.update({digest_of(way, mode): way for way in ways for mode in _MODES})
    return found


def _created(ledger: Ledger, names: set[str]) -> dict[str, bytes]:
    """The contents of files of these names that we made."""
    found: dict[str, bytes] = {}
    for record in map(
        to_record, trail.creations(ledger, [os.fsencode(name) for name in sorted(names)])
    ):
        resolved = record.entry.resolved
        if isinstance(resolved, ResolvedCreate):
            content = content_of(resolved.path, resolved.lines, resolved.mode)
            found[record.digest] = content.data
    return found


def _steps_of(ledger: Ledger, path: str) -> tuple[set[str], list[Step]]:
    """Everything that was written at `path` and at the names that it was moved from and to."""
    names, steps, waiting = {path}, dict[tuple[int, int], Step](), [path]
    while waiting:
        for key, step in trail.steps_at(ledger, waiting.pop()):
            steps[key] = step
            for name in (step.path, step.source, step.origin):
                if name and name not in names:
                    names.add(name)
                    waiting.append(name)
    return names, list(steps.values())


def _reached(known: dict[str, bytes], steps: Sequence[Step], wanted: str) -> bytes | None:
    """Go from the known texts along the deltas, both ways, until the wanted one."""
    ways: dict[str, list[Step]] = {}
    for step in [*steps, *(step.turned() for step in steps)]:
        if step.before.exists and step.after.exists:
            ways.setdefault(step.before.digest, []).append(step)
    waiting, seen = list(known.items()), set(known)
    while waiting:
        digest, data = waiting.pop()
        if digest == wanted:
            return data
        for step in ways.get(digest, ()):
            after = step.content_after(data)
            if step.after.digest not in seen and after is not None:
                seen.add(step.after.digest)
                waiting.append((step.after.digest, after))
    return None
