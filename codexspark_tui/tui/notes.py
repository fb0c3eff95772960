"""What the app keeps of a person's typing: the history of prompts, and the draft.

Both lie in the state folder, readable by their owner only, one pair for each repository. A disk
that does not take them is no reason to disturb: `problem` says so once.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from codexspark_tui.state_dir import ensure, state_dir

KEPT = 500


def notes_folder(root: Path) -> Path:
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return state_dir() / "prompts" / name


@dataclass(slots=True)
class History:
    """Prompts, the oldest first; `add` also appends to the file, if there is one."""

    path: Path | None
    entries: list[str] = field(default_factory=list)
    problem: str = ""

    @classmethod
    def load(cls, root: Path) -> History:
        path = notes_folder(root) / "history.jsonl"
        made = cls(path)
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, ValueError):
            return made
        for line in lines[-KEPT:]:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, str):
                made.entries.append(entry)
        return made

    def add(self, text: str) -> None:
        if self.entries and self.entries[-1] == text:
            return
        self.entries.append(text)
        if self.path is None:
            return
        try:
            ensure(self.path.parent)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            with os.fdopen(os.open(self.path, flags, 0o600), "a", encoding="ascii") as file:
                file.write(json.dumps(text) + "\n")
        except OSError as error:
            self.problem = f"the history is not kept: {error.strerror or error}"


@dataclass(slots=True)
class Draft:
    """What is typed and not sent. `save` writes only what is new, whole or not at all."""

    path: Path | None
    saved: str = ""
    problem: str = ""

    @classmethod
    def load(cls, root: Path) -> Draft:
        path = notes_folder(root) / "draft.txt"
        made = cls(path)
        try:
            made.saved = path.read_bytes().decode("utf-8", "surrogatepass")
        except (OSError, ValueError):
            return made
        return made

    def save(self, text: str) -> None:
        if text == self.saved or self.path is None:
            return
        try:
            ensure(self.path.parent)
            if not text:
                self.path.unlink(missing_ok=True)
            else:
                beside = self.path.with_suffix(f".{os.getpid()}")
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
                with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
                    file.write(text.encode("utf-8", "surrogatepass"))
                beside.replace(self.path)
            self.saved = text
        except OSError as error:
            self.problem = f"the draft is not kept: {error.strerror or error}"
