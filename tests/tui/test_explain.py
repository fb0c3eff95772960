"""`/explain` on the change under the cursor."""

from __future__ import annotations

from codexspark_tui.providers.model import Capabilities, Message
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from tests.support.repo import Repo
from tests.tui.conftest import TWO, Running, opened


def said(run: Running) -> str:
    return "\n".join(line for block in run.screen.prose.prose.blocks for line in block.lines)


async def test_change_under_the_cursor_is_explained_beside_the_conversation(shop: Repo) -> None:
    answers = (Scripted(TWO), Scripted("It shouts,\nas the prompt wants.\n"), Scripted("No.\n"))
    provider = ScriptedProvider(answers, capabilities=Capabilities(converses=True))
    async with opened(shop, provider=provider) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("J")
        run.screen.act("explain")
        await run.until(lambda: "as the prompt wants." in said(run))
        assert run.states() == {"c1": "placed", "c2": "placed"}
        asked = provider.asked[1].items[-1]
        assert isinstance(asked, Message)
        assert "+LINE 30" in asked.text
        assert "+LINE 5\n" not in asked.text
        assert provider.asked[1].tools == ()
        await run.press("n", "n")
        await run.until(lambda: not run.screen.pane.board.running)
        await run.send("more")
        await run.until(lambda: len(provider.asked) == 3)
        assert not any("shouts" in getattr(item, "text", "") for item in provider.asked[2].items)


async def test_without_a_model_the_record_is_told(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("shout")
        await run.until(lambda: run.rested)
        run.screen.act("explain")
        await run.until(lambda: "made this change for the prompt: shout" in said(run))


async def test_failure_to_explain_is_told_and_ends_nothing(shop: Repo) -> None:
    answers = (Scripted(TWO), Scripted("", fail="network"))
    provider = ScriptedProvider(answers, capabilities=Capabilities(converses=True))
    async with opened(shop, provider=provider) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        run.screen.act("explain")
        await run.until(lambda: "not explained" in said(run))
        await run.press("y")
        await run.until(lambda: run.states()["c1"] == "written")
