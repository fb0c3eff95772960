"""Models that call tools: results in order, patches in arguments, approvals, text instead."""

from __future__ import annotations

import asyncio
import json

import pytest

from codexspark_tui import allowed
from codexspark_tui.events import commands, facts, runs
from codexspark_tui.providers.model import Capabilities, Message, ToolCall, ToolOutput
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.sandbox import probe
from codexspark_tui.session.approvals import NEVER, ONCE, SESSION, Approvals, Mode, prefix_of
from codexspark_tui.session.models import Setup
from codexspark_tui.session.rounds import STOPPED
from codexspark_tui.session.session import Session
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo
from tests.support.session import Hand, Log
from tests.support.session import patch as patch_text

CALLS = Capabilities(converses=True, tools="calls")
TEXT = Capabilities(converses=True, tools="text")


def call(name: str, **arguments: object) -> tuple[str, str]:
    return name, json.dumps(arguments)


def talk(
    repo: Repo,
    *answers: Scripted,
    setup: Setup | None = None,
    capabilities: Capabilities = CALLS,
    choose: str | None = None,
    ends: type[object] = facts.StreamFinished,
) -> tuple[Log, ScriptedProvider]:
    """One turn on the real clock; each question is answered by the option `choose`."""
    provider = ScriptedProvider(answers, capabilities=capabilities)

    async def run() -> Log:
        workspace = Workspace.open(repo.root)
        hand = Hand(Session("s", workspace, provider, None, setup))
        hand.session.send(commands.Prompt("do it"))
        async for event in hand.session.events():
            hand.log.note(event)
            if isinstance(event, facts.Asked):
                choice = event.options.index(choose) if choose in event.options else None
                hand.session.send(commands.Answer(event.question, choice))
            if isinstance(event, ends):
                hand.session.send(commands.Close())
        workspace.close()
        return hand.log

    return asyncio.run(run()), provider


def outputs(provider: ScriptedProvider) -> list[str]:
    return [i.text for i in provider.asked[-1].items if isinstance(i, ToolOutput)]


@pytest.fixture
def two(repo: Repo) -> Repo:
    repo.commit({
        "a.py": "def one():\n    return 1\n\n\ndef two():\n    return one()\n",
        "src/b.py": "VALUE = 2\n",
        ".env": "KEY=abc\n",
    })  # fmt: skip
    return repo


def test_results_come_back_in_the_order_of_the_calls(two: Repo) -> None:
    asks = Scripted(
        "Let me look.\n",
        calls=(
            call("read", path="a.py", first=5, last=5),
            call("search", text="VALUE"),
            call("list", pattern="src"),
            call("symbols", path="a.py"),
            call("read", path=".env"),
            call("none"),
            ("read", '{"path": 3}'),
        ),
    )
    log, provider = talk(two, asks, Scripted("Done.\n"))
    assert outputs(provider) == [
        "5\tdef two():\n[1 more line to come]",
        "src/b.py:1: VALUE = 2",
        "src/b.py",
        "a.py:1-2 function one  def one()\na.py:5-6 function two  def two()",
        "This was not done: .env is held back: its name says that it holds secrets",
        "This was not done: there is no tool 'none'",
        "This was not done: path must be a text",
    ]
    items = provider.asked[-1].items
    assert [type(i) for i in items[:3]] == [Message, Message, ToolCall]
    assert log.one(facts.StreamFinished) == facts.StreamFinished(1)
    assert [e.ok for e in log.of(runs.ToolFinished)].count(False) == 3


def test_patch_in_arguments_shows_up_while_it_streams(two: Repo) -> None:
    envelope = (
        "*** Begin Patch\n*** Update File: src/b.py\n@@\n-VALUE = 2\n+VALUE = 3\n*** End Patch\n"
    )
    log, provider = talk(
        two, Scripted("", call="apply_patch", arguments=envelope), Scripted("Done.\n")
    )
    names = log.names()
    assert names.index("ChangeOpened") < names.index("HunkLines") < names.index("ChangeClosed")
    assert log.one(facts.ChangeClosed).state == "placed"
    assert len(provider.asked) == 1


def test_codemod_of_a_call_is_reviewed_as_any_change(two: Repo) -> None:
    from codexspark_tui.actions.codemod_tool import CodemodTool

    setup = Setup(codemod=CodemodTool(60.0))
    asks = Scripted("", calls=(call("codemod", sentence="rename `one` to `uno`"),))
    log, provider = talk(two, asks, Scripted("Done.\n"), setup=setup)
    assert [e.state for e in log.of(facts.ChangeClosed)] == ["placed"]
    assert outputs(provider)[0].endswith("who decides on each of them.")
    assert "def one" in two.text("a.py")


