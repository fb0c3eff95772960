"""Another program writes to a file between the moment a patch is placed and its one decision."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass

from codexspark_tui.actions.edit import EditRequest, run_edit
from codexspark_tui.actions.oneshot import Outcome, Plan
from codexspark_tui.actions.patch_provider import PatchProvider
from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.patches import changed, many_hunks, numbered
from tests.support.repo import Repo

TEXT = numbered(60)


@dataclass
class _Meddler:
    """A face that writes to the file as soon as the whole patch was placed."""

    repo: Repo
    text: str

    def show(self, event: Event) -> None:
        if isinstance(event, facts.StreamFinished):
            self.repo.write({"a.txt": self.text})

    async def ask(self, asked: facts.Asked) -> int | None:
        raise AssertionError(asked)


def outcome(repo: Repo, meanwhile: str) -> Outcome:
    """Of a patch for lines 10 and 40, when the file is `meanwhile` before it can be written."""
    repo.commit({"a.txt": TEXT})
    provider = PatchProvider(many_hunks("a.txt", TEXT, (10, 40)))
    face = _Meddler(repo, meanwhile)

    async def run() -> Outcome:
        with closing(Workspace.open(repo.root)) as workspace:
            request = EditRequest("apply", of_patch=True, unkept=True)
            return await run_edit(workspace, provider, request, Plan("write"), face)

    return clock.run(run())


def test_what_still_fits_is_placed_anew_and_written(repo: Repo) -> None:
    ended = outcome(repo, "on top\n" + TEXT)
    assert (ended.exit_code, ended.accepted) == (0, 2)
    assert repo.text("a.txt") == "on top\n" + changed(TEXT, 10, 40)


def test_what_no_longer_fits_is_not_written_in_part(repo: Repo) -> None:
    theirs = TEXT.replace("line 10\n", "theirs\n")
    ended = outcome(repo, theirs)
    assert (ended.exit_code, ended.accepted, ended.written) == (5, 0, ())
    assert repo.text("a.txt") == theirs


def test_processes_that_write_to_one_file_at_once_all_succeed(repo: Repo) -> None:
    repo.commit({"a.txt": TEXT})
    lines = (5, 20, 35, 50)
    command = [sys.executable, "-m", "codexspark_tui", "apply"]
    started = [
        subprocess.Popen(
            command, cwd=repo.root, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in lines
    ]
    for process, line in zip(started, lines, strict=True):
        assert process.stdin is not None
        process.stdin.write(many_hunks("a.txt", TEXT, (line,)))
        process.stdin.close()
        process.stdin = None
    assert [(process.communicate()[1], process.returncode)[1] for process in started] == [0] * 4
    assert repo.text("a.txt") == changed(TEXT, *lines)
