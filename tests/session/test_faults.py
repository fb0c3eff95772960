"""What goes wrong in the middle: cuts, failures, cancels, and a reader that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    ModelEvent,
    Question,
    Request,
    TextDelta,
    Unconnected,
)
from codexspark_tui.providers.scripted import Failure, Scripted, ScriptedProvider
from codexspark_tui.session.placing.desk import Desk
from codexspark_tui.session.session import Session
from codexspark_tui.session.turn import Turn
from codexspark_tui.workspace import Workspace
from tests.support import clock
from tests.support.repo import Repo, Untouched
from tests.support.session import (
    RATE,
    Hand,
    Log,
    Talk,
    accept,
    changed,
    created,
    hand,
    numbered,
    patch,
    reject,
    streamed,
    when,
)

A = numbered(60)
PATCH = patch("a.txt", A, changed(A, 5, 20, 35, 50))


@pytest.mark.parametrize(
    ("fail", "code", "exit_code"),
    [
        ("network", "provider", 3),
        ("key", "key_missing", 4),
        ("limit", "limit_reached", 6),
        ("crash", "provider", 3),
    ],
)
def test_closed_hunks_of_a_stream_that_failed_can_be_accepted(
    repo: Repo, fail: Failure, code: str, exit_code: int
) -> None:
    repo.commit({"a.txt": A})
    before = Untouched.of(repo.root)
    cut = PATCH.index("+changed 50")
    log = Talk(repo, [Scripted(PATCH, RATE, cut_after=cut, fail=fail)]).run(
        streamed(lambda log: accept(*log.choices()))
    )
    failed = log.one(facts.Failed)
    assert (failed.code, failed.exit_code) == (code, exit_code)
    assert failed.next_step
    assert log.of(facts.Notice) == []
    after = log.names("ChangeDecided", "HunkLines")[-5:]
    assert after == ["Failed", "ChangeClosed", "StreamFinished", "FileWritten", "TurnEnded"]
    assert log.states() == {"c1": "written", "c2": "written", "c3": "written", "c4": "refused"}
    assert log.one(facts.StreamFinished).truncated
    ended = facts.TurnEnded(1, "failed", accepted=3, refused=1, entry="1")
    assert log.one(facts.TurnEnded) == ended
    assert repo.text("a.txt") == changed(A, 5, 20, 35)
    before.check(touched={"a.txt"})


FORMATS = {
    "unified": PATCH,
    "no counts": PATCH.replace("@@ -", "@@ ... @@ -").replace("@@ ... @@ -", "@@ ... @@\n@@ -"),
    "envelope": (
        "*** Begin Patch\n*** Update File: a.txt\n@@\n line 4\n-line 5\n+changed 5\n line 6\n"
        "@@\n line 19\n-line 20\n+changed 20\n line 21\n*** Add File: n.txt\n+one\n+two\n"
        "*** End Patch\n"
    ),
    "created": created("n.txt", "one\ntwo\nthree\n"),
}


@pytest.mark.parametrize("text", FORMATS.values(), ids=FORMATS)
def test_nothing_half_is_offered_wherever_the_answer_is_cut(repo: Repo, text: str) -> None:
    repo.commit({"a.txt": A})
    whole = _closed(repo, Scripted(text))
    for cut in range(len(text)):
        for event in _closed(repo, Scripted(text, cut_after=cut)):
            if event.state == "refused":
                assert event.resolved is None
            else:
                assert event in whole


def _closed(repo: Repo, answer: Scripted) -> list[facts.ChangeClosed]:
    ids = iter(f"c{n}" for n in range(1, 99))
    turn = Turn(1, "p", Desk.of(Workspace.open(repo.root)), lambda: next(ids))
    events = turn.feed(answer.text if answer.cut_after is None else answer.text[: answer.cut_after])
    events += turn.finish("stop" if answer.cut_after is None else "cut")
    return [event for event in events if isinstance(event, facts.ChangeClosed)]


def test_an_answer_that_reached_its_length_says_so(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    text = PATCH[: PATCH.index("+changed 50")]
    log = Talk(repo, [Scripted(text, finish="length")]).run(
        streamed(lambda log: accept(*log.choices()))
    )
    assert log.one(facts.Notice).level == "warning"
    assert log.one(facts.StreamFinished).truncated
    assert log.one(facts.TurnEnded) == facts.TurnEnded(1, "done", 3, 0, 1, 0, "1")


def test_cancel_keeps_what_is_closed_and_drops_what_was_under_way(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    def at_second(event: facts.ChangeClosed, log: Log) -> commands.Cancel | None:
        return commands.Cancel() if event.change == "c2" else None

    log = Talk(repo, [PATCH + "\nwords\n"]).run(
        when(facts.ChangeClosed, at_second), streamed(lambda log: accept(*log.choices()))
    )
    assert log.states() == {"c1": "written", "c2": "written", "c3": "refused"}
    ended = facts.TurnEnded(1, "cancelled", accepted=2, refused=1, entry="1")
    assert log.one(facts.TurnEnded) == ended
    assert log.of(facts.Notice) == []
    assert repo.text("a.txt") == changed(A, 5, 20)


def test_what_is_left_of_a_cancelled_stream_does_not_reach_the_next_turn(repo: Repo) -> None:
    """Cancel and a prompt in one breath, while more of the old answer is on its way."""
    repo.commit({"a.txt": A})

    async def run() -> Hand:
        at = hand(repo, Scripted("old words\n" * 200, RATE), "new\n")
        await at.until(facts.ProseDelta, 3)
        at.session.send(commands.Cancel())
        at.session.send(commands.Prompt("next"))
        await at.until(facts.TurnEnded, 2)
        await at.close()
        return at

    log = clock.run(run()).log
    second = log.events.index(log.of(facts.TurnStarted)[1])
    prose = "".join(e.text for e in log.events[second:] if isinstance(e, facts.ProseDelta))
    assert prose == "new\n"
    assert [e.reason for e in log.of(facts.TurnEnded)] == ["cancelled", "done"]


def test_close_in_mid_stream_ends_the_turn_and_writes_nothing(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    before = Untouched.of(repo.root)

    async def run() -> Log:
        at = hand(repo, PATCH)
        await at.until(facts.ChangeClosed)
        await at.close()
        return at.log

    log = clock.run(run())
    assert log.names()[-2:] == ["StreamFinished", "TurnEnded"]
    assert log.one(facts.TurnEnded) == facts.TurnEnded(1, "cancelled", left_open=1)
    before.check()


def test_commands_between_turns_are_answered(repo: Repo) -> None:
    repo.commit({"a.txt": A})

    async def run() -> None:
        at = hand(repo, "words\n", "more\n", prompt=None)
        for command in (
            commands.Decide((commands.Choice("c1", ""),), "accept"),
            commands.Split(commands.Choice("c1", "")),
            commands.Reopen("c1"),
            commands.PlaceAt("c1", 0),
        ):
            told = await at.do(command)
            assert told[-1] == facts.DecisionRefused(("c1",), "there is nothing to decide")
        assert await at.do(commands.Cancel()) == []
        told = await at.do(commands.Answer("q1", 0))
        assert told == [facts.Notice("there is no question 'q1' to answer", "warning")]
        at.session.send(commands.Prompt("one"))
        at.session.send(commands.Prompt("too early"))
        notice = await at.until(facts.Notice)
        assert notice.text == "a turn is running; decide or stop it first"
        await at.until(facts.TurnEnded)
        at.session.send(commands.Prompt("two"))
        assert (await at.until(facts.TurnEnded)).turn == 2
        await at.close()

    clock.run(run())


def test_a_question_is_answered_and_the_provider_asked_again(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    provider = ScriptedProvider(
        (
            Scripted("First some words", RATE, ask="Which?", options=("this", "that")),
            Scripted(PATCH, RATE),
        )
    )

    def answer(asked: facts.Asked, log: Log) -> list[commands.Command]:
        assert (asked.text, asked.options) == ("Which?", ("this", "that"))
        return [
            commands.Answer("other", 0),
            commands.Answer(asked.question, 7),
            commands.Answer(asked.question, 1),
            commands.Answer(asked.question, 0),
        ]

    log = Talk(repo, provider=provider).run(
        when(facts.Asked, answer), streamed(lambda log: accept(*log.choices()))
    )
    assert [request.answers for request in provider.asked] == [(), (("q1", 1),)]
    assert [e.text for e in log.of(facts.Notice)] == [
        "there is no question 'other' to answer",
        "Which?: there is no such choice",
        "there is no question 'q1' to answer",
    ]
    assert log.one(facts.TurnEnded).accepted == 4
    prose = "".join(e.text for e in log.of(facts.ProseDelta))
    assert prose == "First some words\n"


def test_a_question_without_an_answer_fails_the_turn(repo: Repo) -> None:
    log = Talk(repo, [Scripted(ask="Which?", options=("a",))]).run(
        when(facts.Asked, lambda e, log: commands.Answer(e.question, None))
    )
    assert log.one(facts.Failed).exit_code == 2
    assert log.one(facts.TurnEnded).reason == "failed"


def test_a_question_can_be_cancelled(repo: Repo) -> None:
    log = Talk(repo, [Scripted(ask="Which?", options=("a",))]).run(
        when(facts.Asked, lambda e, log: [commands.Cancel(), commands.Answer(e.question, 0)])
    )
    assert log.one(facts.TurnEnded).reason == "cancelled"
    assert log.one(facts.Notice).text == "there is no question 'q1' to answer"


@dataclass
class Odd(Unconnected):
    """A provider of a test's own making: it does what `act` does, in its stream."""

    events: list[ModelEvent | BaseException]
    hangs: bool = False
    name: str = "odd"
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        try:
            for event in self.events:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            while self.hangs:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    continue

    async def aclose(self) -> None:
        raise RuntimeError("cannot even be closed")


