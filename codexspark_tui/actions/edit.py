"""Wire a session from the settings, and run one turn in it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codexspark_tui.actions.oneshot import Face, Outcome, Picker, Plan, run_turn
from codexspark_tui.config import Config
from codexspark_tui.errors import UsageError
from codexspark_tui.events import commands
from codexspark_tui.events.paths import path_text
from codexspark_tui.providers.model import Provider
from codexspark_tui.session.guards import Rules
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
    `rules`: what is checked of each change.
    """

    prompt: str
    files: tuple[str, ...] = ()
    attached: str = ""
    ready: CodemodRequest | None = None
    of_patch: bool = False
    unkept: bool = False
    rules: Rules | None = None


MakePicker = Callable[[Callable[[commands.Command], None]], Picker]


def make_provider(config: Config, folder: Path, ready: CodemodRequest | None = None) -> Provider:
    """The provider that the settings name; a ready codemod request is the codemods' own."""
    name = config.text("provider")
    if ready is not None or name == "codemods":
        from codexspark_tui.actions.codemod_provider import CodemodProvider

        timeout_s = config.number("codemod_timeout")
        return CodemodProvider(folder, ready, timeout_s, config.is_on("mentions"))
    from codexspark_tui.providers.scripted import load_script

    if not config.text("script"):
        raise UsageError(
            "the provider named script needs a script", next_step="Name one with --script FILE."
        )
    return load_script(folder / config.text("script"))


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
    workspace: Workspace, provider: Provider, rules: Rules | None = None, *, kept: bool = True
) -> Session:
    """A session with a new id, and if `kept` with a transcript in the state folder."""
    id = time.strftime("%Y%m%dT%H%M%SZ-", time.gmtime()) + os.urandom(4).hex()
    transcript = Transcript.open(state_dir() / "sessions", id) if kept else None
    return Session(id, workspace, provider, transcript, rules)


async def run_edit(
    workspace: Workspace,
    provider: Provider,
    request: EditRequest,
    plan: Plan,
    face: Face,
    make_picker: MakePicker | None = None,
) -> Outcome:
    """Run the request as one turn; the workspace stays open."""
    session = open_session(workspace, provider, request.rules, kept=not request.unkept)
    picker = make_picker(session.send) if make_picker else None
    files = tuple(path_text(path) for path in request.files)
    prompt = commands.Prompt(request.prompt, files, request.attached)
    return await run_turn(session, prompt, plan, face, picker)


def here() -> Path:
    """The current folder; raises `UsageError` when it has been deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise UsageError(
            "the current folder does not exist any more", next_step="Go to another folder."
        ) from None
