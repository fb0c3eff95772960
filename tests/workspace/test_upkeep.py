"""What keeps the ledger small and whole: pruning by age and size, repair, and what both leave."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from codexspark_tui.workspace import Workspace
from codexspark_tui.workspace.prune import Keep
from tests.support.repo import Repo, Untouched, git
from tests.workspace.helpers import NUMBERS, Desk

DAY_S = 86_400.0
FOREVER, UNBOUNDED = 1e9, 1 << 40


def ledger(repo: Repo) -> Path:
    return repo.root / ".git/spark/ledger.db"


def changed_rows(repo: Repo, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(ledger(repo))) as db:
        db.execute(statement, values)
        db.commit()


def turns(desk: Desk) -> list[int]:
    return [turn.number for turn in desk.space.log(100)]


def written(repo: Repo, count: int) -> Desk:
    """Turn n writes line n of a.py."""
    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    for number in range(1, count + 1):
        desk.accept(desk.change("a.py", number, 1, f"x{number}"), turn_name=f"t{number}")
    return desk


def age(repo: Repo, turn: int, days: float) -> None:
    since = f"{days * DAY_S}"
    changed_rows(repo, f"UPDATE turn SET at = at - {since} WHERE number = ?", turn)
    changed_rows(
        repo,
        f"UPDATE batch SET at = at - {since} WHERE id IN (SELECT batch FROM mark JOIN change"
        " ON change.id = mark.change JOIN turn ON turn.id = change.turn WHERE turn.number = ?)",
        turn,
    )


def test_old_turns_are_forgotten_and_the_others_are_undone_exactly(repo: Repo) -> None:
    desk = written(repo, 6)
    for turn in (1, 2, 3):
        age(repo, turn, 40)
    before = Untouched.of(repo.root)
    assert desk.space.prune(Keep(30 * DAY_S, UNBOUNDED, dry_run=True)).turns == 3
    assert turns(desk) == [6, 5, 4, 3, 2, 1]
    assert desk.space.prune(Keep(30 * DAY_S, UNBOUNDED)).turns == 3
    assert turns(desk) == [6, 5, 4]
    before.check()
    for selector in ("5", "4", "6"):
        assert desk.space.undo(selector).conflicts == ()
    expected = NUMBERS
    for number in (1, 2, 3):
        expected = expected.replace(f"line {number}\n", f"x{number}\n", 1)
    assert repo.text("a.py") == expected
    assert desk.space.redo().conflicts == ()
    desk.accept(desk.change("a.py", 9, 1, "y"), turn_name="next")
    assert turns(desk)[0] == 7
    with closing(sqlite3.connect(ledger(repo))) as db:
        (rows,) = db.execute("SELECT count(*) FROM step WHERE batch NOT IN (SELECT id FROM batch)")
    assert rows == (0,)


def test_a_turn_that_was_undone_lately_is_not_old(repo: Repo) -> None:
    desk = written(repo, 3)
    for turn in (1, 2, 3):
        age(repo, turn, 40)
    assert desk.space.undo("1").conflicts == ()
    assert desk.space.prune(Keep(30 * DAY_S, UNBOUNDED)).turns == 0
    assert desk.space.redo("1").conflicts == ()


def test_changes_that_stay_are_followed_through_an_undo_of_a_forgotten_turn(repo: Repo) -> None:
    """Turn 1 inserts lines above turn 3's; its undo comes after turn 3 and must stay known."""
    repo.commit({"a.py": "same\n" * 40})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 0, "top", "top"), turn_name="t1")
    desk.accept(desk.change("a.py", 40, 1, "deep"), turn_name="t2")
    desk.accept(desk.change("a.py", 20, 1, "here"), turn_name="t3")
    assert desk.space.undo("1").conflicts == ()
    changed_rows(repo, "UPDATE turn SET at = 1 WHERE number = 1")
    changed_rows(repo, "UPDATE batch SET at = 1")
    changed_rows(repo, "UPDATE turn SET at = 1 WHERE number = 2")
    assert desk.space.prune(Keep(DAY_S, UNBOUNDED)).turns == 2
    assert desk.space.undo("3").conflicts == ()
    assert repo.text("a.py") == "same\n" * 37 + "deep\n" + "same\n" * 2


def test_the_oldest_turns_go_until_the_ledger_is_small(repo: Repo) -> None:
    text = "".join(f"{os.urandom(24).hex()}\n" for _ in range(400))
    repo.commit({"a.py": text})
    desk = Desk(repo.root)
    for number in range(40):
        new = [os.urandom(40).hex() for _ in range(100)]
        desk.accept(desk.change("a.py", 1, 100, *new), turn_name=f"t{number}")
    size = desk.space.prune(Keep(FOREVER, UNBOUNDED)).bytes_before
    assert size > 400_000
    pruned = desk.space.prune(Keep(FOREVER, 200_000))
    assert pruned.bytes_after <= 200_000
    assert 0 < pruned.turns < 39
    assert turns(desk) == list(range(40, pruned.turns, -1))
    assert ledger(repo).stat().st_size <= 200_000
    assert desk.space.prune(Keep(0, 0)).turns == 39 - pruned.turns
    assert turns(desk) == [40]
    assert desk.space.undo().conflicts == ()


