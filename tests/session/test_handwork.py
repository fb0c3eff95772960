"""What a person does by hand: choose a place, split, edit, reopen."""

from __future__ import annotations

import pytest

from codexspark_tui.events import commands, facts
from codexspark_tui.events.commands import Choice
from codexspark_tui.events.facts import AmbiguousAt, PlacedAt
from codexspark_tui.patch.model import Line, ResolvedHunk
from codexspark_tui.session.deciding.edited import edited_hunk, hunk_text
from tests.support import clock
from tests.support.repo import Repo, Untouched
from tests.support.session import Hand, accept, changed, hand, numbered, patch, reject

A = numbered(60)
BLOCK = "def f():\n    a = 1\n    return a\n\n\n"
TWICE = BLOCK + "# first\n\n\n" + BLOCK + "# second\n"
ANYWHERE = "--- a/t.py\n+++ b/t.py\n@@ ... @@\n     a = 1\n-    return a\n+    return a + 1\n\n"


def test_an_ambiguous_hunk_lists_its_places_and_the_person_chooses(repo: Repo) -> None:
    repo.commit({"t.py": TWICE})
    before = Untouched.of(repo.root)

    async def run() -> None:
        at = hand(repo, ANYWHERE + "\nDone.\n")
        closed = await at.until(facts.ChangeClosed)
        assert (closed.state, closed.placement, closed.resolved) == (
            "ambiguous",
            AmbiguousAt((2, 10)),
            None,
        )
        await at.until(facts.StreamFinished)
        choice = Choice("c1", closed.digest)
        (told,) = await at.do(accept(choice))
        assert told == facts.DecisionRefused(("c1",), "c1 is ambiguous")
        (told,) = await at.do(commands.PlaceAt("c1", 2, closed.digest))
        assert isinstance(told, facts.DecisionRefused)
        (told,) = await at.do(commands.PlaceAt("c1", 1, "0123"))
        assert isinstance(told, facts.DecisionRefused)
        (moved,) = await at.do(commands.PlaceAt("c1", 1, closed.digest))
        assert isinstance(moved, facts.ChangeMoved)
        assert isinstance(moved.placement, PlacedAt)
        assert (moved.state, moved.placement.line) == ("placed", 10)
        (told,) = await at.do(commands.PlaceAt("c1", 0))
        assert told == facts.DecisionRefused(("c1",), "there is no place to choose for it")
        await at.do(accept(*at.log.choices()))
        await at.close()

    clock.run(run())
    head, tail = TWICE.split("# first")
    assert repo.text("t.py") == head + "# first" + tail.replace("return a\n", "return a + 1\n")
    before.check(touched={"t.py"})


def test_a_later_hunk_settles_an_ambiguous_one_and_moves_no_placed_one(repo: Repo) -> None:
    repo.commit({"t.py": TWICE})
    first = "--- a/t.py\n+++ b/t.py\n@@ ... @@\n     a = 1\n-    return a\n+    return a + 1\n"
    second = "@@ ... @@\n-# first\n+# 1st\n"

    async def run() -> None:
        at = hand(repo, first + second + "\nDone.\n")
        await at.until(facts.StreamFinished)
        moved = at.log.one(facts.ChangeMoved)
        assert (moved.change, moved.state) == ("c1", "placed")
        assert isinstance(moved.placement, PlacedAt)
        assert moved.placement.line == 2
        await at.do(accept(*at.log.choices()))
        await at.close()

    clock.run(run())
    assert repo.text("t.py") == TWICE.replace("return a\n", "return a + 1\n", 1).replace(
        "# first", "# 1st"
    )


def test_an_ambiguous_hunk_can_be_rejected_and_reopened(repo: Repo) -> None:
    repo.commit({"t.py": TWICE})

    async def run() -> None:
        at = hand(repo, ANYWHERE)
        await at.until(facts.StreamFinished)
        await at.do(reject(at.log.change("c1").choice))
        (told,) = await at.do(commands.PlaceAt("c1", 0))
        assert isinstance(told, facts.DecisionRefused)
        (moved,) = await at.do(commands.Reopen("c1"))
        assert isinstance(moved, facts.ChangeMoved)
        assert moved.placement == AmbiguousAt((2, 10))
        await at.do(commands.PlaceAt("c1", 0), accept())
        await at.close()

    clock.run(run())


