"""Tests that stand in the file that they test: Rust's `#[cfg(test)]` modules and `#[test]`
functions. Pure.

Judged by their text before and after, so it does not matter how a change is cut into lines. What is
added to a module of tests changes none; what is added to a test does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from codexspark_tui.session.guards.languages import language_of, outline_of
from codexspark_tui.session.guards.subject import Subject

_NO_CODE = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*')
_MARK = re.compile(
    r"#\s*\[\s*(?:cfg\s*\((?![^\n]*\bnot\s*\(\s*test)[^\]]*\btest\b"
    r"|(?:\w+\s*::\s*)*(?:\w+_)?(?:test|rstest|test_case|bench|quickcheck)\s*[\](])"
)
_LONGEST_MARK = 40  # lines
_HELD = ("module", "impl")


@dataclass(frozen=True, slots=True)
class Block:
    """`first` and `last`: lines from 1, attributes included. `whole`: nothing may be added."""

    name: str
    first: int
    last: int
    whole: bool
    text: tuple[str, ...]


def changed_tests(subject: Subject) -> list[Block]:
    """The tests, and modules of tests, of which something is changed or gone."""
    path = subject.change.path
    if language_of(path) != "rust" or not subject.before or subject.before == subject.after:
        return []
    old = list(_blocks(path, subject.before))
    new = list(_blocks(subject.path, subject.after or "")) if old else []
    tests = Counter((one.name, one.text) for one in new if one.whole)
    modules: dict[str, list[str]] = {}
    for one in new:
        if not one.whole:
            modules.setdefault(one.name, []).extend(one.text)
    changed = []
    for one in old:
        if one.whole:
            tests[one.name, one.text] -= 1
            kept = tests[one.name, one.text] >= 0
        else:
            kept = _holds(modules.get(one.name, []), one.text)
        changed += [] if kept else [one]
    return changed


def _holds(lines: list[str], wanted: tuple[str, ...]) -> bool:
    """Whether all that is wanted is there, in its order, whatever lies between."""
    rest = iter(lines)
    return all(line in rest for line in wanted if line)


def _blocks(path: str, text: str) -> Iterator[Block]:
    """Tests, and modules of tests; of those that stand in each other each for itself."""
    lines = text.split("\n")
    for symbol in outline_of(path, text).symbols:
        if symbol.kind not in ("function", "method", *_HELD):
            continue
        first = _with_marks(lines, symbol.line)
        head = "\n".join(lines[first - 1 : symbol.line])
        if _MARK.search(_NO_CODE.sub("", head)) is None:
            continue
        kept = tuple(line.rstrip() for line in lines[first - 1 : symbol.end_line])
        yield Block(symbol.dotted, first, symbol.end_line, symbol.kind not in _HELD, kept)


def _with_marks(lines: list[str], line: int) -> int:
    """The line of the first attribute (or comment) of the definition that begins in this line."""
    while line > 1:
        above = lines[line - 2].strip()
        if above.startswith(("#[", "//")):
            line -= 1
        elif above.endswith("]"):
            begins = range(line - 2, max(line - _LONGEST_MARK, 0), -1)
            start = next((n for n in begins if lines[n - 1].lstrip().startswith("#[")), 0)
            if not start:
                return line
            line = start
        else:
            return line
    return line
