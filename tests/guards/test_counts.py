"""`--no-delete` and `--max-lines`: ten changes that each must find, ten that only look alike."""

from __future__ import annotations

import pytest

from codexspark_tui.patch import diff, to_line
from codexspark_tui.patch.model import (
    Resolved,
    ResolvedCreate,
    ResolvedDelete,
    ResolvedHunk,
    ResolvedMode,
    ResolvedRename,
)
from codexspark_tui.session.guards import Rules, Subject, check

LICENSE = "Permission is granted.\n\nAS IS.\n"
SETUP = "from setuptools import setup\n\nsetup(name='shop')\n"


def gone(path: str, text: str) -> Subject:
    lines = tuple(to_line("-", line) for line in text.splitlines(keepends=True))
    return Subject(ResolvedDelete(path, lines), text, None)


def edited(path: str, before: str, after: str, earlier: int = 0) -> Subject:
    (change,) = diff(path, before, after)
    return Subject(change, before, after, earlier)


def made(path: str, text: str, earlier: int = 0) -> Subject:
    lines = tuple(to_line("+", line) for line in text.splitlines(keepends=True))
    return Subject(ResolvedCreate(path, lines), None, text, earlier)


def plain(change: Resolved, text: str) -> Subject:
    return Subject(change, text, text)


DELETED = [
    gone("LICENSE", LICENSE), gone("src/old.py", "x = 1\n"), gone("empty.txt", ""),
    gone("py.typed", ""), gone("docs/gone.md", "# Gone"), gone("a b/ü.txt", "x\r\n"),
    edited("setup.py", SETUP, ""), edited("a.css", "p {}\n", "\n"),
    edited("notes", "one\ntwo\n", "  \n\t\n"), edited("one-line", "x", ""),
]  # fmt: skip
NOT_DELETED = [
    edited("setup.py", SETUP, "setup()\n"), edited("a.py", "x = 1\ny = 2\n", "y = 2\n"),
    edited("LICENSE", LICENSE, "x\n"), made("new.py", ""), made("new.py", "x = 1\n"),
    plain(ResolvedRename("a.py", "b.py"), "x\n"),
    plain(ResolvedMode("run.sh", "100755", "100644"), "x\n"),
    edited("blank.txt", "\n\n", "\n"), edited("delete.py", "os.remove(p)\n", "p.unlink()\n"),
    edited("a.py", "def f():\n    return 1\n", "# all of it is gone\n"),
]  # fmt: skip


@pytest.mark.parametrize("subject", DELETED, ids=lambda s: s.path)
def test_file_that_goes_or_is_emptied_is_found(subject: Subject) -> None:
    assert [f.rule for f in check(subject, Rules(no_delete=True))] == ["no_delete"]


@pytest.mark.parametrize("subject", NOT_DELETED, ids=lambda s: s.path)
def test_file_that_stays_is_none(subject: Subject) -> None:
    assert check(subject, Rules(no_delete=True)) == ()


def lines(count: int, of: str = "x") -> str:
    return "".join(f"{of} = {n}\n" for n in range(count))


TOO_MANY = [
    edited("a.py", lines(5), lines(5, "y")),  # five out, five in
    made("a.py", lines(10)), gone("a.py", lines(10)), edited("a.py", "", lines(10)),
    edited("a.py", lines(10), ""), edited("a.py", "x\n", "y\n", earlier=8),
    made("a.py", "x\n", earlier=9), edited("a.py", "x\n", "x\ny\n", earlier=9),
    edited("a.py", lines(30), lines(25) + lines(5, "y")), made("a.py", "\n" * 10),
]  # fmt: skip
NOT_TOO_MANY = [
    edited("a.py", lines(4), lines(4, "y")), made("a.py", lines(9)), gone("a.py", lines(9)),
    edited("a.py", lines(200), lines(199) + "y\n"), edited("a.py", "x\n", "y\n", earlier=7),
    made("a.py", "x\n", earlier=8), plain(ResolvedRename("a.py", "b.py"), lines(100)),
    plain(ResolvedMode("run.sh", "100755", "100644"), lines(100)), made("a.py", "x" * 5000),
    Subject(ResolvedRename("a.py", "b.py"), lines(9), lines(9), 100),  # it changes no line
]  # fmt: skip


@pytest.mark.parametrize("subject", TOO_MANY)
def test_more_changed_lines_than_may_be_are_found(subject: Subject) -> None:
    (found,) = check(subject, Rules(max_lines=9))
    assert (found.rule, "10 lines are changed" in found.why) == ("max_lines", True)


@pytest.mark.parametrize("subject", NOT_TOO_MANY)
def test_as_many_changed_lines_as_may_be_are_none(subject: Subject) -> None:
    assert check(subject, Rules(max_lines=9)) == ()


def test_context_is_not_counted() -> None:
    (hunk,) = diff("a.py", lines(9), lines(8) + "y\n", context=3)
    assert isinstance(hunk, ResolvedHunk)
    assert len(hunk.lines) == 5
    assert check(Subject(hunk, lines(9), lines(8) + "y\n"), Rules(max_lines=2)) == ()
    assert check(Subject(hunk, lines(9), lines(8) + "y\n"), Rules(max_lines=1)) != ()
