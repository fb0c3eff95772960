"""The person's own settings file, changed one key at a time; what else is in it stays as it is.

A key is changed where it stands, be that in a table (`[loop] heavy`) or before the first one. What
is about to be written is read as a check: it says the same as before but for that key.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

from codexspark_tui import config
from codexspark_tui.config import TABLES, USER_FILE, flat, setting_of
from codexspark_tui.errors import UsageError
from codexspark_tui.setting_list import SETTINGS, Setting, Value
from codexspark_tui.state_dir import config_dir, ensure

Table: TypeAlias = MutableMapping[str, Any]
_BY_KEY = {setting.key: setting for setting in SETTINGS}


def write_setting(key: str, said: str) -> Path:
    """Set `key` in the settings file to what the person typed; "" takes it out. The file.

    Raises `UsageError` for a value that it cannot have, and where the file cannot be written.
    """
    value = _value(_BY_KEY[key], said)
    path = config_dir() / USER_FILE
    try:
        before = path.read_bytes().decode() if path.exists() else ""
        _replace(Path(os.path.realpath(path)), with_setting(before, key, value).encode())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be written: {error}") from None
    return path


def said_of_written(key: str, path: Path, root: Path | None) -> str:
    """What a person is told then: also where something else is what counts."""
    found = config.load(root).found[key]
    if stronger := overruled(key, path, root):
        return f"Written to {path}; {stronger}"
    if found.origin == "built in":
        return f"{key} is as it is built in again: {found.value!r}, from the next start."
    return f"Written to {path}; it counts from the next start."


def overruled(key: str, path: Path, root: Path | None) -> str:
    """What counts more than the person's own file says; "" if nothing does."""
    found = config.load(root).found[key]
    if found.origin in (str(path), "built in"):
        return ""
    return f"but what {found.origin} says counts: {found.value!r}"


def _value(setting: Setting, said: str) -> Value | None:
    if not said:
        config.load(environment={})  # raises what is wrong with the file
        return None
    try:
        found = config.load(environment={setting.variable: said}).found[setting.key]
    except UsageError as error:
        title = error.title.removeprefix(f"${setting.variable}: ")
        raise UsageError(title, next_step=error.next_step) from None
    return found.value


def with_setting(text: str, key: str, value: Value | None) -> str:
    """The file with the key where it stands now, or else where it belongs; None: without it.

    Raises `UsageError` where that would change anything else.
    """
    import tomlkit

    document = tomlkit.parse(text)
    places = list(_places(document, key))
    if value is None:
        for table, name in places:
            del table[name]
    else:
        table, name = places[-1] if places else _new_place(document, key)
        table[name] = _as_it_was(table.get(name), value)
    changed = tomlkit.dumps(document)
    wanted = {name: said for name, said in flat(tomllib.loads(text)).items() if name != key}
    if value is not None:
        wanted[key] = value
    if flat(tomllib.loads(changed)) != wanted:
        raise UsageError(
            f"{key} stands in your settings file in a way that is not changed from here",
            next_step=f"Change it in {config_dir() / USER_FILE}.",
        )
    return changed


def _places(document: Table, key: str) -> Iterator[tuple[Table, str]]:
    """Where the key stands; the last of them counts."""
    for name, inner in document.items():
        if name in TABLES and isinstance(inner, MutableMapping):
            for word in inner:
                if setting_of(name, word) == key:
                    yield inner, word
        elif name == key:
            yield document, name


def _new_place(document: Table, key: str) -> tuple[Table, str]:
    for name, prefix in TABLES.items():
        inner = document.get(name)
        if key.startswith(prefix) and isinstance(inner, MutableMapping):
            return inner, key.removeprefix(prefix)
    return document, key


def _as_it_was(before: object, value: Value) -> object:
    """Several lines are a list where they were one."""
    if not isinstance(before, list):
        return value
    import tomlkit

    made = tomlkit.array()
    made.extend(str(value).split("\n"))
    return made.multiline(len(made) > 1)


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all; a link to the file stays one, and its mode stays."""
    ensure(path.parent)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
