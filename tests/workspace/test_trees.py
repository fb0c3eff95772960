"""Every kind of tree: worktrees, submodules, subfolders, unborn and hostile repositories."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from codexspark_tui.errors import NoRepository, PathRefused
from codexspark_tui.workspace import Workspace
from tests.support.nobody import NOBODY, as_nobody
from tests.support.repo import Repo, Untouched, git
from tests.support.spark import SPARK, environment
from tests.workspace.helpers import NUMBERS, Desk, create


def test_a_folder_in_no_repository_is_said_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(NoRepository) as caught:
        Workspace.open(tmp_path)
    assert "git init" in caught.value.next_step


def test_a_subfolder_opens_the_whole_repository(repo: Repo) -> None:
    repo.commit({"deep/er/a.py": NUMBERS})
    desk = Desk(repo.root / "deep/er")
    assert desk.space.root == repo.root
    desk.accept(desk.change("deep/er/a.py", 1, 1, "x"))
    assert repo.text("deep/er/a.py").startswith("x\n")


def test_a_repository_without_a_commit_works(tmp_path: Path) -> None:
    root = tmp_path / "unborn"
    root.mkdir()
    git(root, "init", "-q")
    before = Untouched.of(root)
    desk = Desk(root)
    desk.accept(desk.create("a.py", "x\n"))
    desk.accept(desk.change("a.py", 1, 1, "y"), turn_name="t2")
    assert (root / "a.py").read_text() == "y\n"
    desk.space.undo()
    desk.space.undo()
    before.check()


def test_linked_worktrees_share_the_file_and_not_the_history(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    linked = repo.root.parent / "linked"
    repo.git("worktree", "add", "-q", str(linked))
    before, before_linked = Untouched.of(repo.root), Untouched.of(linked)
    one, two = Desk(repo.root), Desk(linked)
    one.accept(one.change("a.py", 1, 1, "one"))
    two.accept(two.change("a.py", 2, 1, "two"))
    assert [len(desk.space.log()) for desk in (one, two)] == [1, 1]
    assert (repo.root / ".git/spark/ledger.db").exists()
    assert two.space.undo().conflicts == ()
    assert two.space.undo().nothing_to_do
    assert (linked / "a.py").read_text() == NUMBERS
    assert repo.text("a.py").startswith("one\n")
    before.check(touched={"a.py"})
    before_linked.check(touched={"a.py"})
    one.space.close()
    two.space.close()
    repo.git("worktree", "remove", "--force", str(linked))
    assert Desk(repo.root).space.undo().conflicts == ()


def test_a_file_of_a_submodule_belongs_to_that_repository(repo: Repo) -> None:
    inner = Repo.make(repo.root.parent / "inner", {"s.py": NUMBERS})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.root), "sub")
    repo.commit({"a.py": NUMBERS})
    before = Untouched.of(repo.root)
    desk = Desk(repo.root)
    said = desk.refused(desk.create("sub/new.py", "x\n"))
    assert said == ["sub/new.py: it belongs to another repository, at sub"]
    before.check()
    own = Desk(repo.root / "sub")
    own.accept(own.change("s.py", 1, 1, "x"))
    assert (repo.root / "sub/s.py").read_text().startswith("x\n")
    assert (repo.root / ".git/modules/sub/spark/ledger.db").exists()


def test_git_dir_and_work_tree_of_the_environment_are_used(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As people keep their dot files: a bare repository inside the tree that it tracks."""
    home = repo.root.parent / "dots"
    home.mkdir()
    git(home, "init", "-q", "--bare", str(home / "store"))
    (home / ".profile").write_text(NUMBERS)
    monkeypatch.setenv("GIT_DIR", str(home / "store"))
    monkeypatch.setenv("GIT_WORK_TREE", str(home))
    desk = Desk(home)
    desk.accept(desk.change(".profile", 1, 1, "x"))
    assert (home / "store/spark/ledger.db").exists()
    assert "git's own folder" in desk.refused(desk.create("store/hooks/post-commit", "x\n"))[0]
    assert "git's own folder" in desk.refused(desk.create("store/spark/x", "x\n"))[0]
    assert desk.space.undo().conflicts == ()
    assert (home / ".profile").read_text() == NUMBERS


def test_nothing_that_the_repository_names_is_run(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS, ".gitattributes": "*.py filter=evil diff=evil\n"})
    marker = repo.root.parent / "ran"
    script = repo.root.parent / "evil.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {marker}\ncat\n')
    script.chmod(0o755)
    hooks = repo.root.parent / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        (hooks / name).symlink_to(script)
        (repo.root / ".git/hooks" / name).symlink_to(script)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "diff.external",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "alias.rev-parse",
        "credential.helper",
    ):
        value = f"!{script}" if key.startswith(("alias", "credential")) else str(script)
        repo.git("config", key, value)
    repo.git("config", "core.hooksPath", str(hooks))
    marker.unlink(missing_ok=True)
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"), desk.create("b.py", "y\n"))
    desk.space.undo()
    desk.space.redo()
    assert desk.space.log()[0].applied == 2
    assert not marker.exists()


