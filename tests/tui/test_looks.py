"""What a person sees at every size: nothing cut off that is needed, no room given away."""

from __future__ import annotations

import pytest
from rich.style import Style

from codexspark_tui.tui.highlight import SYNTAX
from codexspark_tui.tui.markdown import markdown_rows
from codexspark_tui.tui.model.cells import ended
from tests.support.repo import Repo
from tests.tui.conftest import TWO, hunk, opened, painted, rows

LONG_PATH = "shop/checkout/international/cards.py"


def sides(shown: list[str]) -> bool:
    """Whether old and new stand in one row."""
    return any("line 5" in row and "LINE 5" in row for row in shown)


@pytest.mark.parametrize(
    ("width", "asked", "beside", "rail"),
    [
        (80, True, False, False),  # no room
        (100, True, True, False),  # the rail gives way
        (160, True, True, False),
        (160, False, False, True),
        (300, False, True, True),  # by itself
        (300, True, False, True),
    ],
)
async def test_two_sides_where_there_is_room(
    shop: Repo, width: int, asked: bool, beside: bool, rail: bool
) -> None:
    async with opened(shop, TWO, size=(width, 48)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        if asked:
            await run.press("vertical_line")
        diff, pane = run.screen.pane.diff, run.screen.pane
        await run.until(lambda: sides(rows(diff)) == beside)
        assert pane.rail.display == rail
        if not beside and asked and width == 80:
            assert "no room for two sides" in painted(run.app)


async def test_the_pane_names_the_file_of_the_cursor(shop: Repo) -> None:
    async with opened(shop, TWO + hunk("shop/tax.py", "-rate = 2", "+rate = 3")) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.until(lambda: "─ changes in 2 files · shop/prices.py ─" in painted(run.app))
        await run.press("G")
        await run.until(lambda: "─ changes in 2 files · shop/tax.py ─" in painted(run.app))


async def test_a_folded_file_shows_that_the_cursor_is_on_it(shop: Repo) -> None:
    async with opened(shop, TWO + hunk("shop/tax.py", "-rate = 2", "+rate = 3")) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("Z")
        folded = [row for row in rows(run.screen.pane.diff) if "▸" in row]
        assert [row[0] for row in folded] == ["▌", " "]


@pytest.mark.parametrize("name", ["settings", "menu", "theme"])
@pytest.mark.parametrize("size", [(60, 20), (300, 100)], ids=str)
async def test_a_dialog_with_a_list_always_says_how_to_leave_it(
    shop: Repo, name: str, size: tuple[int, int]
) -> None:
    async with opened(shop, size=size) as run:
        run.screen.act(name, "")
        await run.until(lambda: run.app.screen is not run.screen)
        await run.until(lambda: "esc goes back" in painted(run.app))


async def test_the_palette_shows_every_word_of_the_help(shop: Repo) -> None:
    async with opened(shop, size=(120, 40)) as run:
        run.screen.act("palette", "")
        await run.until(lambda: run.app.screen is not run.screen)
        await run.pilot.press(*"heavy")
        await run.until(lambda: "([loop] heavy)" in painted(run.app))


async def test_a_head_without_room_leaves_out_whole_parts(shop: Repo) -> None:
    patch = hunk("shop/prices.py", " line 29", "-line 30", "+LINE 30", header="@@ -12,2 +12,2 @@")
    async with opened(shop, patch, size=(60, 20)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.until(lambda: "open, moved" in painted(run.app))
        (head,) = (row for row in rows(run.screen.pane.diff) if "open, moved" in row)
        assert head.startswith("▌○ open, moved +17  line 29  ") or "…" not in head
        assert "  y accept   n reject" in head


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("whole", 5, "whole"), ("too long", 5, "too…"), ("日本語", 5, "日本…"), ("x", 0, "")],
)
def test_a_sentence_is_cut_at_its_end(text: str, width: int, shown: str) -> None:
    assert ended(text, width) == shown


def test_code_in_prose_has_the_colours_of_the_theme_and_headings_stand_at_the_left() -> None:
    page, code = Style(bgcolor="#000000"), Style(color="#eeeeee", bgcolor="#111111")
    keyword = Style(color="#ff0000")
    plain = {f"code.{role}": Style() for role in SYNTAX}
    styles = {"markdown.text": page, "code": code, **plain, "code.keyword": keyword}
    text = "# Title\n```python\ndef f(): return 1\n```\n"
    shown = markdown_rows(text, 30, styles)
    assert "".join(s.text for s in shown[0]).rstrip() == "Title"
    (word,) = (s for row in shown for s in row if s.text == "def")
    assert word.style is not None
    assert (word.style.color, word.style.bgcolor) == (keyword.color, code.bgcolor)
