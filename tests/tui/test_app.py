"""The app on a real repository and session: messages and keys in, then state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
from textual.events import Key
from textual.widgets import Input

from codexspark_tui.codemods.model import Understood
from codexspark_tui.codemods.sentences import understand
from codexspark_tui.config import load
from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    ModelEvent,
    Opened,
    Request,
    TextDelta,
    Unconnected,
)
from codexspark_tui.providers.scripted import Scripted
from codexspark_tui.tui.app import SparkApp
from codexspark_tui.tui.model.pasted import Entry
from codexspark_tui.tui.notes import Draft, History
from codexspark_tui.tui.screens.ask import AskScreen
from codexspark_tui.tui.screens.confirm import ConfirmScreen
from codexspark_tui.tui.screens.help import HelpScreen
from codexspark_tui.tui.screens.theme import ThemeScreen
from codexspark_tui.tui.widgets.diff_view import DiffView
from codexspark_tui.tui.widgets.key_bar import KeyBar
from codexspark_tui.tui.widgets.welcome import OF_CODEMODS
from tests.support.repo import Repo
from tests.tui.conftest import TWO, hunk, opened, painted, rows


@dataclass
class Held(Unconnected):
    """A provider that says a piece each time it is let go on."""

    pieces: list[str]
    name: str = "held"
    capabilities: Capabilities = field(default_factory=Capabilities)
    go: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        yield Opened("by hand", "held")
        for piece in self.pieces:
            await self.go.acquire()
            yield TextDelta(piece)
        await self.go.acquire()
        yield Ended("stop")


async def test_a_change_is_on_disk_while_the_next_one_is_being_written(shop: Repo) -> None:
    first = hunk("shop/prices.py", " line 4", "-line 5", "+LINE 5", " line 6")
    held = Held([first + "--- a/shop/tax.py\n+++ b/shop/tax.py\n@@ @@\n rate = 1\n", "-rate = 2\n"])
    async with opened(shop, provider=held) as run:
        await run.send("go")
        held.go.release()
        await run.until(lambda: run.states() == {"c1": "placed", "c2": "writing"})
        await run.press("y")
        await run.until(lambda: run.states() == {"c1": "written", "c2": "writing"})
        assert "LINE 5\n" in shop.text("shop/prices.py")
        held.go.release()
        held.go.release()
        await run.until(lambda: run.rested)
        assert run.screen.pane.control.cursor == "c2"
        await run.press("y")
        await run.until(lambda: not run.screen.pane.board.running)
    assert shop.text("shop/tax.py") == "rate = 1\nsame\nother\nsame\nother\n"


async def test_typing_is_never_interrupted_by_changes_that_arrive(shop: Repo) -> None:
    held = Held([TWO])
    async with opened(shop, provider=held) as run:
        await run.send("go")
        await run.press("n", "e", "x", "t")
        held.go.release()
        held.go.release()
        await run.until(lambda: run.rested)
        await run.press("y")
        assert (run.app.focused, run.screen.prompt.text) == (run.screen.prompt, "nexty")
        assert set(run.states().values()) == {"placed"}


async def test_the_changes_have_the_keys_when_nothing_is_typed(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        assert isinstance(run.app.focused, DiffView)
        await run.press("y", "n")
        await run.until(lambda: run.states() == {"c1": "written", "c2": "rejected"})
    assert "LINE 5\n" in shop.text("shop/prices.py")
    assert "LINE 30" not in shop.text("shop/prices.py")


async def test_a_rejection_keeps_its_reason(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("c")
        assert isinstance(run.app.screen, AskScreen)
        run.app.screen.query_one(Input).value = "too [bold]loud[/]"
        await run.press("enter")
        await run.until(lambda: run.states()["c1"] == "rejected")
        await run.press("K")
        assert "because: too [bold]loud[/]" in "\n".join(rows(run.screen.pane.diff))


async def test_undo_and_redo_of_what_was_written(shop: Repo) -> None:
    before = shop.text("shop/prices.py")
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y", "y")
        await run.until(lambda: not run.screen.pane.board.running)
        after = shop.text("shop/prices.py")
        await run.press("u")
        await run.until(lambda: "undone" in run.states().values())
        await run.press("u")
        await run.until(lambda: set(run.states().values()) == {"undone"})
        assert shop.text("shop/prices.py") == before
        await run.press("U", "U")
        await run.until(lambda: set(run.states().values()) == {"written"})
        assert shop.text("shop/prices.py") == after


async def test_an_ambiguous_change_is_placed_by_its_number(shop: Repo) -> None:
    answer = hunk("shop/tax.py", "-same", "+SAME")
    async with opened(shop, answer) as run:
        await run.send("go")
        await run.until(lambda: run.states() == {"c1": "ambiguous"})
        assert "  1  put it at line 3" in "\n".join(rows(run.screen.pane.diff))
        await run.press("y")
        assert run.states() == {"c1": "ambiguous"}
        await run.press("2")
        await run.until(lambda: run.states() == {"c1": "placed"})
        await run.press("y")
        await run.until(lambda: run.states() == {"c1": "written"})
    assert shop.text("shop/tax.py") == "rate = 1\nrate = 2\nsame\nother\nSAME\nother\n"


async def test_accepting_everything_says_what_was_never_on_screen(shop: Repo) -> None:
    far = "".join(
        hunk("shop/prices.py", f"-line {n}", f"+LINE {n}", *[f"+more {n}.{i}" for i in range(30)])
        for n in (5, 15, 25)
    )
    async with opened(shop, far) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("A")
        assert isinstance(run.app.screen, ConfirmScreen)
        assert "2 of them were never on screen." in painted(run.app)
        await run.press("n")
        assert set(run.states().values()) == {"placed"}
        await run.press("A", "y")
        await run.until(lambda: set(run.states().values()) == {"written"})


async def test_escape_stops_the_stream_and_keeps_complete_changes(shop: Repo) -> None:
    first = hunk("shop/prices.py", " line 4", "-line 5", "+LINE 5", " line 6")
    held = Held([first + "--- a/shop/tax.py\n+++ b/shop/tax.py\n@@ @@\n rate = 1\n", "never"])
    async with opened(shop, provider=held) as run:
        await run.send("go")
        held.go.release()
        await run.until(lambda: len(run.states()) == 2)
        await run.press("escape")
        await run.until(lambda: run.rested)
        assert run.states() == {"c1": "placed", "c2": "refused"}


async def test_leaving_asks_only_when_something_is_undecided(shop: Repo) -> None:
    async with opened(shop, TWO, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("q")
        assert isinstance(run.app.screen, ConfirmScreen)
        await run.press("escape")
        await run.press("n", "n")
        await run.until(lambda: not run.screen.pane.board.running)
        await run.press("q")
        await run.until(lambda: run.app._exit)


async def test_a_click_selects_a_change_and_its_buttons_decide(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        diff = run.screen.pane.diff
        top = diff.rows.top_of("c2")
        assert top is not None
        await run.pilot.click(diff, offset=(12, top + 3 - diff.top))
        assert run.screen.pane.control.cursor == "c2"
        head = diff.render_line(top - diff.top).text
        await run.pilot.click(diff, offset=(head.index(" n reject ") + 2, top + 1 - diff.top))
        await run.until(lambda: run.states()["c2"] == "rejected")
        bar = run.screen.query_one(KeyBar)
        at = bar.render_line(0).text.index("help")
        await run.pilot.click(bar, offset=(at, 0))
        await run.until(lambda: isinstance(run.app.screen, HelpScreen))


async def test_commands_do_what_keys_do(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.send("/reject")
        await run.until(lambda: run.states()["c1"] == "rejected")
        await run.send("/reason not now")
        await run.until(lambda: run.states()["c2"] == "rejected")
        assert run.screen.pane.board.items["c2"].reason == "not now"
        await run.send("/nonsense")
        assert run.screen.prompt.text == "/nonsense"
        await run.send("/theme spark-light")
        assert run.app.theme == "spark-light"
        assert load(environment={}).text("theme") == "spark-light"
        await run.send("/theme none")
        assert run.app.theme == "spark-light"


async def test_themes_are_shown_live_and_going_back_restores_the_one_before(shop: Repo) -> None:
    async with opened(shop) as run:
        before = run.app.theme
        await run.send("/theme")
        await run.until(lambda: isinstance(run.app.screen, ThemeScreen))
        await run.press("down")
        assert run.app.theme != before
        await run.press("escape")
        assert run.app.theme == before


async def test_prompts_are_kept_and_come_back(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        prompt = run.screen.prompt
        prompt.put("half a thought")
        await run.press("ctrl+c")
        assert prompt.text == ""
        await run.press("up")
        assert prompt.text == "half a thought"
        await run.press("down", "a", "ctrl+j", "b")
        assert prompt.text == "a\nb"
        await run.press("up", "up")
        assert prompt.text == "half a thought"
        await run.press("down")
        assert prompt.text == "a\nb"
    assert History.load(shop.root).entries == [Entry("half a thought")]


async def test_a_draft_is_saved_and_comes_back(shop: Repo) -> None:
    async with opened(shop) as run:
        run.screen.prompt.put("never lose\nthis")
        await run.until(lambda: Draft.load(shop.root).saved == Entry("never lose\nthis"))
    async with opened(shop, TWO) as run:
        assert run.screen.prompt.text == "never lose\nthis"
        await run.press("enter")
        assert Draft.load(shop.root).saved == Entry()


async def test_a_failure_is_told_with_what_was_complete_before_it(shop: Repo) -> None:
    async with opened(shop, Scripted(TWO, cut_after=len(TWO) - 60, fail="network")) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        assert "the script plays a lost connection" in painted(run.app)
        assert run.states()["c1"] == "placed"


async def test_hostile_text_is_neither_markup_nor_control(shop: Repo) -> None:
    evil = "\x1b[31mred\x1b]0;title\x07 [bold red]x[/] [@click=app.quit]y[/] \u202egnp"
    answer = f"{evil}\n\n" + hunk("shop/prices.py", " line 4", f"+{evil}", " line 5")
    answer += f"--- /dev/null\n+++ b/new [red]{evil[:4]}.py\n@@ -0,0 +1 @@\n+x\n"
    async with opened(shop, answer, size=(120, 40)) as run:
        await run.send(evil)
        await run.until(lambda: run.rested)
        screen = painted(run.app)
        assert "[bold red]x[/] [@click=app.quit]y[/]" in screen
        assert not [c for c in screen if (ord(c) < 32 and c != "\n") or c in "\u202e\x7f\x9b"]


async def test_it_works_from_60_columns_to_300_and_through_a_resize_in_mid_stream(
    shop: Repo,
) -> None:
    first = hunk("shop/prices.py", " line 4", "-line 5", "+LINE 5" + "x" * 5000, " line 6")
    held = Held([first, "and some prose\n"])
    async with opened(shop, provider=held, size=(60, 20)) as run:
        await run.send("go")
        held.go.release()
        await run.until(lambda: "c1" in run.states())
        for size in ((300, 100), (80, 24), (60, 20), (30, 8), (160, 48)):
            await run.pilot.resize_terminal(*size)
            await run.pilot.pause()
            assert all(len(line) <= size[0] for line in painted(run.app).splitlines())
        held.go.release()
        held.go.release()
        await run.until(lambda: run.rested)
        assert "…" in "\n".join(rows(run.screen.pane.diff))
        await run.press("y")
        await run.until(lambda: run.states() == {"c1": "written"})
    assert "LINE 5" + "x" * 5000 in shop.text("shop/prices.py")


async def test_prose_is_markdown_once_the_stream_rests(shop: Repo) -> None:
    async with opened(shop, "# Title\n\nSome **bold** `code`.\n\n" + TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.until(lambda: not run.screen.prose.prose.to_render())
        shown = "\n".join(rows(run.screen.prose))
        assert "That is all." in shown
        assert "**" not in shown


async def test_a_fault_of_ours_ends_the_app_and_leaves_no_traceback_on_the_screen(
    shop: Repo,
) -> None:
    fault = ValueError("nobody foresaw it")
    apps: list[SparkApp] = []

    async def broken() -> None:
        async with opened(shop) as run:
            apps.append(run.app)
            run.app.call_later(_fail, fault)
            await run.until(lambda: run.app.crash is not None)

    with pytest.raises(ValueError, match="nobody foresaw it"):
        await broken()
    (app,) = apps
    assert app.crash is fault
    assert app._exit_renderables == []


def _fail(fault: Exception) -> None:
    raise fault


async def test_a_new_prompt_rejects_what_is_open_only_after_asking(shop: Repo) -> None:
    async with opened(shop, TWO, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y")
        await run.until(lambda: run.states() == {"c1": "written", "c2": "placed"})
        await run.send("next")
        assert isinstance(run.app.screen, ConfirmScreen)
        assert "Go on without 1 undecided change?" in painted(run.app)
        await run.press("n")
        assert (run.screen.prompt.text, run.states()["c2"]) == ("next", "placed")
        await run.press("enter", "y")
        await run.until(lambda: run.screen.pane.board.turn == 2 and run.rested)
        assert list(run.states().values())[:2] == ["written", "rejected"]
        assert run.screen.prompt.text == ""


async def test_a_prompt_that_cannot_be_sent_stays_where_it_was_typed(shop: Repo) -> None:
    held = Held([TWO])
    async with opened(shop, provider=held) as run:
        await run.send("go")
        await run.until(lambda: run.screen.pane.board.streaming)
        await run.send("too early")
        await run.until(lambda: run.screen.prompt.text == "too early")
        await run.send("/nonsense")
        await run.until(lambda: run.screen.prompt.text == "/nonsense")


async def test_what_is_typed_behind_a_key_goes_where_that_key_led(shop: Repo) -> None:
    """Also when all of it comes in one piece, as over a slow line."""
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        for key in "inext":
            run.app.post_message(Key(key, key))
        await run.until(lambda: run.screen.prompt.text == "next")
        assert set(run.states().values()) == {"placed"}
        run.screen.set_focus(run.screen.pane.diff)
        for key in "cnay":
            run.app.post_message(Key(key, key))
        await run.until(lambda: isinstance(run.app.screen, AskScreen))
        await run.until(lambda: run.app.screen.query_one(Input).value == "nay")
        assert set(run.states().values()) == {"placed"}


@pytest.mark.parametrize("example", OF_CODEMODS)
def test_the_examples_of_the_first_screen_are_understood(example: str) -> None:
    assert isinstance(understand(example), Understood)


async def test_what_is_said_in_passing_leaves_with_the_next_key(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        bar = run.screen.query_one(KeyBar)
        await run.press("U")
        assert bar.render_line(0).text.strip() == "nothing of this session is undone"
        await run.press("j")
        assert bar.render_line(0).text.startswith(" y accept")
