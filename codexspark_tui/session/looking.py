"""Notices that somebody else has changed a file with open changes, before a decision runs into it.

A file is looked at when a change of it is complete, when the stream ends, when a face asks for it
(`commands.Look`), and every second or two while something is open. A look is one `stat`; only where
that differs is the file read, and only another text counts as a change. Where nothing is open,
nothing wakes up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.session.deciding.anew import moved_on
from codexspark_tui.session.inbox import Inbox, Item
from codexspark_tui.session.judging import judged
from codexspark_tui.session.placing.files import Stamp
from codexspark_tui.session.review import UNDECIDED
from codexspark_tui.session.turn import Turn

STREAMING_S = 1.0
QUIET_S = 2.0
MOST_READ = 16  # files in one look; the others wait for the next one
MOST_SEEN = 1_000


class Looking:
    """What was seen of the files of the newest turn. Times are on the clock of the event loop."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._turn: Turn | None = None
        self._seen: dict[str, Stamp] = {}
        self._next: asyncio.TimerHandle | None = None

    async def after(self, item: Item, turn: Turn | None, events: Sequence[Event]) -> list[Event]:
        """What came of these events of the turn, and what a look at its files adds to it."""
        if turn is None:
            return list(events)
        if turn is not self._turn:
            self._turn, self._seen = turn, {}
        asked = isinstance(item, commands.Look)
        found: list[Event] = []
        if asked or any(isinstance(event, facts.StreamFinished) for event in events):
            found = await judged(turn, self._look, turn, _open_paths(turn))
        else:
            closed = [e.change for e in events if isinstance(e, facts.ChangeClosed)]
            changes = [turn.review.changes[id] for id in closed if id in turn.review.changes]
            is_open = [change.path for change in changes if change.state in UNDECIDED]
            found = await judged(turn, self._look, turn, dict.fromkeys(is_open))
        self._arrange(turn, events, asked)
        return [*events, *found]

    def _look(self, turn: Turn, paths: Iterable[str]) -> list[Event]:
        events: list[Event] = []
        read = 0
        for path in list(paths)[:MOST_SEEN]:
            stamp = turn.desk.files.stamp(path)
            if self._seen.pop(path, None) != stamp:
                read += 1
                if read > MOST_READ:
                    break
                events += moved_on(turn, [path])
            self._seen[path] = stamp
        return events

    def _arrange(self, turn: Turn, events: Sequence[Event], asked: bool) -> None:
        """The next look, if anything is open or comes to be."""
        opened = facts.ChangeClosed | facts.ChangeMoved | facts.ChangeStale
        if asked:
            due = bool(turn.review.undecided())
        else:
            due = self._next is None and any(isinstance(event, opened) for event in events)
        if self._next is not None and asked:
            self._next.cancel()
            self._next = None
        if due:
            loop, wait_s = asyncio.get_running_loop(), STREAMING_S if turn.streaming else QUIET_S
            self._next = loop.call_later(wait_s, self._inbox.put, commands.Look())


def _open_paths(turn: Turn) -> Iterable[str]:
    return dict.fromkeys(change.path for change in turn.review.undecided())
