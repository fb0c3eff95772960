"""What is connected with some files by references: a personalised rank over the part of the graph
that is near them. Edges are found when they are asked for, so there is no graph to keep up to date.

A file points to the files that define the names it uses, and back; a name that is defined in many
places, or used in very many files, connects nothing. The rank is that of a walk which starts at the
given files, goes along an edge, and returns to the start now and then (Page et al. 1999, with the
start as in Haveliwala 2002), two steps deep.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

from codexspark_tui.index.scan import real, stored
from codexspark_tui.index.store import Store

MOST_SEEDS = 10
MOST_NAMES = 12  # of a file
MOST_DEFINED = 3  # a name defined in more files connects nothing
MOST_USERS = 40
STAYS = 0.5  # of the rank stays at the start
ROUNDS = 4
_PLAIN = frozenset(
    [
        "main",
        "init",
        "run",
        "get",
        "set",
        "new",
        "make",
        "open",
        "close",
        "read",
        "write",
        "name",
        "value",
        "data",
    ]
)
Edges = dict[str, dict[str, float]]


def connected(store: Store, seeds: Mapping[str, float]) -> dict[str, tuple[float, str]]:
    """Share of the rank (the best has 1) of files near the seeds, with a reason for each; "" for a
    seed that no other one leads to."""
    strongest = sorted(seeds, key=lambda path: -seeds[path])[:MOST_SEEDS]
    edges: Edges = defaultdict(dict)
    why: dict[str, str] = {}
    for path in strongest:
        for name in _names_of(store, path):
            users = _users(store, name)
            if len(users) > MOST_USERS:
                continue
            weight = 1.0 / (1.0 + math.log2(1 + len(users)))
            for user in users:
                if user != path:
                    _connect(edges, path, user, weight)
                    why.setdefault(user, f"uses {name}")
    ranks = _walk(edges, {path: seeds[path] for path in strongest})
    top = max(ranks.values(), default=0.0) or 1.0
    return {p: (r / top, why.get(p, "")) for p, r in ranks.items() if r > 0}


def _names_of(store: Store, path: str) -> list[str]:
    """The names that a file defines and hardly any other does, the longest first."""
    rows = store.rows(
        "SELECT DISTINCT name FROM symbol JOIN file ON file.id = symbol.file WHERE path = ?"
        " AND length(name) > 3 ORDER BY length(name) DESC LIMIT 40",
        (stored(path),),
    )
    names = [name for (name,) in rows if name.lower() not in _PLAIN and not name.startswith("__")]
    return [n for n in names[: 2 * MOST_NAMES] if _definers(store, n) <= MOST_DEFINED][:MOST_NAMES]


def _definers(store: Store, name: str) -> int:
    query = "SELECT count(*) FROM (SELECT 1 FROM symbol WHERE name = ? COLLATE NOCASE LIMIT ?)"
    return int(store.value(query, (name, MOST_DEFINED + 1)))


def _users(store: Store, name: str) -> list[str]:
    """Files that hold the name as a word, up to one more than `MOST_USERS`."""
    quoted = name.replace('"', '""')
    rows = store.rows(
        "SELECT path FROM (SELECT rowid AS doc_ FROM words WHERE words MATCH ? LIMIT ?)"
        " JOIN file ON file.doc = doc_",
        (f'{{body}} : "{quoted}"', MOST_USERS + 1),
    )
    return [real(path) for (path,) in rows]


def _connect(edges: Edges, one: str, other: str, weight: float) -> None:
    edges[one][other] = edges[one].get(other, 0.0) + weight
    edges[other][one] = edges[other].get(one, 0.0) + weight


def _walk(edges: Edges, start: Mapping[str, float]) -> dict[str, float]:
    whole = sum(start.values()) or 1.0
    home = {path: weight / whole for path, weight in start.items()}
    ranks = dict(home)
    for _ in range(ROUNDS):
        moved: dict[str, float] = defaultdict(float)
        for path, rank in ranks.items():
            out = edges.get(path)
            if not out:
                moved[path] += rank
                continue
            total = sum(out.values())
            for to, weight in out.items():
                moved[to] += rank * weight / total
        ranks = {
            path: STAYS * home.get(path, 0.0) + (1 - STAYS) * moved.get(path, 0.0)
            for path in {*home, *moved}
        }
    return ranks
