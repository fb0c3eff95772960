"""Undo and redo: exact, in any order, and never over what somebody else wrote."""

from __future__ import annotations

import pytest

from codexspark_tui.errors import UsageError
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo, Untouched
from tests.workspace.helpers import NUMBERS, Desk


@pytest.fixture
def desk(repo: Repo) -> Desk:
    repo.commit({"a.py": NUMBERS, "b.py": NUMBERS, "keep.txt": "mine\n"})
    return Desk(repo.root)


def lines_of(repo: Repo, path: str = "a.py") -> list[str]:
    return repo.text(path).splitlines()


def test_undo_takes_back_the_newest_turn_and_redo_brings_it_again(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    desk.accept(desk.change("a.py", 3, 1, "three"), desk.create("n/new.py", "x\n"))
    after = Untouched.of(repo.root)
    desk.accept(desk.change("a.py", 9, 1, "nine"), turn_name="t2")
    assert desk.space.undo().turns == (2,)
    report = desk.space.undo()
    assert (report.turns, [c.selector for c in report.undone]) == ((1,), ["1.1", "1.2"])
    assert [c.applied for c in report.undone] == [False, False]
    before.check(touched={"a.py"})
    assert repo.text("a.py") == NUMBERS
    assert desk.space.undo().nothing_to_do
    assert desk.space.redo().turns == (1,)
    after.check(touched={"a.py", "n/new.py"})
    assert desk.space.redo().turns == (2,)
    assert desk.space.redo().nothing_to_do
    assert (lines_of(repo)[2], lines_of(repo)[8]) == ("three", "nine")


def test_every_kind_of_change_comes_back_from_another_process(desk: Desk, repo: Repo) -> None:
    before = Untouched.of(repo.root)
    digest_b = desk.rename("b.py", "moved/b2.py")
    desk.accept(
        digest_b,
        desk.create("n/e/w.sh", "#!/bin/sh\n", "100755"),
        desk.delete("keep.txt"),
        desk.mode("a.py", "100755"),
        desk.rename("a.py", "copy.py", copy=True),
    )
    desk.space.close()
    report = Workspace.open(repo.root).undo()
    assert report.conflicts == ()
    before.check(touched={"a.py", "b.py", "keep.txt"})
    assert (repo.root / "a.py").stat().st_mode & 0o777 == 0o644
    assert (repo.text("b.py"), repo.text("keep.txt")) == (NUMBERS, "mine\n")
    assert not (repo.root / "moved").exists()
    again = Workspace.open(repo.root).redo()
    assert again.conflicts == ()
    assert repo.text("moved/b2.py") == repo.text("copy.py") == NUMBERS
    assert (repo.root / "n/e/w.sh").stat().st_mode & 0o777 == 0o755
    assert not (repo.root / "keep.txt").exists()


def test_changes_are_undone_and_redone_in_any_order(desk: Desk, repo: Repo) -> None:
    desk.accept(
        desk.change("a.py", 3, 1, "three", "three and a half"),
        desk.change("a.py", 4, 1, "four"),
        desk.change("a.py", 12, 2),
    )
    desk.accept(desk.change("a.py", 1, 0, "zero"), turn_name="t2")
    for selector in ("1.2", "1.1", "2.1", "1.3"):
        assert desk.space.undo(selector).conflicts == (), selector
    assert repo.text("a.py") == NUMBERS
    for selector in ("1.3", "2", "1.1", "1.2"):
        assert desk.space.redo(selector).conflicts == (), selector
    expected = NUMBERS.replace("line 3\nline 4\n", "three\nthree and a half\nfour\n")
    expected = "zero\n" + expected.replace("line 12\nline 13\n", "")
    assert repo.text("a.py") == expected


def test_equal_places_are_told_apart_by_where_they_were(repo: Repo) -> None:
    block = "def f():\n    pass\n\n"
    repo.commit({"a.py": block * 6})
    desk = Desk(repo.root)
    desk.accept(*(desk.change("a.py", 2 + 3 * n, 1, "    return 1") for n in range(6)))
    desk.space.undo("1.4")
    expected = ["    return 1"] * 6
    expected[3] = "    pass"
    assert lines_of(repo)[1::3] == expected
    desk.accept(desk.change("a.py", 1, 0, "import x", ""), turn_name="t2")
    desk.space.undo("1.2")
    expected[1] = "    pass"
    assert lines_of(repo)[3::3] == expected
    desk.space.redo("1.4")
    expected[3] = "    return 1"
    assert lines_of(repo)[3::3] == expected


def test_a_later_change_to_the_same_lines_is_in_the_way_until_it_is_undone(
    desk: Desk, repo: Repo
) -> None:
    desk.accept(desk.change("a.py", 5, 1, "five"), desk.change("a.py", 20, 1, "twenty"))
    desk.accept(desk.change("a.py", 5, 1, "fünf"), turn_name="t2")
    before = Untouched.of(repo.root)
    (conflict,) = desk.space.undo("1.1").conflicts
    assert (conflict.change, conflict.path) == ("1.1", "a.py")
    before.check()
    desk.accept(desk.change("a.py", 28, 1, "later"), turn_name="t3")
    assert desk.space.undo("2").conflicts == ()
    assert desk.space.undo("1.1").conflicts == ()
    assert lines_of(repo)[4] == "line 5"
    assert lines_of(repo)[27] == "later"


def test_a_turn_with_two_writes_to_one_line_is_undone_step_by_step(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.change("a.py", 5, 1, "five"))
    desk.accept(desk.change("a.py", 5, 1, "fünf", "cinq"))
    desk.accept(desk.change("a.py", 6, 1, "cinco"))
    expected = repo.text("a.py")
    assert desk.space.undo("1").conflicts == ()
    assert repo.text("a.py") == NUMBERS
    assert desk.space.redo("1").conflicts == ()
    assert repo.text("a.py") == expected
    assert desk.space.undo("1").conflicts == ()
    assert repo.text("a.py") == NUMBERS


def test_after_an_edit_by_others_the_hunk_is_found_again_by_its_lines(
    desk: Desk, repo: Repo
) -> None:
    desk.accept(desk.change("a.py", 10, 1, "ten"))
    repo.write({"a.py": "# new head\n" + repo.text("a.py").replace("line 25", "edited")})
    before = Untouched.of(repo.root)
    assert desk.space.undo().conflicts == ()
    assert repo.text("a.py") == "# new head\n" + NUMBERS.replace("line 25", "edited")
    before.check(touched={"a.py"})
    repo.write({"a.py": "# another\n" + repo.text("a.py")})
    assert desk.space.redo().conflicts == ()
    assert "line 9\nten\nline 11\n" in repo.text("a.py")


def test_neighbours_of_one_decision_are_found_again_after_an_edit_by_others(
    desk: Desk, repo: Repo
) -> None:
    desk.accept(
        desk.change("a.py", 10, 1, "ten"),
        desk.change("a.py", 11, 1, "eleven"),
        desk.change("a.py", 13, 1, "thirteen"),
    )
    repo.write({"a.py": "# new head\n" + repo.text("a.py")})
    assert desk.space.undo("1.2").conflicts == ()
    assert "line 9\nten\nline 11\nline 12\nthirteen\n" in repo.text("a.py")


def test_what_conflicts_is_shown_as_a_patch_and_nothing_is_written(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.change("a.py", 10, 1, "ten"), desk.change("b.py", 2, 1, "two"))
    repo.write({"a.py": repo.text("a.py").replace("ten\n", "TEN!\n")})
    before = Untouched.of(repo.root)
    report = desk.space.undo()
    before.check()
    assert (report.undone, report.files) == ((), ())
    (conflict,) = report.conflicts
    assert (conflict.change, conflict.path) == ("1.1", "a.py")
    assert "\n-ten\n+line 10\n" in conflict.patch
    assert conflict.patch.startswith("diff --git a/a.py b/a.py\n")
    assert [c.applied for c in desk.space.show("1")] == [True, True]

    partial = desk.space.undo(partial=True)
    assert [c.change for c in partial.conflicts] == ["1.1"]
    assert [c.selector for c in partial.undone] == ["1.2"]
    before.check(touched={"b.py"})
    assert repo.text("b.py") == NUMBERS


def test_two_equal_places_after_an_edit_by_others_are_a_conflict(repo: Repo) -> None:
    repo.commit({"a.py": "x\n" * 20})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 10, 1, "y"))
    repo.write({"a.py": ("x\n" * 9 + "y\n" + "x\n" * 10) * 2})
    before = Untouched.of(repo.root)
    (conflict,) = desk.space.undo().conflicts
    assert conflict.why == "its lines are in 2 places now"
    before.check()


