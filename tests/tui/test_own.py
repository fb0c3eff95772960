"""`/name` for own commands, and hooks after each turn, in the app."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codexspark_tui import trust
from codexspark_tui.actions.hooks import Hooks, SessionHooks
from codexspark_tui.actions.own_commands import repository_commands
from codexspark_tui.actions.trust import trust_command
from codexspark_tui.events import facts
from codexspark_tui.providers.model import Capabilities, Message
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.state_dir import config_dir
from codexspark_tui.tui.palette import Things
from codexspark_tui.tui.screens.confirm import ConfirmScreen
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, opened, painted

TEXT = "# Mend things\n\nMend $1 well: $ARGUMENTS\n"


@pytest.fixture
def fixme(shop: Repo) -> Repo:
    shop.commit({".spark/commands/fixme.md": TEXT})
    return shop


def trusted(repo: Repo) -> None:
    workspace = Workspace.open(repo.root)
    for command in repository_commands(workspace):
        trust_command(command)
    workspace.close()


def talker() -> ScriptedProvider:
    capabilities = Capabilities(converses=True)
    return ScriptedProvider((Scripted("Done.\n"),) * 3, capabilities=capabilities)


def prompts(provider: ScriptedProvider) -> list[str]:
    said = [i.text for request in provider.asked for i in request.items if isinstance(i, Message)]
    return [text.rpartition("The prompt:\n")[2] for text in said]


async def test_own_command_is_completed_and_sent_as_its_text(fixme: Repo) -> None:
    trusted(fixme)
    provider = talker()
    async with opened(fixme, provider=provider) as run:
        await run.until(lambda: "/fixme" in run.screen.prompt.own)
        await run.press("/", "f", "i", "x")
        assert "Mend things" in painted(run.app)
        await run.press("tab")
        assert run.screen.prompt.text == "/fixme "
        await run.press("a", "b", "space", "c", "enter")
        await run.until(lambda: bool(provider.asked))
        assert prompts(provider) == ["# Mend things\n\nMend ab well: ab c"]
        assert run.screen.history.entries[-1].text == "/fixme ab c"
        await run.until(lambda: "/fixme stands for" in painted(run.app))


async def test_command_of_a_repository_is_shown_before_it_counts(fixme: Repo) -> None:
    provider = talker()
    async with opened(fixme, provider=provider) as run:
        await run.press("/", "f", "i", "x", "m")
        assert run.screen.prompt.completions.chosen is None
        await run.send("/fixme it")
        assert isinstance(run.app.screen, ConfirmScreen)
        assert "Mend $1 well" in painted(run.app)
        await run.press("n")
        assert (run.screen.prompt.text, provider.asked, trust.listed()) == ("/fixme it", [], [])
        await run.press("enter", "y")
        await run.until(lambda: bool(provider.asked))
        assert prompts(provider) == ["# Mend things\n\nMend it well: it"]
        assert [known.trusted for known in trust.listed()] == [True]


async def test_call_without_its_argument_stays_typed_and_says_what_is_wanted(fixme: Repo) -> None:
    trusted(fixme)
    provider = talker()
    async with opened(fixme, provider=provider) as run:
        await run.send("/fixme")
        await run.until(lambda: "/fixme wants the argument $1, and it got" in painted(run.app))
        assert (run.screen.prompt.text, provider.asked) == ("/fixme", [])
        await run.press("space", "x", "enter")
        await run.until(lambda: bool(provider.asked))
        assert prompts(provider) == ["# Mend things\n\nMend x well: x"]


async def test_our_own_names_cannot_be_taken_away(shop: Repo) -> None:
    (config_dir() / "commands").mkdir(parents=True)
    (config_dir() / "commands/quit.md").write_text("Never leave.\n")
    (config_dir() / "commands/mine.md").write_text("Do mine.\n")
    provider = talker()
    async with opened(shop, provider=provider) as run:
        await run.send("/mine")
        await run.until(lambda: bool(provider.asked))
        assert prompts(provider) == ["Do mine."]
        await run.until(lambda: not run.screen.pane.board.streaming)
        await run.send("/none")
        assert run.screen.prompt.text == "/none"
        run.screen.prompt.put("")
        await run.send("/quit")
        await run.until(lambda: not run.app.is_running)
    assert len(provider.asked) == 1


async def test_palette_lists_own_commands(fixme: Repo) -> None:
    trusted(fixme)
    async with opened(fixme, provider=talker()) as run:
        await run.until(lambda: bool(run.screen.own.commands))
        found = [hit async for hit in palette_of(run).search("fixme")]
        assert [str(hit.text) for hit in found if not str(hit.text).startswith("@")] == ["/fixme"]
        assert callable(found[0].command)
        found[0].command()
        assert run.screen.prompt.text == "/fixme "


def palette_of(run: Running) -> Things:
    things = Things(run.screen)
    things._kept = []
    return things


def told(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_hooks_run_after_each_turn_with_what_was_written(shop: Repo, tmp_path: Path) -> None:
    wrong: list[str] = []
    ended, written = tmp_path / "ended", tmp_path / "written"
    commands = Hooks(f"cat >> {ended}; exit 4", f"cat >> {written}")
    hooks = SessionHooks(commands, shop.root, wrong.append)
    async with opened(shop, TWO, also=hooks.note) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y", "n")
        await run.until(lambda: ended.exists() and written.exists())
    hooks.finish()
    assert [e["files"] for e in told(written)] == [["shop/prices.py"]]
    assert told(ended)[0] == {
        "event": "turn_ended", "exit_code": 0, "entry": "1", "files": ["shop/prices.py"],
    }  # fmt: skip
    assert wrong == [f"the hook turn_ended (cat >> {ended}; exit 4) ended with code 4"]


def test_cancelled_and_failed_turns_are_told_to_hooks(tmp_path: Path) -> None:
    out = tmp_path / "out"
    hooks = SessionHooks(Hooks(f"cat >> {out}"), tmp_path, lambda said: None)
    for event in (
        facts.TurnStarted(1, "x"), facts.TurnEnded(1, "cancelled"), facts.TurnStarted(2, "x"),
        facts.Failed("model_failed", 3, "It failed."), facts.TurnEnded(2, "failed"),
        facts.TurnStarted(3, "x"), facts.TurnEnded(3, "done"),
    ):  # fmt: skip
        hooks.note(event)
    hooks.finish()
    assert [e["exit_code"] for e in told(out)] == [130, 3, 0]
