"""Comments that ask for something: they end in `spark!` (an edit) or `spark?` (a question). Pure.

    // make this accept bytes spark!

The comment is the prompt, and the edit takes it away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from codexspark_tui.syntax import Comment, comments

Asks: TypeAlias = Literal["edit", "answer"]
_END = re.compile(
    r"(?:^|(?<=[\s:,;.…—–/#*%!<-]))spark([!?])(?:\s*(?:\*+/|--+>|\]\]|=#|#>|\*\)|-\}))?\s*$"
)
_SIGNS = re.compile(
    r"^[ \t]*(?:/{2,}!?|/\*+!?|\*+(?!/)|#+[=!]?|<#|<!--+|--+(?:\[\[)?|;+|%+)[ \t]?", re.M
)
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Mark:
    """`line` (from 1) is where the comment begins, `start` and `end` are characters of the text.
    `text`: what it says, without its signs and the mark."""

    path: str
    line: int
    asks: Asks
    text: str
    start: int
    end: int

    @property
    def key(self) -> tuple[Asks, str]:
        """What makes it the same comment, wherever it has moved to."""
        return self.asks, self.text


def may_hold(text: str) -> bool:
    """Whether it is worth while to look for comments."""
    return "spark!" in text or "spark?" in text


def marks_in(path: str, text: str) -> list[Mark]:
    """All of a file's, in their order."""
    if not may_hold(text):
        return []
    found = (_mark(path, comment) for comment in comments(path, text))
    return [mark for mark in found if mark is not None]


def _mark(path: str, comment: Comment) -> Mark | None:
    ended = _END.search(comment.text)
    if ended is None:
        return None
    said = " ".join(_SIGNS.sub("", comment.text[: ended.start()]).split()).strip(":,;—–- ")
    asks: Asks = "edit" if ended[1] == "!" else "answer"
    return Mark(path, comment.line, asks, said[:LONGEST], comment.start, comment.end)


def last_line(text: str, mark: Mark) -> str:
    """The line on which the comment ends."""
    end = text.find("\n", mark.end)
    return text[text.rfind("\n", 0, mark.end) + 1 : end if end >= 0 else len(text)]


def without(text: str, mark: Mark) -> str:
    """The text without the comment, and without its lines where nothing else stands there."""
    first = text.rfind("\n", 0, mark.start) + 1
    end = text.find("\n", mark.end)
    last = len(text) if end < 0 else end
    before, behind = text[first : mark.start], text[mark.end : last]
    if before.strip() or behind.strip():
        kept = before.rstrip() if not behind.strip() else before
        return text[:first] + kept + (behind if behind.strip() else _end_of(behind)) + text[last:]
    return text[:first] + text[last + 1 :]


def _end_of(rest: str) -> str:
    """What stays of the end of a line: its carriage return."""
    return "\r" if rest.endswith("\r") else ""