class Panic(BaseException):
    """As native libraries raise them: no `Exception`."""


@pytest.mark.parametrize("error", [Panic("x"), asyncio.CancelledError(), ValueError("x")])
def test_whatever_a_provider_raises_is_a_failure_and_no_crash(
    repo: Repo, error: BaseException
) -> None:
    log = Talk(repo, provider=Odd([TextDelta("words\n"), error])).run()
    assert type(error).__name__ in log.one(facts.Failed).title
    assert log.one(facts.TurnEnded).reason == "failed"


def test_an_answer_that_stops_without_an_end_was_cut(repo: Repo) -> None:
    log = Talk(repo, provider=Odd([TextDelta("words\n")])).run()
    assert log.one(facts.StreamFinished).truncated


def test_nothing_that_comes_after_the_end_is_heard(repo: Repo) -> None:
    provider = Odd([TextDelta("words\n"), Ended(), TextDelta("more\n"), ValueError("late")])
    log = Talk(repo, provider=provider).run()
    assert log.of(facts.Failed) == []
    assert "".join(e.text for e in log.of(facts.ProseDelta)) == "words\n"


def test_a_provider_that_waits_for_an_answer_and_asked_nothing(repo: Repo) -> None:
    log = Talk(repo, provider=Odd([Ended("question")])).run()
    assert log.one(facts.Failed).title == "the provider waits for an answer and asked nothing"


