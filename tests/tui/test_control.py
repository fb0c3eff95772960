"""What a key does: which commands are sent, and where the cursor goes."""

from __future__ import annotations

import msgspec

from codexspark_tui.events import commands, facts
from codexspark_tui.events.commands import Choice, Decide
from codexspark_tui.tui.model.control import Sweep
from tests.tui.made import Desk, ambiguous, decided, missing, opened, placed, started, whole


def choice(id: str) -> Choice:
    return Choice(id, f"digest of {id}")


def test_a_change_can_be_accepted_while_later_ones_stream() -> None:
    desk = Desk(*whole("c1"), opened("c2", "b.py"))
    assert desk.control.accept() == ""
    assert desk.sent == [Decide((choice("c1"),), "accept")]


def test_a_decision_on_a_change_that_is_being_written_is_kept_until_it_is_complete() -> None:
    desk = Desk(opened("c1"), opened("c2", "b.py"), opened("c3", "c.py"))
    for id, act in (("c1", desk.control.accept), ("c2", desk.control.reject)):
        desk.control.cursor = id
        assert act() == ""
    desk.rows.update()
    assert desk.sent == []
    assert "note will be accepted as soon as it is complete" in desk.shown()
    desk.note(placed("c1"), placed("c2", "b.py"), placed("c3", "c.py"))
    assert desk.sent == [Decide((choice("c1"),), "accept"), Decide((choice("c2"),), "reject", "")]


def test_what_was_meant_is_taken_back_by_the_same_key_or_by_undo() -> None:
    desk = Desk(opened("c1"))
    desk.control.accept()
    desk.control.accept()
    desk.control.reject("no")
    desk.control.undo()
    desk.note(placed("c1"))
    assert desk.sent == []


def test_what_was_meant_for_a_change_without_a_certain_place_is_dropped() -> None:
    desk = Desk(opened("c1"))
    desk.control.accept()
    desk.note(ambiguous("c1", 3, 9))
    assert (desk.sent, desk.board.items["c1"].meant) == ([], "")


def guarded(id: str) -> facts.Event:
    event = placed(id)
    assert isinstance(event, facts.ChangeClosed)
    return msgspec.structs.replace(event, findings=(facts.Finding("only", "elsewhere"),))


def test_what_breaks_a_guard_is_accepted_by_itself_only() -> None:
    desk = Desk(opened("c1"), guarded("c1"), *whole("c2"))
    assert desk.control.sweep(accept=True) == Sweep(True, (choice("c2"),), 1, 0, 1)
    desk.control.rest_of_file(accept=True)
    assert desk.sent == [Decide((choice("c2"),), "accept")]
    desk.control.cursor = "c1"
    assert desk.control.accept() == ""
    assert desk.sent[-1] == Decide((choice("c1"),), "accept")


def test_accepted_before_its_guard_has_spoken_is_asked_again() -> None:
    desk = Desk(opened("c1"))
    desk.control.accept()
    desk.note(guarded("c1"))
    assert (desk.sent, desk.board.items["c1"].meant) == ([], "")


def test_what_was_painted_is_what_is_decided() -> None:
    """A change that was placed anew since the last paint has another digest; the old one goes."""
    desk = Desk(*whole("c1"))
    desk.board.items["c1"].shown_digest = "digest of c1"
    desk.note(facts.ChangeMoved("c1", "placed", facts.PlacedAt(9, "exact"), "new", None))
    desk.control.accept()
    assert desk.sent == [Decide((choice("c1"),), "accept")]


def test_after_a_decision_the_cursor_is_on_the_next_undecided_change() -> None:
    desk = Desk(*whole("c1"), *whole("c2", "b.py"), *whole("c3", "c.py"))
    desk.note(decided("c2", "rejected"))
    desk.control.accept()
    assert desk.control.cursor == "c3"


def test_the_cursor_waits_for_the_next_change_of_the_stream() -> None:
    desk = Desk(*whole("c1"))
    desk.control.reject()
    desk.note(decided("c1", "rejected"), *whole("c2", "b.py"))
    assert desk.control.cursor == "c2"


def test_j_and_k_go_to_undecided_changes_and_capitals_to_any() -> None:
    desk = Desk(*whole("c1"), *whole("c2", "b.py"), *whole("c3", "c.py"))
    desk.note(decided("c2", "rejected"))
    go = desk.control.move
    went = []
    for step, undecided in ((1, True), (-1, False), (-1, True), (-1, True), (1, False)):
        said = go(step, undecided=undecided)
        went.append(said or desk.control.cursor)
    assert went == ["c3", "c2", "c1", "no undecided change before this one", "c2"]


def test_a_turn_without_changes_hides_no_earlier_ones_from_numbers_and_paths() -> None:
    empty = Desk()
    assert empty.control.go_to_named("1") == "there is no change yet"
    desk = Desk(*whole("c1"), *whole("c2", "b.py"), started(2))
    went = [desk.control.go_to_named(said) or desk.control.cursor for said in ("2", "a.py", "3")]
    assert went == ["c2", "c1", "there is no change 3: they go from 1 to 2"]
    desk.note(*whole("d1", "c.py"))
    went = [desk.control.go_to_named(said) or desk.control.cursor for said in ("1", "b.py", "2")]
    assert went == ["d1", "c2", "there is no change 2: they go from 1 to 1"]


def test_rest_of_file_starts_at_the_cursor_and_ends_with_the_file() -> None:
    changes = [*whole("c1"), *whole("c2", "a.py", 9), *whole("c3", "a.py", 20), *whole("c4", "b")]
    desk = Desk(*changes)
    desk.control.cursor = "c2"
    assert desk.control.rest_of_file(accept=True) == "accepted 2 changes"
    assert desk.sent == [Decide((choice("c2"), choice("c3")), "accept")]
    assert desk.control.cursor == "c4"


