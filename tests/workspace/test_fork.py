"""Forks: what the person's tree holds, with other changes in it; nothing of the tree is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codexspark_tui.errors import NotPlaced, UsageError
from codexspark_tui.workspace import Workspace
from codexspark_tui.workspace.fork import sweep
from tests.support.nobody import as_nobody
from tests.support.repo import Repo, Untouched, git
from tests.workspace import tracing
from tests.workspace.helpers import NUMBERS, Desk


def held_by(root: Path) -> dict[str, bytes]:
    """Every file but git's, links as what they say."""
    found: dict[str, bytes] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        for name in [*names, *(n for n in folders if (Path(folder) / n).is_symlink())]:
            path = Path(folder) / name
            if name != ".git":
                link = path.is_symlink()
                data = os.fsencode(path.readlink()) if link else path.read_bytes()
                found[str(path.relative_to(root))] = data
    return found


def forks(home: Path) -> list[Path]:
    return [path.parent for path in home.rglob("forks/*/owner")]


def test_a_fork_holds_the_tree_with_its_own_git_and_goes_at_the_end(
    repo: Repo, isolated_home: Path
) -> None:
    repo.commit({"a.py": "a\n", "d/b.py": "b\n", "gone.py": "g\n", ".gitignore": "*.log\n"})
    repo.write({"a.py": "edited\n", "new.py": "new\n", "d/e/f.txt": "", "own.log": "kept\n"})
    repo.git("add", "d/e/f.txt")
    (repo.root / "gone.py").unlink()
    (repo.root / "run.sh").write_text("#!/bin/sh\n")
    (repo.root / "run.sh").chmod(0o755)
    (repo.root / "link").symlink_to("d/b.py")
    (repo.root / "inside").symlink_to(repo.root / "d")
    repo.write({os.fsdecode(b"latin \xe9\nname"): "odd\n"})
    before = Untouched.of(repo.root)
    with Workspace.open(repo.root).fork() as fork:
        expected = held_by(repo.root) | {"inside": os.fsencode(fork.root / "d")}
        assert held_by(fork.root) == expected
        assert (fork.root / "run.sh").stat().st_mode & 0o777 == 0o755
        status = ("--no-optional-locks", "status", "--porcelain", "-z", "-uall")
        assert git(fork.root, *status) == repo.git(*status)
        (fork.root / "a.py").write_text("written by a test\n")
        assert len(forks(isolated_home)) == 1
    assert forks(isolated_home) == []
    assert repo.git("worktree", "list").count(b"\n") == 1
    before.check()


def test_a_commit_in_a_fork_moves_no_branch_of_the_person(repo: Repo) -> None:
    repo.commit({"a.py": "a\n"})
    head = repo.git("rev-parse", "HEAD")
    with Workspace.open(repo.root).fork() as fork:
        (fork.root / "a.py").write_text("x\n")
        git(fork.root, "commit", "-qam", "in the fork")
        assert git(fork.root, "rev-parse", "HEAD~") == head
    assert repo.git("rev-parse", "HEAD") == head
    assert repo.git("log", "--all", "--format=%s") == b"more\nstart\n"
    assert repo.git("status", "--porcelain") == b""


def test_a_fork_at_a_checkpoint_and_without_some_changes(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS, "b.py": NUMBERS})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 1, 1, "one"), turn_name="t1")
    desk.accept(desk.change("a.py", 9, 1, "nine"), desk.create("c.py", "c\n"), turn_name="t2")
    desk.accept(desk.change("b.py", 3, 1, "three"), desk.rename("c.py", "d.py"), turn_name="t3")
    repo.write({"own.txt": "mine\n"})
    now = held_by(repo.root)
    before = Untouched.of(repo.root)
    first = {"a.py": NUMBERS.replace("line 1\n", "one\n", 1), "b.py": NUMBERS, "own.txt": "mine\n"}
    with desk.space.fork(1) as fork:
        assert held_by(fork.root) == {k: v.encode() for k, v in first.items()}
    with desk.space.fork(0) as fork:
        assert held_by(fork.root)["a.py"].decode() == NUMBERS
    with desk.space.fork(3) as fork:
        assert held_by(fork.root) == now
    with desk.space.fork(without=("3.1", "1")) as fork:
        assert held_by(fork.root)["b.py"].decode() == NUMBERS
        assert held_by(fork.root)["a.py"].decode() == NUMBERS.replace("line 9\n", "nine\n", 1)
        assert held_by(fork.root)["d.py"] == b"c\n"
    with pytest.raises(UsageError), desk.space.fork(without=("9",)):
        pass
    before.check()


