"""undo, redo, log and show on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.patches import changed, many_hunks, numbered
from tests.support.repo import Repo, Untouched
from tests.support.spark import run

TEXT = numbered(60)


@pytest.fixture
def written(repo: Repo) -> Repo:
    """Turn 1: lines 10 and 30 of a.txt. Turn 2: line 50 of a.txt, line 10 of src/b.txt."""
    repo.commit({"a.txt": TEXT, "src/b.txt": TEXT})
    first = many_hunks("a.txt", TEXT, (10, 30))
    second = many_hunks("a.txt", TEXT, (50,)) + many_hunks("src/b.txt", TEXT, (10,))
    for patch in (first, second):
        assert run("apply", cwd=repo.root, stdin=patch.encode()).code == 0
    return repo


def test_undo_and_redo_in_any_order(written: Repo) -> None:
    before = Untouched.of(written.root)
    steps: list[tuple[tuple[str, ...], tuple[int, ...]]] = [
        (("undo", "1"), (50,)),
        (("undo", "2.1"), ()),
        (("redo", "1.2"), (30,)),
        (("redo",), (30, 50)),
        (("undo",), (30,)),
        (("redo", "1"), (10, 30)),
        (("redo", "2"), (10, 30, 50)),
    ]
    for arguments, lines in steps:
        ran = run(*arguments, cwd=written.root / "src")
        assert (ran.code, ran.out) == (0, b""), ran
        assert written.text("a.txt") == changed(TEXT, *lines), arguments
    before.check(touched={"a.txt", "src/b.txt"})


def test_undone_twice_there_is_nothing_to_do(written: Repo) -> None:
    assert run("undo", "1", cwd=written.root).code == 0
    again = run("undo", "1", cwd=written.root)
    assert (again.code, again.err) == (1, "spark: there is nothing to undo\n")


def test_log_tells_the_newest_first(written: Repo) -> None:
    run("undo", "2.1", cwd=written.root)
    lines = run("log", cwd=written.root / "src").text.splitlines()
    assert [line.split(maxsplit=3)[0::3] for line in lines] == [
        ["2", "2 in 2 files (1 undone)  apply stdin  [patch]"],
        ["1", "2 in a.txt  apply stdin  [patch]"],
    ]
    assert len(run("log", "-n", "1", cwd=written.root).text.splitlines()) == 1


def test_show_is_a_patch_that_git_takes_in_reverse(written: Repo) -> None:
    ran = run("show", "2", cwd=written.root / "src")
    assert ran.text.startswith("# 2.1\ndiff --git a/a.txt b/a.txt\n")
    written.git("apply", "-R", stdin=ran.out)
    assert written.text("src/b.txt") == TEXT
    newest = run("show", cwd=written.root)
    assert newest.out == ran.out
    assert run("show", "1.2", cwd=written.root).text.count("@@ -") == 1


def test_conflict_leaves_all_and_partial_does_the_rest(written: Repo) -> None:
    mine = written.text("a.txt").replace("line 10!\n", "my line\n")
    written.write({"a.txt": mine})
    before = Untouched.of(written.root)
    whole = run("undo", "1", cwd=written.root)
    assert whole.code == 5
    assert "1.1 a.txt" in whole.err
    assert "--partial" in whole.err
    before.check()
    part = run("undo", "1", "--partial", cwd=written.root)
    assert part.code == 5
    assert written.text("a.txt") == mine.replace("line 30!\n", "line 30\n")
    assert b"+line 10\n" in part.out
    assert "undone: 1.2 a.txt" in part.err


def test_file_that_is_gone_is_a_conflict_and_no_traceback(written: Repo) -> None:
    (written.root / "src" / "b.txt").unlink()
    ran = run("undo", "2", cwd=written.root)
    assert ran.code == 5
    assert "src/b.txt" in ran.err
    assert not (written.root / "src" / "b.txt").exists()


def test_damaged_ledger_is_a_sentence(written: Repo) -> None:
    (ledger,) = (written.root / ".git" / "spark").glob("*.db")
    for extra in ledger.parent.glob(ledger.name + "-*"):
        extra.unlink()
    ledger.write_bytes(b"this is no database at all, not even a little one\n" * 100)
    for command in ("undo", "log", "show"):
        ran = run(command, cwd=written.root)
        assert ran.code in (3, 5)
        assert ran.err.startswith("spark: ")
        assert "Traceback" not in ran.err


def test_prompt_of_many_lines_is_one_line_in_the_log(tmp_path: Path, repo: Repo) -> None:
    from tests.support.spark import script, scripted

    repo.commit({"a.txt": TEXT})
    path = script(tmp_path, many_hunks("a.txt", TEXT, (10,)))
    prompt = "first line\nsecond\x1b[31m line"
    assert run("edit", "--apply", prompt, *scripted(path), cwd=repo.root).code == 0
    assert run("log", cwd=repo.root).text.endswith("  first line  [scripted]\n")


def test_what_was_rejected_or_has_no_place_is_in_the_log_with_its_reason(repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    patch = many_hunks("a.txt", TEXT, (10,)) + many_hunks("b.txt", TEXT, (10,))
    assert run("apply", "--partial", cwd=repo.root, stdin=patch.encode()).code == 1
    log = run("log", cwd=repo.root).text.splitlines()
    assert log[0].endswith("1 in a.txt  apply stdin  [patch]")
    assert log[1].startswith("        refused b.txt: ")
    shown = run("show", cwd=repo.root).text
    assert "\n# refused b.txt: " in shown
    assert "\n# +" in shown
    assert repo.git("apply", "--check", "-R", stdin=shown.encode()) == b""
    (turn, _) = run("log", "--json", cwd=repo.root).lines
    assert [(d["path"], d["state"]) for d in turn["declined"]] == [("b.txt", "refused")]


def test_a_file_is_named_as_it_is_seen_from_here(written: Repo) -> None:
    ran = run("undo", "b.txt", cwd=written.root / "src")
    assert (ran.code, ran.err) == (0, "spark: undone: 2.2 src/b.txt\n")
    ran = run("undo", "1:../a.txt", cwd=written.root / "src")
    assert ran.code == 0
    assert written.text("a.txt") == changed(TEXT, 50)
    assert run("undo", "c.txt", cwd=written.root).code == 2


def test_a_folder_without_git_keeps_its_history_in_the_state_folder(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    (folder / "src").mkdir(parents=True)
    (folder / "src/a.py").write_text("import os\nx = 1\n")
    sentence = ("remove unused imports in src/a.py", "--apply", "--no-git")
    assert run("edit", *sentence, cwd=folder).code == 0
    assert (folder / "src/a.py").read_text() == "x = 1\n"
    assert run("log", "--no-git", cwd=folder).text.count("1 in src/a.py") == 1
    refused = run("log", cwd=folder)
    assert (refused.code, "--no-git" in refused.err) == (2, True)
    assert run("undo", cwd=folder, env={"SPARK_NO_GIT": "1"}).code == 0
    assert (folder / "src/a.py").read_text() == "import os\nx = 1\n"
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*")) == ["src", "src/a.py"]
