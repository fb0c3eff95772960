"""Whatever a user can do: a documented code, a sentence, no traceback."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.nobody import as_nobody
from tests.support.patches import changed, numbered, patch_of
from tests.support.repo import Repo, Untouched
from tests.support.spark import ROOT, Ran, environment, run, shell, started

TEXT = numbered(20)
CHANGE = patch_of("a.txt", TEXT, changed(TEXT, 3)).encode()
CODES = {0, 1, 2, 3, 4, 5, 6, 130, 141}
COMMON = ("edit", "apply", "undo", "redo", "log", "show", "rename", "move", "extract", "inline")
MORE = ("tidy", "replace", "docstrings", "tests", "codemods", "config", "completion", "schema")
WORDS = (
    *COMMON, *MORE, "--json", "--apply", "-i", "--stat", "--partial", "--whole", "--color", "auto",
    "always", "-q", "--prompt-file", "-0", "-", "--", "--no-stdin", "--stdin-timeout", "0.1", "-1",
    "inf", "--provider", "script", "codemods", "--script", "--check", "--limit", "7.2", "1", "1.1",
    "99999999999999999999", "a.py", "b.py", "a.py:1-2", "a.py:2-1", "a.py:0-9", "../x", "/", "",
    " ", ".", "--at", "a.py:1", "a.py:999", "--kind", "module", "--lang", "python", "cobol",
    "--imports", "--sort", "load", "read", "class", "1x", "print($A)", "$$$", "list", "bash",
    "--show-origin", "rename load to read", "remove unused imports", "x" * 5000, "é", "\udcff",
    "\x1b[31m", "\n", "--to", "--module", "-h", "--version", "--interactive=1", "-ab",
    "--json=no", "undo load",
)  # fmt: skip
FUZZER = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
import codexspark_tui.cli.app, codexspark_tui.cli.run, codexspark_tui.cli.hunks
from codexspark_tui.cli.frame import run
for line in sys.stdin.buffer.read().splitlines():
    arguments = json.loads(line)
    child = os.fork()
    if child == 0:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for name in ("out", "err"):
            fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(fd, 1 if name == "out" else 2)
        os._exit(run(arguments))
    status = os.waitpid(child, 0)[1]
    err = open("err", errors="replace").read()
    print(json.dumps([arguments, os.waitstatus_to_exitcode(status), err]), flush=True)
"""


def sane(ran: Ran) -> Ran:
    assert ran.code in CODES, ran
    assert "Traceback" not in ran.err, ran
    assert "Exception ignored" not in ran.err, ran
    assert ran.code == 0 or ran.err.startswith("spark: "), ran
    return ran


def test_random_arguments_end_with_a_documented_code(repo: Repo, tmp_path: Path) -> None:
    import json

    repo.commit({"a.py": "import os\n\n\ndef load():\n    return 1\n", "b.py": "x = (\n"})
    dice = random.Random(7)
    lists = [[dice.choice(WORDS) for _ in range(dice.randrange(1, 6))] for _ in range(110)]
    for arguments in lists[:90]:
        arguments[0] = dice.choice(COMMON + MORE)
    work = tmp_path / "work"
    shutil.copytree(repo.root, work)
    done = subprocess.run(
        [sys.executable, "-c", FUZZER, str(ROOT)],
        cwd=work,
        env=environment({"SPARK_CODEMOD_TIMEOUT": "20"}),
        input="\n".join(json.dumps(a) for a in lists).encode(),
        capture_output=True,
        timeout=300,
        check=False,
    )
    ended = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ended) == len(lists), done.stderr.decode()
    wrong = [
        (arguments, code, err[-600:])
        for arguments, code, err in ended
        if code not in CODES
        or "Traceback" in err
        or "This should not happen" in err
        or (code not in (0, 1) and not err.startswith("spark: "))
    ]
    assert wrong == []


def test_folder_that_was_deleted(tmp_path: Path) -> None:
    for command in ("edit x", "apply", "log", "doctor", "config list", "rename a b"):
        ran = shell(f"mkdir d; cd d; rmdir ../d; spark {command}", cwd=tmp_path)
        sane(ran)
        assert ran.code == 2
        assert "does not exist" in ran.err


