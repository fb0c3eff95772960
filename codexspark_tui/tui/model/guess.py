"""Where a change that is still being written belongs, as far as its lines say so already. Pure.

Only lines that are in the file word for word count, and only one possible place is told: what the
engine makes of the whole hunk replaces it when the hunk is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from codexspark_tui.tui.model.board import Board, Item

MOST_LINES = 50_000
ReadLines = Callable[[str], Sequence[str] | None]


@dataclass(slots=True)
class Guess:
    """`possible`: the lines (from 0) at which the old lines so far can begin; `read`: how many
    lines of the change were looked at, `old` of them old ones; `said`: one of these has letters;
    `told`: the line that was told last."""

    possible: list[int] = field(default_factory=list)
    read: int = 0
    old: int = 0
    said: bool = False
    told: int = 0

    @property
    def line(self) -> int:
        """The one line, from 1, at which it must begin; 0 while that is not known."""
        return self.possible[0] + 1 if self.said and len(self.possible) == 1 else 0

    def go_on(self, item: Item, text: FileText) -> None:
        """Take the lines over that have come since the last call."""
        for line in item.written[self.read :]:
            if line.sign != "+":
                self._narrow(line.text, text)
        self.read = len(item.written)

    def _narrow(self, old: str, text: FileText) -> None:
        if self.old == 0:
            self.possible = list(text.at.get(old, ()))
        else:
            lines, off = text.lines, self.old
            last = len(lines) - off
            self.possible = [p for p in self.possible if p < last and lines[p + off] == old]
        self.old += 1
        self.said = self.said or (not old.isspace() and bool(old))


class FileText:
    """The lines of a file, and at which of them (from 0) each text stands."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.at: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            self.at.setdefault(line, []).append(number)


class Guesses:
    """Keeps `Item.guess` of the changes of the turn that are being written.

    A file is read once a turn, before anything of the turn can have been written to it; what has
    moved in it since then is counted in.
    """

    def __init__(self, board: Board, read_lines: ReadLines) -> None:
        self._board = board
        self._read_lines = read_lines
        self._turn = 0
        self._files: dict[str, FileText | None] = {}
        self._open: dict[str, Guess] = {}
        self._since: dict[str, int] = {}

    def go_on(self, ids: Sequence[str]) -> None:
        """These changes have more lines."""
        if self._board.turn != self._turn:
            self._turn = self._board.turn
            self._files, self._open, self._since = {}, {}, {}
        for id in dict.fromkeys(ids):
            item = self._board.items.get(id)
            if item is None or item.kind != "hunk":
                continue
            text = self._text(item.path)
            if item.state != "writing" or text is None:
                self._open.pop(id, None)
                continue
            guess = self._open.setdefault(id, Guess())
            guess.go_on(item, text)
            if guess.line != guess.told:
                guess.told = guess.line
                self._tell(item, guess.line)
                self._board.mark(item)

    def _tell(self, item: Item, line: int) -> None:
        trail = self._board.trail(item.path)
        item.guess = trail.follow(line, self._since[item.path]) if line else 0
        item.trail, item.followed, item.moved_by = trail, len(trail), 0

    def _text(self, path: str) -> FileText | None:
        if path not in self._files:
            lines = self._read_lines(path)
            self._since[path] = len(self._board.trail(path))
            fits = lines is not None and len(lines) <= MOST_LINES
            self._files[path] = FileText(lines) if lines is not None and fits else None
        return self._files[path]