def test_long_results_are_cut_in_their_middle_and_short_ones_are_not(two: Repo) -> None:
    two.write({"long.txt": "".join(f"line {n}\n" for n in range(9000))})
    asks = Scripted("", calls=(call("read", path="long.txt", last=2000),) * 2
                    + (call("list", pattern="src"),))  # fmt: skip
    _, provider = talk(two, asks, Scripted("Done.\n"))
    long, again, short = outputs(provider)
    assert short == "src/b.py"
    assert "characters were left out here; ask for less" in long
    assert long == again
    assert len(long) + len(again) + len(short) < 24_300


def test_model_without_tools_gets_the_same_through_its_text(two: Repo) -> None:
    asks = Scripted('Let me look.\n```spark:search\n{"text": "VALUE"}\n```\n')
    _, provider = talk(two, asks, Scripted("Done.\n"), capabilities=TEXT)
    assert "- read: Read a text file" in provider.asked[0].instructions
    assert provider.asked[0].tools == ()
    told = provider.asked[1].items[-1]
    assert told == Message("user", 'Result of search {"text": "VALUE"}:\nsrc/b.py:1: VALUE = 2')


def test_block_in_the_middle_of_an_answer_is_no_call(two: Repo) -> None:
    text = 'Like this:\n```spark:run\n{"command": "touch x"}\n```\nThat is how.\n'
    log, provider = talk(two, Scripted(text), capabilities=TEXT)
    assert len(provider.asked) == 1
    assert not log.of(runs.ToolStarted)


def test_stopped_calls_leave_a_conversation_that_is_whole(two: Repo) -> None:
    asks = Scripted("", calls=(call("ask", question="Which?", options=["a", "b"]),))
    provider = ScriptedProvider((asks, Scripted("Done.\n")), capabilities=CALLS)

    async def run() -> None:
        workspace = Workspace.open(two.root)
        hand = Hand(Session("s", workspace, provider, None))
        hand.session.send(commands.Prompt("do it"))
        await hand.until(facts.Asked)
        hand.session.send(commands.Cancel())
        await hand.until(facts.TurnEnded)
        hand.session.send(commands.Prompt("go on"))
        await hand.until(facts.StreamFinished)
        await hand.close()
        workspace.close()

    asyncio.run(run())
    assert outputs(provider) == [STOPPED]


def test_person_is_asked_and_the_choice_is_told(two: Repo) -> None:
    asks = Scripted("", calls=(call("ask", question="Which?", options=["a", "b"]),))
    _, provider = talk(two, asks, Scripted("Done.\n"), choose="b")
    assert outputs(provider) == ["The person chose: b"]


@pytest.fixture
def confined() -> None:
    if not probe().confines:
        pytest.skip("nothing confines a command here")


RUNS = Scripted("", calls=(call("run", command="wc -l a.py"),))
DONE = Scripted("Done.\n")


@pytest.mark.usefixtures("confined")
def test_command_runs_when_it_is_allowed(two: Repo) -> None:
    log, provider = talk(two, RUNS, DONE, choose=ONCE)
    assert log.one(facts.Asked).options[0] == ONCE
    assert outputs(provider)[0].splitlines()[1] == "6 a.py"
    assert log.one(runs.RunFinished).exit_code == 0


@pytest.mark.usefixtures("confined")
def test_command_that_is_not_allowed_does_not_run(two: Repo) -> None:
    log, provider = talk(two, RUNS, DONE, choose=NEVER)
    assert outputs(provider) == ["This was not done: the person did not allow it"]
    assert not log.of(runs.RunStarted)


def test_question_without_an_answer_ends_the_turn_with_exit_2(two: Repo) -> None:
    log, _ = talk(two, RUNS)
    assert log.one(facts.Failed).exit_code == 2
    assert "The model wants to run: wc -l a.py" in log.one(facts.Asked).text
    assert not log.of(runs.RunStarted)


def test_escape_refuses_this_one_call_and_the_turn_goes_on(two: Repo) -> None:
    """As esc in the app: neither command nor question ends the turn, and the model is told."""
    asks = Scripted(
        "",
        calls=(
            call("run", command="touch made"),
            call("ask", question="Which?", options=["a", "b"]),
            call("read", path="src/b.py"),
        ),
    )
    provider = ScriptedProvider((asks, Scripted("Done.\n")), capabilities=CALLS)

    async def run() -> Log:
        workspace = Workspace.open(two.root)
        hand = Hand(Session("s", workspace, provider, None))
        hand.session.send(commands.Prompt("do it"))
        for _ in range(2):
            await hand.until(facts.Asked)
            asked = hand.log.of(facts.Asked)[-1]
            hand.session.send(commands.Answer(asked.question, None, goes_on=True))
        await hand.until(facts.StreamFinished)
        await hand.close()
        workspace.close()
        return hand.log

    log = asyncio.run(run())
    refused = "This was not done: the person gave no answer; go on without it"
    assert outputs(provider) == [refused, refused, "1\tVALUE = 2"]
    assert log.one(facts.StreamFinished) == facts.StreamFinished(1)
    assert not log.of(facts.Failed)
    assert not (two.root / "made").exists()


