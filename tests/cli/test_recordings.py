"""--record, --recording, and the recordings that are shipped, as a shell sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.make_recordings import text_of
from codexspark_tui.actions.demo import demo_repository, is_as_committed
from codexspark_tui.actions.recordings import SHIPPED, Shipped
from tests.support.repo import Repo
from tests.support.spark import run

BY_NAME = pytest.mark.parametrize("shipped", SHIPPED, ids=lambda shipped: shipped.name)
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null")
REPLAY = ("--provider", "replay", "--replay-speed", "0")


def test_a_run_that_was_recorded_is_replayed_to_the_same_patch(repo: Repo) -> None:
    repo.commit({"a.py": "def load():\n    return 1\n\n\nprint(load())\n"})
    first = run("edit", "rename load to read", "--record", "../r.jsonl", cwd=repo.root)
    assert first.code == 0
    again = run("edit", "rename load to read", *REPLAY, "--recording", "../r.jsonl", cwd=repo.root)
    assert (again.code, again.out) == (0, first.out)
    assert "no model was asked, this is a replay: " in again.err
    assert "(recording)" in again.err
    told = run("edit", "x", *REPLAY, "--recording", "../r.jsonl", "--json", cwd=repo.root)
    (connected,) = [line for line in told.lines if line["type"] == "connected"]
    assert connected["transport"] == "recording"
    assert connected["model"].endswith("(recording)")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "needs a recording"),
        (("--recording", "nothing"), "cannot be read"),
        (("--recording", "shipped:nothing"), "shipped:types"),
        (("--recording", "a.py"), "is no recording"),
        (("--recording", "a.py", "--replay-speed", "-1"), "0 or more"),
    ],
)
def test_what_cannot_be_replayed_is_said(repo: Repo, options: tuple[str, ...], why: str) -> None:
    repo.commit({"a.py": "x = 1\n"})
    ran = run("edit", "x", "--provider", "replay", *options, cwd=repo.root)
    assert (ran.code, why in ran.err) == (2, True)


def test_a_repository_cannot_have_its_user_recorded(repo: Repo) -> None:
    repo.commit({"a.py": "import os\n", ".spark/config.toml": 'record = "stolen.jsonl"\n'})
    ran = run("edit", "remove unused imports", cwd=repo.root)
    assert ran.code == 0
    assert "record" in ran.err
    assert not (repo.root / "stolen.jsonl").exists()


def test_a_secret_of_the_environment_does_not_get_into_a_recording(repo: Repo) -> None:
    repo.commit({"a.py": "def load():\n    return 1\n"})
    asked = ("edit", "rename load to hunter_number_two", "--record", "../r.jsonl")
    ran = run(*asked, cwd=repo.root, env={"DEPLOY_TOKEN": "hunter_number_two"})
    assert "+def hunter_number_two" in ran.text
    recorded = (repo.root.parent / "r.jsonl").read_text()
    assert "hunter_number_two" not in recorded
    assert "rename load to [redacted]" in recorded


@BY_NAME
def test_what_is_shipped_is_what_the_script_makes_and_says_so(shipped: Shipped) -> None:
    text = shipped.path.read_text("ascii")
    assert text == text_of(shipped)
    assert "no capture of a real model" in json.loads(text.splitlines()[0])["note"]


@BY_NAME
def test_every_shipped_hunk_places_and_the_result_works(shipped: Shipped) -> None:
    with demo_repository() as root:
        source = ("--recording", f"shipped:{shipped.name}")
        ran = run("edit", shipped.prompt, "--apply", *REPLAY, *source, cwd=root)
        assert ran.code == 0, ran
        assert "left out" not in ran.err
        assert not is_as_committed(root)
        tests = subprocess.run(
            [*PYTEST, "--rootdir", str(root), str(root)],
            cwd=root,
            env={"PYTHONPATH": str(root), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert tests.returncode == 0, tests.stdout


@pytest.mark.full
def test_the_demo_with_recordings_comes_back_to_its_first_state(tmp_path: Path) -> None:
    ran = run("demo", "--recording", cwd=tmp_path)
    assert ran.code == 0
    assert "The answers are recordings, made by a script: no model is asked." in ran.text
    for shipped in SHIPPED:
        assert shipped.prompt in ran.text
    assert ran.text.count("Every file is as it was committed") == len(SHIPPED)
