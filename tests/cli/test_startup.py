"""What is loaded before the first byte: nothing that the command does not need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repo import Repo
from tests.support.spark import environment, script, scripted

LOADED = """
import json, sys
before = set(sys.modules)
from codexspark_tui.__main__ import main
sys.argv = ["spark", *json.loads(sys.argv[1])]
try:
    main()
finally:
    json.dump(sorted(set(sys.modules) - before), open("loaded.json", "w"))
"""
HEAVY = {"textual", "rope", "git", "ast_grep_py", "rich", "pydantic", "unidiff", "ruff", "tempfile"}


def loaded(cwd: Path, *arguments: str) -> set[str]:
    """The modules that `spark ARGUMENTS` loads."""
    subprocess.run(
        [sys.executable, "-c", LOADED, json.dumps(arguments)],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    found = json.loads((cwd / "loaded.json").read_text())
    return set(found)


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version_loads_nothing_but_the_package(option: str, tmp_path: Path) -> None:
    found = loaded(tmp_path, option)
    assert {name for name in found if name.startswith("codexspark_tui")} == {
        "codexspark_tui",
        "codexspark_tui.__main__",
    }
    assert not found & {"typer", "asyncio", "re", "argparse", "dataclasses", "pathlib"}


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version_is_that_of_the_package(option: str, tmp_path: Path) -> None:
    from codexspark_tui import __version__
    from tests.support.spark import run

    ran = run(option, cwd=tmp_path)
    assert (ran.code, ran.text, ran.err) == (0, f"spark {__version__}\n", "")


def test_edit_loads_no_library_that_it_does_not_need(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.txt": "x\n"})
    found = loaded(repo.root, "edit", "x", "--json", *scripted(script(tmp_path, "nothing\n")))
    assert "codexspark_tui.providers.scripted" in found
    assert {name.partition(".")[0] for name in found} & HEAVY == set()
    assert not found & {"codexspark_tui.codemods.model", "codexspark_tui.cli.hunks", "secrets"}


def test_list_of_commands_loads_no_command(tmp_path: Path) -> None:
    found = loaded(tmp_path, "--help")
    assert {name for name in found if name.endswith("_commands")} == set()
    assert "codexspark_tui.session.session" not in found


def test_codemods_in_this_process_load_no_refactoring_library(repo: Repo) -> None:
    repo.commit({"a.py": "import os\n"})
    found = loaded(repo.root, "edit", "remove unused imports")
    assert "codexspark_tui.actions.codemod_provider" in found
    assert {name.partition(".")[0] for name in found} & (HEAVY - {"tempfile"}) == set()
