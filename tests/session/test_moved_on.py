"""The file is edited outside between the moment a change is shown and the decision."""

from __future__ import annotations

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event, PlacedAt
from codexspark_tui.events.lines import LinesEdit
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.repo import Repo, Untouched
from tests.support.session import (
    Hand,
    accept,
    changed,
    created,
    deleted,
    hand,
    numbered,
    patch,
    reject,
)

A = numbered(60)
MOVED_ON = "a.txt: it has moved on since the change was placed"


def _line(at: Hand, id: str) -> int:
    placement = at.log.change(id).placement
    assert isinstance(placement, PlacedAt)
    return placement.line


def _refusals(told: list[Event]) -> list[Event]:
    return [event for event in told if isinstance(event, facts.DecisionRefused)]


def test_refused_then_placed_anew_with_new_numbers_then_accepted(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    before = Untouched.of(repo.root)

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 40)))
        await at.until(facts.StreamFinished)
        seen = at.log.change("c1").choice
        repo.write({"a.txt": "new first line\n" + A})
        told = await at.do(accept(seen))
        assert told[-1] == facts.DecisionRefused(("c1",), MOVED_ON)
        assert told[0] == facts.LinesMoved("a.txt", (LinesEdit(1, 0, 1),))
        assert [type(e).__name__ for e in told[1:-1]] == ["ChangeMoved", "ChangeMoved"]
        assert (_line(at, "c1"), _line(at, "c2")) == (8, 38)
        assert _refusals(await at.do(accept(seen))) != []
        assert _refusals(await at.do(accept(*at.log.choices("c1", "c2")))) == []
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == "new first line\n" + changed(A, 10, 40)
    before.check(touched={"a.txt"})


def test_a_formatter_in_the_middle_of_a_turn_moves_what_is_pending_by_so_many_lines(
    repo: Repo,
) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 40)))
        await at.until(facts.StreamFinished)
        repo.write({"a.txt": "inserted\n" * 12 + A})
        await at.do(accept(*at.log.choices("c1")))
        moved = at.log.of(facts.ChangeMoved)
        placements = [event.placement for event in moved]
        assert [p.moved for p in placements if isinstance(p, PlacedAt)] == [12, 12]
        await at.do(accept(*at.log.choices("c1", "c2")))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == "inserted\n" * 12 + changed(A, 10, 40)


def test_equal_bytes_written_outside_are_no_change(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10)))
        await at.until(facts.StreamFinished)
        (repo.root / "a.txt").unlink()
        repo.write({"a.txt": A})
        assert _refusals(await at.do(accept(*at.log.choices()))) == []
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == changed(A, 10)


def test_the_region_itself_edited_is_stale_with_a_reason_and_others_go_on(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 40)))
        await at.until(facts.StreamFinished)
        shown = at.log.change("c1").choice
        repo.write({"a.txt": changed(A, 9, 10, 11, by="theirs")})
        told = await at.do(accept(*at.log.choices("c2")))
        assert told[-1] == facts.DecisionRefused(("c2",), MOVED_ON)
        assert at.log.states() == {"c1": "stale", "c2": "placed"}
        assert "line 9" in at.log.change("c1").why_not
        await at.do(accept(*at.log.choices("c2")))
        assert repo.text("a.txt") == changed(changed(A, 9, 10, 11, by="theirs"), 40)
        assert _refusals(await at.do(accept(shown))) == [
            facts.DecisionRefused(("c1",), "c1 is stale")
        ]
        assert await at.do(reject(shown)) == [
            facts.ChangeDecided("c1", "rejected"),
            facts.TurnEnded(1, "done", accepted=1, rejected=1, entry="1"),
        ]
        await at.close()

    clock.run(run())


def test_a_stale_change_is_placed_again_when_its_text_is_back(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10)))
        await at.until(facts.StreamFinished)
        repo.write({"a.txt": "nothing\n"})
        await at.do(accept(*at.log.choices()))
        assert at.log.states() == {"c1": "stale"}
        await at.do(commands.Reopen("c1"))
        assert at.log.states() == {"c1": "stale"}
        repo.write({"a.txt": "back\n" + A})
        await at.do(commands.Reopen("c1"))
        assert _line(at, "c1") == 8
        await at.do(accept(*at.log.choices()))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == "back\n" + changed(A, 10)


