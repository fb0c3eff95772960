"""Sections in the order of the screen, and the sums of their heights. Pure.

Changes of a file stand in the order of their places in it. One alteration costs the altered change
and a sum over the sections behind it; only what changes the order costs all of them.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

from codexspark_tui.tui.model.board import Item
from codexspark_tui.tui.model.section import Group, Section, growth, place


class Sections:
    """`sections`: headings and changes that are shown; changes of folded files are not."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.groups: dict[tuple[int, str], Group] = {}
        self._of_item: dict[str, Section] = {}
        self._group_of: dict[str, Group] = {}
        self._turns: dict[int, Section] = {}
        self._starts: list[int] = [0]
        self._index: dict[Section, int] = {}
        self._files: Counter[int] = Counter()
        self._disordered: set[Group] = set()

    @property
    def height(self) -> int:
        """Rows in all."""
        return self._starts[-1]

    def files_of(self, turn: int) -> int:
        """How many files a turn has changes in."""
        return self._files[turn]

    def group_of(self, section: Section) -> Group:
        return self.groups[(section.turn, section.path)]

    def fold(self, group: Group, folded: bool) -> None:
        """Show only the heading of a file, or all of it."""
        if group.folded != folded:
            group.folded = folded
            group.version += 1
            self._rebuild()

    def fold_every(self, folded: bool) -> None:
        for group in self.groups.values():
            group.folded = folded
            group.version += 1
        self._rebuild()

    def group_with(self, id: str) -> Group | None:
        """The file that a change belongs to."""
        return self._group_of.get(id)

    def _settled(self, item: Item) -> tuple[Section, bool]:
        """The section of an item, in its right place; whether sections changed their order."""
        section = self._of_item.get(item.id)
        if section is None:
            section = self._of_item[item.id] = Section(item.turn, item.path, item)
            moved = not self._appended(section)
            return section, self._put_in_order(section) or moved
        group = self._group_of[item.id]
        if section.path != item.path:
            self._leave(group, section)
            section.path = item.path
            self._enter(section)
            return section, True
        return section, self._put_in_order(section)

    def _put_in_order(self, section: Section) -> bool:
        """Have its file's changes sorted if this one is not in its place; whether it is not."""
        assert section.item is not None
        group = self._group_of[section.item.id]
        if not section.item.start or _in_order(group.changes, section):
            return False
        self._disordered.add(group)
        return True

    def _appended(self, section: Section) -> bool:
        """Put a new section in its group; True if that is the last one, so that order is kept."""
        is_new = (section.turn, section.path) not in self.groups
        last = self.sections[-1] if self.sections else None
        at_end = is_new or (last is not None and (last.turn, last.path) == key_of(section))
        new_turn = section.turn not in self._turns
        self._enter(section)
        group = self._group_of[section.key]
        if not at_end or group.folded:
            return group.folded
        made = [self._turns[section.turn]] if new_turn else []
        made += [group.head] if is_new else []
        for one in [*made, section]:
            self._index[one] = len(self.sections)
            self.sections.append(one)
            self._starts.append(self._starts[-1] + one.height)
        return True

    def _enter(self, section: Section) -> None:
        key = key_of(section)
        if section.turn not in self._turns:
            height = 2 if self._turns else 1
            self._turns[section.turn] = Section(section.turn, "", None, height)
        if key not in self.groups:
            self.groups[key] = Group(Section(section.turn, section.path))
            self._files[section.turn] += 1
        group = self.groups[key]
        group.changes.append(section)
        assert section.item is not None
        self._group_of[section.item.id] = group
        group.version += 1

    def _leave(self, group: Group, section: Section) -> None:
        group.changes.remove(section)
        group.version += 1
        if not group.changes:
            del self.groups[key_of(section)]
            self._files[section.turn] -= 1

    def _forget(self, item: Item) -> None:
        section = self._of_item.pop(item.id, None)
        if section is not None:
            self._leave(self._group_of.pop(item.id), section)

    def _rebuild(self) -> None:
        """The order anew: by turn, then file as it first came, then place."""
        for group in self._disordered:
            group.changes.sort(key=place)
        self._disordered = set()
        self.sections = []
        turn = -1
        for group in sorted(self.groups.values(), key=lambda g: g.head.turn):
            if group.head.turn != turn:
                turn = group.head.turn
                self.sections.append(self._turns[turn])
            self.sections.append(group.head)
            self.sections += () if group.folded else group.changes
        self._index = {section: at for at, section in enumerate(self.sections)}
        self._starts = [0] * (len(self.sections) + 1)
        self._sum_from(0)

    def _sum_from(self, first: int) -> None:
        if first >= len(self.sections):
            return
        heights = (section.height for section in self.sections[first:])
        self._starts[first:] = accumulate(heights, initial=self._starts[first])
        self._shift_from(first)

    def _first_of_group(self, at: int) -> int:
        """The heading of the file of section `at`: its counts may look different, too."""
        at = min(at, len(self.sections) - 1)
        while at > 0 and self.sections[at].item is not None:
            at -= 1
        return max(0, at)

    def _shift_from(self, first: int) -> None:
        """New line numbers move by what the earlier changes of the same file add and remove."""
        at = self._first_of_group(first)
        shift = 0
        for section in self.sections[at:]:
            if section.item is None:
                shift = 0
                continue
            section.shift = shift
            shift += growth(section.item)


def key_of(section: Section) -> tuple[int, str]:
    return section.turn, section.path


def _in_order(changes: list[Section], section: Section) -> bool:
    at = changes.index(section)
    here = place(section)
    earlier = at == 0 or place(changes[at - 1]) <= here
    return earlier and (at + 1 == len(changes) or here <= place(changes[at + 1]))
