"""What a change cannot do without, and what falls with it. Pure.

Changes may need each other in a ring (two files that exchange their names): each is found once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


def needed_by(ids: Iterable[str], needs_of: Callable[[str], Sequence[str]]) -> list[str]:
    """These changes and all that they cannot do without, what is needed before what needs it."""
    found: dict[str, None] = {}
    begun: set[str] = set()

    def add(id: str) -> None:
        if id in begun:
            return
        begun.add(id)
        for needed in needs_of(id):
            add(needed)
        found[id] = None

    for id in ids:
        add(id)
    return list(found)


def fallen_with(
    ids: Iterable[str], among: Iterable[str], needs_of: Callable[[str], Sequence[str]]
) -> set[str]:
    """These changes, and all `among` that cannot do without one of them."""
    fallen, left = set(ids), list(among)
    while True:
        more = {id for id in left if id not in fallen and fallen.intersection(needs_of(id))}
        if not more:
            return fallen
        fallen |= more
