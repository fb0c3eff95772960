"""How good the context is, on real history: for commits whose message describes the change, are the
files that were changed among the first 5 and 10, and the changed functions in 8k and 32k tokens?

    python bench/index_ranking.py [--each-line] REPOSITORY [MOST]

--each-line: each line of a message is a prompt of its own, and any file of the commit is right: for
a history of releases, whose messages are the lines of a change log.
Each commit is looked at as of its parent, whose tree (and nothing later) is indexed. Beside it on
the same commits: plain grep (files by how many words of the message they hold), BM25 alone, and a
map by PageRank over the graph of definitions and uses, started at what the message names, as
aider's. One line of JSON for each method: the shares of changed files and of changed functions; of
the index those that are in the context as it would be sent, of the others those in whole files.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from codexspark_tui.git import Commit, recent_commits
from codexspark_tui.index.index import Index
from codexspark_tui.index.prompt import read_prompt
from codexspark_tui.index.ranking import matches
from codexspark_tui.index.values import Ask, Definition
from codexspark_tui.session.context.choosing import RepositoryContext
from codexspark_tui.session.context.model import Wanted as Asked
from codexspark_tui.session.tokens import Estimator
from codexspark_tui.workspace import Workspace

MOST_FILES = 5  # a commit that changes more is no one thing to find
MOST_OF_A_RELEASE = 40
BUDGETS = (8_000, 32_000)
_WORD = re.compile(r"[^\W\d]\w+")
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))?", re.MULTILINE)
Ranker = Callable[["Tree", str], list[str]]
Ranges = Sequence[tuple[int, int]]


@dataclass(slots=True)
class Tree:
    """A tree of the past with its index."""

    root: Path
    index: Index
    texts: dict[str, str]
    counts: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Wanted:
    """What a commit changed: paths of its parent, and the functions in them."""

    message: str
    paths: tuple[str, ...]
    functions: tuple[Definition, ...]


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def trees(repository: Path, most: int, largest: int) -> Iterator[tuple[Tree, Wanted]]:
    """The commits, the latest first, each with the tree before it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        git(repository, "worktree", "add", "--detach", "-f", os.fspath(root), "HEAD")
        try:
            index = Index.open(root, folder=Path(folder) / "cache")
            for commit in _telling(repository, most, largest):
                git(root, "checkout", "-q", "-f", f"{commit.id}^")
                index.refresh()
                index.build()
                there = tuple(path for path in commit.paths if path in set(index.paths))
                if there:
                    tree = Tree(root, index, _texts(root, index))
                    yield tree, _wanted(repository, tree, commit, there)
            index.close()
        finally:
            git(repository, "worktree", "remove", "--force", os.fspath(root))


def _telling(repository: Path, most: int, largest: int) -> list[Commit]:
    found = []
    for commit in recent_commits(repository, 40 * most):
        code = [path for path in commit.paths if not path.endswith((".md", ".txt", ".lock"))]
        if 1 <= len(code) <= largest and len(_WORD.findall(commit.message)) >= 4:
            found.append(Commit(commit.id, commit.message, tuple(code)))
    return found[:most]


def _texts(root: Path, index: Index) -> dict[str, str]:
    texts = {}
    for path in index.paths:
        if not index.kind(path):
            texts[path] = (root / path).read_text("utf-8", "replace")
    return texts


def _wanted(repository: Path, tree: Tree, commit: Commit, paths: tuple[str, ...]) -> Wanted:
    functions = []
    for path in paths:
        diff = git(repository, "diff", "-U0", f"{commit.id}^", commit.id, "--", path)
        lines = [(int(a), int(a) + max(0, int(n or 1) - 1)) for a, n in _HUNK.findall(diff)]
        for symbol in tree.index.symbols_of(path):
            touched = any(symbol.line <= b and a <= symbol.end_line for a, b in lines)
            if touched and symbol.kind in ("function", "method"):
                functions.append(symbol)
    return Wanted(commit.message, paths, tuple(functions))


def by_index(tree: Tree, message: str) -> list[str]:
    return [one.path for one in tree.index.rank(Ask(message))]


def by_grep(tree: Tree, message: str) -> list[str]:
    words = {word.lower() for word in _WORD.findall(message) if len(word) > 2}
    counts = {
        path: len(words & {word.lower() for word in held}) for path, held in _counts(tree).items()
    }
    return sorted(counts, key=lambda path: (-counts[path], path))


def _counts(tree: Tree) -> dict[str, Counter[str]]:
    if not tree.counts:
        tree.counts.update({p: Counter(_WORD.findall(text)) for p, text in tree.texts.items()})
    return tree.counts


def by_bm25(tree: Tree, message: str) -> list[str]:
    said = read_prompt(message)
    return [path for path, _ in matches(tree.index._store, [*said.names, *said.words], 100)]


