"""Short ways to say what a test accepts."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from codexspark_tui.patch import decode, diff, split_lines
from codexspark_tui.patch.model import (
    Line,
    Mode,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.patch.text import TextFile, to_line
from codexspark_tui.workspace import Accepted, Receipt, Refused, TurnInfo, Workspace

NUMBERS = "".join(f"line {n}\n" for n in range(1, 31))


def turn(name: str = "t1", prompt: str = "please") -> TurnInfo:
    return TurnInfo(f"session:{name}", prompt, "codemods", "built-in")


def text_of(data: bytes) -> str:
    found = decode(data)
    assert isinstance(found, TextFile)
    return found.text


def replace_lines(text: str, path: str, first: int, old: int, *new: str) -> ResolvedHunk:
    """Replace `old` lines from the 1-based `first` on, with up to three lines of context."""
    lines = split_lines(text)
    end = "\r\n" if text.startswith(lines[0]) and lines[0].endswith("\r\n") else "\n"
    start, stop = max(0, first - 4), min(len(lines), first - 1 + old + 3)
    body = [
        *(to_line(" ", raw) for raw in lines[start : first - 1]),
        *(to_line("-", raw) for raw in lines[first - 1 : first - 1 + old]),
        *(to_line("+", raw + end) for raw in new),
        *(to_line(" ", raw) for raw in lines[first - 1 + old : stop]),
    ]
    return ResolvedHunk(path, start + 1, tuple(body))


def create(path: str, text: str, mode: Mode = "100644") -> ResolvedCreate:
    return ResolvedCreate(path, tuple(to_line("+", raw) for raw in split_lines(text)), mode)


def delete(path: str, text: str, mode: Mode = "100644") -> ResolvedDelete:
    return ResolvedDelete(path, tuple(to_line("-", raw) for raw in split_lines(text)), mode)


@dataclass
class Desk:
    """A workspace with a person at it, who accepts resolved changes."""

    root: Path
    ids: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.space = Workspace.open(self.root)

    def change(self, path: str, first: int, old: int, *new: str) -> Accepted:
        state = self.space.read(path)
        hunk = replace_lines(text_of(state.data), path, first, old, *new)
        return self.on(state.digest, hunk)

    def whole(self, path: str, after: str) -> list[Accepted]:
        """The hunks that turn the file into `after`."""
        state = self.space.read(path)
        hunks = diff(path, text_of(state.data), after)
        return [self.on(state.digest, hunk) for hunk in hunks]

    def on(self, digest: str, resolved: Resolved) -> Accepted:
        return Accepted(f"c{next(self.ids)}", resolved, digest)

    def create(self, path: str, text: str, mode: Mode = "100644") -> Accepted:
        return self.on("", create(path, text, mode))

    def delete(self, path: str) -> Accepted:
        state = self.space.read(path)
        return self.on(state.digest, delete(path, text_of(state.data), state.mode))

    def rename(self, path: str, to: str, *, copy: bool = False) -> Accepted:
        return self.on(self.space.read(path).digest, ResolvedRename(path, to, copy))

    def mode(self, path: str, mode: Mode) -> Accepted:
        state = self.space.read(path)
        return self.on(state.digest, ResolvedMode(path, mode, state.mode))

    def accept(self, *accepted: Accepted, turn_name: str = "t1") -> Receipt:
        answer = self.space.commit(turn(turn_name), accepted)
        assert isinstance(answer, Receipt), answer
        return answer

    def refused(self, *accepted: Accepted) -> list[str]:
        answer = self.space.commit(turn(), accepted)
        assert isinstance(answer, Refused), answer
        return [f"{p.path}: {p.why}" for p in answer.problems]


__all__ = ["NUMBERS", "Desk", "Line", "create", "delete", "replace_lines", "text_of", "turn"]
