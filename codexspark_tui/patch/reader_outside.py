"""The lines between the parts of a patch: prose and fences, and which line opens a part.

Signed lines that stand outside every hunk inside a fence are never dropped in silence: they are
named as a part that could not be read, so that no half of a patch passes for the whole.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence

from codexspark_tui.patch.headers import Fence, fence, hunk_header
from codexspark_tui.patch.reader_core import Emitter, Raw, Reading, Section, Tree
from codexspark_tui.patch.reader_envelope import BodyVerb, Envelope, begins_envelope
from codexspark_tui.patch.reader_fence import WholeFile, fenced_path
from codexspark_tui.patch.reader_search import SearchBlock, begins_search, path_named
from codexspark_tui.patch.reader_unified import UnifiedFile, begins_unified

_GUTTER = re.compile(r"([ \t]+|(?:> ?)+[ \t]*)(?=diff --git |--- |\+\+\+ )")
_STARTERS = (
    *("diff --git ", "--- ", "+++ ", "*** ", "<<<<<<< SEARCH", "@@", "```", "~~~", "Index: "),
    *("1. ```", "- ```", "* ```", "-", "+"),
)
_MARKS = ("diff --git ", "--- a", "+++ b", "@@ -", "*** Update File: ", "<<<<<<< SEARCH")
_LISTED = re.compile(r"[+-](?: \S|$|[-+])")


def surely_prose(partial: str) -> bool:
    """Whether the beginning of a line can only become prose."""
    seen = partial.lstrip(" \t>")
    return bool(seen) and not any(
        seen.startswith(starter) or starter.startswith(seen) for starter in _STARTERS
    )


class Outside:
    """Reads what no section reads, and hands lines to the section that is open."""

    def __init__(
        self,
        emit: Emitter,
        tree: Tree,
        path: str | None = None,
        body: BodyVerb | None = None,
    ) -> None:
        self._emit = emit
        self._tree = tree
        self._section: Section | None = None
        self._fence: Fence | None = None
        self._recent: deque[str] = deque(maxlen=4)
        self._last_path = path
        self._stray_after: str | None = None
        self.open_ended = False
        self._cut = ""
        self._unended = False
        self._patch_in_fence = False
        if body is not None:
            self._section = Envelope.of_body(Reading(emit, tree), path or "", body)

    @property
    def in_section(self) -> bool:
        return self._section is not None

    def take_run(self, lines: Sequence[str], start: int) -> int:
        """Read the lines from `start` on that are surely of the open hunk; how many these are."""
        section = self._section
        return section.take_run(lines, start) if isinstance(section, UnifiedFile) else 0

    def take(self, raw: Raw) -> Sequence[Raw]:
        """Read one line; what comes back must be read again, in this order."""
        if self._section is not None:
            return self._in_section(raw)
        section = None if raw.prose else self._begin(raw.text)
        if section is not None:
            self._section = section
            return self._in_section(raw)
        self._prose(raw)
        return ()

    def _in_section(self, raw: Raw) -> Sequence[Raw]:
        section = self._section
        assert section is not None
        self._patch_in_fence = True
        rest = section.take(raw)
        if rest is None:
            return ()
        self._section = None
        self._recent.clear()
        if section.path is not None:
            self._last_path = section.path
            self._stray_after = None if section.finished else section.path
            self._unended = isinstance(section, Envelope) and not section.marked_end
        return rest

    def _begin(self, text: str) -> Section | None:
        """The section that this line opens."""
        reading = Reading(self._emit, self._tree, self._fence)
        if begins_unified(text):
            return UnifiedFile(reading)
        if begins_envelope(text):
            return Envelope(reading)
        if begins_search(text):
            return SearchBlock(reading, reversed(self._recent), self._last_path)
        if text.startswith("@@") and hunk_header(text) is not None:
            path = self._named() or self._last_path
            if path is not None:
                return UnifiedFile(reading, path=path)
        if self._tree.text_of is not None and self._fence is None:
            named = fenced_path(text, self._recent[-1] if self._recent else "")
            if named is not None:
                return WholeFile(reading, named)
        gutter = _GUTTER.match(text)
        if gutter is not None:
            return UnifiedFile(reading, gutter.group(1))
        return None

    def _named(self) -> str | None:
        """The known file that the fence around us, or the last line before it, names."""
        exists = self._tree.exists
        if exists is None:
            return None
        for text in list(self._recent)[-2:][::-1]:
            path = path_named(text, exists)
            if path is not None:
                return path if exists(path) else None
        return None

    def _prose(self, raw: Raw) -> None:
        text = raw.text
        mark = fence(text)
        if self._fence is not None and self._fence.closes(text):
            self._fence = None
            self._stray_after = None
        elif mark is not None and self._fence is None:
            self._fence = mark
            self._patch_in_fence = False
        elif text[:1] in {"+", "-"} and self._stray(text):
            self._emit.unsupported(
                self._stray_after or "", "Lines with + or - stand outside of every hunk."
            )
            self._stray_after = None
        if not raw.end and self._is_cut(text):
            self._cut = "The text ends inside a line of a patch."
        if text.strip():
            self._recent.append(text)
        self._emit.prose(text)

    def _stray(self, text: str) -> bool:
        """Whether a signed line was meant as part of the hunk that has just ended."""
        if self._stray_after is None:
            return False
        return self._fence is not None or not _LISTED.match(text)

    def _is_cut(self, text: str) -> bool:
        """Whether a last line without its end is the beginning of more of the patch."""
        seen = text.lstrip(" \t>")
        if seen and seen != "---" and any(mark.startswith(seen) for mark in _MARKS):
            return self._last_path is not None
        inside = self._fence is not None or self._unended
        return inside and self._stray_after is not None

    def close(self) -> str:
        """The end of the stream: why the text is surely cut, or ""."""
        why = self._cut
        if self._section is not None:
            self.open_ended = not self._section.marked_end
            why = self._section.close() or why
        closed = isinstance(self._section, UnifiedFile) and self._section.closed_fence
        if self._fence is not None and self._patch_in_fence and not closed:
            why = why or "The text ends before the fence around the patch is closed."
        return why
