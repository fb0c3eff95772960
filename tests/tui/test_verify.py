"""/verify in the app: what a review would change joins the turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.actions.confined_check import needs_asking
from codexspark_tui.config import load
from tests.support.repo import Repo
from tests.support.spark import SPARK, script, scripted
from tests.support.unconfined import unconfined
from tests.tui.conftest import TWO, Running, hunk, opened, rows
from tests.tui.terminal import Screen

REVIEW = (
    "FINDING shop/prices.py:5 error api: it is loud\n\nIt is quieter now.\n\n```diff\n"
    + hunk("shop/prices.py", " line 4", "-LINE 5", "+Line 5", " line 6")
    + "```\n"
)


def prose(run: Running) -> str:
    return " ".join("\n".join(rows(run.screen.prose)).split())


async def accepted(run: Running) -> None:
    await run.send("go")
    await run.until(lambda: run.rested)
    await run.press("y", "y")
    await run.until(lambda: set(run.states().values()) == {"written"})


@pytest.fixture
def confined() -> None:
    if needs_asking():
        pytest.skip("nothing confines a command here")


async def test_findings_are_told_and_the_patch_joins_the_turn(
    shop: Repo, tmp_path: Path, confined: None
) -> None:
    answers = script(tmp_path, REVIEW)
    flags = {"loop_heavy": "script", "script": str(answers), "verify_commands": "false"}
    async with opened(shop, TWO, size=(160, 40), config=load(shop.root, flags)) as run:
        await accepted(run)
        run.screen.act("verify")
        await run.until(lambda: run.states().get("c3") == "placed")
        said = prose(run)
        assert "turn 1: not clean, 0 of 1 check passed, reviewed by scripted" in said
        assert "(It ran confined, without network" in said
        assert "shop/prices.py:5: error: it is loud" in said
        assert run.screen.pane.board.items["c3"].author == "scripted"
        for name in ("previous", "accept", "accept"):
            run.screen.act(name)
            await run.pilot.pause()
        await run.until(lambda: run.states()["c3"] == "written")
    assert "Line 5\n" in shop.text("shop/prices.py")


async def test_it_can_be_stopped_and_says_what_is_missing(shop: Repo, confined: None) -> None:
    flags = {"verify_commands": "sleep 60"}
    async with opened(shop, TWO, size=(160, 40), config=load(shop.root, flags)) as run:
        await accepted(run)
        run.screen.act("verify")
        await run.until(lambda: "verifying" in run.screen.keys._said)
        run.screen.act("stop")
        await run.until(lambda: "stopped; nothing came of it" in prose(run))
    async with opened(shop, size=(160, 40)) as run:
        run.screen.act("verify")
        await run.until(lambda: "nothing to verify with" in run.screen.keys._said)


def test_where_nothing_confines_a_command_each_run_asks(shop: Repo, tmp_path: Path) -> None:
    (tmp_path / "jail").mkdir()
    told = scripted(script(tmp_path, hunk("shop/prices.py", "-line 5", "+LINE 5")))
    command = (*unconfined(tmp_path / "jail", shop.root), *SPARK)
    env = {"SPARK_VERIFY_COMMANDS": "grep -q 'LINE 5' shop/prices.py"}
    with Screen(told, shop.root, (80, 24), env=env, command=command) as person:
        person.wait_for("Say what to change")
        person.type("go\r")
        person.wait_for("y accept  n reject")
        person.type("y")
        person.wait_for("✓ accepted")
        person.type("i")
        for times in (1, 2):
            person.type("/verify\r")
            person.wait_for("nothing keeps it from the network")
            person.type("y")
            _wait_for(person, "turn 1: clean", times)


def _wait_for(person: Screen, words: str, times: int) -> None:
    person.wait_for(lambda text: text.count(words) == times)