def by_pagerank(tree: Tree, message: str) -> list[str]:
    """A map as aider's: an edge from each file to the files that define the names it uses, the walk
    started at files whose path or definitions the message names."""
    definers: dict[str, set[str]] = defaultdict(set)
    for path in tree.texts:
        for symbol in tree.index.symbols_of(path):
            definers[symbol.name].add(path)
    named = set(_WORD.findall(message))
    edges: dict[str, dict[str, float]] = defaultdict(dict)
    start: dict[str, float] = {}
    for path in tree.texts:
        if named & {part for part in re.split(r"\W+", path) if part}:
            start[path] = 1.0
        for word, count in _counts(tree)[path].items():
            weight = math.sqrt(count) * (10 if word in named else 1)
            for to in definers.get(word, ()):
                if to != path and len(definers[word]) <= 5:
                    edges[path][to] = edges[path].get(to, 0.0) + weight
    start = start or dict.fromkeys(tree.texts, 1.0)
    whole = sum(start.values())
    rank = dict.fromkeys(tree.texts, 1.0 / max(1, len(tree.texts)))
    for _ in range(20):
        moved = {path: 0.15 * start.get(path, 0.0) / whole for path in rank}
        for path, share in rank.items():
            out = edges.get(path) or {path: 1.0}
            total = sum(out.values())
            for to, weight in out.items():
                moved[to] = moved.get(to, 0.0) + 0.85 * share * weight / total
        rank = moved
    return sorted(rank, key=lambda path: (-rank[path], path))


RANKERS: dict[str, Ranker] = {
    "index": by_index,
    "grep": by_grep,
    "bm25": by_bm25,
    "pagerank map": by_pagerank,
}


def within(tree: Tree, order: list[str], wanted: Wanted, budget: int) -> int:
    """How many of the changed functions are in the text of whole files that has room."""
    estimator = Estimator()
    shown: dict[str, Ranges] = {}
    left = budget
    for path in order:
        tokens = estimator.tokens(tree.texts.get(path, ""))
        if tokens <= left:
            left -= tokens
            shown[path] = [(1, sys.maxsize)]
        if left < 200:
            break
    return _shown(wanted, shown)


def chosen(tree: Tree, wanted: Wanted, budget: int) -> int:
    """How many of them are in the context that the product would send within the budget."""
    with closing(Workspace.open(tree.root)) as workspace:
        context = RepositoryContext(workspace, Estimator(), lambda: tree.index)
        made = context.choose(Asked(wanted.message, (), budget))
    shown = {
        piece.path: piece.ranges or [(1, sys.maxsize)]
        for piece in made.pieces
        if piece.form in ("text", "lines")
    }
    return _shown(wanted, shown)


def _shown(wanted: Wanted, shown: Mapping[str, Ranges]) -> int:
    return sum(
        any(a <= f.line and f.end_line <= b for a, b in shown.get(f.path, ()))
        for f in wanted.functions
    )


def prompts_of(wanted: Wanted, *, each_line: bool) -> list[Wanted]:
    if not each_line:
        return [wanted]
    lines = [line for line in wanted.message.splitlines() if len(_WORD.findall(line)) >= 4]
    return [replace(wanted, message=line) for line in lines]


def judged(tree: Tree, wanted: Wanted, order: list[str], *, as_sent: bool) -> Counter[str]:
    """What of the wanted is found, and whether any."""
    count: Counter[str] = Counter()
    for top in (5, 10):
        hits = set(order[:top]) & set(wanted.paths)
        count[f"files in {top}"] = len(hits)
        count[f"any in {top}"] = bool(hits)
    for budget in BUDGETS:
        said = chosen(tree, wanted, budget) if as_sent else within(tree, order, wanted, budget)
        count[f"functions in {budget // 1000}k"] = said
        count[f"any function in {budget // 1000}k"] = bool(said)
    return count


def main() -> None:
    arguments = [a for a in sys.argv[1:] if a != "--each-line"]
    each_line = len(arguments) < len(sys.argv) - 1
    repository, most = Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 50
    counts: dict[str, Counter[str]] = {name: Counter() for name in RANKERS}
    of: Counter[str] = Counter()
    for tree, whole in trees(repository, most, MOST_OF_A_RELEASE if each_line else MOST_FILES):
        for wanted in prompts_of(whole, each_line=each_line):
            of += Counter(any=1, files=len(wanted.paths), functions=len(wanted.functions))
            for name, ranker in RANKERS.items():
                order = ranker(tree, wanted.message)
                counts[name] += judged(tree, wanted, order, as_sent=name == "index")
    for name, count in counts.items():
        shares = {key: round(n / max(1, of[key.split()[0]]), 3) for key, n in count.items()}
        row = {"method": name, "prompts": of["any"], "functions": of["functions"], **shares}
        os.write(1, (json.dumps(row) + "\n").encode())


if __name__ == "__main__":
    main()