def test_a_worktree_that_is_gone_leaves_nothing_behind(repo: Repo, tmp_path: Path) -> None:
    desk = written(repo, 2)
    git(repo.root, "worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Desk(tmp_path / "linked")
    linked.accept(linked.change("a.py", 9, 1, "linked"))
    linked.space.close()
    assert desk.space.prune(Keep(FOREVER, UNBOUNDED)).turns == 0
    repo.git("worktree", "remove", "--force", str(tmp_path / "linked"))
    assert desk.space.prune(Keep(FOREVER, UNBOUNDED)).turns == 1
    assert turns(desk) == [2, 1]
    with closing(sqlite3.connect(ledger(repo))) as db:
        assert db.execute("SELECT count(*) FROM tree").fetchone() == (1,)


def test_pruning_where_nothing_was_written_makes_nothing(repo: Repo) -> None:
    before = Untouched.of(repo.root)
    space = Workspace.open(repo.root)
    assert space.prune(Keep(0, 0)).turns == 0
    assert space.repair() == []
    assert not (repo.root / ".git/spark").exists()
    before.check()


@pytest.mark.parametrize("damage", ["index", "everything"])
def test_a_damaged_ledger_is_mended_or_moved_beside_and_work_goes_on(
    repo: Repo, damage: str
) -> None:
    desk = written(repo, 2)
    desk.space.close()
    if damage == "index":
        with closing(sqlite3.connect(ledger(repo))) as db:
            db.execute("PRAGMA writable_schema = ON")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name='step_path'")
            root = page.fetchone()[0] - 1
            size = db.execute("PRAGMA page_size").fetchone()[0]
        data = bytearray(ledger(repo).read_bytes())
        at = data.index(b"a.py", root * size)
        data[at : at + 4] = b"b.py"
        ledger(repo).write_bytes(data)
    else:
        for path in ledger(repo).parent.glob("ledger.db*"):
            path.write_bytes(b"no ledger" * 1000)
    before = Untouched.of(repo.root)
    desk = Desk(repo.root)
    assert desk.space.health().wrong != ""
    (said,) = desk.space.repair()
    before.check()
    assert desk.space.health().wrong == ""
    if damage == "index":
        assert said == "The ledger was damaged; it is built anew, and nothing of it is lost."
        assert desk.space.undo().conflicts == ()
        assert repo.text("a.py") == NUMBERS.replace("line 1\n", "x1\n", 1)
    else:
        assert "was moved to" in said
        assert len(list(ledger(repo).parent.glob("ledger.db.damaged-*"))) >= 1
        desk.accept(desk.change("a.py", 9, 1, "y"), turn_name="fresh")
        assert turns(desk) == [1]
    assert desk.space.repair() == []


def test_a_ledger_that_others_can_read_is_closed_to_them(repo: Repo) -> None:
    desk = written(repo, 1)
    ledger(repo).chmod(0o644)
    assert desk.space.repair() == ["The ledger could be read by others; now it cannot."]
    assert ledger(repo).stat().st_mode & 0o777 == 0o600


def test_a_ledger_of_an_older_format_is_brought_to_the_present_one(repo: Repo) -> None:
    """As it was before steps knew permission bits of both sides and where a file came from."""
    repo.commit({"a.py": NUMBERS, "private.txt": "p\n"})
    (repo.root / "private.txt").chmod(0o600)
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"), desk.delete("private.txt"))
    desk.accept(desk.rename("a.py", "b.py"), turn_name="t2")
    desk.space.close()
    with closing(sqlite3.connect(repo.root / ".git/spark/ledger.db")) as db:
        db.executescript(
            "UPDATE step SET rights = before_rights WHERE after = x'';"
            "DROP INDEX step_origin; ALTER TABLE step DROP COLUMN before_rights;"
            "ALTER TABLE step DROP COLUMN origin; ALTER TABLE step DROP COLUMN via;"
            "PRAGMA user_version = 3;"
        )
    space = Workspace.open(repo.root)
    assert not space.undo("1.1").conflicts  # through the rename
    assert not space.undo("1.2").conflicts
    assert not space.undo("2").conflicts
    assert (repo.text("a.py"), repo.text("private.txt")) == (NUMBERS, "p\n")
    assert (repo.root / "private.txt").stat().st_mode & 0o777 == 0o600
    space.close()