def test_a_change_that_is_only_proposed_can_be_in_a_fork(repo: Repo) -> None:
    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    before = Untouched.of(repo.root)
    proposed = [desk.change("a.py", 2, 1, "two"), desk.create("n/new.py", "n\n")]
    with desk.space.fork(accepted=proposed) as fork:
        assert held_by(fork.root)["a.py"].decode() == NUMBERS.replace("line 2\n", "two\n", 1)
        assert held_by(fork.root)["n/new.py"] == b"n\n"
    assert not (repo.root / ".git/spark").exists()
    before.check()


def test_what_cannot_be_taken_out_is_said_and_leaves_no_fork(
    repo: Repo, isolated_home: Path
) -> None:
    repo.commit({"a.py": NUMBERS})
    desk = Desk(repo.root)
    desk.accept(desk.change("a.py", 5, 1, "five"))
    repo.write({"a.py": NUMBERS.replace("line 5\n", "another five\n", 1)})
    with pytest.raises(NotPlaced) as caught, desk.space.fork(0):
        pass
    assert "1.1 a.py: " in caught.value.detail
    assert forks(isolated_home) == []


def test_a_repository_without_a_commit_and_a_folder_without_git(tmp_path: Path) -> None:
    unborn = tmp_path / "unborn"
    unborn.mkdir()
    git(unborn, "init", "-q")
    (unborn / "a.py").write_text("a\n")
    git(unborn, "add", "a.py")
    (unborn / "b.py").write_text("b\n")
    with Workspace.open(unborn).fork() as fork:
        assert held_by(fork.root) == {"a.py": b"a\n", "b.py": b"b\n"}
        assert git(fork.root, "status", "--porcelain") == b"A  a.py\n?? b.py\n"
    plain = tmp_path / "plain"
    (plain / "d").mkdir(parents=True)
    (plain / "d/a.py").write_text("a\n")
    with Workspace.of_folder(plain).fork() as fork:
        assert held_by(fork.root) == {"d/a.py": b"a\n"}
        (fork.root / "d/a.py").write_text("written\n")
    assert (plain / "d/a.py").read_text() == "a\n"


def test_linked_worktrees_submodules_and_sparse_checkouts_are_forked(
    repo: Repo, tmp_path: Path
) -> None:
    inner = Repo.make(tmp_path / "inner", {"s.py": "s\n"})
    allow = ("-c", "protocol.file.allow=always")
    repo.git(*allow, "submodule", "add", "-q", str(inner.root), "sub")
    repo.commit({"in/a.py": "a\n", "out/b.py": "b\n"})
    (repo.root / "sub/s.py").write_text("edited\n")
    with Workspace.open(repo.root).fork() as fork:
        assert held_by(fork.root)["sub/s.py"] == b"edited\n"
    with Workspace.open(repo.root / "sub").fork() as fork:
        assert held_by(fork.root) == {"s.py": b"edited\n"}
        assert git(fork.root, "status", "--porcelain") == b" M s.py\n"
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = tmp_path / "linked"
    git(linked, "sparse-checkout", "set", "in")
    (linked / "in/a.py").write_text("linked\n")
    with Workspace.open(linked).fork() as fork:
        assert held_by(fork.root)["in/a.py"] == b"linked\n"
        assert not (fork.root / "out").exists()
        assert git(fork.root, "status", "--porcelain") == b" M in/a.py\n"


def test_ignored_folders_are_linked_copied_or_left_out_by_rule(repo: Repo) -> None:
    repo.commit({".gitignore": "node_modules/\nbuild/\n__pycache__/\n.venv/\nhuge.bin\n"})
    repo.write({"node_modules/m/index.js": "m\n", "build/out.txt": "o\n", "huge.bin": ""})
    repo.write({"__pycache__/a.pyc": "c", ".venv/lib/x.py": "x\n"})
    with (repo.root / "huge.bin").open("r+b") as file:
        file.truncate(200 * 1024 * 1024)
    with Workspace.open(repo.root).fork() as fork:
        assert (fork.root / "node_modules").readlink() == repo.root / "node_modules"
        assert (fork.root / ".venv").readlink() == repo.root / ".venv"
        (fork.root / "build/out.txt").write_text("rebuilt\n")
        assert fork.left_out == ("huge.bin",)
        assert not (fork.root / "__pycache__").exists()
    assert repo.text("build/out.txt") == "o\n"


