"""`spark watch`: comments in saved files that ask for an edit or an answer, done one by one.

    async with aclosing(session.events()) as events:
        await Watching(session, marks, face, turns, ways).run()

True here: only files that were saved after the start count, and no write of ours begins anything.
A comment waits for those before it. When an edit is made that leaves its comment standing, its
removal joins the turn as one more change.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from codexspark_tui.actions.marks import Mark, without
from codexspark_tui.actions.oneshot import Face, Plan
from codexspark_tui.actions.saved_marks import SavedMarks
from codexspark_tui.actions.tally import Tally
from codexspark_tui.actions.turn_run import MakePicker, TurnRunner
from codexspark_tui.events import commands
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.index.watch import watched
from codexspark_tui.patch import render
from codexspark_tui.patch.diff import diff
from codexspark_tui.patch.model import ResolvedCreate, ResolvedHunk
from codexspark_tui.session.instructions import task
from codexspark_tui.session.session import Session

AROUND = 30
SETTLED_S = 1.0  # a save that came before the system told of saves is looked for after so long
BUSY_S = 10.0  # so long a checkout or a merge of git is waited for
LOOK_S = 0.05
POLL_S = 2.0  # where saves cannot be heard of


class WatchFace(Face, Protocol):
    """Who shows what is watched and done."""

    def began(self, there: list[Mark]) -> None: ...

    def queued(self, mark: Mark, ahead: int) -> None: ...

    def begins(self, mark: Mark, ahead: int) -> None: ...

    def ended(self, mark: Mark, tally: Tally) -> None: ...

    def gone(self, mark: Mark) -> None: ...

    def skipped(self, mark: Mark) -> None: ...


@dataclass(frozen=True, slots=True)
class Ways:
    """What becomes of an edit. `plan` None takes nothing but what was taken at once; `picker`: a
    person decides. `edits` False: only questions are answered. `converses`: a model answers."""

    plan: Plan | None
    picker: MakePicker | None = None
    edits: bool = True
    converses: bool = True


@dataclass(slots=True)
class Watching:
    session: Session
    marks: SavedMarks
    face: WatchFace
    ways: Ways
    waiting: list[Mark] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _now: Mark | None = None

    async def run(self) -> None:
        """Until it is cancelled; the session is closed then."""
        stop = threading.Event()
        async with aclosing(self.session.events()) as events:
            listening = asyncio.create_task(self._listen(stop))
            listening.add_done_callback(lambda _: self._arrived.set())
            try:
                while True:
                    while not self.waiting:
                        self._arrived.clear()
                        if listening.done():
                            listening.result()
                        await self._arrived.wait()
                    await self._do(self.waiting.pop(0), events)
            finally:
                stop.set()
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    # -- what is saved -------------------------------------------------------------------------

    async def _listen(self, stop: threading.Event) -> None:
        """Queue what is saved from now on."""
        loop = asyncio.get_running_loop()
        there = await asyncio.to_thread(self.marks.begin)
        batches: asyncio.Queue[list[str]] = asyncio.Queue()

        def heard(paths: list[str]) -> None:
            loop.call_soon_threadsafe(batches.put_nowait, paths)

        root = self.marks.workspace.root
        thread = threading.Thread(target=watched, args=(root, stop, heard), daemon=True)
        thread.start()
        self.face.began(there)
        wait_s = SETTLED_S
        while True:
            try:
                paths = await asyncio.wait_for(batches.get(), wait_s if wait_s else None)
            except TimeoutError:
                paths = await asyncio.to_thread(self.marks.candidates)
                wait_s = 0.0 if thread.is_alive() else POLL_S
            busy_until = loop.time() + BUSY_S
            while self.marks.git_is_busy() and loop.time() < busy_until:
                await asyncio.sleep(LOOK_S)
            self._queue(await asyncio.to_thread(self.marks.saved, paths))

    def _queue(self, new: list[Mark]) -> None:
        for mark in new:
            self.face.queued(mark, len(self.waiting) + (self._now is not None))
            self.waiting.append(mark)
        self._arrived.set()

    # -- what is done --------------------------------------------------------------------------

    async def _do(self, asked: Mark, events: AsyncGenerator[Event, None]) -> None:
        mark = self._standing(asked)
        if mark is None:
            self.face.gone(asked)
            return
        if mark.asks == "edit" and not self.ways.edits:
            self.face.skipped(mark)
            return
        self._now = mark
        self.face.begins(mark, len(self.waiting))
        is_edit = mark.asks == "edit"
        turns = TurnRunner(
            self.session,
            self.face,
            self.ways.plan if is_edit else None,
            events,
            self.ways.picker if is_edit else None,
            complete=self._removal if is_edit else _nothing_more,
        )
        try:
            tally = await turns.run(self._prompt(mark))
        finally:
            self._now = None
        self.face.ended(mark, tally)
        for path, lines in added_lines(tally):
            await self._disown(path, lines)

    async def _disown(self, path: str, lines: list[str]) -> None:
        """What an edit of ours asks for is not done, also where it was queued with another save."""
        ours = await asyncio.to_thread(self.marks.wrote, path, lines)
        dropped = [mark for mark in self.waiting if mark.path == path and mark.key in ours]
        self.waiting = [mark for mark in self.waiting if mark not in dropped]
        for mark in dropped:
            self.face.gone(mark)

    def _standing(self, asked: Mark) -> Mark | None:
        """The comment where it is now; None where it was taken away while it waited."""
        same = [mark for mark in self.marks.now(asked.path) if mark.key == asked.key]
        return min(same, key=lambda mark: abs(mark.line - asked.line), default=None)

    def _prompt(self, mark: Mark) -> commands.Prompt:
        path = path_text(mark.path)
        if not self.ways.converses:
            return commands.Prompt(mark.text)
        what = task("watch") if mark.asks == "edit" else _QUESTION
        asked = mark.text or "(the comment says nothing: see what stands at it)"
        text = f"{asked}\n\nThis stands in a comment at line {mark.line} of {path}.\n{what}"
        return commands.Prompt(text, (path,), self._around(mark), asks=mark.asks == "answer")

    def _around(self, mark: Mark) -> str:
        lines = (self.marks.text(mark.path) or "").splitlines()
        first = max(1, mark.line - AROUND)
        shown = lines[first - 1 : mark.line + AROUND]
        return "\n".join(
            f"{'>' if number == mark.line else ' '}{number:>5} | {line[:300]}"
            for number, line in enumerate(shown, first)
        )

    def _removal(self, tally: Tally) -> commands.Propose | None:
        """The comment's removal, where the edit has left it standing."""
        mark = self._standing(self._now) if self._now is not None else None
        live = tally.in_state("placed", "written", "ambiguous")
        if mark is None or not live or _takes_away(tally, mark):
            return None
        text = self.marks.text(mark.path)
        if text is None:
            return None
        # What stands beside it may be changed by the time that this is placed.
        context = 0 if text.count(text[mark.start : mark.end]) == 1 else 1
        hunks = diff(mark.path, text, without(text, mark), context=context)
        return commands.Propose(render(list(hunks)), "spark") if hunks else None


def _nothing_more(tally: Tally) -> commands.Propose | None:
    return None


def _takes_away(tally: Tally, mark: Mark) -> bool:
    """Whether a change of the turn removes a line of the comment."""
    for seen in tally.in_state("placed", "written", "ambiguous"):
        resolved = seen.resolved
        if seen.path != mark.path:
            continue
        if not isinstance(resolved, ResolvedHunk):
            return True
        removed = [line.text for line in resolved.lines if line.sign == "-"]
        added = {line.text for line in resolved.lines if line.sign == "+"}
        if any("spark!" in text and text not in added for text in removed):
            return True
    return False


def added_lines(tally: Tally) -> list[tuple[str, list[str]]]:
    """What was written by a turn, file by file."""
    found: list[tuple[str, list[str]]] = []
    for seen in tally.in_state("written"):
        resolved = seen.resolved
        if isinstance(resolved, ResolvedHunk):
            found.append((seen.path, [x.text for x in resolved.lines if x.sign == "+"]))
        elif isinstance(resolved, ResolvedCreate):
            found.append((resolved.path, [x.text for x in resolved.lines]))
    return found


_QUESTION = "Answer it: the line is marked with > below. Change nothing."
