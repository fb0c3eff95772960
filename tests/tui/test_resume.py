"""A session that was left, or that crashed, is gone on with: rows, decisions, undo."""

from __future__ import annotations

import json

import pytest
from textual.widgets import Input, OptionList

from codexspark_tui.actions.sessions import past_events, session_named, sessions_of
from codexspark_tui.errors import UsageError
from codexspark_tui.session.resume import Past
from codexspark_tui.state_dir import state_dir
from codexspark_tui.tui.screens.sessions import SessionPicker, SessionsScreen
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, hunk, opened, painted, rows

THREE = TWO + hunk("shop/tax.py", "-same", "+SAME")


async def left(shop: Repo, prompt: str = "change some lines") -> str:
    """A session with one change written, one open, one ambiguous; its id."""
    async with opened(shop, THREE) as run:
        await run.send(prompt)
        await run.until(lambda: run.rested)
        await run.press("y")
        await run.until(lambda: "written" in run.states().values())
        assert run.states() == {"c1": "written", "c2": "placed", "c3": "ambiguous"}
        return run.session.id


def shown(run: Running) -> str:
    return "\n".join(rows(run.screen.pane.diff))


async def test_rows_decisions_and_undo_come_back(shop: Repo) -> None:
    id = await left(shop)
    async with opened(shop, hunk("shop/tax.py", " rate = 1", "-rate = 2"), resume=id) as run:
        await run.until(lambda: len(run.states()) == 3)
        await run.until(lambda: run.states()["c3"] == "ambiguous")
        assert run.states() == {"c1": "written", "c2": "placed", "c3": "ambiguous"}
        assert "LINE 30" in shown(run)
        assert "❯ change some lines" in painted(run.app)
        assert "Say what to change" not in painted(run.app)
        run.screen.set_focus(run.screen.pane.diff)
        await run.press("g", "u")
        await run.until(lambda: run.states()["c1"] == "undone")
        assert "line 5\n" in shop.text("shop/prices.py")
        await run.press("U")
        await run.until(lambda: run.states()["c1"] == "written")
        await run.press("j", "y")
        await run.until(lambda: run.states()["c2"] == "written")
        await run.press("n")
        await run.until(lambda: run.states()["c3"] == "rejected")
        await run.until(lambda: not run.screen.pane.board.running)
        await run.send("and one more")
        await run.until(lambda: run.states().get("c4") == "placed")
    text = shop.text("shop/prices.py")
    assert "LINE 5\n" in text
    assert "LINE 30\n" in text
    lines = [
        json.loads(line)
        for line in session_named(shop.root, id).path.read_bytes().split(b"\n")[:-1]
    ]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))


async def test_the_cursor_stands_on_the_first_open_change(shop: Repo) -> None:
    id = await left(shop)
    async with opened(shop, resume=id) as run:
        await run.until(lambda: run.states().get("c3") == "ambiguous")
        await run.until(lambda: run.screen.pane.control.cursor == "c2")
        await run.until(lambda: run.screen.focused is run.screen.pane.diff)
        assert "y accept" in shown(run)
        await run.press("K")
        assert run.screen.pane.control.cursor == "c1"
        await run.press("u")
        await run.until(lambda: run.states()["c1"] == "undone")
        assert run.screen.pane.control.cursor == "c1"


async def test_a_file_that_moved_meanwhile_is_placed_on_anew(shop: Repo) -> None:
    id = await left(shop)
    shop.write({"shop/prices.py": "new first line\n" + shop.text("shop/prices.py")})
    async with opened(shop, resume=id) as run:
        await run.until(lambda: len(run.states()) == 3)
        await run.until(lambda: "line 28" in shown(run))
        run.screen.set_focus(run.screen.pane.diff)
        await run.press("y")
        await run.until(lambda: run.states()["c2"] == "written")
    assert "line 29\nLINE 30\nline 31\n" in shop.text("shop/prices.py")


async def test_a_transcript_that_a_crash_has_cut_is_gone_on_with(shop: Repo) -> None:
    id = await left(shop)
    path = session_named(shop.root, id).path
    text = path.read_bytes()
    cut = text[: text.index(b'"stream_finished"') - 20]
    path.write_bytes(cut)
    async with opened(shop, resume=id) as run:
        await run.until(lambda: len(run.states()) >= 2)
        await run.until(lambda: not run.screen.pane.board.streaming)
        run.screen.set_focus(run.screen.pane.diff)
        await run.press("g", "J", "y")
        await run.until(lambda: run.states()["c2"] == "written")
    assert path.read_bytes().startswith(cut + b"\n")


async def test_a_session_is_open_once_only(shop: Repo) -> None:
    id = await left(shop)
    async with opened(shop, resume=id):
        with pytest.raises(UsageError, match="open in another spark"):
            async with opened(shop, resume=id):
                pass


async def test_the_picker_finds_sessions_of_this_repository_by_their_words(
    shop: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = {name: shop.text(name) for name in ("shop/prices.py", "shop/tax.py")}
    first = await left(shop, "make the taxes [bold]clearer[/]")
    other = Repo.make(tmp_path_factory.mktemp("other") / "r", dict(before))
    second = await left(other)
    kept = sessions_of(shop.root)
    assert [k.id for k in kept] == [first]
    assert second != first
    app = SessionPicker(kept)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert isinstance(app.screen, SessionsScreen)
        for words, count in (("taxes clearer", 1), ("prices", 0), ("TAXES", 1)):
            app.screen.query_one(Input).value = words
            await pilot.pause()
            assert app.screen.query_one(OptionList).option_count == count
        await pilot.press("enter")
    assert app.return_value == first


async def test_another_session_is_opened_from_the_app(shop: Repo) -> None:
    first = await left(shop)
    async with opened(shop) as run:
        run.screen.act("sessions", "")
        await run.until(lambda: isinstance(run.app.screen, SessionsScreen))
        await run.press("enter")
        await run.until(lambda: run.app.next_session == first)


def test_what_is_no_transcript_is_passed_over(shop: Repo) -> None:
    folder = state_dir() / "sessions"
    folder.mkdir(parents=True)
    (folder / "x.jsonl").write_bytes(b"\xff\x00\n{}\n[1,2]\n")
    (folder / "y.jsonl").mkdir()
    assert sessions_of(shop.root) == []
    assert past_events(folder / "x.jsonl") == []
    assert Past.of([]).turns == 0
    with pytest.raises(UsageError, match="there is no session last here"):
        session_named(shop.root, "last")
