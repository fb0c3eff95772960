"""Guards that take long: the session waits for them, and nothing else does."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.git import files_holding
from codexspark_tui.index.keeper import Keeper
from codexspark_tui.patch import apply_resolved, diff, to_line
from codexspark_tui.patch.model import ResolvedCreate
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.apart import Apart, Errand
from codexspark_tui.session.guards import Rules, Subject, check
from codexspark_tui.session.judging import LARGE, MUCH, Judge
from codexspark_tui.session.models import Setup
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.session.session import Session
from codexspark_tui.session.turn import Turn
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo
from tests.support.session import patch

NO_NEW = Rules(no_new_deps=True)
AUTO = Setup(rules=NO_NEW, mode="auto-edit", exact_at_once=True)
BEFORE = "".join(f"def f{n}(a: int) -> int:\n    return a + {n}\n\n\n" for n in range(1_300))
SCRIPT = "".join(f"export function f{n}(a) {{\n  return a + {n};\n}}\n" for n in range(1_300))


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipe: whoever searches the tree opens it, and goes on when its other end is closed."""
    pipe, folder = tmp_path / "gate", tmp_path / "bin"
    os.mkfifo(pipe)
    folder.mkdir()
    real = next(p for f in os.get_exec_path() if (p := Path(f) / "git").is_file())
    wrapper = folder / "git"
    wrapper.write_text(
        f'#!/bin/sh\nfor said; do [ "$said" = grep ] && cat {pipe} && break; done\n'
        f'exec {real} "$@"\n'
    )
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return pipe


class Watched:
    """A session on the real clock, whose events are read as they come."""

    def __init__(self, repo: Repo, answer: str, setup: Setup) -> None:
        self.workspace = Workspace.open(repo.root)
        provider = ScriptedProvider((Scripted(answer),))
        self.session = Session("s", self.workspace, provider, None, setup)
        self.events: list[Event] = []
        self.ended = asyncio.create_task(self._read())
        self.session.send(commands.Prompt("do it"))

    async def _read(self) -> None:
        async with aclosing(self.session.events()) as events:
            async for event in events:
                self.events.append(event)
        self.workspace.close()

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type[Event]) -> None:
        while not self.of(kind):
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        self.session.send(commands.Close())
        await self.ended

    def findings(self) -> list[str]:
        closed = [e for e in self.events if isinstance(e, facts.ChangeClosed)]
        return [finding.why for event in closed for finding in event.findings]


async def opened(gate: Path) -> int:
    """The writing end of the gate, once somebody waits at it; the event loop goes on meanwhile."""
    return await asyncio.to_thread(os.open, gate, os.O_WRONLY)


async def told_until_gone(handle: int) -> None:
    """Until nobody is at the gate."""
    while os.write(handle, b"x"):
        await asyncio.sleep(0.005)


@pytest.fixture
def tree(repo: Repo) -> Repo:
    repo.commit({"a.py": "import flask\n", "b.py": "x = 1\n"})
    return repo


def added(name: str) -> str:
    return patch("b.py", "x = 1\n", f"import {name}\nx = 1\n")


def test_loop_goes_on_while_the_tree_is_searched(tree: Repo, gate: Path) -> None:
    async def go() -> list[Event]:
        seen = Watched(tree, added("flask"), Setup(rules=NO_NEW))
        handle = await opened(gate)
        assert seen.of(facts.ChangeOpened)
        assert not seen.of(facts.ChangeClosed)
        os.close(handle)
        await seen.until(facts.StreamFinished)
        assert seen.findings() == []
        await seen.close()
        return seen.events

    kinds = [type(event).__name__ for event in asyncio.run(go())]
    assert kinds.index("ChangeClosed") < kinds.index("StreamFinished")


@pytest.mark.parametrize("command", [commands.Cancel(), commands.Close()])
def test_stop_does_not_wait_for_a_search(command: commands.Command, tree: Repo, gate: Path) -> None:
    async def go() -> list[str]:
        seen = Watched(tree, added("flask"), Setup(rules=NO_NEW))
        handle = await opened(gate)
        seen.session.send(command)
        await seen.until(facts.StreamFinished)  # though nobody has opened the gate
        os.close(handle)
        await seen.close()
        return seen.findings()

    assert asyncio.run(go()) == ["b.py could not be checked: it was stopped"]


