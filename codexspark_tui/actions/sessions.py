"""The sessions of a repository that were kept: which there are, and what one of them told.

Transcripts are read, never written here. A line that cannot be read is left out: a crash may have
cut the last one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from codexspark_tui.errors import UsageError
from codexspark_tui.events import facts
from codexspark_tui.events.codec import event_from_line
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.state_dir import state_dir

LOOKED_AT = 2000
HEAD_BYTES = 64 * 1024
LARGEST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A session that can be gone on with. `at`: seconds since the epoch, of its last line."""

    id: str
    path: Path
    at: float
    prompts: tuple[str, ...]

    def holds(self, words: str) -> bool:
        """Whether each word is in one of its first prompts, or in its id."""
        said = " ".join((self.id, *self.prompts)).lower()
        return all(word in said for word in words.lower().split())


def sessions_of(root: Path, limit: int = 200) -> list[Kept]:
    """Those with at least one prompt, the newest first."""
    folder = state_dir() / "sessions"
    try:
        found = [(path.stat().st_mtime, path) for path in folder.glob("*.jsonl")]
    except OSError:
        return []
    kept: list[Kept] = []
    for at, path in sorted(found, reverse=True)[:LOOKED_AT]:
        prompts = _prompts(path, path_text(str(root)))
        if prompts:
            kept.append(Kept(path.stem, path, at, tuple(prompts)))
        if len(kept) >= limit:
            break
    return kept


def session_named(root: Path, id: str) -> Kept:
    """The session with this id, or the beginning of one; "last" is the newest.

    Raises `UsageError` where there is none, or more than one.
    """
    every = sessions_of(root, LOOKED_AT)
    found = every[:1] if id == "last" else [kept for kept in every if kept.id.startswith(id)]
    if len(found) != 1:
        said = "there is no session" if not found else "there is more than one session"
        raise UsageError(f"{said} {id} here", next_step="spark --resume lists them.")
    return found[0]


def past_events(path: Path) -> list[Event]:
    """All events of a transcript, in their order."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UsageError(f"the transcript is too long to go on with: {path}")
        with path.open("rb") as file:
            return [event for line in file if (event := _event(line)) is not None]
    except OSError as error:
        raise UsageError(f"the transcript cannot be read: {error.strerror or error}") from None


def _event(line: bytes) -> Event | None:
    try:
        return event_from_line(line)
    except (msgspec.DecodeError, UnicodeDecodeError):  # a command, or a line that was cut off
        return None


def _prompts(path: Path, root: str) -> list[str]:
    """The first prompts of a session of this repository; none of another one."""
    return [event.prompt for event in _head(path, root) if isinstance(event, facts.TurnStarted)]


def _head(path: Path, root: str) -> Iterator[Event]:
    try:
        with path.open("rb") as file:
            first = _event(file.readline(HEAD_BYTES))
            if not isinstance(first, facts.SessionStarted) or first.root != root:
                return
            for line in file.read(HEAD_BYTES).split(b"\n"):
                event = _event(line) if b'"turn_started"' in line else None
                if event is not None:
                    yield event
    except OSError:
        return
