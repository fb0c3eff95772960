"""What the @mentions of a prompt stand for: files, lines of them, folders, globs, symbols, and the
texts @diff, @staged and @last-output. What stands for nothing is told, if it looks like a path.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codexspark_tui.git import diff_text
from codexspark_tui.index.prompt import Mention, mentions
from codexspark_tui.patch import unsafe_path
from codexspark_tui.session.context.model import Wanted

if TYPE_CHECKING:
    from codexspark_tui.index.index import Index

MOST_OF_A_FOLDER = 200
MOST_OF_A_GLOB = 100
MOST_OF_A_SYMBOL = 5
DIFF, STAGED, OUTPUT = "diff", "staged", "last-output"
TEXTS = (DIFF, STAGED, OUTPUT)
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Named:
    """A file that is wanted; `ranges`: only these lines of it."""

    path: str
    reason: str
    ranges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class NamedText:
    """A text that is wanted; "" where there is nothing of the kind."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class NamedNothing:
    said: str
    why: str


def named(
    wanted: Wanted, files: Sequence[str], root: Path, index: Index | None
) -> Iterator[Named | NamedText | NamedNothing]:
    """What was named beside the prompt and in it, in that order."""
    known = set(files)
    for path in wanted.pinned:
        yield _pinned(path)
    for path in wanted.files:
        for file in [path] if path in known else in_folder(path, files) or [path]:
            yield Named(file, "named")
    for mention in mentions(wanted.prompt):
        yield from mentioned(mention, files, known, root, (index, wanted.output))


def _pinned(key: str) -> Named:
    path, _, said = key.rpartition(":")
    found = re.findall(r"(\d+)-(\d+)", said) if path else []
    if not found:
        return Named(key, "pinned")
    return Named(path, "pinned", tuple((int(a), int(b)) for a, b in found))


def in_folder(path: str, files: Sequence[str]) -> list[str]:
    start = "" if path in (".", "") else path.strip("/") + "/"
    return [file for file in files if file.startswith(start)][:MOST_OF_A_FOLDER]


def mentioned(
    mention: Mention,
    files: Sequence[str],
    known: set[str],
    root: Path,
    more: tuple[Index | None, str],
) -> Iterator[Named | NamedText | NamedNothing]:
    """What one mention stands for. `more`: the index, and the output of the last command."""
    index, output = more
    what = mention.what
    if what in TEXTS:
        text = output if what == OUTPUT else diff_text(root, staged=what == STAGED)
        yield NamedText(what, text)
        return
    ranges = (mention.lines,) if mention.lines else ()
    paths = _paths(what, files, known)
    if paths:
        for path in paths:
            yield Named(path, "mentioned", ranges)
        return
    found = index.definitions(what, MOST_OF_A_SYMBOL) if index is not None else []
    for definition in found:
        at = ((definition.line, definition.end_line),)
        yield Named(definition.path, f"mentioned: {definition.dotted}", at)
    if not found and ("/" in what or "." in what or mention.lines or _GLOB.search(what)):
        same = [file for file in files if f"/{file}".endswith(f"/{what}")][:4]
        why = f"it may be {', '.join(same)}" if same else "no file, folder or symbol has that name"
        if not unsafe_path(what, there=True) and (root / what).is_file():
            why = "git or .sparkignore ignores it"
        yield NamedNothing(f"@{what}", why)


def _paths(what: str, files: Sequence[str], known: set[str]) -> list[str]:
    if what in known:
        return [what]
    if _GLOB.search(what):
        matches = re.compile(fnmatch.translate(what)).match
        return [f for f in files if matches(f) or matches(f.rpartition("/")[2])][:MOST_OF_A_GLOB]
    end = "/" + what.strip("/")
    ends = [file for file in files if file.endswith(end)]
    if len(ends) == 1:
        return ends
    return in_folder(what, files) if what.strip("./") else []
