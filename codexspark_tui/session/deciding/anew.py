"""Pending changes placed anew, on their files as they are now: after a write, when a file has moved
on, and before changes that were made elsewhere join the turn. No I/O but what the desk reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.patch.model import Hunk, Missing, Placed, Placement
from codexspark_tui.session.deciding.shown import left_behind
from codexspark_tui.session.placing.placed import Outcome
from codexspark_tui.session.review import Change
from codexspark_tui.session.turn import Turn, moved_event
from codexspark_tui.workspace import Receipt

NOTHING: Mapping[str, Hunk] = {}


def moved_on(turn: Turn, paths: Iterable[str]) -> list[Event]:
    """Place the pending changes of these files anew, where the file is not as we know it."""
    keys: set[str] = set()
    for path in dict.fromkeys(paths):
        keys |= turn.desk.moved_on(path)
    return _place_all_anew(turn, keys)


def followed(turn: Turn, changes: list[Change], receipt: Receipt) -> list[Event]:
    """What else is placed anew after a write of our own.

    Changes of a file that is gone now, and of pending new names of a file whose text is another.
    """
    files = turn.desk.files
    gone = {file.path for file in receipt.files if file.deleted}
    sources = {files.key(change.path) for change in changes if change.kind == "hunk"}
    brought: set[str] = set()
    for path in {change.path for change in changes if change.kind == "hunk"}:
        brought |= files.brings(path)
    pending = [
        c
        for c in turn.review.undecided()
        if files.key(c.path) in gone | (brought - sources)
        or (c.kind == "rename" and files.key(c.path) in brought)
    ]
    return _place_these(turn, pending, gone | (brought - sources))


def made_room(turn: Turn, paths: Iterable[str]) -> list[Event]:
    """Read those of the files anew in which something was decided, so that only what is undecided
    holds a place in them."""
    key, changes = turn.desk.files.key, turn.review.changes.values()
    events = moved_on(turn, paths)
    decided = {key(c.path) for c in changes if c.state in ("rejected", "written", "undone")}
    keys = decided & {key(path) for path in paths}
    pending = [c for c in turn.review.undecided() if key(c.path) in keys]
    return [*events, *_again(turn, pending, keys)] if keys else events


def edited_anew(turn: Turn, change: Change, hunk: Hunk) -> list[Event]:
    """Put a hunk of its file as it is on disk in the place of a change; the file is read anew."""
    key = turn.desk.files.key
    pending = [c for c in turn.review.undecided() if key(c.path) == key(change.path)]
    return _place_these(turn, pending, {key(change.path)}, {change.id: hunk})


def _place_all_anew(turn: Turn, keys: set[str]) -> list[Event]:
    key = turn.desk.files.key
    return _place_these(turn, [c for c in turn.review.undecided() if key(c.path) in keys], keys)


def _again(turn: Turn, pending: list[Change], forget: set[str]) -> list[Event]:
    for id, hunk in turn.desk.carried(pending).items():
        turn.review.update(id, proposed=hunk)
    _where_shown(turn, pending)
    moved = left_behind(turn, forget)
    turn.desk.forget(forget)
    return [*moved, *(event for change in pending for event in place_anew(turn, change))]


def _where_shown(turn: Turn, pending: list[Change]) -> None:
    """How far these changes move is counted from where they are shown."""
    for change in pending:
        draft, placed = (
            turn.desk.texts.drafts.get(turn.desk.files.key(change.path)),
            change.placement,
        )
        if draft is not None and isinstance(placed, Placed) and turn.desk.still_placed(change):
            at = draft.line_on_disk(placed.at)
            turn.review.update(change.id, placement=replace(placed, at=at))


def _place_these(
    turn: Turn, pending: list[Change], forget: set[str], instead: Mapping[str, Hunk] = NOTHING
) -> list[Event]:
    """`instead`: hunks that take the place of those of changes."""
    if not forget:
        return []
    key = turn.desk.files.key
    rejected = [
        change
        for change in turn.review.changes.values()
        if change.state == "rejected" and key(change.path) in forget
    ]
    carried = turn.desk.carried([*pending, *rejected])
    for id, hunk in {**carried, **instead}.items():
        turn.review.update(id, proposed=hunk)
    _where_shown(turn, pending)
    events = left_behind(turn, forget)
    turn.desk.forget(forget)
    events += [event for change in pending for event in place_anew(turn, change)]
    for change in rejected:  # nothing is told of these until they are reopened
        if change.id in carried:
            outcome = turn.desk.place(change.id, carried[change.id])
            placed = outcome.placement, outcome.resolved, outcome.digest
            turn.review.place(change.id, *placed)
            turn.review.update(change.id, state="rejected", reason=change.reason)
    return events


def place_anew(turn: Turn, change: Change) -> list[Event]:
    """Place a pending change on its file as it is now; where it cannot be, it is stale."""
    change = turn.review.changes[change.id]
    if change.proposed is None:
        return []
    why = turn.review.obstacle(change)
    outcome = None if why else turn.desk.place(change.id, change.proposed)
    if outcome is not None and isinstance(outcome.placement, Missing):
        why = f"the file has moved on: {outcome.placement.why}"
    if outcome is None or why:
        turn.review.update(change.id, state="stale", reason=why)
        return [facts.ChangeStale(change.id, why)]
    placed = turn.note_placement(change.id, _told_how_far(outcome, change.placement))
    same = (placed.state, placed.placement, placed.digest)
    if same == (change.state, change.placement, change.digest):
        return []
    return [moved_event(placed)]


def _told_how_far(outcome: Outcome, before: Placement | None) -> Outcome:
    """How many lines the change has moved is counted from where it was shown before."""
    now = outcome.placement
    if not (isinstance(now, Placed) and isinstance(before, Placed) and now.at != before.at):
        return outcome
    return replace(outcome, placement=replace(now, moved=now.at - before.at))