def test_a_ledger_folder_that_is_a_link_is_not_followed(repo: Repo, isolated_home: Path) -> None:
    repo.commit({"a.py": NUMBERS})
    outside = repo.root.parent / "outside"
    outside.mkdir()
    (repo.root / ".git/spark").symlink_to(outside)
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    assert list(outside.iterdir()) == []
    assert len(list(isolated_home.rglob("ledger.db"))) == 1
    assert desk.space.undo().conflicts == ()


def test_the_ledger_is_for_its_owner_alone(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    old = os.umask(0)
    try:
        desk = Desk(repo.root)
        desk.accept(desk.change("a.py", 1, 1, "x"))
    finally:
        os.umask(old)
    folder = repo.root / ".git/spark"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {p.name: p.stat().st_mode & 0o777 for p in folder.iterdir()} == {
        "ledger.db": 0o600,
        "ledger.db-shm": 0o600,
        "ledger.db-wal": 0o600,
        "lock": 0o600,
    }


def test_a_repository_that_was_moved_keeps_its_history(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    desk.space.close()
    moved = repo.root.rename(repo.root.parent / "moved")
    assert Workspace.open(moved).undo().conflicts == ()
    assert (moved / "a.py").read_text() == NUMBERS


def test_a_sparse_checkout_is_written_where_it_is(repo: Repo) -> None:
    repo.commit({"in/a.py": NUMBERS, "out/b.py": NUMBERS})
    repo.git("sparse-checkout", "set", "in")
    before = Untouched.of(repo.root)
    desk = Desk(repo.root)
    desk.accept(desk.change("in/a.py", 1, 1, "x"))
    with pytest.raises(PathRefused, match="outside of this sparse checkout"):
        desk.space.read("out/b.py")
    assert desk.space.read("out/new.py").kind == "missing"
    before.check(touched={"in/a.py"})


def test_a_folder_above_the_root_may_be_a_link(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    link = repo.root.parent / "link"
    link.symlink_to(repo.root)
    desk = Desk(link)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    assert repo.text("a.py").startswith("x\n")


def test_a_git_directory_of_another_name_inside_the_tree_is_never_entered(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "-q", "--separate-git-dir", str(root / "kept"))
    (root / "a.py").write_text(NUMBERS)
    desk = Desk(root)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    before = (root / "kept/config").read_bytes()
    for path in ("kept/config", "kept/hooks/post-commit", "kept/spark/ledger.db"):
        with pytest.raises(PathRefused, match="inside git's own folder"):
            desk.space.read(path)
        assert "git's own folder" in desk.refused(desk.create(path, "x\n"))[0]
    assert (root / "kept/config").read_bytes() == before
    link = desk.on("", create("link", "kept/config", "120000"))
    assert "lead into git's own folder" in desk.refused(link)[0]


def test_the_ledger_of_a_folder_without_git_is_never_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    space = Workspace.of_folder(tmp_path)
    with pytest.raises(PathRefused):
        space.read("state/spark/keys.json")


def test_a_ledger_of_another_user_is_left_alone_and_that_is_said() -> None:
    """As after `sudo spark`: what cannot be read must not look as if there were nothing."""
    who = as_nobody()
    if not who:
        pytest.skip("only root can make files of another user")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        repo = Repo.make(Path(folder) / "repo", {"a.py": NUMBERS})
        desk = Desk(repo.root)
        desk.accept(desk.change("a.py", 1, 1, "x"))
        assert desk.space.other_ledger == ""
        desk.space.close()
        for path in (repo.root, repo.root / ".git", repo.root / "a.py", Path(folder)):
            os.chown(path, NOBODY, NOBODY)
        env = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory"}
        env |= {"GIT_CONFIG_VALUE_0": "*", "HOME": folder, "XDG_STATE_HOME": f"{folder}/state"}
        for command, code in (("undo", 1), ("log", 0), ("doctor", 0)):
            arguments = [*who, *SPARK, command]
            done = subprocess.run(
                arguments, cwd=repo.root, env=environment(env), capture_output=True, check=False
            )
            said = (done.stdout + done.stderr).decode()
            assert (done.returncode, "belongs to another user" in said) == (code, True), said
        assert repo.text("a.py").startswith("x\n")


def test_a_file_in_the_place_of_the_ledger_is_not_in_the_way(
    repo: Repo, isolated_home: Path
) -> None:
    repo.commit({"a.py": NUMBERS})
    (repo.root / ".git/spark").write_text("somebody's")
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "x"))
    assert desk.space.undo().conflicts == ()
    assert (repo.root / ".git/spark").read_text() == "somebody's"
    assert len(list(isolated_home.rglob("ledger.db"))) == 1
