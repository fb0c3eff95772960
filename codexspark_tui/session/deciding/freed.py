"""Changes that were refused because a name was taken, once another change takes that name away.

A patch may rename `a` to `b` before it says what becomes of `b`. No I/O but what the desk reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codexspark_tui.patch.model import Create, Delete, Missing, Proposed, Rename
from codexspark_tui.session.review import Change

if TYPE_CHECKING:
    from codexspark_tui.session.turn import Turn


def freed(turn: Turn, change: Proposed) -> list[Change]:
    """The refused changes that can be had now that this one is placed, as they are then; hunks of
    files that they bring about among them."""
    if not _leaves(change):
        return []
    found: list[Change] = []
    for waiting in _refused(turn):
        if waiting.proposed is not None and _wants(waiting.proposed) == change.path:
            found += _placed(turn, waiting, waiting.proposed)
    return found


def expect_to_leave(turn: Turn) -> None:
    """The undecided changes that take a name away will do so, whichever is placed first."""
    for change in turn.review.undecided():
        if change.proposed is not None and _leaves(change.proposed):
            turn.desk.files.left[change.path] = change.id


def _leaves(change: Proposed) -> bool:
    return isinstance(change, Delete) or (isinstance(change, Rename) and not change.copy)


def _placed(turn: Turn, waiting: Change, proposed: Proposed) -> list[Change]:
    outcome = turn.desk.place(waiting.id, proposed)
    if not isinstance(outcome.placement, Missing):
        outcome = turn.needed(waiting.id, outcome)
    if isinstance(outcome.placement, Missing):
        return []
    found = [turn.note_placement(waiting.id, outcome), *freed(turn, proposed)]
    for other in _refused(turn):
        if waiting.id in other.needs and other.proposed is not None:
            found += _placed(turn, other, other.proposed)
    return found


def _refused(turn: Turn) -> list[Change]:
    return [change for change in turn.review.changes.values() if change.state == "refused"]


def _wants(proposed: Proposed) -> str:
    """The name that must not be taken; "" for a change that wants none."""
    match proposed:
        case Create(path=path) | Rename(to=path):
            return path
        case _:
            return ""
