"""Settings: how the layers are put together.

    built in  <  user TOML  <  repository TOML  <  SPARK_* environment  <  flags

setting_list.py has their list. A repository's own file counts only for settings that cannot change
where text is sent or what is run (`Setting.needs_trust` is False for them), unless the person
trusts it as it is now (trust.py); and it never stops anything: what is wrong in it is left out with
a warning. The tables `[providers.NAME]` are handed on as they are (`Config.providers`); who knows
servers checks them. This module reads files and the environment when it is asked to, never on
import, and knows nothing of the command line.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codexspark_tui.errors import UsageError
from codexspark_tui.setting_list import SETTINGS, Setting, Value
from codexspark_tui.state_dir import config_dir
from codexspark_tui.trust import Verdict, verdict_on

USER_FILE = "config.toml"
REPOSITORY_FILE = ".spark/config.toml"
PROVIDERS = "providers"
LARGEST_FILE_BYTES = 256 * 1024
MOST_WARNINGS = 10
_BY_KEY = {setting.key: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the layer it came from ("built in", a file's path, a variable, a flag)."""

    value: Value
    origin: str


@dataclass(frozen=True, slots=True)
class Untrusted:
    """A repository's own file whose keys need trust, as it is now.

    `wishes`: those keys with their values, as lines. `asked`: the person has said no to it.
    """

    path: Path
    digest: str
    wishes: tuple[str, ...]
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force. `warnings`: sentences about keys that were not used, and why.

    `providers`: (origin, the tables of `[providers]`) of each layer. `untrusted`: what the
    repository's own file would set if it were trusted."""

    found: Mapping[str, Found]
    warnings: tuple[str, ...] = ()
    providers: tuple[tuple[str, Mapping[str, object]], ...] = ()
    untrusted: Untrusted | None = None

    @property
    def flags(self) -> Mapping[str, Value]:
        """What the flags have said."""
        return {key: one.value for key, one in self.found.items() if one.origin[:2] == "--"}

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
    made = _Layers({s.key: Found(s.default, "built in") for s in SETTINGS})
    made.add_own(config_dir() / USER_FILE)
    if root is not None:
        made.add_repository(root / REPOSITORY_FILE)
    for setting in SETTINGS:
        if environment.get(setting.variable):
            value = _parse(setting, environment[setting.variable], f"${setting.variable}")
            made.found[setting.key] = Found(value, f"${setting.variable}")
    for key, given in (flags or {}).items():
        if given is not None:
            made.found[key] = Found(_checked(_BY_KEY[key], given, _flag(key)), _flag(key))
    return Config(made.found, tuple(made.warnings), tuple(made.providers), made.untrusted)


def _flag(key: str) -> str:
    return "--" + key.replace("_", "-")


