"""What a person does in the review: which change is current, and which commands a key sends.

Pure: `send` takes the session's commands; answers are sentences to show. A decision names a change
by its id and the digest of what was painted, so a late key can hit no other change. With
`writes=False` (a review inside a pipe) an accepted change is only remembered as taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from codexspark_tui.counts import count
from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.needs import fallen_with, needed_by
from codexspark_tui.events.resolved import to_resolved
from codexspark_tui.patch.model import Resolved
from codexspark_tui.tui.model.board import CANDIDATES, Item
from codexspark_tui.tui.model.walk import Walk


@dataclass(frozen=True, slots=True)
class Sweep:
    """A decision on everything that is open.

    `unseen`: how many were never on screen. What stays open: `offered` changes (nobody asked for
    them) and `unplaced` ones.
    """

    accept: bool
    choices: tuple[commands.Choice, ...]
    unseen: int
    offered: int = 0
    unplaced: int = 0


def _nowhere(command: Command) -> None:
    """Where commands go before somebody takes them."""


Verdict: TypeAlias = Literal["accept", "reject"]


@dataclass(slots=True)
class Control(Walk):
    """`send` takes the session's commands; `writes`: an accepted change goes to disk.

    `_meant`: what the person has said of changes that cannot be decided yet, by their ids.
    """

    send: Callable[[Command], None] = _nowhere
    writes: bool = True
    _acted: list[tuple[str, ...]] = field(default_factory=list)
    _meant: dict[str, None] = field(default_factory=dict)
    _parts_meant: dict[str, tuple[int, Verdict, str]] = field(default_factory=dict)

    def settle(self) -> None:
        """After events: what was meant is done now, and the cursor is on a change."""
        for id, (at, verdict, reason) in list(self._parts_meant.items()):
            parts = self.board.parts.get(id, ())
            part = parts[min(at, len(parts) - 1)] if parts else ""
            whole = self.board.items.get(id)
            if part in self.board.items or (whole is not None and not whole.deciding):
                del self._parts_meant[id]
                self._mean(part, verdict, reason)
                self.cursor = part if self.cursor == id else self.cursor
        for id in [i for i in self._meant if not self._waits(i)]:
            del self._meant[id]
            if id in self.board.items:
                self._do_as_meant(self.board.items[id])
        Walk.settle(self)

    def _waits(self, id: str) -> bool:
        item = self.board.items.get(id)
        return item is not None and item.state == "writing"

    def _mean(self, id: str, verdict: Verdict | str, reason: str = "") -> None:
        item = self.board.items.get(id)
        if item is None:
            return
        item.meant, item.meant_reason = verdict, reason
        self.board.mark(item)
        self._meant.pop(id, None)
        if verdict:
            self._meant[id] = None

    def _do_as_meant(self, item: Item) -> None:
        verdict, reason = item.meant, item.meant_reason
        item.meant = item.meant_reason = ""
        self.board.mark(item)
        if verdict == "accept" and item.is_open and _may(item, accept=True):
            self._accept([item], [item.choice])
        elif verdict == "reject" and item.is_open:
            self._reject([item.choice], reason)
        if item.id == self.cursor and not item.is_open:
            self._advance()

    def decide_lines(self, first: int, last: int, verdict: Verdict, reason: str = "") -> str:
        """Decide only these lines of the current change; the rest of it stays open."""
        item = self.current
        if item is None or item.state != "placed" or not item.is_open:
            return "only lines of an open change can be decided alone"
        changed = [n for n, line in enumerate(item.lines) if line.sign != " "]
        chosen = [n for n in changed if first <= n <= last]
        if not chosen:
            return "no changed line is selected"
        if chosen == changed:
            return self.accept() if verdict == "accept" else self.reject(reason)
        at = int(any(n < first for n in changed))
        self._parts_meant[item.id] = (at, verdict, reason)
        item.deciding = True
        self.send(commands.Split(item.choice_as_shown, *item.told_lines(first, last)))
        return ""

    def split(self) -> str:
        """Replace the current change by its parts."""
        item = self.current
        if item is None or item.state != "placed" or not item.is_open:
            return "only an open change can be split"
        self.send(commands.Split(item.choice_as_shown))
        return ""

    # -- deciding

    def accept(self) -> str:
        item = self.current
        if item is None:
            return "there is no change yet"
        if item.state == "rejected":
            self.send(commands.Reopen(item.id))
        elif item.state == "stale":
            self.send(commands.Reopen(item.id))
            return "placed anew on the file as it is now"
        elif item.state == "undone" and item.entry:
            self.send(commands.Redo(item.entry))
            return ""
        elif item.state == "writing":
            return self._meant_for(item, "accept")
        elif item.state != "placed" or not item.is_open:
            return _why_not(item)
        self._accept([item], [item.choice_as_shown])
        self._advance()
        return ""

    def reject(self, reason: str = "") -> str:
        item = self.current
        if item is None:
            return "there is no change yet"
        if item.taken:
            self._untake(item)
        elif item.state == "writing":
            return self._meant_for(item, "reject", reason)
        elif not item.is_open:
            return _why_not(item)
        self._reject([item.choice_as_shown], reason)
        self._advance()
        return ""

    def _meant_for(self, item: Item, verdict: Verdict, reason: str = "") -> str:
        """Keep a decision until the change is complete; the same one again takes it back."""
        same = item.meant == verdict and item.meant_reason == reason
        self._mean(item.id, "" if same else verdict, reason)
        return "it is decided later, as before" if same else ""

    def rest_of_file(self, *, accept: bool) -> str:
        """Decide this change and the open ones behind it in the same file."""
        item = self.current
        if item is None:
            return "there is no change yet"
        order = self.rows.order()
        later = order[order.index(item) :]
        mine = [i for i in later if (i.turn, i.path) == (item.turn, item.path) and _may(i, accept)]
        if not mine:
            return "nothing is open in the rest of this file"
        choices = [i.choice for i in mine]
        if accept:
            self._accept(mine, choices)
        else:
            self._reject(choices, "")
        self._advance()
        return f"{'accepted' if accept else 'rejected'} {count(len(mine), 'change')}"

    def sweep(self, *, accept: bool) -> Sweep | None:
        """What `everything` would decide now; accepting leaves out what was only offered."""
        still = [i for i in self.board.items.values() if i.is_open]
        every = [i for i in still if _may(i, accept) and not (accept and i.optional)]
        if not every:
            return None
        offered = sum(i.optional for i in still) if accept else 0
        unseen = sum(not i.seen for i in every)
        choices = tuple(i.choice for i in every)
        return Sweep(accept, choices, unseen, offered, len(still) - len(every) - offered)

    def everything(self, sweep: Sweep) -> str:
        """Carry it out, on the changes as they were when the person was asked."""
        items = [self.board.items[c.change] for c in sweep.choices if c.change in self.board.items]
        if sweep.accept:
            self._accept(items, list(sweep.choices))
        else:
            self._reject(list(sweep.choices), "")
        self._advance()
        return ""

    def pick(self, number: int) -> str:
        """Put an ambiguous change at its place `number`, counted from 1."""
        item = self.current
        if item is None or not item.candidates:
            return "numbers choose a place for an ambiguous change"
        if not 1 <= number <= min(CANDIDATES, len(item.candidates)):
            return f"there is no place {number}"
        self.send(commands.PlaceAt(item.id, number - 1, item.digest))
        return ""

    def undo(self) -> str:
        """Take back the current change if it is written, else what was written last."""
        item = self.current
        if item is not None and item.meant:
            self._mean(item.id, "")
            return ""
        if item is not None and item.taken:
            self._untake(item)
            return ""
        if item is not None and item.state == "rejected":
            self.send(commands.Reopen(item.id))
            return ""
        if item is not None and item.state == "written" and item.entry:
            self._acted.append((item.entry,))
            self.send(commands.Undo(item.entry))
            return ""
        last = [i for i in self.board.items.values() if i.state == "written" and i.entry]
        if not last:
            return "nothing of this session is written"
        newest = max(last, key=lambda i: _entry_order(i.entry))
        self.cursor = newest.id
        self._acted.append((newest.entry,))
        self.send(commands.Undo(newest.entry))
        return ""

    def redo(self) -> str:
        """Put the current change back if it was undone, else what was undone last."""
        item = self.current
        if item is not None and item.state == "undone" and item.entry:
            self.send(commands.Redo(item.entry))
            return ""
        while self._acted:
            (entry,) = self._acted.pop()
            undone = next((i for i in self.board.items.values() if i.entry == entry), None)
            if undone is not None and undone.state == "undone":
                self.cursor = undone.id
                self.send(commands.Redo(entry))
                return ""
        return "nothing of this session is undone"

    def chosen(self) -> list[Resolved]:
        """What was taken in a review that writes nothing, in the order of the patch."""
        taken = [i for i in self.board.items.values() if i.taken and i.view is not None]
        return [to_resolved(i.view) for i in taken if i.view is not None]

    def _accept(self, items: list[Item], choices: list[commands.Choice]) -> None:
        if self.writes:
            self._deciding(choices)
            self.send(commands.Decide(tuple(choices), "accept"))
            return
        for id in needed_by([item.id for item in items], self._needs):
            if self.board.items[id].state == "placed":
                self.board.take(self.board.items[id], True)

    def _reject(self, choices: list[commands.Choice], reason: str) -> None:
        for choice in choices:
            item = self.board.items.get(choice.change)
            if item is not None and item.taken:
                self._untake(item)
        self._deciding(choices)
        self.send(commands.Decide(tuple(choices), "reject", reason))

    def _deciding(self, choices: list[commands.Choice]) -> None:
        for choice in choices:
            if choice.change in self.board.items:
                self.board.items[choice.change].deciding = True

    def _untake(self, item: Item) -> None:
        """Not taken any more; nor is what needs it."""
        taken = [other.id for other in self.board.items.values() if other.taken]
        for id in fallen_with([item.id], taken, self._needs):
            self.board.take(self.board.items[id], False)

    def _needs(self, id: str) -> list[str]:
        items = self.board.items
        return [needed for needed in items[id].needs if needed in items]


def _may(item: Item, accept: bool) -> bool:
    """Whether it may be decided with others: what breaks a guard is accepted by itself only."""
    return item.is_open and (not accept or (item.state == "placed" and not item.guarded))


def _why_not(item: Item) -> str:
    if item.taken:
        return "this change is already accepted"
    if item.deciding:
        return "this change is being decided"
    match item.state:
        case "ambiguous":
            return "it fits in several places: choose one by its number"
        case "refused":
            return f"it cannot be placed: {item.why}"
        case state:
            word = "accepted" if state == "written" else state
            return f"this change is already {word}"


def _entry_order(entry: str) -> tuple[int, ...]:
    return tuple(int(part) for part in entry.split(".") if part.isdecimal())
