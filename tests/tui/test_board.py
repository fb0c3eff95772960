"""Board and rows: what the events add up to, and which row shows what."""

from __future__ import annotations

import random
import time

import pytest

from codexspark_tui.events import facts
from codexspark_tui.events.lines import LinesEdit, ShownNow
from codexspark_tui.events.resolved import LineView, ResolvedView
from tests.tui.made import (
    Desk,
    ambiguous,
    decided,
    missing,
    opened,
    placed,
    started,
    whole,
    written,
)


def test_rows_appear_while_a_hunk_is_being_written() -> None:
    desk = Desk(opened("c1"), written("c1", " def f():", "-    old"))
    assert desk.shown() == [
        "turn 1", "file a.py", "c1 writing", "- -  def f():", "- - -    old", "",
    ]  # fmt: skip
    desk.note(written("c1", "+    new"))
    assert desk.shown()[3:6] == ["- -  def f():", "- - -    old", "- - +    new"]


def test_line_numbers_are_those_of_the_file_and_move_with_earlier_changes() -> None:
    desk = Desk(
        *whole("c1", "a.py", 3, " one", "+two", "+three", " four"),
        *whole("c2", "a.py", 20, " x", "-y", " z"),
    )
    assert desk.shown() == [
        "turn 1", "file a.py",
        "c1 placed", "3 3  one", "- 4 +two", "- 5 +three", "4 6  four", "",
        "c2 placed", "20 22  x", "21 - -y", "22 23  z", "",
    ]  # fmt: skip
    desk.note(decided("c1", "rejected"))
    assert desk.shown()[8:] == ["c2 rejected".replace("rejected", "placed"), "20 20  x", "21 - -y",
                                "22 21  z", ""]  # fmt: skip


def test_what_is_open_moves_with_what_is_written_before_it() -> None:
    desk = Desk(
        *whole("c1", "a.py", 3, " one", "+two", "+three", " four"),
        *whole("c2", "a.py", 20, " x", "+z"),
        *whole("c3", "a.py", 40, " x", "-y"),
    )
    moved = facts.LinesMoved("a.py", (LinesEdit(4, 0, 2),))
    desk.note(moved, decided("c1", "written", "1.1"))
    numbers = ["22 22  x", "- 23 +z", "", "c3 placed", "42 43  x", "43 - -y", ""]
    assert desk.shown()[3:] == ["3 3  one", "- 4 +two", "- 5 +three", "4 6  four", "",
                                "c2 placed", *numbers]  # fmt: skip
    assert desk.note(facts.LinesMoved("b.py", (LinesEdit(1, 0, 9),))) is not None
    assert desk.shown()[9:] == numbers
    desk.note(facts.LinesMoved("a.py", (LinesEdit(4, 2, 0),)), decided("c1", "undone", "1.1"))
    assert desk.shown()[9:] == ["20 20  x", "- 21 +z", "", "c3 placed", "40 41  x", "41 - -y", ""]


def test_a_change_reads_as_it_is_shown_and_is_decided_as_it_was_told() -> None:
    desk = Desk(*whole("c1", "a.py", 3, " one", "-two", "+2", " three"))
    before = desk.board.items["c1"].choice
    view = ResolvedView("hunk", "a.py", 9, (LineView(" ", "1"), *_view(desk, "c1").lines[1:]))
    desk.note(facts.LinesMoved("a.py", (), (ShownNow("c1", view),)))
    item = desk.board.items["c1"]
    assert desk.shown()[2:] == ["c1 placed", "9 9  1", "10 - -two", "- 10 +2", "11 11  three", ""]
    assert (item.view_now, item.choice) == (view, before)
    assert _view(desk, "c1").lines[0].text == "one"


def _view(desk: Desk, id: str) -> ResolvedView:
    view = desk.board.items[id].view
    assert view is not None
    return view


def test_changes_of_a_file_stand_in_the_order_of_their_places() -> None:
    desk = Desk(*whole("c1", "a.py", 50), *whole("c2", "b.py", 1), *whole("c3", "a.py", 9))
    heads = [row for row in desk.shown() if row.startswith(("file", "c"))]
    assert heads == ["file a.py", "c3 placed", "c1 placed", "file b.py", "c2 placed"]


def test_a_change_is_found_again_after_the_rows_above_it_have_grown() -> None:
    desk = Desk(*whole("c1", "a.py", 5), *whole("c2", "b.py", 1))
    top = desk.rows.top_of("c2")
    assert top is not None
    anchor = desk.rows.anchor(top + 1)
    desk.note(*whole("c3", "a.py", 1, "+1", "+2", "+3"))
    now = desk.rows.find_anchor(*anchor)
    assert now is not None
    row = desk.rows.row(now)
    assert row is not None
    assert (row.section.key, now - (desk.rows.top_of("c2") or 0)) == ("c2", 1)