def test_placed_anew_after_one_of_its_file_was_accepted(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 40, 50)))
        await at.until(facts.StreamFinished)
        await at.do(accept(*at.log.choices("c1")))
        repo.write({"a.txt": "x\ny\n" + repo.text("a.txt")})
        await at.do(accept(*at.log.choices("c2")))
        assert (_line(at, "c2"), _line(at, "c3")) == (39, 49)
        await at.do(accept(*at.log.choices("c3")))
        await at.do(accept(*at.log.choices("c2")))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == "x\ny\n" + changed(A, 10, 40, 50)


def test_whole_file_changes_are_placed_anew_too(repo: Repo) -> None:
    """A delete whose file has other text now, a create whose name is taken, a mode that is set."""
    repo.commit({"gone.txt": "1\n", "mode.sh": "x\n", "old.txt": A})
    answer = (
        deleted("gone.txt", "1\n")
        + created("new.txt", "n\n")
        + "diff --git a/mode.sh b/mode.sh\nold mode 100644\nnew mode 100755\n"
        + "diff --git a/old.txt b/moved.txt\nrename from old.txt\nrename to moved.txt\n"
        + patch("moved.txt", A, changed(A, 10)).replace("a/moved.txt", "a/old.txt")
    )

    async def run() -> None:
        at = hand(repo, answer)
        await at.until(facts.StreamFinished)
        assert set(at.log.states().values()) == {"placed"}
        repo.write({"gone.txt": "2\n", "new.txt": "mine\n", "old.txt": "top\n" + A})
        (repo.root / "mode.sh").chmod(0o755)
        for id in ("c1", "c2", "c3"):
            await at.do(accept(*at.log.choices(id)))
            assert at.log.states()[id] == "stale"
        await at.do(accept(*at.log.choices("c5")))
        assert (at.log.states()["c4"], at.log.states()["c5"]) == ("placed", "placed")
        assert _refusals(await at.do(accept(*at.log.choices("c5")))) == []
        await at.close()

    clock.run(run())
    assert repo.text("moved.txt") == "top\n" + changed(A, 10)
    assert (repo.text("gone.txt"), repo.text("new.txt")) == ("2\n", "mine\n")


def test_an_edited_hunk_that_is_placed_anew_keeps_its_edit(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10)))
        await at.until(facts.StreamFinished)
        text = " line 9\n-line 10\n+by hand\n line 11\n"
        seen = at.log.change("c1")
        whole = "".join(f" line {n}\n" for n in (7, 8)) + text + " line 12\n line 13\n"
        await at.do(commands.Edit(seen.choice, whole))
        repo.write({"a.txt": "top\n" + A})
        await at.do(accept(*at.log.choices()))
        await at.do(accept(*at.log.choices()))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == "top\n" + A.replace("line 10\n", "by hand\n")


def test_a_hunk_through_a_link_and_one_through_the_name_itself(repo: Repo) -> None:
    repo.commit({"real/a.txt": A})
    (repo.root / "link.txt").symlink_to("real/a.txt")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "link")
    answer = patch("link.txt", A, changed(A, 10)) + patch("real/a.txt", A, changed(A, 40))

    async def run() -> None:
        at = hand(repo, answer)
        await at.until(facts.StreamFinished)
        for id in ("c2", "c1"):
            assert _refusals(await at.do(accept(*at.log.choices(id)))) == []
        await at.close()

    clock.run(run())
    assert repo.text("real/a.txt") == changed(A, 10, 40)
    assert (repo.root / "link.txt").is_symlink()


def test_a_file_that_changes_between_two_looks_at_it_is_known_as_its_hunks_found_it(
    repo: Repo,
) -> None:
    """The reader asks whether there is such a file; its text is read a moment later."""
    repo.commit({"a.txt": A})
    desk = Desk.of(Workspace.open(repo.root))
    assert desk.exists("a.txt")
    now = "new first line\n" + A
    repo.write({"a.txt": now})
    assert desk.draft_of("a.txt") is not None
    workspace = Workspace.open(repo.root)
    assert desk.files.digest("a.txt") == workspace.read("a.txt").digest
    assert desk.moved_on("a.txt") == set()
