"""Sources of other projects, spoiled by a rule, so that compilers and tests have much to say.

Where they are looked for: in the folder that OUTSIDE_SOURCES names (anything may lie in it, at any
depth: unpacked archives of projects in Go, Rust, Java, C and C++), and in what came with a tool.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.reports.test_real import TOOLCHAINS

OUTSIDE = Path(os.environ.get("OUTSIDE_SOURCES", "/nowhere"))
NONE = "OUTSIDE_SOURCES names no folder with sources in {}"
_WORD = re.compile(r"\b[A-Za-z_]\w{3,}\b")
_NUMBER = re.compile(r"(?<![\w.\"'])\d\b(?![.\w\"'])")
IMPORT = re.compile(r"^(?:import|use|#\s*include)\b.*$|^\t\"[\w/.]+\"$", re.MULTILINE)


Way: TypeAlias = Callable[[str], str]
"""How a source is spoiled."""


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Run:
    """What a command wrote."""

    out: bytes
    err: bytes

    @property
    def both(self) -> bytes:
        return self.err + self.out


def run(command: list[str], folder: Path, **environment: str) -> Run:
    """In the folder; what may be kept of it lies beside the folder."""
    known = {**os.environ, **TOOLCHAINS, "TERM": "dumb", "GOCACHE": str(folder.parent / "gocache")}
    known |= {"GOFLAGS": "-mod=mod", "GO111MODULE": "on", "GOTOOLCHAIN": "local", "LC_ALL": "C"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=known | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return Run(done.stdout, done.stderr)


def sources(*kinds: str, most: int = 40, largest: int = 60_000) -> list[Path]:
    """Files under OUTSIDE_SOURCES by their endings, none larger than so many bytes."""
    found: list[Path] = []
    for folder, folders, names in os.walk(OUTSIDE):
        folders.sort()
        here = (Path(folder) / name for name in sorted(names) if name.endswith(kinds))
        found += [path for path in here if path.is_file() and path.stat().st_size < largest]
    step = max(1, len(found) // most)
    return found[::step][:most]


def renamed(text: str, every: int, kept: frozenset[str] = frozenset()) -> str:
    """One of so many words has another name; words of the language are kept."""
    words = (match for match in _WORD.finditer(text) if match[0] not in kept)
    return changed(text, words, every, lambda word: f"{word}Gone")


def without_lines(text: str, every: int) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(lines) if number % every != every // 2)


def without_imports(text: str, every: int) -> str:
    return changed(text, IMPORT.finditer(text), every, lambda _: "")


def miscounted(text: str, every: int) -> str:
    """One of so many small numbers is larger by one: what is expected comes out otherwise."""
    return changed(text, _NUMBER.finditer(text), every, lambda number: str(int(number) + 1))


def changed(
    text: str, found: Iterator[re.Match[str]], every: int, other: Callable[[str], str]
) -> str:
    pieces, end = [], 0
    for match in list(found)[every // 2 :: every]:
        pieces += [text[end : match.start()], other(match[0])]
        end = match.end()
    return "".join([*pieces, text[end:]])
