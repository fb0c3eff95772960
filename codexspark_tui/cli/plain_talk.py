"""The session behind the linear face: its events in one place, and a turn from prompt to summary.

The whole conversation is one session. What is left undecided when the person leaves a turn is
rejected, so that the next prompt can follow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from codexspark_tui.actions.oneshot import Outcome, Plan, picked_outcome
from codexspark_tui.cli.faces import TurnFace, ended_text
from codexspark_tui.cli.hunk_at_once import AtOnce
from codexspark_tui.cli.hunks import HunkPicker, Words
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.events import commands, facts, runs
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import Event
from codexspark_tui.session.session import Session
from codexspark_tui.tui.model.board import Board

PLAN = Plan("write")
ENDS_IN_S = 20.0


class PlainFace(TurnFace):
    """Also says what the model says, line by line as it is complete."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(interactive=True, runs=True, terminal=terminal)
        self._terminal = terminal
        self._said = ""
        self.blocks: list[tuple[str, list[str]]] = []

    def show(self, event: Event) -> None:
        super().show(event)
        match event:
            case facts.TurnStarted():
                self.blocks.append(("prompt", event.prompt.split("\n")))
            case facts.ProseDelta():
                self._said += event.text
                *whole, self._said = self._said.split("\n")
                self._say_lines(whole)
            case facts.StreamFinished():
                self._say_lines([self._said])
                self._said = ""
            case runs.RunFinished() if event.ended != "exit" or event.exit_code:
                self._terminal.write_safely(f"spark: {ended_text(event)}\n")
            case _:
                pass

    def _say_lines(self, lines: list[str]) -> None:
        kept = [line for line in lines if line.strip() and not line.startswith("```")]
        if kept:
            self._terminal.write_safely("".join(f"{line}\n" for line in kept))
            self.blocks.append(("prose", kept))


class Talk:
    """Use as an async context manager: the session runs, and is closed at the end. `note` is given
    every event; `at_once`: the session takes what fits exactly by itself."""

    def __init__(
        self,
        session: Session,
        terminal: Terminal,
        words: Words,
        note: Callable[[Event], None],
        *,
        at_once: bool,
    ) -> None:
        self.session = session
        self.board = Board()
        self.face = PlainFace(terminal)
        self.picker: HunkPicker | None = None
        self._terminal = terminal
        self._words = words
        self._note = note
        self._at_once = at_once
        self._over = asyncio.Event()
        self._waits: tuple[tuple[type, ...], asyncio.Future[Event]] | None = None
        self._questions: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Talk:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for question in self._questions:
            question.cancel()
        self.send(commands.Close())
        await self._following

    def send(self, command: Command) -> None:
        self.session.send(command)

    async def _follow(self) -> None:
        async for event in self.session.events():
            self.board.note(event)
            self.face.show(event)
            self._note(event)
            if self.picker is not None:
                self.picker.note(event)
            if isinstance(event, facts.TurnStarted):
                self._over.clear()
            if isinstance(event, facts.TurnEnded):
                self._over.set()
            if isinstance(event, facts.Asked):
                task = asyncio.create_task(self._ask(event))
                self._questions.add(task)
                task.add_done_callback(self._questions.discard)
            if self._waits is not None and isinstance(event, self._waits[0]):
                (_, future), self._waits = self._waits, None
                future.set_result(event)

    async def _ask(self, asked: facts.Asked) -> None:
        choice = await self.face.ask(asked)
        self.send(commands.Answer(asked.question, choice, goes_on=choice is None))

    async def until(
        self, command: Command, *kinds: type, limit_s: float = ENDS_IN_S
    ) -> Event | None:
        """Send it, and wait for an event of these kinds; None when none came in time."""
        future: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._waits = (kinds, future)
        self.send(command)
        try:
            async with asyncio.timeout(limit_s):
                return await future
        except TimeoutError:
            self._waits = None
            return None

    async def turn(self, text: str) -> str:
        """One prompt and all that answers it; what it came to."""
        self._over.clear()
        done = asyncio.Event()
        picker = HunkPicker(
            self.send,
            self._terminal,
            writes=True,
            leaves=done.set,
            words=self._words,
            at_once=AtOnce(self._at_once),
        )
        self.picker = picker
        self.send(commands.Prompt(text))
        await done.wait()
        try:
            async with asyncio.timeout(ENDS_IN_S):
                await self._end(picker)
        except TimeoutError:
            self._terminal.write_safely("The turn has not ended yet.\n")
        self.picker = None
        await picker.finish()
        return summary(picked_outcome(picker.tally, picker, PLAN))

    async def _end(self, picker: HunkPicker) -> None:
        """Stop what still streams, and reject what is open."""
        if not picker.streamed and not self._over.is_set():
            await self.until(commands.Cancel(), facts.StreamFinished, facts.TurnEnded)
        while not self._over.is_set():
            left = tuple(s.choice for s in picker.tally.in_state("placed", "ambiguous", "stale"))
            if not left:
                await self._over.wait()
            else:
                reject = commands.Decide(left, "reject")
                await self.until(reject, facts.DecisionRefused, facts.TurnEnded)


def summary(outcome: Outcome) -> str:
    if outcome.error is not None:
        return "".join(f"{p}\n" for p in (outcome.error.title, outcome.error.next_step) if p)
    if not outcome.accepted + outcome.rejected + outcome.refused:
        return "Nothing to change.\n"
    refused = f", {outcome.refused} could not be placed" if outcome.refused else ""
    back = f" /undo {outcome.entry} takes it back." if outcome.entry else ""
    return f"{outcome.accepted} accepted, {outcome.rejected} rejected{refused}.{back}\n"
