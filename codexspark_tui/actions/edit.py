"""Wire a session from the settings, and run one turn in it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from codexspark_tui.actions.codemod_tool import CodemodTool
from codexspark_tui.actions.kept_outputs import KeptOutputs
from codexspark_tui.actions.models import ConfiguredModels, limits_of
from codexspark_tui.actions.oneshot import Face, Outcome, Picker, Plan, run_turn
from codexspark_tui.config import Config
from codexspark_tui.errors import SparkError, UsageError
from codexspark_tui.events import commands
from codexspark_tui.events.paths import path_text
from codexspark_tui.patch import TextFile, decode
from codexspark_tui.patch.encodings import encoding_in_patch
from codexspark_tui.patch.model import Resolved, ResolvedDelete, ResolvedHunk, ResolvedRename
from codexspark_tui.providers.model import Provider
from codexspark_tui.session.approvals import Mode
from codexspark_tui.session.guards import Rules
from codexspark_tui.session.models import Setup
from codexspark_tui.session.session import Session
from codexspark_tui.session.transcript import Transcript
from codexspark_tui.state_dir import state_dir
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:  # thirty classes that a prompt has no use for
    from codexspark_tui.codemods.model import Request as CodemodRequest


@dataclass(frozen=True, slots=True)
class EditRequest:
    """What to do. `files` are relative to the root; `ready`: a codemod instead of a prompt.

    `of_patch`: the answer is somebody's patch. `unkept`: leave no transcript in the state folder.
    `setup`: the other models, the limits and the guards, `--system`. `asks`: a question; nothing is
    to change.
    """

    prompt: str
    files: tuple[str, ...] = ()
    attached: str = ""
    ready: CodemodRequest | None = None
    of_patch: bool = False
    unkept: bool = False
    setup: Setup | None = None
    asks: bool = False


MakePicker = Callable[[Callable[[commands.Command], None]], Picker]


def make_provider(config: Config, folder: Path, ready: CodemodRequest | None = None) -> Provider:
    """The provider that the settings name, and a recorder around it if they want one.

    A ready codemod request is the codemods' own. Raises `UsageError` and `KeyMissing`.
    """
    made = _bare_provider(config, folder, ready)
    if not config.text("record"):
        return made
    from codexspark_tui.actions.recordings import recorded

    return recorded(config, folder, made)


def _bare_provider(config: Config, folder: Path, ready: CodemodRequest | None) -> Provider:
    """The same without a recorder."""
    if ready is not None:
        from codexspark_tui.actions.codemod_provider import CodemodProvider

        timeout_s = config.number("codemod_timeout")
        use_index = config.text("index") == "on"
        return CodemodProvider(
            folder, ready, timeout_s, config.is_on("mentions"), use_index=use_index
        )
    models = ConfiguredModels(config, folder)
    return models.open(models.chosen())


def make_setup(config: Config, folder: Path, workspace: Workspace | None = None) -> Setup:
    """What a session is given beside its provider: models, limits, guards, tools, the index."""
    keeper = None
    if workspace is not None and config.text("index") == "on":
        from codexspark_tui.index.keeper import Keeper

        keeper = Keeper(workspace.root)
    return Setup(
        ConfiguredModels(config, folder),
        limits_of(config),
        rules_of(config),
        mode=cast(Mode, config.text("approvals")),
        tools=config.is_on("tools"),
        network=config.is_on("run_network"),
        run_timeout_s=config.number("run_timeout") or None,
        codemod=CodemodTool(config.number("codemod_timeout")),
        keep_output=KeptOutputs(),
        keeper=keeper,
        system=config.text("system"),
        heavy=config.text("loop_heavy"),
    )


def rules_of(config: Config) -> Rules:
    """The guards that the settings turn on."""
    return Rules(
        only=tuple(place for place in config.text("only").split("\n") if place),
        no_new_deps=config.is_on("no_new_deps"),
        keep_api=config.is_on("keep_api"),
        max_lines=int(config.number("max_lines")),
        no_delete=config.is_on("no_delete"),
        no_tests_changed=config.is_on("no_tests_changed"),
        syntax=config.is_on("syntax"),
        secrets=config.is_on("guard_secrets"),
        conflict_markers=config.is_on("guard_conflict_markers"),
        control_characters=config.is_on("guard_control_characters"),
    )


def open_session(
    workspace: Workspace, provider: Provider, setup: Setup | None = None, *, kept: bool = True
) -> Session:
    """A session with a new id, and if `kept` with a transcript in the state folder."""
    id = time.strftime("%Y%m%dT%H%M%SZ-", time.gmtime()) + os.urandom(4).hex()
    transcript = Transcript.open(state_dir() / "sessions", id) if kept else None
    return Session(id, workspace, provider, transcript, setup)


def resumed_session(
    workspace: Workspace, provider: Provider, setup: Setup | None, id: str
) -> Session:
    """A kept session of this repository, gone on with. Raises `UsageError`."""
    from codexspark_tui.actions.sessions import past_events, session_named
    from codexspark_tui.session.resume import Past

    kept = session_named(workspace.root, id)
    transcript = Transcript.open(state_dir() / "sessions", kept.id, again=True)
    past = Past.of(past_events(kept.path))
    return Session(kept.id, workspace, provider, transcript, setup, past)


async def run_edit(
    workspace: Workspace,
    provider: Provider,
    request: EditRequest,
    plan: Plan,
    face: Face,
    make_picker: MakePicker | None = None,
) -> Outcome:
    """Run the request as one turn; the workspace stays open."""
    session = open_session(workspace, provider, request.setup, kept=not request.unkept)
    picker = make_picker(session.send) if make_picker else None
    files = tuple(path_text(path) for path in request.files)
    prompt = commands.Prompt(request.prompt, files, request.attached, request.asks)
    outcome = await run_turn(session, prompt, plan, face, picker)
    return replace(outcome, encodings=_encodings(workspace, outcome.resolved))


def _encodings(workspace: Workspace, changes: Sequence[Resolved]) -> dict[str, str]:
    """The encodings of the files whose lines a patch cannot hold as UTF-8."""
    found: dict[str, str] = {}
    came_from = {change.to: change.path for change in changes if isinstance(change, ResolvedRename)}
    for change in changes:
        if isinstance(change, ResolvedHunk | ResolvedDelete) and change.path not in found:
            marked = isinstance(change, ResolvedDelete) or change.old_start <= 1
            if not marked and all(line.text.isascii() for line in change.lines):
                continue
            try:
                state = workspace.read(change.path)
                if state.kind == "missing":
                    state = workspace.read(came_from.get(change.path, change.path))
            except SparkError:
                continue
            text = decode(state.data)
            found[change.path] = encoding_in_patch(text) if isinstance(text, TextFile) else "utf-8"
    return found


def here() -> Path:
    """The current folder; raises `UsageError` when it has been deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise UsageError(
            "the current folder does not exist any more", next_step="Go to another folder."
        ) from None
