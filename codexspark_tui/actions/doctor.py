"""What works on this machine and what does not, with the next step."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui import __version__
from codexspark_tui.actions.models import ConfiguredModels
from codexspark_tui.codemods.registry import CODEMODS
from codexspark_tui.config import load
from codexspark_tui.errors import SparkError
from codexspark_tui.git import discover, run_git
from codexspark_tui.state_dir import ensure, state_dir
from codexspark_tui.workspace import Workspace

State: TypeAlias = Literal["ok", "note", "problem"]
OLDEST_GIT = (2, 31)
LITTLE_SPACE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. A "note" is no fault; a "problem" is, and `next_step` says what to do."""

    name: str
    state: State
    says: str
    next_step: str = ""


def examine(folder: Path, *, repair: bool = False) -> list[Check]:
    """All checks, for the repository at `folder`; writes nothing but an empty state folder.

    With `repair` what can be mended is mended first.
    """
    parts: tuple[Callable[[], list[Check]], ...] = (
        _python,
        lambda: _git(folder),
        _libraries,
        _sandbox,
        lambda: _workspace(folder, repair),
        _state,
        lambda: _settings(folder),
        _terminal,
    )
    return [check for part in parts for check in part()]


def _python() -> list[Check]:
    version = ".".join(str(n) for n in sys.version_info[:3])
    return [
        Check("spark", "ok", f"{__version__} on Python {version}, SQLite {sqlite3.sqlite_version}")
    ]


def _git(folder: Path) -> list[Check]:
    try:
        said = run_git(["version"], cwd=folder).out.decode(errors="replace").split()
    except SparkError as error:
        return [Check("git", "problem", error.title, error.next_step)]
    numbers = tuple(int(n) for n in said[2].split(".")[:2] if n.isdecimal())
    if numbers < OLDEST_GIT:
        old = f"version {said[2]} is too old"
        return [Check("git", "problem", old, "Install git 2.31 or newer.")]
    return [Check("git", "ok", said[2])]


def _libraries() -> list[Check]:
    checks = []
    for package, library in (("rope", "rope"), ("ruff", "ruff"), ("ast-grep-py", "ast-grep")):
        names = ", ".join(c.name for c in CODEMODS if c.library == library)
        try:
            says = f"{metadata.version(package)} ({names})"
            checks.append(Check(package, "ok", says))
        except metadata.PackageNotFoundError:
            step = "Install codexspark-tui again."
            checks.append(Check(package, "problem", "is not installed", step))
    return checks


def _sandbox() -> list[Check]:
    """What confines a command here; where nothing does, the person is asked before each."""
    from codexspark_tui.sandbox import probe

    found = probe()
    if found.confines:
        return [Check("sandbox", "ok", found.line)]
    step = "Install bubblewrap (bwrap), and allow user namespaces, where there are any."
    if not sys.platform.startswith("linux"):
        step = "Read each command before you allow it, or work in a container."
    return [Check("sandbox", "note", f"{found.line}; so each command asks first", step)]


def _workspace(folder: Path, repair: bool) -> list[Check]:
    try:
        workspace = Workspace.open(folder)
    except SparkError as error:
        return [Check("workspace", "note", error.title, error.next_step)]
    try:
        checks = [Check("workspace", "ok", str(workspace.root))]
        return [*checks, *_ledger(workspace, repair), *_locks(workspace)]
    finally:
        workspace.close()


def _ledger(workspace: Workspace, repair: bool) -> list[Check]:
    """The ledger's state; an interrupted write is brought to its end first."""
    try:
        said = workspace.repair() if repair else workspace.recover()
        health = workspace.health()
    except SparkError as error:
        return [Check("ledger", "problem", error.title, "To mend it: spark doctor --repair")]
    told = [workspace.other_ledger, *said]
    checks = [Check("ledger", "note", sentence) for sentence in told if sentence]
    if health.wrong:
        step = "To mend it: spark doctor --repair"
        return [*checks, Check("ledger", "problem", f"{health.ledger}: {health.wrong}", step)]
    if not health.exists:
        return [*checks, Check("ledger", "ok", "empty: nothing was written here yet")]
    if health.free < LITTLE_SPACE_BYTES:
        says = f"{health.free >> 20} MB are left on its disk"
        checks.append(Check("ledger", "problem", says, "Free some space; spark gc frees a part."))
    size = f"in order: {health.ledger}, {max(1, health.bytes >> 10)} KB"
    return [*checks, Check("ledger", "ok", size)]


def _locks(workspace: Workspace) -> list[Check]:
    """Who holds the workspace, and locks of git, which are never touched."""
    checks: list[Check] = []
    held_by = workspace.health().held_by
    if held_by is not None:
        who = f"process {held_by}" if held_by else "another process"
        checks.append(Check("locks", "note", f"{who} is writing at this moment"))
    repository = workspace.repository
    names = ("index.lock", "HEAD.lock") if repository is not None else ()
    for name in names:
        assert repository is not None
        if (repository.git_dir / name).exists():
            step = "If no git command is running, remove that file; spark never does."
            says = f"{repository.git_dir / name}: a git command is running, or was killed"
            checks.append(Check("locks", "note", says, step))
    return checks or [Check("locks", "ok", "nobody holds the workspace, or git's index")]


def _state() -> list[Check]:
    folder = state_dir()
    try:
        ensure(folder)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        step = "Set XDG_STATE_HOME to a folder that can be written."
        return [Check("state folder", "problem", f"{folder}: {error.strerror}", step)]
    if not os.access(folder, os.W_OK):
        step = "Set XDG_STATE_HOME to a folder that can be written."
        return [Check("state folder", "problem", f"{folder} cannot be written", step)]
    if free < LITTLE_SPACE_BYTES:
        step = "Free some space."
        return [Check("state folder", "problem", f"{free >> 20} MB are left on its disk", step)]
    return [Check("state folder", "ok", str(folder))]


def _settings(folder: Path) -> list[Check]:
    try:
        config = load(_root_of(folder))
    except SparkError as error:
        return [Check("settings", "problem", error.title, error.next_step)]
    if config.warnings:
        return [Check("settings", "note", warning) for warning in config.warnings]
    try:
        provider = ConfiguredModels(config, folder).chosen()
    except SparkError as error:
        return [Check("settings", "problem", error.title, error.next_step)]
    says = f"answers come from: {provider}"
    if provider == "codemods":
        says += " (built in, no key, no network; see spark codemods)"
    return [Check("settings", "ok", says)]


def _root_of(folder: Path) -> Path | None:
    """The root of the repository, whose own settings count; None outside of one."""
    try:
        return discover(folder).root
    except SparkError:
        return None


def _terminal() -> list[Check]:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return [
            Check("terminal", "note", "there is none, so -i and questions are not possible here")
        ]
    return [Check("terminal", "ok", os.environ.get("TERM", "") or "TERM is not set")]
