"""`spark apply`: looking first, taking back, cutting names, keeping what has no place."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.patches import changed, many_hunks, numbered, patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import run

TEXT = numbered(60)
CHANGE = many_hunks("src/a.txt", TEXT, (10, 30))


def make(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo", {"src/a.txt": TEXT, "b.txt": TEXT})


def test_dry_run_prints_what_would_be_written_and_writes_nothing(tmp_path: Path) -> None:
    repo = make(tmp_path)
    before = Untouched.of(repo.root)
    loose = (
        CHANGE.replace("@@ -7,7 +7,7 @@", "@@").replace("--- a/", "--- ").replace("+++ b/", "+++ ")
    )
    ran = run("apply", "--dry-run", "--stat", cwd=repo.root, stdin=loose.encode())
    assert ran.code == 0
    assert ran.out.decode() == CHANGE
    assert "src/a.txt" in ran.err
    before.check()


def test_dry_run_of_a_patch_that_does_not_fit_is_5_and_prints_nothing(tmp_path: Path) -> None:
    repo = make(tmp_path)
    wrong = CHANGE.replace("-line 30", "-line thirty")
    ran = run("apply", "--dry-run", cwd=repo.root, stdin=wrong.encode())
    assert (ran.code, ran.out) == (5, b"")


def test_reverse_takes_a_patch_back(tmp_path: Path) -> None:
    repo = make(tmp_path)
    repo.write({"src/a.txt": changed(TEXT, 5), "new.txt": "new\n"})
    repo.git("mv", "b.txt", "c.txt")
    repo.write({"c.txt": changed(TEXT, 50)})
    (repo.root / "c.txt").chmod(0o755)
    repo.git("add", "-A")
    patch = repo.git("diff", "--cached", "-M")
    ran = run("apply", "--reverse", cwd=repo.root, stdin=patch)
    assert ran.code == 0, ran
    assert repo.text("src/a.txt") == TEXT
    assert repo.text("b.txt") == TEXT
    assert not (repo.root / "new.txt").exists()
    assert not (repo.root / "c.txt").exists()
    assert (repo.root / "b.txt").stat().st_mode & 0o777 == 0o644


def test_reverse_of_what_a_model_wrote_without_numbers(tmp_path: Path) -> None:
    repo = make(tmp_path)
    repo.write({"src/a.txt": changed(TEXT, 10, 30)})
    bare = "".join("@@\n" if ln.startswith("@@") else ln for ln in CHANGE.splitlines(keepends=True))
    assert run("apply", "-R", cwd=repo.root, stdin=bare.encode()).code == 0
    assert repo.text("src/a.txt") == TEXT


def test_names_lose_as_many_folders_as_strip_says(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"a/x.txt": TEXT, "x.txt": TEXT})
    patch = patch_of("x.txt", TEXT, changed(TEXT, 3))
    assert run("apply", "--strip", "2", cwd=repo.root, stdin=patch.encode()).code == 5
    assert run("apply", "-p1", cwd=repo.root, stdin=patch.encode()).code == 0
    assert (repo.text("a/x.txt"), repo.text("x.txt")) == (TEXT, changed(TEXT, 3))
    deep = patch.replace("b/x.txt", "b/old/a/x.txt").replace("a/x.txt", "a/old/a/x.txt", 1)
    deep = deep.replace("--- a/x.txt", "--- a/old/a/x.txt")
    assert run("apply", "--strip=1", cwd=repo.root, stdin=deep.encode()).code == 5
    assert run("apply", "--strip=2", cwd=repo.root, stdin=deep.encode()).code == 0
    assert repo.text("a/x.txt") == changed(TEXT, 3)
    ran = run("apply", "--strip=7", cwd=repo.root, stdin=deep.encode())
    assert ran.code == 5
    assert "7 folders" in ran.err


def test_what_has_no_place_is_kept_in_a_patch_that_can_be_mended(tmp_path: Path) -> None:
    repo = make(tmp_path)
    wrong = CHANGE.replace("-line 30", "-line thirty")
    ran = run("apply", "--partial", "--reject-file", "p.rej", cwd=repo.root, stdin=wrong.encode())
    assert ran.code == 1
    assert repo.text("src/a.txt") == changed(TEXT, 10)
    kept = (repo.root / "p.rej").read_text()
    assert "'line thirty' is not in the file. Line 30, nearest to it, is 'line 30'." in kept
    mended = kept.replace("-line thirty", "-line 30")
    assert repo.git("apply", "--check", "-", stdin=mended.encode()) == b""
    assert run("apply", cwd=repo.root, stdin=mended.encode()).code == 0
    assert repo.text("src/a.txt") == changed(TEXT, 10, 30)


def test_no_reject_file_where_everything_fits(tmp_path: Path) -> None:
    repo = make(tmp_path)
    ran = run("apply", "--partial", "--reject-file=p.rej", cwd=repo.root, stdin=CHANGE.encode())
    assert ran.code == 0
    assert not (repo.root / "p.rej").exists()


def test_options_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    repo = make(tmp_path)
    for options in (["--reject-file=p"], ["--check", "--partial", "--reject-file=p"], ["-p-1"]):
        assert run("apply", *options, cwd=repo.root, stdin=CHANGE.encode()).code == 2


def test_json_tells_where_every_hunk_belongs_and_what_is_wrong_with_the_others(
    tmp_path: Path,
) -> None:
    repo = make(tmp_path)
    wrong = CHANGE.replace("-line 30", "-line thirty")
    ran = run("apply", "--check", "--json", cwd=repo.root, stdin=wrong.encode())
    assert ran.code == 5
    events = [json.loads(line) for line in ran.out.splitlines()]
    placements = [e["placement"] for e in events if e["type"] == "change_closed"]
    assert placements[0] == {"kind": "placed", "line": 7, "how": "exact", "moved": 0, "assumed": []}
    assert placements[1] == {
        "kind": "missing",
        "why": "The removed line 'line thirty' is not in the file."
        " Line 30, nearest to it, is 'line 30'.",
        "nearest": 27,
        "already": False,
        "again": False,
        "reason": "line_absent",
        "wanted": "line thirty",
        "seen": "line 30",
    }


def test_a_patch_that_is_given_twice_is_written_once(tmp_path: Path) -> None:
    repo = make(tmp_path)
    twice = f"```diff\n{CHANGE}```\n\nAgain, all of it:\n\n```diff\n{CHANGE}```\n"
    assert run("apply", cwd=repo.root, stdin=twice.encode()).code == 0
    assert repo.text("src/a.txt") == changed(TEXT, 10, 30)
