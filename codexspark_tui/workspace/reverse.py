"""Undo and redo: recorded changes turned round on the files as they are now.

Where everything that a batch did to a file is turned round and the file is as the batch left it,
the recorded bytes decide. Else each change is turned round by itself: at the line to which its
place can be followed through everything written since, or, where the file was edited by others, at
the one place that its lines and their context still name, or where a three-way merge puts it. Else
it is a conflict. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from codexspark_tui.patch.model import (
    Ambiguous,
    Missing,
    Mode,
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.patch.render import render
from codexspark_tui.patch.transform import invert
from codexspark_tui.workspace import rings, trail
from codexspark_tui.workspace.bases import Read, nowhere
from codexspark_tui.workspace.delta import Delta, start_after
from codexspark_tui.workspace.draft import Draft, Entry
from codexspark_tui.workspace.hunks import apply_hunks, hunk_for, part_hunks, parts
from codexspark_tui.workspace.ledger import Ledger
from codexspark_tui.workspace.places import History, placed_parts
from codexspark_tui.workspace.plan import content_of
from codexspark_tui.workspace.rows import Mark, Record
from codexspark_tui.workspace.steps import Content, Step
from codexspark_tui.workspace.tree import LINK_MODE, LeftAlone, Tree, refused
from codexspark_tui.workspace.values import Conflict, digest_of

_KIND = {True: "it is a symbolic link now", False: "it is a file now, and no symbolic link"}


@dataclass(frozen=True, slots=True)
class Turned:
    """What has to be written, what the ledger must know then, and what is in the way."""

    records: tuple[Record, ...]
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A change that stands at `lines` of the entry after `level` of its deltas."""

    record: Record
    entry: Entry
    level: int
    lines: tuple[int, ...]


@dataclass(slots=True)
class _Work:
    draft: Draft
    ledger: Ledger
    undo: bool
    read: Read
    marks: list[_Mark] = field(default_factory=list)
    turned: set[int] = field(default_factory=set)
    renames: dict[str, Record] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


def turn_round(
    tree: Tree, ledger: Ledger, records: Sequence[Record], *, undo: bool, read: Read = nowhere
) -> Turned:
    """`read` gives what git has of a path: where a file was edited by others, the base of a merge
    is looked for there."""
    work = _Work(Draft(tree), ledger, undo, read)
    batches = sorted({record.batch for record in records}, reverse=True)
    for batch in batches:
        _turn_batch(work, batch, [r for r in records if r.batch == batch])
    try:
        steps = tuple(work.draft.steps())
    except LeftAlone as error:
        found = tuple(_conflict(work, r, error.why) for r in records)
        return Turned(tuple(records), (), (), found)
    marks = tuple(_final(work, mark) for mark in work.marks)
    return Turned(tuple(records), steps, marks, tuple(work.conflicts))


def _turn_batch(work: _Work, batch: int, records: Sequence[Record]) -> None:
    """One batch: file by file where whole, else change by change, the last written first."""
    ordered = sorted(records, key=_order, reverse=work.undo)
    here: dict[str, list[Record]] = {}
    for record in ordered:
        here.setdefault(record.path, []).append(record)
    chosen = {record.id for record in records}
    partial = {path for change, path in trail.marked(work.ledger, batch) if change not in chosen}
    done: set[str] = set()
    work.renames = _renames(work, records)
    for record in ordered:
        path = record.path
        if path in done or record.id in work.turned:
            continue
        try:
            if path not in partial and _turn_whole(work, batch, here[path]):
                done.add(path)
                continue
        except LeftAlone:
            partial.add(path)
        try:
            _turn_one(work, record)
        except LeftAlone as error:
            work.conflicts.append(_conflict(work, record, error.why))


def _renames(work: _Work, records: Sequence[Record]) -> dict[str, Record]:
    """The renames of a batch by the name that the file leaves now."""
    found = {}
    for record in records:
        wanted = _wanted(work, record)
        if isinstance(wanted, ResolvedRename) and not wanted.copy:
            found[wanted.path] = record
    return found


def _mark(
    work: _Work, entry: Entry, records: Sequence[Record], lines: Sequence[tuple[int, ...]]
) -> None:
    """These records are turned round in the draft, and stand at these lines of the entry now."""
    level = len(entry.deltas)
    for record, at in zip(records, lines, strict=True):
        work.marks.append(_Mark(record, entry, level, at))
        work.turned.add(record.id)