@pytest.mark.parametrize(
    ("edit", "why"),
    [("grown", "it has changed since"), ("gone", "there is no such file any more")],
)
def test_a_created_file_goes_only_as_we_left_it(
    desk: Desk, repo: Repo, edit: str, why: str
) -> None:
    desk.accept(desk.create("n/new.py", "x\n"))
    if edit == "gone":
        (repo.root / "n/new.py").unlink()
    else:
        repo.write({"n/new.py": "x\ny\n"})
    before = Untouched.of(repo.root)
    assert [c.why for c in desk.space.undo().conflicts] == [why]
    before.check()


def test_a_folder_of_ours_stays_while_somebody_uses_it(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.create("n/e/new.py", "x\n"))
    repo.write({"n/users.txt": "u\n"})
    assert desk.space.undo().conflicts == ()
    assert sorted(str(p.relative_to(repo.root)) for p in (repo.root / "n").rglob("*")) == [
        "n/users.txt"
    ]


def test_a_folder_that_was_there_before_stays_when_it_is_empty(desk: Desk, repo: Repo) -> None:
    (repo.root / "was/here").mkdir(parents=True)
    desk.accept(desk.create("was/here/new.py", "x\n"))
    desk.space.undo()
    assert (repo.root / "was/here").is_dir()


