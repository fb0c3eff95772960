"""Review hunk by hunk on a plain terminal, with the keys of `git add -p`.

A hunk is offered as soon as it is complete, while later ones still stream. With `writes`, a taken
hunk is on disk at once; without, it is only remembered, and printed by the caller at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from codexspark_tui.actions.tally import Seen, Tally
from codexspark_tui.cli.hunk_at_once import AtOnce
from codexspark_tui.cli.hunk_moves import edit, escalate, go, move, search
from codexspark_tui.cli.hunk_view import (
    HELP,
    change_text,
    question_text,
)
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.needs import needed_by
from codexspark_tui.events.visible import visible_line
from codexspark_tui.patch.model import Resolved


@dataclass(frozen=True, slots=True)
class Rule:
    """What "a" and "d" say of the later changes of a file; `offered`: also of those on offer."""

    take: bool
    offered: bool


class Words(Protocol):
    """Commands that can be typed at a question, and what is said before each change."""

    def announce(self, seen: Seen, number: int, total: str) -> str: ...

    async def at_change(self, picker: HunkPicker, seen: Seen, line: str) -> bool | None:
        """Do what a line says: True when another change is to be shown; None for no command."""
        ...


@dataclass(slots=True)
class HunkPicker:
    """`send` takes the session's commands. Make it inside a running event loop.

    `tell_taken` is told of each change that is taken and not written. `leaves`: what to do when the
    person is done; without it the session is closed. `at_once`: what the session decides by itself.
    """

    send: Callable[[commands.Command], None]
    terminal: Terminal
    writes: bool
    tell_taken: Callable[[str], None] | None = None
    leaves: Callable[[], None] | None = None
    words: Words | None = None
    at_once: AtOnce = field(default_factory=AtOnce)
    tally: Tally = field(default_factory=Tally)
    streamed: bool = False
    kept: set[str] = field(default_factory=set)
    _rules: dict[str, Rule] = field(default_factory=dict)
    _lines: dict[str, list[str]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _shown: dict[str, str] = field(default_factory=dict)
    _asking: str = ""
    _over: bool = False
    _at: str = ""
    _last: str = ""
    _problem: str = ""
    _notices: int = 0
    _warned: bool = False
    _task: asyncio.Task[None] = field(init=False)

    def __post_init__(self) -> None:
        self._task = asyncio.create_task(self._run())

    def note(self, event: Event) -> None:
        self.tally.note(event)
        match event:
            case facts.HunkLines():
                lines = [line.sign + line.text for line in event.lines]
                self._lines.setdefault(event.change, []).extend(lines)
            case facts.ChangeClosed() if event.resolved is not None:
                self._lines.pop(event.change, None)
            case facts.ChangeMoved() if event.digest != self._shown.get(event.change, ""):
                self._note_past(event.change)
            case facts.ChangeStale() if event.change == self._asking:
                self.terminal.interrupt(f"This hunk cannot be had now: {event.why}.\n")
            case facts.StreamFinished():
                self.streamed = True
            case facts.TurnEnded():
                self._over = True
            case facts.DecisionRefused() if not self.at_once.is_mine(event):
                self._problem = event.why
            case facts.Notice():
                self._notices += 1
                self._warned = self._warned or event.level == "warning"
            case _:
                pass
        if told := self.at_once.note(event, self.tally):
            self.terminal.write_safely(told)
        self._changed.set()

    def _note_past(self, id: str) -> None:
        """What the person has seen of a change is not what it is now."""
        if self._shown.get(id):
            self.kept.discard(id)
            if self._asking == id:
                self.terminal.interrupt("This hunk is another one now: press Enter to see it.\n")

    @property
    def taken(self) -> frozenset[str]:
        """The ids of the changes that were taken."""
        if self.writes:
            return frozenset(s.id for s in self.tally.in_state("written"))
        return frozenset(s.id for s in self.tally.in_state("placed") if s.id in self.kept)

    def chosen(self) -> list[Resolved]:
        """The taken changes in the order of the stream."""
        taken = self.taken
        found = [s.resolved for s in self.tally.changes.values() if s.id in taken]
        return [resolved for resolved in found if resolved is not None]

    async def finish(self) -> None:
        """The session is over; a problem of the dialogue itself is raised here."""
        if not self._task.done():
            self._task.cancel()
        done = await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(done[0], Exception):
            raise done[0]

    async def _run(self) -> None:
        try:
            while not self._over:
                await self._follow_rules()
                self._tell_refused()
                seen = self._next()
                if seen is None:
                    if self.streamed and not self.at_once.waits(self.tally):
                        break
                    await self._wait()
                elif not await self._offer(seen):
                    break
        finally:
            if self.leaves is None:
                self.send(commands.Close())
            else:
                self.leaves()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def is_undecided(self, seen: Seen) -> bool:
        decided = self.kept | self.at_once.ids
        return seen.state in ("placed", "ambiguous") and seen.id not in decided

    def _next(self) -> Seen | None:
        """The change to offer: where the person went, else the next undecided one."""
        chosen = self.tally.changes.get(self._at)
        if chosen is not None and chosen.state != "writing":
            return chosen
        every = list(self.tally.changes.values())
        start = next((i + 1 for i, s in enumerate(every) if s.id == self._last), 0)
        return next((s for s in every[start:] + every[:start] if self.is_undecided(s)), None)

    async def _follow_rules(self) -> None:
        """Decide what "a" or "d" has decided beforehand."""
        for path, rule in list(self._rules.items()):
            covered = [
                s
                for s in self.tally.changes.values()
                if s.path == path
                and self.is_undecided(s)
                and s.id != self._at
                and (rule.offered or not s.optional)
                and ((s.state == "placed" and not s.findings) or not rule.take)
            ]
            if covered and not await self.carry_out(covered, take=rule.take):
                del self._rules[path]

    def _tell_refused(self) -> None:
        for seen in self.tally.in_state("refused", "stale"):
            if seen.id not in self._told:
                self._told.add(seen.id)
                self.terminal.write_safely(
                    f"{visible_line(seen.path)}: cannot be placed: {seen.why_not}\n"
                )

    async def _offer(self, seen: Seen) -> bool:
        """Show a change and do what the person says; False to leave."""
        self._at = seen.id
        if self.words is not None:
            self.terminal.write_safely(self.words.announce(seen, *self._numbers(seen)))
        self.show(seen)
        while True:
            number, total = self._numbers(seen)
            question = question_text(seen, number, total, self.terminal.color)
            self._asking = seen.id
            answer = await self.terminal.ask(question)
            self._asking = ""
            if answer is None or answer[:1] == "q":
                return False
            now = self.tally.changes[seen.id]
            if self._shown.get(seen.id) != now.digest:
                self.show(now)  # the answer was meant for what was shown before
            elif await self.act(now, answer):
                return True

    def _numbers(self, seen: Seen) -> tuple[int, str]:
        """Which change it is, from 1, and of how many."""
        every = list(self.tally.changes)
        return every.index(seen.id) + 1, f"{len(every)}" if self.streamed else f"{len(every)}…"

    def go_to(self, id: str) -> bool:
        """Show this change next."""
        self._at = id
        return True

    def end(self) -> None:
        """Ask about nothing more."""
        self._over = True
        self._changed.set()

    async def act(self, seen: Seen, answer: str) -> bool:
        """Carry out one answer; True when another change is to be shown."""
        if self.words is not None and answer.startswith("/"):
            done = await self.words.at_change(self, seen, answer)
            if done is not None:
                return done
        key, rest = answer[:1], answer[1:].strip()
        match key:
            case "y" | "n":
                return await self._decide(seen, take=key == "y")
            case "a" | "d":
                self._rules[seen.path] = Rule(key == "a", seen.optional)
                return await self._decide(seen, take=key == "a")
            case "j" | "J" | "k" | "K":
                return move(self, seen, forward=key in "jJ", any_state=key in "JK")
            case "g":
                return await go(self, rest)
            case "/":
                return await search(self, seen, rest)
            case "s":
                return await self._split(seen)
            case "e":
                return await edit(self, seen)
            case "h":
                return await escalate(self, seen, rest)
            case "p":
                self.show(seen)
                return False
            case "" if self.words is not None:
                return False
            case _ if answer.isdecimal() and int(answer) > 0:
                return await self.replace(seen, commands.PlaceAt(seen.id, int(answer) - 1))
            case _:
                self.terminal.write_safely(HELP)
                return False

    async def _decide(self, seen: Seen, *, take: bool) -> bool:
        if take and seen.state == "rejected":
            await self.replace(seen, commands.Reopen(seen.id))
            seen = self.tally.changes[seen.id]
        if take and seen.state == "ambiguous":
            self.terminal.write_safely("It fits in several places: choose one by its number.\n")
            return False
        if seen.state not in ("placed", "ambiguous"):
            self.terminal.write_safely(f"This is {seen.state} already.\n")
            return False
        if not await self.carry_out([seen], take=take):
            return False
        self.decided(seen)
        return True

    def decided(self, seen: Seen) -> None:
        """Go on behind it."""
        self._at, self._last = "", seen.id

    async def carry_out(self, chosen: list[Seen], *, take: bool, reason: str = "") -> bool:
        """Take or reject; whether that could be done (else it is told why not)."""
        if take and not self.writes:
            kept = [self._keep(s) for s in chosen]
            return all(kept)
        verdict: commands.Verdict = "accept" if take else "reject"
        self.send(commands.Decide(tuple(s.choice for s in chosen), verdict, reason))
        ids = {s.id for s in chosen}
        while not self._problem and not self._over:
            states = {self.tally.changes[i].state for i in ids if i in self.tally.changes}
            if not states & {"placed", "ambiguous"}:
                return True
            await self._wait()
        return not self._tell_problem()

    def _keep(self, seen: Seen) -> bool:
        """Remember a change, and first what it needs, as the session would for one to write."""
        changes = self.tally.changes
        for id in needed_by([seen.id], lambda id: changes[id].needs):
            needed = changes[id]
            if id != seen.id and needed.state != "placed":
                self.terminal.write_safely(
                    f"It needs the {needed.kind} of {visible_line(needed.path)}: {needed.state}.\n"
                )
                return False
            if self.tell_taken is not None and id not in self.kept:
                self.tell_taken(id)
            self.kept.add(id)
        return True

    async def replace(
        self, seen: Seen, command: commands.Command, *, most_told: int | None = None
    ) -> bool:
        """Send what alters this change, and wait for the answer.

        That is the altered change, a refusal, a warning, or one notice more than `most_told`.
        """
        before = self.tally.changes[seen.id]
        self._notices, self._warned = 0, False
        self.send(command)
        while not self._problem and not self._over:
            if most_told is not None and (self._warned or self._notices > most_told):
                return True
            if self.tally.changes.get(seen.id) is not before:
                return True
            await self._wait()
        return not self._tell_problem()

    def _tell_problem(self) -> bool:
        """Tell what the session has refused; whether there was such a thing."""
        problem, self._problem = self._problem, ""
        if problem:
            self.terminal.write_safely(f"{problem}\n")
        return bool(problem)

    async def _split(self, seen: Seen) -> bool:
        """Replace the hunk by its parts, and go to the first of them."""
        at = list(self.tally.changes).index(seen.id)
        if not await self.replace(seen, commands.Split(seen.choice)):
            return False
        self._at = list(self.tally.changes)[at]
        while self.tally.changes[self._at].state == "writing" and not self._over:
            await self._wait()
        return True

    def show(self, seen: Seen) -> None:
        self._shown[seen.id] = seen.digest
        taken = seen.id in self.kept
        lines = self._lines.get(seen.id, ())
        self.terminal.write(change_text(seen, taken, lines, self.terminal.color))
