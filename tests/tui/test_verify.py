"""/verify in the app: what a review would change joins the turn."""

from __future__ import annotations

from pathlib import Path

from codexspark_tui.config import load
from codexspark_tui.tui.screens.confirm import ConfirmScreen
from tests.support.repo import Repo
from tests.support.spark import script
from tests.tui.conftest import TWO, Running, hunk, opened, rows

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


async def test_findings_are_told_and_the_patch_joins_the_turn(shop: Repo, tmp_path: Path) -> None:
    answers = script(tmp_path, REVIEW)
    flags = {"loop_heavy": "script", "script": str(answers), "verify_commands": "false"}
    async with opened(shop, TWO, size=(160, 40), config=load(shop.root, flags)) as run:
        await accepted(run)
        run.screen.act("verify")
        await run.until(lambda: isinstance(run.app.screen, ConfirmScreen))
        await run.press("y")
        await run.until(lambda: run.states().get("c3") == "placed")
        said = prose(run)
        assert "turn 1: not clean, 0 of 1 check passed, reviewed by scripted" in said
        assert "shop/prices.py:5: error: it is loud" in said
        assert run.screen.pane.board.items["c3"].author == "scripted"
        for name in ("previous", "accept", "accept"):
            run.screen.act(name)
            await run.pilot.pause()
        await run.until(lambda: run.states()["c3"] == "written")
    assert "Line 5\n" in shop.text("shop/prices.py")


async def test_it_can_be_stopped_and_says_what_is_missing(shop: Repo) -> None:
    flags = {"verify_commands": "sleep 60"}
    async with opened(shop, TWO, size=(160, 40), config=load(shop.root, flags)) as run:
        await accepted(run)
        run.screen.act("verify")
        await run.until(lambda: isinstance(run.app.screen, ConfirmScreen))
        await run.press("y")
        await run.until(lambda: "verifying" in run.screen.keys._said)
        run.screen.act("stop")
        await run.until(lambda: "stopped; nothing came of it" in prose(run))
    async with opened(shop, size=(160, 40)) as run:
        run.screen.act("verify")
        await run.until(lambda: "nothing to verify with" in run.screen.keys._said)
