"""Settings are shown with their origin, and written to the person's own file without losing any."""

from __future__ import annotations

import tomllib

import pytest
from textual.widgets import Input, OptionList

from codexspark_tui.actions.settings import with_setting, write_setting
from codexspark_tui.config import load
from codexspark_tui.errors import UsageError
from codexspark_tui.state_dir import config_dir
from codexspark_tui.tui.screens.ask import AskScreen
from codexspark_tui.tui.screens.settings import SettingsScreen
from tests.support.repo import Repo
from tests.tui.conftest import opened

FILE = '# mine\ntheme = "a"  # old\n\n[providers.x]\ntheme = "no"\n'


def test_a_key_is_changed_where_it_stands_and_the_rest_stays() -> None:
    changed = with_setting(FILE, "theme", '"b"')
    assert changed == '# mine\ntheme = "b"\n\n[providers.x]\ntheme = "no"\n'
    added = with_setting(FILE, "partial", "true")
    assert tomllib.loads(added) == tomllib.loads(FILE) | {"partial": True}
    assert with_setting("x = 1", "y", "2") == "x = 1\ny = 2\n"


@pytest.mark.parametrize(
    ("key", "said"),
    [("theme", 'a "quoted" \\ \x1b'), ("partial", "yes"), ("timeout", "2.5"), ("max_tokens", "7")],
)
def test_what_is_written_is_what_counts_next_time(key: str, said: str) -> None:
    wanted = load(environment={f"SPARK_{key.upper()}": said}).found[key].value
    path = write_setting(key, said)
    assert load(environment={}).found[key].value == wanted
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_value_that_cannot_be_is_refused_and_nothing_is_written() -> None:
    with pytest.raises(UsageError, match="keys must be one of"):
        write_setting("keys", "emacs")
    assert not (config_dir() / "config.toml").exists()


async def test_a_setting_is_changed_on_the_screen(shop: Repo) -> None:
    async with opened(shop) as run:
        run.screen.act("settings", "")
        await run.until(lambda: isinstance(run.app.screen, SettingsScreen))
        options = run.app.screen.query_one(OptionList)
        options.highlighted = options.get_option_index("keys")
        await run.press("enter")
        await run.until(lambda: isinstance(run.app.screen, AskScreen))
        run.app.screen.query_one(Input).value = "vim"
        await run.press("enter")
        await run.until(lambda: load(environment={}).text("keys") == "vim")
        await run.press("escape")
