"""Changes of whole files, and changes that cannot do without another."""

from __future__ import annotations

from codexspark_tui.events import commands, facts
from codexspark_tui.events.commands import Choice
from codexspark_tui.events.facts import Finding
from codexspark_tui.patch.model import Ambiguous
from codexspark_tui.session.review import Change, Review
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.repo import Repo, Untouched
from tests.support.session import (
    Log,
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

A = numbered(30)


def moved(old: str, new: str, text: str = "", after: str = "", mode: str = "") -> str:
    head = f"diff --git a/{old} b/{new}\n{mode}rename from {old}\nrename to {new}\n"
    body = patch(new, text, after).split("--- ", 1) if text else ["", ""]
    return head + (f"--- a/{old}\n+++ b/{new}\n@@" + body[1].split("@@", 1)[1] if text else "")


def test_a_hunk_in_a_renamed_file_takes_the_rename_with_it(repo: Repo) -> None:
    repo.commit({"old.txt": A})
    before = Untouched.of(repo.root)
    answer = moved("old.txt", "new.txt", A, changed(A, 5, 20))
    log = Talk(repo, [answer]).run(
        streamed(
            lambda log: accept(*log.choices("c2")),
            lambda log: accept(*log.choices("c3")),
        )
    )
    assert [(e.change, e.kind, e.needs) for e in log.of(facts.ChangeOpened)] == [
        ("c1", "rename", ()),
        ("c2", "hunk", ("c1",)),
        ("c3", "hunk", ("c1",)),
    ]
    assert [e.change for e in log.of(facts.ChangeDecided)] == ["c1", "c2", "c3"]
    assert repo.text("new.txt") == changed(A, 5, 20)
    assert not (repo.root / "old.txt").exists()
    before.check(touched={"old.txt", "new.txt"})


def test_rejecting_a_rename_rejects_what_needs_it_also_what_closes_later(repo: Repo) -> None:
    repo.commit({"old.txt": A})
    before = Untouched.of(repo.root)
    answer = moved("old.txt", "new.txt", A, changed(A, 5, 20)) + "\nThat is all.\n"

    def at_first_hunk(event: facts.ChangeClosed, log: Log) -> commands.Decide | None:
        return reject(*log.choices("c1"), reason="keep") if event.change == "c2" else None

    log = Talk(repo, [answer]).run(when(facts.ChangeClosed, at_first_hunk))
    assert log.of(facts.ChangeDecided) == [
        facts.ChangeDecided("c1", "rejected", "keep"),
        facts.ChangeDecided("c2", "rejected", "needs c1, which was rejected"),
        facts.ChangeDecided("c3", "rejected", "needs c1, which was rejected"),
    ]
    before.check()


def test_mode_rename_and_hunk_of_one_file_each_by_itself(repo: Repo) -> None:
    repo.commit({"old.sh": A})
    mode = "old mode 100644\nnew mode 100755\n"
    answer = moved("old.sh", "new.sh", A, changed(A, 5), mode)
    log = Talk(repo, [answer]).run(
        streamed(
            lambda log: accept(*log.choices("c1")),
            lambda log: accept(*log.choices("c2")),
            lambda log: accept(*log.choices("c3")),
        )
    )
    assert [e.kind for e in log.of(facts.ChangeOpened)] == ["rename", "mode", "hunk"]
    assert set(log.states().values()) == {"written"}
    assert repo.text("new.sh") == changed(A, 5)
    assert (repo.root / "new.sh").stat().st_mode & 0o100


def test_mode_and_hunk_accepted_in_any_order(repo: Repo) -> None:
    mode = "old mode 100644\nnew mode 100755\n"
    for name, order in (("x.sh", ("c1", "c2")), ("y.sh", ("c2", "c1"))):
        repo.commit({name: A})
        body = patch(name, A, changed(A, 5))
        answer = body.replace(f"--- a/{name}", f"{mode}--- a/{name}", 1)
        steps = [lambda log, id=id: accept(*log.choices(id)) for id in order]
        log = Talk(repo, [answer]).run(streamed(*steps))
        assert log.states() == {"c1": "written", "c2": "written"}
        assert repo.text(name) == changed(A, 5)
        assert (repo.root / name).stat().st_mode & 0o100


def test_created_file_and_later_hunks_in_it(repo: Repo) -> None:
    answer = (
        created("dir/new.txt", A) + "\nNow better:\n\n" + patch("dir/new.txt", A, changed(A, 5))
    )
    log = Talk(repo, [answer]).run(streamed(lambda log: accept(*log.choices("c2"))))
    assert log.one(facts.TurnEnded).accepted == 2
    assert [e.change for e in log.of(facts.ChangeDecided)] == ["c1", "c2"]
    assert repo.text("dir/new.txt") == changed(A, 5)


def test_hunk_in_a_created_file_accepted_after_it(repo: Repo) -> None:
    answer = created("n.txt", A) + "\nNow better:\n\n" + patch("n.txt", A, changed(A, 5, 20))
    log = Talk(repo, [answer]).run(
        streamed(
            lambda log: accept(*log.choices("c1")),
            lambda log: accept(*log.choices("c3")),
            lambda log: accept(*log.choices("c2")),
        )
    )
    assert set(log.states().values()) == {"written"}
    assert repo.text("n.txt") == changed(A, 5, 20)


def test_a_file_that_is_made_twice_is_refused_the_second_time(repo: Repo) -> None:
    log = Talk(repo, [created("n.txt", "1\n") + "\nor:\n\n" + created("n.txt", "2\n")]).run(
        streamed(lambda log: accept(*log.choices()))
    )
    assert log.states() == {"c1": "written", "c2": "refused"}
    assert log.change("c2").why_not == "n.txt is made by another change already"
    assert repo.text("n.txt") == "1\n"


def test_delete_takes_what_was_accepted_in_the_file_before(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    answer = patch("a.txt", A, changed(A, 5)) + deleted("a.txt", A)
    log = Talk(repo, [answer]).run(
        streamed(lambda log: accept(*log.choices("c1")), lambda log: accept(*log.choices("c2")))
    )
    assert log.states() == {"c1": "written", "c2": "written"}
    assert not (repo.root / "a.txt").exists()


def test_delete_of_another_text_is_refused(repo: Repo) -> None:
    repo.commit({"a.txt": "mine\n"})
    log = Talk(repo, [deleted("a.txt", "theirs\n")]).run()
    assert log.states() == {"c1": "refused"}
    assert log.one(facts.TurnEnded) == facts.TurnEnded(1, "done", refused=1)


def test_rename_onto_an_existing_file_is_refused_with_all_that_needs_it(repo: Repo) -> None:
    repo.commit({"old.txt": A, "new.txt": A})
    before = Untouched.of(repo.root)
    log = Talk(repo, [moved("old.txt", "new.txt", A, changed(A, 5))]).run()
    assert log.states() == {"c1": "refused", "c2": "refused"}
    assert log.change("c1").why_not == "new.txt exists already"
    assert log.change("c2").why_not == "it needs c1, which was refused"
    before.check()


def test_renamed_after_a_hunk_under_the_old_name(repo: Repo) -> None:
    """The hunk is accepted first: the hunks under the new name follow the file's new text."""
    repo.commit({"old.txt": A})
    answer = patch("old.txt", A, changed(A, 5)) + moved("old.txt", "new.txt", A, changed(A, 20))
    log = Talk(repo, [answer]).run(
        streamed(
            lambda log: accept(*log.choices("c1")),
            lambda log: accept(*log.choices("c3")),
        )
    )
    assert set(log.states().values()) == {"written"}
    assert repo.text("new.txt") == changed(A, 5, 20)


def test_the_old_name_is_gone_when_its_hunk_is_decided(repo: Repo) -> None:
    repo.commit({"old.txt": A})
    answer = patch("old.txt", A, changed(A, 5)) + moved("old.txt", "new.txt")
    log = Talk(repo, [answer]).run(
        streamed(
            lambda log: accept(*log.choices("c2")),
            lambda log: [accept(log.change("c1").choice), reject(log.change("c1").choice)],
        )
    )
    assert log.states() == {"c1": "rejected", "c2": "written"}
    assert log.one(facts.ChangeStale).why == "the file has moved on: there is no file old.txt"


def test_a_decision_with_an_old_digest_is_refused(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    before = Untouched.of(repo.root)
    why = "c1 is not what it was when it was shown"
    log = Talk(repo, [patch("a.txt", A, changed(A, 5))]).run(
        streamed(
            lambda log: accept(Choice("c1", "0123456789abcdef")),
            lambda log: reject(Choice("c1", "0123456789abcdef")),
            lambda log: accept(Choice("c9", "")),
            lambda log: reject(*log.choices()),
        )
    )
    assert log.of(facts.DecisionRefused) == [
        facts.DecisionRefused(("c1",), why),
        facts.DecisionRefused(("c1",), why),
        facts.DecisionRefused(("c9",), "there is no change c9"),
    ]
    before.check()


def test_a_second_key_for_the_same_change_changes_nothing(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    log = Talk(repo, [patch("a.txt", A, changed(A, 5, 20))]).run(
        streamed(
            lambda log: [accept(*log.choices("c1")), accept(*log.choices("c1"))],
            lambda log: reject(*log.choices("c2")),
        )
    )
    assert log.of(facts.DecisionRefused) == [facts.DecisionRefused(("c1",), "c1 is written")]
    assert repo.text("a.txt") == changed(A, 5)


def test_one_of_several_that_cannot_be_accepted_holds_back_all(repo: Repo) -> None:
    repo.commit({"a.txt": A, "b.txt": A})
    before = Untouched.of(repo.root)
    answer = patch("a.txt", A, changed(A, 5)) + patch("b.txt", A, changed(A, 5))

    async def run() -> None:
        at = hand(repo, answer)
        await at.until(facts.StreamFinished)
        repo_b = repo.root / "b.txt"
        repo_b.write_text("other\n")
        told = await at.do(accept(*at.log.choices()))
        assert told[-1] == facts.DecisionRefused(
            ("c1", "c2"), "b.txt: it has moved on since the change was placed"
        )
        assert at.log.states() == {"c1": "placed", "c2": "stale"}
        repo_b.write_text(A)
        await at.close()

    clock.run(run())
    assert Workspace.open(repo.root).log() == []
    before.check(touched={"b.txt"})


def test_hostile_paths_are_refused_and_end_the_turn(repo: Repo) -> None:
    names = ["../x", "/etc/x", ".git/config", "a/../../x", "\ud83d.py", "nul\0.py", "x" * 300]
    answer = "".join(f"--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+x\n\n" for name in names)
    log = Talk(repo, [answer]).run()
    assert set(log.states().values()) == {"refused"}
    assert len(log.states()) >= len(names) - 1
    assert log.one(facts.TurnEnded).reason == "done"


def test_what_a_later_hunk_may_settle_is_known_without_looking_through_all() -> None:
    review = Review()
    broken = Finding("syntax", "it does not parse")
    places = Ambiguous((1, 2), "exact")
    for id, path in (("c1", "a"), ("c2", "a"), ("c3", "b"), ("c4", "a")):
        review.add(Change(id, "hunk", path, state="placed"))
    review.update("c1", findings=(broken,))
    review.update("c2", state="ambiguous", placement=places)
    review.update("c3", findings=(broken,))
    review.update("c4", findings=(Finding("secrets", "a key"),))

    def unsettled(path: str) -> list[str]:
        return [change.id for change in review.unsettled(path)]

    assert (unsettled("a"), unsettled("b"), unsettled("c")) == (["c1", "c2"], ["c3"], [])
    review.update("c1", state="written")
    review.update("c3", path="c")
    assert (unsettled("a"), unsettled("b"), unsettled("c")) == (["c2"], [], ["c3"])
    review.replace("c2", [Change("c5", "hunk", "a", state="ambiguous", placement=places)])
    assert unsettled("a") == ["c5"]
    review.update("c1", state="placed")
    assert sorted(unsettled("a")) == ["c1", "c5"]
