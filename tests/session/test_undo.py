"""Undo and redo in the session that wrote."""

from __future__ import annotations

from codexspark_tui.events import commands, facts
from tests.support import clock
from tests.support.repo import Repo, Untouched
from tests.support.session import Log, Talk, accept, changed, created, hand, numbered, patch, when

A = numbered(60)


def test_undo_and_redo_show_in_the_review_and_move_nothing_else(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    before = Untouched.of(repo.root)

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 12 + 8, 40)))
        await at.until(facts.StreamFinished)
        third = at.log.choices("c3")
        await at.do(accept(*at.log.choices("c1")), accept(*at.log.choices("c2")))
        told = await at.do(commands.Undo("1.1"))
        assert told == [
            facts.ChangeUndone("1.1", "a.txt", "undone", "c1"),
            facts.FileWritten("a.txt"),
        ]
        assert repo.text("a.txt") == changed(A, 20)
        await at.do(accept(*third))
        assert repo.text("a.txt") == changed(A, 20, 40)
        told = await at.do(commands.Redo("1.1"))
        assert told[0] == facts.ChangeUndone("1.1", "a.txt", "written", "c1")
        assert repo.text("a.txt") == changed(A, 10, 20, 40)
        await at.do(commands.Undo())
        assert repo.text("a.txt") == A
        (told_nothing,) = await at.do(commands.Undo())
        assert told_nothing == facts.Notice("there is nothing to undo")
        (wrong,) = await at.do(commands.Undo("9"))
        assert isinstance(wrong, facts.Notice)
        assert wrong.level == "warning"
        await at.close()

    clock.run(run())
    before.check(touched={"a.txt"})


def test_undoing_a_created_file_takes_its_pending_hunks_along_until_it_is_back(repo: Repo) -> None:
    answer = created("n.txt", A) + "\nBetter:\n\n" + patch("n.txt", A, changed(A, 10))

    async def run() -> None:
        at = hand(repo, answer)
        await at.until(facts.StreamFinished)
        await at.do(accept(*at.log.choices("c1")))
        await at.do(commands.Undo())
        assert at.log.change("c2").why_not == "it needs c1, which is undone"
        await at.do(commands.Redo())
        assert at.log.states()["c2"] == "placed"
        await at.do(accept(*at.log.choices("c2")))
        await at.close()

    clock.run(run())
    assert repo.text("n.txt") == changed(A, 10)


def test_a_turn_that_is_over_can_be_undone_by_its_changes_ids(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    def undo_after_second(event: facts.TurnEnded, log: Log) -> commands.Undo | None:
        done = log.of(facts.ChangeUndone)
        return commands.Undo("1") if event.turn == 2 and not done else None

    def close(event: facts.ChangeUndone, log: Log) -> commands.Close:
        return commands.Close()

    log = Talk(
        repo,
        [patch("a.txt", A, changed(A, 10)), patch("a.txt", changed(A, 10), changed(A, 10, 40))],
    ).run(
        when(facts.StreamFinished, lambda e, log: accept(*log.choices())),
        when(facts.TurnEnded, undo_after_second),
        when(facts.ChangeUndone, close),
        prompts=("one", "two"),
    )
    assert log.one(facts.ChangeUndone) == facts.ChangeUndone("1.1", "a.txt", "undone", "c1")
    assert repo.text("a.txt") == changed(A, 40)


def test_what_cannot_be_taken_back_safely_is_shown_not_written(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10)))
        await at.until(facts.StreamFinished)
        await at.do(accept(*at.log.choices()))
        theirs = changed(A, 9, 10, 11, by="theirs")
        repo.write({"a.txt": theirs})
        (conflict,) = await at.do(commands.Undo())
        assert isinstance(conflict, facts.UndoConflict)
        assert (conflict.entry, conflict.path) == ("1.1", "a.txt")
        assert "+line 10" in conflict.patch
        assert repo.text("a.txt") == theirs
        await at.close()

    clock.run(run())


def test_undo_before_the_first_prompt(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    Talk(repo, [patch("a.txt", A, changed(A, 10))]).run(
        when(facts.StreamFinished, lambda e, log: accept(*log.choices()))
    )

    async def run() -> None:
        at = hand(repo, id="second", prompt=None)
        told = await at.do(commands.Undo())
        assert facts.ChangeUndone("1.1", "a.txt", "undone") in told
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == A