def test_everything_says_how_many_were_never_on_screen_and_leaves_what_has_no_place() -> None:
    desk = Desk(*whole("c1"), *whole("c2", "b.py"), opened("c3"), ambiguous("c3", 1, 2))
    desk.note(opened("c4", "d.py", optional=True), placed("c4", "d.py"))
    desk.board.items["c1"].seen = True
    sweep = desk.control.sweep(accept=True)
    assert sweep is not None
    assert sweep == Sweep(True, (choice("c1"), choice("c2")), unseen=1, offered=1, unplaced=1)
    desk.control.everything(sweep)
    assert desk.sent == [Decide((choice("c1"), choice("c2")), "accept")]


def test_rejecting_everything_leaves_nothing_open() -> None:
    desk = Desk(*whole("c1"), opened("c2", optional=True), placed("c2"), opened("c3"))
    desk.note(ambiguous("c3", 1, 2))
    sweep = desk.control.sweep(accept=False)
    every = (choice("c1"), choice("c2"), Choice("c3", ""))
    assert sweep == Sweep(False, every, unseen=3)


def test_what_came_after_the_question_is_not_swept() -> None:
    desk = Desk(*whole("c1"))
    sweep = desk.control.sweep(accept=False)
    assert sweep is not None
    desk.note(*whole("c2", "b.py"))
    desk.control.everything(sweep)
    assert desk.sent == [Decide((choice("c1"),), "reject", "")]


def test_a_number_places_an_ambiguous_change_and_nothing_else() -> None:
    desk = Desk(opened("c1"), ambiguous("c1", 4, 9))
    assert desk.control.pick(3) == "there is no place 3"
    assert desk.control.pick(2) == ""
    assert desk.control.accept() == "it fits in several places: choose one by its number"
    assert desk.sent == [commands.PlaceAt("c1", 1)]


def test_a_change_without_a_place_says_why() -> None:
    desk = Desk(opened("c1"), missing("c1", "The line is not there."))
    assert desk.control.accept() == "it cannot be placed: The line is not there."


def test_redo_finds_what_was_undone_before_the_session_was_resumed() -> None:
    desk = Desk(*whole("c1"), *whole("c2", "b.py"), *whole("c3", "c.py"))
    desk.note(decided("c1", "written", "1.1"), decided("c2", "written", "1.10"))
    assert desk.control.redo() == "nothing of this session is undone"
    for id, entry in (("c1", "1.1"), ("c2", "1.10")):
        desk.note(facts.ChangeUndone(entry, "b.py", "undone", id))
    desk.control.cursor = "c3"
    assert desk.control.redo() == ""
    assert (desk.sent, desk.control.cursor) == ([commands.Redo("1.10")], "c2")


def test_undo_takes_the_current_change_or_the_newest_and_redo_puts_it_back() -> None:
    desk = Desk(*whole("c1"), *whole("c2", "b.py"), *whole("c3", "c.py"))
    desk.note(decided("c1", "written", "7.2"), decided("c2", "written", "7.10"))
    desk.control.cursor = "c3"
    desk.control.undo()
    assert (desk.sent[-1], desk.control.cursor) == (commands.Undo("7.10"), "c2")
    desk.note(facts.ChangeUndone("7.10", "b.py", "undone", "c2"))
    desk.control.cursor = "c1"
    desk.control.redo()
    assert (desk.sent[-1], desk.control.cursor) == (commands.Redo("7.10"), "c2")
    desk.control.cursor = "c1"
    desk.control.undo()
    assert desk.sent[-1] == commands.Undo("7.2")


def test_a_rejected_change_can_be_taken_up_again() -> None:
    desk = Desk(*whole("c1"))
    desk.note(decided("c1", "rejected"))
    desk.control.accept()
    assert desk.sent == [commands.Reopen("c1"), Decide((choice("c1"),), "accept")]


def test_a_review_that_writes_nothing_remembers_what_was_taken_with_what_it_needs() -> None:
    events = [*whole("c1"), opened("c2", "a.py", "c1"), placed("c2", "a.py", 9)]
    desk = Desk(*events, writes=False)
    desk.control.cursor = "c2"
    desk.control.accept()
    assert desk.states() == {"c1": "taken", "c2": "taken"}
    assert desk.sent == []
    assert [c.path for c in desk.control.chosen()] == ["a.py", "a.py"]
    desk.control.cursor = "c1"
    desk.control.undo()
    assert desk.states() == {"c1": "placed", "c2": "placed"}


def test_search_goes_round_and_minds_capitals_only_when_there_are_some() -> None:
    desk = Desk(
        *whole("c1", "a.py", 1, "+Alpha"), *whole("c2", "b.py", 1, "+beta"), *whole("c3", "c.py")
    )
    find = desk.control.search
    found = [find(n) or desk.control.cursor for n in ("beta", "alpha", "ALPHA", "c.py", "")]
    assert found == ["c2", "c1", "nothing contains ALPHA", "c3", "c3"]


def test_following_keeps_the_newest_change_current_until_the_person_moves() -> None:
    desk = Desk(*whole("c1"))
    desk.control.go_live()
    desk.note(*whole("c2", "b.py"))
    assert desk.control.cursor == "c2"
    desk.control.move(-1, undecided=False)
    desk.note(*whole("c3", "c.py"))
    assert (desk.control.cursor, desk.control.following) == ("c1", False)
