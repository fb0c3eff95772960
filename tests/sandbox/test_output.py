"""What a command prints, as text: whole on disk, bounded in memory, harmless on a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import aclosing
from dataclasses import replace

import pytest

from codexspark_tui.sandbox import Finished, Output, run
from codexspark_tui.sandbox.plain import Plain, View
from tests.sandbox.support import LIMITS, job_of, mechanism, ran
from tests.support.repo import Repo

HOSTILE = (
    b"\x1b[31mred\x1b[0m \x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1bP1$q\x1b\\"
    b"\x1b(Bb\x08\x07\r\n10%\r50%\rdone\x00\n\xc3\xa9\xff \xe2\x80\xae \x1bcend\x1b[?25h"
)
PLAIN = "red alink b\n10%\n50%\ndone\né\ufffd  end"


def test_output_is_the_same_however_the_reads_cut_it() -> None:
    for size in (1, 2, 3, 7, len(HOSTILE)):
        plain = Plain()
        pieces = [plain.feed(HOSTILE[i : i + size]) for i in range(0, len(HOSTILE), size)]
        assert "".join(pieces) + plain.end() == PLAIN


def test_sequence_without_end_holds_nothing_back_for_ever() -> None:
    plain = Plain()
    text = "".join(plain.feed(b"\x1b]0;" + b"x" * 500) for _ in range(40)) + plain.end()
    assert "\x1b" not in text
    assert len(text) > 10_000


def test_view_keeps_beginning_and_end() -> None:
    view = View(400)
    for number in range(1000):
        view.add(f"line {number}\n")
    assert view.text.startswith("line 0\n")
    assert view.text.endswith("line 999\n")
    assert len(view.text) < 500


def test_whole_output_is_on_disk_and_the_view_is_bounded(repo: Repo) -> None:
    job = job_of(
        repo.root, "seq 20000; printf '\\033[1mend\\033[0m'", replace(LIMITS, view_chars=1000)
    )
    done = ran(mechanism("none"), replace(job, keep=repo.root / "log"))
    wanted = "".join(f"{number}\n" for number in range(1, 20001)) + "end"
    assert repo.text("log") == wanted
    assert len(done.view) < 1100


def test_output_without_end_is_stopped(repo: Repo) -> None:
    done = ran(mechanism("none"), job_of(repo.root, "yes", replace(LIMITS, output_bytes=1 << 20)))
    assert done.ended == "output"


@pytest.mark.parametrize("pieces", [16, 17, 18])
def test_output_that_is_not_read_in_time_keeps_nobody_waiting(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    """A full buffer stops the reading, and with it the news that the pipe is closed. Whether it is
    full when the limit is reached goes by how much was read."""
    monkeypatch.setattr(sys.modules[run.__module__], "DRAIN_S", 30.0)  # nobody waits so long
    limits = replace(LIMITS, output_bytes=pieces << 16)

    async def slowly() -> Finished:
        async with aclosing(run(mechanism("none"), job_of(repo.root, "yes", limits))) as events:
            async for event in events:
                if isinstance(event, Finished):
                    return event
                for _ in range(200):
                    await asyncio.sleep(0)
        raise AssertionError("it never finished")

    async def in_time() -> Finished:
        async with asyncio.timeout(20):
            return await slowly()

    assert asyncio.run(in_time()).ended == "output"


def test_limits_hold_for_what_closes_its_output_and_runs_on(repo: Repo) -> None:
    job = job_of(repo.root, "exec >&- 2>&-; sleep 100", replace(LIMITS, time_s=0.3))
    assert ran(mechanism("none"), job).ended == "time"


def test_what_does_not_end_when_it_is_asked_to_is_killed(repo: Repo) -> None:
    script = "trap '' TERM; echo $$; for n in 1 2 3; do sleep 30; done"

    async def stopped() -> int:
        async with (
            asyncio.timeout(20),
            aclosing(run(mechanism("none"), job_of(repo.root, script))) as events,
        ):
            async for event in events:
                if isinstance(event, Output):
                    return int(event.text)
        raise AssertionError("it said nothing")

    pid = asyncio.run(stopped())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("script", "code", "ended"),
    [("exit 3", 3, "exit"), ("kill -SEGV $$", 139, "exit"), ("exec no-such", 127, "missing")],
)  # fmt: skip
def test_exit_code_is_the_commands_own(repo: Repo, script: str, code: int, ended: str) -> None:
    done = ran(mechanism("none"), job_of(repo.root, script))
    assert (done.exit_code, done.ended) == (code, ended)
