"""What was undone is not accepted: the list of files, the headings, the counts, the record."""

from __future__ import annotations

from codexspark_tui.cli.app_commands import record_lines
from codexspark_tui.tui.launch import Record
from codexspark_tui.tui.widgets.status_line import StatusLine
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, opened, painted, rows


def _rail(run: Running) -> str:
    return rows(run.screen.pane.rail)[0].strip()


async def _says(run: Running, sign: str, count: str, counted: str, heading: str) -> None:
    def is_so() -> bool:
        rail = _rail(run)
        status = run.screen.query_one(StatusLine).render_line(0).text
        head = next((row for row in rows(run.screen.pane.diff) if "prices.py" in row), "")
        return (
            rail.startswith(sign) and rail.endswith(count) and counted in status and heading in head
        )

    await run.until(is_so)


async def test_a_file_of_which_a_change_was_undone_is_not_done(shop: Repo) -> None:
    async with opened(shop, TWO, size=(140, 40)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y", "y")
        await _says(run, "✓", "2/2", "0 open  ✓ 2  ✗ 0", "done")
        await run.press("u")
        await _says(run, "↶", "1/2", "0 open  ✓ 1  ✗ 0  ↶ 1", "1 undone")
        await run.press("Z")
        await _says(run, "↶", "1/2", "↶ 1", "▸ 2 changes · 1 undone")
        await run.press("Z", "U")
        await _says(run, "✓", "2/2", "0 open  ✓ 2  ✗ 0", "done")
        board = run.screen.pane.board
        assert board.files_written() == ("shop/prices.py",)
        await run.press("u", "K", "u")
        await _says(run, "↶", "0/2", "✓ 0  ✗ 0  ↶ 2", "2 undone")
        assert board.files_written() == ()


async def test_a_resumed_session_knows_what_is_undone_there(shop: Repo) -> None:
    async with opened(shop, TWO, size=(140, 40)) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y")
        await run.until(lambda: "written" in run.states().values())
        id = run.session.id
        await run.press("q", "y")
    async with opened(shop, size=(140, 40), resume=id) as run:
        await run.until(lambda: run.states() == {"c1": "written", "c2": "placed"})
        await run.press("K", "u")
        await _says(run, "○", "0/2", "1 open  ✓ 0  ✗ 0  ↶ 1", "1 open")
        await run.press("J", "n")
        await run.until(lambda: "rejected, 1 undone;" in painted(run.app))
        await _says(run, "↶", "1/2", "0 open  ✓ 0  ✗ 1  ↶ 1", "1 undone")


def test_the_record_at_the_end_counts_what_is_so_now() -> None:
    assert record_lines(Record(1, 0, 1, ("a.py",), 2)) == [
        "spark: 1 accepted, 0 rejected, 2 undone, 1 left open",
        "  a.py",
    ]
    assert record_lines(Record(0, 0, 0, (), 1)) == ["spark: 0 accepted, 0 rejected, 1 undone"]
    assert record_lines(Record(0, 0, 0, ())) == ["spark: nothing was changed"]
