"""The guards that need no language: sizes, deletions, tests, conflict markers, odd characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from codexspark_tui.patch.model import ResolvedCreate, ResolvedDelete
from codexspark_tui.session.guards.subject import Found, Subject

_TEST_FOLDER = re.compile(r"(tests?|__tests__|specs?|__snapshots__)\Z", re.IGNORECASE)
_TEST_FILE = re.compile(
    r"(test_.*|.*_tests?|conftest)\.py\Z|tests\.rs\Z|.*_test\.(go|rs|rb|exs?)\Z|.*_spec\.rb\Z"
    r"|.*\.(test|spec)\.[cm]?[jt]sx?\Z|.*Tests?\.(java|kt|cs|swift|php)\Z"
)
_MARKER = re.compile(r"(<{7}|>{7}|\|{7})( .*)?\Z")
_ODD = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u2028\u2029]"
    r"|\r(?!\Z)|(?<!\A)\ufeff"
)
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def max_lines(subject: Subject, most: int) -> list[Found]:
    """This change and the earlier ones of the turn alter more lines than may be."""
    own = sum(line.sign != " " for line in subject.lines)
    total = subject.changed_lines + own
    if total <= most or not own:
        return []
    return [Found("max_lines", f"{total} lines are changed with this one, and {most} may be")]


def no_delete(subject: Subject, _: int) -> list[Found]:
    """A file goes, or loses all that is in it, by this change or by all of them together."""
    left = [text for text in (subject.after, subject.whole) if text is not None]
    emptied = bool((subject.before or "").strip()) and any(not text.strip() for text in left)
    if isinstance(subject.change, ResolvedDelete) or emptied:
        return [
            Found("no_delete", f"{subject.path} would be {'emptied' if emptied else 'deleted'}")
        ]
    return []


def is_test(path: str) -> bool:
    """Whether a file holds tests, by its name and its folders."""
    parts = PurePosixPath(path).parts
    return any(_TEST_FOLDER.match(part) for part in parts[:-1]) or bool(_TEST_FILE.match(parts[-1]))


def no_tests_changed(subject: Subject, _: int) -> list[Found]:
    """A test that is there is changed; a new test file is none, but for what steers others."""
    paths = {subject.path, subject.change.path}
    steers = PurePosixPath(subject.path).name == "conftest.py"
    if isinstance(subject.change, ResolvedCreate) and not steers:
        return []
    if any(is_test(path) for path in paths):
        return [Found("no_tests_changed", f"{subject.change.path} holds tests")]
    return _inline(subject)


def _inline(subject: Subject) -> list[Found]:
    """Of a file that holds code and its tests."""
    from codexspark_tui.session.guards.inline import changed_tests

    changed = changed_tests(subject)
    if not changed:
        return []
    at = {n for block in changed for n in range(block.first, block.last + 1)}
    lines = tuple(index for index, number, _ in subject.numbered(True) if number in at)
    named = ", ".join(dict.fromkeys(block.name for block in changed[:8]))
    return [Found("no_tests_changed", f"{subject.change.path}: tests are changed ({named})", lines)]


def conflict_markers(subject: Subject, _: int) -> list[Found]:
    """Lines that a merge leaves behind; a row of "=" alone is a heading elsewhere."""
    marked = [index for index, text in subject.added() if _MARKER.match(text)]
    if not marked:
        return []
    rows = [index for index, text in subject.added() if text == "======="]
    return [Found("conflict_markers", "it adds conflict markers", tuple(sorted(marked + rows)))]


def control_characters(subject: Subject, _: int) -> list[Found]:
    """Characters that a reader does not see or that turn the direction of reading; those that the
    file had are none, and of the ones that turn it those that were in the changed lines."""
    odd = [(index, _ODD.findall(text)) for index, text in subject.added()]
    if not any(found for _, found in odd):
        return []
    known = {c for c in _ODD.findall(subject.before or "") if c not in _TURNING}
    known |= {c for _, text in subject.removed() for c in _ODD.findall(text)}
    hits = [(index, c) for index, found in odd for c in found if c not in known]
    if not hits:
        return []
    named = ", ".join(dict.fromkeys(f"U+{ord(c):04X}" for _, c in hits[:50]))
    why = f"it adds control or direction characters ({named})"
    lines = tuple(dict.fromkeys(index for index, _ in hits))
    return [Found("control_characters", why, lines)]


GUARDS: dict[str, Callable[[Subject, int], list[Found]]] = {
    "max_lines": max_lines,
    "no_delete": no_delete,
    "no_tests_changed": no_tests_changed,
    "conflict_markers": conflict_markers,
    "control_characters": control_characters,
}
