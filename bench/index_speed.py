"""How fast the index is, and how it grows: one line of JSON for each number of files.

    python bench/index_speed.py [FILES ... | FOLDER ...]

A number stands for a generated repository of so many files; a folder (a real one, say that of
installed packages) is copied into a repository of its own. Times are in milliseconds, memory in MB;
`paths_ms` and `reopen_ms` are from nothing to paths that can be asked for, the looks at every file
come after them in the background. `symbols_cpu_s` is what all processes used, which is what counts
on a machine that others use, too.
With several numbers the growth of each is drawn as a plot on stderr.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from codexspark_tui.index.finder import PathFinder
from codexspark_tui.index.index import Index
from codexspark_tui.index.values import Ask

PROMPTS = (
    "make load_token_stream accept bytes",
    "why does the graph renderer not score the vector layer",
    "the invoice totals are wrong when a discount applies",
)
NOUNS = re.findall(
    r"\w+",
    """parse header token stream socket buffer query cache store event queue worker config model
    layout widget theme patch hunk branch review ledger node graph score page image codec driver
    server session policy metric timer zone amount order stock product invoice track map matrix
    tensor layer batch sample discount total render vector""",
)
VERBS = ("get", "set", "make", "load", "save", "open", "close", "find", "sort", "split", "apply")


def generate(root: Path, files: int) -> None:
    """Python files of 2 to 9 KB that define functions and call those of others."""
    words = random.Random(1)

    def name() -> str:
        return "_".join((words.choice(VERBS), words.choice(NOUNS), words.choice(NOUNS)))

    for number in range(files):
        folder = root / f"pkg{number % 97}" / f"mod{number // 97 % 53}"
        folder.mkdir(parents=True, exist_ok=True)
        parts = [f'"""About {words.choice(NOUNS)} and {words.choice(NOUNS)}."""\n']
        for _ in range(words.randint(4, 12)):
            parts.append(f"\n\ndef {name()}(value, {words.choice(NOUNS)}_{number}):\n")
            for _ in range(words.randint(3, 9)):
                parts.append(f"    {words.choice(NOUNS)} = {name()}(value, {words.random():.3f})\n")
            parts.append("    return value\n")
        (folder / f"{words.choice(NOUNS)}_{number}.py").write_text("".join(parts))


def prepared(what: str, root: Path) -> int:
    """A repository at `root`; how many files it has."""
    if what.isdecimal():
        root.mkdir()
        generate(root, int(what))
    else:
        shutil.copytree(what, root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "start"]):
        identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"]
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True)
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, check=True)
    return listed.stdout.count(b"\n")


def timed(act: Callable[[], object], runs: int = 5) -> float:
    """The best of several, in milliseconds."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    return round(min(times), 1)


def measured(what: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "tree", Path(folder) / "cache"
        found: dict[str, float] = {"files": prepared(what, root)}
        begun = time.perf_counter()
        index = Index.open(root, folder=cache)
        assert len(index.paths) == found["files"]
        found["paths_ms"] = round((time.perf_counter() - begun) * 1000, 1)
        found["first_look_ms"] = timed(index.refresh, 1)
        cpu = _children_cpu_s()
        begun = time.perf_counter()
        index.build()
        found["symbols_s"] = round(time.perf_counter() - begun, 1)
        found["symbols_cpu_s"] = round(_children_cpu_s() - cpu, 1)
        index.close()

        def reopen() -> None:
            again = Index.open(root, folder=cache)
            assert again.is_ready
            assert again.paths
            again.close()

        found["reopen_ms"] = timed(reopen)
        index = Index.open(root, folder=cache)
        found["look_ms"] = timed(index.refresh)
        path = index.paths[len(index.paths) // 2]

        def change() -> None:
            with (root / path).open("a") as file:
                file.write("# changed\n")
            index.note([path])
            index.read_now([path])

        found["one_change_ms"] = timed(change)
        found["query_ms"] = max(timed(partial(index.rank, Ask(p))) for p in PROMPTS)
        finder = PathFinder(index.paths)
        asked = ("g", "grph", "token_stream", "pkg3/map", "xqz")
        found["picker_ms"] = max(timed(partial(finder.find, q)) for q in asked)
        found["index_mb"] = round(index.status().size_bytes / 1e6, 1)
        index.close()
        found["memory_mb"] = _memory_mb(root, cache)
        return found


def _children_cpu_s() -> float:
    own, others = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def _memory_mb(root: Path, cache: Path) -> float:
    """Of a process that opens the index, looks at the tree and asks it."""
    code = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from codexspark_tui.index.index import Index\n"
        "from codexspark_tui.index.values import Ask\n"
        "index = Index.open(Path(sys.argv[1]), folder=Path(sys.argv[2]))\n"
        "index.paths\nindex.rank(Ask(sys.argv[3]))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", code, os.fspath(root), os.fspath(cache), PROMPTS[0]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return round(int(done.stdout) / 1024, 1)


def plot(rows: list[dict[str, float]]) -> str:
    """A bar for each measurement and size: what is linear grows as the number of files does."""
    lines = []
    for key in ("paths_ms", "symbols_cpu_s", "reopen_ms", "query_ms", "index_mb", "memory_mb"):
        most = max(row[key] for row in rows) or 1
        lines.append(key)
        for row in rows:
            bar = "█" * max(1, round(48 * row[key] / most))
            lines.append(f"  {int(row['files']):>7,} {bar} {row[key]:g}")
    return "\n".join(lines) + "\n"


def main() -> None:
    rows = []
    for what in sys.argv[1:] or ["1000", "5000", "10000"]:
        rows.append(measured(what))
        os.write(1, (json.dumps({"of": what, **rows[-1]}) + "\n").encode())
    if len(rows) > 1:
        os.write(2, plot(rows).encode())


if __name__ == "__main__":
    main()
