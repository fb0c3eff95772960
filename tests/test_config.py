"""Settings: their layers, where each value comes from, and what is wrong with one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from codexspark_tui.config import (
    LARGEST_FILE_BYTES,
    MOST_WARNINGS,
    Found,
    load,
)
from codexspark_tui.errors import UsageError
from codexspark_tui.setting_list import SETTINGS, Setting, Value
from codexspark_tui.state_dir import config_dir


def _user(text: str) -> Path:
    path = config_dir() / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def _repository(root: Path, text: str) -> Path:
    path = root / ".spark" / "config.toml"
    path.parent.mkdir()
    path.write_text(text)
    return path


def _other(value: Value, choices: tuple[str, ...]) -> Value:
    """A permitted value that is not the default."""
    if choices:
        return next(choice for choice in choices if choice != value)
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else "other"


def test_each_layer_goes_over_the_one_before_and_says_so(tmp_path: Path) -> None:
    assert load(tmp_path, environment={}).found["color"] == Found("auto", "built in")
    user = _user('color = "always"\n')
    assert load(tmp_path, environment={}).found["color"] == Found("always", str(user))
    repository = _repository(tmp_path, 'color = "never"\n')
    assert load(tmp_path, environment={}).found["color"] == Found("never", str(repository))
    environment = {"SPARK_COLOR": "auto"}
    assert load(tmp_path, environment=environment).found["color"] == Found("auto", "$SPARK_COLOR")
    flags = {"color": "always", "partial": None}
    made = load(tmp_path, flags, environment)
    assert made.found["color"] == Found("always", "--color")
    assert made.found["partial"] == Found(False, "built in")
    assert made.warnings == ()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: str(setting.key))
def test_every_setting_has_a_variable_a_flag_and_a_sentence(setting: Setting) -> None:
    other = _other(setting.default, setting.choices)
    text = str(other).lower() if isinstance(other, bool) else str(other)
    assert setting.variable == "SPARK_" + setting.key.upper()
    found = load(environment={setting.variable: text}).found[setting.key]
    assert found == Found(other, f"${setting.variable}")
    flag = "--" + setting.key.replace("_", "-")
    assert load(flags={setting.key: other}, environment={}).found[setting.key] == Found(other, flag)
    assert setting.help.endswith(".")
    assert not setting.choices or setting.default in setting.choices


def test_an_empty_variable_is_none() -> None:
    assert load(environment={"SPARK_COLOR": ""}).found["color"].origin == "built in"


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("SPARK_COLOR", "blue", "$SPARK_COLOR: color must be one of auto, always, never, not"),
        ("SPARK_PARTIAL", "maybe", "$SPARK_PARTIAL: partial must be true or false, not 'maybe'"),
        ("SPARK_STDIN_TIMEOUT", "soon", "$SPARK_STDIN_TIMEOUT: stdin_timeout must be a number"),
        ("SPARK_STDIN_TIMEOUT", "nan", "$SPARK_STDIN_TIMEOUT: stdin_timeout must be 0 or more"),
        ("SPARK_STDIN_TIMEOUT", "-1", "$SPARK_STDIN_TIMEOUT: stdin_timeout must be 0 or more"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(environment={variable: text})
    assert caught.value.title.startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("color = 3", "color must be a text, not 3"),
        ("color = 'blue'", "color must be one of auto, always, never, not 'blue'"),
        ("partial = 'yes'", "partial must be true or false, not 'yes'"),
        ("partial = 1", "partial must be true or false, not 1"),
        ("codemod_timeout = true", "codemod_timeout must be a number, not True"),
        ("codemod_timeout = inf", "codemod_timeout must be 0 or more seconds, not inf"),
        ("color = [" + "1," * 500 + "]", "color must be a text, not [1, 1,"),
        ("color = ", "cannot be read"),
        ("color = " + "[" * 20_000, "cannot be read"),
        ("#" * (LARGEST_FILE_BYTES + 1), "cannot be read: it is longer than"),
    ],
)
def test_what_is_wrong_in_a_file_is_an_error_in_ones_own_and_a_warning_in_a_repositorys(
    tmp_path: Path, text: str, said: str
) -> None:
    repository = _repository(tmp_path, text)
    made = load(tmp_path, environment={})
    assert made.found == load(environment={}).found
    (warning,) = made.warnings
    assert str(repository) in warning
    assert said in warning
    assert warning.endswith("; it was left out")
    assert len(warning) < 400
    user = _user(text)
    with pytest.raises(UsageError) as caught:
        load(tmp_path, environment={})
    assert str(user) in caught.value.title
    assert said in caught.value.title


def test_a_file_that_is_not_utf8_or_cannot_be_opened(tmp_path: Path) -> None:
    path = _repository(tmp_path, "")
    path.write_bytes(b"color = '\xff'")
    assert "cannot be read" in load(tmp_path, environment={}).warnings[0]
    path.unlink()
    path.symlink_to(path)
    assert "cannot be read" in load(tmp_path, environment={}).warnings[0]
    path.unlink()
    os.mkfifo(path)
    assert "it is not a regular file" in load(tmp_path, environment={}).warnings[0]


def test_a_repositorys_file_may_not_choose_where_text_goes_or_what_runs(tmp_path: Path) -> None:
    needs_trust = [setting for setting in SETTINGS if setting.needs_trust]
    assert {setting.key for setting in needs_trust} >= {"provider", "script"}
    for setting in needs_trust:
        other = json.dumps(_other(setting.default, setting.choices))
        path = _repository(tmp_path, f"{setting.key} = {other}\npartial = true")
        made = load(tmp_path, environment={})
        assert made.found["partial"] == Found(True, str(path))
        assert made.found[setting.key].origin == "built in"
        assert made.warnings == (
            f"{path}: {setting.key} was left out, because a repository's own file may not set it "
            "until you trust it (spark trust)",
        )
        path.unlink()
        path.parent.rmdir()
    others = {s.key: json.dumps(_other(s.default, s.choices)) for s in needs_trust}
    _user("\n".join(f"{key} = {value}" for key, value in others.items()))
    trusted = load(environment={})
    assert all(trusted.found[s.key].origin != "built in" for s in needs_trust)


def test_an_unknown_key_is_a_warning_and_the_rest_counts(tmp_path: Path) -> None:
    path = _repository(tmp_path, '"od\\u001bd" = 1\ncolor = "never"\n')
    made = load(tmp_path, environment={})
    assert made.warnings == (f"{path}: unknown key 'od\\x1bd' was left out",)
    assert made.text("color") == "never"


def test_a_repositorys_file_cannot_flood_the_screen(tmp_path: Path) -> None:
    path = _repository(tmp_path, "\n".join(f"k{n} = 1" for n in range(MOST_WARNINGS + 7)))
    warnings = load(tmp_path, environment={}).warnings
    assert len(warnings) == MOST_WARNINGS + 1
    assert warnings[-1] == f"{path}: 7 more keys were left out"


def test_values_as_their_readers_want_them() -> None:
    made = load(environment={"SPARK_PARTIAL": "Yes", "SPARK_CODEMOD_TIMEOUT": "3"})
    assert made.is_on("partial")
    assert made.number("codemod_timeout") == 3.0
    assert made.text("provider") == "codemods"
