"""Few repaints where motion is to be reduced, nothing that blinks, and a lag that is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise

from textual.command import CommandPalette
from textual.screen import Screen
from textual.widgets import Input

from codexspark_tui.config import load
from codexspark_tui.providers.scripted import Scripted
from codexspark_tui.tui.bridge import CALM_S
from codexspark_tui.tui.lag import BAD_S, EACH_S, PaintLag
from codexspark_tui.tui.launch import Wishes
from codexspark_tui.tui.review_pane import ReviewPane
from codexspark_tui.tui.widgets.prose_view import ProseView
from tests.support.repo import Repo
from tests.tui.conftest import TWO, opened, painted

LONG = Scripted(TWO + "words and words\n" * 300, rate_tok_s=1000.0)


async def test_reduced_motion_repaints_seldom_and_shows_the_same(shop: Repo) -> None:
    async with opened(shop, LONG, calm=True) as run:
        at: list[float] = []
        post = run.screen.prose.post_message

        def noted(message: ProseView.Arrived) -> bool:
            if isinstance(message, ProseView.Arrived):
                at.append(time.monotonic())
            return post(message)

        run.screen.prose.post_message = noted  # type: ignore[assignment, method-assign]  # looks on
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.until(lambda: "words and words" in painted(run.app))
        assert run.screen.status.calm
    assert len(at) > 2
    assert [b - a for a, b in pairwise(at) if b - a < CALM_S * 0.9] == []


async def test_nothing_blinks(shop: Repo) -> None:
    async with opened(shop) as run:
        assert not run.screen.prompt.cursor_blink
        for open_it in ("search", "palette", "sessions"):
            run.screen.act(open_it)
            await run.until(lambda: run.app.screen is not run.screen)
            await run.until(lambda: still(run.app.screen))
            was_palette = isinstance(run.app.screen, CommandPalette)
            assert was_palette == (open_it == "palette")
            await run.press("escape")
            await run.until(lambda: run.app.screen is run.screen)


def test_it_is_asked_for_by_a_setting_or_as_textual_has_it() -> None:
    asked = [load(environment={"SPARK_REDUCED_MOTION": value}) for value in ("1", "0")]
    assert [Wishes.of(config).calm for config in asked] == [True, False]


async def test_a_paint_that_comes_late_is_told_in_the_status_line(shop: Repo) -> None:
    slow = Scripted(TWO + "words\n" * 4000, rate_tok_s=150.0)
    async with opened(shop, slow, tells_lag=True) as run:
        await run.send("go")
        await run.until(lambda: run.screen.pane.board.streaming)
        pane = run.screen.query_one(ReviewPane)
        busy_until = time.monotonic() + EACH_S + 2 * BAD_S
        pane.call_next(lambda: _busy(busy_until))
        await run.until(lambda: "paint lag" in painted(run.app))
        run.screen.stop()
        await run.until(lambda: not run.screen.pane.board.streaming)
        await run.until(lambda: "paint lag" not in painted(run.app))


def still(screen: Screen[object]) -> bool:
    """Whether it has a line to type in that does not blink."""
    lines = screen.query(Input)
    return bool(lines) and not any(line.cursor_blink for line in lines)


def _busy(until_s: float) -> None:
    """The loop does nothing else."""
    while time.monotonic() < until_s:
        continue


async def test_the_lag_is_that_of_the_paint_and_nothing_wakes_up_at_rest() -> None:
    told: list[float] = []
    paints: list[Callable[[], None]] = []
    lag = PaintLag(paints.append, told.append)
    lag.since(time.monotonic())
    lag.since(time.monotonic() - 5)  # one at a time
    assert len(paints) == 1
    paints.pop()()
    lag.since(time.monotonic() - 0.3)
    paints.pop()()
    assert told[0] == 0.0
    assert 0.3 <= told[1] < 0.5
    loop = asyncio.get_running_loop()
    assert not [h for h in loop._scheduled if not h.cancelled()]  # type: ignore[attr-defined]  # asyncio's timers
    lag.since(time.monotonic() - 5)  # a key that opened an editor
    lag.resumed(None)
    paints.pop()()
    assert told[-1] == 0.0
    lag.streaming(True)
    lag.streaming(False)
    assert told[-1] == 0.0
    assert not [h for h in loop._scheduled if not h.cancelled()]  # type: ignore[attr-defined]  # asyncio's timers
