"""Other versions of one change, asked for beside the conversation."""

from __future__ import annotations

from codexspark_tui.events.facts import Event, Usage
from codexspark_tui.providers.model import Capabilities
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from tests.support.repo import Repo
from tests.tui.conftest import TWO, hunk, opened, rows

OTHERS = (
    "Here you are.\n"
    + hunk("shop/prices.py", " line 4", "-line 5", "+line FIVE", " line 6")
    + hunk("shop/prices.py", " line 4", "-line 5", "+LINE 5", " line 6")  # the same again
    + hunk("shop/prices.py", " line 4", "-line 5", "+line five", " line 6")
    + hunk("shop/tax.py", " rate = 1", "-rate = 2")  # of another file
    + hunk("shop/prices.py", "-nowhere", "+something")
)


def model(*answers: str) -> ScriptedProvider:
    said = tuple(Scripted(answer) for answer in answers)
    return ScriptedProvider(said, capabilities=Capabilities(converses=True))


async def test_versions_are_gone_through_and_the_shown_one_is_written(shop: Repo) -> None:
    provider = model(TWO, OTHERS)
    async with opened(shop, provider=provider, size=(140, 40)) as run:

        def shown(text: str) -> bool:
            return text in "\n".join(rows(run.screen.pane.diff))

        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("right_square_bracket")
        assert "r asks for some" in run.screen.keys._said
        run.screen.act("reroll", "in small letters")
        await run.until(lambda: shown("version 2 of 3"))
        assert shown("line FIVE")
        await run.press("right_square_bracket")
        await run.until(lambda: shown("version 3 of 3"))
        await run.press("right_square_bracket")
        await run.until(lambda: shown("version 1 of 3"))
        assert shown("LINE 5")
        await run.press("left_square_bracket")
        await run.until(lambda: shown("version 3 of 3"))
        await run.press("y")
        await run.until(lambda: run.states()["c1"] == "written")
        asked = provider.asked[1]
        assert asked.prompt.endswith("The person wishes: in small letters")
        assert "+LINE 5" in asked.prompt
    assert "line five\n" in shop.text("shop/prices.py")


async def test_the_speed_that_is_shown_stays_that_of_the_answer(shop: Repo) -> None:
    said: list[Usage] = []

    def note(event: Event) -> None:
        said.extend([event] if isinstance(event, Usage) else [])

    async with opened(shop, provider=model(TWO, OTHERS), also=note) as run:
        await run.send("go")
        await run.until(lambda: run.rested and len(said) == 1)
        status = run.screen.status.status
        before = (status.first_token_ms, status.tokens_per_s, status.whole_per_s)
        assert None not in before
        await run.press("r")
        await run.until(lambda: len(said) == 2)
        await run.until(lambda: status.usage is said[1])
        assert (status.first_token_ms, status.tokens_per_s, status.whole_per_s) == before


async def test_what_has_one_answer_only_says_so(shop: Repo) -> None:
    async with opened(shop, TWO) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("r")
        await run.until(lambda: "has one answer only" in "\n".join(rows(run.screen.prose)))


async def test_a_change_decided_meanwhile_stays_as_it_was_decided(shop: Repo) -> None:
    provider = model(TWO)
    provider.answers = (*provider.answers, Scripted(OTHERS, first_token_ms=300))
    async with opened(shop, provider=provider) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("r", "n")
        await run.until(lambda: run.states()["c1"] == "rejected")
        await run.until(lambda: "came too late" in "\n".join(rows(run.screen.prose)))
        assert run.screen.pane.board.items["c1"].version_shown == (0, 0)
