"""Reads one file's part of a unified diff: git's headers, "---"/"+++", then its hunks.

Models leave out any of these lines; whatever is enough to know the file and the lines is enough.
The paths that come out are the best reading of the names; whether they may be written is not
asked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from codexspark_tui.patch.headers import hunk_header, is_combined_header
from codexspark_tui.patch.model import HunkHint
from codexspark_tui.patch.paths import NOWHERE, header_name, header_side, names_a_file
from codexspark_tui.patch.reader_body import Body
from codexspark_tui.patch.reader_core import MOST_ANCHORS, Raw, Reading
from codexspark_tui.patch.reader_subject import EMPTY_HUNK, FileSubject

_ENDS = ("diff --git ", "```", "~~~", "*** ")
_State = Literal["git", "minus", "file", "body"]


def begins_unified(text: str) -> bool:
    """Whether a line may open a file's part of a unified diff."""
    return text.startswith(("diff --git ", "--- ", "+++ "))


class UnifiedFile:
    """One file of a unified diff. `gutter` stands before each of its lines (a quoted patch)."""

    def __init__(self, reading: Reading, gutter: str = "", path: str | None = None) -> None:
        self._reading = reading
        self._gutter = gutter
        self._state: _State = "git"
        self._subject = FileSubject(reading, path)
        self._minus: Raw | None = None
        self._seen: list[Raw] = []
        self._hint: HunkHint | None = None
        self._anchors: tuple[str, ...] = ()
        self._body: Body | None = None
        self._hunks = 0
        self._crlf = False
        self._ended_as_said = True
        self._headed = False
        self._last_end = "\n"
        if path is not None:
            self._state = "file"

    @property
    def path(self) -> str | None:
        return self._subject.path

    @property
    def marked_end(self) -> bool:
        return False

    @property
    def closed_fence(self) -> bool:
        """Whether its last line, after the stream's end, was found to close the fence around it."""
        return self._body is not None and self._body.closed_fence

    @property
    def finished(self) -> bool:
        return self._ended_as_said

    # -- lines ---------------------------------------------------------------------------------

    def take(self, raw: Raw) -> Sequence[Raw] | None:
        if self._state == "body" and not self._gutter:
            return self._in_body(raw)
        stripped = self._without_gutter(raw)
        if stripped is None:
            if self._state == "body" and self._body is not None:
                return self._body.stop(raw)
            return self._leave([raw])
        self._last_end = raw.end
        rest = self._dispatch(stripped)
        if rest is None or not self._gutter:
            return rest
        return [line._replace(text=self._gutter + line.text) for line in rest[:-1]] + [raw]

    def take_run(self, lines: Sequence[str], start: int) -> int:
        """As `take` for many whole lines (without "\\n"), as long as each has a plain sign."""
        if self._state != "body" or self._gutter or self._body is None:
            return 0
        return self._body.take_run(lines, start)

    def _without_gutter(self, raw: Raw) -> Raw | None:
        if not self._gutter:
            return raw
        if raw.text.startswith(self._gutter):
            return raw._replace(text=raw.text[len(self._gutter) :])
        if not raw.text.strip() or raw.text.strip() == self._gutter.strip():
            return raw._replace(text="")
        return None

    def _dispatch(self, raw: Raw) -> Sequence[Raw] | None:
        match self._state:
            case "git":
                return self._in_git_header(raw)
            case "minus":
                return self._after_minus(raw)
            case "file":
                return self._between_hunks(raw)
            case "body":
                return self._in_body(raw)

    def _in_git_header(self, raw: Raw) -> Sequence[Raw] | None:
        text = raw.text
        if not self._seen:
            self._seen.append(raw)
            if text.startswith("diff --git "):
                self._subject.read(text)
                return None
            self._state = "minus"
            self._minus = raw
            return None
        if text.startswith("--- "):
            self._minus = raw
            self._state = "minus"
            return None
        if text.startswith("diff --git ") or not (text == "" or self._subject.read(text)):
            if text.startswith("@@") and self._subject.has_git_names:
                self._subject.open_by_git_names()
                self._state = "file"
                return self._between_hunks(raw)
            return self._leave([raw])
        return None

    def _open_file(self, old: str, new: str) -> None:
        self._subject.open(old, new)
        self._state, self._headed = "file", True

    def _after_minus(self, raw: Raw) -> Sequence[Raw] | None:
        minus = self._minus
        assert minus is not None
        if minus.text.startswith("+++ "):  # no "---" line at all
            if not raw.text.startswith("@@"):
                return [minus._replace(prose=True), raw]
            name = header_name(minus.text[4:])
            self._crlf = minus.end == "\r\n"
            self._open_file(name, name)
            return self._between_hunks(raw)
        if not raw.text.startswith("+++ "):
            if raw.text.startswith("@@") and names_a_file(minus.text, self._reading.tree.exists):
                name = header_name(minus.text[4:])
                self._crlf = minus.end == "\r\n"
                self._open_file(name, name)
                return self._between_hunks(raw)
            if self._subject.has_git_names:
                return self._leave([raw])
            return [minus._replace(prose=True), raw]
        self._crlf = minus.end == "\r\n"
        self._subject.sides = (header_name(minus.text[4:]), header_name(raw.text[4:]))
        self._open_file(self._old_side(minus.text[4:]), header_side(raw.text[4:]))
        return None

    def _old_side(self, text: str) -> str:
        """The old name; nowhere, if its timestamp says so and no such file is known."""
        side = header_side(text)
        exists = self._reading.tree.exists
        if side == NOWHERE and exists is not None and exists(header_name(text)):
            return header_name(text)
        return side

    def _between_hunks(self, raw: Raw) -> Sequence[Raw] | None:
        text = raw.text
        if not text:
            return None
        hint = hunk_header(text)
        if hint is not None:
            if is_combined_header(text):
                self._subject.refuse(f"{self.path} is in a merge's combined diff; diff one side.")
            self._anchors = (*self._anchors, *hint.anchors)[-MOST_ANCHORS:]
            self._hint = replace(hint, anchors=self._anchors)
            return None
        expected = self._hint is not None or self._hunks == 0
        if not expected or (text.startswith(_ENDS) and not self._is_first_line(text)):
            return self._leave([raw])
        if text.startswith("--- ") and self._hint is None:
            return self._leave([raw])
        if text[0] in "+- \t" or self._may_be_content(text):
            return self._open_body(raw)
        return self._leave([raw])

    def _is_first_line(self, text: str) -> bool:
        """After a hunk's header: a line that would end the part, but that the file is known for."""
        return (
            self._hint is not None and self._reading.tree.knows_line(self.path or "", text) is True
        )

    def _may_be_content(self, text: str) -> bool:
        """Without a sign: after a hunk's header unless the file lacks it, else if it has it."""
        known = self._reading.tree.knows_line(self.path or "", text)
        return known is not False if self._hint is not None else known is True

    def _in_body(self, raw: Raw) -> Sequence[Raw] | None:
        assert self._body is not None
        rest = self._body.take(raw)
        if rest is None:
            return None
        self._ended_as_said = self._body.satisfied
        if not self._continues(rest[-1].text):
            return self._leave(rest)
        self._state = "file"
        for number, line in enumerate(rest):
            more = self._between_hunks(line)
            if more is not None:
                return [*more, *rest[number + 1 :]]
        return None

    def _continues(self, text: str) -> bool:
        return text.startswith("@@")

    # -- opening -------------------------------------------------------------------------------

    def _open_body(self, raw: Raw) -> Sequence[Raw] | None:
        hint = self._hint if self._hint is not None else HunkHint()
        self._hint, self._anchors = None, ()
        if not self._hunks:
            self._subject.doubt_reading(hint, raw)
        self._hunks += 1
        self._body = self._subject.new_body(hint, raw, crlf_transport=self._crlf)
        self._state = "body"
        return self._in_body(raw)

    # -- closing -------------------------------------------------------------------------------

    def _leave(self, rest: Sequence[Raw]) -> Sequence[Raw]:
        """The file's part is over before `rest`: say what is still unsaid."""
        if self._state in {"git", "minus"} and self._subject.has_git_names:
            self._subject.open_by_git_names()
            self._state = "file"
        elif self._state == "git" and self._subject.operates():
            self._reading.emit.unsupported("", "The names in a line of git's cannot be told apart.")
        if self._state == "file" and not self._hunks:
            self._subject.say_bodiless(header_open=self._hint is not None)
            self._ended_as_said = not self._headed
        elif self._state == "file" and self._hint is not None and self._hint != HunkHint():
            self._reading.emit.unsupported(self.path or "", EMPTY_HUNK)
        return rest

    def close(self) -> str:
        if self._state == "body" and self._body is not None:
            self._body.close()
            self._ended_as_said = self._body.satisfied
            return self._body_cut(self._body)
        if self._state == "minus" or (self._state == "file" and self._hint is not None):
            return "The text ends inside a header."
        if self._state == "file" and self._hunks == 0 and not self._subject.deleted:
            return "The text ends after a file header, before any hunk."
        if self._state == "git" and (self._last_end == "" or not self._subject.operates()):
            return "The text ends inside a file header."
        self._leave(())
        return ""

    def _body_cut(self, body: Body) -> str:
        if body.changes_nothing:
            return "The text ends in the middle of a hunk, before any change."
        if body.cut_in_blank:
            return "The text ends inside a line of a hunk."
        if body.satisfied:
            return ""
        if body.ends_without_context and self._reading.fence is not None:
            return "The text ends inside a fence, in the middle of a hunk."
        if body.ends_without_context and body.cut_in_line:
            return "The text ends inside a line of a hunk."
        return ""
