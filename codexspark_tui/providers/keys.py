"""Where the key of a server comes from: a command, the environment, the keyring, a private file.

True here: a key is never in an argument list, an error, a log or the repr of a value of ours; a
command that prints one runs without a shell, with nothing on its stdin and a time limit, and what
it says on stderr is not repeated. The file is readable by its owner only, and one that others can
read is not used. The `keyring` library is optional and imported only when it is asked; the file
notes which keys it holds, so that nobody is asked to unlock it for nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codexspark_tui.errors import KeyMissing, UsageError
from codexspark_tui.state_dir import config_dir, ensure

SERVICE = "codexspark"
FILE = "keys.json"
COMMAND_TIMEOUT_S = 30.0
LONGEST = 16 * 1024
IN_KEYRING = "@keyring"  # stands in the file for a key that the keyring holds


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it was found ("$OPENAI_API_KEY", "keyring" …)."""

    value: str = field(repr=False)
    origin: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look for the key of the server `name`; `command` is asked before all others.

    Not `always`: the keyring is asked only if it is noted to hold the key.
    """

    name: str
    variable: str = ""
    command: tuple[str, ...] = field(default=(), repr=False)
    always: bool = True


def find_key(places: Places, environment: Mapping[str, str] | None = None) -> Key | None:
    """The first key that there is. Raises `KeyMissing` when the command fails, `UsageError` for a
    key that cannot be sent."""
    environment = os.environ if environment is None else environment
    if places.command:
        return Key(_checked(_of_command(places.command), "the key command"), "key_command")
    if places.variable and environment.get(places.variable, "").strip():
        variable = f"${places.variable}"
        return Key(_checked(environment[places.variable], variable), variable)
    kept = _of_file().get(places.name, "")
    if places.always or kept == IN_KEYRING:
        held = _of_keyring(places.name)
        if held:
            return Key(_checked(held, "the keyring"), "keyring")
    if kept in ("", IN_KEYRING):
        return None
    return Key(_checked(kept, str(key_file())), str(key_file()))


def has_key(places: Places, environment: Mapping[str, str] | None = None) -> str:
    """Where a key would come from, "" for nowhere. Runs no command and asks no keyring that could
    ask the person something."""
    environment = os.environ if environment is None else environment
    if places.command:
        return "key_command"
    if places.variable and environment.get(places.variable, "").strip():
        return f"${places.variable}"
    kept = _of_file().get(places.name, "")
    return "keyring" if kept == IN_KEYRING else "file" if kept else ""


def save_key(name: str, value: str) -> str:
    """Keep a key in the keyring, else in the file; tells where."""
    if not value.strip():
        raise KeyMissing("no key was given: it is empty", next_step="Type it, or pipe it in.")
    value = _checked(value, "what was given")
    if _into_keyring(name, value):
        _write(_of_file() | {name: IN_KEYRING})
        return "the system keyring"
    _write(_of_file() | {name: value})
    return str(key_file())


def forget_key(name: str) -> list[str]:
    """Remove the key from keyring and file; the places where there was one."""
    gone = ["the system keyring"] if _out_of_keyring(name) else []
    kept = _of_file()
    if name in kept:
        _write({k: v for k, v in kept.items() if k != name})
        if kept[name] != IN_KEYRING:
            gone.append(str(key_file()))
    return gone


def key_file() -> Path:
    return config_dir() / FILE


def _checked(value: str, where: str) -> str:
    """A key as it can stand in a header. The errors do not repeat it."""
    value = value.strip()
    if not value:
        raise KeyMissing(f"{where} holds no key: it is empty", next_step="Put a key there.")
    if not value.isascii() or not value.isprintable() or " " in value or len(value) > LONGEST:
        raise UsageError(
            f"{where} holds no key: it has blanks, line ends or other characters that cannot be "
            "sent",
            next_step="Copy the key again.",
        )
    return value


# -- a command -------------------------------------------------------------------------------------


def _of_command(command: Sequence[str]) -> str:
    import subprocess

    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed(command, f"it did not end within {COMMAND_TIMEOUT_S:g} s") from None
    except OSError as error:
        raise _failed(command, (error.strerror or "it cannot be run").lower()) from None
    if done.returncode != 0:
        raise _failed(command, f"it ended with exit code {done.returncode}")
    return done.stdout[: LONGEST + 2].decode("utf-8", "replace")


def _failed(command: Sequence[str], why: str) -> KeyMissing:
    """Only the program is named: its arguments may be secret."""
    return KeyMissing(
        f"the key command {os.path.basename(command[0])} gave no key: {why}",  # noqa: PTH119 - no path of ours
        next_step="Run it by hand to see what it says.",
    )


# -- the keyring -----------------------------------------------------------------------------------


def _keyring() -> Any:
    """The library with a backend that keeps things, or None."""
    try:
        import keyring
        from keyring.backends import fail
    except ImportError:
        return None
    try:
        return None if isinstance(keyring.get_keyring(), fail.Keyring) else keyring
    except _trouble():
        return None


def _trouble() -> tuple[type[Exception], ...]:
    """What a keyring and its backends raise when they cannot be used."""
    from keyring.errors import KeyringError

    return (KeyringError, OSError, RuntimeError, ValueError)


def _of_keyring(name: str) -> str:
    keyring = _keyring()
    if keyring is None:
        return ""
    try:
        return str(keyring.get_password(SERVICE, name) or "")
    except _trouble():
        return ""


def _into_keyring(name: str, value: str) -> bool:
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(SERVICE, name, value)
        return bool(keyring.get_password(SERVICE, name) == value)
    except _trouble():
        return False


def _out_of_keyring(name: str) -> bool:
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        if not keyring.get_password(SERVICE, name):
            return False
        keyring.delete_password(SERVICE, name)
    except _trouble():
        return False
    return True


# -- the file --------------------------------------------------------------------------------------


def _of_file() -> dict[str, str]:
    """The keys in the file. Raises `UsageError` for a file that others can read."""
    import json

    try:
        fd = os.open(key_file(), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return {}
    with os.fdopen(fd, "rb") as file:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077 or found.st_uid != os.geteuid():
            raise UsageError(
                f"the file of keys {key_file()} can be read by others, so it is not used",
                next_step=f"chmod 600 {key_file()}, and think of its keys as known to others.",
            )
        data = file.read(1 << 20)
    try:
        kept = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {str(name): key for name, key in kept.items() if isinstance(key, str)}


def _write(keys: Mapping[str, str]) -> None:
    """Put these keys into the file, for the owner alone. Raises `OSError`."""
    import json

    if not keys and not os.path.lexists(key_file()):
        return
    new = ensure(config_dir()) / f"{FILE}.{os.getpid()}"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(json.dumps(dict(keys), indent=1).encode())
    new.replace(key_file())
