"""With the mouse alone: every action of the list is reached by something that is to be seen."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from codexspark_tui.tui.action import Action
from codexspark_tui.tui.actions_list import ACTIONS
from codexspark_tui.tui.keymap import Keymap
from codexspark_tui.tui.registry import DEFAULT_KEYS
from codexspark_tui.tui.screens.menu import MenuScreen
from codexspark_tui.tui.widgets.diff_view import DiffView
from codexspark_tui.tui.widgets.key_bar import KeyBar
from codexspark_tui.tui.widgets.status_line import StatusLine
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, opened, rows

SIZES = [(60, 20), (100, 30)]


async def click_text(run: Running, kind: type[KeyBar | StatusLine], text: str) -> None:
    """Click a text of the key bar or the status line, where it is seen."""
    widget = run.screen.query_one(kind)
    shown = widget.render_line(0).text
    assert text in shown, shown
    assert await run.pilot.click(kind, offset=(shown.index(text) + 1, 0))
    await run.pilot.pause()


async def menu_of(run: Running) -> OptionList:
    """The entries of the menu, once they are to be seen."""
    await run.until(lambda: isinstance(run.app.screen, MenuScreen))
    await run.until(lambda: bool(run.app.screen.query(OptionList)))
    found = run.app.screen.query_one(OptionList)
    await run.until(lambda: found.size.height > 0)
    return found


async def choose(run: Running, action: Action) -> None:
    """In the menu: bring the entry into view as a wheel would, and click it."""
    menu = await menu_of(run)
    index = menu.get_option_index(action.name)
    menu.highlighted = index
    await run.pilot.pause()
    y = menu._index_to_line[index] - menu.scroll_offset.y
    assert 0 <= y < menu.size.height
    assert await run.pilot.click(OptionList, offset=(3, y))
    await run.pilot.pause()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "step", [pytest.param(30, id="some"), pytest.param(1, id="all", marks=pytest.mark.full)]
)
async def test_every_action_is_reached_by_a_click_on_the_menu_and_one_in_it(
    shop: Repo, size: tuple[int, int], step: int
) -> None:
    async with opened(shop, TWO, size=size) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await click_text(run, KeyBar, "menu")
        listed = {option.id for option in (await menu_of(run)).options if not option.disabled}
        assert listed == {action.name for action in ACTIONS}
        await run.press("escape")
        act, called = run.screen.act, list[str]()

        def noted(name: str, argument: str = "") -> None:
            if name == "menu" and not isinstance(run.app.screen, MenuScreen) and not called:
                called.append("opened")
                act(name, argument)
            else:
                called.append(name)

        run.screen.act = noted  # type: ignore[method-assign]  # looks on
        for action in ACTIONS[::step]:
            await click_text(run, KeyBar, "menu")
            await menu_of(run)
            await choose(run, action)
            await run.until(lambda: len(called) == 2)
            assert called == ["opened", action.name]
            called.clear()


async def test_every_action_is_in_the_palette_which_a_click_opens(shop: Repo) -> None:
    async with opened(shop, size=(140, 30)) as run:
        offered = {c.title.split("  · ")[0] for c in run.app.get_system_commands(run.screen)}
        assert offered == {action.title for action in ACTIONS}
        await click_text(run, KeyBar, "commands")
        await run.until(lambda: isinstance(run.app.screen, CommandPalette))


async def test_the_menu_is_there_without_a_key_and_in_every_pane(shop: Repo) -> None:
    keys = Keymap({**DEFAULT_KEYS, "menu": ()})
    async with opened(shop, TWO, size=(60, 20), keymap=keys) as run:
        await click_text(run, KeyBar, "≡")
        await run.until(lambda: isinstance(run.app.screen, MenuScreen))
        await run.press("escape")
        await run.send("go")
        await run.until(lambda: run.rested)
        assert isinstance(run.screen.focused, DiffView)
        await click_text(run, KeyBar, "≡")
        await run.until(lambda: isinstance(run.app.screen, MenuScreen))


async def test_the_head_of_a_change_and_the_right_button_open_the_menu(shop: Repo) -> None:
    async with opened(shop, TWO, size=(100, 30)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        diff = run.screen.pane.diff
        shown = rows(diff)
        at = next(y for y, row in enumerate(shown) if "≡" in row)
        top = diff.styles.gutter.top
        assert await run.pilot.click(DiffView, offset=(shown[at].index("≡"), at + top))
        await run.until(lambda: isinstance(run.app.screen, MenuScreen))
        await choose(run, next(a for a in ACTIONS if a.name == "fold"))
        await run.until(lambda: run.app.screen is run.screen)
        assert all(group.folded for group in run.screen.pane.rows.groups.values())
        await run.press("z")
        at = next(y for y, row in enumerate(rows(diff)) if "line 30" in row)
        assert await run.pilot.click(DiffView, offset=(20, at + top), button=3)
        await run.until(lambda: isinstance(run.app.screen, MenuScreen))
        assert run.screen.pane.control.cursor == "c2"
        await choose(run, next(a for a in ACTIONS if a.name == "accept"))
        await run.until(lambda: "written" in run.states().values())
        assert "LINE 30" in shop.text("shop/prices.py")


async def test_cells_of_the_status_line_do_what_they_say(shop: Repo) -> None:
    async with opened(shop, TWO, size=(100, 30)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        before = run.screen.pane.control.cursor
        await run.until(lambda: "2 open" in run.screen.status.render_line(0).text)
        await click_text(run, StatusLine, "2 open")
        await run.until(lambda: run.screen.pane.control.cursor != before)


async def test_a_command_that_needs_a_word_waits_for_it_in_the_prompt(shop: Repo) -> None:
    async with opened(shop) as run:
        run.screen.act("export")
        assert run.screen.prompt.text == "/export "
        assert run.screen.focused is run.screen.prompt
        run.screen.act("send")
        await run.until(lambda: run.screen.prompt.text == "/export ")
        run.screen.prompt.put("half a thought")
        run.screen.act("pin")
        assert run.screen.prompt.text == "half a thought"
