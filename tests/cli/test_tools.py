"""Tools on the command line: what would be asked is refused and named; nobody else may allow it."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.sandbox import probe
from tests.support.repo import Repo
from tests.support.spark import run

SCRIPT = """\
tools = "calls"
[[answer]]
call = "run"
arguments = '{"command": "touch made.txt"}'
[[answer]]
text = "Done."
"""


@pytest.fixture
def scripted(repo: Repo, tmp_path: Path) -> tuple[str, ...]:
    repo.commit({"a.py": "x = 1\n"})
    path = tmp_path / "script.toml"
    path.write_text(SCRIPT)
    return ("--provider", "script", "--script", str(path))


def test_command_that_nobody_allowed_is_refused_and_named(
    repo: Repo, scripted: tuple[str, ...]
) -> None:
    done = run("edit", "do it", *scripted, cwd=repo.root)
    assert done.code == 2
    assert "The model wants to run: touch made.txt" in done.err
    assert "--approvals auto" in done.err
    assert not (repo.root / "made.txt").exists()


def test_repository_cannot_allow_what_runs(repo: Repo, scripted: tuple[str, ...]) -> None:
    repo.write({".spark/config.toml": 'approvals = "auto"\nrun_network = true\n'})
    done = run("edit", "do it", *scripted, cwd=repo.root)
    assert done.code == 2
    assert "approvals was left out" in done.err
    assert not (repo.root / "made.txt").exists()


def test_auto_runs_inside_the_sandbox(repo: Repo, scripted: tuple[str, ...]) -> None:
    if not probe().confines:
        pytest.skip("nothing confines a command here")
    done = run("edit", "do it", *scripted, "--approvals", "auto", cwd=repo.root)
    assert done.code == 1
    assert (repo.root / "made.txt").exists()
    assert "runs: touch made.txt" in done.err


def test_always_is_listed_and_revoked_by_trust(repo: Repo, isolated_home: Path) -> None:
    repo.commit({"a.py": "x = 1\n"})
    folder = isolated_home / "state/spark"
    folder.mkdir(parents=True)
    (folder / "allowed.json").write_text(f'[{{"root": "{repo.root.resolve()}", "prefix": "wc"}}]')
    listed = run("trust", "--list", cwd=repo.root)
    assert "always runs “wc …”" in listed.out.decode()
    assert run("trust", "--revoke", cwd=repo.root).code == 0
    assert run("trust", "--list", cwd=repo.root).out == b""
    assert run("trust", "--revoke", cwd=repo.root).code == 1