def test_nothing_is_taken_before_the_guard_has_answered(tree: Repo, gate: Path) -> None:
    async def go(name: str) -> str:
        seen = Watched(tree, added(name), AUTO)
        handle = await opened(gate)
        before = tree.text("b.py")
        os.close(handle)
        await seen.until(facts.StreamFinished)
        await seen.close()
        assert before == "x = 1\n"
        return tree.text("b.py")

    assert asyncio.run(go("django")) == "x = 1\n"
    assert asyncio.run(go("flask")) == "import flask\nx = 1\n"


def test_who_no_longer_listens_ends_the_search(tree: Repo, gate: Path) -> None:
    async def go() -> None:
        seen = Watched(tree, added("flask"), Setup(rules=NO_NEW))
        handle = await opened(gate)
        seen.ended.cancel()
        await asyncio.wait([seen.ended])
        seen.workspace.close()
        with pytest.raises(BrokenPipeError):
            await told_until_gone(handle)
        os.close(handle)

    asyncio.run(go())


# -- the process -----------------------------------------------------------------------------------


@pytest.fixture
def apart(repo: Repo) -> Iterator[Apart]:
    made = Apart(repo.root)
    yield made
    made.close()


def subject_of(path: str, before: str, after: str) -> Subject:
    (hunk,) = diff(path, before, after)
    assert apply_resolved(before, [hunk]) == after
    return Subject(hunk, before, after)


CASES = [
    ("a.py", BEFORE, BEFORE.replace("f7(a: int)", "f7(b: int)"), Rules(keep_api=True)),
    ("a.py", BEFORE, BEFORE.replace("return a + 7\n", "return a +\n"), Rules(syntax=True)),
    ("a.py", BEFORE, BEFORE.replace("a + 7\n", "a - 7\n"), Rules(only=("a.py::f6",))),
    ("a.py", BEFORE, BEFORE.replace("a + 7\n", "a - 7\n"), Rules(only=("a.py::f7",), syntax=True)),
    ("a.py", BEFORE, f"import nowhere\n{BEFORE}", Rules(no_new_deps=True, max_lines=0)),
    ("a.js", SCRIPT, SCRIPT.replace("f7(a)", "f7(a, b)"), Rules(keep_api=True)),
    ("a.js", SCRIPT, SCRIPT.replace("a + 7;", "a + ;"), Rules(syntax=True, max_lines=1)),
]


def test_large_files_are_judged_as_small_ones(tree: Repo) -> None:
    judge = Judge()
    try:
        for path, before, after, rules in CASES:
            subject = subject_of(path, before, after)
            assert len(before) > LARGE
            found = judge.check(subject, rules, tree.root)
            assert found == check(subject, rules)
            assert bool(found) == (rules.only != ("a.py::f7",))
        assert judge._apart is not None
    finally:
        judge.close()


def test_process_that_has_ended_by_itself_is_begun_anew(apart: Apart) -> None:
    subject = subject_of("a.py", "x = 1\n", "x = (\n")
    rules, errand = Rules(syntax=True), Errand(20, _no, {})
    first = apart.check(subject, rules, errand)
    process = apart._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait() == 0
    assert apart.check(subject, rules, errand) == first == check(subject, rules)


def test_check_that_breaks_off_is_a_finding_once_and_the_next_file_is_checked(
    tree: Repo, gate: Path
) -> None:
    judge = Judge()
    subject = Subject(diff("b.py", "x = 1\n", "import flask\n")[0], "x = 1\n", "import flask\n")

    async def go() -> None:
        asked = asyncio.create_task(asyncio.to_thread(judge.check, subject, RULES, tree.root))
        handle = await opened(gate)
        assert judge._apart is not None
        assert judge._apart._process is not None
        os.kill(judge._apart._process.pid, signal.SIGKILL)
        said = [(f.rule, f.why) for f in await asked]
        os.close(handle)
        why = "b.py could not be checked: the check itself broke off"
        assert said == [("no_new_deps", why), ("max_lines", TWO), ("syntax", why)]
        again = judge.check(subject, RULES, tree.root)  # without a look: that would wait for ever
        assert [(f.rule, f.why) for f in again] == said
        other = subject_of(*CASES[1][:3])
        assert judge.check(other, CASES[1][3], tree.root) == check(other, CASES[1][3])

    try:
        asyncio.run(go())
    finally:
        judge.close()


RULES = Rules(no_new_deps=True, syntax=True, max_lines=1)
TWO = "2 lines are changed with this one, and 1 may be"