def test_a_provider_that_fails_after_its_question_was_answered_is_out_of_date(repo: Repo) -> None:
    provider = Odd([Question("q", "Which?", ("a",)), Ended("question"), ValueError("late")])
    log = Talk(repo, provider=provider).run(
        when(
            facts.Asked,
            lambda e, log: (
                commands.Answer("q", 0) if len(log.of(facts.Asked)) == 1 else commands.Cancel()
            ),
        )
    )
    assert log.of(facts.Failed) == []


def test_a_stream_that_cannot_be_stopped_holds_up_neither_cancel_nor_close(repo: Repo) -> None:
    provider = Odd([TextDelta("words\n")], hangs=True)

    async def run() -> Log:
        log = Log()
        session = Session("s", Workspace.open(repo.root), provider, None)
        session.send(commands.Prompt("p"))
        async with aclosing(session.events()) as events:
            async for event in events:
                log.note(event)
                if isinstance(event, facts.ProseDelta):
                    session.send(commands.Cancel())
                if isinstance(event, facts.TurnEnded):
                    session.send(commands.Close())
        provider.hangs = False
        return log

    assert clock.run(run()).one(facts.TurnEnded).reason == "cancelled"


def test_the_reader_goes_away_in_mid_commit_and_the_tree_is_whole(repo: Repo) -> None:
    files: dict[str, str | bytes] = {f"f{n}.txt": A for n in range(12)}
    repo.commit(files)
    answer = "".join(patch(name, A, changed(A, 5, 40)) for name in files)
    before = Untouched.of(repo.root)

    async def run() -> list[Event]:
        at = hand(repo, Scripted(answer))
        seen: list[Event] = []
        deciding = asyncio.Event()

        async def read() -> None:
            async with aclosing(at.session.events()) as events:
                async for event in events:
                    seen.append(event)
                    at.log.note(event)
                    if isinstance(event, facts.StreamFinished):
                        at.session.send(accept(*at.log.choices()))
                        deciding.set()

        reader = asyncio.create_task(read())
        await deciding.wait()
        for _ in range(3):
            await asyncio.sleep(0)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        return seen

    seen = asyncio.run(run())
    assert not any(isinstance(event, facts.ChangeDecided) for event in seen)
    texts = {repo.text(name) for name in files}
    assert len(texts) == 1
    workspace = Workspace.open(repo.root)
    assert workspace.recover() == []
    assert bool(workspace.log()) == (texts == {changed(A, 5, 40)})
    before.check(touched=set(files))


