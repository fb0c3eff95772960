"""Text in, changes out: what is told while an answer streams."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.providers.scripted import Scripted
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.session.turn import Turn
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.repo import Repo, Untouched
from tests.support.session import (
    Talk,
    accept,
    changed,
    created,
    deleted,
    hand,
    numbered,
    patch,
    reject,
    streamed,
    when,
)

A = numbered(60)
B = "alpha\r\nbeta\r\ngamma"
ANSWER = (
    "I will change three files. – Höre:\r\n\r\n```diff\n"
    + patch("a.txt", A, changed(A, 5, 30, 50))
    + patch("b.txt", B, B.replace("beta", "BETA"))
    + "```\nand then a new one\n\n"
    + created("new/c.txt", "one\n\ntwo\n")
    + "\nwords without an end"
)


def _turn(root: Path) -> Turn:
    ids = iter(f"c{n}" for n in range(1, 99))
    return Turn(1, "p", Desk.of(Workspace.open(root)), lambda: next(ids))


def _fed(root: Path, pieces: list[str]) -> list[Event]:
    turn = _turn(root)
    events = [event for piece in pieces for event in turn.feed(piece)]
    return events + turn.finish("stop")


def _essence(events: list[Event]) -> tuple[object, ...]:
    """What must not depend on the cut: all but how lines and prose are gathered."""
    lines: dict[str, list[object]] = {}
    for event in events:
        if isinstance(event, facts.HunkLines):
            lines.setdefault(event.change, []).extend(event.lines)
    prose = "".join(e.text for e in events if isinstance(e, facts.ProseDelta))
    others = [e for e in events if not isinstance(e, facts.HunkLines | facts.ProseDelta)]
    return others, lines, prose


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cut") / "repo"
    return Repo.make(folder, {"a.txt": A, "b.txt": B}).root


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, len(ANSWER)), max_size=40).map(sorted))
def test_any_cut_of_the_answer_tells_the_same(root: Path, cuts: list[int]) -> None:
    pieces = [ANSWER[a:b] for a, b in pairwise([0, *cuts, len(ANSWER)])]
    assert _essence(_fed(root, pieces)) == _essence(_fed(root, [ANSWER]))


def test_cut_after_every_character_tells_the_same(root: Path) -> None:
    assert _essence(_fed(root, list(ANSWER))) == _essence(_fed(root, [ANSWER]))


def test_one_event_for_the_lines_of_each_read_and_change(root: Path) -> None:
    for size in (1, 7, 100, len(ANSWER)):
        turn = _turn(root)
        for start in range(0, len(ANSWER), size):
            events = turn.feed(ANSWER[start : start + size])
            told = [e.change for e in events if isinstance(e, facts.HunkLines)]
            assert len(told) == len(set(told))
            assert all(e.lines for e in events if isinstance(e, facts.HunkLines))


def test_prose_is_shown_before_its_line_is_complete(root: Path) -> None:
    turn = _turn(root)
    assert turn.feed("I will") == [facts.ProseDelta("I will")]
    assert turn.feed(" change\r") == [facts.ProseDelta(" change")]
    assert turn.feed("\nit") == [facts.ProseDelta("\n"), facts.ProseDelta("it")]


def test_the_beginning_of_a_header_is_not_shown_as_prose(root: Path) -> None:
    turn = _turn(root)
    assert [turn.feed(c) for c in "diff --git a/a.txt"] == [[]] * 18


def test_what_comes_later_never_alters_a_closed_change(root: Path) -> None:
    whole = _essence(_fed(root, [ANSWER]))[0]
    assert isinstance(whole, list)
    closed = [e for e in whole if isinstance(e, facts.ChangeClosed)]
    for end in range(0, len(ANSWER), 37):
        turn = _turn(root)
        early = [e for e in turn.feed(ANSWER[:end]) if isinstance(e, facts.ChangeClosed)]
        assert early == closed[: len(early)]
        kept = {id: turn.review.changes[id] for id in (e.change for e in early)}
        turn.feed(patch("a.txt", A, changed(A, 7, 20)) + "\n" + created("new/c.txt", "x\n") + "\n")
        turn.finish("stop")
        assert {id: turn.review.changes[id] for id in kept} == kept


def test_accepted_while_later_ones_stream_is_on_disk_before_the_stream_ends(repo: Repo) -> None:
    repo.commit({"a.txt": A, "b.txt": B})
    before = Untouched.of(repo.root)
    on_disk: list[bool] = []

    def look(_: facts.FileWritten, log: object) -> None:
        on_disk.append(repo.text("a.txt") == changed(A, 5))

    first = when(
        facts.ChangeClosed, lambda e, log: accept(*log.choices("c1")) if e.change == "c1" else None
    )
    rest = streamed(lambda log: reject(*log.choices()))
    log = Talk(repo, [ANSWER]).run(first, when(facts.FileWritten, look), rest)
    names = log.names("HunkLines", "ProseDelta", "Usage")
    assert names == [
        *("SessionStarted", "TurnStarted", "Connected", "ChangeOpened", "ChangeClosed"),
        *("ChangeDecided", "FileWritten"),
        *("ChangeOpened", "ChangeClosed") * 4,
        "StreamFinished",
        *["ChangeDecided"] * 4,
        "TurnEnded",
    ]
    assert on_disk == [True]
    assert repo.text("a.txt") == changed(A, 5)
    before.check(touched={"a.txt"})


def test_all_of_several_files_accepted_together_is_one_turn_of_the_ledger(repo: Repo) -> None:
    repo.commit({"a.txt": A, "b.txt": B, "old.txt": "x\n"})
    answer = ANSWER.removesuffix("words without an end") + deleted("old.txt", "x\n")
    log = Talk(repo, [answer]).run(streamed(lambda log: accept(*log.choices())))
    assert set(log.states().values()) == {"written"}
    (turn,) = Workspace.open(repo.root).log()
    assert (turn.number, turn.changes, turn.applied) == (1, 6, 6)
    assert turn.files == ("a.txt", "b.txt", "new/c.txt", "old.txt")
    assert repo.text("a.txt") == changed(A, 5, 30, 50)
    assert repo.read("b.txt") == b"alpha\r\nBETA\r\ngamma"
    assert repo.text("new/c.txt") == "one\n\ntwo\n"
    assert not (repo.root / "old.txt").exists()
    assert log.one(facts.TurnEnded) == facts.TurnEnded(1, "done", accepted=6, entry="1")


def test_a_slow_reader_of_events_does_not_hold_up_the_stream(repo: Repo) -> None:
    """For a minute nothing is read; the close that is sent then finds the stream at its end."""
    repo.commit({"a.txt": A})

    async def slow() -> list[str]:
        at = hand(repo, Scripted(patch("a.txt", A, changed(A, 5, 30)) + "\nDone.\n", 1000))
        await at.until(facts.SessionStarted)
        await asyncio.sleep(60)
        at.session.send(commands.Close())
        await asyncio.sleep(60)
        await at.close()
        assert at.log.one(facts.TurnEnded).reason == "open"
        return at.log.names("HunkLines", "ProseDelta")

    assert clock.run(slow()) == [
        *("SessionStarted", "TurnStarted", "Connected"),
        *("ChangeOpened", "ChangeClosed") * 2,
        *("Usage", "StreamFinished", "TurnEnded"),
    ]


def test_text_that_piled_up_while_a_write_was_done_is_one_read(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    log = Talk(repo, [Scripted(patch("a.txt", A, changed(A, 5)), chunk_chars=1)]).run(
        streamed(lambda log: reject(*log.choices()))
    )
    assert len(log.of(facts.HunkLines)) < 7
    lines = [line for event in log.of(facts.HunkLines) for line in event.lines]
    assert len(lines) == 8


def test_two_turns_of_one_session_have_numbers_and_ids_of_their_own(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    second = patch("a.txt", changed(A, 5), changed(A, 5, 9))
    log = Talk(repo, [patch("a.txt", A, changed(A, 5)), second]).run(
        when(facts.StreamFinished, lambda e, log: accept(*log.choices())),
        prompts=("first", "second"),
    )
    assert [(e.turn, e.entry) for e in log.of(facts.TurnEnded)] == [(1, "1"), (2, "2")]
    assert [e.change for e in log.of(facts.ChangeOpened)] == ["c1", "c2"]
    assert [t.prompt for t in Workspace.open(repo.root).log()] == ["second", "first"]
    assert repo.text("a.txt") == changed(A, 5, 9)