@dataclass(slots=True)
class _Layers:
    """What the layers up to now come to."""

    found: dict[str, Found]
    warnings: list[str] = field(default_factory=list)
    providers: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    untrusted: Untrusted | None = None

    def add_own(self, path: Path) -> None:
        """The user's file; what is wrong in it is an error."""
        if not os.path.lexists(path):
            return
        values = flat(_parsed(path, _read(path)))
        self._add_providers(path, values)
        for key, value in values.items():
            if key not in _BY_KEY:
                self.warnings.append(f"{path}: unknown key {_shown(key)} was left out")
            else:
                self._take(path, key, value)

    def add_repository(self, path: Path) -> None:
        """The repository's own file; what is wrong in it is left out."""
        if not os.path.lexists(path):
            return
        try:
            data = _read(path)
            values = flat(_parsed(path, data))
        except UsageError as error:
            self.warnings.append(f"{error.title}; it was left out")
            return
        risky = tuple(key for key in values if _needs_trust(key))
        verdict = verdict_on(path, data) if risky else Verdict("", "trusted")
        trusted = verdict.says == "trusted"
        if not trusted:
            wishes = tuple(line for key in risky for line in _lines(key, values[key]))
            self.untrusted = Untrusted(path, verdict.digest, wishes, verdict.says == "denied")
        if verdict.says == "denied":
            values = {key: value for key, value in values.items() if key not in risky}
        left_out = self._add_what_may(path, values, trusted)
        self.warnings += left_out[:MOST_WARNINGS]
        if len(left_out) > MOST_WARNINGS:
            more = len(left_out) - MOST_WARNINGS
            self.warnings.append(f"{path}: {more} more keys were left out")

    def _add_what_may(self, path: Path, values: dict[str, object], trusted: bool) -> list[str]:
        left_out: list[str] = []
        if trusted:
            try:
                self._add_providers(path, values)
            except UsageError as error:
                values.pop(PROVIDERS)
                left_out.append(f"{error.title}; it was left out")
        for key, value in values.items():
            if _needs_trust(key) and not trusted:
                why = "because a repository's own file may not set it until you trust it"
                left_out.append(f"{path}: {key} was left out, {why} (spark trust)")
            elif key not in _BY_KEY:
                left_out.append(f"{path}: unknown key {_shown(key)} was left out")
            else:
                try:
                    self._take(path, key, value)
                except UsageError as error:
                    left_out.append(f"{error.title}; it was left out")
        return left_out

    def _take(self, path: Path, key: str, value: object) -> None:
        self.found[key] = Found(_checked(_BY_KEY[key], value, str(path)), str(path))

    def _add_providers(self, path: Path, values: dict[str, object]) -> None:
        if PROVIDERS not in values:
            return
        tables = values[PROVIDERS]
        if not isinstance(tables, dict):
            raise UsageError(f"{path}: providers must be tables; write [providers.NAME]")
        values.pop(PROVIDERS)
        self.providers.append((str(path), tables))


TABLES = {"loop": "loop_", "hooks": "hook_", "guards": "guard_", "verify": "verify_"}


def setting_of(table: str, key: str) -> str:
    """The setting that a key in a table stands for."""
    return key if key in _BY_KEY else TABLES[table] + key


def flat(values: dict[str, object]) -> dict[str, object]:
    """The keys with those of the tables; in [hooks] "written" stands for "hook_written"."""
    found: dict[str, object] = {}
    for name, value in values.items():
        if name not in TABLES or not isinstance(value, dict):
            found[name] = value
            continue
        for key, inner in value.items():
            if isinstance(inner, list) and all(isinstance(one, str) for one in inner):
                inner = "\n".join(inner)
            found[setting_of(name, key)] = inner
    return found


def _lines(key: str, value: object) -> list[str]:
    """A setting as lines, each value whole: nothing may hide at the end of a long one."""
    if isinstance(value, dict):
        return [line for name, inner in value.items() for line in _lines(f"{key}.{name}", inner)]
    return [f"{key} = {value!r}"]


def _needs_trust(key: str) -> bool:
    return key == PROVIDERS or (key in _BY_KEY and _BY_KEY[key].needs_trust)


def _read(path: Path) -> bytes:
    """The text of a settings file; one that is no small regular file is not read."""
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
        return data
    except OSError as error:
        why = (error.strerror or str(error)).lower()
    except ValueError as error:
        why = str(error)
    raise _unreadable(path, why)


def _parsed(path: Path, data: bytes) -> dict[str, object]:
    import tomllib  # most often there is no such file

    try:
        return tomllib.loads(data.decode())
    except RecursionError:
        why = "it is nested too deeply"
    except ValueError as error:
        why = str(error)
    raise _unreadable(path, why)


def _unreadable(path: Path, why: str) -> UsageError:
    title = f"the settings file {path} cannot be read: {why}"
    return UsageError(title, next_step="Mend or remove it.")


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
    if isinstance(value, int | float) and not 0 <= value < float("inf"):
        raise UsageError(f"{origin}: {setting.key} must be 0 or more{_unit(setting)}, not {value}")
    if setting.choices and value not in setting.choices:
        said = f"one of {', '.join(setting.choices)}, not {_shown(value)}"
        raise UsageError(f"{origin}: {setting.key} must be {said}")
    return value


def _unit(setting: Setting) -> str:
    if setting.key == "largest_file":
        return " megabytes"
    return " seconds" if setting.key.endswith("timeout") else ""


_KINDS: Mapping[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."