def test_two_sessions_in_one_workspace(repo: Repo) -> None:
    """Each sees what the other wrote as a file that has moved on."""
    repo.commit({"a.txt": A})

    async def run() -> None:
        workspace = Workspace.open(repo.root)
        hands = []
        for id, after in (("one", changed(A, 5, 40)), ("two", changed(A, 20, 50))):
            provider = ScriptedProvider((Scripted(patch("a.txt", A, after), RATE),))
            session = Session(id, workspace, provider, None)
            session.send(commands.Prompt(id))
            hands.append(Hand(session))
        one, two = hands
        await asyncio.gather(one.until(facts.StreamFinished), two.until(facts.StreamFinished))
        await asyncio.gather(*(at.do(accept(*at.log.choices("c1"))) for at in hands))
        for at in hands:
            for id in ("c1", "c2"):
                if at.log.states()[id] == "placed":
                    await at.do(accept(*at.log.choices(id)))
                if at.log.states()[id] == "placed":
                    await at.do(accept(*at.log.choices(id)))
        assert [set(at.log.states().values()) for at in hands] == [{"written"}, {"written"}]
        for at in hands:
            await at.close()

    clock.run(run())
    assert repo.text("a.txt") == changed(A, 5, 20, 40, 50)
    keys = [turn.key for turn in Workspace.open(repo.root).log()]
    assert sorted(keys) == ["one.1", "two.1"]


def test_a_reject_in_one_breath_with_an_accept_of_the_same_change(repo: Repo) -> None:
    repo.commit({"a.txt": A})
    log = Talk(repo, [patch("a.txt", A, changed(A, 5))]).run(
        streamed(lambda log: [reject(*log.choices()), accept(*log.choices())])
    )
    assert log.one(facts.DecisionRefused).why == "c1 is rejected"
    assert repo.text("a.txt") == A
