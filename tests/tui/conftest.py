"""The app in a Textual test terminal, on a real repository with a scripted provider."""

from __future__ import annotations

import asyncio
import gc
import inspect
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from textual.app import App
from textual.pilot import Pilot

from codexspark_tui.actions.auto_test import NO_AUTO_TEST, AutoTest
from codexspark_tui.actions.edit import open_session, resumed_session
from codexspark_tui.config import Config
from codexspark_tui.events.facts import Event
from codexspark_tui.patch import diff, render
from codexspark_tui.patch.model import Resolved
from codexspark_tui.providers.model import Provider
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.models import Setup
from codexspark_tui.session.session import Session
from codexspark_tui.tui.app import SparkApp
from codexspark_tui.tui.attention import Later
from codexspark_tui.tui.files import Files
from codexspark_tui.tui.keymap import BUILT_IN, Keymap
from codexspark_tui.tui.screens.session import SessionScreen
from codexspark_tui.tui.widgets.line_view import LineView
from codexspark_tui.workspace import Workspace
from tests.support.repo import Repo

WAIT_S = 30.0


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test that is a coroutine is run in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture
def no_garbage() -> Iterator[None]:
    """As while a turn streams: nothing is collected."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@dataclass
class Running:
    """The app while a test drives it."""

    pilot: Pilot[None]
    app: SparkApp
    screen: SessionScreen
    session: Session

    async def until(self, true: Callable[[], bool]) -> None:
        """Let messages be handled until `true()`; never waits for a time."""
        async with asyncio.timeout(WAIT_S):
            while not true():
                await self.pilot.pause()

    async def send(self, prompt: str) -> None:
        self.screen.prompt.focus()
        self.screen.prompt.put(prompt)
        await self.pilot.press("enter")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def states(self) -> dict[str, str]:
        return {i.id: i.state for i in self.screen.pane.board.items.values()}

    @property
    def rested(self) -> bool:
        return bool(self.screen.pane.board.items) and not self.screen.pane.board.streaming


def rows(view: LineView) -> list[str]:
    """What a pane shows, line by line."""
    return [view.render_line(y).text.rstrip() for y in range(view.page)]


def painted(app: App[None]) -> str:
    """The whole screen as text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(s.text for s in strip)[:width].rstrip() for strip in lines[:height])


def _at_once(seconds: float, act: Callable[[], None]) -> None:
    """A clock that never makes anybody wait."""
    act()


@asynccontextmanager
async def opened(
    repo: Repo,
    *answers: str | Scripted,
    size: tuple[int, int] = (100, 30),
    provider: Provider | None = None,
    keymap: Keymap = BUILT_IN,
    test_command: str = "",
    auto_test: AutoTest = NO_AUTO_TEST,
    resume: str = "",
    setup: Setup | None = None,
    also: Callable[[Event], None] | None = None,
    config: Config | None = None,
    calm: bool = False,
    tells_lag: bool = False,
    later: Later = _at_once,
) -> AsyncGenerator[Running, None]:
    """The session screen on `repo`; closed, with its session, at the end."""
    scripted = tuple(Scripted(a) if isinstance(a, str) else a for a in answers)
    workspace = Workspace.open(repo.root)
    answering = provider or ScriptedProvider(scripted)
    if resume:
        session = resumed_session(workspace, answering, setup, resume)
    else:
        session = open_session(workspace, answering, setup)
    screen = SessionScreen(
        session.send,
        workspace.root,
        files=Files(workspace, test_command, auto_test, config),
        keymap=keymap,
    )
    screen.attention.later = later
    app = SparkApp(session, screen, also=also, calm=calm, tells_lag=tells_lag)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            yield Running(pilot, app, screen, session)
    finally:
        workspace.close()
        kept = session._transcript
        async with asyncio.timeout(WAIT_S):
            while kept is not None and kept._file is not None:  # the app left; the session ends
                await asyncio.sleep(0.005)


@pytest.fixture
def shop(repo: Repo) -> Repo:
    repo.commit(
        {
            "shop/prices.py": "".join(f"line {n}\n" for n in range(1, 41)),
            "shop/tax.py": "rate = 1\nrate = 2\nsame\nother\nsame\nother\n",
        }
    )
    return repo


def hunk(path: str, *lines: str, header: str = "@@ @@") -> str:
    return f"--- a/{path}\n+++ b/{path}\n{header}\n" + "".join(f"{line}\n" for line in lines)


TWO = (
    "Two changes.\n\n```diff\n"
    + hunk("shop/prices.py", " line 4", "-line 5", "+LINE 5", " line 6")
    + hunk("shop/prices.py", " line 29", "-line 30", "+LINE 30", " line 31")
    + "```\nThat is **all**.\n"
)


@pytest.fixture
def large(repo: Repo) -> tuple[Repo, str]:
    """300 files, and a patch with 10 hunks in each; one line of it has 5,000 characters."""
    files = {f"src/module_{n:03}.py": _text_of(200, n) for n in range(300)}
    repo.commit(dict(files))
    changes: list[Resolved] = []
    for path, text in files.items():
        lines = text.splitlines(keepends=True)
        for at in range(10, 200, 20):
            lines[at] = lines[at].replace("\n", "  # edited\n")
        if path.endswith("000.py"):
            lines[10] = lines[10].replace("\n", " " + "y" * 5000 + "\n")
            lines[14] = lines[14].replace("\n", "  # in the same hunk\n")
        changes += diff(path, text, "".join(lines))
    assert len(changes) == 3000
    return repo, render(changes)


def _text_of(lines: int, seed: int) -> str:
    return "".join(f"value_{seed}_{n} = {n}\n" for n in range(lines))
