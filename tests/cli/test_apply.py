"""`spark apply`: what comes in, from where, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

from tests.support.patches import changed, many_hunks, numbered, patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import run, shell

TEXT = numbered(60)
CHANGE = many_hunks("src/a.txt", TEXT, (10, 30))


def make(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo", {"src/a.txt": TEXT, "b.txt": TEXT})


def test_file_is_named_from_where_the_person_is(tmp_path: Path) -> None:
    repo = make(tmp_path)
    (repo.root / "src" / "p.diff").write_text(CHANGE)
    before = Untouched.of(repo.root)
    ran = run("apply", "p.diff", cwd=repo.root / "src")
    assert (ran.code, ran.out) == (0, b"")
    assert "2 changes in 1 file written as turn 1; spark undo 1 takes it back" in ran.err
    assert repo.text("src/a.txt") == changed(TEXT, 10, 30)
    before.check(touched={"src/a.txt"})


def test_patch_that_is_cut_after_a_change_writes_nothing(tmp_path: Path) -> None:
    repo = make(tmp_path)
    lines = CHANGE.splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.startswith("+"))
    cut = "".join(lines[: last + 1]).encode()
    before = Untouched.of(repo.root)
    for options in ([], ["--check"], ["--dry-run"], ["--strip", "1"]):
        ran = run("apply", *options, cwd=repo.root, stdin=cut)
        assert (ran.code, ran.out) == (5, b"")
        assert "breaks off" in ran.err
    before.check()
    partly = run("apply", "--partial", cwd=repo.root, stdin=cut)
    assert partly.code == 1
    assert repo.text("src/a.txt") == changed(TEXT, 10)


def test_applied_twice_there_is_nothing_to_change(tmp_path: Path) -> None:
    repo = make(tmp_path)
    assert run("apply", cwd=repo.root, stdin=CHANGE.encode()).code == 0
    before = Untouched.of(repo.root)
    again = run("apply", "-", cwd=repo.root, stdin=CHANGE.encode())
    assert again.code == 1
    assert "already" in again.err
    before.check()
    assert run("apply", "--check", cwd=repo.root, stdin=CHANGE.encode()).code == 1


def test_file_that_exists_with_other_content_is_a_problem(tmp_path: Path) -> None:
    repo = make(tmp_path)
    made = "--- /dev/null\n+++ b/b.txt\n@@ -0,0 +1 @@\n+new\n"
    ran = run("apply", cwd=repo.root, stdin=made.encode())
    assert ran.code == 5
    assert "exists already" in ran.err


def test_missing_file_with_already_in_its_name_is_a_problem(tmp_path: Path) -> None:
    repo = make(tmp_path)
    patch = patch_of("already.txt", TEXT, changed(TEXT, 3))
    assert run("apply", cwd=repo.root, stdin=patch.encode()).code == 5


def test_answer_of_a_model_with_prose_and_fences(tmp_path: Path) -> None:
    repo = make(tmp_path)
    answer = f"Sure! Here it is:\n\n```diff\n{CHANGE}```\n\nThat is all.\n"
    assert run("apply", cwd=repo.root, stdin=answer.encode()).code == 0
    assert repo.text("src/a.txt") == changed(TEXT, 10, 30)


def test_git_diff_pipes_in(tmp_path: Path) -> None:
    repo = make(tmp_path)
    repo.write({"src/a.txt": changed(TEXT, 5), "new file.txt": "new\n"})
    repo.git("add", "-A")
    patch = repo.git("diff", "--cached")
    repo.git("reset", "-q", "--hard")
    ran = run("apply", cwd=repo.root, stdin=patch)
    assert ran.code == 0, ran
    assert repo.text("src/a.txt") == changed(TEXT, 5)
    assert repo.text("new file.txt") == "new\n"


def test_patch_may_be_a_fifo(tmp_path: Path) -> None:
    repo = make(tmp_path)
    (tmp_path / "p.diff").write_text(CHANGE)
    assert shell(f"spark apply <(cat {tmp_path}/p.diff)", cwd=repo.root).code == 0
    assert repo.text("src/a.txt") == changed(TEXT, 10, 30)


def test_terminal_on_stdin_is_asked_for_a_patch(tmp_path: Path) -> None:
    from tests.support.spark import Typist

    repo = make(tmp_path)
    with Typist(("apply",), repo.root) as typist:
        ended = typist.end()
    assert ended.code == 2
    assert "there is no patch" in typist.screen


def test_patch_without_end_is_refused(tmp_path: Path) -> None:
    repo = make(tmp_path)
    ran = run("apply", "/dev/zero", cwd=repo.root)
    assert ran.code == 2
    assert "longer than" in ran.err


def test_large_garbage_ends_with_a_sentence(tmp_path: Path) -> None:
    repo = make(tmp_path)
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\x00\xff-+@@ garbage \x01 diff\n" * 100_000)
    ran = run("apply", str(garbage), cwd=repo.root)
    assert ran.code == 5
    assert "no patch in this text" in ran.err


def test_patch_that_would_leave_the_root_is_refused(tmp_path: Path) -> None:
    repo = make(tmp_path)
    (repo.root / "out").symlink_to(tmp_path)
    (tmp_path / "victim.txt").write_text(TEXT)
    before = Untouched.of(repo.root)
    for path in ("../victim.txt", "out/victim.txt", str(tmp_path / "victim.txt"), ".git/config"):
        patch = f"--- {path}\n+++ {path}\n" + many_hunks("x", TEXT, (10,)).split("\n", 3)[3]
        ran = run("apply", cwd=repo.root, stdin=patch.encode())
        assert ran.code == 5, path
    assert (tmp_path / "victim.txt").read_text() == TEXT
    before.check()


def test_file_of_a_submodule_is_not_taken_for_one_of_that_name_above(tmp_path: Path) -> None:
    repo = make(tmp_path)
    (repo.root / "vendored").mkdir()
    inner = Repo.make(repo.root / "vendored" / "lib", {"b.txt": TEXT})
    before, within = Untouched.of(repo.root), Untouched.of(inner.root)
    ran = run("apply", cwd=repo.root, stdin=many_hunks("vendored/lib/b.txt", TEXT, (10,)).encode())
    assert ran.code == 5
    assert "it belongs to another repository, at vendored/lib" in ran.err
    before.check()
    within.check()


def test_file_that_is_not_checked_out_is_not_taken_for_another(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"b.txt": TEXT, "src/b.txt": TEXT, "in/c.txt": TEXT})
    repo.git("sparse-checkout", "set", "in")
    assert not (repo.root / "src").exists()
    before = Untouched.of(repo.root)
    ran = run("apply", cwd=repo.root, stdin=many_hunks("src/b.txt", TEXT, (10,)).encode())
    assert ran.code == 5
    assert "sparse" in ran.err
    before.check()


def test_a_new_file_lies_beside_the_others_also_where_only_later_names_show_it(
    tmp_path: Path,
) -> None:
    repo = Repo.make(tmp_path / "r", {"lib/a.c": "one\ntwo\n"})
    patch = (
        "--- /dev/null\n+++ x-1.0/NOTES\n@@ -0,0 +1 @@\n+new\n"
        "--- x-1.0.orig/lib/a.c\n+++ x-1.0/lib/a.c\n@@ -2 +2 @@\n-two\n+zwei\n"
    )
    done = run("apply", cwd=repo.root, stdin=patch.encode())
    assert (done.code, repo.text("NOTES"), repo.text("lib/a.c")) == (0, "new\n", "one\nzwei\n")
    assert not (repo.root / "x-1.0").exists()