def test_a_deleted_file_comes_back_only_where_nothing_is(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.delete("keep.txt"))
    repo.write({"keep.txt": "another\n"})
    before = Untouched.of(repo.root)
    (conflict,) = desk.space.undo().conflicts
    assert conflict.why == "there is already a file of that name"
    assert "+mine\n" in conflict.patch
    before.check()


def test_a_hunk_follows_its_file_through_our_renames(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.change("a.py", 5, 1, "five"))
    desk.accept(desk.rename("a.py", "x.py"), turn_name="t2")
    desk.accept(desk.rename("x.py", "d/y.py"), turn_name="t3")
    assert desk.space.undo("1").conflicts == ()
    assert repo.text("d/y.py") == NUMBERS
    assert desk.space.undo("3").conflicts == ()
    assert desk.space.redo("1").conflicts == ()
    assert repo.text("x.py") == NUMBERS.replace("line 5\n", "five\n")
    assert [c.why for c in desk.space.undo("2", partial=True).conflicts] == []
    assert repo.text("a.py") == NUMBERS.replace("line 5\n", "five\n")
    assert desk.space.undo("1").conflicts == ()
    assert repo.text("a.py") == NUMBERS


def test_a_turn_with_its_own_rename_between_edits_is_undone_whole(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.change("a.py", 5, 1, "five"))
    desk.accept(desk.rename("a.py", "x.py"))
    desk.accept(desk.change("x.py", 7, 1, "seven"))
    assert desk.space.undo("1").conflicts == ()
    assert repo.text("a.py") == NUMBERS
    assert not (repo.root / "x.py").exists()
    assert desk.space.redo().conflicts == ()
    assert [lines_of(repo, "x.py")[n] for n in (4, 6)] == ["five", "seven"]
    assert desk.space.undo("1.2").conflicts == ()
    assert [lines_of(repo)[n] for n in (4, 6)] == ["five", "seven"]
    assert desk.space.undo("1").conflicts == ()
    assert repo.text("a.py") == NUMBERS


