"""Open changes are shown as they are on the file as it is now, whatever was written around them."""

from __future__ import annotations

import random

import pytest

from codexspark_tui.events import commands, facts
from codexspark_tui.events.lines import LinesEdit, ShownNow
from codexspark_tui.events.resolved import to_resolved
from codexspark_tui.patch import split_lines
from codexspark_tui.patch.apply import check
from codexspark_tui.patch.model import ResolvedHunk
from codexspark_tui.providers.scripted import ScriptedProvider
from codexspark_tui.session.resume import Past
from codexspark_tui.session.session import Session
from codexspark_tui.tui.model.board import Board, Item
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.repo import Repo
from tests.support.session import Hand, accept, hand, numbered, patch, reject

A = numbered(60)
LONGER = A.replace("line 10\n", "ten\nand more\nand more\n").replace("line 30\n", "thirty\n")
NEAR = A.replace("line 10\n", "ten\nand more\n").replace("line 12\n", "twelve\n")


def _board(at: Hand) -> Board:
    board = Board()
    for event in at.log.events:
        board.note(event)
    return board


def _check(at: Hand, repo: Repo) -> None:
    """What is open reads as the file has it, on the screen's board and in the linear face's."""
    board = _board(at)
    for item in board.items.values():
        if item.state not in ("placed", "rejected") or item.kind != "hunk":
            continue
        assert item.view_now is not None
        shown = to_resolved(item.view_now)
        assert isinstance(shown, ResolvedHunk)
        if item.state == "placed":
            assert check(split_lines(repo.text(item.path)), shown) is None, item
        assert at.log.change(item.id).resolved_now == shown


def _lines(item: Item) -> list[str]:
    return [line.sign + line.text for line in item.lines]


def test_what_is_behind_an_accepted_hunk_has_the_numbers_of_the_file_as_it_is(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, LONGER))
        await at.until(facts.StreamFinished)
        told = await at.do(accept(*at.log.choices("c1")))
        assert [e for e in told if isinstance(e, facts.LinesMoved)] == [
            facts.LinesMoved("a.txt", (LinesEdit(10, 1, 3),))
        ]
        assert _board(at).items["c2"].start == 29
        assert at.log.change("c2").line_now == 29
        _check(at, repo)
        await at.do(commands.Undo("1.1"))
        assert _board(at).items["c2"].start == 27
        _check(at, repo)
        await at.do(commands.Redo("1.1"))
        assert _board(at).items["c2"].start == 29
        _check(at, repo)
        await at.close()

    clock.run(run())


def test_the_rest_of_a_hunk_shows_the_part_that_was_written_and_can_be_edited(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, NEAR))
        await at.until(facts.StreamFinished)
        await at.do(commands.Split(at.log.choices("c1")[0]))
        before = at.log.change("c3").choice
        await at.do(accept(*at.log.choices("c2")))
        item = _board(at).items["c3"]
        assert (item.start, item.choice) == (10, before)
        assert _lines(item) == [
            " ten", " and more", " line 11", "-line 12", "+twelve", " line 13", " line 14",
            " line 15",
        ]  # fmt: skip
        _check(at, repo)
        text = "".join(line + "\n" for line in _lines(item))
        await at.do(commands.Edit(before, text.replace(" ten\n", "-ten\n+10\n")))
        _check(at, repo)
        await at.do(accept(*at.log.choices("c3")))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == NEAR.replace("ten\n", "10\n")


def test_selected_lines_are_those_that_are_shown(repo: Repo) -> None:
    new = A.replace("line 1\n", "one\n" * 2, 1).replace("line 3\n", "three\n")
    new = new.replace("line 5\n", "five\n")
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, new))
        await at.until(facts.StreamFinished)
        await at.do(commands.Split(at.log.choices("c1")[0], 0, 2))
        await at.do(accept(*at.log.choices("c2")))
        item = _board(at).items["c3"]
        first = _lines(item).index("-line 5")
        assert item.told_lines(first, first + 1) != (first, first + 1)
        told = item.told_lines(first, first + 1)
        assert at.log.change("c3").told_lines(first, first + 1) == told
        await at.do(commands.Split(item.choice, *told))
        await at.do(accept(*at.log.choices("c5")))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == new.replace("three\n", "line 3\n")


def test_what_closes_after_a_write_is_shown_on_the_file_as_it_is(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    near = A.replace("line 12\n", "twelve\n")
    far = A.replace("line 40\n", "forty\n")
    ten = A.replace("line 10\n", "ten\nand more\n")
    answer = patch("a.txt", A, ten) + "\n" * 400 + patch("a.txt", A, near)

    async def run() -> None:
        at = hand(repo, answer + patch("a.txt", A, far) + "\n")
        await at.until(facts.ChangeClosed)
        at.session.send(accept(*at.log.choices("c1")))
        await at.until(facts.StreamFinished)
        board = _board(at)
        assert board.items["c1"].state == "written"
        assert (board.items["c2"].start, board.items["c3"].start) == (10, 38)
        assert _lines(board.items["c2"])[:3] == [" ten", " and more", " line 11"]
        _check(at, repo)
        await at.close()

    clock.run(run())


def test_the_places_to_choose_from_move_with_the_lines(repo: Repo) -> None:
    block = "def f():\n    a = 1\n    return a\n\n\n"
    text = "# top\n" + block + "# first\n\n\n" + block
    repo.commit({"t.py": text})
    top = patch("t.py", text, text.replace("# top\n", "# top\n# more\n# more\n"))
    twice = "--- a/t.py\n+++ b/t.py\n@@ ... @@\n     a = 1\n-    return a\n+    return a + 1\n\n"

    async def run() -> None:
        at = hand(repo, twice + top + "\nDone.\n")
        await at.until(facts.StreamFinished)
        assert _board(at).items["c1"].candidates == (3, 11)
        await at.do(accept(*at.log.choices("c2")))
        assert _board(at).items["c1"].candidates == at.log.change("c1").places == (5, 13)
        await at.do(commands.PlaceAt("c1", 1, at.log.change("c1").digest))
        assert _board(at).items["c1"].start == 11
        _check(at, repo)
        await at.close()

    clock.run(run())


def test_who_edits_the_file_outside_moves_what_was_decided_too(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, LONGER))
        await at.until(facts.StreamFinished)
        await at.do(accept(*at.log.choices("c1")))
        repo.write({"a.txt": "outside\n" * 5 + repo.text("a.txt")})
        await at.do(accept(*at.log.choices("c2")))
        board = _board(at)
        assert (board.items["c1"].start, board.items["c2"].start) == (12, 34)
        assert board.items["c2"].moved == 5
        _check(at, repo)
        await at.close()

    clock.run(run())


