"""Settings: their list, and how the layers are put together.

    built in  <  user TOML  <  repository TOML  <  SPARK_* environment  <  flags

`SETTINGS` is the only list; help, `spark config list` and the docs are made from it. A repository's
own file counts only for settings that cannot change where text is sent or what is run
(`Setting.needs_trust` is False for them), and it never stops anything: what is wrong in it is left
out with a warning. This module reads files and the environment when it is
asked to, never on import, and knows nothing of the command line.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from codexspark_tui.errors import UsageError
from codexspark_tui.state_dir import config_dir

Value: TypeAlias = str | int | float | bool
USER_FILE = "config.toml"
REPOSITORY_FILE = ".spark/config.toml"
LARGEST_FILE_BYTES = 256 * 1024
MOST_WARNINGS = 10


@dataclass(frozen=True, slots=True)
class Setting:
    """One key: its default (which also gives its type), what it does, and its permitted values."""

    key: str
    default: Value
    help: str
    choices: tuple[str, ...] = ()
    needs_trust: bool = False

    @property
    def variable(self) -> str:
        return "SPARK_" + self.key.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "provider",
        "codemods",
        "Where answers come from.",
        choices=("codemods", "script"),
        needs_trust=True,
    ),
    Setting("script", "", "The script file of the provider named script.", needs_trust=True),
    Setting("color", "auto", "When to use colour.", choices=("auto", "always", "never")),
    Setting(
        "stdin",
        "auto",
        "Read what is piped in beside a prompt as context; always: also from a socket or device.",
        choices=("auto", "always", "never"),
    ),
    Setting("stdin_timeout", 0.0, "Give up (exit 2) when a pipe ends later than this; 0: never."),
    Setting("partial", False, "Write what can be placed even when something else cannot."),
    Setting("mentions", False, "Let a rename change exact strings, comments and docs, too."),
    Setting("only", "", "Guard: changes outside of these places are not taken.", needs_trust=True),
    Setting("no_new_deps", False, "Guard: no new import or dependency.", needs_trust=True),
    Setting("keep_api", False, "Guard: public names and signatures stay.", needs_trust=True),
    Setting("max_lines", 0, "Guard: at most so many changed lines; 0: any.", needs_trust=True),
    Setting("no_delete", False, "Guard: no file is deleted.", needs_trust=True),
    Setting("no_tests_changed", False, "Guard: tests stay as they are.", needs_trust=True),
    Setting("syntax", False, "Guard: Python, JSON and TOML can still be read.", needs_trust=True),
    Setting("guard_secrets", True, "Guard: no keys in added lines.", needs_trust=True),
    Setting("guard_conflict_markers", True, "Guard: no conflict markers.", needs_trust=True),
    Setting("guard_control_characters", True, "Guard: no hidden characters.", needs_trust=True),
    Setting("codemod_timeout", 120.0, "Seconds that a codemod may take."),
)
_BY_KEY = {setting.key: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the layer it came from ("built in", a file's path, a variable, a flag)."""

    value: Value
    origin: str


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force. `warnings`: sentences about keys that were not used, and why."""

    found: Mapping[str, Found]
    warnings: tuple[str, ...] = ()

    def text(self, key: str) -> str:
        return str(self.found[key].value)

    def number(self, key: str) -> float:
        value = self.found[key].value
        assert isinstance(value, int | float)
        return float(value)

    def is_on(self, key: str) -> bool:
        return bool(self.found[key].value)


def load(
    root: Path | None = None,
    flags: Mapping[str, Value | None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Config:
    """Put the layers together. `root` is the repository's; a flag that is None was not given.

    Raises `UsageError` that names origin, key and reason for a value of the user's own that cannot
    be used.
    """
    environment = os.environ if environment is None else environment
    found = {s.key: Found(s.default, "built in") for s in SETTINGS}
    warnings: list[str] = []
    files = [(config_dir() / USER_FILE, True)]
    if root is not None:
        files.append((root / REPOSITORY_FILE, False))
    for path, trusted in files:
        if os.path.lexists(path):
            _add_file(path, trusted, found, warnings)
    for setting in SETTINGS:
        if environment.get(setting.variable):
            value = _parse(setting, environment[setting.variable], f"${setting.variable}")
            found[setting.key] = Found(value, f"${setting.variable}")
    for key, given in (flags or {}).items():
        if given is not None:
            found[key] = Found(_checked(_BY_KEY[key], given, _flag(key)), _flag(key))
    return Config(found, tuple(warnings))


def _flag(key: str) -> str:
    return "--" + key.replace("_", "-")


def _add_file(path: Path, trusted: bool, found: dict[str, Found], warnings: list[str]) -> None:
    try:
        values = _read(path)
    except UsageError as error:
        if trusted:
            raise
        warnings.append(f"{error.title}; it was left out")
        return
    left_out: list[str] = []
    for key, value in _flat(values).items():
        setting = _BY_KEY.get(key)
        if setting is None:
            left_out.append(f"{path}: unknown key {_shown(key)} was left out")
        elif setting.needs_trust and not trusted:
            left_out.append(
                f"{path}: {key} was left out, because a repository's own file may not set it"
            )
        else:
            try:
                found[key] = Found(_checked(setting, value, str(path)), str(path))
            except UsageError as error:
                if trusted:
                    raise
                left_out.append(f"{error.title}; it was left out")
    warnings += left_out[:MOST_WARNINGS]
    if len(left_out) > MOST_WARNINGS:
        warnings.append(f"{path}: {len(left_out) - MOST_WARNINGS} more keys were left out")


def _flat(values: dict[str, object]) -> dict[str, object]:
    """The keys with those of the table [guards]; there "secrets" stands for "guard_secrets"."""
    guards = values.get("guards")
    if not isinstance(guards, dict):
        return values
    found = {key: value for key, value in values.items() if key != "guards"}
    for key, value in guards.items():
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            value = "\n".join(value)
        found[key if key in _BY_KEY else f"guard_{key}"] = value
    return found


def _read(path: Path) -> dict[str, object]:
    """The keys and values of a settings file; one that is no small regular file is not read."""
    import tomllib  # most often there is no such file

    try:
        if path.is_dir():
            raise ValueError("it is not a regular file")
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise ValueError("it is not a regular file")
            data = file.read(LARGEST_FILE_BYTES + 1)
        if len(data) > LARGEST_FILE_BYTES:
            raise ValueError(f"it is longer than {LARGEST_FILE_BYTES >> 10} KiB")
        return tomllib.loads(data.decode())
    except RecursionError:
        why = "it is nested too deeply"
    except OSError as error:
        why = (error.strerror or str(error)).lower()
    except ValueError as error:
        why = str(error)
    raise UsageError(
        f"the settings file {path} cannot be read: {why}", next_step="Mend or remove it."
    )


def _parse(setting: Setting, text: str, origin: str) -> Value:
    """A value from a text, as the setting's type."""
    if isinstance(setting.default, bool):
        truth = {"1": True, "true": True, "yes": True, "on": True}
        truth |= {"0": False, "false": False, "no": False, "off": False}
        if text.lower() not in truth:
            raise UsageError(f"{origin}: {setting.key} must be true or false, not {text!r}")
        return truth[text.lower()]
    if isinstance(setting.default, int | float):
        try:
            return _checked(setting, type(setting.default)(text), origin)
        except ValueError:
            raise UsageError(f"{origin}: {setting.key} must be a number, not {text!r}") from None
    return _checked(setting, text, origin)


def _checked(setting: Setting, value: object, origin: str) -> Value:
    wanted = type(setting.default)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, str | int | float | bool) or type(value) is not wanted:
        said = f"{_KINDS[wanted]}, not {_shown(value)}"
        raise UsageError(f"{origin}: {setting.key} must be {said}")
    if isinstance(value, float) and not 0 <= value < float("inf"):
        raise UsageError(f"{origin}: {setting.key} must be 0 or more seconds, not {value}")
    if setting.choices and value not in setting.choices:
        said = f"one of {', '.join(setting.choices)}, not {_shown(value)}"
        raise UsageError(f"{origin}: {setting.key} must be {said}")
    return value


_KINDS: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."
