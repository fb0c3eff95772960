"""Reads the "*** Begin Patch" envelope: Add, Update, Delete and Move of files, one change each.

Hunks in it have no numbers: "@@ anchor" lines (which may be stacked) and the lines themselves are
all there is. Unified diffs are not read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from codexspark_tui.patch.headers import hunk_header
from codexspark_tui.patch.model import Create, Delete, HunkHint, Rename
from codexspark_tui.patch.paths import FileNames, best_names, header_name
from codexspark_tui.patch.reader_body import Body
from codexspark_tui.patch.reader_core import MOST_ANCHORS, Raw, Reading

BEGIN, END, END_OF_FILE = "*** Begin Patch", "*** End Patch", "*** End of File"
_ADD, _UPDATE, _DELETE, _MOVE = (
    "*** Add File: ",
    "*** Update File: ",
    "*** Delete File: ",
    "*** Move to: ",
)


BodyVerb = Literal["update", "add", "delete"]


def begins_envelope(text: str) -> bool:
    """Whether a line opens an envelope, or a file in one whose first line is missing."""
    return text.strip() == BEGIN or text.startswith((_ADD, _UPDATE, _DELETE))


class Envelope:
    """Everything from the first line to "*** End Patch"."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._begun = False
        self._is_body = False
        self._ended = False
        self._verb = ""
        self._moving: str | None = None
        self._body: Body | None = None
        self._hint: HunkHint | None = None
        self._hunks = 0
        self._needs: int | None = None
        self._old_path: str | None = None
        self.path: str | None = None

    @classmethod
    def of_body(cls, reading: Reading, path: str, verb: BodyVerb) -> Envelope:
        """The part of one file that comes by itself, its path told beside it: nothing is guessed.

        Its end is told beside it, too, so the end of the text is no cut.
        """
        envelope = cls(reading)
        envelope._verb = verb
        envelope._is_body = True
        envelope.path = envelope._old_path = path
        return envelope

    @property
    def marked_end(self) -> bool:
        return self._ended or self._is_body

    @property
    def finished(self) -> bool:
        return self._ended

    def take(self, raw: Raw) -> Sequence[Raw] | None:
        if self._ended:
            return [raw]
        if self._is_padded_end(raw.text):
            raw = raw._replace(text=END)
        if self._body is None:
            return self._line(raw)
        rest = self._body.take(raw)
        if rest is None:
            return None
        if rest[-1].text.startswith(END_OF_FILE):
            self._hint = None
        self._body = None
        for number, line in enumerate(rest):
            more = self._line(line)
            if more is not None:
                return [*more, *rest[number + 1 :]]
        return None

    def _is_padded_end(self, text: str) -> bool:
        """The end mark with blanks before it; not a line that the file itself has."""
        if text[:1] not in {" ", "\t"} or text.strip() != END:
            return False
        return not self._reading.tree.knows_line(self._old_path or "", text)

    def _line(self, raw: Raw) -> Sequence[Raw] | None:
        text = raw.text.rstrip()
        if text.startswith("*** ") or not self._verb:
            return self._marker(raw, text.lstrip())
        if not text:
            return None
        if self._verb == "update":
            return self._update_line(raw)
        if self._verb == "add" and text[0] == "+":
            return self._open(Body(self._reading, "create", self.path or ""), raw)
        return [raw]

    def _marker(self, raw: Raw, text: str) -> Sequence[Raw] | None:
        if text == BEGIN and not self._begun:
            self._begun = True
        elif text == END:
            self._say_bodiless()
            self._ended = True
        elif text == END_OF_FILE:
            return None
        elif text.startswith(_MOVE) and self._verb == "update" and not self._hunks:
            self._moving = text.removeprefix(_MOVE).strip()
        elif text.startswith((_ADD, _UPDATE, _DELETE)):
            self._open_file(text)
        elif self._verb or not text.startswith("*** "):
            return [raw] if text else None
        return None

    def _open_file(self, text: str) -> None:
        self._say_bodiless()
        verb, _, name = text.partition(" File: ")
        self._verb = verb.removeprefix("*** ").lower()
        exists = self._reading.tree.exists
        self._names(name.strip(), None if self._verb == "add" else exists is not None)
        self._hunks, self._needs, self._moving, self._hint = 0, None, None, None
        if self._verb == "delete":
            self._reading.emit.whole(Delete(self.path or ""))

    def _names(self, name: str, ask: bool | None) -> None:
        tree = self._reading.tree
        names: FileNames = best_names(name, name, tree.exists if ask else None, tree.leads)
        self.path = self._old_path = names.new
        if tree.exists is not None and tree.exists(names.new or ""):
            tree.leads.learn(name, names.new or "")
        elif not ask:
            self.path = self._old_path = tree.leads.below(name) or names.new

    def _update_line(self, raw: Raw) -> Sequence[Raw] | None:
        if not self._hunks and self._repeats_name(raw.text):
            return None
        self._say_move()
        hint = hunk_header(raw.text)
        if hint is not None:
            stacked = self._hint.anchors if self._hint is not None else ()
            self._hint = replace(hint, anchors=(*stacked, *hint.anchors)[-MOST_ANCHORS:])
            return None
        if raw.text[0] not in "+- \t" and self._hint is None:
            return [raw]
        body = Body(
            self._reading,
            "hunk",
            self.path or "",
            self._hint or HunkHint(),
            needs=self._needs,
            old_path=self._old_path,
        )
        body.additions_at_end = True
        self._hint = None
        return self._open(body, raw)

    def _repeats_name(self, text: str) -> bool:
        """ "--- a/x" or "+++ b/x" of a unified diff, where x is the file of this update."""
        if not text.startswith(("--- ", "+++ ")):
            return False
        named = header_name(text[4:])
        return best_names(named, named, self._reading.tree.exists).new == self._old_path

    def _open(self, body: Body, raw: Raw) -> Sequence[Raw] | None:
        self._hunks += 1
        self._body = body
        return self.take(raw)

    def _say_move(self) -> None:
        if self._moving is not None:
            to = self._reading.tree.leads.below(self._moving) or self._moving
            move = Rename(self.path or "", to)
            self._needs = self._reading.emit.whole(move)
            self.path, self._moving = to, None

    def _say_bodiless(self) -> None:
        """What the file's lines so far asked for besides its hunks."""
        self._say_move()
        if self._verb == "add" and not self._hunks:
            self._reading.emit.whole(Create(self.path or "", ()))
            self._hunks = 1
        elif self._verb == "delete" and self._is_body:
            self._reading.emit.whole(Delete(self.path or ""))

    def close(self) -> str:
        if self._body is not None:
            self._body.close()
            if self._body.changes_nothing:
                return "The text ends in the middle of a hunk, before any change."
        if self._ended:
            return ""
        if self._is_body:
            self._say_bodiless()
        elif self._body is None:
            self._say_move()
        return "The text ends before *** End Patch." if self._begun else ""
