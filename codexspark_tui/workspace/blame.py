"""Which recorded change made which line of a file as it is now.

Each line that a change wrote is followed through everything written since; where others edited the
file, through the difference to the text that the change left, and where that is lost, by its lines
and their context. A line that nobody can be named for has no name. Reading only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codexspark_tui.patch.model import ResolvedCreate, ResolvedHunk
from codexspark_tui.patch.text import split_lines
from codexspark_tui.patch.transform import invert
from codexspark_tui.workspace.bases import Read, names_of, outside_delta
from codexspark_tui.workspace.delta import Delta, lines_now
from codexspark_tui.workspace.draft import Draft, Entry
from codexspark_tui.workspace.hunks import parts, read_text
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.places import History, placed_parts
from codexspark_tui.workspace.rows import Record
from codexspark_tui.workspace.selecting import turns_of
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
        for record in _records(ledger, entry.path):
            for line in _lines_of(ledger, record, entry, read):
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
    return [r for r in records if r.entry.applied and r.entry.resolved.kind in ("hunk", "create")]


def _lines_of(ledger: Ledger, record: Record, entry: Entry, read: Read) -> Iterator[int]:
    """The 0-based lines of the file now that the change wrote."""
    history = History.of(ledger, record.path, record.batch, read)
    if history.path != entry.path or (history.steps and not history.steps[-1].after.exists):
        return
    starts = _written(record)
    deltas = _way(history, entry)
    if deltas is not None:
        for start, count in starts:
            for line in range(start, start + count):
                now = lines_now(deltas, line, 1)
                if now is not None:
                    yield now
        return
    hunk = record.entry.resolved
    if isinstance(hunk, ResolvedHunk):
        turned = invert(hunk)
        assert isinstance(turned, ResolvedHunk)
        places = placed_parts(history, record, turned, entry, ())
        if isinstance(places, tuple):
            for place, (_, count) in zip(places, starts, strict=True):
                yield from range(place, place + count)


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


def _way(history: History, entry: Entry) -> Sequence[Delta] | None:
    """From the text after the change to the text now; None where the one is lost."""
    deltas = history.deltas_to(entry.disk.digest)
    if deltas is not None:
        return deltas
    then = history.text_then()
    outside = None if then is None else outside_delta(then, entry.disk.data)
    return None if outside is None else [outside]