def _order(record: Record) -> tuple[int, ...]:
    """The order in which changes come to be: in each decision, hunks after all else."""
    is_hunk = record.entry.resolved.kind == "hunk"
    return (record.first, is_hunk, int(record.entry.selector.partition(".")[2]))


def _turn_whole(work: _Work, batch: int, records: Sequence[Record]) -> bool:
    """Take back all that the batch did to one file, by its bytes; False where that cannot be."""
    path = records[0].path
    step = trail.step_at(work.ledger, path, batch)
    history = History.of(work.ledger, path, batch)
    if step is None or not step.after.exists or work.draft.name_now(history.path) != path:
        return False
    if step.origin is not None:  # the files of a name were exchanged: change by change
        return False
    if any(record.id in work.turned for record in records):
        return False
    entry = work.draft.itself(path)
    if entry.digest != step.after.digest or entry.now is None:
        return False
    starts = [record.lines for record in records]
    if not step.before.exists:
        entry.removes = step.makes
        work.draft.delete(entry)
        _mark(work, entry, records, starts)
        return True
    if step.source and work.draft.itself(step.source).now is not None:
        return False
    data = step.turned().content_after(entry.now.data)
    if data is None:
        return False
    back = step.turned().deltas
    starts = [_starts(back, r.lines, _wanted(work, r), turned=False) for r in records]
    entry.deltas.extend(back)
    rights = _rights_before(entry, step, step)
    entry.now, entry.rights = Content(data, step.before.mode), rights
    if step.source:
        source = work.draft.itself(step.source)
        entry.removes = step.makes
        entry = work.draft.move(entry, source)
    _mark(work, entry, records, starts)
    return True


def _turn_one(work: _Work, record: Record) -> None:
    """Raises `PathRefused` with the reason where the change cannot be turned round."""
    change = _wanted(work, record)
    match change:
        case ResolvedHunk():
            _turn_hunk(work, record, change)
            return
        case ResolvedCreate():
            entry = _create(work, record, change)
        case ResolvedDelete(path=path):
            entry = _delete(work, record, path)
        case ResolvedRename(path=path, copy=copy):
            ring = [] if copy else rings.ring_of(path, _new_names(work))
            if ring:
                _exchange(work, ring)
                return
            entry = _rename(work, record)
        case ResolvedMode(mode=mode, old_mode=old_mode):
            entry = work.draft.itself(_path_now(work, record))
            if entry.now is None:
                raise refused(entry.path, "there is no such file any more")
            if entry.now.mode != old_mode:
                raise refused(entry.path, "its mode has changed since")
            entry.rights = _rights_then(work, record, entry)
            entry.now = Content(entry.now.data, mode)
    _mark(work, entry, [record], [record.lines])


def _new_names(work: _Work) -> dict[str, str]:
    wanted = [_wanted(work, record) for record in work.renames.values()]
    return {one.path: one.to for one in wanted if isinstance(one, ResolvedRename)}


def _exchange(work: _Work, ring: Sequence[str]) -> None:
    """Files that got each other's names get their own ones again, at once."""
    itself, to = work.draft.itself, _new_names(work)
    made = work.draft.exchange([(itself(path), itself(to[path])) for path in ring])
    for path, entry in zip(ring, made, strict=True):
        record = work.renames[path]
        _mark(work, entry, [record], [record.lines])


def _wanted(work: _Work, record: Record) -> Resolved:
    resolved = record.entry.resolved
    if not work.undo:
        return resolved
    if isinstance(resolved, ResolvedRename) and resolved.copy:
        return ResolvedDelete(resolved.to, ())
    return invert(resolved)


def _path_now(work: _Work, record: Record) -> str:
    return work.draft.name_now(History.of(work.ledger, record.path, record.batch).path)


def _create(work: _Work, record: Record, change: ResolvedCreate) -> Entry:
    entry = work.draft.itself(record.path)
    if entry.now is not None:
        raise refused(entry.path, "there is already a file of that name")
    entry = work.draft.create(entry, _content_then(record, change))
    step = trail.step_at(work.ledger, record.path, record.batch)
    entry.rights = 0 if step is None else step.before.rights
    return entry


def _rights_then(work: _Work, record: Record, entry: Entry) -> int:
    """The permission bits from before the change of a mode."""
    step = trail.step_at(work.ledger, record.path, record.batch)
    if step is None:
        return entry.rights
    was = trail.step_at(work.ledger, step.origin, record.batch) if step.origin else step
    return _rights_before(entry, step, was or step)


