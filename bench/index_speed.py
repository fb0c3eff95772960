"""How fast the index is, and how it grows: one line of JSON for each number of files.

    python bench/index_speed.py [--plot FILE.svg] [FILES ... | FOLDER ...]

A number stands for a generated repository of so many files; a folder (a real one, say that of
installed packages) is copied into a repository of its own. Times are in milliseconds, memory in MB;
`paths_ms` and `reopen_ms` are from nothing to paths that can be asked for, the looks at every file
come after them in the background. `symbols_cpu_s` is what all processes used, which is what counts
on a machine that others use, too. `typed_ms` is the context made while a prompt is typed,
`enter_ms` what is left of it behind Enter; `edit_ms` a whole `spark edit` from the start of its
process to its context, with a scripted model.
With several numbers the growth of each is drawn as a plot on stderr, and with --plot as a picture.
"""

from __future__ import annotations

import asyncio
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
from contextlib import closing
from functools import partial
from pathlib import Path

from codexspark_tui.index.finder import PathFinder
from codexspark_tui.index.index import Index
from codexspark_tui.index.values import Ask
from codexspark_tui.session.context.choosing import RepositoryContext
from codexspark_tui.session.context.model import Wanted
from codexspark_tui.session.context.shelf import Shelf
from codexspark_tui.session.tokens import Estimator
from codexspark_tui.workspace import Workspace

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
        identity = [
            "-c",
            "gc.auto=0",
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@example.invalid",
        ]
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
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root, cache = Path(folder) / "tree", Path(folder) / "cache" / "spark" / "index"
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
        found |= asyncio.run(_context_ms(root, index))
        found["index_mb"] = round(index.status().size_bytes / 1e6, 1)
        index.close()
        found["memory_mb"] = _memory_mb(root, cache)
        found["edit_ms"] = round(min(_edit_ms(root, Path(folder)) for _ in range(5)), 1)
        return found


async def _context_ms(root: Path, index: Index) -> dict[str, float]:
    """The context of a prompt, made while it is typed, and asked for behind Enter."""
    with closing(Workspace.open(root)) as workspace:
        context, shelf = RepositoryContext(workspace, Estimator(), lambda: index), Shelf()
        typed: list[float] = []
        entered: list[float] = []
        for prompt in PROMPTS * 2:
            wanted = Wanted(prompt, (), 20_000)
            for times in (typed, entered):
                begun = time.perf_counter()
                await shelf.chosen(context, wanted)
                times.append((time.perf_counter() - begun) * 1000)
        return {"typed_ms": round(max(typed[3:]), 1), "enter_ms": round(max(entered), 1)}


def _edit_ms(root: Path, folder: Path) -> float:
    """`spark edit` up to the context that it would send."""
    script = folder / "script.toml"
    script.write_text('tools = "calls"\n[[answer]]\ntext = "no change\\n"\n')
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        environment[name] = os.fspath(folder / "home")
    environment["XDG_CACHE_HOME"] = os.fspath(folder / "cache")
    options = ["--no-stdin", "--json", "--provider", "script", "--script", os.fspath(script)]
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "codexspark_tui", "edit", PROMPTS[0], *options],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        while b'"context_chosen"' not in (line := process.stdout.readline()):
            assert line
        taken = (time.perf_counter() - begun) * 1000
        process.stdout.read()
    return taken


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


PANELS = (
    ("symbols_cpu_s", "everything read, s of CPU"),
    ("paths_ms", "paths from nothing, ms"),
    ("reopen_ms", "opened again, ms"),
    ("query_ms", "prompt to ranked files, ms"),
    ("index_mb", "index on disk, MB"),
    ("memory_mb", "memory, MB"),
)


def picture(rows: list[dict[str, float]]) -> str:
    """The same as an SVG: a panel for each, with the line of linear growth from the last point."""
    wide, high, made = 240, 150, []
    most_files = max(row["files"] for row in rows)
    for number, (key, title) in enumerate(PANELS):
        left, top = 20 + number % 3 * (wide + 30), 40 + number // 3 * (high + 60)
        most = max(row[key] for row in rows) * 1.15 or 1
        points = [
            (left + row["files"] / most_files * wide, top + high - row[key] / most * high, row[key])
            for row in rows
        ]
        made += [
            f'<text x="{left}" y="{top - 10}" font-weight="bold">{title}</text>',
            f'<path d="M{left} {top}V{top + high}H{left + wide}" fill="none" stroke="#999"/>',
            f'<path d="M{left} {top + high}L{points[-1][0]:.0f} {points[-1][1]:.0f}"'
            ' stroke="#bbb" stroke-dasharray="4 4"/>',
            '<polyline fill="none" stroke="#0969da" stroke-width="2" points="'
            + " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
            + '"/>',
        ]
        for x, y, _ in points:
            made.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#0969da"/>')
        x, y, value = points[-1]
        made.append(f'<text x="{x - 6:.0f}" y="{y - 8:.0f}" text-anchor="end">{value:g}</text>')
        made.append(f'<text x="{left}" y="{top + high + 16}">0</text>')
        made.append(
            f'<text x="{left + wide}" y="{top + high + 16}" text-anchor="end">'
            f"{most_files:,.0f} files</text>"
        )
    size = (20 + 3 * (wide + 30), 40 + 2 * (high + 60))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}"'
    body = "\n".join(made)
    return (
        f'{head} font-family="sans-serif" font-size="12" style="background:#fff">\n{body}\n</svg>\n'
    )


def main() -> None:
    rows, arguments = [], sys.argv[1:]
    at = arguments.index("--plot") if "--plot" in arguments else len(arguments)
    drawn = arguments[at + 1 : at + 2]
    for what in [*arguments[:at], *arguments[at + 2 :]] or ["1000", "5000", "10000"]:
        rows.append(measured(what))
        os.write(1, (json.dumps({"of": what, **rows[-1]}) + "\n").encode())
    if len(rows) > 1:
        os.write(2, plot(rows).encode())
    for file in drawn:
        Path(file).write_text(picture(rows))


if __name__ == "__main__":
    main()
