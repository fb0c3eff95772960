"""What goes along with a prompt, in the app: mentions, what the index finds, and /context."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import OptionList

from codexspark_tui.index.index import Index
from codexspark_tui.index.keeper import Keeper
from codexspark_tui.index.pool import Plan
from codexspark_tui.providers.model import Capabilities, Message
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from codexspark_tui.session.models import Setup
from codexspark_tui.tui.screens.context import ContextScreen
from tests.support.repo import Repo
from tests.tui.conftest import Running, opened, painted

LONG = "".join(f"def step_{n}(a):\n    return a + {n}\n\n\n" for n in range(60))
FILES: dict[str, str | bytes] = {
    "src/io.py": "def read_header(path):\n    return path\n\n\ndef close(path):\n    return path\n",
    "src/use.py": "from src.io import read_header\n\nread_header(1)\n",
    "src/steps.py": LONG,
    "docs/guide.md": "# Guide\n\nCall read_header.\n",
    "docs/more.md": "# More\n",
    "AGENTS.md": "Write short sentences.\n",
    ".env": "TOKEN=abc\n",
}


@asynccontextmanager
async def indexed(
    repo: Repo, folder: Path, size: tuple[int, int] = (120, 40)
) -> AsyncGenerator[tuple[Running, ScriptedProvider], None]:
    """The app with an index that knows everything, and a provider that converses."""
    repo.commit(FILES)
    index = Index.open(repo.root, folder=folder)
    index.refresh()
    index.build(plan=Plan(1))
    index.close()
    provider = ScriptedProvider(
        (Scripted("Nothing to do.\n"),) * 4, capabilities=Capabilities(converses=True)
    )
    setup = Setup(keeper=Keeper(repo.root, folder))
    async with opened(repo, provider=provider, setup=setup, size=size) as run:
        await run.until(lambda: "src/io.py" in run.screen.prompt.files.paths)
        yield run, provider


async def sent(run: Running, provider: ScriptedProvider, prompt: str) -> str:
    """The message that a prompt became."""
    before = len(provider.asked)
    await run.send(prompt)
    await run.until(lambda: len(provider.asked) > before)
    message = provider.asked[-1].items[-1]
    assert isinstance(message, Message)
    return message.text


async def test_mentions_send_files_lines_symbols_folders_and_globs(
    repo: Repo, tmp_path: Path
) -> None:
    async with indexed(repo, tmp_path / "i") as (run, provider):
        said = await sent(run, provider, "see @src/steps.py:5-6 @read_header @docs/ @*.md @.env")
    assert "File src/steps.py, lines 5-6:\n```\n" in said.replace("```python", "```")
    assert "def step_1(a):\n    return a + 1\n" in said
    assert "def step_9(a)" not in said.partition("The prompt:")[0]
    assert "File src/io.py, lines 1-2:" in said
    assert "# Guide\n" in said
    assert "# More\n" in said
    assert "TOKEN=abc" not in said


@pytest.mark.parametrize(
    ("mention", "told"),
    [
        ("diff", "What is changed in the working tree since the last commit"),
        ("staged", "What is staged for the next commit"),
    ],
)
async def test_what_is_not_committed_can_be_mentioned(
    mention: str, told: str, repo: Repo, tmp_path: Path
) -> None:
    async with indexed(repo, tmp_path / "i") as (run, provider):
        repo.write({"src/use.py": "print('fresh')\n"})
        if mention == "staged":
            repo.git("add", "-A")
        said = await sent(run, provider, f"look at @{mention}")
    assert told in said
    assert "+print('fresh')" in said


async def test_what_the_last_command_printed_can_be_mentioned(repo: Repo, tmp_path: Path) -> None:
    async with indexed(repo, tmp_path / "i") as (run, provider):
        await run.send("!printf 'it %s' broke-here")
        await run.until(lambda: "it broke-here" in painted(run.app))
        said = await sent(run, provider, "why @last-output")
    assert "What the last command printed" in said
    assert "it broke-here" in said


async def test_context_shows_groups_with_reasons_and_pins_and_drops(
    repo: Repo, tmp_path: Path
) -> None:
    async with indexed(repo, tmp_path / "i") as (run, provider):
        screen = await shown(run, "let read_header take bytes, see @src/steps.py:5-6 and @.env")
        text = painted(run.app)
        for said in (
            "You named · ",
            "src/steps.py  lines 5-6  mentioned",
            "Found for this prompt · ",
            "src/io.py  defines read_header, its words",
            "Always · ",
            "the files of the repository  names",
            "Left out",
            ".env  its name says that it holds secrets",
        ):
            assert said in text
        await choose(run, screen, "src/use.py")
        await run.press("d")
        assert "✕" in painted(run.app)
        await choose(run, screen, "src/io.py")
        await run.press("p")
        assert "◆" in painted(run.app)
        await run.press("escape")
        said = await sent(run, provider, "something else entirely")
        assert "def close(path)" in said  # pinned, though nothing in the prompt leads to it
        assert "read_header(1)" not in said
        screen = await shown(run, "read_header once more")
        text = painted(run.app)
        assert "src/use.py  you dropped it; a pin sends it again" in text
        await choose(run, screen, "src/io.py")
        await run.press("p")
        assert "◆" not in painted(run.app)


async def shown(run: Running, prompt: str) -> ContextScreen:
    run.screen.prompt.focus()
    run.screen.prompt.put(prompt)
    run.screen.along.show()
    await run.until(lambda: isinstance(run.app.screen, ContextScreen))
    await run.pilot.pause()
    screen = run.app.screen
    assert isinstance(screen, ContextScreen)
    return screen


async def choose(run: Running, screen: ContextScreen, path: str) -> None:
    at = next(at for at, row in enumerate(screen._rows) if row.path == path)
    screen.query_one(OptionList).highlighted = at
    await run.pilot.pause()


async def test_a_prompt_takes_the_context_that_was_made_while_it_was_typed(
    repo: Repo, tmp_path: Path
) -> None:
    async with indexed(repo, tmp_path / "i") as (run, provider):
        dialogue = run.session._dialogue
        assert dialogue is not None
        shelf = dialogue.asking.shelf
        run.screen.prompt.focus()
        run.screen.prompt.put("let read_header take bytes, see @src/use.py")
        await run.until(lambda: shelf._made is not None and "bytes" in shelf._made.wanted.prompt)
        made = shelf._made
        await run.press("enter")
        await run.until(lambda: bool(provider.asked))
        assert shelf._made is made
        assert made is not None
        assert made.wanted.files == ("src/use.py",)


async def test_nothing_of_a_path_is_read_as_markup(repo: Repo, tmp_path: Path) -> None:
    repo.write({"src/[red]read_header.py": "read_header = 1\n"})
    async with indexed(repo, tmp_path / "i", (80, 24)) as (run, _):
        await shown(run, "read_header in @src/*.py")
        assert "src/[red]read_header.py" in painted(run.app)


async def test_a_key_shows_the_context_of_what_is_typed(repo: Repo, tmp_path: Path) -> None:
    async with indexed(repo, tmp_path / "i") as (run, _):
        run.screen.prompt.focus()
        run.screen.prompt.put("let read_header take bytes")
        await run.press("ctrl+o")
        await run.until(lambda: isinstance(run.app.screen, ContextScreen))
        await run.press("escape")
        assert run.screen.prompt.text == "let read_header take bytes"
