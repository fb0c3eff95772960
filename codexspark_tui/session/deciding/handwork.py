"""What a person does to a change by hand: choose its place, split it, edit it; and how changes
that were made elsewhere come to a turn. No I/O here."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.patch import split, unsafe_path
from codexspark_tui.patch.apply import CONTEXT
from codexspark_tui.patch.model import Ambiguous, ChangeEnded, Hunk, Placed, ResolvedHunk
from codexspark_tui.patch.transform import changes_something, keep_range
from codexspark_tui.session.deciding.anew import edited_anew, made_room
from codexspark_tui.session.deciding.edited import edited_hunk
from codexspark_tui.session.deciding.shown import shown_hunk
from codexspark_tui.session.placing.desk import hunk_of
from codexspark_tui.session.reading import reader_for
from codexspark_tui.session.review import Barred, Change
from codexspark_tui.session.turn import Turn, moved_event, opened_event

EDITED = ", edited"


def place_at(turn: Turn, command: commands.PlaceAt) -> list[Event]:
    change = turn.review.changes.get(command.change)
    if change is None or change.state != "ambiguous" or not isinstance(change.proposed, Hunk):
        return [facts.DecisionRefused((command.change,), "there is no place to choose for it")]
    if command.digest not in ("", change.digest):
        why = f"the places for {change.id} are not those that were shown"
        return [facts.DecisionRefused((change.id,), why)]
    assert isinstance(change.placement, Ambiguous)
    offered = change.placement.candidates
    if not 0 <= command.candidate < len(offered):
        why = f"{change.id} has {len(offered)} places, counted from 0"
        return [facts.DecisionRefused((change.id,), why)]
    outcome = turn.desk.place_at(change.proposed, offered[command.candidate])
    moved = moved_event(turn.note_placement(change.id, outcome))
    return [moved, *turn.settled(change.path)]


def split_change(turn: Turn, command: commands.Split) -> list[Event]:
    whole = _hunk_of(turn, command.choice)
    if isinstance(whole, Barred):
        return [facts.DecisionRefused(whole.changes, whole.why)]
    parts = split(whole) if command.first < 0 else _lines_apart(whole, command)
    change = turn.review.changes[command.choice.change]
    if len(parts) < 2:
        return [facts.DecisionRefused((change.id,), "this hunk cannot be split further")]
    made = [_part(turn, change, part) for part in parts]
    turn.review.replace(change.id, made)
    events: list[Event] = [facts.ChangeSplit(change.id, tuple(part.id for part in made))]
    for part in made:
        events += _opened_and_closed(turn.guarded(part.id))
    return events


def _lines_apart(whole: ResolvedHunk, command: commands.Split) -> list[ResolvedHunk]:
    """What is before the chosen lines, these, and what is behind them."""
    cuts = (0, command.first, command.last + 1, len(whole.lines))
    parts = [keep_range(whole, first, end) for first, end in pairwise(cuts)]
    return [_near(part) for part in parts if changes_something(part)]


def _near(part: ResolvedHunk) -> ResolvedHunk:
    """The part with no more context than a hunk has."""
    changed = [at for at, line in enumerate(part.lines) if line.sign != " "]
    first, end = max(0, changed[0] - CONTEXT), changed[-1] + 1 + CONTEXT
    return ResolvedHunk(part.path, part.old_start + first, part.lines[first:end])


def edit(turn: Turn, command: commands.Edit) -> list[Event]:
    whole = _hunk_of(turn, command.choice)
    if isinstance(whole, Barred):
        return [facts.DecisionRefused(whole.changes, whole.why)]
    id = command.choice.change
    change = turn.review.changes[id]
    made = edited_hunk(whole, command.text)
    now = shown_hunk(turn, change)
    anew = isinstance(made, str) and now is not None and now.lines != whole.lines
    if anew and now is not None:
        made = edited_hunk(now, command.text)
    if isinstance(made, str):
        return [facts.DecisionRefused((id,), made)]
    author = change.author.removesuffix(EDITED) + EDITED
    change = turn.review.update(id, proposed=hunk_of(made), author=author)
    if anew:  # what was written near it is in its lines
        return edited_anew(turn, change, hunk_of(made))
    return [moved_event(turn.note_placement(id, turn.desk.altered(change, made)))]


def added(turn: Turn, patch: str, author: str) -> list[Event]:
    """More changes for the turn, by somebody else; they take up a turn that has ended.

    They are placed on their files as they are now: what was rejected holds no place any more.
    """
    read = reader_for(turn.desk)
    found = [*read.feed(patch), *read.close("stop")]
    named = dict.fromkeys(f.change.path for f in found if isinstance(f, ChangeEnded))
    paths = [path for path in named if not unsafe_path(path)]
    events = [*made_room(turn, paths), *turn.beside(patch, author)]
    if turn.review.undecided():
        turn.over = False
    return events


def _hunk_of(turn: Turn, choice: commands.Choice) -> ResolvedHunk | Barred:
    barred = turn.review.check(choice)
    if barred is not None:
        return barred
    resolved = turn.review.changes[choice.change].resolved
    if not isinstance(resolved, ResolvedHunk):
        return Barred((choice.change,), "only a hunk can be split or edited")
    return resolved


def _part(turn: Turn, whole: Change, part: ResolvedHunk) -> Change:
    outcome = turn.desk.altered(whole, part)
    return replace(
        whole,
        id=turn.new_id(),
        proposed=hunk_of(part),
        placement=Placed(max(0, part.old_start - 1), "split"),
        resolved=part,
        digest=outcome.digest,
    )


def _opened_and_closed(change: Change) -> list[Event]:
    opened = opened_event(change)
    moved = moved_event(change)
    closed = facts.ChangeClosed(
        change.id, change.state, moved.placement, change.digest, moved.resolved, change.findings
    )
    return [opened, closed]
