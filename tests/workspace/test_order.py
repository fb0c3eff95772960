"""The order of the system calls is the promise; strace is the witness."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo
from tests.workspace import tracing
from tests.workspace.actor import FILES, TOUCHED, one_line
from tests.workspace.helpers import turn
from tests.workspace.tracing import Call

pytestmark = pytest.mark.skipif(bool(tracing.why_not()), reason=tracing.why_not() or "traced")

SYNCS = ("fsync", "fdatasync")


@pytest.fixture
def root(repo: Repo) -> Iterator[Path]:
    """A repository whose ledger exists and is held open, as in a running session."""
    repo.commit({**FILES, "first.txt": "1\n2\n"})
    space = Workspace.open(repo.root)
    space.commit(turn("first"), [one_line(space, "first.txt", 1, "x")])
    yield repo.root
    space.close()


def synced(call: Call) -> str:
    match = re.match(r"\d+<(.*?)>", call.arguments)
    return match.group(1) if match and call.name in SYNCS else ""


def quoted(call: Call) -> list[str]:
    return re.findall(r'"([^"]*)"', call.arguments)


def positions(calls: list[Call], what: str) -> list[int]:
    return [i for i, call in enumerate(calls) if what == synced(call)]


@pytest.mark.parametrize("action", ["accept", "undo"])
def test_ledger_then_data_then_rename_then_folders(root: Path, tmp_path: Path, action: str) -> None:
    if action == "undo":
        assert tracing.run_actor(root, "accept").stdout == "done"
    calls = tracing.calls_of(root, action, tmp_path / "log")
    renames = [i for i, call in enumerate(calls) if call.name.startswith("rename")]
    unlinks = [
        i
        for i, call in enumerate(calls)
        if call.name.startswith("unlink") and ".spark-" not in call.arguments
    ]
    ledger = positions(calls, str(root / ".git/spark/ledger.db-wal"))
    assert len(ledger) == 1, "one ledger commit"
    assert len(renames) == 8
    assert len(unlinks) == 2
    assert ledger[0] < renames[0] < renames[-1] < unlinks[0]
    links = [quoted(call)[-1] for call in calls if call.name.startswith("symlink")]
    for i in renames:
        temporary = quoted(calls[i])[0]
        if temporary in links:  # a link has no content of its own: its folder holds it
            continue
        flushed = positions(calls, temporary)
        assert len(flushed) == 1, f"{temporary} is flushed once"
        assert ledger[0] < flushed[0] < renames[0]
    folders = [synced(call) for call in calls if synced(call).startswith(str(root))]
    folders = [f for f in folders if ".spark-" not in f and "/.git/" not in f]
    assert len(folders) == len(set(folders)), "each folder is flushed once"
    touched = {str(root / Path(name).parent) for name in TOUCHED if (root / name).parent.exists()}
    assert touched <= set(folders)
    first_folder = min(positions(calls, folders[0]))
    assert first_folder > unlinks[-1]


def test_each_decision_in_one_file_costs_three_flushes(root: Path, tmp_path: Path) -> None:
    """The first of a process costs one more: SQLite flushes the folder of its log once."""
    calls = tracing.calls_of(root, "line:a.py:6:six line:a.py:7:seven", tmp_path / "log")
    flushed = [synced(call) for call in calls if synced(call)]
    assert len(flushed) == 3
    assert flushed[0] == str(root / ".git/spark/ledger.db-wal")
    assert flushed[1].startswith(str(root / ".spark-"))
    assert flushed[2] == str(root)
    assert [call.name for call in calls if call.name in ("clone", "fork", "vfork")] == []
