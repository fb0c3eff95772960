"""Renames of one decision that give each file the name of the next, and the last that of the first.

They can only be carried out at once. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping


def ring_of(path: str, renames: Mapping[str, str]) -> list[str]:
    """The old names of the ring that `path` is in, itself first; empty where it is in none.

    `renames` gives new names by old ones.
    """
    ring, here = [path], renames.get(path)
    while here is not None and here != path:
        if here in ring:
            return []
        ring.append(here)
        here = renames.get(here)
    return ring if here == path and len(ring) > 1 else []
