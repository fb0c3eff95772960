"""A change that is given to the heavy model, while the fast one goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from codexspark_tui.config import load
from codexspark_tui.errors import UsageError
from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    ModelEvent,
    Opened,
    Provider,
    Request,
)
from codexspark_tui.providers.presets import Model, Prices
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.models import Setup
from tests.support.repo import Repo
from tests.support.spark import run
from tests.tui.conftest import TWO, hunk, opened, painted, rows

BETTER = "It keeps the case.\n\n```diff\n" + hunk(
    "shop/prices.py", " line 4", "-line 5", "+line five, by the heavy one", " line 6"
)
WITH_MORE = BETTER + hunk("shop/tax.py", " rate = 1", "-rate = 2", "+rate = 3", " same")


@dataclass
class Heavy(ScriptedProvider):
    """A script under the name of another model, which waits until it may answer."""

    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        await self.may.wait()
        async for event in super().stream(request):
            yield Opened("script", "big-thinker") if isinstance(event, Opened) else event


@dataclass
class Held(ScriptedProvider):
    """A script that does not end before it may."""

    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        async for event in super().stream(request):
            if isinstance(event, Ended):
                await self.may.wait()
            yield event


@dataclass
class OneHeavy:
    """The models of a session: one that can be opened, by the name heavy."""

    answer: Scripted
    waits: bool = False
    opened: list[Heavy] = field(default_factory=list)

    def facts(self, name: str) -> Model:
        return Model(name, prices=Prices(1.0, 2.0))

    def names(self) -> tuple[str, ...]:
        return ()

    def after(self, name: str) -> tuple[str, ...]:
        return ()

    def open(self, name: str) -> Provider:
        if name != "heavy":
            raise UsageError(f"there is no model {name}")
        made = Heavy((self.answer,), name="heavy", capabilities=Capabilities(converses=True))
        self.opened.append(made)
        if not self.waits:
            made.may.set()
        return made


def setup(answer: str | Scripted, heavy: str = "heavy") -> tuple[Setup, OneHeavy]:
    models = OneHeavy(Scripted(answer) if isinstance(answer, str) else answer)
    return Setup(models=models, heavy=heavy), models


async def test_the_heavy_models_version_is_shown_and_written_under_its_name(shop: Repo) -> None:
    made, models = setup(BETTER)
    async with opened(shop, TWO, size=(180, 40), setup=made) as app:
        await app.send("go")
        await app.until(lambda: app.rested)
        assert " · scripted" in "\n".join(rows(app.screen.pane.diff))
        await app.press("h")
        await app.press(*"louder", "enter")

        def shown(text: str) -> bool:
            return text in "\n".join(rows(app.screen.pane.diff))

        await app.until(lambda: shown("version 2 of 2 · +1 −1 · big-thinker"))
        assert shown("line five, by the heavy one")
        (asked,) = models.opened[0].asked
        assert "The person is not content with it: louder" in asked.prompt
        assert "+LINE 5" in asked.prompt
        assert "shop/prices.py, from line 1:" in asked.prompt
        await app.press("y")
        await app.until(lambda: app.states()["c1"] == "written")
        await app.press("y")
        await app.until(lambda: app.states()["c2"] == "written")
    ran = run("show", "--json", cwd=shop.root)
    authors = {line["entry"]: line["author"] for line in ran.lines if line["type"] == "change"}
    assert authors == {"1.1": "big-thinker", "1.2": "scripted"}
    assert "# 1.1 by big-thinker\n" in run("show", "1.1", cwd=shop.root).text
    blamed = run("blame", "--json", "shop/prices.py:5", cwd=shop.root).lines[0]
    assert blamed["model"] == "big-thinker"


async def test_it_is_asked_while_the_fast_model_still_streams(shop: Repo) -> None:
    made, _ = setup(BETTER)
    slow = Held((Scripted(TWO),))
    async with opened(shop, provider=slow, setup=made) as app:
        await app.send("go")
        await app.until(lambda: app.states().get("c1") == "placed")
        app.screen.act("escalate", "quieter")
        await app.until(lambda: app.screen.pane.board.items["c1"].version_shown == (2, 2))
        assert app.screen.pane.board.streaming
        assert app.screen.pane.board.items["c1"].author == "big-thinker"
        slow.may.set()
        await app.until(lambda: app.rested)
        assert app.screen.pane.board.items["c2"].author == "scripted"


async def test_what_else_it_changes_joins_the_turn(shop: Repo) -> None:
    made, _ = setup(WITH_MORE)
    async with opened(shop, TWO, setup=made) as app:
        await app.send("go")
        await app.until(lambda: app.rested)
        app.screen.act("escalate", "and the tax")
        await app.until(lambda: app.states().get("c3") == "placed")
        item = app.screen.pane.board.items["c3"]
        assert (item.path, item.author) == ("shop/tax.py", "big-thinker")
        await app.press("A", "y")
        await app.until(lambda: set(app.states().values()) == {"written"})
    assert shop.text("shop/tax.py").startswith("rate = 1\nrate = 3\n")


async def test_an_answer_for_a_change_that_was_decided_takes_the_turn_up_again(shop: Repo) -> None:
    made, models = setup(BETTER)
    models.waits = True
    async with opened(shop, TWO, setup=made) as app:
        await app.send("go")
        await app.until(lambda: app.rested)
        app.screen.act("escalate", "later")
        await app.press("n", "n")
        await app.until(lambda: set(app.states().values()) == {"rejected"})
        models.opened[0].may.set()
        await app.until(lambda: app.states().get("c3") == "placed")
        await app.press("j", "y", "y")
        await app.until(lambda: app.states()["c3"] == "written")
    assert "line five, by the heavy one\n" in shop.text("shop/prices.py")


async def test_its_cost_is_counted_and_what_goes_wrong_is_told(shop: Repo) -> None:
    made, models = setup(Scripted(BETTER, fail="network"))
    async with opened(shop, TWO, setup=made) as app:
        await app.send("go")
        await app.until(lambda: app.rested)
        app.screen.act("escalate", "x")
        await app.until(lambda: "the heavy model did not help" in "\n".join(rows(app.screen.prose)))
        assert app.states() == {"c1": "placed", "c2": "placed"}
        assert models.opened[0].asked[0].tools == ()


async def test_a_change_of_a_file_that_holds_secrets_goes_to_no_other_model(shop: Repo) -> None:
    made, models = setup(BETTER)
    shop.write({".env": "PLACE=1\n"})
    answer = hunk(".env", "-PLACE=1", "+PLACE=2")
    async with opened(shop, answer, size=(180, 40), setup=made) as app:
        await app.send("go")
        await app.until(lambda: app.rested)

        def refused() -> int:
            return "\n".join(rows(app.screen.prose)).count(".env is sent to no model")

        app.screen.act("escalate", "x")
        await app.until(lambda: refused() == 1)
        app.screen.act("explain", "")
        await app.until(lambda: refused() == 2)
    assert models.opened == []


async def test_without_a_heavy_model_it_is_said_how_to_choose_one(shop: Repo) -> None:
    made, _ = setup(BETTER, heavy="")
    async with opened(shop, TWO, size=(180, 40), setup=made) as app:
        await app.send("go")
        await app.until(lambda: app.rested)
        app.screen.act("escalate", "x")
        await app.until(lambda: "under [loop]" in "\n".join(rows(app.screen.prose)))


def test_the_loop_of_the_settings_chooses_the_models(shop: Repo) -> None:
    settings = shop.root / ".spark/config.toml"
    settings.parent.mkdir()
    settings.write_text('[loop]\nfast = "codemods"\nheavy = "script"\n')
    assert run("trust", cwd=shop.root).code == 0
    told = run("config", "list", "--json", cwd=shop.root).lines
    found = {line["key"]: line["value"] for line in told if line["type"] == "setting"}
    assert (found["loop_fast"], found["loop_heavy"]) == ("codemods", "script")
    chosen = run("models", "--json", cwd=shop.root, env={"SPARK_LOOP_FAST": "cerebras"})
    names = [json.dumps(line["name"]) for line in chosen.lines if line.get("chosen")]
    assert len(names) == 1
    assert "cerebras/" in names[0]


async def test_without_a_heavy_model_nobody_is_asked_for_a_reason(shop: Repo) -> None:
    async with opened(shop, TWO, config=load(shop.root, {})) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("h")
        await run.until(lambda: "no heavy model is chosen" in painted(run.app))
        assert run.app.screen is run.screen