def test_git_that_is_missing(repo: Repo, tmp_path: Path) -> None:
    ran = sane(run("edit", "x", cwd=repo.root, env={"PATH": str(tmp_path)}))
    assert ran.code == 2
    assert "Install git" in ran.err


def test_temporary_folder_that_is_missing(repo: Repo) -> None:
    repo.commit({"a.py": "import os\n"})
    ran = sane(run("tidy", "--imports", "-a", cwd=repo.root, env={"TMPDIR": "/nowhere"}))
    assert ran.code == 0


def test_locale_c_with_names_that_it_lacks(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"naïve-名.py": "import os\n\n\ndef load():\n    pass\n"})
    plain = {"LC_ALL": "C", "LANG": "C", "LANGUAGE": "C"}
    for env in (plain, {**plain, "PYTHONIOENCODING": "ascii"}):
        ran = sane(run("edit", "remove unused imports", cwd=repo.root, env=env))
        assert ran.code == 0
        repo.git("apply", "--check", stdin=ran.out)
    bare = {**plain, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    sane(run("tidy", "--imports", "naïve-名.py", cwd=repo.root, env=bare))
    sane(run("edit", "mach es schön", cwd=repo.root, env=bare))


def test_home_that_is_not_set_or_cannot_be_written(repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    gone: dict[str, str | None] = {f"XDG_{n}_HOME": None for n in ("STATE", "CONFIG", "CACHE")}
    ran = sane(run("apply", "--check", cwd=repo.root, stdin=CHANGE, env={**gone, "HOME": "/proc"}))
    assert ran.code == 0
    assert "no transcript is kept" in ran.err
    ran = sane(run("apply", cwd=repo.root, stdin=CHANGE, env={**gone, "HOME": "/proc"}))
    assert ran.code == 0
    sane(run("config", "list", cwd=repo.root, env={**gone, "HOME": None}))
    sane(run("config", "list", cwd=repo.root, env={**gone, "HOME": "relative"}))
    ran = run("doctor", cwd=repo.root, env={**gone, "HOME": "/proc"})
    assert (ran.code, ran.err) == (1, "")
    assert "Set XDG_STATE_HOME" in ran.text


@pytest.fixture
def nobody() -> tuple[str, ...]:
    """The start of a command line that runs it as a user who owns nothing."""
    return as_nobody()


def test_files_that_cannot_be_read_or_written(
    tmp_path_factory: pytest.TempPathFactory, nobody: tuple[str, ...]
) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        root = Path(folder) / "repo"
        repo = Repo.make(root, {"a.txt": TEXT})
        Path(folder).chmod(0o755)
        (root / "p.diff").write_bytes(CHANGE)
        (root / "secret.diff").write_bytes(CHANGE)
        (root / "secret.diff").chmod(0o000)
        if nobody:
            subprocess.run(["chown", "-R", "65534:65534", str(root)], check=True)
        (root / "a.txt").chmod(0o000)
        env = environment({"HOME": folder, "GIT_CONFIG_COUNT": "1"})
        env |= {"GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            env[name] = str(Path(folder) / "none")
        for arguments in (("apply", "p.diff"), ("apply", "secret.diff")):
            done = subprocess.run(
                [*nobody, sys.executable, "-m", "codexspark_tui", *arguments],
                cwd=root,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
            ran = Ran(done.returncode, done.stdout, done.stderr.decode())
            if "No module named" in ran.err or "Permission denied" in ran.err.split("spark:")[0]:
                pytest.skip("this interpreter cannot be run by another user")
            sane(ran)
            assert ran.code == (5 if arguments[1] == "p.diff" else 2)
        assert repo.root.joinpath("a.txt").stat().st_mode & 0o777 == 0


def test_repository_without_a_commit_and_without_a_file(tmp_path: Path) -> None:
    root = tmp_path / "new"
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for arguments in (("edit", "remove unused imports"), ("rename", "a", "b"), ("log",), ("undo",)):
        sane(run(*arguments, cwd=root))
    made = "--- /dev/null\n+++ b/first.txt\n@@ -0,0 +1 @@\n+first\n"
    assert sane(run("apply", cwd=root, stdin=made.encode())).code == 0
    assert (root / "first.txt").read_text() == "first\n"


def test_inside_of_the_git_folder_and_in_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    assert sane(run("edit", "x", cwd=repo.root / ".git")).code == 2
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    ran = sane(run("edit", "x", cwd=tmp_path / "bare"))
    assert ran.code == 2
    assert "git worktree add" in ran.err


def test_names_with_newlines_are_quoted_in_a_patch(tmp_path: Path) -> None:
    repo = Repo.make(tmp_path / "repo", {"a\nb.py": "import os\n"})
    ran = sane(run("tidy", "--imports", "a\nb.py", cwd=repo.root))
    assert ran.code == 0
    assert b'--- "a/a\\nb.py"\n+++ "b/a\\nb.py"\n' in ran.out


def test_worker_that_dies_is_3(repo: Repo) -> None:
    """All worker processes are killed as soon as they are seen."""
    repo.commit({f"m{n}.py": numbered(300, "import os #") for n in range(30)})
    process = started("tidy", "--imports", "--json", cwd=repo.root)
    assert process.stdout is not None
    assert b"session_started" in process.stdout.readline()
    while process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for child in children:
            with suppress(OSError):
                if b"worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), signal.SIGKILL)
    out, err = process.communicate()
    ran = sane(Ran(process.returncode, out, err.decode()))
    assert ran.code == 3
    assert "worker process was ended by signal 9" in ran.err


def test_codemod_that_takes_too_long_is_6(repo: Repo) -> None:
    repo.commit({f"m{n}.py": "def load():\n    pass\n" for n in range(50)})
    ran = sane(run("tidy", "--sort", cwd=repo.root, env={"SPARK_CODEMOD_TIMEOUT": "0.01"}))
    assert ran.code == 6
    assert "took longer" in ran.err


def test_internal_error_is_a_sentence_and_a_traceback_on_request(tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import importlib.abc, sys\n"
        "class Broken(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name.endswith('about_commands'):\n"
        "            raise LookupError('of ours')\n"
        "sys.meta_path.insert(0, Broken())\n"
    )
    env = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    ran = sane(run("schema", cwd=tmp_path, env=env))
    assert ran.code == 3
    assert "LookupError: of ours" in ran.err
    assert "report" in ran.err
    assert "Traceback" in run("schema", cwd=tmp_path, env={**env, "SPARK_DEBUG": "1"}).err


@pytest.mark.parametrize("target", ["b.txt", "nowhere", "../outside", "ln"])
def test_a_patch_that_shows_where_a_link_leads_takes_the_link_and_not_what_is_behind_it(
    repo: Repo, target: str
) -> None:
    outside = repo.root.parent / "outside"
    outside.write_text("theirs\n")
    repo.commit({"b.txt": "b\n"})
    (repo.root / "ln").symlink_to(target)
    repo.git("add", "ln")
    repo.git("commit", "-qm", "link")
    (repo.root / "ln").unlink()
    patch = repo.git("diff")
    repo.git("checkout", "-q", "ln")
    before = Untouched.of(repo.root)
    wrong = patch.replace(b"-" + target.encode(), b"-elsewhere")
    refused = run("apply", cwd=repo.root, stdin=wrong)
    assert refused.code == 5
    assert "ln is a symbolic link" in refused.err
    before.check()
    assert run("apply", cwd=repo.root, stdin=patch).code == 0
    assert not (repo.root / "ln").is_symlink()
    assert (repo.text("b.txt"), outside.read_text()) == ("b\n", "theirs\n")
    assert run("undo", cwd=repo.root).code == 0
    assert str((repo.root / "ln").readlink()) == target
    before.check(touched={"ln"})
    assert repo.git("status", "--porcelain") == b""
