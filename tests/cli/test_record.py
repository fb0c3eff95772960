"""blame, commit and export: who made which line; turns as commits and as patches."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.patches import changed, many_hunks, numbered
from tests.support.repo import Repo, Untouched
from tests.support.spark import run, script, scripted
from tests.workspace.helpers import Desk

TEXT = numbered(60)


def accept(repo: Repo, patch: str) -> None:
    assert run("apply", cwd=repo.root, stdin=patch.encode()).code == 0


@pytest.fixture
def written(repo: Repo) -> Repo:
    """Turn 1: lines 10 and 30 of a.txt. Turn 2: line 50 of a.txt, line 10 of src/b.txt."""
    repo.commit({"a.txt": TEXT, "src/b.txt": TEXT})
    accept(repo, many_hunks("a.txt", TEXT, (10, 30)))
    accept(repo, many_hunks("a.txt", TEXT, (50,)) + many_hunks("src/b.txt", TEXT, (10,)))
    return repo


# --- blame -----------------------------------------------------------------------------------


def made_by(repo: Repo, what: str) -> dict[int, str]:
    ran = run("blame", what, "--json", cwd=repo.root)
    assert ran.code == 0, ran
    return {line["number"]: line["entry"] for line in ran.lines[:-1] if line["entry"]}


def test_blame_says_the_change_of_each_line_and_follows_what_came_later(written: Repo) -> None:
    before = Untouched.of(written.root)
    assert made_by(written, "a.txt") == {10: "1.1", 30: "1.2", 50: "2.1"}
    before.check()
    written.write({"a.txt": "by hand\n\n" + written.text("a.txt").replace("line 2\n", "")})
    assert made_by(written, "a.txt") == {11: "1.1", 31: "1.2", 51: "2.1"}
    written.git("commit", "-qam", "all of it")
    assert run("undo", "1.1", cwd=written.root).code == 0
    assert made_by(written, "a.txt") == {31: "1.2", 51: "2.1"}
    assert made_by(written, "a.txt:30-31") == {31: "1.2"}


def test_a_line_belongs_to_the_change_that_wrote_it_last(written: Repo) -> None:
    now = written.text("a.txt")
    tenth = now.splitlines()[9]
    accept(written, many_hunks("a.txt", now, (10,)))
    assert written.text("a.txt").splitlines()[9] != tenth
    assert made_by(written, "a.txt:10") == {10: "3.1"}


def test_blame_knows_a_file_that_was_made_and_renamed(tmp_path: Path, repo: Repo) -> None:
    made = "diff --git a/n.txt b/n.txt\nnew file mode 100644\n--- /dev/null\n+++ b/n.txt\n"
    accept(repo, made + "@@ -0,0 +1,2 @@\n+one\n+two\n")
    moved = (
        "diff --git a/n.txt b/m.txt\nsimilarity index 100%\nrename from n.txt\nrename to m.txt\n"
    )
    accept(repo, moved)
    assert made_by(repo, "m.txt") == {1: "1.1", 2: "1.1"}


def test_blame_tells_prompt_and_model_in_a_line_for_people(tmp_path: Path, repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    path = script(tmp_path, many_hunks("a.txt", TEXT, (10,)))
    prompt = "shorten the\x1b[31m table"
    assert run("edit", "--apply", prompt, *scripted(path), cwd=repo.root).code == 0
    (line,) = run("blame", "a.txt:10", cwd=repo.root).text.splitlines()
    assert line.startswith("    1.1 scripted: shorten the")
    assert "\x1b" not in line
    assert line.endswith(changed(TEXT, 10).splitlines()[9])


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("none.txt", "there is no file none.txt"),
        ("none.txt:3", "there is no file none.txt"),
        ("a.txt:x", "there is no file a.txt:x"),
        (".", "is a folder"),
        ("a.txt:99", "a.txt has no line 99"),
        ("binary", "binary"),
        ("../a.txt", "outside"),
        (".git/config", "git's own folder"),
    ],
)
def test_what_cannot_be_blamed_is_a_sentence(written: Repo, what: str, why: str) -> None:
    written.write({"binary": b"\0\1"})
    ran = run("blame", what, cwd=written.root)
    assert (ran.code, ran.out) == (5 if what in ("binary", ".git/config") else 2, b"")
    assert why in ran.err


def test_an_empty_file_and_odd_names_have_their_blame(repo: Repo) -> None:
    name = os.fsdecode(b"caf\xe9 1:2")
    repo.commit({"empty": "", name: TEXT})
    assert made_by(repo, "empty") == {}
    assert made_by(repo, name) == {}
    assert len(run("blame", name + ":3", cwd=repo.root).out.splitlines()) == 1


# --- commit ----------------------------------------------------------------------------------


def test_a_turn_becomes_a_commit_of_exactly_its_hunks(written: Repo) -> None:
    """Beside another turn, an edit by hand in the same file, and staged work of the person."""
    mine = written.text("a.txt").replace("line 20\n", "mine\n", 1)
    written.write({"a.txt": mine, "staged.txt": "staged\n", "loose.txt": "loose\n"})
    written.git("add", "staged.txt")
    index_mtime = (written.root / "a.txt").stat().st_mtime_ns
    ran = run("commit", "1", cwd=written.root)
    assert ran.code == 0, ran
    assert written.git("show", "HEAD:a.txt").decode() == changed(TEXT, 10, 30)
    assert written.git("diff-tree", "-r", "--name-only", "HEAD~", "HEAD") == b"a.txt\n"
    assert written.git("log", "-1", "--format=%B").decode().strip() == "apply stdin"
    assert written.git("rev-parse", "HEAD").decode() == ran.text
    assert written.text("a.txt") == mine
    assert (written.root / "a.txt").stat().st_mtime_ns == index_mtime
    assert written.git("diff", "--cached", "--name-only") == b"staged.txt\n"
    assert run("undo", "1", cwd=written.root).code == 0


def test_what_was_staged_in_the_same_file_stays_staged(written: Repo) -> None:
    written.write({"a.txt": written.text("a.txt").replace("line 20\n", "mine\n", 1)})
    written.git("add", "a.txt")
    assert run("commit", "1.2", cwd=written.root).code == 0
    assert written.git("show", "HEAD:a.txt").decode() == changed(TEXT, 30)
    assert written.git("show", ":a.txt").decode() == written.text("a.txt")


def test_message_and_trailer_are_the_persons_choice(written: Repo) -> None:
    ran = run("commit", "1", "-m", "Number the lines\n\nAs asked.", "--trailer", cwd=written.root)
    assert ran.code == 0
    assert written.git("log", "-1", "--format=%B").decode().strip() == (
        "Number the lines\n\nAs asked.\n\nAssisted-by: spark (patch)"
    )
    (made, result) = run("commit", "2", "--json", cwd=written.root).lines
    assert (made["type"], made["turns"], made["files"]) == ("commit", [2], ["a.txt", "src/b.txt"])
    assert result["exit_code"] == 0


def test_creates_deletes_renames_and_modes_are_committed(repo: Repo) -> None:
    repo.commit({"old.txt": TEXT, "gone.txt": "gone\n", "tool": "#!/bin/sh\n"})
    accept(
        repo,
        "diff --git a/old.txt b/d/new.txt\nsimilarity index 100%\nrename from old.txt\n"
        "rename to d/new.txt\n"
        "diff --git a/gone.txt b/gone.txt\ndeleted file mode 100644\n"
        "--- a/gone.txt\n+++ /dev/null\n"
        "@@ -1 +0,0 @@\n-gone\n"
        "diff --git a/tool b/tool\nold mode 100644\nnew mode 100755\n"
        "diff --git a/made.txt b/made.txt\nnew file mode 100755\n--- /dev/null\n+++ b/made.txt\n"
        "@@ -0,0 +1 @@\n+made\n",
    )
    assert run("commit", cwd=repo.root).code == 0
    assert repo.git("status", "--porcelain") == b""
    said = repo.git("ls-tree", "-r", "HEAD").decode().splitlines()
    assert [(line[:6], line.split("\t")[1]) for line in said] == [
        ("100644", "d/new.txt"),
        ("100755", "made.txt"),
        ("100755", "tool"),
    ]


def test_files_of_any_name_are_changed_put_back_and_committed(repo: Repo) -> None:
    names = ["new\nline.txt", "tab\t.txt", ":colon", "*star?.txt", "trail ", "-dash", "a", "\udcff"]
    repo.commit(dict.fromkeys(names, "one\ntwo\n"))
    repo.write(dict.fromkeys(names, "one\nTWO\n"))
    patch = repo.git("diff")
    repo.git("checkout", "-q", ".")
    applied = run("apply", cwd=repo.root, stdin=patch)
    assert (applied.code, applied.err.count("\n")) == (0, 1)
    assert {repo.text(name) for name in names} == {"one\nTWO\n"}
    undone = run("undo", cwd=repo.root)
    assert (undone.code, undone.err.count("\n")) == (0, len(names))
    assert repo.git("status", "--porcelain") == b""
    assert run("redo", cwd=repo.root).code == 0
    assert run("commit", cwd=repo.root).code == 0
    assert repo.git("status", "--porcelain") == b""


def test_no_file_is_made_with_a_line_break_in_its_name(repo: Repo) -> None:
    patch = b'--- /dev/null\n+++ "b/new\\nspark: all is well.txt"\n@@ -0,0 +1 @@\n+x\n'
    before = Untouched.of(repo.root)
    ran = run("apply", cwd=repo.root, stdin=patch)
    assert ran.code == 5
    assert "control character" in ran.err
    assert "\nspark: all" not in ran.err
    before.check()


def test_no_hook_and_no_filter_is_run_by_a_commit(written: Repo, tmp_path: Path) -> None:
    marker, evil = tmp_path / "ran", tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\necho $0 >> {marker}\ncat\n")
    evil.chmod(0o755)
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        (written.root / ".git/hooks" / name).symlink_to(evil)
    for key in ("core.fsmonitor", "core.pager", "core.editor", "gpg.program", "filter.evil.clean"):
        written.git("config", key, str(evil))
    written.git("config", "commit.gpgSign", "true")
    assert run("commit", "1", cwd=written.root).code == 0
    written.write({".gitattributes": "*.txt filter=evil\n"})
    marker.unlink(missing_ok=True)
    ran = run("commit", "2", cwd=written.root)
    assert (ran.code, "filter=evil" in ran.err) == (2, True)
    assert not marker.exists()


def test_a_file_that_git_converts_is_refused_and_nothing_is_committed(written: Repo) -> None:
    written.write({".gitattributes": "*.txt working-tree-encoding=UTF-16\n"})
    head = written.git("rev-parse", "HEAD")
    ran = run("commit", "1", cwd=written.root)
    assert (ran.code, "working-tree-encoding=UTF-16" in ran.err) == (2, True)
    assert written.git("rev-parse", "HEAD") == head


def test_what_was_taken_back_is_not_committed(written: Repo) -> None:
    assert run("undo", "1", cwd=written.root).code == 0
    before = Untouched.of(written.root)
    ran = run("commit", "2", "1", cwd=written.root)
    assert ran.code == 2
    assert "1 has been taken back, so there is nothing of it to commit" in ran.err
    before.check()
    assert run("redo", "1.2", cwd=written.root).code == 0
    assert run("commit", "1", cwd=written.root).code == 0
    now = TEXT.splitlines()
    now[29] = written.text("a.txt").splitlines()[29]
    assert written.git("show", "HEAD:a.txt").decode().splitlines() == now


def test_a_link_names_the_file_that_was_changed_through_it(repo: Repo) -> None:
    repo.commit({"docs/a.txt": TEXT})
    (repo.root / "link.txt").symlink_to("docs/a.txt")
    accept(repo, many_hunks("link.txt", TEXT, (10,)))
    changed = repo.text("docs/a.txt")
    assert run("show", "link.txt", cwd=repo.root).code == 0
    assert run("undo", "link.txt", cwd=repo.root).code == 0
    assert repo.text("docs/a.txt") == TEXT
    assert run("redo", "1:link.txt", cwd=repo.root).code == 0
    assert repo.text("docs/a.txt") == changed
    assert (repo.root / "link.txt").is_symlink()


def test_what_cannot_be_told_apart_is_refused_and_nothing_is_committed(written: Repo) -> None:
    written.git("commit", "-qam", "everything")
    written.write({"a.txt": written.text("a.txt").replace(changed(TEXT, 10).splitlines()[9], "x")})
    before = Untouched.of(written.root)
    ran = run("commit", "1.1", cwd=written.root)
    assert (ran.code, ran.out) == (5, b"")
    before.check()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (".git/index.lock", "staging index"),
        (".git/MERGE_HEAD", "a merge is under way"),
    ],
)
def test_a_commit_waits_for_git_to_be_at_rest(written: Repo, spoil: str, why: str) -> None:
    head = written.git("rev-parse", "HEAD")
    (written.root / spoil).write_bytes(head)
    ran = run("commit", "1", cwd=written.root)
    assert ran.code in (2, 5)
    assert why in ran.err
    assert written.git("rev-parse", "HEAD") == head
    assert (written.root / spoil).read_bytes() == head


def test_the_first_commit_of_a_repository(tmp_path: Path) -> None:
    root = tmp_path / "unborn"
    root.mkdir()
    repo = Repo(root)
    repo.git("init", "-q", "-b", "main")
    accept(
        repo,
        "diff --git a/a.txt b/a.txt\nnew file mode 100644\n--- /dev/null\n+++ b/a.txt\n"
        "@@ -0,0 +1 @@\n+a\n",
    )
    assert run("commit", cwd=root).code == 0
    assert repo.git("log", "--format=%s") == b"apply stdin\n"
    assert repo.git("status", "--porcelain") == b""
    again = run("commit", cwd=root)
    assert (again.code, again.err) == (1, "spark: HEAD has all of it already\n")


def test_a_commit_of_nothing_or_without_git_is_a_sentence(repo: Repo, tmp_path: Path) -> None:
    assert run("commit", cwd=repo.root).code == 2
    (tmp_path / "plain").mkdir()
    ran = run("commit", "--no-git", cwd=tmp_path / "plain")
    assert (ran.code, "git init" in ran.err) == (2, True)


# --- export ----------------------------------------------------------------------------------


def test_an_export_is_one_patch_of_what_turns_come_to(written: Repo) -> None:
    before = Untouched.of(written.root)
    for whats, lines in ((("1",), (10, 30)), (("2", "1"), (10, 30, 50)), (("1.2",), (30,))):
        patch = run("export", "--patch", *whats, cwd=written.root)
        assert patch.code == 0, patch
        fresh = Repo.make(written.root.parent / "-".join(whats), {"a.txt": TEXT, "src/b.txt": TEXT})
        fresh.git("apply", stdin=patch.out)
        assert fresh.text("a.txt") == changed(TEXT, *lines)
    (record, _) = run("export", "1", "--json", cwd=written.root).lines
    assert (record["type"], record["turns"]) == ("patch", [1])
    before.check()


def test_several_changes_of_one_line_are_exported_as_one(written: Repo) -> None:
    accept(written, many_hunks("a.txt", written.text("a.txt"), (10,)))
    patch = run("export", "1", "3", cwd=written.root).text
    tenth = written.text("a.txt").splitlines()[9]
    assert patch.count("\n-") == 3  # two lines and the header
    assert f"-line 10\n+{tenth}\n" in patch


def test_an_undone_turn_is_exported_as_it_would_come_back(written: Repo) -> None:
    assert run("undo", "1", cwd=written.root).code == 0
    patch = run("export", "1", cwd=written.root)
    assert patch.code == 0
    written.git("apply", stdin=patch.out)
    assert written.text("a.txt") == changed(TEXT, 10, 30, 50)


def test_all_models_of_a_turn_are_named_in_the_log_and_the_commit(repo: Repo) -> None:
    repo.commit({"a.py": "x = 1\n"})
    desk = Desk(repo.root)
    first, second = desk.create("b.py", "y = 1\n"), desk.create("c.py", "z = 1\n")
    desk.accept(first, replace(second, author="big-thinker"))
    desk.space.close()
    (turn,) = [one for one in run("log", "--json", cwd=repo.root).lines if one["type"] == "turn"]
    by = turn["model"] or turn["provider"]
    assert turn["authors"] == [by, "big-thinker"]
    assert run("log", cwd=repo.root).text.splitlines()[0].endswith(f"  [{by}, big-thinker]")
    assert run("commit", "--trailer", cwd=repo.root).code == 0
    said = repo.git("log", "-1", "--format=%b").decode().split("\n")
    wanted = [f"Assisted-by: spark ({by})", "Assisted-by: spark (big-thinker)"]
    assert [line for line in said if line.startswith("Assisted")] == wanted
