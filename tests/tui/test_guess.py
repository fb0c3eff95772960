"""A change that is being written stands in its place as soon as its lines say where that is."""

from __future__ import annotations

from codexspark_tui.events import facts
from codexspark_tui.events.lines import LinesEdit
from codexspark_tui.tui.model.guess import Guesses
from tests.support.repo import Repo
from tests.tui.conftest import opened, rows
from tests.tui.made import Desk, missing, placed, written
from tests.tui.made import opened as begun
from tests.tui.test_app import Held

FILE = ["same", "one", "same", "", "two", "same", "one", "three", "", "end"]


def desk(*lines: str) -> Desk:
    desk = Desk(begun("c1"), written("c1", *lines))
    Guesses(desk.board, lambda path: FILE if path == "a.py" else None).go_on(["c1"])
    desk.note()
    return desk


def guessed(*lines: str) -> int:
    return desk(*lines).board.items["c1"].guess


def test_a_line_that_is_there_once_is_enough() -> None:
    assert guessed(" two") == 5
    assert guessed("-two") == 5
    assert guessed("+new", "+more", "-three") == 8


def test_several_places_or_none_are_not_guessed() -> None:
    assert guessed(" same") == 0
    assert guessed(" one", " same") == 2
    assert guessed(" one", "+new", " three") == 7
    assert guessed(" nowhere") == 0
    assert guessed(" two", " nowhere") == 0
    assert guessed("+two") == 0
    assert guessed(" end", " behind the end") == 0


def test_an_empty_line_alone_says_nothing_even_where_it_is_the_only_one() -> None:
    made = Desk(begun("c1"), written("c1", " "))
    guesses = Guesses(made.board, lambda path: ["a", "", "b"])
    guesses.go_on(["c1"])
    assert made.board.items["c1"].guess == 0
    made.note(written("c1", " b"))
    guesses.go_on(["c1"])
    assert made.board.items["c1"].guess == 2


def test_what_is_written_above_it_meanwhile_moves_it() -> None:
    made = Desk(begun("c1"), written("c1", " same"), begun("c2"), written("c2", " three"))
    guesses = Guesses(made.board, lambda path: FILE)
    guesses.go_on(["c1", "c2"])
    made.note(facts.LinesMoved("a.py", (LinesEdit(1, 0, 4),)))
    made.note(written("c1", " one", " three"), begun("c3"), written("c3", " two"))
    guesses.go_on(["c1", "c2", "c3"])
    made.note()
    assert [made.board.items[id].start for id in ("c1", "c2", "c3")] == [10, 12, 9]
    assert made.shown()[2:6] == ["c3 writing", "9 9  two", "", "c1 writing"]


def test_its_lines_are_numbered_while_it_is_written_and_as_it_is_placed_in_the_end() -> None:
    made = desk(" two", "-same", "+SAME", "+more", " one")
    assert made.shown()[2:-1] == [
        "c1 writing", "5 5  two", "6 - -same", "- 6 +SAME", "- 7 +more", "7 8  one",
    ]  # fmt: skip
    made.note(placed("c1", "a.py", 1, "-same", "+SAME"))
    assert made.shown()[2:-1] == ["c1 placed", "1 - -same", "- 1 +SAME"]


def test_what_has_no_place_in_the_end_has_no_numbers() -> None:
    made = desk(" two", "-same")
    made.note(missing("c1", "it is not there"))
    assert [row for row in made.shown() if "two" in row] == ["- -  two"]


def test_it_stands_between_the_changes_of_its_file() -> None:
    made = Desk(begun("c1"), placed("c1", "a.py", 8, "-three", "+3"), begun("c2"))
    guesses = Guesses(made.board, lambda path: FILE)
    made.note(written("c2", " two"))
    guesses.go_on(["c2"])
    made.note()
    assert [row for row in made.shown() if row.startswith("c")] == ["c2 writing", "c1 placed"]


async def test_real_line_numbers_from_the_first_line_on(shop: Repo) -> None:
    held = Held(
        ["--- a/shop/prices.py\n+++ b/shop/prices.py\n@@ @@\n line 29\n-line 30\n", "+LINE"]
    )
    async with opened(shop, provider=held) as run:
        await run.send("go")
        held.go.release()
        await run.until(lambda: run.states() == {"c1": "writing"})
        shown = "\n".join(rows(run.screen.pane.diff))
        assert "writing  line 29" in shown
        assert " 29  29   line 29" in shown
        assert " 30     - line 30" in shown
        for _ in range(2):
            held.go.release()
        await run.until(lambda: run.rested)
