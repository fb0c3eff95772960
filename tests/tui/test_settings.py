"""Settings are shown with their origin, and written to the person's own file without losing any."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, TextArea

from codexspark_tui.actions.settings import with_setting, write_setting
from codexspark_tui.config import load
from codexspark_tui.errors import UsageError
from codexspark_tui.setting_list import SETTINGS, Value
from codexspark_tui.state_dir import config_dir
from codexspark_tui.tui.screens.ask import AskScreen
from codexspark_tui.tui.screens.edit import EditScreen
from codexspark_tui.tui.screens.settings import SettingsScreen, ValueScreen
from tests.support.repo import Repo
from tests.tui.conftest import Running, opened, painted

FILE = '# mine\ntheme = "a"  # old\n\n[providers.x]\ntheme = "no"\n'
CASES: list[tuple[str, str, Value | None, str]] = [
    (FILE, "theme", "b", '# mine\ntheme = "b"  # old\n\n[providers.x]\ntheme = "no"\n'),
    (FILE, "theme", None, '# mine\n\n[providers.x]\ntheme = "no"\n'),
    ("", "theme", None, ""),
    ("plain = true", "timeout", 2.5, "plain = true\ntimeout = 2.5\n"),
    ('[loop]\nheavy = "a" # x\n', "loop_heavy", "b", '[loop]\nheavy = "b" # x\n'),
    ('[loop]\nheavy = "a"\n', "loop_fast", "b", '[loop]\nheavy = "a"\nfast = "b"\n'),
    ('loop.heavy = "a" # x\n', "loop_heavy", "b", 'loop.heavy = "b" # x\n'),
    ("loop = {heavy = 'a'} # x\n", "loop_heavy", "b", 'loop = {heavy = "b"} # x\n'),
    (
        'loop_heavy = "a"\n[loop]\nheavy = "b"\n',
        "loop_heavy",
        "c",
        'loop_heavy = "a"\n[loop]\nheavy = "c"\n',
    ),
    ('loop_heavy = "a"\n[loop]\nheavy = "b"\n', "loop_heavy", None, "[loop]\n"),
    ("[guards]\nkeep_api = true\n", "keep_api", False, "[guards]\nkeep_api = false\n"),
    ("'theme'='x'\nkeys = \"vim\"\n", "theme", "y", '\'theme\'="y"\nkeys = "vim"\n'),
    ('system = """\na\n[x]\n"""\n# end\n', "system", "b", 'system = "b"\n# end\n'),
    (
        '[verify]\ncommands = [\n  "a", # one\n  "b",\n]\n# end\n',
        "verify_commands",
        "c",
        '[verify]\ncommands = ["c"]\n# end\n',
    ),
    (
        '[verify]\ncommands = ["a"]\n',
        "verify_commands",
        'b "x"\nc',
        '[verify]\ncommands = [\n    "b \\"x\\"",\n    "c",\n]\n',
    ),
]


@pytest.mark.parametrize(("before", "key", "value", "after"), CASES)
def test_a_key_is_changed_where_it_stands_and_the_rest_stays(
    before: str, key: str, value: Value | None, after: str
) -> None:
    assert with_setting(before, key, value) == after


def test_a_new_key_stands_before_the_tables() -> None:
    added = with_setting(FILE, "partial", True)
    assert tomllib.loads(added) == tomllib.loads(FILE) | {"partial": True}
    assert "# mine\n" in added
    assert "# old\n" in added


def test_what_cannot_be_changed_by_itself_is_left_to_the_person() -> None:
    with pytest.raises(UsageError, match="not changed from here"):
        with_setting("[[loop]]\nheavy = 'a'\n[[loop]]\n", "loop", "b")


def values(key: str) -> list[str]:
    setting = next(s for s in SETTINGS if s.key == key)
    if setting.choices:
        return [*setting.choices, ""]
    kinds = {bool: ["yes", "FALSE", ""], int: ["0", "7", ""], float: ["2.5", "3", ""]}
    return kinds.get(type(setting.default), ['a "quoted" \\ \x1b ü', "[x]", ""])


@pytest.mark.parametrize("key", [setting.key for setting in SETTINGS])
def test_what_is_written_is_what_counts_next_time(key: str) -> None:
    for said in values(key):
        wanted = load(environment={f"SPARK_{key.upper()}": said}).found[key].value if said else None
        path = write_setting(key, said)
        found = load(environment={}).found[key]
        default = next(s.default for s in SETTINGS if s.key == key)
        assert found.value == (default if wanted is None else wanted)
        assert found.origin == ("built in" if wanted is None else str(path))
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("key", "said", "why"),
    [
        ("keys", "emacs", "keys must be one of git, lazygit, vim, not 'emacs'"),
        ("partial", "perhaps", "partial must be true or false, not 'perhaps'"),
        ("timeout", "soon", "timeout must be a number, not 'soon'"),
        ("timeout", "-1", "timeout must be 0 or more seconds, not -1.0"),
        ("timeout", "nan", "timeout must be 0 or more seconds, not nan"),
        ("max_tokens", "1.5", "max_tokens must be a number, not '1.5'"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_is_written(
    key: str, said: str, why: str
) -> None:
    with pytest.raises(UsageError) as refused:
        write_setting(key, said)
    assert refused.value.title == why
    assert not (config_dir() / "config.toml").exists()


def test_a_link_to_the_file_stays_one_with_its_mode(tmp_path: Path) -> None:
    own = tmp_path / "dotfiles.toml"
    own.write_text('theme = "a" # mine\r\n')
    own.chmod(0o640)
    config_dir().mkdir(parents=True)
    (config_dir() / "config.toml").symlink_to(own)
    write_setting("theme", "b")
    assert (config_dir() / "config.toml").is_symlink()
    assert own.read_bytes() == b'theme = "b" # mine\r\n'
    assert own.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["dotfiles.toml"]


def test_a_file_that_cannot_be_read_is_told_and_stays(tmp_path: Path) -> None:
    config_dir().mkdir(parents=True)
    file = config_dir() / "config.toml"
    file.write_text("theme = \n")
    for said in ("b", ""):
        with pytest.raises(UsageError, match="cannot be read"):
            write_setting("theme", said)
    assert file.read_text() == "theme = \n"


async def settings_of(run: Running, words: str) -> list[str]:
    """The settings that the screen shows for these words."""
    if not isinstance(run.app.screen, SettingsScreen):
        run.screen.act("settings", "")
        await run.until(lambda: isinstance(run.app.screen, SettingsScreen))
    run.app.screen.query_one(Input).value = words
    await run.pilot.pause()
    shown = run.app.screen.query_one(OptionList)
    return [str(shown.get_option_at_index(n).id) for n in range(shown.option_count)]


async def test_settings_are_searched_while_one_types(shop: Repo) -> None:
    write_setting("theme", "spark-light")
    async with opened(shop) as run:
        assert len(await settings_of(run, "")) == len(SETTINGS)
        assert await settings_of(run, "") == [s.key for s in SETTINGS]
        assert await settings_of(run, "MOTION") == ["reduced_motion"]
        assert await settings_of(run, "auto test") == ["auto_test"]
        assert await settings_of(run, "config.toml") == ["theme"]
        assert await settings_of(run, "nothing of the kind") == []
        await run.press("enter", "down", "up")
        await settings_of(run, "")
        await run.press(*"vim", "backspace", "down", "escape")
        await run.until(lambda: run.app.screen is run.screen)


async def test_each_kind_of_setting_is_changed_on_the_screen(shop: Repo) -> None:
    async with opened(shop, size=(120, 40)) as run:
        assert await settings_of(run, "keys of the app") == ["keys"]
        await run.press("enter")
        await run.until(lambda: isinstance(run.app.screen, ValueScreen))
        await run.press("down", "down", "enter")
        await run.until(lambda: load(environment={}).text("keys") == "vim")
        assert await settings_of(run, "reduced") == ["reduced_motion"]
        await run.press("enter")
        await run.until(lambda: isinstance(run.app.screen, ValueScreen))
        await run.press("up", "enter")
        await run.until(lambda: load(environment={}).is_on("reduced_motion"))
        assert await settings_of(run, "run_timeout") == ["run_timeout"]
        await run.press("enter")
        await run.until(lambda: isinstance(run.app.screen, AskScreen))
        assert run.app.screen.query_one(Input).value == "600.0"
        await run.press("1", "enter")
        await run.until(lambda: load(environment={}).number("run_timeout") == 600.01)
        assert await settings_of(run, "verify_commands") == ["verify_commands"]
        await run.press("enter")
        await run.until(lambda: isinstance(run.app.screen, EditScreen))
        run.app.screen.query_one(TextArea).text = "ruff check\nmypy\n"
        await run.press("f2")
        await run.until(lambda: load(environment={}).text("verify_commands") == "ruff check\nmypy")
        await run.until(lambda: isinstance(run.app.screen, SettingsScreen))


async def test_a_wrong_value_is_told_and_what_else_counts_is_named(
    shop: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_RUN_TIMEOUT", "7")
    async with opened(shop, size=(120, 40)) as run:
        for said, told in (("x", "must be a number"), ("5", "what $SPARK_RUN_TIMEOUT says counts")):
            await settings_of(run, "run_timeout")
            await run.press("enter")
            await run.until(lambda: isinstance(run.app.screen, AskScreen))
            run.app.screen.query_one(Input).value = said
            await run.press("enter")
            await run.until(partial(_is_told, run, told))
    assert load(environment={}).number("run_timeout") == 5.0


def _is_told(run: Running, words: str) -> bool:
    return any(words in note.message for note in run.app._notifications)


async def test_a_repository_and_its_value_are_named(shop: Repo) -> None:
    shop.write({".spark/config.toml": 'color = "never"\n'})
    async with opened(shop, size=(160, 40)) as run:
        assert await settings_of(run, "when to use colour") == ["color"]
        assert "color = 'never'" in painted(run.app)
        assert f"{shop.root}/.spark/config.toml)" in "".join(
            painted(run.app).replace("│", " ").split()
        )
