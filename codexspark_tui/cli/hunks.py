"""Review hunk by hunk on a plain terminal, with the keys of `git add -p`.

A hunk is offered as soon as it is complete, while later ones still stream. With `writes`, a taken
hunk is on disk at once; without, it is only remembered, and printed by the caller at the end.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from codexspark_tui.actions.tally import Seen, Tally
from codexspark_tui.cli.editor import edit_text
from codexspark_tui.cli.output import colored_patch, styled, terminal_text
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event, PlacedAt
from codexspark_tui.patch import render_change
from codexspark_tui.patch.model import Resolved, ResolvedHunk
from codexspark_tui.session.edited import hunk_text

HELP = """\
y - take this hunk
n - do not take this hunk
q - quit; take neither this hunk nor the remaining ones
a - take this hunk and all later hunks in the file
d - take neither this hunk nor any later one in the file
g - select a hunk to go to
/ - search for a hunk that matches a regular expression
j - leave this hunk undecided, see the next undecided one
J - leave this hunk undecided, see the next one
k - leave this hunk undecided, see the previous undecided one
K - leave this hunk undecided, see the previous one
s - split this hunk into smaller ones
e - edit this hunk in the editor
p - print this hunk again
? - print this help
1-9 - where a hunk fits in several places: put it in that one
"""
EDIT_HELP = """\
# Edit the hunk. To leave out a "-" line, make it a " " line (context).
# To leave out a "+" line, delete it. Lines that start with # are removed.
"""


@dataclass(slots=True)
class HunkPicker:
    """`send` takes the session's commands. Make it inside a running event loop."""

    send: Callable[[commands.Command], None]
    terminal: Terminal
    writes: bool
    tally: Tally = field(default_factory=Tally)
    _taken: dict[str, Seen] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _streamed: bool = False
    _over: bool = False
    _at: str = ""
    _problem: str = ""
    _task: asyncio.Task[None] = field(init=False)

    def __post_init__(self) -> None:
        self._task = asyncio.create_task(self._run())

    def note(self, event: Event) -> None:
        self.tally.note(event)
        match event:
            case facts.StreamFinished():
                self._streamed = True
            case facts.TurnEnded():
                self._over = True
            case facts.DecisionRefused():
                self._problem = event.why
            case _:
                pass
        self._changed.set()

    def chosen(self) -> list[Resolved]:
        return [s.resolved for s in self._taken.values() if s.resolved is not None]

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
                seen = self._next_undecided()
                if seen is None:
                    if self._streamed:
                        break
                    await self._wait()
                elif not await self._offer(seen):
                    break
        finally:
            self.send(commands.Close())

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _undecided(self, seen: Seen) -> bool:
        return seen.state in ("placed", "ambiguous") and seen.id not in self._taken

    def _next_undecided(self) -> Seen | None:
        """The change to offer: where the person went, else the first undecided one."""
        self._tell_refused()
        chosen = self.tally.changes.get(self._at)
        if chosen is not None and chosen.state != "writing":
            return chosen
        return next((s for s in self.tally.changes.values() if self._undecided(s)), None)

    def _tell_refused(self) -> None:
        for seen in self.tally.in_state("refused", "stale"):
            if seen.id not in self._told:
                self._told.add(seen.id)
                self._say(f"{seen.path}: cannot be placed: {seen.why_not}\n")

    async def _offer(self, seen: Seen) -> bool:
        """Show a change and do what the person says; False to leave."""
        self._at = seen.id
        self._show(seen)
        while True:
            answer = await self.terminal.ask(self._prompt(seen))
            if answer is None or answer[:1] == "q":
                return False
            if await self._act(seen, answer):
                return True

    async def _act(self, seen: Seen, answer: str) -> bool:
        """Carry out one answer; True when another change is to be shown."""
        key, rest = answer[:1], answer[1:].strip()
        match key:
            case "y" | "n":
                return await self._decide([seen], take=key == "y")
            case "a" | "d":
                return await self._decide(self._rest_of_file(seen), take=key == "a")
            case "j" | "J" | "k" | "K":
                return self._move(seen, forward=key in "jJ", any_state=key in "JK")
            case "g":
                return await self._go(rest)
            case "/":
                return await self._search(seen, rest)
            case "s":
                return await self._command(seen, commands.Split(seen.choice))
            case "e":
                return await self._edit(seen)
            case "p":
                self._show(seen)
                return False
            case _ if key.isdecimal() and key != "0":
                return await self._command(seen, commands.PlaceAt(seen.id, int(key) - 1))
            case _:
                self._say(HELP)
                return False

    def _rest_of_file(self, seen: Seen) -> list[Seen]:
        every = list(self.tally.changes.values())
        later = every[every.index(self.tally.changes[seen.id]) :]
        return [s for s in later if s.path == seen.path and self._undecided(s)]

    async def _decide(self, chosen: list[Seen], *, take: bool) -> bool:
        if take and any(s.state == "ambiguous" for s in chosen):
            self._say("It fits in several places: choose one by its number.\n")
            return False
        self._at = ""
        if take and not self.writes:
            self._taken.update({s.id: s for s in chosen if s.state == "placed"})
            return True
        choices = tuple(s.choice for s in chosen if s.state in ("placed", "ambiguous"))
        self.send(commands.Decide(choices, "accept" if take else "reject"))
        await self._settled({c.change for c in choices})
        return True

    async def _settled(self, ids: set[str]) -> None:
        """Wait until the session has carried out a decision or said why not."""
        while not self._problem and not self._over:
            states = {self.tally.changes[i].state for i in ids if i in self.tally.changes}
            if not states & {"placed", "ambiguous"}:
                return
            await self._wait()
        self._tell_problem()

    async def _command(self, seen: Seen, command: commands.Command) -> bool:
        """Send what replaces or alters this change, and wait for the answer."""
        before = self.tally.changes[seen.id]
        self.send(command)
        while not self._problem and not self._over:
            if self.tally.changes.get(seen.id) is not before:
                if seen.id not in self.tally.changes:
                    self._at = ""
                return True
            await self._wait()
        self._tell_problem()
        return False

    def _tell_problem(self) -> None:
        if self._problem:
            self._say(f"{self._problem}\n")
        self._problem = ""

    def _move(self, seen: Seen, *, forward: bool, any_state: bool) -> bool:
        every = [s for s in self.tally.changes.values() if s.state not in ("writing", "refused")]
        at = next(i for i, s in enumerate(every) if s.id == seen.id)
        others = every[at + 1 :] if forward else every[:at][::-1]
        found = next((s for s in others if any_state or self._undecided(s)), None)
        if found is None:
            self._say(f"There is no {'next' if forward else 'previous'} hunk.\n")
            return False
        self._at = found.id
        return True

    async def _go(self, number: str) -> bool:
        every = list(self.tally.changes.values())
        if not number:
            for count, seen in enumerate(every, 1):
                self._say(f"{count:4}. {seen.state:9} {seen.path}{_place_of(seen)}\n")
            number = await self.terminal.ask("go to which hunk? ") or ""
        if number.isdecimal() and 1 <= int(number) <= len(every):
            self._at = every[int(number) - 1].id
            return True
        self._say(f"There is no hunk {number!r}.\n")
        return False

    async def _search(self, seen: Seen, pattern: str) -> bool:
        pattern = pattern or await self.terminal.ask("search for regex? ") or ""
        try:
            wanted = re.compile(pattern)
        except re.error as error:
            self._say(f"This is not a regular expression: {error}\n")
            return False
        every = list(self.tally.changes.values())
        at = next(i for i, s in enumerate(every) if s.id == seen.id)
        for other in every[at + 1 :] + every[:at]:
            text = "\n".join(render_change(other.resolved)) if other.resolved else ""
            if wanted.search(text):
                self._at = other.id
                return True
        self._say("No other hunk matches.\n")
        return False

    async def _edit(self, seen: Seen) -> bool:
        if not isinstance(seen.resolved, ResolvedHunk):
            self._say("Only a hunk that is placed can be edited.\n")
            return False
        text = await edit_text(EDIT_HELP + hunk_text(seen.resolved), ".diff", self.terminal.fd)
        if text is None:
            self._say("The editor did not end well; the hunk is as it was.\n")
            return False
        return await self._command(seen, commands.Edit(seen.choice, text))

    def _prompt(self, seen: Seen) -> str:
        every = list(self.tally.changes)
        total = f"{len(every)}" if self._streamed else f"{len(every)}…"
        keys = "y,n,q,a,d,j,J,k,K,g,/,s,e,p,?"
        if isinstance(seen.placement, facts.AmbiguousAt):
            keys = f"1-{min(9, len(seen.placement.lines))},{keys.removeprefix('y,')}"
        what = "hunk" if seen.kind == "hunk" else seen.kind
        asked = f"({every.index(seen.id) + 1}/{total}) Take this {what} [{keys}]? "
        return styled(asked, "place", self.terminal.color)

    def _show(self, seen: Seen) -> None:
        color = self.terminal.color
        head = f"{seen.path}{_place_of(seen)}"
        self._say(styled(terminal_text(head), "heading", color) + "\n", safe=True)
        if seen.note:
            self._say(f"{seen.note}\n")
        if seen.why_not:
            self._say(f"{seen.why_not}\n")
        if seen.resolved is not None:
            body = "\n".join(render_change(seen.resolved)) + "\n"
            self._say(colored_patch(body, color) if color else terminal_text(body), safe=True)

    def _say(self, text: str, *, safe: bool = False) -> None:
        self.terminal.write(text if safe else terminal_text(text))


def _place_of(seen: Seen) -> str:
    """Where and in which state, in words: ":12 (moved +3) written"."""
    line, moved = "", ""
    if isinstance(seen.placement, PlacedAt) and seen.kind == "hunk":
        line = f":{seen.placement.line}"
        if seen.placement.moved:
            moved = f" (moved {seen.placement.moved:+d})"
    state = "" if seen.state == "placed" else f" {seen.state}"
    offered = " (offered)" if seen.optional else ""
    return f"{line}{moved}{offered}{state}"
