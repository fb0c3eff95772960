"""Where the person is in the review: the current change, and the ways to another one.

Pure. Answers are sentences to show, "" when there is nothing to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codexspark_tui.tui.model.board import Board, Item
from codexspark_tui.tui.model.diff_rows import DiffRows

_AT_LINE = re.compile(r"(.*?)(?::(\d+))?")


@dataclass(slots=True)
class Walk:
    """`cursor`: the id of the current change, "" before there is one.

    `waiting`: all that is there was decided, so the cursor goes to the next change that comes.
    `unmoved`: the cursor stands where it was put at the beginning of the turn; it goes on by itself
    from what is decided already (a session gone on with; what is accepted without being asked).
    """

    board: Board
    rows: DiffRows
    cursor: str = ""
    following: bool = False
    needle: str = ""
    waiting: bool = False
    unmoved: bool = False

    @property
    def current(self) -> Item | None:
        return self.board.items.get(self.cursor)

    def settle(self) -> None:
        """After events: keep the cursor on a change; follow the newest one if that is wanted."""
        if self.following and self.board.streaming:
            newest = next(reversed(self.board.items.values()), None)
            if newest is not None:
                self.cursor = newest.id
        elif self.cursor in self.board.parts:
            self.cursor = self.board.parts[self.cursor][0]
        elif self.current is None or self.current.turn != self.board.turn:
            of_turn = (i for i in self.rows.order() if i.turn == self.board.turn)
            first = next(of_turn, None)
            if first is not None:
                self.cursor = first.id
                self.waiting, self.unmoved = False, True
                self._leave_decided()
        elif self.waiting:
            self._advance()
        elif self.unmoved:
            self._leave_decided()

    def _leave_decided(self) -> None:
        """Nobody has moved yet: to the first change that can be decided, if this one is."""
        if self.current is None or not self.current.is_decided:
            return
        of_turn = (i for i in self.rows.order() if i.turn == self.board.turn)
        first = next((i for i in of_turn if i.is_open and i.state != "writing"), None)
        self.cursor = first.id if first else self.cursor

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
        self.following = self.waiting = self.unmoved = False
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
        self.following, self.unmoved = self.board.streaming, False
        return ""

    def search(self, needle: str) -> str:
        """To the next change whose path or lines contain `needle`, case ignored unless it has one.

        An empty needle repeats the last search.
        """
        self.needle = needle or self.needle
        if not self.needle:
            return ""
        return self.search_again(1)

    def search_again(self, step: int) -> str:
        """To the match after (1) or before (-1) the current change."""
        if not self.needle:
            return "nothing was searched for yet"
        order = self.rows.order()
        at = self._at(order)
        others = order[at + 1 :] + order[: at + 1]
        if step < 0:
            others = (order[at:] + order[:at])[::-1] if at >= 0 else order[::-1]
        for item in others:
            if _contains(item, self.needle):
                return self.go_to(item)
        return f"nothing contains {self.needle}"

    def go_to_named(self, said: str) -> str:
        """To the change that `said` names: its number, or a part of a path with or without a line.

        Numbers are those of the newest turn that has changes: one that made none hides no others.
        Of several changes in a file the one that holds the line, or the first below it.
        """
        every = self.rows.order()
        order = [i for i in every if i.turn == every[-1].turn]
        if not order:
            return "there is no change yet"
        if said.isdecimal():
            if not 1 <= int(said) <= len(order):
                return f"there is no change {said}: they go from 1 to {len(order)}"
            return self.go_to(order[int(said) - 1])
        found = _AT_LINE.fullmatch(said)
        assert found is not None
        part, line = found[1].lower(), int(found[2] or 0)
        named = [i for i in every if part in i.path.lower()]
        fitting = [i for i in named if i.turn == named[-1].turn]
        if not fitting:
            return f"no path of a change contains {found[1]}"
        below = (i for i in fitting if i.path == fitting[0].path and i.last_line >= line)
        return self.go_to(next(below, fitting[-1] if line else fitting[0]))

    def _at(self, order: list[Item]) -> int:
        current = self.current
        return order.index(current) if current in order else -1

    def _advance(self) -> None:
        """After a decision: to the next change that is still to be decided, else wait for it."""
        if self.following:
            return
        alone = self.move(1, undecided=True) and self.move(-1, undecided=True)
        self.waiting = bool(alone) and self.board.streaming


def _contains(item: Item, needle: str) -> bool:
    if needle.islower():
        return needle in item.path.lower() or any(needle in x.text.lower() for x in item.lines)
    return needle in item.path or any(needle in x.text for x in item.lines)
