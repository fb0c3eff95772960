"""One file under review: the text that its hunks were placed in, and what was accepted of it.

A draft's base is the text at the moment when the first hunk was placed; placements, resolved hunks
and digests refer to it and stay true while only our own accepted changes alter the file. What goes
to the workspace is a hunk against the text on disk, which `against_disk` makes. No I/O here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from codexspark_tui.events.resolved import view_of
from codexspark_tui.patch import (
    FilePlacer,
    Mismatch,
    apply_resolved,
    diff,
    leading_context,
    recontext,
    resolve,
    split_lines,
)
from codexspark_tui.patch.model import (
    Hunk,
    Missing,
    Placed,
    Placement,
    Resolved,
    ResolvedHunk,
)

IN_THE_FILE = "The change is already in the file."


@dataclass(slots=True)
class Draft:
    """`base_digest`, `disk_digest`: of the file when it was read, and as we last wrote it."""

    path: str
    text: str
    base_digest: str
    disk_digest: str
    placer: FilePlacer
    lines: list[str]
    needs: tuple[str, ...] = ()
    accepted: list[ResolvedHunk] = field(default_factory=list)
    _bare: list[str] | None = None

    @classmethod
    def of(
        cls,
        path: str,
        text: str,
        digest: str,
        *,
        trust_numbers: bool,
        needs: tuple[str, ...] = (),
    ) -> Draft:
        placer = FilePlacer(path, text, trust_numbers=trust_numbers)
        return cls(path, text, digest, digest, placer, split_lines(text), needs)

    def place(self, hunk: Hunk) -> tuple[Placement, ResolvedHunk | None]:
        placement = self.placer.place(hunk)
        if isinstance(placement, Missing) and self._is_there(hunk):
            placement = Missing(IN_THE_FILE)
        return placement, self._resolved(hunk, placement)

    def _is_there(self, hunk: Hunk) -> bool:
        """Whether the file has the lines that the hunk would leave, one after the other."""
        left = [line.text for line in hunk.lines if line.sign != "-"]
        if len(left) < 2 or all(line.sign == " " or not line.text for line in hunk.lines):
            return False
        if self._bare is None:
            self._bare = [line.rstrip("\r\n") for line in self.lines]
        return any(
            self._bare[at : at + len(left)] == left
            for at, text in enumerate(self._bare)
            if text == left[0]
        )

    def place_at(self, hunk: Hunk, at: int) -> tuple[Placement, ResolvedHunk | None]:
        """A person chose line index `at` for a hunk that was ambiguous."""
        placement = self.placer.settle(hunk, at)
        return placement, self._resolved(hunk, placement)

    def retry(self, hunk: Hunk) -> tuple[Placement, ResolvedHunk | None]:
        placement = self.placer.retry(hunk)
        return placement, self._resolved(hunk, placement)

    def _resolved(self, hunk: Hunk, placement: Placement) -> ResolvedHunk | None:
        if not isinstance(placement, Placed):
            return None
        return resolve(self.lines, hunk, placement)

    def against_disk(self, hunks: Sequence[ResolvedHunk]) -> list[ResolvedHunk] | Mismatch:
        """The same hunks with the line numbers and context of the file as it is on disk."""
        if not self.accepted:
            return list(hunks)
        now = apply_resolved(self.text, self.accepted)
        wanted = apply_resolved(self.text, [*self.accepted, *hunks])
        if isinstance(now, Mismatch):
            return now
        if isinstance(wanted, Mismatch):
            return wanted
        lines = split_lines(now)
        moved = [recontext(lines, hunk, self._shift(hunk)) for hunk in hunks]
        if apply_resolved(now, moved) == wanted:
            return moved
        return list(diff(self.path, now, wanted))

    def written(self, hunks: Sequence[ResolvedHunk], disk_digest: str) -> None:
        """These hunks (of the base) are on disk now, and the file has this digest."""
        self.accepted += hunks
        self.disk_digest = disk_digest

    def _shift(self, hunk: ResolvedHunk) -> int:
        """By how many lines the accepted changes before this hunk's first one have moved it."""
        at = hunk.old_start + leading_context(hunk)
        shift = 0
        for done in self.accepted:
            line = done.old_start
            for part in done.lines:
                if part.sign == "+":
                    shift += line <= at
                else:
                    shift -= part.sign == "-" and line < at
                    line += 1
        return shift


_encoder = msgspec.json.Encoder()


def digest_of(change: Resolved, base_digest: str) -> str:
    """Names what was shown: path, resolved lines, and the file that they were placed in."""
    view = view_of(change)
    try:
        body = _encoder.encode(view)
    except UnicodeEncodeError:
        body = repr(view).encode("utf-8", "backslashreplace")
    return hashlib.sha256(base_digest.encode() + b"\0" + body).hexdigest()[:16]
