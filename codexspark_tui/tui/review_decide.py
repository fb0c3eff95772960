"""What a person decides, and how one gets from change to change.

`handlers` names each by its action in the registry. What asks first says what it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from codexspark_tui.counts import count
from codexspark_tui.events import commands
from codexspark_tui.events.commands import Command
from codexspark_tui.tui.model.control import Sweep
from codexspark_tui.tui.screens.ask import AskScreen
from codexspark_tui.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from codexspark_tui.tui.review_pane import ReviewPane
    from codexspark_tui.tui.review_view import Handlers

OFFERED = "what is open was only offered or has no certain place: decide it one by one"


class DecideActions:
    """Acts on the control of a pane."""

    def __init__(self, pane: ReviewPane) -> None:
        self._pane = pane

    def handlers(self) -> Handlers:
        control = self._pane.control
        return {
            "accept": lambda _: self._on_shown(control.accept),
            "reject": lambda _: self._on_shown(control.reject),
            "next": lambda _: control.move(1, undecided=True),
            "previous": lambda _: control.move(-1, undecided=True),
            "next_any": lambda _: control.move(1, undecided=False),
            "previous_any": lambda _: control.move(-1, undecided=False),
            "next_file": lambda _: control.move_file(1),
            "previous_file": lambda _: control.move_file(-1),
            "first": lambda _: control.go_end(0),
            "last": lambda _: control.go_end(-1),
            "accept_file": lambda _: self._on_shown(lambda: control.rest_of_file(accept=True)),
            "reject_file": lambda _: self._on_shown(lambda: control.rest_of_file(accept=False)),
            "undo": lambda what: self._turn_back(what, commands.Undo(what), control.undo),
            "redo": lambda what: self._turn_back(what, commands.Redo(what), control.redo),
            "pick": lambda number: control.pick(int(number) if number.isdecimal() else 0),
            "live": lambda _: control.go_live(),
            "follow": lambda _: control.turn_following(),
            "explain": lambda _: self._explain(),
            "reason": lambda why: self._on_shown(lambda: self._ask_reason(why)),
            "search": self._ask_search,
            "search_again": lambda _: control.search_again(1),
            "search_back": lambda _: control.search_again(-1),
            "accept_all": lambda _: self._sweep(accept=True),
            "reject_all": lambda _: self._sweep(accept=False),
        }

    def _on_shown(self, act: Callable[[], str]) -> str:
        """Decide only what is in view; else bring it there, and say so."""
        item = self._pane.control.current
        if item is not None and not self._pane.diff.is_in_view(item):
            return "here is the current change; press the key again to decide it"
        return act()

    def _explain(self) -> str:
        item = self._pane.control.current
        if item is None:
            return "there is no change yet"
        self._pane.control.send(commands.Explain(item.id))
        return ""

    def _turn_back(self, what: str, command: Command, act: Callable[[], str]) -> str:
        """Undo or redo: what was named, else what the cursor is on."""
        if not what:
            return act()
        self._pane.control.send(command)
        return ""

    def _ask_reason(self, reason: str) -> str:
        item = self._pane.control.current
        may = item is not None and (item.is_open or item.taken or item.state == "writing")
        if item is None or not may:
            return self._pane.control.reject()
        if reason:
            return self._pane.control.reject(reason)
        self._pane.app.push_screen(
            AskScreen("Why is this change rejected?", "the reason goes with the decision"),
            lambda said: self._reject_with(item.id, said),
        )
        return ""

    def _reject_with(self, id: str, reason: str | None) -> None:
        if reason is None:
            return
        self._pane.diff.remember_top()
        self._pane.control.cursor = id
        self._pane.after(self._pane.control.reject(reason))

    def _ask_search(self, needle: str) -> str:
        if needle:
            return self._pane.control.search(needle)
        before = self._pane.control.needle
        placeholder = f"enter repeats: {before}" if before else ""
        ask = AskScreen("Search in paths and lines", placeholder)
        self._pane.app.push_screen(ask, self._search)
        return ""

    def _search(self, needle: str | None) -> None:
        if needle is not None:
            self._pane.do(lambda: self._pane.control.search(needle))

    def _sweep(self, *, accept: bool) -> str:
        sweep = self._pane.control.sweep(accept=accept)
        if sweep is None:
            return "nothing is open" if not self._pane.board.undecided else OFFERED
        title = f"{'Accept' if accept else 'Reject'} {count(len(sweep.choices), 'change')}?"
        confirm = ConfirmScreen(title, _sweep_detail(sweep), f"{'accept' if accept else 'reject'}")
        self._pane.app.push_screen(confirm, lambda yes: self._swept(sweep, yes))
        return ""

    def _swept(self, sweep: Sweep, yes: bool | None) -> None:
        if yes:
            self._pane.diff.remember_top()
            self._pane.after(self._pane.control.everything(sweep))


def _sweep_detail(sweep: Sweep) -> str:
    lines = []
    if sweep.unseen:
        was = "was" if sweep.unseen == 1 else "were"
        lines.append(f"{sweep.unseen:,} of them {was} never on screen.")
    else:
        one = len(sweep.choices) == 1
        lines.append("It was on screen." if one else "Each of them was on screen.")
    if sweep.offered:
        said = f"{count(sweep.offered, 'change')} that nobody asked for"
        lines.append(f"Left open: {said} (comments, strings, documentation).")
    if sweep.unplaced:
        left = count(sweep.unplaced, "change")
        lines.append(f"Left open: {left} without a certain place, or against a guard.")
    return "\n".join(lines)
