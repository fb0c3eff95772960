"""What the screen looks like, cell by cell, in a few states and in each theme.

A picture is a text file in `pictures/`: the rows of the screen; where colours matter, also the
letter of each cell's style and the list of those styles. After a wanted change of the looks write
them anew with `SPARK_PICTURES=write pytest tests/tui/test_pictures.py`, and look at the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style

from codexspark_tui.providers.scripted import Scripted
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, hunk, opened

WRITE = os.environ.get("SPARK_PICTURES") == "write"  # before the tests hide it
PICTURES = Path(__file__).with_name("pictures")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MIXED = (
    "The rates first.\n\n"
    + hunk("shop/prices.py", " line 4", "-line 5", "+line five", " line 6")
    + hunk("shop/prices.py", " line 20", "-line 21", "+line twenty-one", " line 22")
    + hunk("shop/tax.py", " same", "-other", "+OTHER")
    + "--- /dev/null\n+++ b/shop/new.py\n@@ -0,0 +1,2 @@\n+X = 1\n+Y = 2\n"
    + hunk("shop/none.py", "-nothing", "+something")
    + "\nThat is **all**:\n\n- one\n- `two`\n"
)


@asynccontextmanager
async def decided(shop: Repo, size: tuple[int, int]) -> AsyncGenerator[Running, None]:
    """One change accepted, one rejected, one ambiguous, a new file open, one without a place."""
    async with opened(shop, MIXED, size=size) as run:
        await run.send("make the rates clearer")
        await run.until(lambda: run.rested)
        await run.press("y")
        await run.until(lambda: "written" in run.states().values())
        await run.press("n")
        await run.until(lambda: "rejected" in run.states().values())
        await run.until(lambda: not run.screen.prose.prose.to_render())
        await settle(run)
        yield run


async def settle(run: Running) -> None:
    """Painted to the end, with a first token and a rate that are always the same."""
    await run.until(lambda: not run.app.screen._dirty_widgets and not run.screen.pane.rail._due)
    run.screen.status.status.first_token_ms = 12.0
    run.screen.status.status.tokens_per_s = 1000.0
    run.screen.status.status.whole_per_s = 900.0
    run.screen.status.refresh()
    await run.pilot.pause()


def rows(run: Running) -> list[list[Segment]]:
    strips = run.app.screen._compositor.render_strips()
    return [list(strip) for strip in strips[: run.app.size.height]]


def drawn(run: Running, *, colours: bool = False) -> str:
    """The screen as text, without times and rates and the folder of the test."""
    seen: dict[str, str] = {}
    lines, letters = [], []
    for row in rows(run):
        lines.append("".join(s.text for s in row).rstrip())
        letters.append("".join(_letter(s.style, seen) * len(s.text) for s in row))
    said = re.sub(r"^(\s*spark  )/?\S+$", r"\1…/repo", "\n".join(lines), flags=re.M) + "\n"
    if not colours:
        return said
    legend = [f"{letter} {style}" for style, letter in seen.items()]
    return "\n".join([said, *letters, "", *legend, ""])


def _letter(style: Style | None, seen: dict[str, str]) -> str:
    """Styles are lettered in the order of their first use."""
    return seen.setdefault(str(style or "none"), LETTERS[len(seen) % len(LETTERS)])


def check(name: str, picture: str) -> None:
    path = PICTURES / f"{name}.txt"
    if WRITE:
        PICTURES.mkdir(exist_ok=True)
        path.write_text(picture, "utf-8")
    assert picture == path.read_text("utf-8"), f"{path.name} is not what the screen shows"


@pytest.mark.parametrize("size", [(80, 24), (60, 20)], ids=str)
async def test_an_empty_screen_says_what_to_do(shop: Repo, size: tuple[int, int]) -> None:
    async with opened(shop, size=size) as run:
        await settle(run)
        check(f"empty-{size[0]}", drawn(run))


async def test_half_a_hunk_is_shown_while_it_is_written(shop: Repo) -> None:
    half = MIXED.index("twenty-one") + 4
    answer = Scripted(MIXED, chunk_chars=half, rate_tok_s=0.01)  # the rest never comes
    async with opened(shop, answer) as run:
        await run.send("make the rates clearer")
        await run.until(lambda: "writing" in run.states().values())
        await settle(run)
        check("half-a-hunk", drawn(run))


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (60, 20)], ids=str)
async def test_mixed_decisions(shop: Repo, size: tuple[int, int]) -> None:
    async with decided(shop, size) as run:
        check(f"mixed-{size[0]}", drawn(run))


async def test_an_ambiguous_hunk_shows_its_places(shop: Repo) -> None:
    async with opened(shop, hunk("shop/tax.py", "-same", "+changed")) as run:
        await run.send("change one of them")
        await run.until(lambda: "ambiguous" in run.states().values() and run.rested)
        await settle(run)
        check("ambiguous", drawn(run))


async def test_an_error_says_what_to_do_next(shop: Repo) -> None:
    answer = Scripted(TWO, cut_after=len(TWO) // 2, fail="network")
    async with opened(shop, answer) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.until(lambda: bool(run.screen.status.status.failed))
        await settle(run)
        check("error", drawn(run))


@pytest.mark.parametrize(
    "theme", ["spark-dark", "spark-light", "spark-contrast", "spark-colorblind"]
)
async def test_each_theme(shop: Repo, theme: str) -> None:
    async with decided(shop, (80, 24)) as run:
        run.screen.act("theme", theme)
        await run.until(lambda: run.app.theme == theme)
        await run.until(lambda: not run.screen.prose.prose.to_render())
        await settle(run)
        check(theme, drawn(run, colours=True))


async def test_help(shop: Repo) -> None:
    async with opened(shop, size=(80, 24)) as run:
        run.screen.act("help", "")
        await run.until(lambda: run.app.screen is not run.screen)
        await run.pilot.pause()
        check("help", drawn(run))