def test_check_that_takes_too_long_is_given_up(tree: Repo, gate: Path, apart: Apart) -> None:
    subject = Subject(diff("b.py", "x = 1\n", "import flask\n")[0], "x = 1\n", "import flask\n")
    assert apart.check(subject, NO_NEW, Errand(0.1, _no, {})) == "it takes longer than 0.1 s"


def test_what_was_found_of_a_word_is_not_looked_for_again(tree: Repo, apart: Apart) -> None:
    held: dict[str, list[str] | None] = {}
    texts = {"a.py": "import flask\n"}
    for name, expected in (("flask", []), ("django", ["no_new_deps"])):
        made = diff("b.py", "x = 1\n", f"import {name}\n")[0]
        subject = Subject(made, "x = 1\n", f"import {name}\n", read=texts.get)
        found = apart.check(subject, NO_NEW, Errand(20, _no, held))
        assert [getattr(one, "rule", one) for one in found] == expected
    assert held == {"flask": ["a.py"], "django": []}
    held["django"] = None
    found = apart.check(subject, NO_NEW, Errand(20, _no, held))
    said = "django is imported, and the tree could not be searched for it"
    assert [getattr(one, "why", one) for one in found] == [said]


def judged_by(keeper: Keeper, name: str) -> list[str]:
    """The rules that an import of this name breaks, on a desk of its own."""
    workspace, judge = Workspace.open(keeper.index().root), Judge(keeper=keeper)
    try:
        desk, ids = Desk.of(workspace), map("c{}".format, range(9))
        turn = Turn(1, "p", desk, ids.__next__, rules=NO_NEW, judge=judge)
        turn.feed(added(name))
        turn.finish("stop")
        (change,) = turn.review.changes.values()
        return [finding.rule for finding in change.findings]
    finally:
        judge.close()
        workspace.close()


@pytest.fixture
def keeper(tree: Repo, tmp_path: Path) -> Iterator[Keeper]:
    made = Keeper(tree.root, tmp_path / "index")
    made.index().refresh()
    made.index().read_now(["a.py", "b.py"])
    yield made
    made.close()


def test_index_says_at_once_that_a_name_is_known(keeper: Keeper, gate: Path) -> None:
    assert judged_by(keeper, "flask") == []  # a search would wait at the gate


def test_index_of_yesterday_says_nothing_wrong(tree: Repo, keeper: Keeper) -> None:
    tree.write({"a.py": "x = 'flask'\n", "c.py": "import django\n"})
    assert judged_by(keeper, "flask") == ["no_new_deps"]
    assert judged_by(keeper, "django") == []


@pytest.mark.parametrize("functions", [1, 1_300])
def test_what_is_nested_too_deeply_is_a_finding(functions: int, repo: Repo) -> None:
    text = BEFORE.partition(f"def f{functions}(")[0]
    nested = f"def g(a: int = {'-' * 900}1) -> int:\n    return a\n"
    judge, rules = Judge(), Rules(keep_api=True, max_lines=1)
    try:
        found = judge.check(subject_of("a.py", text, text + nested), rules, repo.root)
        assert [one.rule for one in found] == ["keep_api", "max_lines"]
        assert found[0].why.startswith("a.py could not be checked: ")
        assert (judge._apart is None) == (functions == 1)
    finally:
        judge.close()


def test_guards_of_the_lines_alone_need_no_process_whatever_the_file(repo: Repo) -> None:
    judge, key = Judge(), "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fL3kR6"
    subject = subject_of("a.py", BEFORE, f"TOKEN = '{key}'\n{BEFORE}")
    found = judge.check(subject, Rules(max_lines=9, no_delete=True), repo.root)
    assert [one.rule for one in found] == ["secrets"]
    assert judge._apart is None


def test_folder_without_a_repository_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import flask\n")
    assert files_holding(tmp_path, "flask", timeout_s=20) == ["a.py"]
    assert files_holding(tmp_path, "django", timeout_s=20) == []


def test_very_long_added_line_is_judged_apart_by_every_guard(repo: Repo) -> None:
    text = "ab_" * (MUCH // 2) + "\u202e"
    made = ResolvedCreate("a.min.js", (to_line("+", text),))
    judge = Judge()
    try:
        found = judge.check(Subject(made, None, None), Rules(), repo.root)
        assert [one.rule for one in found] == ["control_characters"]
        assert judge._apart is not None
    finally:
        judge.close()


def _no() -> bool:
    return False
