"""The app without a screen: linear, line by line, for screen readers and simple terminals.

Nothing is drawn and nothing moves: what comes is said once, in order, a change when it is complete
and then asked about, so that the cursor is always at the question. A bell ends each turn. Prompts
belong to one session, as in the app.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from codexspark_tui.actions.edit import make_provider, make_setup, open_session, resumed_session
from codexspark_tui.actions.hooks import Hooks, SessionHooks
from codexspark_tui.actions.own_commands import expanded, own_commands, split_call
from codexspark_tui.cli.plain_talk import Talk
from codexspark_tui.cli.plain_words import PlainWords
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.config import Config
from codexspark_tui.errors import SparkError
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.session.session import Session
from codexspark_tui.tui.registry import BY_COMMAND
from codexspark_tui.workspace import Workspace

BELL = "\a"


def run_plain(workspace: Workspace, config: Config, folder: Path, resume: str = "") -> int:
    """Prompt after prompt, until the person leaves. `resume`: a kept session to go on with."""
    with Terminal.open() as terminal, closing(workspace):
        terminal.write_safely(
            f"spark in {path_text(str(workspace.root))}. /help says what to do.\n"
        )
        tell = partial(_tell, terminal)
        with SessionHooks(Hooks.of(config), workspace.root, tell) as hooks:
            next_one: str | None = resume
            while next_one is not None:
                session = _session(workspace, config, folder, next_one)
                next_one = asyncio.run(_talk(session, workspace, config, terminal, hooks.note))
    return 0


def _tell(terminal: Terminal, said: str) -> None:
    """What goes wrong with a hook; behind the answer to a question that is open."""
    terminal.write_safely(f"spark: {said}\n")


def _session(workspace: Workspace, config: Config, folder: Path, resume: str) -> Session:
    provider = make_provider(config, folder)
    setup = replace(make_setup(config, folder, workspace), exact_at_once=True)
    if resume:
        return resumed_session(workspace, provider, setup, resume)
    return open_session(workspace, provider, setup)


async def _talk(
    session: Session,
    workspace: Workspace,
    config: Config,
    terminal: Terminal,
    note: Callable[[Event], None],
) -> str | None:
    """One session; the id of the one to go on with, if that was asked for."""
    words = PlainWords(terminal, workspace, config)
    at_once = config.text("approvals") in ("auto-edit", "auto")
    async with Talk(session, terminal, words, note, at_once=at_once) as talk:
        words.session.talk = talk
        while not words.leaving:
            line = await terminal.ask("What should change? ")
            if line is None:
                break
            while line.endswith("\\"):
                line = f"{line[:-1]}\n{await terminal.ask('… ') or ''}"
            if line:
                terminal.write_safely(await _told(words, talk, workspace, line))
                terminal.write("" if _is_command(line) else BELL)
    return words.next_session


async def _told(words: PlainWords, talk: Talk, workspace: Workspace, line: str) -> str:
    """What came of it; an error as a sentence with its next step."""
    try:
        own = _own_prompt(workspace, line)
        if own is None and _is_command(line):
            return await words.at_prompt(line)
        words.prompts.append(line)
        if own is None:
            return await talk.turn(line)
        prompt, origin = own
        return f"{line.split()[0]} stands for {origin}\n{await talk.turn(prompt)}"
    except SparkError as error:
        parts = (error.title, error.detail, error.next_step)
        return "".join(f"{part}\n" for part in parts if part)


def _own_prompt(workspace: Workspace, line: str) -> tuple[str, str] | None:
    """What a command of the person's own stands for, and where; ours go before them."""
    call = split_call(line)
    if call is None or f"/{call[0]}" in BY_COMMAND or call[0] not in own_commands(workspace):
        return None
    return expanded(workspace, line)


def _is_command(line: str) -> bool:
    return line.startswith(("/", "!"))
