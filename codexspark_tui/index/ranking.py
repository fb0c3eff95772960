"""Which files a prompt is about, in order and with reasons: evidence is added up file by file.

Places that the prompt names weigh most, then definitions of names in it, then words (BM25 over
paths, names and text), commits whose messages sound like it, what was edited in this session, and
last what is connected with all these by references (graph.py) or by having changed together.

The store is only read; a query costs the same in a large tree as in a small one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from codexspark_tui.index.graph import connected
from codexspark_tui.index.kinds import is_test
from codexspark_tui.index.prompt import Place, Said, is_shaped
from codexspark_tui.index.scan import real, stored
from codexspark_tui.index.store import Store
from codexspark_tui.index.values import Ask, Definition, Ranked

MOST_RANKED = 60
MOST_FROM_WORDS = 120
MOST_DEFINERS = 24
COMMON_SHARE = 0.2  # a word in more of all files is left out while there are others
COMMON_FROM = 6_000  # files
MOST_WEIGHED = 12_000  # files that hold a word, summed over the words
# Weights that did best on real history: bench/index_ranking.py.
PLACE, TRACE, DEFINES, WORDS, SAID, EDITED, NAMED = 30.0, 40.0, 13.0, 12.0, 2.5, 6.0, 10.0
CONNECTED, TOGETHER, LATE = 3.0, 2.0, 1.0
TEST, DOCUMENT = 0.9, 0.55  # what they weigh when the prompt does not speak of them
COLUMN_WEIGHTS = "6.0, 4.0, 1.0"  # of path, names, text
_DOC_SUFFIXES = frozenset(
    (".md", ".rst", ".txt", ".adoc", ".html", ".json", ".toml", ".yaml", ".yml")
)


@dataclass(slots=True)
class Evidence:
    """What speaks for one file."""

    score: float = 0.0
    reasons: dict[str, float] = field(default_factory=dict)
    lines: list[tuple[int, int]] = field(default_factory=list)

    def add(self, score: float, reason: str) -> None:
        self.score += score
        self.reasons[reason] = max(score, self.reasons.get(reason, 0.0))


def rank(store: Store, paths: Paths, ask: Ask, said: Said) -> list[Ranked]:
    """The files of the tree by what speaks for them, the best first."""
    found: dict[str, Evidence] = {}
    _by_places(store, paths, said.places, found)
    _by_names(store, said.names, found)
    _by_words(store, said, found)
    _by_history(store, said, found)
    for path in ask.edited:
        _of(found, path).add(EDITED, "edited in this session")
    for path in ask.named:
        _of(found, path).add(NAMED, "named")
    _weigh_kinds(found, said)
    _by_connections(store, found)
    known = (path for path in found if path in paths.known and path not in ask.dropped)
    best = sorted(known, key=lambda path: (-found[path].score, path))[:MOST_RANKED]
    return [_ranked(path, found[path]) for path in best]


@dataclass(slots=True)
class Paths:
    """The paths of the tree, found by their last part."""

    all: list[str]
    known: frozenset[str] = frozenset()
    _by_name: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = frozenset(self.all)

    def ending_in(self, path: str) -> list[str]:
        """The files that `path` may mean: itself, or those whose end it is, or that are its end
        (an absolute path of another machine)."""
        if path in self.known:
            return [path]
        if not self._by_name:
            for one in self.all:
                self._by_name.setdefault(one.rpartition("/")[2], []).append(one)
        same = self._by_name.get(path.rpartition("/")[2], [])
        ends = [one for one in same if f"/{one}".endswith(f"/{path.lstrip('/')}")]
        return ends or [one for one in same if "/" in one and f"/{path}".endswith(f"/{one}")]


def _of(found: dict[str, Evidence], path: str) -> Evidence:
    return found.setdefault(path, Evidence())


def _ranked(path: str, evidence: Evidence) -> Ranked:
    reasons = sorted(evidence.reasons, key=lambda r: -evidence.reasons[r])
    return Ranked(
        path, round(evidence.score, 2), tuple(reasons), tuple(dict.fromkeys(evidence.lines))
    )


# -- what speaks for a file ------------------------------------------------------------------------


def _by_places(
    store: Store, paths: Paths, places: Sequence[Place], found: dict[str, Evidence]
) -> None:
    for place in places:
        files = paths.ending_in(place.path)
        for path in files[:4]:
            evidence = _of(found, path)
            if place.line:
                evidence.add(TRACE / math.sqrt(len(files)), f"line {place.line} is in the prompt")
                evidence.lines.append(_around(store, path, place.line))
            else:
                evidence.add(PLACE / math.sqrt(len(files)), "in the prompt")


def _around(store: Store, path: str, line: int) -> tuple[int, int]:
    """The smallest symbol that holds the line, else some lines around it."""
    rows = store.rows(
        "SELECT line, end_line FROM symbol JOIN file ON file.id = symbol.file"
        " WHERE path = ? AND line <= ? AND end_line >= ? ORDER BY end_line - line LIMIT 1",
        (stored(path), line, line),
    )
    return (rows[0][0], rows[0][1]) if rows else (max(1, line - 15), line + 15)


def definitions(store: Store, name: str, most: int) -> list[Definition]:
    """Where `name` (dotted or not) is defined, exactly written ones first."""
    parent, _, last = name.rpartition(".")
    rows = store.rows(
        "SELECT path, name, symbol.kind, line, end_line, signature, parent"
        " FROM symbol JOIN file ON file.id = symbol.file WHERE name = ? COLLATE NOCASE LIMIT ?",
        (last, most * 8),
    )
    found = [Definition(real(row[0]), *row[1:]) for row in rows]
    if parent:
        found = [d for d in found if _is_in(d, parent)]
    exact = [d for d in found if d.name == last]
    return sorted(exact or found, key=lambda d: (d.path, d.line))[:most]


def _is_in(definition: Definition, parent: str) -> bool:
    """Whether `parent` ("pkg.mod.Class", "Class") is the end of where it stands."""
    module = definition.path.rpartition(".")[0].removesuffix("/__init__").replace("/", ".")
    whole = f"{module}.{definition.parent}" if definition.parent else module
    return f".{whole}".endswith(f".{parent}")


def _by_names(store: Store, names: Sequence[str], found: dict[str, Evidence]) -> None:
    for at, name in enumerate(names):
        where = definitions(store, name, MOST_DEFINERS)
        if not is_shaped(name):  # a word of the language, too, so only as it is written
            where = [d for d in where if d.name == name]
        files = {d.path for d in where}
        weight = DEFINES / (1 + 0.15 * at) / max(1.0, math.sqrt(len(files)))
        for definition in where:
            evidence = _of(found, definition.path)
            if f"defines {name}" not in evidence.reasons:
                evidence.add(weight, f"defines {name}")
            if definition.kind not in ("module", "class") or len(files) == 1:
                evidence.lines.append((definition.line, definition.end_line))


def _by_words(store: Store, said: Said, found: dict[str, Evidence]) -> None:
    words = _telling(store, [*said.names, *said.words])
    if words:
        rows = matches(store, words, MOST_FROM_WORDS)
    else:  # they stand everywhere; in few names, perhaps
        words = list(dict.fromkeys([*said.names, *said.words]))[:4]
        rows = matches(store, words, MOST_FROM_WORDS, "path names")
        rows = rows or matches(store, words, MOST_FROM_WORDS)
    if not rows:
        return
    top = rows[0][1]
    for path, score in rows:
        _of(found, path).add(WORDS * score / top, "its words")


def matches(
    store: Store, words: Sequence[str], most: int, columns: str = ""
) -> list[tuple[str, float]]:
    """(path, BM25) of the files that hold any of the words (in these columns), the best first.

    Not more than `MOST_WEIGHED` files are looked at, so that no query is slow.
    """
    if not words:
        return []
    query = query_of(words)
    rows = store.rows(
        "SELECT path, score FROM (SELECT doc_, score FROM ("
        f"SELECT rowid AS doc_, -bm25(words, {COLUMN_WEIGHTS}) AS score"
        " FROM words WHERE words MATCH ? LIMIT ?) ORDER BY score DESC LIMIT ?)"
        " JOIN file ON file.doc = doc_ ORDER BY score DESC, path",
        (f"{{{columns}}} : ({query})" if columns else query, MOST_WEIGHED, most + 40),
    )
    return [(real(path), max(score, 1e-9)) for path, score in rows[:most]]


def query_of(words: Iterable[str]) -> str:
    """Any of these words, as FTS5 reads it."""
    quoted = (word.replace('"', '""') for word in dict.fromkeys(words))
    return " OR ".join(f'"{word}"' for word in quoted)


def _telling(store: Store, words: Sequence[str]) -> list[str]:
    """The words without those that stand in very many files: the rarest first, until as many
    files hold them as can be weighed in the time of a keystroke."""
    files = int(store.value("SELECT count(*) FROM file WHERE doc IS NOT NULL") or 0)
    most = max(COMMON_FROM, int(files * COMMON_SHARE))
    if files <= most:
        return list(dict.fromkeys(words))
    count = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
    counted = [(w, store.value(count, (query_of([w]), most))) for w in dict.fromkeys(words)]
    told: list[str] = []
    room = MOST_WEIGHED
    for word, hits in sorted(counted, key=lambda pair: pair[1]):
        if 0 < hits < most and (hits <= room or not told):
            told.append(word)
            room -= hits
    return told


def _by_history(store: Store, said: Said, found: dict[str, Evidence]) -> None:
    """Files of commits whose messages hold the prompt's words, and of the latest commits."""
    words = [*said.names, *said.words]
    if words:
        rows = store.rows(
            "SELECT touched.path, score FROM (SELECT rowid AS number_, -bm25(said) AS score"
            " FROM said WHERE said MATCH ? ORDER BY score DESC LIMIT 20)"
            " JOIN touched ON touched.number = number_",
            (query_of(words),),
        )
        top = max((score for _, score in rows), default=0.0) or 1.0
        best: dict[str, float] = {}
        for path, score in rows:
            best[real(path)] = best.get(real(path), 0.0) + score / top
        most = max(best.values(), default=1.0) or 1.0
        for path, share in best.items():
            _of(found, path).add(SAID * share / most, "a commit like this changed it")
    late = store.rows("SELECT path, min(number) FROM touched WHERE number <= 30 GROUP BY path")
    for path, number in late:
        if real(path) in found:
            _of(found, real(path)).add(LATE * (1 - number / 31), "changed lately")


