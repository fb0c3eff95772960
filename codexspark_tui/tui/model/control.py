"""What a person does in the review: which change is current, and which commands a key sends.

Pure: `send` takes the session's commands; answers are sentences to show. A decision names a change
by its id and the digest of what was painted, so a late key can hit no other change. With
`writes=False` (a review inside a pipe) an accepted change is only remembered as taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.events.resolved import to_resolved
from codexspark_tui.patch.model import Resolved
from codexspark_tui.tui.model.board import CANDIDATES, Board, Item
from codexspark_tui.tui.model.diff_rows import DiffRows
from codexspark_tui.tui.model.words import count


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


@dataclass(slots=True)
class Control:
    """`cursor`: the id of the current change, "" before there is one.

    `waiting`: all that is there was decided, so the cursor goes to the next change that comes.
    """

    board: Board
    rows: DiffRows
    send: Callable[[Command], None]
    writes: bool = True
    cursor: str = ""
    following: bool = False
    needle: str = ""
    waiting: bool = False
    _acted: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def current(self) -> Item | None:
        return self.board.items.get(self.cursor)

    def settle(self) -> None:
        """After events: keep the cursor on a change; follow the newest one if that is wanted."""
        if self.following and self.board.streaming:
            newest = next(reversed(self.board.items.values()), None)
            if newest is not None:
                self.cursor = newest.id
        elif self.current is None or self.current.turn != self.board.turn:
            of_turn = (i for i in self.rows.order() if i.turn == self.board.turn)
            first = next(of_turn, None)
            if first is not None:
                self.cursor = first.id
                self.waiting = False
        elif self.waiting:
            self._advance()

    # -- moving

    def move(self, step: int, *, undecided: bool) -> str:
        """To the next (1) or previous (-1) change; the sentence when there is none."""
        order = self.rows.order()
        at = self._at(order)
        others = order[at + 1 :] if step > 0 else order[:at][::-1]
        found = next((i for i in others if i.is_open or not undecided), None)
        if found is None:
            where = "after" if step > 0 else "before"
            return f"no {'undecided ' if undecided else ''}change {where} this one"
        return self.go_to(found)

    def move_file(self, step: int) -> str:
        """To the first change of the next or previous file."""
        order = self.rows.order()
        here = self.current
        if here is None:
            return "there is no change yet"
        files = list(dict.fromkeys((i.turn, i.path) for i in order))
        at = files.index((here.turn, here.path)) + step
        if not 0 <= at < len(files):
            return f"no file {'after' if step > 0 else 'before'} this one"
        return self.go_to(next(i for i in order if (i.turn, i.path) == files[at]))

    def go_to(self, item: Item) -> str:
        self.cursor = item.id
        self.following = self.waiting = False
        return ""

    def go_end(self, at: int) -> str:
        """To the first (0) or the last (-1) change."""
        order = self.rows.order()
        return self.go_to(order[at]) if order else "there is no change yet"

    def turn_following(self) -> str:
        """Follow the stream, or hold still."""
        if not self.board.streaming:
            return "nothing streams now"
        self.following = not self.following
        return self.go_live() if self.following else ""

    def go_live(self) -> str:
        """To the newest change, and on with the stream."""
        newest = next(reversed(self.board.items.values()), None)
        if newest is None:
            return "there is no change yet"
        self.cursor = newest.id
        self.following = self.board.streaming
        return ""

    def search(self, needle: str) -> str:
        """To the next change whose path or lines contain `needle`, case ignored unless it has one.

        An empty needle repeats the last search.
        """
        self.needle = needle or self.needle
        if not self.needle:
            return ""
        order = self.rows.order()
        at = self._at(order)
        for item in order[at + 1 :] + order[: at + 1]:
            if _contains(item, self.needle):
                return self.go_to(item)
        return f"nothing contains {self.needle}"

    def _at(self, order: list[Item]) -> int:
        current = self.current
        return order.index(current) if current in order else -1

    def _advance(self) -> None:
        """After a decision: to the next change that is still to be decided, else wait for it."""
        if self.following:
            return
        alone = self.move(1, undecided=True) and self.move(-1, undecided=True)
        self.waiting = bool(alone) and self.board.streaming

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
        elif not item.is_open:
            return _why_not(item)
        self._reject([item.choice_as_shown], reason)
        self._advance()
        return ""

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
        for item in items:
            for needed in (*_needed(self.board, item), item):
                if needed.state == "placed":
                    self.board.take(needed, True)

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
        self.board.take(item, False)
        for other in self.board.items.values():
            if other.taken and item.id in other.needs:
                self._untake(other)


def _needed(board: Board, item: Item) -> Iterable[Item]:
    """What a change cannot do without, the first things first."""
    for id in item.needs:
        needed = board.items.get(id)
        if needed is not None:
            yield from _needed(board, needed)
            yield needed


def _may(item: Item, accept: bool) -> bool:
    return item.is_open and (item.state == "placed" or not accept)


def _why_not(item: Item) -> str:
    if item.taken:
        return "this change is already accepted"
    if item.deciding:
        return "this change is being decided"
    match item.state:
        case "writing":
            return "this change is still being written"
        case "ambiguous":
            return "it fits in several places: choose one by its number"
        case "refused":
            return f"it cannot be placed: {item.why}"
        case state:
            word = "accepted" if state == "written" else state
            return f"this change is already {word}"


def _contains(item: Item, needle: str) -> bool:
    if needle.islower():
        return needle in item.path.lower() or any(needle in x.text.lower() for x in item.lines)
    return needle in item.path or any(needle in x.text for x in item.lines)


def _entry_order(entry: str) -> tuple[int, ...]:
    return tuple(int(part) for part in entry.split(".") if part.isdecimal())