def test_a_resumed_session_shows_what_is_open_on_the_file_as_it_is(repo: Repo) -> None:
    text = "same\n" * 40
    rows = split_lines(text)
    new = "".join([*rows[:5], "more\n" * 7, *rows[5:20], "here\n", *rows[20:]])
    repo.commit({"a.txt": text})

    async def run() -> None:
        at = hand(repo, patch("a.txt", text, new))
        await at.until(facts.StreamFinished)
        first, second = at.log.choices()
        await at.do(accept(first))
        start = _board(at).items[second.change].start
        at.session.send(commands.Close())
        workspace = Workspace.open(repo.root)
        past = Past.of(at.log.events)
        again = Hand(Session("s2", workspace, ScriptedProvider(()), None, None, past))
        again.log.events.extend(())
        await again.do()
        item = _board(again).items[second.change]
        assert (item.state, item.start) == ("placed", start)
        _check(again, repo)
        await again.close()

    clock.run(run())


def _made(random: random.Random) -> tuple[str, str]:
    """A file with equal lines among others, and a text that replaces, adds and removes some."""
    rows = [random.choice(("same\n", "{\n", f"line {n}\n")) for n in range(90)]
    new: list[str] = []
    for n, row in enumerate(rows):
        what = random.random()
        if what < 0.05:
            new += [f"new {n}\n"] * random.randrange(1, 4)
        elif what < 0.1:
            new += [row, f"more {n}\n"]
        elif what >= 0.15:
            new.append(row)
    return "".join(rows), "".join(new)


async def _step(at: Hand, repo: Repo, random: random.Random) -> None:
    """Something that a person does, or somebody else does to the file."""
    open_ = at.log.choices()
    entries = [s.entry for s in at.log.tally.in_state("written") if s.entry]
    undone = [s.entry for s in at.log.tally.in_state("undone") if s.entry]
    what = random.choice(("accept", "accept", "accept", "two", "undo", "redo", "split", "lines"))
    match what:
        case "accept" if open_:
            await at.do(accept(random.choice(open_)))
        case "two" if len(open_) > 1:
            await at.do(accept(*random.sample(open_, 2)))
        case "undo" if entries:
            await at.do(commands.Undo(random.choice(entries)))
        case "redo" if undone:
            await at.do(commands.Redo(random.choice(undone)))
        case "split" if open_:
            await at.do(commands.Split(random.choice(open_)))
        case "lines" if open_:
            choice = random.choice(open_)
            item = _board(at).items[choice.change]
            first = random.randrange(len(item.lines))
            last = min(len(item.lines) - 1, first + random.randrange(3))
            await at.do(commands.Split(choice, *item.told_lines(first, last)))
        case _:
            if open_ and random.random() < 0.3:
                await at.do(reject(random.choice(open_)))
            elif random.random() < 0.3:
                rows = split_lines(repo.text("a.txt"))
                rows.insert(random.randrange(len(rows)), "outside\n")
                repo.write({"a.txt": "".join(rows)})
                await at.do(*(accept(c) for c in open_[:1]))


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(n, marks=pytest.mark.full) for n in range(6, 200))]
)
def test_whatever_is_done_what_is_open_reads_as_the_file_has_it(repo: Repo, seed: int) -> None:
    dice = random.Random(seed)
    old, new = _made(dice)
    repo.commit({"a.txt": old})

    async def run() -> None:
        at = hand(repo, patch("a.txt", old, new))
        await at.until(facts.StreamFinished)
        for _ in range(25):
            await _step(at, repo, dice)
            _check(at, repo)
        await at.close()

    clock.run(run())


def test_nothing_is_told_of_lines_that_have_not_moved(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    new = A.replace("line 10\n", "ten\n").replace("line 40\n", "forty\n")

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, new))
        await at.until(facts.StreamFinished)
        await at.do(*(accept(choice) for choice in at.log.choices()))
        assert at.log.of(facts.LinesMoved) == []
        await at.close()

    clock.run(run())


def test_a_write_tells_of_those_few_that_it_touches_only(repo: Repo) -> None:
    old = numbered(4000)
    new = old.replace("5\n", "5\nmore\n")
    repo.commit({"a.txt": old})

    async def run() -> None:
        at = hand(repo, patch("a.txt", old, new))
        await at.until(facts.StreamFinished)
        told = await at.do(accept(*at.log.choices("c7")))
        (moved,) = [e for e in told if isinstance(e, facts.LinesMoved)]
        assert moved.edits == (LinesEdit(66, 0, 1),)
        assert all(isinstance(now, ShownNow) for now in moved.shown)
        assert len(moved.shown) < 3
        _check(at, repo)
        await at.close()

    clock.run(run())
