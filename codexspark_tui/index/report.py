"""What an index can tell about itself and about the tree as a whole: figures, symbols, a map."""

from __future__ import annotations

import math
from collections import defaultdict

from codexspark_tui.index.scan import real
from codexspark_tui.index.store import Store
from codexspark_tui.index.values import Definition, Status

MOST_FAILURES = 20
MAP_SYMBOLS = 8  # of a file
MOST_DEFINED = 3
_COLUMNS = "path, name, symbol.kind, line, end_line, signature, parent"
_MAPPED = (
    "('function', 'method', 'class', 'struct', 'interface', 'trait', 'enum', 'type', 'module')"
)


def status(store: Store) -> Status:
    """Figures as they are now."""
    states = dict(store.rows("SELECT state, count(*) FROM file GROUP BY state"))
    kinds = dict(store.rows("SELECT kind, count(*) FROM file WHERE kind <> '' GROUP BY kind"))
    failures = store.rows(
        "SELECT path, note FROM file WHERE state = 'failed' ORDER BY path LIMIT ?", (MOST_FAILURES,)
    )
    return Status(
        files=sum(states.values()),
        read=states.get("read", 0),
        waiting=states.get("waiting", 0),
        failed=states.get("failed", 0),
        symbols=int(store.value("SELECT count(*) FROM symbol")),
        kinds=kinds,
        failures=tuple((real(path), note) for path, note in failures),
        by_lines=tuple(
            real(path)
            for (path,) in store.rows(
                "SELECT path FROM file WHERE state = 'read' AND note LIKE '%grammar%'"
                " ORDER BY path LIMIT ?",
                (MOST_FAILURES,),
            )
        ),
        place=str(store.path or ""),
        size_bytes=store.size_bytes(),
        notice=store.notice,
    )


def search(store: Store, query: str, most: int) -> list[Definition]:
    """Symbols whose names hold the letters of `query` in their order: whole names first, then
    beginnings, then parts, then scattered letters; short names before long ones."""
    letters = "".join(query.split()).rpartition(".")[2].lower()
    if not letters:
        return []
    pattern = "%" + "%".join(_escaped(letter) for letter in letters) + "%"
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM symbol JOIN file ON file.id = symbol.file"
        " WHERE name LIKE ? ESCAPE '\\' ORDER BY name <> ?, lower(name) <> ?,"
        " instr(lower(name), ?) <> 1, instr(lower(name), ?) = 0, length(name), path, line LIMIT ?",
        (pattern, query, letters, letters, letters, most),
    )
    return [Definition(real(row[0]), *row[1:]) for row in rows]


def _escaped(letter: str) -> str:
    return f"\\{letter}" if letter in "%_\\" else letter


def map_of(store: Store, most_files: int) -> list[tuple[str, list[Definition]]]:
    """Files by how many others use the names that they define, with those names."""
    store.rows("CREATE TEMP TABLE IF NOT EXISTS seen (x)")
    store.rows("CREATE VIRTUAL TABLE IF NOT EXISTS temp.used USING fts5vocab(main, words, col)")
    counts: dict[str, int] = {
        str(term): int(docs)
        for term, docs in store.rows("SELECT term, doc FROM temp.used WHERE col = 'body'")
    }
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM symbol JOIN file ON file.id = symbol.file"
        f" WHERE symbol.kind IN {_MAPPED} AND length(name) > 3"
    )
    defined: dict[str, int] = defaultdict(int)
    for row in rows:
        defined[row[1]] += 1
    by_file: dict[str, list[tuple[float, Definition]]] = defaultdict(list)
    for row in rows:
        used = counts.get(row[1].lower(), 0)
        if used > 1 and defined[row[1]] <= MOST_DEFINED:
            by_file[row[0]].append((math.log2(used) / defined[row[1]], Definition(*row)))
    scored = sorted(by_file.items(), key=lambda item: -sum(s for s, _ in item[1]))
    return [(real(path), _shown(found)) for path, found in scored[:most_files]]


def _shown(found: list[tuple[float, Definition]]) -> list[Definition]:
    best = sorted(found, key=lambda pair: (-pair[0], pair[1].line))[:MAP_SYMBOLS]
    return sorted((d for _, d in best), key=lambda d: d.line)