@pytest.mark.usefixtures("confined")
def test_answer_for_the_session_is_asked_for_once(two: Repo) -> None:
    log, _ = talk(two, RUNS, RUNS, DONE, choose=SESSION)
    assert len(log.of(facts.Asked)) == 1
    assert len(log.of(runs.RunFinished)) == 2


@pytest.mark.usefixtures("confined")
def test_answer_for_good_holds_in_this_repository_until_it_is_revoked(two: Repo) -> None:
    always = "always run “wc …” in this repository"
    log, _ = talk(two, RUNS, DONE, choose=always)
    assert len(log.of(facts.Asked)) == 1
    assert allowed.prefixes_in(two.root) == {"wc"}
    assert allowed.prefixes_in(two.root / "other") == frozenset()
    log, _ = talk(two, RUNS, DONE)
    assert not log.of(facts.Asked)
    assert allowed.revoke(two.root) == 1
    log, _ = talk(two, RUNS)
    assert len(log.of(facts.Asked)) == 1


@pytest.mark.parametrize("mode", ["review", "auto-edit", "auto"])
def test_where_nothing_confines_commands_each_one_asks(two: Repo, mode: Mode) -> None:
    """Whatever was allowed before; and nothing can be allowed for more than once."""
    allowed.allow(two.root, "wc")
    approvals = Approvals(two.root, mode, {"wc"})
    assert approvals.verdict("wc -l a.py", confined=True) == "allow"
    assert approvals.verdict("wc -l a.py", confined=False) == "ask"
    assert approvals.options("wc -l a.py", confined=False) == (ONCE, NEVER)


@pytest.mark.usefixtures("confined")
def test_auto_asks_nothing_and_read_only_runs_nothing(two: Repo) -> None:
    log, provider = talk(two, RUNS, DONE, setup=Setup(mode="auto"))
    assert not log.of(facts.Asked)
    assert outputs(provider)[0].startswith("exit code 0")
    log, provider = talk(two, RUNS, DONE, setup=Setup(mode="read-only"))
    assert outputs(provider) == ["This was not done: this session is read-only, so nothing is run"]


def test_auto_edit_takes_what_is_exact_and_breaks_no_guard(two: Repo) -> None:
    from codexspark_tui.session.guards import Rules

    both = patch_text("src/b.py", "VALUE = 2\n", "VALUE = 3\n")
    both += patch_text("a.py", two.text("a.py"), two.text("a.py").replace("return 1", "return 9"))
    setup = Setup(mode="auto-edit", exact_at_once=True, rules=Rules(only=("src",)))
    log, _ = talk(two, Scripted(both), setup=setup, ends=facts.ChangeDecided)
    assert two.text("src/b.py") == "VALUE = 3\n"
    assert "return 1" in two.text("a.py")
    assert [e.state for e in log.of(facts.ChangeDecided)] == ["written"]


def test_auto_edit_takes_nothing_that_was_found_by_a_guess(two: Repo) -> None:
    """Other white space, or lines that are not quite those of the file, are for a person."""
    guessed = patch_text("a.py", two.text("a.py"), two.text("a.py").replace("return 1", "return 9"))
    guessed = guessed.replace("    return 1", "  return  1")
    setup = Setup(mode="auto-edit", exact_at_once=True)
    log, _ = talk(two, Scripted(guessed), setup=setup)
    assert log.one(facts.ChangeClosed).state == "placed"
    assert not log.of(facts.ChangeDecided)
    assert "return 1" in two.text("a.py")


def test_read_only_makes_no_change_by_a_call(two: Repo) -> None:
    asks = Scripted("", calls=(call("codemod", sentence="rename `one` to `uno`"),))
    log, provider = talk(two, asks, DONE, setup=Setup(mode="read-only"))
    assert outputs(provider) == ["This was not done: this session is read-only"]
    assert not log.of(facts.ChangeOpened)


