"""Sessions for tests: a real repository, the real workspace, a scripted provider, and a person.

    seen = Talk(repo, [patch]).run(when(facts.ChangeClosed, lambda e, s: accept(e)))

Each rule says: when such an event comes, send these commands. The session is closed when its turn
has ended and no rule had anything to say to that. Time is the loop's own and jumps (clock.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

from codexspark_tui.actions.tally import Seen, Tally
from codexspark_tui.events import commands, facts
from codexspark_tui.events.commands import Choice, Command
from codexspark_tui.events.facts import Event
from codexspark_tui.patch import diff, render, split_lines
from codexspark_tui.patch.model import ResolvedCreate, ResolvedDelete
from codexspark_tui.patch.text import to_line
from codexspark_tui.providers.model import Provider
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.models import Setup
from codexspark_tui.session.session import Session
from codexspark_tui.session.transcript import Transcript
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.repo import Repo

E = TypeVar("E")
RATE = 1000.0


@dataclass
class Log:
    """All events so far, in their order."""

    events: list[Event] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def note(self, event: Event) -> None:
        self.events.append(event)
        self.tally.note(event)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def one(self, kind: type[E]) -> E:
        found = self.of(kind)
        assert len(found) == 1, found
        return found[0]

    def names(self, *without: str) -> list[str]:
        """The event types in their order, some left out."""
        return [n for n in (type(e).__name__ for e in self.events) if n not in without]

    def change(self, id: str) -> Seen:
        return self.tally.changes[id]

    def states(self) -> dict[str, str]:
        return {id: seen.state for id, seen in self.tally.changes.items()}

    def choices(self, *ids: str) -> tuple[Choice, ...]:
        """These changes as they were last shown; all placed ones without ids."""
        placed = [s.id for s in self.tally.in_state("placed")]
        return tuple(self.tally.changes[id].choice for id in ids or placed)


Rule = Callable[[Event, Log], "Command | Iterable[Command] | None"]


def when(kind: type[E], act: Callable[[E, Log], Command | Iterable[Command] | None]) -> Rule:
    """When an event of this kind comes, send what `act` makes of it."""
    return lambda event, log: act(event, log) if isinstance(event, kind) else None


def accept(*choices: Choice) -> commands.Decide:
    return commands.Decide(choices, "accept")


def reject(*choices: Choice, reason: str = "") -> commands.Decide:
    return commands.Decide(choices, "reject", reason)


def streamed(*steps: Callable[[Log], Command | Iterable[Command]]) -> Rule:
    """When the stream has finished, the first step; when that is carried out, the next one."""
    left = list(steps)

    def rule(event: Event, log: Log) -> Command | Iterable[Command] | None:
        if not left or not (isinstance(event, facts.StreamFinished) or event == CARRIED_OUT):
            return None
        return [*_listed(left.pop(0)(log)), NOTHING]

    return rule


NOTHING = commands.Decide((), "accept")
"""Decides nothing: the answer to it shows that all before it was carried out."""
CARRIED_OUT = facts.DecisionRefused((), "no change was named")


@dataclass
class Talk:
    """One session. `answers`: texts (at a rate, so that there is time between) or `Scripted`."""

    repo: Repo
    answers: Sequence[str | Scripted] = ()
    provider: Provider | None = None
    transcript: Transcript | None = None
    log: Log = field(default_factory=Log)
    id: str = "s"
    setup: Setup | None = None
    opened: Callable[[Session], object] | None = None

    def run(self, *rules: Rule, prompts: Sequence[str] = ("do it",)) -> Log:
        return clock.run(self.talk(*rules, prompts=prompts))

    def made_provider(self) -> Provider:
        answers = [Scripted(a, RATE) if isinstance(a, str) else a for a in self.answers]
        return self.provider or ScriptedProvider(tuple(answers))

    async def talk(self, *rules: Rule, prompts: Sequence[str] = ("do it",)) -> Log:
        workspace = Workspace.open(self.repo.root)
        session = Session(self.id, workspace, self.made_provider(), self.transcript, self.setup)
        if self.opened is not None:
            self.opened(session)
        left = list(prompts)
        session.send(commands.Prompt(left.pop(0)))
        async with aclosing(session.events()) as events:
            async for event in events:
                if event != CARRIED_OUT:
                    self.log.note(event)
                said = [command for rule in rules for command in _listed(rule(event, self.log))]
                for command in said:
                    session.send(command)
                if isinstance(event, facts.TurnEnded) and not said:
                    session.send(commands.Prompt(left.pop(0)) if left else commands.Close())
        workspace.close()
        return self.log


@dataclass
class Hand:
    """A session that a test drives step by step: `await hand.until(kind)`, `hand.send(command)`."""

    session: Session
    log: Log = field(default_factory=Log)
    _events: Any = None

    async def until(self, kind: type[E], count: int = 1) -> E:
        """Read on until so many events of this kind came; the last of them."""
        for _ in range(count):
            found = await self._next(kind)
        return found

    async def _next(self, kind: type[E]) -> E:
        if self._events is None:
            self._events = self.session.events()
        async for event in self._events:
            self.log.note(event)
            if isinstance(event, kind):
                return event
        raise AssertionError(f"no {kind.__name__} came: {self.log.names()}")

    async def do(self, *told: Command) -> list[Event]:
        """Send these commands; all events until they are carried out."""
        before = len(self.log.events)
        for command in (*told, NOTHING):
            self.session.send(command)
        while (await self.until(facts.DecisionRefused)) != CARRIED_OUT:
            pass
        self.log.events.pop()
        return self.log.events[before:]

    async def close(self) -> None:
        self.session.send(commands.Close())
        async for event in self._events:
            self.log.note(event)


def hand(
    repo: Repo,
    *answers: str | Scripted,
    id: str = "s",
    prompt: str | None = "do it",
    transcript: Transcript | None = None,
) -> Hand:
    """A session on a workspace of its own, with the first prompt sent."""
    made = [Scripted(a, RATE) if isinstance(a, str) else a for a in answers]
    workspace = Workspace.open(repo.root)
    session = Session(id, workspace, ScriptedProvider(tuple(made)), transcript)
    if prompt is not None:
        session.send(commands.Prompt(prompt))
    return Hand(session)


def _listed(said: Command | Iterable[Command] | None) -> list[Command]:
    if said is None:
        return []
    return list(said) if isinstance(said, list | tuple) else [said]  # type: ignore[list-item]


# -- patches -------------------------------------------------------------------------------------


def numbered(count: int, start: int = 1) -> str:
    return "".join(f"line {n}\n" for n in range(start, start + count))


def patch(path: str, old: str, new: str) -> str:
    """A git patch from one text of a file to another."""
    return render(list(diff(path, old, new)))


def created(path: str, text: str) -> str:
    return render([ResolvedCreate(path, tuple(to_line("+", raw) for raw in split_lines(text)))])


def deleted(path: str, text: str) -> str:
    return render([ResolvedDelete(path, tuple(to_line("-", raw) for raw in split_lines(text)))])


def changed(text: str, *lines: int, by: str = "changed") -> str:
    """The text with these 1-based lines replaced."""
    rows = split_lines(text)
    for line in lines:
        rows[line - 1] = f"{by} {line}\n"
    return "".join(rows)


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)