def test_reasons_candidates_and_problems_are_rows() -> None:
    desk = Desk(
        opened("c1"), ambiguous("c1", 4, 9), opened("c2"), missing("c2", "The line is not there."),
        *whole("c3"), decided("c3", "rejected", reason="too long"),
    )  # fmt: skip
    notes = [row for row in desk.shown() if row.startswith("note")]
    assert sorted(notes) == [
        "note 1  put it at line 4",
        "note 2  put it at line 9",
        "note The line is not there.",
        "note because: too long",
    ]


def test_a_hunk_that_is_split_leaves_its_place_to_its_parts() -> None:
    desk = Desk(*whole("c1", "a.py", 3))
    desk.note(facts.ChangeSplit("c1", ("c2", "c3")), *whole("c2"), *whole("c3", "a.py", 8))
    assert [r for r in desk.shown() if r.startswith("c")] == ["c2 placed", "c3 placed"]
    assert desk.rows.top_of("c1") is None


def test_an_undo_from_outside_of_the_turn_finds_its_change() -> None:
    desk = Desk(*whole("c1"), decided("c1", "written", "7.1"))
    desk.note(facts.TurnEnded(1, "done", accepted=1), facts.ChangeUndone("7.1", "a.py", "undone"))
    assert desk.states() == {"c1": "undone"}
    assert desk.board.accepted == 0


def test_counts_follow_every_state() -> None:
    desk = Desk(*whole("c1"), *whole("c2", "b.py"), opened("c3"), ambiguous("c3", 1, 2))
    assert (desk.board.undecided, desk.board.accepted) == (3, 0)
    desk.note(decided("c1", "written", "1.1"), decided("c2", "rejected"))
    assert (desk.board.undecided, desk.board.accepted, desk.board.counts["rejected"]) == (1, 1, 1)
    desk.note(facts.ChangeStale("c3", "the file has moved on"))
    assert desk.board.undecided == 1


def test_a_renamed_path_moves_its_change_to_that_file() -> None:
    desk = Desk(opened("c1", "old.py"), placed("c1", "new.py", 1))
    assert desk.shown()[:3] == ["turn 1", "file new.py", "c1 placed"]


def test_a_second_turn_stands_below_the_first() -> None:
    desk = Desk(*whole("c1"))
    desk.note(facts.TurnEnded(1, "done"), started(2, "more"), *whole("c2"))
    heads = [r for r in desk.shown() if r and not r[0].isdigit() and r[0] != "-"]
    assert heads == ["turn 1", "file a.py", "c1 placed", "turn 2", "file a.py", "c2 placed"]


def test_rows_built_step_by_step_are_those_built_at_once() -> None:
    """Any order of events and updates gives the rows that one update at the end gives."""
    for seed in range(40):
        chance = random.Random(seed)
        desk, late = Desk(), Desk()
        for number in range(30):
            path = f"{chance.randrange(4)}.py"
            events = [
                opened(f"c{number}", path),
                written(f"c{number}", *["+x"] * chance.randrange(5)),
                placed(f"c{number}", path, chance.randrange(1, 99), *["+x"] * chance.randrange(4)),
            ]
            if chance.random() < 0.3:
                events.append(decided(f"c{chance.randrange(number + 1)}", "rejected"))
            for event in events:
                desk.note(event)
                late.board.note(event)
        late.rows.update()
        assert desk.shown() == late.shown()
        tops = {i.id: desk.rows.top_of(i.id) for i in desk.board.items.values()}
        assert tops == {i.id: late.rows.top_of(i.id) for i in late.board.items.values()}


@pytest.mark.usefixtures("no_garbage")
def test_the_last_of_3000_changes_costs_no_more_than_the_first() -> None:
    """The last tenth against the first, in the best of three runs."""
    assert min(_last_to_first() for _ in range(3)) < 1.5


def _last_to_first() -> float:
    """3,000 hunks over 300 files, each streamed in two pieces; a ratio within one run."""
    desk = Desk()
    times: list[float] = []
    for number in range(3000):
        id, path = f"c{number}", f"src/file_{number // 10}.py"
        began = time.process_time()
        desk.note(opened(id, path), written(id, " a", "-b", "+c"))
        desk.note(placed(id, path, number % 10 * 50 + 1, " a", "-b", "+c", " d"))
        for y in range(desk.rows.height - 40, desk.rows.height):
            desk.rows.row(y)
        times.append(time.process_time() - began)
    assert desk.rows.height == 1 + 300 + 3000 * 6
    return sum(times[-300:]) / sum(times[:300])
