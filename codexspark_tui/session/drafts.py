"""One file under review: the text that its hunks were placed in, and what was accepted of it.

A draft's base is the text at the moment when the file was first asked for; placements, resolved
hunks and digests refer to it and stay true while only our own accepted changes alter the file. What
goes to the workspace is a hunk against the text on disk, which `against_disk` makes. No I/O here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from codexspark_tui.events.resolved import view_of
from codexspark_tui.patch import (
    FilePlacer,
    Mismatch,
    TextFile,
    apply_resolved,
    resolve,
    split_lines,
    to_line,
)
from codexspark_tui.patch.apply import CONTEXT, edits_of
from codexspark_tui.patch.compare import Edit, edits_between
from codexspark_tui.patch.encodings import MARKED, encoding_in_patch, hunk_in, takes_mark_away
from codexspark_tui.patch.model import (
    Ambiguous,
    Hunk,
    Line,
    Missing,
    Placed,
    Placement,
    Resolved,
    ResolvedHunk,
)

MARK_STAYS = "the patch takes away the file's byte order mark, which spark never does"


@dataclass(slots=True)
class Draft:
    """`base_digest` names the file that `text` was read from. `needs`: who brings the file here."""

    path: str
    text: str
    base_digest: str
    placer: FilePlacer
    lines: list[str]
    needs: tuple[str, ...] = ()
    encoding: str = "utf-8"
    written: dict[str, ResolvedHunk] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        path: str,
        file: TextFile,
        digest: str,
        *,
        trust_numbers: bool,
        needs: tuple[str, ...] = (),
    ) -> Draft:
        text = file.text
        placer = FilePlacer(path, text, trust_numbers=trust_numbers)
        encoding = encoding_in_patch(file)
        return cls(path, text, digest, placer, split_lines(text), needs, encoding)

    def place(self, hunk: Hunk) -> tuple[Placement, ResolvedHunk | None]:
        if self.encoding == MARKED and takes_mark_away(hunk.lines):
            return Missing(MARK_STAYS), None
        hunk = hunk_in(hunk, self.encoding)
        placement = self.placer.place(hunk)
        return placement, self._resolved(hunk, placement)

    def place_at(self, hunk: Hunk, at: int) -> tuple[Placement, ResolvedHunk | None]:
        """A person chose line index `at` for a hunk that was ambiguous."""
        hunk = hunk_in(hunk, self.encoding)
        placement = self.placer.settle(hunk, at)
        return placement, self._resolved(hunk, placement)

    def retry(self, hunk: Hunk) -> tuple[Placement, ResolvedHunk | None]:
        hunk = hunk_in(hunk, self.encoding)
        placement = self.placer.retry(hunk)
        return placement, self._resolved(hunk, placement)

    def _resolved(self, hunk: Hunk, placement: Placement) -> ResolvedHunk | None:
        if not isinstance(placement, Placed):
            return None
        return resolve(self.lines, hunk, placement, self.placer.view)

    def has_line(self, text: str) -> bool:
        """Whether the base has this line but for white space."""
        return self.placer.view.has(text)

    def now(self) -> str | None:
        """The text that the file should have on disk; None where that cannot be told."""
        text = apply_resolved(self.text, _in_order(self.written))
        return text if isinstance(text, str) else None

    def edits(self) -> list[tuple[Edit, tuple[int, str]]]:
        """What is written, as edits of the base, each with the rank of its change."""
        return [(edit, _rank(id)) for id, hunk in self.written.items() for edit in edits_of(hunk)]

    def against_disk(self, hunks: Mapping[str, ResolvedHunk]) -> dict[str, ResolvedHunk] | Mismatch:
        """The same hunks, by change id, with the lines and context of the file as it is on disk.

        In the order of the result they give, together, what all of them give in the base.
        """
        if not self.written:
            return {id: hunks[id] for id in sorted(hunks, key=_rank)}
        now = apply_resolved(self.text, _in_order(self.written))
        if isinstance(now, Mismatch):
            return now
        wanted = apply_resolved(self.text, _in_order({**self.written, **hunks}))
        if isinstance(wanted, Mismatch):
            return wanted
        done = self.edits()
        lines = split_lines(now)
        order = sorted(hunks, key=lambda id: (_first_edit(hunks[id]), _rank(id)))
        moved = {id: _moved(hunks[id], _rank(id), done, lines) for id in order}
        if apply_resolved(now, list(moved.values())) != wanted:
            at = min(hunk.old_start for hunk in moved.values())
            return Mismatch(self.path, at, "these changes touch each other; take them one by one")
        return moved


class Carrier:
    """Carries hunks of a draft over to another text of its file, by what differs between the two.

    `over` gives None where the other text differs right at the lines that the hunk changes.
    """

    def __init__(self, draft: Draft, text: str) -> None:
        before = draft.now()
        self._before = split_lines(draft.text if before is None else before)
        self._lines = split_lines(text)
        self._done = draft.edits() if before is not None else []
        self._edits = list(edits_between(self._before, self._lines))

    def over(self, id: str, hunk: ResolvedHunk) -> ResolvedHunk | None:
        """The hunk of the draft's base as a hunk of the other text."""
        here = _moved(hunk, _rank(id), self._done, self._before)
        for mine in edits_of(here):
            if any(e.start <= mine.end and mine.start <= e.end for e in self._edits):
                return None
        first = (0, "")
        return _moved(here, first, [(edit, first) for edit in self._edits], self._lines)