def test_code_run_in_a_fork_is_the_forks_own_also_when_installed_in_editable_mode(
    repo: Repo, tmp_path: Path
) -> None:
    """Both ways in which installers do it: a path in a .pth file, and a finder with a mapping."""
    repo.commit({"src/shop/__init__.py": "WHERE = 'tree'\n", "flat/tool/__init__.py": "N = 1\n"})
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "shop.pth").write_text(f"{repo.root}/src\n")
    finder = f"MAPPING: dict[str, str] = {{'tool': '{repo.root}/flat/tool'}}\n" + FINDER
    (site / "__editable___tool_finder.py").write_text(finder)
    (site / "__editable__.tool.pth").write_text(
        "import __editable___tool_finder; __editable___tool_finder.install()\n"
    )
    code = "import shop, tool, os; print(shop.__file__, tool.__file__, os.getcwd())"
    python = [str(venv / "bin/python"), "-c", code]
    plain = {"PATH": os.environ["PATH"], "VIRTUAL_ENV": str(venv)}
    with Workspace.open(repo.root).fork() as fork:

        def found(env: dict[str, str]) -> list[str]:
            done = subprocess.run(
                python, cwd=fork.root, env=env, capture_output=True, check=True, text=True
            )
            return done.stdout.split()

        outside = found(plain)
        assert [name.startswith(f"{repo.root}/") for name in outside] == [True, True, False]
        inside = found(fork.environment(plain))
        assert all(name.startswith(str(fork.root)) for name in inside), inside
        env = fork.environment(
            {**plain, "PYTHONPATH": f"{repo.root}/src:/elsewhere", "GIT_DIR": "x"}
        )
        assert env["PYTHONPATH"].endswith(f"{fork.root}/src{os.pathsep}/elsewhere") or (
            f"{repo.root}" not in env["PYTHONPATH"]
        )
        assert "GIT_DIR" not in env


FINDER = """
import sys
from importlib.util import spec_from_file_location

class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            return spec_from_file_location(name, MAPPING[name] + "/__init__.py")

def install():
    sys.meta_path.append(Finder)
"""

HOLDER = """
import os, signal, sys
from pathlib import Path
from codexspark_tui.workspace import Workspace
with Workspace.open(Path(sys.argv[1])).fork() as fork:
    print(fork.root, flush=True)
    sys.stdin.read()
"""


def start_holder(root: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, root],
        env=tracing.actor_env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_fork_whose_process_was_killed_is_swept_and_a_living_one_is_not(
    repo: Repo, isolated_home: Path
) -> None:
    repo.commit({"a.py": "a\n"})
    dead, left = start_holder(repo.root)
    living, kept = start_holder(repo.root)
    (left / "closed").mkdir(mode=0o500)
    dead.send_signal(signal.SIGKILL)
    dead.communicate()
    assert left.is_dir()
    with Workspace.open(repo.root).fork():
        assert not left.exists()
        assert (kept / "a.py").read_text() == "a\n"
    living.communicate()
    assert living.returncode == 0
    assert forks(isolated_home) == []
    assert sweep() == 0


def test_a_fork_is_in_memory_where_there_is_room_for_it(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"a.py": "a\n"})
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    with Workspace.open(repo.root).fork() as fork:
        assert fork.root.is_relative_to(runtime / "spark/forks")
    (runtime / "spark").chmod(0o777)
    with Workspace.open(repo.root).fork() as fork:
        assert not fork.root.is_relative_to(runtime)


def test_nothing_of_the_repository_is_run_for_a_fork(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.py": NUMBERS, ".gitattributes": "*.py filter=evil\n"})
    marker, script = tmp_path / "ran", tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\necho $0 >> {marker}\ncat\n")
    script.chmod(0o755)
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (repo.root / ".git/hooks" / name).symlink_to(script)
    for key in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "core.pager"):
        repo.git("config", key, str(script))
    marker.unlink(missing_ok=True)
    desk = Desk(repo.root)
    with desk.space.fork(accepted=[desk.change("a.py", 1, 1, "x")]) as fork:
        assert (fork.root / "a.py").read_text().startswith("x\n")
    assert not marker.exists()


def test_no_place_for_a_fork_is_a_sentence(tmp_path: Path) -> None:
    who = as_nobody()
    home = tmp_path / "closed"
    home.mkdir(mode=0o555)
    code = (
        "from pathlib import Path; from codexspark_tui.workspace import Workspace\n"
        "from codexspark_tui.errors import SparkError\n"
        "try:\n    Workspace.of_folder(Path('/usr/share/doc')).fork().__enter__()\n"
        "except SparkError as error:\n    print(error.code, error.title, error.next_step)\n"
    )
    env = {**tracing.actor_env(), "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    env["XDG_RUNTIME_DIR"] = str(home)
    done = subprocess.run(
        [*who, sys.executable, "-c", code],
        cwd="/",
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("write_failed no fork of the tree can be made: permission denied")
    assert "XDG_CACHE_HOME" in done.stdout
