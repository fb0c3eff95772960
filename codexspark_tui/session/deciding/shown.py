"""What is told of the lines of files under review, so that open changes are shown as they are now.

A change keeps the text that it was placed in, and its digest, while our own writes go on around it.
What a face shows is its file as it is on disk: told once after each write, undo or move, for the
changes whose lines or context are touched; of all others only what moved them is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from codexspark_tui.events.facts import ChangeClosed, ChangeMoved, Event
from codexspark_tui.events.lines import LinesEdit, LinesMoved, ShownNow
from codexspark_tui.events.paths import path_text
from codexspark_tui.events.resolved import view_of
from codexspark_tui.patch import TextFile, decode, split_lines
from codexspark_tui.patch.compare import Edit, edits_between
from codexspark_tui.patch.model import Ambiguous, ResolvedHunk
from codexspark_tui.session.placing.drafts import Draft
from codexspark_tui.session.review import Change
from codexspark_tui.session.turn import Turn


def with_lines(turn: Turn | None, events: list[Event]) -> list[Event]:
    """The same events, and what they mean for the lines of the files, before it is told that
    something was decided: who is asked next sees the file as it is."""
    if turn is None or not events:
        return events
    placed = [n for n, e in enumerate(events) if isinstance(e, ChangeClosed | ChangeMoved)]
    told = [e.change for e in events if isinstance(e, ChangeClosed | ChangeMoved)]
    new: dict[str, dict[str, Change]] = {key: {} for key in turn.desk.touched}
    for change in [turn.review.changes[id] for id in told if id in turn.review.changes]:
        new.setdefault(turn.desk.files.key(change.path), {})[change.id] = change
    turn.desk.touched = set()
    moved = [event for key, changes in new.items() for event in _of_file(turn, key, changes)]
    at = placed[-1] + 1 if placed else 0
    return [*events[:at], *moved, *events[at:]] if moved else events


def left_behind(turn: Turn, keys: Iterable[str]) -> list[Event]:
    """What somebody else has moved in these files, whose drafts are about to be forgotten."""
    events: list[Event] = []
    desk = turn.desk
    for key in keys:
        draft = desk.texts.drafts.get(key)
        before = draft.told_text() if draft is not None else None
        state = desk.files.now(desk.files.origin(draft.path)) if draft is not None else None
        text = decode(state.data) if state is not None and state.kind == "file" else None
        if before is None or not isinstance(text, TextFile):
            continue
        if edits := _moving(edits_between(split_lines(before), split_lines(text.text))):
            events += [LinesMoved(path_text(path), edits) for path in _paths(turn, key)]
    return events


def shown_hunk(turn: Turn, change: Change) -> ResolvedHunk | None:
    """The change as a hunk of its file as it is on disk; None for what is no placed hunk."""
    if not isinstance(change.resolved, ResolvedHunk):
        return None
    draft = turn.desk.texts.drafts.get(turn.desk.files.key(change.path))
    if draft is None or change.id in draft.written or not turn.desk.still_placed(change):
        return change.resolved
    return draft.on_disk(change.id, change.resolved)


def _of_file(turn: Turn, key: str, new: dict[str, Change]) -> list[Event]:
    """After a write or an undo: what it has moved, and the changes that it touches. `new`: the
    changes that were told of a moment ago."""
    draft = turn.desk.texts.drafts.get(key)
    if draft is None:
        return []
    for change in new.values():
        if isinstance(change.resolved, ResolvedHunk):
            start = change.resolved.old_start - 1
            draft.spans.add(change.id, start, start + len(change.resolved.lines))
    edits, of_base = draft.take_moved() if draft.untold else ([], [])
    if not edits and not draft.written:
        return []
    near = (turn.review.changes.get(id) for id in draft.spans.near(of_base))
    changes = {change.id: change for change in near if change is not None} | new
    shown: dict[str, list[ShownNow]] = {}
    for id in sorted(changes.keys() - draft.written.keys()):
        now = _shown(turn, draft, changes[id], new)
        if now is not None:
            shown.setdefault(changes[id].path, []).append(now)
    moving = _moving(edits)
    paths = _paths(turn, key) if moving else shown
    return [LinesMoved(path_text(path), moving, tuple(shown.get(path, ()))) for path in paths]


def _paths(turn: Turn, key: str) -> list[str]:
    """The paths of changes of this file."""
    return [path for path in turn.review.paths if turn.desk.files.key(path) == key]


def _shown(turn: Turn, draft: Draft, change: Change, new: Collection[str]) -> ShownNow | None:
    """How a change reads now, where that is not how it was told."""
    if isinstance(change.placement, Ambiguous):
        if change.id not in new or not turn.desk.still_placed(change):
            return None
        places = (draft.line_on_disk(at) + 1 for at in change.placement.candidates)
        return ShownNow(change.id, None, tuple(places))
    hunk, told = shown_hunk(turn, change), change.resolved
    if hunk is None or not isinstance(told, ResolvedHunk):
        return None
    if hunk.lines != told.lines:
        draft.reads_otherwise.add(change.id)
    elif change.id in draft.reads_otherwise:
        draft.reads_otherwise.discard(change.id)
    elif change.id not in new or hunk == told:
        return None
    return ShownNow(change.id, view_of(hunk))


def _moving(edits: Iterable[Edit]) -> tuple[LinesEdit, ...]:
    """Those of the edits that move what is behind them."""
    every = (LinesEdit(e.start + 1, e.end - e.start, len(e.lines)) for e in edits)
    return tuple(edit for edit in every if edit.added != edit.removed)
