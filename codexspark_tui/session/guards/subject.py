"""What a guard looks at: one resolved change, and the text of its file before and after it.

Guards are pure: what they need of the repository is asked by `exists` and `read`, which the desk
answers. A finding names lines by their index in the change's own lines, from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from codexspark_tui.patch.model import Line, Resolved, ResolvedMode, ResolvedRename


def _nothing(path: str) -> str | None:
    return None


def _nowhere(word: str) -> list[str] | None:
    return []


def _never(word: str) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Found:
    """A guard's complaint: the rule, a sentence, and the lines of the change that it is about."""

    rule: str
    why: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """`before` and `after` are None where there is no file. `changed_lines`: of earlier changes.

    `read(path)`: the text of another file, None if there is none; `holding(word)`: the files of the
    tree that hold a word, None where that was not found out in time. `whole`: the file with the
    other hunks of the turn, too; None where there are none. `likely(word)`: files that held it a
    while ago, as far as that is known at once.
    """

    change: Resolved
    before: str | None
    after: str | None
    changed_lines: int = 0
    read: Callable[[str], str | None] = field(default=_nothing)
    whole: str | None = None
    holding: Callable[[str], list[str] | None] = field(default=_nowhere)
    likely: Callable[[str], list[str]] = field(default=_never)

    @property
    def path(self) -> str:
        return self.change.to if isinstance(self.change, ResolvedRename) else self.change.path

    @property
    def lines(self) -> tuple[Line, ...]:
        if isinstance(self.change, ResolvedRename | ResolvedMode):
            return ()
        return self.change.lines

    def added(self) -> Iterator[tuple[int, str]]:
        """Index and text of the added lines."""
        return ((i, line.text) for i, line in enumerate(self.lines) if line.sign == "+")

    def removed(self) -> Iterator[tuple[int, str]]:
        return ((i, line.text) for i, line in enumerate(self.lines) if line.sign == "-")

    def numbered(self, old: bool) -> Iterator[tuple[int, int, str]]:
        """Index, 1-based line number in the old (or new) text, and text, of the changed lines."""
        number = getattr(self.change, "old_start", 1)
        passed, sign = ("+", "-") if old else ("-", "+")
        for index, line in enumerate(self.lines):
            if line.sign == passed:
                continue
            if line.sign == sign:
                yield index, number, line.text
            number += 1