def test_read_only_writes_nothing(two: Repo) -> None:
    text = patch_text("src/b.py", "VALUE = 2\n", "VALUE = 3\n")
    setup = Setup(mode="read-only")
    provider = ScriptedProvider((Scripted(text),), capabilities=CALLS)

    async def run() -> list[facts.Event]:
        workspace = Workspace.open(two.root)
        hand = Hand(Session("s", workspace, provider, None, setup))
        hand.session.send(commands.Prompt("do it"))
        await hand.until(facts.StreamFinished)
        events = await hand.do(commands.Decide(hand.log.choices(), "accept"))
        await hand.close()
        workspace.close()
        return events

    told = asyncio.run(run())
    assert told == [facts.DecisionRefused(("c1",), "this session is read-only")]
    assert two.text("src/b.py") == "VALUE = 2\n"


@pytest.mark.usefixtures("confined")
def test_command_that_the_person_types_runs_beside_a_turn(two: Repo) -> None:
    provider = ScriptedProvider((), capabilities=CALLS)

    async def events() -> Log:
        workspace = Workspace.open(two.root)
        hand = Hand(Session("s", workspace, provider, None))
        hand.session.send(commands.Run("cat src/b.py; exit 3"))
        await hand.until(runs.RunFinished)
        await hand.close()
        workspace.close()
        return hand.log

    log = asyncio.run(events())
    assert "".join(e.text for e in log.of(runs.RunOutput)) == "VALUE = 2\n"
    assert log.one(runs.RunFinished).exit_code == 3
    assert provider.asked == []


@pytest.mark.usefixtures("confined")
def test_last_output_is_that_of_the_command_before(two: Repo) -> None:
    provider = ScriptedProvider((Scripted("no change\n"),), capabilities=CALLS)

    async def asked() -> str:
        workspace = Workspace.open(two.root)
        hand = Hand(Session("s", workspace, provider, None))
        hand.session.send(commands.Run("echo the $((40 + 2))nd line; exit 3"))
        await hand.until(runs.RunFinished)
        hand.session.send(commands.Prompt("why @last-output"))
        await hand.until(facts.StreamFinished)
        await hand.close()
        workspace.close()
        return repr(provider.asked)

    said = asyncio.run(asked())
    assert "the 42nd line" in said
    assert "exit code 3" in said


def test_guards_are_set_from_the_app_for_the_prompts_that_follow(two: Repo) -> None:
    text = patch_text("src/b.py", "VALUE = 2\n", "VALUE = 3\n")
    provider = ScriptedProvider((Scripted(text),), capabilities=CALLS)

    async def events() -> Log:
        workspace = Workspace.open(two.root)
        hand = Hand(Session("s", workspace, provider, None))
        for name, value in (("only", "a.py"), ("max-lines", "x"), ("no-delete", "on"), ("", "")):
            hand.session.send(commands.SetGuard(name, value))
        hand.session.send(commands.Prompt("do it"))
        await hand.until(facts.StreamFinished)
        await hand.close()
        workspace.close()
        return hand.log

    log = asyncio.run(events())
    always = "secrets, conflict-markers, control-characters"
    assert [e.text for e in log.of(facts.Notice)] == [
        f"guards: only a.py, {always}",
        "max-lines takes a number of lines, or off",
        f"guards: only a.py, no-delete, {always}",
        f"guards: only a.py, no-delete, {always}",
    ]
    assert [f.rule for f in log.one(facts.ChangeClosed).findings] == ["only"]
    assert "change nothing outside of a.py" in provider.asked[0].instructions


@pytest.mark.parametrize(
    ("command", "prefix"),
    [
        ("pytest -q tests", "pytest"), ("git status", "git status"), ("npm run test", "npm run"),
        ("make check", "make check"), ("ruff check --fix=x", "ruff"),
        ("pytest; rm -rf .", ""), ("pytest && x", ""), ("pytest | sh", ""), ("pytest $(x)", ""),
        ("pytest\nrm x", ""), ("git -c alias.x=!sh x", ""), ("git", ""), ("sh -c x", ""),
        ("python -c x", ""), ("env pytest", ""), ("A=1 pytest", ""), ("pytest > x", ""),
        ("`x`", ""), ("", ""), ("-x", ""), ("'pytest", ""), ("py\\test", ""),
        ("/usr/bin/python3 x.py", ""), ("python3.12 x.py", ""), ("./bin/sh x", ""),
        ("../env pytest", ""), ("uv run x", ""), ("nice pytest", ""), (". x", ""),
        ("./check.sh -q", "./check.sh"), ("/usr/bin/pytest x", "/usr/bin/pytest"),
    ],
)  # fmt: skip
def test_beginning_that_stands_for_a_command(command: str, prefix: str) -> None:
    assert prefix_of(command) == prefix
