"""Themes of the running app: read anew when their files change, told when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.state_dir import config_dir
from codexspark_tui.tui.screens.theme import ThemeScreen
from tests.support.repo import Repo
from tests.tui.conftest import Running, opened


@pytest.fixture
def folder(isolated_home: Path) -> Path:
    made = config_dir() / "themes"
    made.mkdir(parents=True)
    return made


def tea(folder: Path, accent: str) -> None:
    """Written as an editor does it: beside, and put in place."""
    beside = folder / ".tea.part"
    beside.write_text(f'extends = "spark-dark"\n[colours]\naccent = "{accent}"\n')
    beside.replace(folder / "tea.toml")


def said(run: Running) -> list[str]:
    return [note.message for note in run.app._notifications]


def lead(run: Running) -> str:
    """The colour of the sign before the prompt, as it is painted."""
    colour = run.screen.query_one("#lead").rich_style.color
    return colour.get_truecolor().hex if colour is not None else ""


async def test_a_theme_is_read_anew_when_its_file_changes(shop: Repo, folder: Path) -> None:
    async with opened(shop) as run:
        assert "tea" not in run.app.themes.loaded.themes
        tea(folder, "#112233")
        await run.until(lambda: "tea" in run.app.themes.loaded.themes)
        run.screen.act("theme", "tea")
        await run.until(lambda: lead(run) == "#112233")
        tea(folder, "#445566")
        await run.until(lambda: lead(run) == "#445566")
        tea(folder, "reddish")
        await run.until(lambda: bool(said(run)))
        assert said(run) == [
            f"{folder / 'tea.toml'}: colours.accent: "
            'must be a colour such as "#3fa" or "#33ffaa", not \'reddish\''
        ]
        assert (run.app.theme, lead(run)) == ("tea", "#445566")
        tea(folder, "#778899")
        await run.until(lambda: lead(run) == "#778899")
        assert len(said(run)) == 1


async def test_what_is_wrong_at_the_start_is_told_and_the_app_goes_on(
    shop: Repo, folder: Path
) -> None:
    (folder / "bad.toml").write_text("[colours]\nnothing = 1\n")
    tea(folder, "#112233")
    async with opened(shop) as run:
        (note,) = said(run)
        assert note.startswith(f"{folder / 'bad.toml'}: colours.nothing: there is no such role")
        run.app.themes.look()
        assert len(said(run)) == 1
        await run.send("/theme")
        await run.until(lambda: isinstance(run.app.screen, ThemeScreen))
        await run.press("end")
        assert run.app.theme == "tea"
        await run.until(lambda: lead(run) == "#112233")
        await run.press("escape")
        await run.until(lambda: run.app.theme == "spark-dark" and lead(run) != "#112233")
