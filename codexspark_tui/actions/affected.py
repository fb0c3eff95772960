"""Which tests speak of changed code, and the command that runs just them. Reads only.

The tie is by names: a changed line lies in a definition; who mentions that definition is reached,
and so on twice; the test files among them are affected. Rather a test too many than one too few: a
command that takes no files, or more than sixty test files, means all tests.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from codexspark_tui import syntax
from codexspark_tui.errors import PathRefused, SparkError
from codexspark_tui.git import grep_words
from codexspark_tui.index.index import Index
from codexspark_tui.index.kinds import is_test
from codexspark_tui.patch import TextFile, decode
from codexspark_tui.workspace import Workspace

HOPS = 2
MOST_TESTS = 60
MOST_FOLLOWED = 40  # files that mention a name; a name of more says too little
GREP_S = 2.0
SLOT = "{files}"
_RUNNERS = re.compile(
    r"(?:\S*/)?(?:(?:pytest|py\.test|jest|vitest(?:\s+run)?|mocha|rspec)"
    r"|python[\d.]*\s+-m\s+(?:pytest|unittest)|npx\s+(?:jest|vitest(?:\s+run)?|mocha))(?=\s|$)"
)
_SHELL = frozenset("|&;<>()$`\\\n*?{}")
FilesWith = Callable[[str], list[str]]


def affected(
    workspace: Workspace, changed: Mapping[str, Iterable[int]], index: Index | None = None
) -> tuple[str, ...]:
    """The test files for these lines (from 1, as the files are now) of these files, sorted."""
    tie = _Tie(workspace, _files_with(workspace, index))
    tests = {path for path in changed if holds_tests(path)}
    names: set[str] = set()
    for path, lines in changed.items():
        if not holds_tests(path):
            names |= tie.names_at(path, lines)
    seen: set[str] = set()
    for _ in range(HOPS + 1):
        new, names = names - seen, set()
        seen |= new
        for name in sorted(new):
            found = tie.files_with(name)
            tests |= {path for path in found if holds_tests(path)}
            if len(found) <= MOST_FOLLOWED:
                for path in found:
                    names |= tie.names_that_say(path, name)
    return tuple(sorted(tests))


def holds_tests(path: str) -> bool:
    """Whether a runner finds tests in it: not in what stands beside them in their folder."""
    name = PurePosixPath(path)
    return is_test(path) and not (
        name.suffix == ".py" and not re.fullmatch(r"tests?|test_.*|.*_tests?", name.stem)
    )


def narrowed(command: str, tests: tuple[str, ...], root_has: Callable[[str], bool]) -> str:
    """The command for these test files only; "" where it cannot be narrowed."""
    if len(tests) > MOST_TESTS:
        return ""
    quoted = " ".join(shlex.quote(path) for path in tests)
    if SLOT in command:
        return command.replace(SLOT, quoted)
    if _SHELL & set(command) or any(path.startswith("-") for path in tests):
        return ""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    if words[:2] == ["go", "test"] and all(path.endswith(".go") for path in tests):
        folders = sorted({f"./{PurePosixPath(path).parent}" for path in tests})
        kept = [word for word in words if word != "./..."]
        return shlex.join([*kept, *folders])
    runner = _RUNNERS.match(command)
    if runner is None or any(root_has(word) for word in shlex.split(command[runner.end() :])):
        return ""
    return f"{command} {quoted}"


def whole(command: str) -> str:
    """The command for all tests."""
    return command.replace(SLOT, "").strip()


def _files_with(workspace: Workspace, index: Index | None) -> FilesWith:
    def found(name: str) -> list[str]:
        known = index.may_hold(name) if index is not None else None
        return grepped(name) if known is None else sorted(known)

    def grepped(name: str) -> list[str]:
        try:
            return grep_words(workspace.root, [name], timeout_s=GREP_S)[name]
        except SparkError:
            return []

    return found


class _Tie:
    """What files define and mention, each file read once."""

    def __init__(self, workspace: Workspace, files_with: FilesWith) -> None:
        self._workspace = workspace
        self._found: dict[str, list[str]] = {}
        self._texts: dict[str, str] = {}
        self._outlines: dict[str, tuple[syntax.Symbol, ...]] = {}
        self._files_with = files_with

    def files_with(self, name: str) -> list[str]:
        if name not in self._found:
            self._found[name] = self._files_with(name)
        return self._found[name]

    def names_at(self, path: str, lines: Iterable[int]) -> set[str]:
        """The definitions that hold these lines, or are changed by them; of lines in none, the
        name of the module."""
        names: set[str] = set()
        for line in lines:
            inside = [s for s in self._symbols(path) if s.line <= line <= s.end_line]
            names |= {_said(symbol, path) for symbol in inside} or {PurePosixPath(path).stem}
        return names

    def names_that_say(self, path: str, name: str) -> set[str]:
        """The definitions of a file, but tests, whose lines mention `name`."""
        if holds_tests(path):
            return set()
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        hits = [n for n, line in enumerate(self._text(path).splitlines(), 1) if word.search(line)]
        return {
            _said(symbol, path)
            for symbol in self._symbols(path)
            if any(symbol.line <= hit <= symbol.end_line for hit in hits)
        }

    def _symbols(self, path: str) -> tuple[syntax.Symbol, ...]:
        if path not in self._outlines:
            self._outlines[path] = tuple(syntax.outline(path, self._text(path)).symbols)
        return self._outlines[path]

    def _text(self, path: str) -> str:
        if path not in self._texts:
            try:
                state = self._workspace.read(path)
                text = decode(state.data) if state.kind == "file" else None
            except (PathRefused, ValueError):
                text = None
            self._texts[path] = text.text if isinstance(text, TextFile) else ""
        return self._texts[path]


def _said(symbol: syntax.Symbol, path: str) -> str:
    """The name by which others speak of it; of a special method, that of its class."""
    if symbol.name.startswith("__") or symbol.name in ("constructor", "init", "new"):
        return symbol.parent.rpartition(".")[2] or PurePosixPath(path).stem
    return symbol.name
