"""The grid of approvals and tools in the app: on its screen, and line by line (`--plain`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codexspark_tui import allowed
from codexspark_tui.providers.model import Capabilities, ToolOutput
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.sandbox import probe
from codexspark_tui.session.guards import Rules
from codexspark_tui.session.models import Setup
from codexspark_tui.tui.screens.question import QuestionScreen
from tests.grid.cells import (
    ASK,
    ASK_NAMED,
    DENIED,
    DIFF,
    ENVELOPE,
    LOOKS,
    MODES,
    NOT_EXACT,
    RUN,
    RUN_NAMED,
    Mode,
    call,
    grid_repo,
    run_does,
    script_of,
    text,
    told,
)
from tests.support.patches import patch_of
from tests.support.repo import Repo
from tests.support.spark import Typist
from tests.tui.conftest import Running, opened, painted

GUARDED = patch_of("a.py", "def one():\n    return 1\n", "def one():\n    return 9\n")
ALL = DIFF + NOT_EXACT + GUARDED
RULES = Rules(only=("src", "c.txt"))


@pytest.fixture
def grid(repo: Repo) -> Repo:
    return grid_repo(repo)


@pytest.fixture
def confined() -> None:
    if not probe().confines:
        pytest.skip("nothing confines a command here")


def model(*answers: Scripted) -> ScriptedProvider:
    return ScriptedProvider(answers, capabilities=Capabilities(converses=True, tools="calls"))


def calling(*calls: tuple[str, object]) -> Scripted:
    said = tuple((name, a if isinstance(a, str) else json.dumps(a)) for name, a in calls)
    return Scripted("", calls=said)


def outputs(provider: ScriptedProvider) -> list[str]:
    return [i.text for i in provider.asked[-1].items if isinstance(i, ToolOutput)]


async def asked(run: Running, said: str, key: str) -> None:
    await run.until(lambda: isinstance(run.app.screen, QuestionScreen))
    await run.until(lambda: said in painted(run.app))
    await run.until(lambda: getattr(run.app.screen, "_hears", False))
    await run.press(key)


@pytest.mark.usefixtures("confined")
@pytest.mark.parametrize("mode", MODES)
async def test_calls_in_the_app(grid: Repo, mode: Mode) -> None:
    """Looking is free; a command and a question of the model come up where they must, no more."""
    looks = calling(*((name, arguments) for name, (arguments, _) in LOOKS.items()))
    provider = model(looks, calling(("run", RUN)), calling(("ask", ASK)), Scripted("Done.\n"))
    setup = Setup(mode=mode, exact_at_once=True)
    async with opened(grid, provider=provider, setup=setup) as run:
        await run.send("go")
        does = run_does(mode, confined=True)
        if does == "asks":
            await asked(run, RUN_NAMED, "1")
        await asked(run, ASK_NAMED, "2")
        await run.until(lambda: len(provider.asked) == 4 and not run.screen.pane.board.streaming)
    said = outputs(provider)
    assert said[: len(LOOKS)] == [output for _, output in LOOKS.values()]
    ran, chose = said[len(LOOKS) :]
    assert chose == "The person chose: right"
    assert ran == DENIED if does == "refused" else ran.startswith("exit code 0")
    assert (grid.root / "made.txt").exists() is (does != "refused")


@pytest.mark.parametrize("mode", MODES)
async def test_changes_in_the_app(grid: Repo, mode: Mode) -> None:
    """What is exact and has no finding is taken by two of the modes; the rest waits in each."""
    provider = model(calling(("apply_patch", ALL)))
    setup = Setup(mode=mode, exact_at_once=True, rules=RULES)
    async with opened(grid, provider=provider, setup=setup) as run:
        await run.send("go")
        await run.until(lambda: run.rested and len(run.states()) == 3)
        at_once = mode in ("auto-edit", "auto")
        if at_once:
            await run.until(lambda: run.states()["c1"] == "written")
        waits = {"c2": "placed", "c3": "placed"}
        assert run.states() == {"c1": "written" if at_once else "placed", **waits}
        assert grid.text("src/b.py") == f"VALUE = {3 if at_once else 2}\n"
        await run.press("Y")
        await run.pilot.pause()
        if mode == "read-only":
            assert set(run.states().values()) == {"placed"}
    assert grid.text("c.txt") == "first\nlast\n" or mode != "read-only"
    if mode == "read-only":
        assert grid.git("status", "--porcelain") == b""


@pytest.mark.usefixtures("confined")
async def test_two_commands_at_once_are_asked_about_one_by_one(grid: Repo) -> None:
    """Each with its own answer; the results keep their order, and a denial stops only its own."""
    three = calling(
        ("run", {"command": "echo one > 1"}), ("run", {"command": "mkdir two"}),
        ("run", {"command": "mkdir three"}), ("read", {"path": "src/b.py"}),
    )  # fmt: skip
    again = calling(("run", {"command": "mkdir four"}), ("run", {"command": "wc -l a.py"}))
    provider = model(three, again, Scripted("Done.\n"))
    async with opened(grid, provider=provider, setup=Setup()) as run:
        await run.send("go")
        await asked(run, "echo one > 1", "escape")
        await asked(run, "mkdir two", "2")
        await asked(run, "wc -l a.py", "3")
        await run.until(lambda: len(provider.asked) == 3 and not run.screen.pane.board.streaming)
        lines = [line for block in run.screen.prose.prose.blocks for line in block.lines]
        assert "This was not done: the person gave no answer; go on without it" in lines
    said = outputs(provider)
    assert said[0] == "This was not done: the person gave no answer; go on without it"
    assert [text.partition(" after")[0] for text in said[1:]] == [
        "exit code 0", "exit code 0", "1\tVALUE = 2", "exit code 0", "exit code 0",
    ]  # fmt: skip
    made = {path.name for path in grid.root.iterdir()}
    assert ({"two", "three", "four"} <= made, "1" in made) == (True, False)
    assert allowed.prefixes_in(grid.root) == {"wc"}


@pytest.mark.usefixtures("confined")
async def test_who_stops_a_turn_at_a_question_has_run_nothing(grid: Repo) -> None:
    provider = model(calling(("run", RUN), ("run", {"command": "mkdir two"})), Scripted("Done.\n"))
    async with opened(grid, provider=provider, setup=Setup()) as run:
        await run.send("go")
        await run.until(lambda: isinstance(run.app.screen, QuestionScreen))
        await run.press("ctrl+c")
        await run.until(lambda: not run.screen.pane.board.streaming)
        await run.until(lambda: run.app.screen is run.screen)
        await run.send("again")
        await run.until(lambda: len(provider.asked) == 2)
    assert outputs(provider) == ["The person stopped this before it was done."] * 2
    assert not {"made.txt", "two"} & {path.name for path in grid.root.iterdir()}


@pytest.mark.usefixtures("confined")
@pytest.mark.parametrize("mode", MODES)
def test_calls_and_changes_without_a_screen(grid: Repo, tmp_path: Path, mode: Mode) -> None:
    patch = call("apply_patch", {"input": ENVELOPE if mode == "review" else DIFF})
    changes = call("apply_patch", {"input": NOT_EXACT})
    answers = (call("run", RUN), call("ask", ASK), patch, changes, text("Done.\n"))
    options = ("--plain", "--approvals", mode, *script_of(tmp_path, *answers))
    does = run_does(mode, confined=True)
    at_once = mode in ("auto-edit", "auto")
    with Typist(options, grid.root) as person:
        person.answer("change? ", "go")
        if does == "asks":
            person.expect(RUN_NAMED)
            person.answer("none] ", "" if mode == "auto-edit" else "1")
        if does == "refused" or mode == "auto-edit":
            person.expect("the model was told: This was not done: ")
        person.expect(ASK_NAMED)
        person.answer("none] ", "2")
        if not at_once:
            assert "src/b.py" in person.answer("]? ", "y")
        if mode == "read-only":
            assert "this session is read-only" in person.answer("]? ", "n")
        person.answer("change? ", "more")
        assert "c.txt" in person.answer("]? ", "n")
        person.answer("change? ", "/quit")
        assert person.end().code == 0
    assert grid.text("src/b.py") == f"VALUE = {2 if mode == 'read-only' else 3}\n"
    assert grid.text("c.txt") == "first\nlast\n"
    assert (grid.root / "made.txt").exists() is (mode in ("review", "auto"))
    assert told(tmp_path)[1] == "The person chose: right"
