"""What the app keeps of a person's typing: the history of prompts, and the draft.

Both lie in the state folder, readable by their owner only, one pair for each repository. What was
pasted is kept beside the marks that stand for it. A disk that does not take them is no reason to
disturb: `problem` says so once. A file that cannot be read as what it should be is left out.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from codexspark_tui.state_dir import ensure, state_dir
from codexspark_tui.tui.model.pasted import Entry, entry_of, value_of

KEPT = 500
READ_BYTES = 16_000_000  # of the end of the history
EMPTY = Entry()


def notes_folder(root: Path) -> Path:
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return state_dir() / "prompts" / name


@dataclass(slots=True)
class History:
    """Prompts, the oldest first; `add` also appends to the file, if there is one."""

    path: Path | None
    entries: list[Entry] = field(default_factory=list)
    problem: str = ""

    @classmethod
    def load(cls, root: Path) -> History:
        path = notes_folder(root) / "history.jsonl"
        made = cls(path)
        entries = (_entry(line) for line in _end_of(path).splitlines()[-KEPT:])
        made.entries = [entry for entry in entries if entry is not None]
        return made

    def add(self, entry: Entry) -> None:
        if self.entries and self.entries[-1] == entry:
            return
        self.entries.append(entry)
        if self.path is None:
            return
        try:
            ensure(self.path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            with os.fdopen(os.open(self.path, flags, 0o600), "a", encoding="ascii") as file:
                file.write(json.dumps(value_of(entry)) + "\n")
        except OSError as error:
            self.problem = f"the history is not kept: {error.strerror or error}"


@dataclass(slots=True)
class Draft:
    """What is typed and not sent. `save` writes only what is new, whole or not at all."""

    path: Path | None
    saved: Entry = EMPTY
    problem: str = ""

    @classmethod
    def load(cls, root: Path) -> Draft:
        """The draft; that of an earlier version was a text and nothing else."""
        path = notes_folder(root) / "draft.json"
        try:
            data = path.read_bytes()
        except OSError:
            return cls(path, _earlier(path))
        return cls(path, _entry(data) or EMPTY)

    def save(self, entry: Entry) -> None:
        if entry == self.saved or self.path is None:
            return
        try:
            ensure(self.path.parent)
            if not entry.text:
                self.path.unlink(missing_ok=True)
            else:
                beside = self.path.with_suffix(f".{os.getpid()}")
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
                with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
                    file.write(json.dumps(value_of(entry)).encode("ascii"))
                beside.replace(self.path)
            self.path.with_suffix(".txt").unlink(missing_ok=True)
            self.saved = entry
        except OSError as error:
            self.problem = f"the draft is not kept: {error.strerror or error}"


def _entry(data: bytes) -> Entry | None:
    try:
        return entry_of(json.loads(data))
    except (ValueError, RecursionError):
        return None


def _earlier(path: Path) -> Entry:
    try:
        text = path.with_suffix(".txt").read_bytes().decode("utf-8", "surrogatepass")
    except (OSError, ValueError):
        return EMPTY
    return Entry(text)


def _end_of(path: Path) -> bytes:
    """The last whole lines of a file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - READ_BYTES))
            data = file.read()
    except OSError:
        return b""
    return data if size <= READ_BYTES else data.partition(b"\n")[2]
