"""What a person does to how the changes are shown: context, layout, folds, jumps, scrolling.

Nothing here decides anything. `handlers` names each by its action in the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from codexspark_tui.events.facts import ChangeMoved, Event, LinesMoved
from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.layout import MANY, STEP, Around, around
from codexspark_tui.tui.screens.jump import LETTERS, JumpScreen
from codexspark_tui.tui.widgets.diff_view import SHIFT_STEP

if TYPE_CHECKING:
    from codexspark_tui.tui.review_pane import ReviewPane

Handlers = Mapping[str, Callable[[str], str]]
ReadLines = Callable[[str], Sequence[str] | None]
WORTH_MARKING = 8  # letters of a line before it is marked as moved


class ViewActions:
    """Acts on the rows of a pane. `read_lines`: the lines of a file by its path (text form)."""

    def __init__(self, pane: ReviewPane, read_lines: ReadLines) -> None:
        self._pane = pane
        self._read_lines = read_lines
        self._wanted: dict[str, int] = {}

    def handlers(self) -> Handlers:
        return {
            "more_context": lambda _: self._grow(STEP),
            "less_context": lambda _: self._grow(-STEP),
            "whole_file": lambda _: self._whole_file(),
            "side_by_side": lambda _: self._side_by_side(),
            "spaces": lambda _: self._spaces(),
            "wrap": lambda _: self._wrap(),
            "fold": lambda _: self._fold(),
            "fold_all": lambda _: self._fold_all(),
            "jump": lambda _: self._jump(),
            "line_down": lambda _: self._scroll(1),
            "line_up": lambda _: self._scroll(-1),
            "left": lambda _: self._shift(-SHIFT_STEP),
            "right": lambda _: self._shift(SHIFT_STEP),
        }

    # -- context

    def _grow(self, step: int) -> str:
        item = self._pane.control.current
        if item is None:
            return "there is no change yet"
        return self._show_around(item, max(0, item.grown + step))

    def _whole_file(self) -> str:
        item = self._pane.control.current
        if item is None:
            return "there is no change yet"
        return self._show_around(item, 0 if item.grown else MANY)

    def _show_around(self, item: Item, lines: int) -> str:
        if item.view is None or item.kind != "hunk":
            return "only a hunk that is placed has lines around it"
        if not lines:
            self._wanted.pop(item.id, None)
            item.grown = 0
            self._pane.rows.put_around(item, Around())
            return ""
        if not self._grown(item, lines, self._read_lines(item.path)):
            return "the file cannot be shown around it: it is not as it was"
        self._wanted[item.id] = lines
        return ""

    def _grown(self, item: Item, lines: int, text: Sequence[str] | None) -> bool:
        """Show up to so many lines around it; False, and all as it was, if the text has it not."""
        before, item.grown = item.grown, lines
        found = None if text is None else around(text, item, item.start - 1)
        if found is None:
            item.grown = before
            return False
        item.grown = max(len(found.before), len(found.after))
        self._pane.rows.put_around(item, found)
        return True

    def note(self, events: Sequence[Event]) -> None:
        """Files may have changed: the lines around a change are read again."""
        moved = {e.path for e in events if isinstance(e, LinesMoved)}
        anew = {e.change for e in events if isinstance(e, ChangeMoved)}
        texts: dict[str, Sequence[str] | None] = {}
        for id, lines in self._wanted.items() if moved or anew else ():
            item = self._pane.board.items.get(id)
            if item is None or (item.path not in moved and id not in anew):
                continue
            if item.path not in texts:
                texts[item.path] = self._read_lines(item.path)
            self._grown(item, lines, texts[item.path])

    # -- layout

    def _side_by_side(self) -> str:
        rows = self._pane.rows
        wanted = not rows.view.side_by_side
        fits = rows.show_as(side_by_side=wanted) or self._pane.can_make_room
        self._pane.make_room()
        self._pane.diff.anew()
        return "" if fits else "there is no room for two sides here; a wider window has it"

    def _spaces(self) -> str:
        rows = self._pane.rows
        rows.show_as(hide_spaces=not rows.view.hide_spaces)
        self._pane.diff.anew()
        return "changes of white space are " + ("hidden" if rows.view.hide_spaces else "shown")

    def _wrap(self) -> str:
        rows = self._pane.rows
        rows.show_as(wrap=not rows.view.wrap)
        self._pane.diff.shift(-MANY)
        self._pane.diff.anew()
        return "long lines are " + ("wrapped" if rows.view.wrap else "cut; left and right scroll")

    def _fold(self) -> str:
        group = self._pane.rows.group_with(self._pane.control.cursor)
        if group is None:
            return "there is no change yet"
        self._pane.rows.fold(group, not group.folded)
        self._pane.diff.anew()
        return ""

    def _fold_all(self) -> str:
        rows = self._pane.rows
        rows.fold_every(not all(group.folded for group in rows.groups.values()))
        self._pane.diff.anew()
        return ""

    def unfold_current(self) -> None:
        """Where the cursor goes to, there is something to see."""
        group = self._pane.rows.group_with(self._pane.control.cursor)
        if group is not None and group.folded:
            self._pane.rows.fold(group, False)
            self._pane.diff.anew()

    # -- going

    def _scroll(self, step: int) -> str:
        diff = self._pane.diff
        diff.unpin()
        diff.jump_to(min(max(0, diff.top + step), max(0, diff.row_count() - diff.page)))
        return ""

    def _shift(self, cells: int) -> str:
        self._pane.diff.shift(cells)
        return ""

    def _jump(self) -> str:
        diff = self._pane.diff
        items = diff.items_in_view()
        if not items:
            return "there is no change in view"
        named = dict(zip(LETTERS, items, strict=False))
        diff.labels = {item.id: letter for letter, item in named.items()}
        diff.refresh()

        def go(letter: str | None) -> None:
            diff.labels = {}
            diff.refresh()
            if letter in named:
                self._pane.go_to(named[letter])

        self._pane.app.push_screen(JumpScreen(), go)
        return ""


def moved_texts(items: Sequence[Item]) -> frozenset[str]:
    """Lines that one change takes away and another one puts in again."""
    gone: dict[str, set[str]] = {}
    come: dict[str, set[str]] = {}
    for item in items:
        for line in item.lines:
            text = line.text.strip()
            if line.sign != " " and sum(c.isalnum() for c in text) >= WORTH_MARKING:
                (gone if line.sign == "-" else come).setdefault(text, set()).add(item.id)
    return frozenset(text for text in gone.keys() & come.keys() if gone[text] != come[text])
