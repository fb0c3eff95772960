"""Where a recorded hunk stands today: followed through what was written since, or looked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from codexspark_tui.patch.apply import edits_of
from codexspark_tui.patch.model import Ambiguous, Line, Missing, Placed, ResolvedHunk
from codexspark_tui.patch.relocate import relocate
from codexspark_tui.patch.text import split_lines, to_line
from codexspark_tui.workspace import trail
from codexspark_tui.workspace.bases import Read, nowhere, outside_delta, text_then
from codexspark_tui.workspace.delta import Delta, line_near, lines_now
from codexspark_tui.workspace.draft import Entry
from codexspark_tui.workspace.hunks import Part, parts, read_text
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.rows import Record
from codexspark_tui.workspace.steps import Step

_ONE_SIDED = 2


@dataclass(frozen=True, slots=True)
class History:
    """What happened to a file since a batch: its name now, and the steps, oldest first.

    `digest` is of the file directly after the batch ("" where the ledger does not say), and
    `text_then` finds its bytes again, where somebody still has them.
    """

    path: str
    digest: str
    steps: tuple[Step, ...]
    text_then: Callable[[], bytes | None]

    @classmethod
    def of(cls, ledger: Ledger, path: str, batch: int, read: Read = nowhere) -> History:
        """`read` gives what git has of a path."""
        at = trail.step_at(ledger, path, batch)
        later = trail.later_steps(ledger, path, batch)
        now = later[-1].path if later else path
        digest = at.after.digest if at is not None else ""

        def then() -> bytes | None:
            return text_then(ledger, path, digest, read) if digest else None

        return cls(now, digest, tuple(later), then)

    def deltas_to(self, digest: str) -> list[Delta] | None:
        """The deltas from the text after the batch to the text of this digest; None where
        something else than we wrote to the file in between."""
        here, found, at = self.digest, list[Delta](), -1
        # what was written and taken back again leads nowhere: go on from the last such text
        last = {step.before.digest: i for i, step in enumerate(self.steps)}
        while here != digest:
            if last.get(here, -1) <= at:
                return None
            at = last[here]
            found += self.steps[at].deltas
            here = self.steps[at].after.digest
        return found


def placed_parts(
    history: History,
    record: Record,
    hunk: ResolvedHunk,
    entry: Entry,
    beside: Sequence[ResolvedHunk],
) -> tuple[int, ...] | Ambiguous | Missing:
    """The 0-based lines of the text of `entry` at which the parts of `hunk` are to be replaced.

    `beside` are the hunks that refer to the same text as the recorded one and are applied now.
    """
    wanted = parts(hunk)
    if len(wanted) != len(record.lines):
        return Missing("the ledger does not say where it stood")
    deltas = history.deltas_to(entry.disk.digest)
    known = deltas is not None
    if deltas is not None:
        followed = _followed([*deltas, *entry.deltas], record.lines, wanted)
        if followed is not None:
            return followed
    else:
        deltas = [delta for step in history.steps for delta in step.deltas]
    recorded = record.entry.resolved
    assert isinstance(recorded, ResolvedHunk)
    hunk = replace(hunk, lines=_as_beside(hunk, recorded, beside))
    wanted = parts(hunk)
    first = record.lines[0] - wanted[0].at if wanted else 0
    for delta in [*deltas, *entry.deltas]:
        first = line_near(delta, first)
    hunk = replace(hunk, old_start=first + 1)
    found = _looked_for(hunk, entry, wanted)
    if isinstance(found, tuple) or known:
        return found
    return _merged(history, record.lines, hunk, entry, found)


def _merged(
    history: History,
    lines: Sequence[int],
    hunk: ResolvedHunk,
    entry: Entry,
    found: Ambiguous | Missing,
) -> tuple[int, ...] | Ambiguous | Missing:
    """Where a three-way merge puts the parts; else what was found without one.

    The base is the text as the batch left it. Lines that stand in several places are told apart
    only while they stand as often as they did then; a line between two changed ones is taken for
    the same only where there is no other like it.
    """
    base = history.text_then()
    then = None if base is None else read_text(base)
    now = read_text(entry.disk.data)
    if base is None or then is None or isinstance(then, str) or isinstance(now, str):
        return found
    if isinstance(found, Ambiguous) and not _as_often(hunk, then.text, now.text):
        return found
    outside = outside_delta(base, entry.disk.data)
    if outside is None:
        return found
    wanted = parts(hunk)
    old, new = split_lines(then.text), split_lines(now.text)
    for line, part in zip(lines, wanted, strict=True):
        here = lines_now([outside], line, len(part.old))
        if here is None or not _anchored(outside, line, here, (old, new), len(part.old)):
            return found
    return _followed([outside, *entry.deltas], lines, wanted) or found


def _as_often(hunk: ResolvedHunk, then: str, now: str) -> bool:
    """The changed lines stand in the file as often as they did."""
    return all(
        _count(split_lines(then), part.old) == _count(split_lines(now), part.old)
        for part in parts(hunk)
        if part.old
    )


def _count(lines: Sequence[str], wanted: Sequence[str]) -> int:
    rows = range(len(lines) - len(wanted) + 1)
    return sum(tuple(lines[row : row + len(wanted)]) == tuple(wanted) for row in rows)


def _anchored(
    outside: Delta, line: int, here: int, texts: tuple[Sequence[str], Sequence[str]], size: int
) -> bool:
    """A line beside the part is the one that was there, or the part's lines are the only such."""
    old, new = texts
    above = lines_now([outside], line - 1, 1) if line else -1
    below = lines_now([outside], line + size, 1) if line + size < len(old) else len(new)
    if above == here - 1 or below == here + size:
        return True
    own = old[line : line + size]
    return bool(own) and _count(old, own) == _count(new, own) == 1


