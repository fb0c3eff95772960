"""A file with open changes is edited outside, and nobody decides anything meanwhile."""

from __future__ import annotations

import asyncio
import os

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event, PlacedAt
from codexspark_tui.session import looking
from tests.support import clock
from tests.support.repo import Repo
from tests.support.session import Hand, accept, changed, created, hand, numbered, patch, reject

A = numbered(60)


def _placements(at: Hand) -> list[tuple[str, int, int]]:
    moved = at.log.of(facts.ChangeMoved)
    places = [(event.change, event.placement) for event in moved]
    return [(id, p.line, p.moved) for id, p in places if isinstance(p, PlacedAt)]


def _since(at: Hand, count: int) -> list[Event]:
    return at.log.events[count:]


async def _later(at: Hand, seconds: float) -> list[Event]:
    """What the session tells within this time, though nobody says anything."""
    count = len(at.log.events)
    await asyncio.sleep(seconds)
    await at.do()
    return _since(at, count)


def test_a_formatter_moves_what_is_open_without_a_decision(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 40)))
        await at.until(facts.StreamFinished)
        repo.write({"a.txt": "inserted\n" * 12 + A})
        await at.until(facts.ChangeMoved, 2)
        assert _placements(at) == [("c1", 19, 12), ("c2", 49, 12)]
        await at.do(accept(*at.log.choices("c1", "c2")))
        await at.close()

    clock.run(run())
    assert repo.text("a.txt") == "inserted\n" * 12 + changed(A, 10, 40)


def test_a_change_that_fits_no_more_is_stale_and_comes_back_with_its_file(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10)))
        await at.until(facts.StreamFinished)
        repo.write({"a.txt": "all of it is another text\n"})
        stale = await at.until(facts.ChangeStale)
        assert stale.change == "c1"
        repo.write({"a.txt": A})
        moved = await at.until(facts.ChangeMoved)
        assert (moved.change, moved.state) == ("c1", "placed")
        await at.close()

    clock.run(run())


def test_the_same_text_written_again_is_no_change(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10)))
        await at.until(facts.StreamFinished)
        repo.write({"a.txt": A})
        os.utime(repo.root / "a.txt", ns=(1, 1))
        assert await _later(at, 10) == []
        await at.close()

    clock.run(run())


def test_a_file_that_appears_where_one_is_to_be_made_is_noticed(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, created("new.txt", "mine\n"))
        await at.until(facts.StreamFinished)
        repo.write({"new.txt": "theirs\n"})
        assert (await at.until(facts.ChangeStale)).change == "c1"
        await at.close()

    clock.run(run())


def test_an_edit_in_mid_stream_is_noticed_when_the_next_change_of_the_file_comes(
    repo: Repo,
) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10, 30, 50)))
        await at.until(facts.ChangeClosed)
        repo.write({"a.txt": "one more\n" + A})
        await at.until(facts.ChangeMoved, 2)
        assert _placements(at) == [("c1", 8, 1), ("c2", 28, 1)]
        assert at.log.of(facts.StreamFinished) == []
        await at.until(facts.StreamFinished)
        assert at.log.change("c3").placement == PlacedAt(48, "exact", 1)
        await at.close()

    clock.run(run())


def test_who_comes_back_sees_it_at_once(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10)))
        await at.until(facts.StreamFinished)
        repo.write({"a.txt": "one more\n" + A})
        began = asyncio.get_running_loop().time()
        told = await at.do(commands.Look())
        assert [type(event).__name__ for event in told] == ["LinesMoved", "ChangeMoved"]
        assert asyncio.get_running_loop().time() == began
        await at.close()

    clock.run(run())


def test_nothing_wakes_up_where_nothing_is_open(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, patch("a.txt", A, changed(A, 10)))
        await at.until(facts.StreamFinished)
        await at.do(reject(*at.log.choices("c1")))
        await asyncio.sleep(looking.QUIET_S * 2)
        handles = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
        assert [handle for handle in handles if not handle.cancelled()] == []
        await at.close()

    clock.run(run())


def test_many_files_are_read_a_few_at_a_time_and_all_are_noticed(repo: Repo) -> None:
    names = [f"f{n}.txt" for n in range(3 * looking.MOST_READ)]
    repo.commit(dict.fromkeys(names, A))

    async def run() -> None:
        at = hand(repo, "".join(patch(name, A, changed(A, 10)) for name in names))
        await at.until(facts.StreamFinished)
        repo.write(dict.fromkeys(names, "one more\n" + A))
        await at.until(facts.ChangeMoved, len(names))
        assert {line for _, line, _ in _placements(at)} == {8}
        assert len(_placements(at)) == len(names)
        await at.close()

    clock.run(run())


def test_a_look_is_no_part_of_the_transcript_and_of_nothing_is_nothing(repo: Repo) -> None:
    async def run() -> None:
        at = hand(repo, prompt=None)
        assert (await at.do(commands.Look()))[1:] == []
        await at.close()

    clock.run(run())
