"""The transcript: everything that was said and done, for its owner alone."""

from __future__ import annotations

import asyncio
import json
import stat
from contextlib import aclosing
from pathlib import Path
from typing import get_args

import pytest

from codexspark_tui.events import commands, facts
from codexspark_tui.events.codec import command_from_line, event_from_line
from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import Event
from codexspark_tui.session.transcript import Transcript
from codexspark_tui.state_dir import state_dir
from tests.support import clock
from tests.support.repo import Repo
from tests.support.session import NOTHING, accept, changed, hand, numbered, patch

A = numbered(40)
COMMANDS = {"prompt", "decide", "undo", "close", "edit", "split", "reopen", "place_at", "answer"}


def _read(path: Path) -> list[Event | Command]:
    found: list[Event | Command] = []
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        raw = json.loads(line)
        assert (raw["v"], raw["seq"]) == (1, number)
        kind = raw["type"]
        found.append(command_from_line(line) if kind in COMMANDS else event_from_line(line))
    return found


async def _session(repo: Repo, transcript: Transcript) -> list[Event]:
    at = hand(repo, patch("a.txt", A, changed(A, 5, 20)), transcript=transcript)
    await at.until(facts.StreamFinished)
    await at.do(accept(*at.log.choices("c1")))
    await at.close()
    return at.log.events


def test_it_holds_commands_and_events_in_their_order_as_json_lines(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    folder = state_dir() / "sessions"
    transcript = Transcript.open(folder, "id")
    events = clock.run(_session(repo, transcript))
    read = _read(folder / "id.jsonl")
    marker = facts.DecisionRefused((), "no change was named")
    told = [value for value in read if isinstance(value, get_args(facts.Event))]
    said = [value for value in read if isinstance(value, get_args(commands.Command))]
    assert [event for event in told if event != marker] == events
    choice = next(e for e in events if isinstance(e, facts.ChangeClosed))
    assert said == [
        commands.Prompt("do it"),
        accept(commands.Choice("c1", choice.digest)),
        NOTHING,
        commands.Close(),
    ]
    written = facts.ChangeDecided("c1", "written", entry="1.1")
    assert read.index(said[1]) < read.index(written) < read.index(said[3])
    prompt, started = read.index(said[0]), read.index(events[1])
    assert prompt < started
    times = [json.loads(line)["t_ms"] for line in (folder / "id.jsonl").read_bytes().splitlines()]
    assert times == sorted(times)


def test_only_its_owner_can_read_it(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    folder = state_dir() / "sessions"
    clock.run(_session(repo, Transcript.open(folder, "id")))
    for made in (folder, folder.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "id.jsonl").stat().st_mode) == 0o600


def test_a_file_that_is_there_is_never_written_to(tmp_path: Path) -> None:
    there = tmp_path / "id.jsonl"
    there.write_text("mine")
    transcript = Transcript.open(tmp_path, "id")
    transcript.add(commands.Close())
    transcript.close()
    assert there.read_text() == "mine"
    assert transcript.problem.startswith("no transcript is kept: ")


def test_a_state_folder_that_cannot_be_written_is_a_notice_not_a_failure(
    repo: Repo, tmp_path: Path
) -> None:
    repo.commit({"a.txt": A})
    (tmp_path / "file").write_text("in the way")
    events = clock.run(_session(repo, Transcript.open(tmp_path / "file" / "sessions", "id")))
    (notice,) = [event for event in events if isinstance(event, facts.Notice)]
    assert notice.level == "warning"
    assert notice.text.startswith("no transcript is kept: ")
    assert events.index(notice) == 1
    assert repo.text("a.txt") == changed(A, 5)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_is_told_once_and_stops_nothing(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    transcript = Transcript(Path("/dev/full"), _file=Path("/dev/full").open("wb"))  # noqa: SIM115
    events = clock.run(_session(repo, transcript))
    (notice,) = [event for event in events if isinstance(event, facts.Notice)]
    assert notice.text.startswith("the transcript ends early: ")
    assert repo.text("a.txt") == changed(A, 5)


def test_what_was_written_is_told_in_it_also_when_the_reader_went_away(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    folder = state_dir() / "sessions"

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 5)), transcript=Transcript.open(folder, "id"))

        async def read() -> None:
            async with aclosing(at.session.events()) as events:
                async for event in events:
                    at.log.note(event)
                    if isinstance(event, facts.StreamFinished):
                        at.session.send(accept(*at.log.choices()))
                        reader.cancel()

        reader = asyncio.create_task(read())
        await asyncio.wait([reader])

    clock.run(run())
    read = _read(folder / "id.jsonl")
    written = facts.FileWritten("a.txt") in read
    assert written == (repo.text("a.txt") == changed(A, 5))
    assert isinstance(read[-1], facts.TurnEnded)