def test_a_created_file_that_was_edited_in_the_same_turn_comes_and_goes(
    desk: Desk, repo: Repo
) -> None:
    before = Untouched.of(repo.root)
    desk.accept(desk.create("n.py", NUMBERS))
    desk.accept(desk.change("n.py", 5, 1, "five"))
    assert desk.space.undo().conflicts == ()
    before.check()
    assert desk.space.redo().conflicts == ()
    assert lines_of(repo, "n.py")[4] == "five"


@pytest.mark.parametrize(
    "selector", ["7", "1.9", "x", "1.", ".1", "-1", "1.2.3", "", "1:x", "9:a.py", "1:"]
)
def test_a_selector_that_names_nothing_is_said(desk: Desk, selector: str) -> None:
    desk.accept(desk.change("a.py", 5, 1, "five"))
    for call in (desk.space.undo, desk.space.redo, desk.space.show):
        with pytest.raises(UsageError) as caught:
            call(selector)
        assert "spark log" in caught.value.next_step


def test_undoing_what_is_undone_is_nothing_to_do(desk: Desk) -> None:
    desk.accept(desk.change("a.py", 5, 1, "five"))
    assert desk.space.redo("1").nothing_to_do
    desk.space.undo("1")
    assert desk.space.undo("1").nothing_to_do
    assert desk.space.undo("1.1").nothing_to_do


def test_chmod_by_others_does_not_stand_in_the_way(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.change("a.py", 5, 1, "five"))
    (repo.root / "a.py").chmod(0o755)
    assert desk.space.undo().conflicts == ()
    assert repo.text("a.py") == NUMBERS
    assert (repo.root / "a.py").stat().st_mode & 0o777 == 0o755


def test_undo_and_redo_of_what_a_turn_did_to_one_file(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.change("a.py", 5, 1, "five"), desk.change("b.py", 5, 1, "five"))
    desk.accept(desk.change("a.py", 9, 1, "nine"), turn_name="t2")
    assert [c.selector for c in desk.space.undo("1:b.py").undone] == ["1.2"]
    assert (repo.text("b.py"), lines_of(repo)[4]) == (NUMBERS, "five")
    assert [c.selector for c in desk.space.undo("a.py").undone] == ["2.1"]
    assert [c.selector for c in desk.space.undo("a.py").undone] == ["1.1"]
    assert desk.space.undo("a.py").nothing_to_do
    assert repo.text("a.py") == NUMBERS
    assert [c.selector for c in desk.space.redo("a.py").undone] == ["1.1"]
    assert [c.selector for c in desk.space.redo("a.py").undone] == ["2.1"]
    assert desk.space.redo("a.py").nothing_to_do
    assert repo.text("b.py") == NUMBERS
    assert [c.selector for c in desk.space.show("b.py")] == ["1.2"]


def test_a_file_is_known_by_its_old_and_its_new_name(desk: Desk, repo: Repo) -> None:
    desk.accept(desk.rename("a.py", "x.py"))
    desk.accept(desk.change("x.py", 5, 1, "five"), turn_name="t2")
    assert desk.space.undo("x.py").turns == (2,)
    assert desk.space.undo("a.py").turns == (1,)
    assert repo.text("a.py") == NUMBERS


def test_a_hunk_between_lines_that_others_changed_is_merged_three_way(
    desk: Desk, repo: Repo
) -> None:
    desk.accept(desk.change("a.py", 10, 1, "ten", "ten and a half"))
    edited = repo.text("a.py").replace("line 9\n", "NINE\n").replace("line 12\n", "TWELVE\n")
    edited = edited.replace("line 11\n", "").replace("line 8\n", "EIGHT\n")
    repo.write({"a.py": "# head\n" + edited})
    before = Untouched.of(repo.root)
    assert desk.space.undo().conflicts == ()
    assert lines_of(repo)[7:13] == ["line 7", "EIGHT", "NINE", "line 10", "TWELVE", "line 13"]
    before.check(touched={"a.py"})
    assert desk.space.redo().conflicts == ()
    assert repo.text("a.py") == "# head\n" + edited