def _rank(id: str) -> tuple[int, str]:
    """The order of changes ("c2" before "c10"): who inserts first at one place."""
    return len(id), id


def _in_order(hunks: Mapping[str, ResolvedHunk]) -> list[ResolvedHunk]:
    return [hunks[id] for id in sorted(hunks, key=_rank)]


def _first_edit(hunk: ResolvedHunk) -> int:
    edits = edits_of(hunk)
    return edits[0].start if edits else hunk.old_start - 1


def _moved(
    hunk: ResolvedHunk,
    rank: tuple[int, str],
    done: Sequence[tuple[Edit, tuple[int, str]]],
    lines: Sequence[str],
) -> ResolvedHunk:
    """`hunk` of the base as a hunk of `lines`, which are the base after the edits in `done`."""
    edits = edits_of(hunk)
    if not edits:
        return hunk
    starts = [edit.start + _shift(edit, rank, done) for edit in edits]
    ends = [start + edit.end - edit.start for start, edit in zip(starts, edits, strict=True)]
    first = max(0, starts[0] - CONTEXT)
    made: list[Line] = []
    row = first
    for edit, start, end in zip(edits, starts, ends, strict=True):
        made += [to_line(" ", raw) for raw in lines[row:start]]
        made += [to_line("-", raw) for raw in lines[start:end]]
        made += [to_line("+", raw) for raw in edit.lines]
        row = end
    made += [to_line(" ", raw) for raw in lines[row : row + CONTEXT]]
    return ResolvedHunk(hunk.path, first + 1, tuple(made))


def _shift(edit: Edit, rank: tuple[int, str], done: Sequence[tuple[Edit, tuple[int, str]]]) -> int:
    """By how many lines the edits that come before this one have moved it."""
    shift = 0
    for other, others_rank in done:
        before = other.end <= edit.start
        if other.start == other.end == edit.start == edit.end:
            before = others_rank < rank
        if before:
            shift += len(other.lines) - (other.end - other.start)
    return shift


_encoder = msgspec.json.Encoder()


def digest_of(change: Resolved, base_digest: str) -> str:
    """Names what was shown: path, resolved lines, and the file that they were placed in."""
    view = view_of(change)
    try:
        body = _encoder.encode(view)
    except UnicodeEncodeError:
        body = repr(view).encode("utf-8", "backslashreplace")
    return _short_hash(base_digest, body)


def places_digest(placement: Ambiguous, base_digest: str) -> str:
    """Names the places that were offered."""
    return _short_hash(base_digest, repr(placement.candidates).encode())


def _short_hash(base_digest: str, body: bytes) -> str:
    return hashlib.sha256(base_digest.encode() + b"\0" + body).hexdigest()[:16]
