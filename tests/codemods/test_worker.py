"""The worker process: the same answers, nothing of the repository run, ended when it must end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from codexspark_tui.codemods import wire
from codexspark_tui.codemods.client import propose_in_worker
from codexspark_tui.codemods.engine import Project, propose
from codexspark_tui.codemods.model import (
    AmbiguousName,
    Answer,
    Candidate,
    CannotDo,
    Edits,
    ExtraEdit,
    FileEdit,
    Mention,
    Place,
    RenameSymbol,
    Request,
    Tidy,
)
from codexspark_tui.errors import Interrupted
from tests.codemods.support import make, project_of
from tests.support.repo import Repo, Untouched

MARK = "import pathlib\npathlib.Path({!r}).write_text('ran')\n"


def in_worker(request: Request, project: Project, timeout_s: float = 60) -> Answer:
    return asyncio.run(propose_in_worker(request, project, timeout_s=timeout_s))


def hostile(root: Path) -> tuple[Repo, Path]:
    """A repository in which everything that could be run by mistake leaves a mark."""
    mark = root / "mark"
    code = MARK.format(str(mark))
    names = ("rope", "ruff", "msgspec", "conftest", "sitecustomize", "usercustomize", "ast_grep_py")
    files: dict[str, str | bytes] = {f"{name}.py": code for name in names}
    files |= {
        "rope/__init__.py": code,
        "json.py": code,
        "setup.py": code,
        "codexspark_tui/__init__.py": code,
        "codexspark_tui/codemods/worker.py": code,
        ".ropeproject/config.py": f"{code}\ndef set_prefs(prefs): pass\n",
        "pyproject.toml": "[tool.rope]\nextension_modules = ['conftest']\n",
        "ruff.toml": "line-length = 40\nextend-exclude = ['setup.py']\n",
        "a.py": "import os\n\n\ndef old(): ...\n",
        "b.py": "from a import old\nimport conftest\nold()\n",
    }
    return make(root, files), mark


@pytest.mark.parametrize(
    "request_", [RenameSymbol("a.old", "new"), Tidy(imports=True, sort=True, format=True)]
)
def test_nothing_of_the_repository_is_run(
    tmp_path: Path, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, mark = hostile(tmp_path)
    before = Untouched.of(repo.root)
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("PYTHONPATH", f".{os.pathsep}{repo.root}")
    monkeypatch.setenv("PYTHONSTARTUP", str(repo.root / "conftest.py"))
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(mark))
    monkeypatch.setattr(sys, "path", ["", str(repo.root), *sys.path])
    assert (
        sys.modules["msgspec"] is msgspec
    )  # this process has its modules; the worker finds its own
    answer = in_worker(request_, project_of(repo))
    assert isinstance(answer, Edits), answer
    assert answer.files
    assert not mark.exists()
    before.check()


def test_worker_answers_as_the_engine_does(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a.py": "def old(): ...\n", "é b.py": "from a import old\r\nold()\r\n"})
    request = RenameSymbol("old", "new")
    project = project_of(repo)
    assert in_worker(request, project) == propose(request, project)
    missing = RenameSymbol("olf", "new")
    assert in_worker(missing, project) == propose(missing, project)


def test_file_names_that_are_not_utf8_pass(tmp_path: Path) -> None:
    repo = make(tmp_path, {"a.py": "def old(): ...\n"})
    odd = os.fsdecode(b"od\xffd.py")
    (repo.root / odd).write_text("from a import old\n")
    answer = in_worker(RenameSymbol("old", "new"), project_of(repo))
    assert isinstance(answer, Edits)
    assert {edit.path for edit in answer.files} == {"a.py", odd}


def test_every_answer_survives_the_pipe() -> None:
    place = Place("a.py", 1, 2)
    edit = FileEdit("a\udcff.py", "x\r\n", None, "b.py")
    answers: list[Answer] = [
        Edits(
            (edit,),
            "s",
            "rope",
            (ExtraEdit(edit, "attribute", "w", on=True),),
            (Mention(place, "docs", "é"),),
            (("p", "why"),),
            ("n",),
        ),
        AmbiguousName("n", (Candidate("n", "method", place, "t"),)),
        CannotDo("why", "next"),
    ]
    for answer in answers:
        assert wire.decode_answer(wire.encode_answer(answer)) == answer
    request = Tidy(("a.py",), sort=True)
    project = Project(Path("/p"), ("a\udcff.py",))
    assert wire.decode_request(wire.encode_request(request, project)) == (request, project)


def endless(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lets workers be a program that starts another and never ends; returns its list of both."""
    pids, program = root / "pids", root / "endless"
    program.write_text(f"#!/bin/sh\nsleep 1000 &\nprintf '%s %s' $! $$ > {pids}\nwait\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return pids


def is_alive(pid: str) -> bool:
    """A dead process that nobody has waited for yet counts as dead."""
    done = subprocess.run(["kill", "-0", pid], capture_output=True, check=False)
    state = Path(f"/proc/{pid}/stat")
    is_zombie = state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"
    return done.returncode == 0 and not is_zombie


def all_ended(pids: Path) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not any(is_alive(pid) for pid in pids.read_text().split()):
            return True
    return False


def test_a_worker_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_of(make(tmp_path, {"a.py": ""}))
    pids = endless(tmp_path, monkeypatch)
    answer = in_worker(RenameSymbol("old", "new"), project, timeout_s=0.5)
    assert isinstance(answer, CannotDo)
    assert "took longer than 0.5 seconds" in answer.why
    assert len(pids.read_text().split()) == 2
    assert all_ended(pids)


def test_cancelling_ends_the_worker_and_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_of(make(tmp_path, {"a.py": ""}))
    pids = endless(tmp_path, monkeypatch)

    async def cancelled() -> None:
        task = asyncio.create_task(propose_in_worker(Tidy(format=True), project))
        async with asyncio.timeout(20):
            while not pids.exists() or len(pids.read_text().split()) < 2:
                await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert all_ended(pids)


def test_a_crash_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    project = project_of(make(tmp_path, {"a.py": ""}))
    answer = in_worker(RenameSymbol("old", "new"), project)
    assert isinstance(answer, CannotDo)
    assert "worker process failed" in answer.why


def test_an_engine_can_be_stopped(tmp_path: Path) -> None:
    import threading

    stop = threading.Event()
    stop.set()
    project = project_of(make(tmp_path, {"a.py": "def old(): ...\n"}))
    with pytest.raises(Interrupted):
        propose(RenameSymbol("old", "new"), project, stop=stop)


def test_client_is_cheap_to_import() -> None:
    code = (
        "import sys, codexspark_tui.codemods.client, codexspark_tui.codemods.registry\n"
        "print([m for m in ('rope', 'ruff', 'ast_grep_py', 'msgspec', 'git') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
