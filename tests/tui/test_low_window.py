"""A low window: one pane has the room, the other one shows that it is there."""

from __future__ import annotations

import pytest

from codexspark_tui.tui.screens.help import help_text
from codexspark_tui.tui.widgets.key_bar import KeyBar
from tests.support.repo import Repo
from tests.tui.conftest import TWO, opened


async def test_the_pane_with_the_focus_has_the_room_and_tab_changes_it(shop: Repo) -> None:
    async with opened(shop, TWO, size=(60, 20)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        prose, pane = run.screen.prose, run.screen.pane
        await run.until(lambda: prose.size.height + 1 == 3 and pane.size.height > 10)
        run.screen.set_focus(prose)
        await run.until(lambda: pane.size.height == 3 and prose.size.height > 10)
        run.screen.set_focus(run.screen.prompt)
        await run.until(lambda: pane.size.height > 10)


async def test_a_window_that_grows_shows_both_again(shop: Repo) -> None:
    async with opened(shop, TWO, size=(60, 20)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        for size in ((60, 40), (160, 20), (160, 48)):
            await run.pilot.resize_terminal(*size)
            await run.until(
                lambda: min(run.screen.prose.size.height, run.screen.pane.size.height) > 4
            )


async def test_the_rail_has_its_files_when_it_gets_room_after_they_came(shop: Repo) -> None:
    async with opened(shop, TWO, size=(60, 30)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        rail = run.screen.pane.rail
        await run.until(lambda: rail._due is None)
        assert not rail.display
        await run.pilot.resize_terminal(140, 40)
        await run.until(lambda: bool(rail.size.height))
        await run.until(lambda: rail.row_count() == 1)


@pytest.mark.parametrize("width", [40, 52, 69, 70, 90, 120])
def test_the_help_fits_its_width_and_uses_it(width: int) -> None:
    rows = [row for row in help_text(width).plain.split("\n") if "/" not in row]
    assert max(map(len, rows)) <= width
    assert max(map(len, rows)) > width - 10


async def test_a_long_sentence_is_shown_to_its_end_where_the_keys_were(shop: Repo) -> None:
    async with opened(shop, TWO, size=(60, 20)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        bar = run.screen.query_one(KeyBar)
        await run.press("t")
        await run.until(lambda: bar.size.height == 2)
        said = " ".join(bar.render_line(y).text.strip() for y in range(2))
        assert said.startswith("no test command is set. Set test_command")
        assert said.endswith("SPARK_TEST_COMMAND.")
        await run.press("j")
        await run.until(lambda: bar.size.height == 1)
        assert bar.render_line(0).text.startswith(" y accept")