def test_a_split_hunk_is_decided_part_by_part_in_its_place(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    before = Untouched.of(repo.root)

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 13, 16, 50)))
        await at.until(facts.StreamFinished)
        told = await at.do(commands.Split(at.log.change("c1").choice))
        assert told[0] == facts.ChangeSplit("c1", ("c3", "c4", "c5"))
        assert [type(e).__name__ for e in told[1:]] == ["ChangeOpened", "ChangeClosed"] * 3
        (again,) = await at.do(commands.Split(at.log.change("c4").choice))
        assert again == facts.DecisionRefused(("c4",), "this hunk cannot be split further")
        await at.do(accept(*at.log.choices("c5", "c2")))
        decided = [e.change for e in at.log.of(facts.ChangeDecided)]
        assert decided == ["c5", "c2"]
        await at.do(accept(*at.log.choices("c3")), reject(*at.log.choices("c4")))
        assert repo.text("a.txt") == changed(A, 10, 16, 50)
        await at.do(commands.Reopen("c4"))
        await at.do(accept(*at.log.choices("c4")))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == changed(A, 10, 13, 16, 50)
    before.check(touched={"a.txt"})


def test_a_rejected_change_comes_back_where_it_was(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 40)))
        await at.until(facts.StreamFinished)
        shown = at.log.of(facts.ChangeClosed)[1]
        await at.do(reject(*at.log.choices("c2"), reason="no"), accept(*at.log.choices("c1")))
        assert at.log.one(facts.TurnEnded).rejected == 1
        (back,) = await at.do(commands.Reopen("c2"))
        assert back == facts.ChangeMoved(
            "c2", "placed", shown.placement, shown.digest, shown.resolved, author="scripted"
        )
        told = await at.do(accept(Choice("c2", shown.digest)))
        assert told[-1] == facts.TurnEnded(1, "done", accepted=2, entry="1")
        (told_c1,) = await at.do(commands.Reopen("c1"))
        assert isinstance(told_c1, facts.DecisionRefused)
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == changed(A, 10, 40)


def test_reopened_after_the_file_has_moved_on(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 40)))
        await at.until(facts.StreamFinished)
        await at.do(reject(*at.log.choices("c1")))
        repo.write({"a.txt": "top\n" + A})
        told = await at.do(commands.Reopen("c1"))
        assert sorted(e.change for e in told if isinstance(e, facts.ChangeMoved)) == ["c1", "c2"]
        await at.do(accept(*at.log.choices()))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == "top\n" + changed(A, 10, 40)


async def _edited(at: Hand, text: str) -> list[str]:
    told = await at.do(commands.Edit(at.log.change("c1").choice, text))
    return [e.why for e in told if isinstance(e, facts.DecisionRefused)]


def test_an_edited_hunk_is_checked_and_written_as_edited(repo: Repo) -> None:
    repo.commit({"a.txt": "one\r\ntwo\r\nthree\r\nfour"})
    answer = patch("a.txt", "one\r\ntwo\r\nthree\r\nfour", "one\r\n2\r\nthree\r\n4")

    async def run() -> None:
        at = hand(repo, answer)
        await at.until(facts.StreamFinished)
        old = at.log.change("c1").choice
        assert await _edited(at, " one\n-two\n+2\n three\n-five\n+4\n") == [
            "this line is not in the file at this place: five"
        ]
        assert await _edited(at, " one\n-two\n") == ["this line of the file was left out: three"]
        assert await _edited(at, " one\n two\n three\n four\n") == [
            "nothing is changed any more; reject the hunk instead"
        ]
        assert await _edited(at, "@@ -1 +1 @@\n") == [
            "a line of a hunk starts with a space, - or +, and this one does not: @@ -1 +1 @@"
        ]
        assert await _edited(at, "# help\n one\n two\n+zwei\n three\n-four\n+IV\n\n") == []
        (told,) = await at.do(accept(old))
        assert isinstance(told, facts.DecisionRefused)
        await at.do(accept(*at.log.choices()))
        await at.close()

    clock.run(run())
    assert repo.read("a.txt") == b"one\r\ntwo\r\nzwei\r\nthree\r\nIV"


HUNK = ResolvedHunk(
    "a", 1, (Line(" ", "one"), Line("-", "two", ""), Line("+", "zwei"), Line("+", "drei", ""))
)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (hunk_text(HUNK), HUNK.lines),
        (hunk_text(HUNK).replace("\n", "\r\n"), HUNK.lines),
        (" one\n-two\n+II\n", (Line(" ", "one"), Line("-", "two", ""), Line("+", "II", ""))),
        (
            " one\n two\n+II\n",
            (Line(" ", "one"), Line("-", "two", ""), Line("+", "two"), Line("+", "II", "")),
        ),
        ("+0\n one\n two\n", (Line("+", "0"), Line(" ", "one"), Line(" ", "two", ""))),
        (" one\n-two\n", (Line(" ", "one"), Line("-", "two", ""))),
    ],
)
def test_line_ends_and_a_missing_final_newline_are_kept(text: str, lines: tuple[Line, ...]) -> None:
    assert edited_hunk(HUNK, text) == ResolvedHunk("a", 1, lines)
