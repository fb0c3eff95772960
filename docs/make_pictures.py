"""Write docs/pictures/*.svg from the real app: `python docs/make_pictures.py`.

The app runs without a terminal on the repository of `spark demo`; a script plays the model. Nothing
in the pictures is drawn by hand.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from codexspark_tui.actions.demo import demo_repository
from codexspark_tui.actions.edit import open_session
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.tui.app import SparkApp
from codexspark_tui.tui.screens.session import SessionScreen
from codexspark_tui.workspace import Workspace

FOLDER = Path(__file__).with_name("pictures")
PROMPT = "round prices to whole cents, and say which currency an amount is in"
ANSWER = """I make the rounding a function of its own, so that other modules can use it.

--- a/shop/prices.py
+++ b/shop/prices.py
@@ -1,12 +1,16 @@
 \"\"\"Prices with their currency.\"\"\"
~
-import json
+from decimal import ROUND_HALF_UP, Decimal
+
 from shop.settings import load_settings
-from decimal import Decimal
~
~
 def price(amount):
     \"\"\"An amount as text, rounded as load_settings says.\"\"\"
     settings = load_settings()
-    rounded = round(Decimal(amount), int(settings["rounding"]))
-    return f"{rounded} {settings['currency']}"
+    return f"{cents(amount)} {settings['currency']}"
+
+
+def cents(amount):
+    \"\"\"The amount in whole cents, half a cent rounded up.\"\"\"
+    return Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)
--- a/shop/settings.py
+++ b/shop/settings.py
@@ -1,7 +1,5 @@
 \"\"\"Where the shop keeps its settings.\"\"\"
~
-import os
-import sys
 import configparser
 from pathlib import Path
~
--- a/tests/test_prices.py
+++ b/tests/test_prices.py
@@ -1,6 +1,10 @@
 from shop import load_settings
-from shop.prices import price
+from shop.prices import cents, price
~
~
 def test_price_has_the_currency():
     assert price("12.345").endswith(load_settings()["currency"])
+
+
+def test_half_a_cent_is_rounded_up():
+    assert str(cents("12.345")) == "12.35"
""".replace("\n~\n", "\n \n").replace("\n~\n", "\n \n")  # twice: they may follow each other


@asynccontextmanager
async def app_on_demo(
    size: tuple[int, int], answer: Scripted
) -> AsyncGenerator[tuple[SparkApp, SessionScreen, Pilot[None]], None]:
    with demo_repository() as root:
        workspace = Workspace.open(root)
        session = open_session(workspace, ScriptedProvider((answer,)), kept=False)
        screen = SessionScreen(session.send, Path("~/shop"), kept=False)
        app = SparkApp(session, screen)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield app, screen, pilot
        workspace.close()


async def until_quiet(pilot: Pilot[None], screen: SessionScreen) -> None:
    board = screen.pane.board
    while not board.items or (not board.streaming and screen.prose.prose.to_render()):
        await pilot.pause(0.05)
    for _ in range(10):
        await pilot.pause(0.05)


async def reviewed(name: str, size: tuple[int, int], theme: str, answer: Scripted) -> None:
    """After the prompt: one change accepted, the next one under the cursor."""
    async with app_on_demo(size, answer) as (app, screen, pilot):
        screen.act("theme", theme)
        screen.prompt.put(PROMPT)
        await pilot.press("enter")
        await until_quiet(pilot, screen)
        await pilot.press("y")
        await until_quiet(pilot, screen)
        save(app, name)


async def start(name: str, size: tuple[int, int]) -> None:
    async with app_on_demo(size, Scripted("")) as (app, _, _):
        save(app, name)


def save(app: SparkApp, name: str) -> None:
    """Without fonts that a browser would fetch from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(title="spark"), flags=re.S)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(svg, "utf-8")


async def side_by_side(name: str, size: tuple[int, int]) -> None:
    async with app_on_demo(size, Scripted(ANSWER)) as (app, screen, pilot):
        screen.prompt.put(PROMPT)
        await pilot.press("enter")
        await until_quiet(pilot, screen)
        await pilot.press("vertical_line")
        await until_quiet(pilot, screen)
        save(app, name)


async def main() -> None:
    half = ANSWER.index("--- a/tests") + 190
    writing = Scripted(ANSWER, chunk_chars=half, rate_tok_s=0.01)
    await start("start", (100, 24))
    await reviewed("review", (132, 38), "spark-dark", writing)
    await side_by_side("side", (180, 40))
    await reviewed("light", (100, 30), "spark-light", Scripted(ANSWER))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}
        asyncio.run(main())