def _rights_before(entry: Entry, step: Step, was: Step) -> int:
    """The permission bits before the step, unless they have been changed since."""
    said = step.after.rights or LINK_MODE in (step.before.mode, step.after.mode)
    return was.before.rights if said and step.after.rights == entry.all_rights else entry.rights


def _content_then(record: Record, change: ResolvedCreate) -> Content:
    """The file as it was made or removed: the recorded digest knows its mode better than a patch
    that deletes it."""
    content = content_of(change.path, change.lines, change.mode)
    data = content.data if record.raw is None else record.raw
    modes: tuple[Mode, ...] = (change.mode, "100644", "100755", LINK_MODE)
    for mode in modes:
        if digest_of(data, mode) == record.digest:
            return Content(data, mode)
    raise refused(record.path, "the ledger does not say what it held")


def _delete(work: _Work, record: Record, path: str) -> Entry:
    entry = work.draft.itself(path)
    if entry.now is None:
        raise refused(path, "there is no such file any more")
    if entry.digest != record.digest:
        raise refused(path, "it has changed since")
    step = trail.step_at(work.ledger, path, record.batch)
    if work.undo and step is not None:
        entry.removes = step.makes
    work.draft.delete(entry)
    return entry


def _rename(work: _Work, record: Record) -> Entry:
    resolved = record.entry.resolved
    assert isinstance(resolved, ResolvedRename)
    old, new = work.draft.itself(resolved.path), work.draft.itself(resolved.to)
    if resolved.copy:
        if old.digest != record.digest:
            raise refused(resolved.path, "it has changed since")
        return work.draft.copy(old, new)
    if not work.undo:
        return work.draft.move(old, new)
    step = trail.step_at(work.ledger, resolved.to, record.batch)
    new.removes = () if step is None else step.makes
    return work.draft.move(new, old)


def _turn_hunk(work: _Work, record: Record, hunk: ResolvedHunk) -> None:
    history = History.of(work.ledger, record.path, record.batch, work.read)
    entry = work.draft.itself(work.draft.name_now(history.path))
    if entry.now is None:
        raise refused(entry.path, "there is no such file any more")
    if (entry.now.mode == LINK_MODE) != _is_of_link(work, record):
        raise refused(entry.path, _KIND[entry.now.mode == LINK_MODE])
    hunk = hunk_for(hunk, entry.now.data)
    places = placed_parts(history, record, hunk, entry, _applied_beside(work, record))
    match places:
        case Missing(why=why):
            raise refused(entry.path, why)
        case Ambiguous(candidates=candidates):
            raise refused(entry.path, f"its lines are in {len(candidates)} places now")
    applied = apply_hunks(entry.now.data, part_hunks(hunk, places))
    if isinstance(applied, dict):
        raise refused(entry.path, next(iter(applied.values())))
    entry.edit(applied.data, applied.delta)
    lines = tuple(line for place in applied.lines for line in place)
    _mark(work, entry, [record], [lines])


def _is_of_link(work: _Work, record: Record) -> bool:
    """Whether the hunk is about where a link leads, not of a file."""
    step = trail.step_at(work.ledger, record.path, record.batch)
    return step is not None and step.after.mode == LINK_MODE


def _applied_beside(work: _Work, record: Record) -> list[ResolvedHunk]:
    """The hunks of the same decision and file that are in the draft now."""
    return [
        r.entry.resolved
        for r in work.ledger.siblings(record.id)
        if isinstance(r.entry.resolved, ResolvedHunk) and r.entry.applied != (r.id in work.turned)
    ]


def _final(work: _Work, mark: _Mark) -> Mark:
    """The mark after everything that was done to the file in this undo or redo."""
    later = mark.entry.deltas[mark.level :]
    lines = _starts(later, mark.lines, _wanted(work, mark.record), turned=True)
    return Mark(mark.record.id, mark.entry.final_path, lines)


def _starts(
    deltas: Sequence[Delta], lines: Sequence[int], wanted: Resolved, *, turned: bool
) -> tuple[int, ...]:
    """Where the parts of a change that stand at `lines` stand after these deltas."""
    if not isinstance(wanted, ResolvedHunk):
        return tuple(lines)
    sizes = [len(part.new) if turned else len(part.old) for part in parts(wanted)]
    return tuple(
        start_after(deltas, line, size, turned=turned)
        for line, size in zip(lines, sizes, strict=True)
    )


def _conflict(work: _Work, record: Record, why: str) -> Conflict:
    wanted = _wanted(work, record)
    path = record.path
    shown = wanted if isinstance(wanted, ResolvedRename) else replace(wanted, path=path)
    return Conflict(record.entry.selector, path, why, render([shown]))
