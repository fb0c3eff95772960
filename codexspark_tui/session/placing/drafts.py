"""One file under review: the text that its hunks were placed in, and what was accepted of it.

A draft's base is the text at the moment when the file was first asked for; placements, resolved
hunks and digests refer to it and stay true while only our own accepted changes alter the file. What
goes to the workspace is a hunk against the text on disk, which `against_disk` makes. No I/O here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from codexspark_tui.events.resolved import view_of
from codexspark_tui.patch import (
    FilePlacer,
    Mismatch,
    TextFile,
    apply_resolved,
    resolve,
    split_lines,
)
from codexspark_tui.patch.apply import edits_of, splice
from codexspark_tui.patch.compare import Edit, edits_between
from codexspark_tui.patch.encodings import MARKED, encoding_in_patch, hunk_in, takes_mark_away
from codexspark_tui.patch.model import (
    Ambiguous,
    Hunk,
    Missing,
    Placed,
    Placement,
    Resolved,
    ResolvedHunk,
)
from codexspark_tui.session.placing.carrier import FIRST, Moves, Spans, moved, rank_of

MARK_STAYS = "the patch takes away the file's byte order mark, which spark never does"


@dataclass(slots=True)
class Draft:
    """`base_digest` names the file that `text` was read from. `needs`: who brings the file here.

    `written`: the hunks that are on disk, by change id; `moves`: by how much they move lines of
    the base. `untold`: those that came to disk, or went, since it was told what has moved. `spans`:
    where hunks are in the base; `reads_otherwise`: those of them that read in another way on disk.
    """

    path: str
    text: str
    base_digest: str
    placer: FilePlacer
    lines: list[str]
    needs: tuple[str, ...] = ()
    encoding: str = "utf-8"
    written: dict[str, ResolvedHunk] = field(default_factory=dict)
    untold: dict[str, ResolvedHunk] = field(default_factory=dict)
    moves: Moves = field(default_factory=Moves)
    spans: Spans = field(default_factory=Spans)
    reads_otherwise: set[str] = field(default_factory=set)
    _told_moves: Moves = field(default_factory=Moves)
    _split: tuple[str, list[str]] = field(default_factory=lambda: ("", []))
    _texts: list[tuple[dict[str, ResolvedHunk], str | Mismatch]] = field(default_factory=list)

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

    # -- as it is on disk

    def wrote(self, id: str, hunk: ResolvedHunk) -> None:
        """This hunk is on disk (again)."""
        if id not in self.written:
            self.written[id] = hunk
            self.moves.add(edits_of(hunk), rank_of(id))
            self._note_change(id, hunk)

    def unwrote(self, id: str) -> None:
        """This hunk was taken back."""
        hunk = self.written.pop(id, None)
        if hunk is not None:
            self.moves.remove(edits_of(hunk), rank_of(id))
            self._note_change(id, hunk)

    def _note_change(self, id: str, hunk: ResolvedHunk) -> None:
        if self.untold.pop(id, None) is None:
            self.untold[id] = hunk

    def now(self) -> str | None:
        """The text that the file should have on disk; None where that cannot be told."""
        text = self._with(self.written)
        return text if isinstance(text, str) else None

    def take_moved(self) -> tuple[list[Edit], list[Edit]]:
        """What has come to disk, or gone from it, since the last call: as edits of the text of
        then, ascending, and as edits of the base."""
        made = [
            (edit.start + self._told_moves.before(edit, rank_of(id)), edit, id in self.written)
            for id, hunk in self.untold.items()
            for edit in edits_of(hunk)
        ]
        self.untold, self._told_moves = {}, self.moves.copy()
        made.sort(key=lambda one: one[0])
        return [_edit_at(*one) for one in made], [edit for _, edit, _ in made]

    def told_text(self) -> str | None:
        """The text whose lines were told of; None where that cannot be told."""
        told = {id: hunk for id, hunk in self.written.items() if id not in self.untold}
        gone = {id: hunk for id, hunk in self.untold.items() if id not in self.written}
        text = self._with({**told, **gone})
        return text if isinstance(text, str) else None

    def on_disk(self, id: str, hunk: ResolvedHunk) -> ResolvedHunk:
        """A hunk that is not written as one of the file as it is on disk."""
        start = hunk.old_start - 1
        end = start + sum(line.sign != "+" for line in hunk.lines)
        if not self.moves.touches(start, end):
            return replace(hunk, old_start=self.line_on_disk(start) + 1)
        return moved(hunk, rank_of(id), self.moves, self._lines_now())

    def line_on_disk(self, at: int) -> int:
        """Where line `at` of the base is now."""
        return at + self.moves.before(Edit(at, at + 1, ()), FIRST)

    def _lines_now(self) -> list[str]:
        text = self.now() or ""
        if self._split[0] is not text:
            self._split = text, split_lines(text)
        return self._split[1]

    def against_disk(self, hunks: Mapping[str, ResolvedHunk]) -> dict[str, ResolvedHunk] | Mismatch:
        """The same hunks, by change id, with the lines and context of the file as it is on disk.

        In the order of the result they give, together, what all of them give in the base.
        """
        if not self.written:
            return {id: hunks[id] for id in sorted(hunks, key=rank_of)}
        now = self._with(self.written)
        if isinstance(now, Mismatch):
            return now
        lines, together = self._lines_now(), {**self.written, **hunks}
        order = sorted(hunks, key=lambda id: (_first_edit(hunks[id]), rank_of(id)))
        found = {id: moved(hunks[id], rank_of(id), self.moves, lines) for id in order}
        made = splice(lines, list(found.values()))
        if not any(self.moves.touches(e.start, e.end) for h in hunks.values() for e in edits_of(h)):
            self._keep(together, made)
        if made != self._with(together):
            at = min(hunk.old_start for hunk in found.values())
            return Mismatch(self.path, at, "these changes touch each other; take them one by one")
        return made if isinstance(made, Mismatch) else found

    def _with(self, hunks: dict[str, ResolvedHunk]) -> str | Mismatch:
        """The base with these hunks in it; the last two of such texts are kept."""
        for known, text in self._texts:
            if known == hunks:
                return text
        made = apply_resolved(self.text, _in_order(hunks))
        self._keep(hunks, made)
        return made

    def _keep(self, hunks: dict[str, ResolvedHunk], text: str | Mismatch) -> None:
        self._texts = [*self._texts[-1:], (dict(hunks), text)]


def _edit_at(start: int, edit: Edit, comes: bool) -> Edit:
    """An edit of the base at another line; one that goes is the other way round."""
    removed = edit.end - edit.start
    if comes:
        return Edit(start, start + removed, edit.lines)
    return Edit(start, start + len(edit.lines), ("",) * removed)


class Carrier:
    """Carries hunks of a draft over to another text of its file, by what differs between the two.

    `over` gives None where the other text differs right at the lines that the hunk changes.
    """

    def __init__(self, draft: Draft, text: str) -> None:
        before = draft.now()
        self._before = split_lines(draft.text if before is None else before)
        self._lines = split_lines(text)
        self._done = draft.moves if before is not None else Moves()
        self.edits = list(edits_between(self._before, self._lines))
        self._moves = Moves((edit, FIRST) for edit in self.edits)

    def over(self, id: str, hunk: ResolvedHunk) -> ResolvedHunk | None:
        """The hunk of the draft's base as a hunk of the other text."""
        here = moved(hunk, rank_of(id), self._done, self._before)
        if any(self._moves.touches(mine.start, mine.end) for mine in edits_of(here)):
            return None
        return moved(here, FIRST, self._moves, self._lines)


def _in_order(hunks: Mapping[str, ResolvedHunk]) -> list[ResolvedHunk]:
    return [hunks[id] for id in sorted(hunks, key=rank_of)]


def _first_edit(hunk: ResolvedHunk) -> int:
    edits = edits_of(hunk)
    return edits[0].start if edits else hunk.old_start - 1


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
