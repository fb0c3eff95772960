"""Reads a model's answer as it arrives and says what it holds: prose and changes, as facts.

    feed(text) -> facts ... close(finish_reason) -> the last facts

Any cut of the text into pieces gives the same facts. A change that has ended is never altered or
taken back. No I/O: what the tree looks like is asked through the two callables given at the start.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from codexspark_tui.patch.model import Fact, StreamEnded
from codexspark_tui.patch.paths import Exists, Leads
from codexspark_tui.patch.reader_core import Emitter, HasLine, Raw, TextOf, Tree
from codexspark_tui.patch.reader_envelope import BodyVerb
from codexspark_tui.patch.reader_outside import Outside, surely_prose

_CUT_REASONS = frozenset({"length", "cut", "lost", "max_output_tokens", "max_tokens", "incomplete"})
_COLOR = re.compile(r"\x1b\[[0-9;]{0,20}[mK]")
_COLORED = re.compile(r"(?:\x1b\[[0-9;]{0,20}[mK])+(?:diff --git |--- |\+\+\+ |@@ )")
_LONGEST_TAIL = 8192  # characters; looking at a longer line after each piece would cost too much


class PatchReader:
    """Feed it text; it gives facts.

    `exists(path)` and `has_line(path, text)` let it choose between readings that the text alone
    cannot tell apart (prefixes of paths; lines that lost their sign). `path` is the file that a
    body without any file header is about. With `whole_files` (what a file's text is now, None where
    there is none) a fence under a path is that whole file; without it such a fence is prose. With
    `strip` the names in a diff lose so many leading folders, as with `patch -p`; without it the
    prefix is guessed from both names and the tree. With `body` the text is what a tool sends for
    the one file `path`: lines with signs, and perhaps "@@" lines before each part of them.
    Readers that share `numbers` number their changes together.
    """

    def __init__(
        self,
        exists: Exists | None = None,
        has_line: HasLine | None = None,
        *,
        path: str | None = None,
        whole_files: TextOf | None = None,
        strip: int | None = None,
        body: BodyVerb | None = None,
        numbers: Iterator[int] | None = None,
        leads: Leads | None = None,
    ) -> None:
        self._emit = Emitter(numbers)
        self.leads = leads or Leads()
        tree = Tree(exists, has_line, whole_files, strip, self.leads)
        self._outside = Outside(self._emit, tree, path, body)
        self._partial: list[str] = []
        self._closed = False
        self._colored = False

    def feed(self, text: str) -> list[Fact]:
        """Take in the next piece of the answer, of any length; give the facts it completes."""
        assert not self._closed, "feed() after close()"
        lines = text.split("\n")
        if len(lines) == 1:
            if text:
                self._partial.append(text)
            return []
        lines[0] = "".join(self._partial) + lines[0]
        last = lines.pop()
        self._partial = [last] if last else []
        number = 0
        while number < len(lines):
            if not self._colored:
                number += self._outside.take_run(lines, number)
                if number == len(lines):
                    break
            line = lines[number]
            cr = line.endswith("\r")
            self._read(Raw(line[:-1], "\r\n") if cr else Raw(line, "\n"))
            number += 1
        return self._emit.drain()

    def close(self, finish_reason: str | None = None) -> list[Fact]:
        """The answer is over; `finish_reason` is the server's word for why, if it said one."""
        assert not self._closed, "close() twice"
        self._closed = True
        rest = "".join(self._partial)
        self._partial = []
        if rest:
            self._read(Raw(rest.removesuffix("\r"), ""))
        why = self._outside.close()
        if finish_reason in _CUT_REASONS:
            stopped = f"The server stopped the answer ({finish_reason})."
            why = why or ("The text breaks off." if finish_reason == "cut" else stopped)
        return [*self._emit.drain(), StreamEnded(bool(why), why)]

    @property
    def tail(self) -> str:
        """The text of the unfinished line if it can only be prose, else ""."""
        if self._outside.in_section:
            return ""
        if len(self._partial) > _LONGEST_TAIL:
            return ""
        partial = "".join(self._partial)
        if len(partial) > _LONGEST_TAIL:
            return ""
        if len(self._partial) > 1:
            self._partial = [partial]
        return partial if surely_prose(partial) else ""

    @property
    def open_ended(self) -> bool:
        """After close(): the text ended with a change, with no mark and no words after it."""
        return self._outside.open_ended

    def _read(self, raw: Raw) -> None:
        if self._colored or (raw.text[:1] == "\x1b" and _COLORED.match(raw.text)):
            self._colored = True
            raw = raw._replace(text=_COLOR.sub("", raw.text))
        back = self._outside.take(raw)
        if not back:
            return
        waiting = deque(back)
        while waiting:
            back = self._outside.take(waiting.popleft())
            if back:
                waiting.extendleft(reversed(back))
