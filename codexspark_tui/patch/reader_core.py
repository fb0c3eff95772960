"""What the readers of all formats share: raw lines, what may be asked of the tree, fact keeping.

A section reads one file's part (or one block) of a patch, line by line. It consumes its first
line; `take` gives None for a consumed line, or the lines that belong to what follows it. No format
is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple, Protocol, TypeAlias

from codexspark_tui.patch.headers import Fence
from codexspark_tui.patch.model import (
    ChangeEnded,
    ChangeKind,
    ChangeStarted,
    Fact,
    HunkHint,
    Line,
    LineEnd,
    LineRead,
    Proposed,
    ProseLine,
    Unsupported,
)
from codexspark_tui.patch.paths import Exists, Leads

HasLine: TypeAlias = Callable[[str, str], bool | None]
"""(path, text): whether the file has a line that is `text` but for white space at its ends;
None where there is no such file to look in."""

MOST_ANCHORS = 16  # stacked "@@" lines that are kept for one hunk, the last ones

TextOf: TypeAlias = Callable[[str], str | None]
"""The text of a file, None where there is none."""


class Raw(NamedTuple):
    """One line of the answer. `end` is "" for a last line that the stream left unfinished."""

    text: str
    end: LineEnd
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """What a reader may ask of the tree that the patch is for; None: there is nothing to ask.

    `strip`: how many leading folders of the names in a diff are not the tree's; None: guess, by
    the names of this patch that came before (`leads`), too.
    """

    exists: Exists | None = None
    has_line: HasLine | None = None
    text_of: TextOf | None = None
    strip: int | None = None
    leads: Leads = field(default_factory=Leads)

    def text(self, path: str) -> str | None:
        return self.text_of(path) if self.text_of is not None else None

    def knows_line(self, path: str, text: str) -> bool | None:
        return self.has_line(path, text) if self.has_line is not None else None


class Section(Protocol):
    """One part of a patch being read."""

    @property
    def path(self) -> str | None:
        """The file that it is about, when known; a later hunk without a header may mean it."""
        ...

    @property
    def finished(self) -> bool:
        """Whether it ended the way its own numbers or end mark said."""
        ...

    @property
    def marked_end(self) -> bool:
        """Whether its last line was a mark that says that nothing is missing."""
        ...

    def take(self, raw: Raw) -> Sequence[Raw] | None: ...

    def close(self) -> str:
        """The stream has ended: say everything, and why the text is surely cut ("" if not)."""
        ...


class Emitter:
    """Keeps the facts of one stream in order and numbers its changes.

    `paths` are the files that the stream has changes for, up to now.
    """

    def __init__(self, numbers: Iterator[int] | None = None) -> None:
        self._facts: list[Fact] = []
        self._numbers = numbers if numbers is not None else count()
        self.paths: set[str] = set()

    def drain(self) -> list[Fact]:
        facts, self._facts = self._facts, []
        return facts

    def prose(self, text: str) -> None:
        self._facts.append(ProseLine(text))

    def start(self, kind: ChangeKind, path: str, hint: HunkHint, needs: int | None = None) -> int:
        index = next(self._numbers)
        self.paths.add(path)
        self._facts.append(ChangeStarted(index, kind, path, hint, needs))
        return index

    def line(self, index: int, line: Line) -> None:
        self._facts.append(LineRead(index, line))

    def lines(self, index: int, lines: Sequence[Line]) -> None:
        self._facts += [LineRead(index, line) for line in lines]

    def end(self, index: int, change: Proposed) -> None:
        self._facts.append(ChangeEnded(index, change))

    def whole(self, change: Proposed) -> int:
        """A change that needs no lines (rename, mode, empty file): it starts and ends at once."""
        index = self.start(change.kind, change.path, HunkHint())
        self.end(index, change)
        return index

    def unsupported(self, path: str, why: str, index: int | None = None) -> None:
        self._facts.append(Unsupported(path, why, index))


@dataclass(frozen=True, slots=True)
class Reading:
    """What surrounds a section: where its facts go, what it may ask, the fence it stands in."""

    emit: Emitter
    tree: Tree
    fence: Fence | None = None
