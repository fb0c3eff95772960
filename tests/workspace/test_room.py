"""What holds for the whole room: one writer, one owner of SQLite, small history, quiet imports."""

from __future__ import annotations

import ast
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from codexspark_tui import state_dir, workspace
from tests.support.repo import Repo
from tests.workspace import tracing
from tests.workspace.helpers import Desk

ROOM = Path(workspace.__file__).parent
WRITERS = {
    "writer.py": {
        "mkdir",
        "rename",
        "unlink",
        "rmdir",
        "symlink_to",
        "open",
        "fchmod",
        "fchown",
        "ftruncate",
    },
    "tree.py": {"open"},
    "lock.py": {"open", "ftruncate"},
    "database.py": {"open", "rename"},
    "upkeep.py": {"chmod"},
    "fork.py": {
        "chmod",
        "mkdir",
        "open",
        "rmtree",
        "symlink_to",
        "utime",
        "write_bytes",
        "write_text",
    },
}
"""Who may change files: the writer the person's, the others what is ours alone."""
CHANGING = {
    "chmod", "chown", "copy", "fchmod", "fchown", "ftruncate", "hardlink_to", "link", "makedirs",
    "mkdir", "mkfifo", "move", "open", "remove", "rename", "replace", "rmdir", "rmtree", "symlink",
    "symlink_to", "touch", "truncate", "unlink", "utime", "write_bytes", "write_text",
}  # fmt: skip
OF_OURS = {"draft", "work", "dataclasses"}


def changing_calls(source: str) -> set[str]:
    """Names of calls that can change a file; strings' `replace` and the draft's own are not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            root = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if node.func.attr in CHANGING - {"replace", "copy", "move"} and root not in OF_OURS:
                found.add(node.func.attr)
            if node.func.attr in {"replace", "copy", "move"} and root in {"os", "shutil"}:
                found.add(node.func.attr)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found |= {node.func.id} & {"open"}
    return found


def test_one_module_changes_files() -> None:
    for path in ROOM.glob("*.py"):
        found = changing_calls(path.read_text())
        assert found <= WRITERS.get(path.name, set()), path.name
    assert changing_calls((ROOM / "writer.py").read_text()) == WRITERS["writer.py"]


def test_one_module_knows_sqlite() -> None:
    knowing = {p.name for p in ROOM.glob("*.py") if "import sqlite3" in p.read_text()}
    assert knowing == {"database.py"}


def test_importing_makes_nothing_and_loads_no_library_of_a_face(isolated_home: Path) -> None:
    code = (
        "import sys, codexspark_tui.workspace, codexspark_tui.state_dir as s;"
        "s.state_dir(), s.cache_dir(), s.config_dir();"
        "print([m for m in ('rich', 'typer', 'git', 'msgspec', 'asyncio', 'rope', 'unidiff')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=tracing.actor_env(), capture_output=True, check=False
    )
    assert (done.stdout, done.stderr) == (b"[]\n", b"")
    assert list(isolated_home.iterdir()) == []


def test_history_costs_what_was_changed_not_what_the_file_weighs(repo: Repo) -> None:
    small, large = "x\n" * 10, "".join(f"{n * 7919}\n" for n in range(100_000))
    repo.commit({"small": small, "large": large})
    sizes: dict[str, int] = {}
    for name in ("small", "large"):
        desk = Desk(repo.root)
        for number in range(40):
            desk.accept(desk.change(name, 5, 1, f"changed {number}"), turn_name=f"{name}{number}")
        desk.space.close()
        with closing(sqlite3.connect(repo.root / ".git/spark/ledger.db")) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the journal is bounded by itself
        sizes[name] = sum(p.stat().st_size for p in (repo.root / ".git/spark").iterdir())
    assert sizes["large"] - sizes["small"] < 2 * sizes["small"]
    assert sizes["large"] < len(large)


def test_a_create_is_kept_once_when_it_is_written(repo: Repo) -> None:
    import random

    noise = "".join(f"{random.Random(n).random()}\n" for n in range(20_000))
    desk = Desk(repo.root)
    desk.accept(desk.create("noise", noise))
    desk.space.close()
    with closing(sqlite3.connect(repo.root / ".git/spark/ledger.db")) as db:
        assert db.execute("SELECT sum(length(data)) FROM step").fetchall() == [(None,)]
        ((kept,),) = db.execute("SELECT sum(length(body)) FROM change")
    assert kept < len(noise)
    assert Desk(repo.root).space.undo().conflicts == ()
    assert Desk(repo.root).space.redo().conflicts == ()
    assert repo.text("noise") == noise


@pytest.mark.parametrize("given", ["", "relative/path"])
def test_xdg_folders_that_are_not_absolute_are_ignored(
    monkeypatch: pytest.MonkeyPatch, isolated_home: Path, given: str
) -> None:
    for name in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", given)
    assert state_dir.state_dir() == isolated_home / ".local/state/spark"
    assert state_dir.cache_dir() == isolated_home / ".cache/spark"
    assert state_dir.config_dir() == isolated_home / ".config/spark"


def test_our_folders_are_for_their_owner_alone(isolated_home: Path) -> None:
    shared = isolated_home / "state"
    shared.mkdir(mode=0o755)
    made = state_dir.ensure(state_dir.state_dir() / "deep" / "er")
    assert [p.stat().st_mode & 0o777 for p in (made, made.parent, made.parents[1], shared)] == [
        0o700,
        0o700,
        0o700,
        0o755,
    ]
