"""Trust in a repository's own settings and commands: what they are, to say yes or no, to take it
back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui import allowed, trust
from codexspark_tui.actions.own_commands import FOLDER, OwnCommand
from codexspark_tui.config import REPOSITORY_FILE, Config, load
from codexspark_tui.errors import UsageError, WriteFailed


@dataclass(frozen=True, slots=True)
class Trusted:
    """A file that something was said of. `changed`: it has another content now, or is gone."""

    path: Path
    trusted: bool
    changed: bool


def every() -> list[Trusted]:
    """All files that something was said of."""
    made = []
    for known in trust.listed():
        path = Path(known.path)
        try:
            changed = trust.digest_of(path.read_bytes()) != known.digest
        except OSError:
            changed = True
        made.append(Trusted(path, known.trusted, changed))
    return made


def decide(config: Config, *, trusted: bool) -> None:
    """Keep what the person says of the file that `config` found not to be trusted."""
    if config.untrusted is not None:
        try:
            trust.remember(config.untrusted.path, config.untrusted.digest, trusted=trusted)
        except OSError as error:
            raise _not_kept(error) from error


def trust_command(command: OwnCommand) -> None:
    """The person says yes to a command of the repository's, as it is now."""
    if command.path is not None:
        try:
            trust.remember(command.path, command.digest, trusted=True)
        except OSError as error:
            raise _not_kept(error) from error


def revoke(root: Path) -> bool:
    """Take back what was said of this repository's files; False where nothing was."""
    own = [trust.name_of(root / REPOSITORY_FILE), trust.name_of(root / FOLDER) + os.sep]
    try:
        known = [k.path for k in trust.listed() if k.path == own[0] or k.path.startswith(own[1])]
        return sum(trust.forget(Path(path)) for path in known) > 0
    except OSError as error:
        raise _not_kept(error) from error


def revoke_commands(root: Path) -> int:
    """Take back the commands that were always allowed here; how many beginnings that were."""
    try:
        return allowed.revoke(root)
    except OSError as error:
        raise _not_kept(error) from error


def wishes(root: Path, config: Config, commands: Sequence[OwnCommand] = ()) -> list[str]:
    """What the file would set, a line for each key. Raises `UsageError` where there is no file and
    no command either."""
    path = root / REPOSITORY_FILE
    if not os.path.lexists(path) and not commands:
        raise UsageError(
            f"this repository has no settings or commands of its own ({REPOSITORY_FILE})",
            next_step="There is nothing to trust.",
        )
    if config.untrusted is None:
        return []
    return list(config.untrusted.wishes)


def settings_of(root: Path) -> Config:
    """The settings in force in a repository."""
    return load(root)


def _not_kept(error: OSError) -> WriteFailed:
    return WriteFailed(
        f"what you said cannot be kept: {(error.strerror or str(error)).lower()}",
        next_step="Set XDG_STATE_HOME to a folder that can be written.",
    )
