"""Commands that the person types: beside everything else, one at a time, ended alone."""

from __future__ import annotations

import asyncio

import pytest

from codexspark_tui.events import commands, facts, runs
from codexspark_tui.providers.model import Capabilities
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.sandbox import probe
from codexspark_tui.session.approvals import ONCE
from codexspark_tui.session.session import Session
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo
from tests.support.session import Hand, Log
from tests.tools.test_calls import DONE, call

CALLS = Capabilities(converses=True, tools="calls")


@pytest.fixture
def confined() -> None:
    if not probe().confines:
        pytest.skip("nothing confines a command here")


async def typed(hand: Hand, command: str) -> runs.RunStarted:
    hand.session.send(commands.Run(command))
    return await hand.until(runs.RunStarted)


@pytest.mark.usefixtures("confined")
def test_command_of_the_person_is_stopped_alone_and_the_next_one_runs(repo: Repo) -> None:
    provider = ScriptedProvider((Scripted("no change\n"),), capabilities=CALLS)

    async def events() -> Log:
        workspace = Workspace.open(repo.root)
        hand = Hand(Session("s", workspace, provider, None))
        first = await typed(hand, "echo begun; sleep 304")
        await hand.until(runs.RunOutput)
        hand.session.send(commands.Run("echo second"))
        await hand.until(facts.Notice)
        hand.session.send(commands.StopRun("r77"))
        hand.session.send(commands.StopRun(first.run))
        await hand.until(runs.RunFinished)
        await hand.until(runs.RunFinished)
        hand.session.send(commands.StopRun(first.run))
        hand.session.send(commands.Prompt("still there?"))
        await hand.until(facts.StreamFinished)
        await hand.close()
        workspace.close()
        return hand.log

    log = asyncio.run(events())
    assert [(e.command, e.typed) for e in log.of(runs.RunStarted)] == [
        (("echo begun; sleep 304",), True),
        (("echo second",), True),
    ]
    assert [e.ended for e in log.of(runs.RunFinished)] == ["cancelled", "exit"]
    assert "".join(e.text for e in log.of(runs.RunOutput)) == "begun\nsecond\n"
    said = "$ echo second waits until the command that runs has ended: $ echo begun; sleep 304"
    assert [e.text for e in log.of(facts.Notice)] == [said]
    assert not log.one(facts.StreamFinished).truncated


@pytest.mark.usefixtures("confined")
def test_command_of_the_person_does_not_wait_for_the_answer_to_a_question(repo: Repo) -> None:
    asks = Scripted("", calls=(call("run", command="echo of the model"),))
    provider = ScriptedProvider((asks, DONE), capabilities=CALLS)

    async def events() -> Log:
        workspace = Workspace.open(repo.root)
        hand = Hand(Session("s", workspace, provider, None))
        hand.session.send(commands.Prompt("do it"))
        asked = await hand.until(facts.Asked)
        await typed(hand, "echo mine")
        await hand.until(runs.RunFinished)
        hand.session.send(commands.Answer(asked.question, asked.options.index(ONCE)))
        await hand.until(facts.StreamFinished)
        await hand.close()
        workspace.close()
        return hand.log

    log = asyncio.run(events())
    assert [(*e.command, e.typed) for e in log.of(runs.RunStarted)] == [
        ("echo mine", True),
        ("echo of the model", False),
    ]
