"""What is done to a change by hand, in the app on a real repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from codexspark_tui.actions.editor import at_line
from codexspark_tui.tui.screens.edit import EditScreen
from codexspark_tui.tui.screens.jump import JumpScreen
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, hunk, opened, rows

RUNS = hunk(
    "shop/prices.py",
    " line 4", "-line 5", "+LINE 5", " line 6", " line 7", " line 8", "-line 9", "-line 10",
    "+LINE 9", "+LINE 10", " line 11",
)  # fmt: skip


def shown(run: Running) -> str:
    return "\n".join(rows(run.screen.pane.diff))


async def at_rest(run: Running) -> None:
    await run.send("go")
    await run.until(lambda: run.rested)


async def test_a_hunk_is_split_and_its_parts_are_decided_alone(shop: Repo) -> None:
    async with opened(shop, RUNS) as run:
        await at_rest(run)
        await run.press("s")
        await run.until(lambda: run.states() == {"c2": "placed", "c3": "placed"})
        assert run.screen.pane.control.cursor == "c2"
        await run.press("n")
        await run.until(lambda: run.states()["c2"] == "rejected")
        await run.press("y")
        await run.until(lambda: run.states()["c3"] == "written")
    text = shop.text("shop/prices.py")
    assert "line 5\n" in text
    assert "LINE 9\nLINE 10\n" in text


async def test_selected_lines_are_accepted_and_the_rest_stays_open(shop: Repo) -> None:
    async with opened(shop, RUNS) as run:
        await at_rest(run)
        await run.press("v", "down", "y")
        await run.until(lambda: sorted(run.states().values()) == ["placed", "written"])
        text = shop.text("shop/prices.py")
        assert "line 4\nLINE 5\nline 6\n" in text
        assert "line 9\nline 10\n" in text
        await run.press("y")
        await run.until(lambda: set(run.states().values()) == {"written"})
    assert "LINE 9\nLINE 10\nline 11\n" in shop.text("shop/prices.py")


@pytest.mark.parametrize(("skipped", "length"), [(0, 0), (1, 0), (1, 4), (2, 4), (4, 1), (6, 3)])
async def test_a_selection_and_then_the_rest_are_the_whole_change(
    shop: Repo, skipped: int, length: int
) -> None:
    """Whatever is selected first: both parts together are what the model meant."""
    wanted = shop.text("shop/prices.py").replace("line 5\n", "LINE 5\n")
    wanted = wanted.replace("line 9\nline 10\n", "LINE 9\nLINE 10\n")
    async with opened(shop, RUNS) as run:
        await at_rest(run)
        await run.press("v", *["down"] * (skipped + length))
        diff = run.screen.pane.diff
        assert diff.selection is not None
        diff.selection = replace(diff.selection, anchor=diff.selection.head - length)
        for _ in range(6):
            await run.press("y")
            await run.until(lambda: _quiet(run))
    assert shop.text("shop/prices.py") == wanted


def _quiet(run: Running) -> bool:
    items = run.screen.pane.board.items.values()
    return not any(i.deciding or i.meant or i.state == "writing" for i in items)


async def test_escape_and_moving_away_end_a_selection(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await at_rest(run)
        for key in ("escape", "v", "J"):
            await run.press("v")
            await run.press(key)
            assert run.screen.pane.diff.selection is None


async def test_a_change_is_edited_in_place_and_accepted_as_edited(shop: Repo) -> None:
    async with opened(shop, RUNS) as run:
        await at_rest(run)
        await run.press("e")
        assert isinstance(run.app.screen, EditScreen)
        area = run.app.screen.query_one(TextArea)
        area.text = area.text.replace("+LINE 5", "+my own line")
        await run.press("f2")
        await run.until(lambda: "my own line" in shown(run))
        await run.press("y")
        await run.until(lambda: run.states() == {"c1": "written"})
    assert "my own line\n" in shop.text("shop/prices.py")


async def test_an_edit_that_was_not_taken_is_there_again(shop: Repo) -> None:
    async with opened(shop, RUNS) as run:
        await at_rest(run)
        await run.press("e")
        area = run.app.screen.query_one(TextArea)
        area.text = area.text.replace("+LINE 5", "+half a thou")
        await run.press("escape")
        assert "half a thou" not in shown(run)
        await run.press("e")
        assert "+half a thou" in run.app.screen.query_one(TextArea).text
        await run.press("escape")


async def test_an_edit_that_left_nothing_says_what_to_do_instead(shop: Repo) -> None:
    async with opened(shop, RUNS) as run:
        await at_rest(run)
        await run.press("e")
        area = run.app.screen.query_one(TextArea)
        before, area.text = area.text, ""
        await run.press("f2")
        await run.until(lambda: "reject it instead" in run.screen.keys._said)
        await run.press("e")
        await run.until(lambda: isinstance(run.app.screen, EditScreen))
        assert run.app.screen.query_one(TextArea).text == before


async def test_an_edit_that_is_refused_says_why_and_is_there_again(shop: Repo) -> None:
    typed = " line 4\n-another line\n+x\n"
    async with opened(shop, RUNS) as run:
        await at_rest(run)
        await run.press("e")
        area = run.app.screen.query_one(TextArea)
        before, area.text = area.text, typed
        await run.press("f2")
        await run.until(lambda: "the file" in run.screen.keys._said)
        await run.press("e")
        await run.until(lambda: isinstance(run.app.screen, EditScreen))
        area = run.app.screen.query_one(TextArea)
        assert area.text == typed
        area.text = before.replace("+LINE 5", "+Mine 5")
        await run.press("f2")
        await run.until(lambda: "Mine 5" in shown(run))
        await run.press("e")
        await run.until(lambda: isinstance(run.app.screen, EditScreen))
        assert "+Mine 5\n" in run.app.screen.query_one(TextArea).text


async def test_lines_being_selected_are_counted_with_what_can_be_done(shop: Repo) -> None:
    async with opened(shop, RUNS) as run:
        await at_rest(run)
        await run.press("v", "down")
        await run.until(lambda: run.screen.keys._said.startswith("2 lines · "))
        assert "y or n decides these" in run.screen.keys._said
        await run.press("escape")
        await run.until(lambda: run.screen.keys._said == "")


async def test_context_grows_and_shrinks_to_the_whole_file(shop: Repo) -> None:
    async with opened(shop, RUNS, size=(100, 60)) as run:
        await at_rest(run)
        assert "line 15" not in shown(run)
        await run.press("plus")
        assert "line 16" in shown(run)
        await run.press("minus")
        assert "line 15" not in shown(run)
        await run.press("asterisk")
        assert "line 25" in shown(run)
        await run.press("asterisk")
        assert "line 15" not in shown(run)


async def test_side_by_side_needs_room_and_comes_when_there_is_some(shop: Repo) -> None:
    async with opened(shop, RUNS, size=(140, 30)) as run:
        await at_rest(run)
        await run.press("vertical_line")
        both = [line for line in rows(run.screen.pane.diff) if "line 5" in line]
        assert run.screen.pane.rows.view.side_by_side == ("LINE 5" in both[0])
        await run.pilot.resize_terminal(200, 40)
        await run.until(lambda: run.screen.pane.rows.view.side_by_side)
        both = [line for line in rows(run.screen.pane.diff) if "line 5" in line]
        assert "LINE 5" in both[0]


async def test_long_lines_are_wrapped_or_cut(shop: Repo) -> None:
    answer = hunk("shop/prices.py", "-line 5", "+" + "x" * 300)
    async with opened(shop, answer) as run:
        await at_rest(run)
        assert shown(run).count("x") < 300
        await run.press("W")
        assert shown(run).count("x") == 300


async def test_jump_letters_go_to_a_change(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await at_rest(run)
        await run.press("apostrophe")
        assert isinstance(run.app.screen, JumpScreen)
        await run.press("s")
        assert run.screen.pane.control.cursor == "c2"
        await run.press("apostrophe", "escape")
        assert (run.screen.pane.control.cursor, run.screen.pane.diff.labels) == ("c2", {})


async def test_go_to_a_change_by_number_or_by_path_and_line(shop: Repo) -> None:
    async with opened(shop, TWO + hunk("shop/tax.py", " rate = 1", "-rate = 2")) as run:
        await at_rest(run)
        went = []
        for said in ("2", "tax", "prices:20", "prices:99", "nothing"):
            await run.press("number_sign")
            run.app.screen.query_one(Input).value = said
            await run.press("enter")
            went.append(run.screen.pane.control.cursor)
    assert went == ["c2", "c3", "c2", "c2", "c2"]


async def test_a_fold_hides_a_file_and_going_there_opens_it(shop: Repo) -> None:
    async with opened(shop, TWO + hunk("shop/tax.py", " rate = 1", "-rate = 2")) as run:
        await at_rest(run)
        await run.press("z")
        assert "LINE 5" not in shown(run)
        assert "2 changes" in shown(run)
        await run.press("J")
        assert "LINE 30" in shown(run)
        await run.press("Z")
        assert "LINE 30" not in shown(run)


async def test_a_change_is_copied_as_a_patch_that_git_applies(shop: Repo, tmp_path: Path) -> None:
    async with opened(shop, TWO) as run:
        await at_rest(run)
        await run.press("C")
        one = run.app.clipboard
        await run.press("X")
        both = run.app.clipboard
    assert (one.count("@@ -"), both.count("@@ -")) == (1, 2)
    shop.git("apply", "--check", "-", stdin=both.encode())


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        ("vi", ["vi", "+7", "/a b"]),
        ("code", ["code", "--goto", "/a b:7"]),
        ("/usr/bin/hx", ["/usr/bin/hx", "/a b:7"]),
    ],
)
def test_an_editor_is_told_the_line_in_its_own_way(editor: str, command: list[str]) -> None:
    assert at_line([editor], Path("/a b"), 7) == command


async def test_what_is_meant_for_a_change_in_writing_is_shown_and_done(shop: Repo) -> None:
    from tests.tui.test_app import Held

    first = "--- a/shop/prices.py\n+++ b/shop/prices.py\n@@ @@\n line 4\n-line 5\n+LINE 5\n"
    held = Held([first, " line 6\n", "\nThat is all.\n"])
    async with opened(shop, provider=held) as run:
        await run.send("go")
        held.go.release()
        await run.until(lambda: run.states() == {"c1": "writing"})
        await run.press("y")
        assert "will be accepted as soon as it is complete" in shown(run)
        assert shop.text("shop/prices.py").count("LINE") == 0
        for _ in range(3):
            held.go.release()
        await run.until(lambda: run.states() == {"c1": "written"})
    assert "LINE 5\n" in shop.text("shop/prices.py")