def _followed(
    deltas: Sequence[Delta], lines: Sequence[int], wanted: Sequence[Part]
) -> tuple[int, ...] | None:
    found: list[int] = []
    for line, part in zip(lines, wanted, strict=True):
        now = lines_now(deltas, line, len(part.old))
        if now is None:
            return None
        found.append(now)
    return tuple(found)


def _looked_for(
    hunk: ResolvedHunk, entry: Entry, wanted: Sequence[Part]
) -> tuple[int, ...] | Ambiguous | Missing:
    """The one place that the hunk's old lines and context still name; less context if need be."""
    assert entry.now is not None
    text = read_text(entry.now.data)
    if isinstance(text, str):
        return Missing(text)
    for trimmed, left_out in _trimmed(hunk):
        place = relocate(text.text, trimmed)
        if isinstance(place, Ambiguous):
            return place
        if isinstance(place, Placed):
            return tuple(place.at - left_out + part.at for part in wanted)
    return Missing("its lines have changed since")


def _as_beside(
    hunk: ResolvedHunk, recorded: ResolvedHunk, beside: Sequence[ResolvedHunk]
) -> tuple[Line, ...]:
    """The hunk's lines, its context as the neighbours that are applied have made it.

    `hunk` is `recorded` or its inverse: both have the same context, which is of the text that
    `recorded` and its neighbours refer to.
    """
    edits = [edit for other in beside for edit in edits_of(other)]
    removed = {row for edit in edits for row in range(edit.start, edit.end)}
    added: dict[int, list[str]] = {}
    for edit in edits:
        added.setdefault(edit.start, []).extend(edit.lines)
    old_sign = "-" if hunk.lines == recorded.lines else "+"
    row = recorded.old_start - 1
    lines: list[Line] = []
    for line in hunk.lines:
        if line.sign == " ":
            lines += [to_line(" ", raw) for raw in added.get(row, ())]
            if row not in removed:
                lines.append(line)
        else:
            lines.append(line)
        row += line.sign in (" ", old_sign)
    return tuple(lines)


def _trimmed(hunk: ResolvedHunk) -> list[tuple[ResolvedHunk, int]]:
    """The hunk with all of its outer context, then with less, and how many lines were left out.

    One side may lose all of its context only while the other keeps its own.
    """
    lines = hunk.lines
    head = next((i for i, line in enumerate(lines) if line.sign != " "), len(lines))
    tail = next((i for i, line in enumerate(reversed(lines)) if line.sign != " "), 0)
    ways = [(head, tail), (2, 2), (1, 1)]
    ways += [(head, 0)] * (head >= _ONE_SIDED) + [(0, tail)] * (tail >= _ONE_SIDED)
    found: list[tuple[ResolvedHunk, int]] = []
    for before, after in ways:
        out = max(0, head - before)
        kept: tuple[Line, ...] = lines[out : len(lines) - max(0, tail - after)]
        if all(kept != one.lines for one, _ in found):
            found.append((replace(hunk, old_start=hunk.old_start + out, lines=kept), out))
    return found