def test_equal_blocks_are_told_apart_by_a_three_way_merge(repo: Repo) -> None:
    block = "def f():\n    pass\n\n"
    repo.commit({"a.py": block * 6})
    desk = Desk(repo.root)
    desk.accept(*(desk.change("a.py", 2 + 3 * n, 1, "    return 1") for n in range(6)))
    repo.write({"a.py": "import x\n\n" + repo.text("a.py")})
    assert desk.space.undo("1.4").conflicts == ()
    expected = ["    return 1"] * 6
    expected[3] = "    pass"
    assert lines_of(repo)[3::3] == expected


def test_a_text_that_git_does_not_have_is_merged_from_its_recorded_creation(
    desk: Desk, repo: Repo
) -> None:
    desk.accept(desk.create("n.py", NUMBERS))
    desk.accept(desk.change("n.py", 10, 1, "ten"), turn_name="t2")
    edited = repo.text("n.py").replace("line 9\n", "NINE\n").replace("line 11\n", "ELEVEN\n")
    repo.write({"n.py": edited})
    assert desk.space.undo("2").conflicts == ()
    assert repo.text("n.py") == edited.replace("ten\n", "line 10\n")


def test_the_base_of_a_merge_is_found_in_an_old_commit_with_other_line_ends(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    repo.write({"a.py": NUMBERS.replace("\n", "\r\n")})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 10, 1, "ten"))
    edited = repo.text("a.py").replace("line 9\r", "NINE\r").replace("line 11\r", "ELEVEN\r")
    repo.commit({"a.py": "something else\n"})
    repo.write({"a.py": edited})
    assert desk.space.undo().conflicts == ()
    assert repo.text("a.py") == edited.replace("ten\r", "line 10\r")


def test_a_merge_never_takes_one_of_two_equal_lines_between_changed_ones(
    desk: Desk, repo: Repo
) -> None:
    desk.accept(desk.change("a.py", 10, 0, ""), desk.change("a.py", 20, 0, ""))
    rewritten = "".join(f"other {n}\n" if n % 7 else "\n" for n in range(30))
    repo.write({"a.py": rewritten})
    before = Untouched.of(repo.root)
    assert len(desk.space.undo().conflicts) == 2
    before.check()


@pytest.mark.parametrize("name", [":a.py", ":(top)a.py", ":!a.py", "a[1]*.py"])
def test_the_base_of_a_merge_is_found_for_a_name_that_git_reads_in_a_way_of_its_own(
    repo: Repo, name: str
) -> None:
    repo.commit({name: NUMBERS})
    desk = Desk(repo.root)
    desk.accept(desk.change(name, 10, 1, "ten"))
    edited = repo.text(name).replace("line 9\n", "NINE\n").replace("line 11\n", "ELEVEN\n")
    repo.commit({name: "something else\n"})
    repo.write({name: edited})
    assert desk.space.undo().conflicts == ()
    assert repo.text(name) == edited.replace("ten\n", "line 10\n")


def test_the_place_of_a_change_is_kept_right_when_those_around_it_are_undone_with_it(
    repo: Repo,
) -> None:
    """All lines are equal, so that only what is recorded says where a change stood."""
    repo.commit({"a.py": "x\n" * 40})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 5, 1, "A", "B", "C"), desk.change("a.py", 20, 1, "D"))
    written = repo.text("a.py")
    repo.write({"a.py": written + "somebody else\n"})
    assert desk.space.undo("1").conflicts == ()
    assert repo.text("a.py") == "x\n" * 40 + "somebody else\n"
    assert desk.space.redo("1.2").conflicts == ()
    assert lines_of(repo).index("D") == 19
    assert desk.space.redo("1.1").conflicts == ()
    assert repo.text("a.py") == written + "somebody else\n"