def _weigh_kinds(found: dict[str, Evidence], said: Said) -> None:
    """Tests and documents weigh less unless the prompt speaks of them."""
    words = {word.rstrip("s") for word in (*said.words, *map(str.lower, said.names))}
    for path, evidence in found.items():
        pure = PurePosixPath(path)
        if is_test(path) and "test" not in words and "spec" not in words:
            evidence.score *= TEST
        elif pure.suffix.lower() in _DOC_SUFFIXES and not words & {"doc", "readme", "changelog"}:
            evidence.score *= DOCUMENT


def _by_connections(store: Store, found: dict[str, Evidence]) -> None:
    best = sorted(found, key=lambda path: -found[path].score)[:24]
    if not best:
        return
    top = found[best[0]].score or 1.0
    seeds = {path: max(0.0, found[path].score) / top for path in best}
    for path, (share, why) in connected(store, seeds).items():
        if why:
            _of(found, path).add(CONNECTED * share, why)
        else:
            _of(found, path).score += CONNECTED * share
    for path, share in _together(store, best[:5]).items():
        evidence = _of(found, path)
        if path in best[:5]:
            evidence.score += TOGETHER * share  # no reason of its own
        else:
            evidence.add(TOGETHER * share, "changes together with these")


def _together(store: Store, paths: Sequence[str]) -> dict[str, float]:
    """How much other files change in the commits that changed these, from 0 to 1."""
    if not paths:
        return {}
    marks = ", ".join("?" * len(paths))
    rows = store.rows(
        f"SELECT other.path, sum(1.0 / (8 + size)) FROM (SELECT touched.number AS number_,"
        f" count(*) AS size FROM touched WHERE number IN (SELECT number FROM touched WHERE path IN"
        f" ({marks}) ORDER BY number LIMIT 60) GROUP BY touched.number)"
        " JOIN touched AS other ON other.number = number_ GROUP BY other.path"
        " ORDER BY 2 DESC LIMIT 20",
        [stored(path) for path in paths],
    )
    top = max((score for _, score in rows), default=0.0) or 1.0
    return {real(path): score / top for path, score in rows}
