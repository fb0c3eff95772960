"""Which recorded change made which line of a file as it is now.

Each line that a change wrote is followed through everything written since; where others edited the
file, through the difference to the text that the change left, and where that is lost, by its lines
and their context. A line that nobody can be named for has no name. Reading only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from codexspark_tui.patch.model import ResolvedCreate, ResolvedHunk
from codexspark_tui.patch.text import split_lines
from codexspark_tui.patch.transform import invert
from codexspark_tui.workspace import trail
from codexspark_tui.workspace.bases import Read, names_of, outside_delta, text_then
from codexspark_tui.workspace.delta import Delta, lines_now
from codexspark_tui.workspace.draft import Draft, Entry
from codexspark_tui.workspace.hunks import parts, read_text
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.places import History, placed_parts
from codexspark_tui.workspace.rows import Record
from codexspark_tui.workspace.selecting import turns_of
from codexspark_tui.workspace.steps import Step
from codexspark_tui.workspace.tree import Tree, refused
from codexspark_tui.workspace.values import BlameLine


def blamed(tree: Tree, ledger: Ledger, path: str, read: Read) -> list[BlameLine]:
    """Every line of the file. Raises `PathRefused` where there is no text."""
    entry = Draft(tree).followed(path)
    if entry.now is None:
        raise refused(path, "there is no such file")
    text = read_text(entry.now.data)
    if isinstance(text, str):
        raise refused(path, text)
    made: dict[int, Record] = {}
    if ledger.exists():
        past = _Past(ledger, read, entry)
        for record in _records(ledger, entry.path):
            for line in past.lines_of(record):
                if line not in made or made[line].batch < record.batch:
                    made[line] = record
    return [
        BlameLine(n + 1, raw.rstrip("\r\n"), made[n].entry.selector if n in made else "")
        for n, raw in enumerate(split_lines(text.text))
    ]


def _records(ledger: Ledger, path: str) -> list[Record]:
    """The applied changes of the file, under all of its names."""
    turns = {turn for name in names_of(ledger, path) for turn in turns_of(ledger, name)}
    records = (record for turn in sorted(turns) for record in ledger.changes(turn))
    found = [r for r in records if r.entry.applied and r.entry.resolved.kind in ("hunk", "create")]
    return sorted(found, key=lambda record: record.batch)


def _written(record: Record) -> Sequence[tuple[int, int]]:
    """Where the lines that the change wrote stood after it, and how many."""
    resolved = record.entry.resolved
    if isinstance(resolved, ResolvedCreate):
        return [(0, len(resolved.lines))]
    assert isinstance(resolved, ResolvedHunk)
    counts = [len(part.new) for part in parts(resolved)]
    if len(counts) != len(record.lines):
        return []
    return list(zip(record.lines, counts, strict=True))


@dataclass(slots=True)
class _Past:
    """What was written to the file, read once for all of its changes.

    `chains` are the steps of each file that had its name, by batch; `outside` is what others did
    to the texts of these digests.
    """

    ledger: Ledger
    read: Read
    entry: Entry
    chains: list[list[tuple[int, Step]]] = field(default_factory=list)
    outside: dict[str, Delta | None] = field(default_factory=dict)

    def lines_of(self, record: Record) -> Iterator[int]:
        """The 0-based lines of the file now that the change wrote."""
        history = self._history(record)
        if history.path != self.entry.path:
            return
        if history.steps and not history.steps[-1].after.exists:
            return
        starts = _written(record)
        deltas = self._way(history)
        if deltas is None:
            yield from self._looked_for(record, history, starts)
            return
        for start, count in starts:
            for line in range(start, start + count):
                now = lines_now(deltas, line, 1)
                if now is not None:
                    yield now

    def _history(self, record: Record) -> History:
        """As `History.of` gives it, from a chain that is known where there is one."""
        for chain in self.chains:
            for at, (batch, step) in enumerate(chain):
                if batch == record.batch and step.path == record.path and step.after.exists:
                    later = tuple(step for _, step in chain[at + 1 :])
                    return self._of(record.path, step, later)
        first = trail.step_at(self.ledger, record.path, record.batch)
        later_numbered = trail.numbered_steps(self.ledger, record.path, record.batch)
        if first is not None:
            self.chains.append([(record.batch, first), *later_numbered])
        return self._of(record.path, first, tuple(step for _, step in later_numbered))

    def _of(self, path: str, first: Step | None, later: tuple[Step, ...]) -> History:
        now = later[-1].path if later else path
        digest = "" if first is None else first.after.digest

        def then() -> bytes | None:
            return text_then(self.ledger, path, digest, self.read) if digest else None

        return History(now, digest, later, then)

    def _way(self, history: History) -> Sequence[Delta] | None:
        """From the text after the change to the text now; None where none is known.

        Where others have edited, over the last text that was ours, or else over the change's own.
        """
        deltas = history.deltas_to(self.entry.disk.digest)
        if deltas is not None:
            return deltas
        last = history.steps[-1].after.digest if history.steps else history.digest
        ours = history.deltas_to(last)
        outside = self._outside(history.path, last) if ours is not None else None
        if ours is not None and outside is not None:
            return [*ours, outside]
        outside = self._outside(history.path, history.digest)
        return None if outside is None else [outside]

    def _outside(self, path: str, digest: str) -> Delta | None:
        """From the text of this digest to the text now."""
        if digest not in self.outside:
            then = text_then(self.ledger, path, digest, self.read) if digest else None
            found = None if then is None else outside_delta(then, self.entry.disk.data)
            self.outside[digest] = found
        return self.outside[digest]

    def _looked_for(
        self, record: Record, history: History, starts: Sequence[tuple[int, int]]
    ) -> Iterator[int]:
        hunk = record.entry.resolved
        if isinstance(hunk, ResolvedHunk):
            turned = invert(hunk)
            assert isinstance(turned, ResolvedHunk)
            places = placed_parts(history, record, turned, self.entry, ())
            if isinstance(places, tuple):
                for place, (_, count) in zip(places, starts, strict=True):
                    yield from range(place, place + count)
