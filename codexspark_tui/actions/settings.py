"""The person's own settings file, changed one key at a time; what else is in it stays as it is."""

from __future__ import annotations

import os
import re
from pathlib import Path

from codexspark_tui import config
from codexspark_tui.config import USER_FILE
from codexspark_tui.errors import UsageError
from codexspark_tui.setting_list import SETTINGS, Setting
from codexspark_tui.state_dir import config_dir, ensure


def write_setting(key: str, said: str) -> Path:
    """Set `key` in the settings file to what the person typed; the file.

    Raises `UsageError` for a value that it cannot have, and where the file cannot be written.
    """
    setting = next(s for s in SETTINGS if s.key == key)
    config.load(environment={setting.variable: said} if said else {})  # raises what is wrong
    path = config_dir() / USER_FILE
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        ensure(path.parent)
        beside = path.with_suffix(f".{os.getpid()}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
            file.write(with_setting(before, key, _toml(setting, said)).encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be written: {error}") from None
    return path


def with_setting(text: str, key: str, value: str) -> str:
    """The file with `key = value` where it stands now, or before the first table."""
    lines = text.splitlines(keepends=True)
    first_table = next((n for n, x in enumerate(lines) if x.lstrip().startswith("[")), len(lines))
    line = f"{key} = {value}\n"
    for number in range(first_table):
        if re.match(rf"\s*{re.escape(key)}\s*=", lines[number]):
            lines[number] = line
            return "".join(lines)
    if first_table and not lines[first_table - 1].endswith("\n"):
        lines[first_table - 1] += "\n"
    return "".join([*lines[:first_table], line, *lines[first_table:]])


def _toml(setting: Setting, said: str) -> str:
    if isinstance(setting.default, bool):
        return "true" if said.lower() in ("1", "true", "yes", "on") else "false"
    if isinstance(setting.default, int | float):
        return said or str(setting.default)
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped)
    return f'"{shown}"'
