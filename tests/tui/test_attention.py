"""Who has the keys when the first change or a question comes up: with a clock that is handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from codexspark_tui.providers.scripted import Scripted
from codexspark_tui.tui.attention import MOMENT_S
from codexspark_tui.tui.screens.question import QuestionScreen
from codexspark_tui.tui.widgets.diff_view import DiffView
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, opened, painted

ASKING = Scripted(ask="Which one?", options=("this", "that"))


@dataclass
class Clock:
    """Nothing happens until `pass_moment`."""

    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self.waiting.append((seconds, act))

    def pass_moment(self) -> None:
        due, self.waiting = self.waiting, []
        for seconds, act in due:
            assert seconds == MOMENT_S
            act()


async def shown(run: Running, clock: Clock) -> None:
    """The changes are there, the moment has not passed."""
    await run.send("go")
    await run.until(lambda: run.rested and bool(clock.waiting))
    await run.until(lambda: "accept  " in painted(run.app))


async def test_the_changes_take_the_keys_a_moment_after_they_were_shown(shop: Repo) -> None:
    clock = Clock()
    async with opened(shop, TWO, later=clock.later) as run:
        await shown(run, clock)
        assert "y accept" not in painted(run.app)
        clock.pass_moment()
        await run.until(lambda: painted(run.app).count("y accept") == 2)  # at the change, key bar
        await run.press("y")
        await run.until(lambda: "written" in run.states().values())


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (300, 100)], ids=str)
async def test_rows_fit_their_pane_whoever_has_the_keys(shop: Repo, size: tuple[int, int]) -> None:
    clock = Clock()
    async with opened(shop, TWO, size=size, later=clock.later) as run:
        await shown(run, clock)
        diff, prose = run.screen.pane.diff, run.screen.prose
        await run.until(lambda: diff.rows.width == diff.row_width)
        await run.until(lambda: prose.prose.width == prose.row_width - 2)


async def test_a_key_of_the_moment_in_which_a_change_appears_is_the_prompts(shop: Repo) -> None:
    clock = Clock()
    async with opened(shop, TWO, later=clock.later) as run:
        await shown(run, clock)
        await run.press("y")
        clock.pass_moment()
        await run.press("e", "s")
        assert (run.screen.prompt.text, run.app.focused) == ("yes", run.screen.prompt)
        assert set(run.states().values()) == {"placed"}
        await run.press("escape", "y")
        await run.until(lambda: "written" in run.states().values())
        assert run.screen.prompt.text == "yes"


@pytest.mark.parametrize("keys", [("a", "backspace"), ("up", "down"), ("a", "ctrl+c")], ids=str)
async def test_who_was_at_work_in_the_prompt_stays_there(shop: Repo, keys: tuple[str, ...]) -> None:
    """Also when it is empty again: the next letter is the beginning of something."""
    clock = Clock()
    async with opened(shop, TWO, later=clock.later) as run:
        await run.send("go")
        await run.press(*keys)
        await run.until(lambda: run.rested)
        clock.pass_moment()
        assert (run.screen.prompt.text, run.app.focused) == ("", run.screen.prompt)


async def test_who_reads_the_answer_goes_on_reading(shop: Repo) -> None:
    clock = Clock()
    async with opened(shop, TWO, later=clock.later) as run:
        await shown(run, clock)
        run.screen.set_focus(run.screen.prose)
        clock.pass_moment()
        await run.pilot.pause()
        assert run.app.focused is run.screen.prose


async def test_after_the_next_prompt_the_changes_take_the_keys_again(shop: Repo) -> None:
    clock = Clock()
    async with opened(shop, TWO, TWO, later=clock.later) as run:
        await run.send("go")
        await run.press("a", "backspace")
        await run.until(lambda: run.rested)
        await run.press("g", "o", "enter", "y")
        await run.until(lambda: run.screen.pane.board.turn == 2 and run.rested)
        await run.until(lambda: bool(clock.waiting))
        clock.pass_moment()
        await run.until(lambda: isinstance(run.app.focused, DiffView))


async def test_the_moment_of_one_turn_is_not_that_of_the_next(shop: Repo) -> None:
    clock = Clock()
    async with opened(shop, TWO, "Nothing to change.", later=clock.later) as run:
        await shown(run, clock)
        await run.press("g", "o", "enter", "y")
        await run.until(lambda: run.screen.pane.board.turn == 2 and run.rested)
        clock.pass_moment()
        assert run.app.focused is run.screen.prompt


async def test_a_question_is_not_answered_by_a_key_that_was_not_meant_for_it(shop: Repo) -> None:
    clock = Clock()
    async with opened(shop, ASKING, Scripted("Done."), later=clock.later) as run:
        await run.send("go")
        await run.until(lambda: bool(clock.waiting))
        assert run.app.screen is run.screen
        clock.pass_moment()
        await run.until(lambda: isinstance(run.app.screen, QuestionScreen))
        await run.until(lambda: bool(clock.waiting))
        await run.press("enter", "1", "n")
        assert isinstance(run.app.screen, QuestionScreen)
        clock.pass_moment()
        await run.press("2")
        await run.until(lambda: run.app.screen is run.screen)
        assert run.screen.prompt.text == "n"


async def test_a_question_waits_for_who_types(shop: Repo) -> None:
    clock = Clock()
    async with opened(shop, ASKING, Scripted("Done."), later=clock.later) as run:
        await run.send("go")
        await run.until(lambda: bool(clock.waiting))
        await run.press("x", "backspace")
        clock.pass_moment()
        await run.until(lambda: "A question waits" in painted(run.app))
        assert run.app.screen is run.screen
        await run.press("escape")
        await run.until(lambda: isinstance(run.app.screen, QuestionScreen))
