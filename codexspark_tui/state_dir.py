"""Where our own files live outside a repository: state, cache and config, by the XDG rules.

True here: asking for a folder makes nothing; `ensure` makes it, for the owner alone, when something
is about to be written. Nothing of ours may be imported here.
"""

from __future__ import annotations

import os
from pathlib import Path

NAME = "spark"
PRIVATE = 0o700


def state_dir() -> Path:
    """Ledgers of repositories that cannot be written to, transcripts, logs."""
    return _folder("XDG_STATE_HOME", ".local/state")


def cache_dir() -> Path:
    """What can be thrown away and made again."""
    return _folder("XDG_CACHE_HOME", ".cache")


def config_dir() -> Path:
    """The user's own settings."""
    return _folder("XDG_CONFIG_HOME", ".config")


def ensure(folder: Path) -> Path:
    """Make `folder` and what is missing above it with mode 0700, and return it.

    What exists keeps its mode. Raises `OSError` where that is not possible.
    """
    missing: list[Path] = []
    here = folder
    while not here.exists() and here != here.parent:
        missing.append(here)
        here = here.parent
    for path in reversed(missing):
        path.mkdir(mode=PRIVATE, exist_ok=True)
    return folder


def _folder(variable: str, below_home: str) -> Path:
    """XDG says that a relative value is to be ignored."""
    value = os.environ.get(variable, "")
    if value and Path(value).is_absolute():
        return Path(value) / NAME
    return _home() / below_home / NAME


def _home() -> Path:
    """HOME, else what the system knows of this user; "/" where there is neither."""
    try:
        home = Path(os.environ["HOME"]) if "HOME" in os.environ else Path("~").expanduser()
    except RuntimeError:
        return Path("/")
    return home if home.is_absolute() else Path("/")
