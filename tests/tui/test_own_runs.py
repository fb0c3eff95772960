"""Commands that the person types in the app: seen while they run, and stopped alone."""

from __future__ import annotations

import pytest

from codexspark_tui.sandbox import probe
from codexspark_tui.session.models import Setup
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, opened, painted
from tests.tui.test_grid import calling, model


@pytest.fixture(autouse=True)
def confined() -> None:
    if not probe().confines:
        pytest.skip("nothing confines a command here")


def last_row_but_one(run: Running) -> str:
    return run.screen.status.render_line(0).text


@pytest.mark.parametrize("how", ["escape", "ctrl+c", "/stop"])
@pytest.mark.parametrize("where", ["prompt", "changes"])
async def test_a_command_is_shown_while_it_runs_and_stopped_alone(
    shop: Repo, how: str, where: str
) -> None:
    async with opened(shop, TWO, size=(80, 24)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.send("!sleep 304")
        await run.until(lambda: "$ sleep 304 · esc stops" in painted(run.app))
        await run.send("!echo $((1 + 1))nd")
        waits = "$ echo $((1 + 1))nd waits until the command that runs has ended"
        await run.until(
            lambda: any(waits in "".join(b.lines) for b in run.screen.prose.prose.blocks)
        )
        if where == "changes":
            run.screen.set_focus(run.screen.pane.diff)
        if how == "/stop":
            await run.send(how)
        else:
            run.screen.prompt.put("half a thought")
            await run.press(how)
            assert run.screen.prompt.text == "half a thought"
        await run.until(lambda: "2nd" in str([b.lines for b in run.screen.prose.prose.blocks]))
        await run.until(lambda: "esc stops" not in painted(run.app))
        said = [line for block in run.screen.prose.prose.blocks for line in block.lines]
        assert any(line.startswith("you stopped it after ") for line in said)
        assert any(line.startswith("exit 0 after ") for line in said)
        assert set(run.states().values()) == {"placed"}


async def test_a_command_of_the_model_is_shown_and_ends_with_the_answer(shop: Repo) -> None:
    provider = model(calling(("run", {"command": "sleep 305"})), calling())
    async with opened(shop, provider=provider, setup=Setup(mode="auto")) as run:
        await run.send("go")
        await run.until(lambda: "● $ sleep 305 · esc stops the answer" in painted(run.app))
        await run.press("escape")
        await run.until(lambda: not run.screen.pane.board.streaming)
        await run.until(lambda: "sleep 305 ·" not in painted(run.app))


async def test_a_long_command_leaves_room_to_say_how_it_is_stopped(shop: Repo) -> None:
    async with opened(shop, size=(50, 20)) as run:
        await run.send("!true \x1b[2J; sleep 300; " + "echo words " * 40)
        await run.until(lambda: run.screen.runs.going)
        await run.until(lambda: "esc stops" in last_row_but_one(run))
        assert last_row_but_one(run).startswith(" $ true")
        await run.press("escape")
        await run.until(lambda: not run.screen.runs.going)


async def test_silent_tests_are_shown_while_they_run(shop: Repo) -> None:
    async with opened(shop, TWO, size=(80, 24), test_command="sleep 60") as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y", "y", "t")
        await run.until(lambda: "the tests are running · esc stops" in last_row_but_one(run))
        await run.press("escape")
        await run.until(lambda: "tests" not in last_row_but_one(run))


async def test_ctrl_c_at_rest_says_how_to_leave_and_ctrl_q_leaves_as_q_does(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        run.screen.set_focus(run.screen.pane.diff)
        await run.press("ctrl+c")
        said = [note.message for note in run.app._notifications]
        assert said == ["q in the changes, ctrl+d or /quit leaves."]
        await run.press("ctrl+q")
        await run.until(lambda: "Leave with 2 undecided changes?" in painted(run.app))
