"""The lines of one hunk, new file or deleted file, with the doubtful ones held back.

Lines decide: a line with a sign belongs. A blank line or one without a sign is settled by what
follows it, by the file itself, and only then by the header's counts. What was read stays read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from codexspark_tui.patch.headers import fence, hunk_header, is_elision
from codexspark_tui.patch.model import (
    Create,
    Delete,
    Hunk,
    HunkHint,
    Line,
    LineEnd,
    Mode,
    Sign,
)
from codexspark_tui.patch.paths import names_a_file
from codexspark_tui.patch.reader_core import Raw, Reading

_BLANK_SIGNS = " \t\u00a0"  # what stands for the sign of context; a tab is content, too
_SIGNS: dict[str, Sign] = {" ": " ", "-": "-", "+": "+"}
_BULLET = re.compile(r"[-+*] \S")
_NO_NEWLINE = re.compile(r"\\ ?(?:No newline|\s)", re.IGNORECASE)
_STOPS = ("@@", "diff --git ", "*** ", "<<<<<<< ", ">>>>>>> ")

_NO_HINT = HunkHint()

BodyKind = Literal["hunk", "create", "delete"]
_PLAIN: dict[BodyKind, frozenset[str]] = {
    "hunk": frozenset(" -+"),
    "create": frozenset("+"),
    "delete": frozenset("-"),
}


class Body:
    """Reads lines until one cannot belong; then `take` gives back what was not consumed.

    `additions_at_end`: a hunk of added lines alone, without an anchor, goes to the file's end.
    """

    def __init__(
        self,
        reading: Reading,
        kind: BodyKind,
        path: str,
        hint: HunkHint = _NO_HINT,
        *,
        needs: int | None = None,
        old_path: str | None = None,
    ) -> None:
        self._reading = reading
        self._kind: BodyKind = kind
        self._path = path
        self._asked_path = old_path or path
        self._hint = hint
        self._needs = needs
        self._index: int | None = None
        self._lines: list[Line] = []
        self._held: list[Raw] = []
        self._head: list[Raw] = []
        self._old_seen = self._new_seen = 0
        self._malformed = ""
        self._last_end = "\n"
        self.mode: Mode = "100644"
        self.gone_mode: Mode | None = None
        self.crlf_transport = False
        self.silent = False
        self.cut_in_blank = False
        self.closed_fence = False
        self.additions_at_end = False

    @property
    def satisfied(self) -> bool:
        """Both counts of the header are known and met exactly."""
        return (self._hint.old_count, self._hint.new_count) == (self._old_seen, self._new_seen)

    @property
    def lines(self) -> Sequence[Line]:
        return self._lines

    @property
    def cut_in_line(self) -> bool:
        """The last line of the body had no line end: the stream stopped there."""
        return self._last_end == ""

    def _left(self, beyond: int = 0) -> bool:
        """The header says that there is a line of context more than what is read, and `beyond`."""
        old, new = self._hint.old_count, self._hint.new_count
        if old is None or new is None:
            return False
        if self._kind == "create":
            return self._new_seen + beyond < new
        if self._kind == "delete":
            return self._old_seen + beyond < old
        return self._old_seen + beyond < old and self._new_seen + beyond < new

    def _one_left(self) -> bool:
        """One line of context more, and both counts are met."""
        seen = (self._old_seen + 1, self._new_seen + 1)
        return (self._hint.old_count, self._hint.new_count) == seen

    def take(self, raw: Raw) -> Sequence[Raw] | None:
        """None: consumed (perhaps held back). Otherwise the body has ended before these lines."""
        if self._head:
            return self._after_head(raw)
        text = raw.text
        if text[:1] == " " and raw.end:
            self._add(" ", text[1:], raw)
            return None
        if not text or (not raw.end and text.isspace()):
            self._held.append(raw)
            return None
        sign = text[0]
        if sign in "+-":
            return self._signed(raw)
        if sign in _BLANK_SIGNS:
            self._add(" ", text if sign == "\t" else text[1:], raw)
            return None
        if sign == "\\" and _NO_NEWLINE.match(text):
            self._no_newline(raw)
            return None
        if text.startswith(_STOPS):
            if self._kind == "create" and hunk_header(text) is not None:
                return None  # a new file in several hunks is one change
            return self._over(raw)
        if fence(text) is not None:
            return self._fence(raw)
        return self._unsigned(raw)

    def take_run(self, lines: Sequence[str], start: int) -> int:
        """Take the whole lines from `start` on that any hunk would take; how many these are.

        This is `take` for the plain case, without asking each line what else it might be.
        """
        if self._held or self._head or self._index is None:
            return 0
        plain = _PLAIN[self._kind]
        old = new = 0
        taken: list[Line] = []
        for number in range(start, len(lines)):
            text = lines[number]
            sign = text[:1]
            if sign not in plain:
                break
            if sign == " ":
                old, new = old + 1, new + 1
            elif sign == "-" and text[1:3] != "--" and text[:3].rstrip() != "--":
                old += 1
            elif sign == "+" and text[1:3] != "++":
                new += 1
            else:
                break
            if text[-1] == "\r":
                end: LineEnd = "\n" if self.crlf_transport else "\r\n"
                taken.append(Line(_SIGNS[sign], text[1:-1], end))
            else:
                taken.append(Line(_SIGNS[sign], text[1:]))
        if taken:
            self._lines += taken
            self._old_seen, self._new_seen = self._old_seen + old, self._new_seen + new
            self._last_end = "\n"
            self._reading.emit.lines(self._index, taken)
        return len(taken)

    def _signed(self, raw: Raw) -> Sequence[Raw] | None:
        text = raw.text
        if text.startswith("--- ") and len(text) > 4:
            self._head.append(raw)
            return None
        if text.startswith("+++ ") and names_a_file(text, self._reading.tree.exists):
            self._head.append(raw)
            return None
        if self._kind == "create" and text[0] == "-" and self._new_seen:
            return self._over(raw)
        if text[:3].rstrip() == "--" and text.rstrip() == "--" and self.satisfied:
            return self._over(raw)
        if self._held and self._starts_a_list(text):
            return self._over(raw)
        self._add("+" if text[0] == "+" else "-", text[1:], raw)
        return None

    def _starts_a_list(self, text: str) -> bool:
        """After a whole hunk and a blank line: "- item" that no file has is prose."""
        if not self.satisfied or self._reading.fence is not None or not _BULLET.match(text):
            return False
        if text[0] == "+":
            return True
        return not self._reading.tree.knows_line(self._asked_path, text[1:])

    def _after_head(self, raw: Raw) -> Sequence[Raw] | None:
        """ "--- x" was held back: a file header if "+++ y" follows, else a removed "-- x"."""
        first = self._head[0].text
        if len(self._head) == 1 and raw.text.startswith("@@"):
            if names_a_file(first, self._reading.tree.exists):
                return self._over(raw)
        elif len(self._head) == 1 and first[0] == "-" and raw.text.startswith("+++ "):
            if (not self._left() and self._kind == "hunk") or self._kind == "create":
                return self._over(raw)
            self._head.append(raw)
            return None
        if len(self._head) == 2 and (raw.text.startswith("@@") or self._kind == "create"):
            return self._over(raw)
        head, self._head = self._head, []
        for held in head:
            self._add("-" if held.text[0] == "-" else "+", held.text[1:], held)
        return self.take(raw)

    def _fence(self, raw: Raw) -> Sequence[Raw] | None:
        """A line of ``` without a sign: the end of our own fence, or content that lost its sign."""
        opened = self._reading.fence
        if opened is not None and opened.closes(raw.text):
            if self.satisfied:
                return self._over(raw)
            known = self._reading.tree.knows_line(self._asked_path, raw.text)
            if known is False or (known is None and not self._left(len(self._held))):
                return self._over(raw)
            self._held.append(raw)
            return None
        return self._unsigned(raw)

    def _unsigned(self, raw: Raw) -> Sequence[Raw] | None:
        if self._kind == "create":
            return self._over(raw)
        known = self._reading.tree.knows_line(self._asked_path, raw.text)
        if known or (known is None and self._left(len(self._held))) or is_elision(raw.text):
            self._add(" ", raw.text, raw)
            return None
        if known is None and self._hint.old_count is None:
            self._held.append(raw)
            return None
        return self._over(raw)

    def _add(self, sign: Sign, text: str, raw: Raw) -> None:
        if self._held:
            self._flush()
        if self._kind != "hunk" and sign != ("+" if self._kind == "create" else "-"):
            self._malformed = self._malformed or (
                "A new file's lines must all begin with +."
                if self._kind == "create"
                else "A deleted file's lines must all begin with -."
            )
        self._append(sign, text, raw)

    def _append(self, sign: Sign, text: str, raw: Raw) -> None:
        end = "\n" if self.crlf_transport or not raw.end else raw.end
        line = Line(sign, text, "\r\n" if end == "\r\n" else "\n")
        if self._index is None and not self.silent:
            self._index = self._reading.emit.start(self._kind, self._path, self._hint, self._needs)
        self._lines.append(line)
        self._old_seen += sign != "+"
        self._new_seen += sign != "-"
        self._last_end = raw.end
        if self._index is not None:
            self._reading.emit.line(self._index, line)

    def _flush(self) -> None:
        """What was held back belongs: lines that lost their sign."""
        held, self._held = self._held, []
        sign: Sign = "+" if self._kind == "create" else "-" if self._kind == "delete" else " "
        for raw in held:
            self._append(sign, "" if raw.text.isspace() else raw.text, raw)

    def _no_newline(self, raw: Raw) -> None:
        if self._left():
            self._flush()
        if self._lines:
            last = self._lines[-1]
            lone = last.end == "\r\n" and raw.end == "\n"  # the file ends in a lone \\r
            self._lines[-1] = Line(last.sign, last.text + "\r" if lone else last.text, "")

    def _over(self, raw: Raw | None) -> Sequence[Raw]:
        """End the body before `raw`; give back what did not belong, `raw` last."""
        rest = self._settle_held(raw)
        rest.extend(self._head)
        self._head = []
        if raw is not None and raw.text.startswith("*** End of File"):
            self._hint = replace(self._hint, at_end=True)
        if raw is not None:
            rest.append(raw)
        self._finish()
        return rest

    def _settle_held(self, raw: Raw | None) -> list[Raw]:
        held, self._held = self._held, []
        limit = len(held)
        opened = self._reading.fence
        if opened is not None and (raw is None or not opened.closes(raw.text)):
            limit = next((i for i, h in enumerate(held) if h.text and opened.closes(h.text)), limit)
        if raw is None and held and not held[-1].end:
            limit = min(limit, len(held) - 1)
            self.cut_in_blank = len(held[-1].text) > 1 or not self._one_left()
        taken = 0
        while taken < limit and self._left():
            self._held = [held[taken]]
            self._flush()
            taken += 1
        return held[taken:]

    def stop(self, raw: Raw) -> Sequence[Raw]:
        """The caller knows that `raw` does not belong: end before it."""
        return self._over(raw)

    def close(self) -> None:
        """The stream has ended inside this body."""
        head, self._head = self._head, []
        for held in head:
            self._add("-" if held.text[0] == "-" else "+", held.text[1:], held)
        opened = self._reading.fence
        self.closed_fence = any(
            opened is not None and opened.closes(r.text) for r in self._over(None)
        )

    def _finish(self) -> None:
        if self._index is None:
            return
        emit, lines = self._reading.emit, tuple(self._lines)
        if self._malformed:
            emit.unsupported(self._path, self._malformed, self._index)
        elif self._kind == "create":
            emit.end(self._index, Create(self._path, lines, self.mode))
        elif self._kind == "delete":
            emit.end(self._index, Delete(self._path, lines, self.gone_mode))
        else:
            if self.additions_at_end and not self._old_seen and not self._hint.anchors:
                self._hint = replace(self._hint, at_end=True)
            emit.end(self._index, Hunk(self._path, lines, self._hint))

    @property
    def changes_nothing(self) -> bool:
        """Only context so far."""
        return bool(self._lines) and all(line.sign == " " for line in self._lines)

    @property
    def ends_without_context(self) -> bool:
        """The last line is + or -, though context stands before the first change."""
        if not self._lines or self._kind != "hunk":
            return False
        return self._lines[-1].sign != " " and self._lines[0].sign == " "
