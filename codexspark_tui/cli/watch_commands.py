"""`spark watch`: comments that end in spark! or spark? in files that are saved."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from codexspark_tui.actions.edit import here, make_provider, make_setup, open_session
from codexspark_tui.actions.hooks import Hooks, SessionHooks
from codexspark_tui.actions.marks import Mark
from codexspark_tui.actions.oneshot import Outcome, Plan, error_of, not_placed
from codexspark_tui.actions.opening import open_workspace, undo_of
from codexspark_tui.actions.saved_marks import SavedMarks
from codexspark_tui.actions.tally import Tally
from codexspark_tui.actions.turn_run import MakePicker
from codexspark_tui.actions.watching import Watching, Ways
from codexspark_tui.cli import json_face
from codexspark_tui.cli.faces import TurnFace
from codexspark_tui.cli.options import SourceOptions, TurnOptions, option, with_options
from codexspark_tui.cli.output import is_terminal, print_product, say, show_error
from codexspark_tui.cli.run import load_settings, print_patch, warn
from codexspark_tui.cli.terminal import Terminal
from codexspark_tui.config import Config
from codexspark_tui.counts import count
from codexspark_tui.errors import Interrupted, NeedsAnswer, UsageError
from codexspark_tui.events import facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.paths import path_text
from codexspark_tui.events.records import WatchQueued
from codexspark_tui.patch import render
from codexspark_tui.session.session import Session
from codexspark_tui.setting_list import Value
from codexspark_tui.state_dir import ensure, state_dir
from codexspark_tui.workspace.lock import held, owner

SHOWN_TEXT = 80


@dataclass(frozen=True)
class WatchOptions(SourceOptions, TurnOptions):
    apply: Annotated[
        bool, option("--apply", "-a", help="Write the edits instead of asking about each.")
    ] = False

    def flags(self) -> dict[str, Value | None]:
        return super().flags() | self.source_flags()


def watch(options: WatchOptions) -> int:
    """Wait for comments in saved files that end in spark! (an edit) or in spark? (a question).

    An edit is made where the comment stands, and takes the comment away. Each change is reviewed on
    the terminal (-i), or written at once: with --apply all of it, with --approvals auto-edit what
    is placed exactly and breaks no guard. Answers are printed. Comments that were there before are
    left alone until they are changed. Ctrl-C ends it.
    """
    folder = here()
    workspace = open_workspace(folder, no_git=options.no_git)
    with ExitStack() as stack:
        stack.callback(workspace.close)
        stack.enter_context(_only_one(workspace.root))
        config = load_settings(workspace, options)
        warn(config)
        mode = config.text("approvals")
        at_once = mode in ("auto-edit", "auto")
        setup = replace(make_setup(config, folder, workspace), exact_at_once=at_once)
        provider = make_provider(config, folder)
        ways = _ways(options, config, stack, converses=provider.capabilities.converses)
        session = open_session(workspace, provider, setup)
        face = _Face(options.as_json, options.quiet, ways.picker is not None)
        face.undo = undo_of(workspace)
        hooks = SessionHooks(Hooks.of(config), workspace.root, lambda said: say(f"spark: {said}"))
        stack.enter_context(hooks)
        face.about = _About(config, hooks)
        return _watched(session, SavedMarks(workspace), face, ways)


@contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """Two that watch the same tree would both carry a comment out."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:24]
    try:
        path = ensure(state_dir()) / f"watch-{name}.lock"
        other = owner(path)
    except OSError:  # without a state folder nobody can be told of
        yield
        return
    if other is not None:
        by = f" (process {other})" if other else ""
        raise UsageError(
            f"another spark watch looks at this repository already{by}",
            next_step="End it, or go on with that one.",
        )
    with held(path):
        yield


def _watched(session: Session, marks: SavedMarks, face: _Face, ways: Ways) -> int:
    try:
        asyncio.run(_run(session, marks, face, ways))
    except KeyboardInterrupt:
        if face.working:
            raise Interrupted(f"interrupted in the middle of an edit; {face.so_far()}") from None
    say(f"spark: stopped watching; {face.so_far()}")
    if face.as_json:
        json_face.write_result(Outcome(0, "done", accepted=face.written, entry=face.entry))
    return 0


async def _run(session: Session, marks: SavedMarks, face: _Face, ways: Ways) -> None:
    await Watching(session, marks, face, ways).run()


def _ways(options: WatchOptions, config: Config, stack: ExitStack, *, converses: bool) -> Ways:
    """What becomes of edits. Raises `NeedsAnswer` where there is nobody to ask."""
    mode, partial = config.text("approvals"), config.is_on("partial")
    if mode == "read-only":
        return Ways(None, edits=False, converses=converses)
    has_terminal = is_terminal(0) and is_terminal(2) and not options.as_json
    if options.interactive or (has_terminal and not options.apply):
        terminal = stack.enter_context(Terminal.open())
        picker = _picker_maker(terminal, at_once=mode in ("auto-edit", "auto"))
        return Ways(Plan("write", partial), picker, converses=converses)
    if options.apply or mode == "auto":
        return Ways(Plan("write", partial), converses=converses)
    if mode == "auto-edit":
        return Ways(None, converses=converses)
    raise NeedsAnswer(
        "there is no terminal to review the edits on",
        next_step="Use --apply to write them, or --approvals auto-edit.",
    )


def _picker_maker(terminal: Terminal, *, at_once: bool) -> MakePicker:
    from codexspark_tui.cli.hunk_at_once import AtOnce
    from codexspark_tui.cli.hunks import HunkPicker

    return lambda send: HunkPicker(send, terminal, True, at_once=AtOnce(at_once))


@dataclass(frozen=True, slots=True)
class _About:
    config: Config
    hooks: SessionHooks


@dataclass(slots=True)
class _Face(TurnFace):
    """`working`: an edit is being made; `partly`: changes of it that are written already, with
    their names. `written` counts changes, `entry` is the last turn."""

    about: _About | None = None
    answers: bool = False
    working: bool = False
    written: int = 0
    entry: str = ""
    done: int = 0
    partly: dict[str, str] = field(default_factory=dict)

    def show(self, event: Event) -> None:
        TurnFace.show(self, event)
        if isinstance(event, facts.ChangeDecided) and event.state == "written":
            self.partly[event.change] = event.entry
        if self.about is not None and self.about.hooks.hooks:
            self.about.hooks.note(event)
        if self.answers and not self.as_json and isinstance(event, facts.ProseDelta):
            print_product(event.text)

    def began(self, there: list[Mark]) -> None:
        say("spark: watching; save a file with a comment that ends in spark! or spark?")
        if there and not self.quiet:
            places = ", ".join(place_of(mark) for mark in there[:5])
            more = f" and {len(there) - 5} more" if len(there) > 5 else ""
            say(f"spark: there already, so left alone until it is changed: {places}{more}")

    def queued(self, mark: Mark, ahead: int) -> None:
        if self.as_json:
            path = path_text(mark.path)
            text = mark.text.encode("utf-8", "replace").decode()
            json_face.write_line(WatchQueued(path, mark.line, mark.asks, text, ahead))
        elif ahead and not self.quiet:
            say(f"spark: {place_of(mark)} waits ({ahead} before it): {_short(mark.text)}")

    def begins(self, mark: Mark, ahead: int) -> None:
        self.prose, self.answers = "", mark.asks == "answer"
        self.working = not self.answers
        if not self.quiet:
            waits = f" ({ahead} more waiting)" if ahead else ""
            say(f"spark: {place_of(mark)}: {_short(mark.text)}{waits}")

    def gone(self, mark: Mark) -> None:
        if not self.quiet:
            say(f"spark: {place_of(mark)}: the comment is gone, so nothing was done")

    def skipped(self, mark: Mark) -> None:
        say(f"spark: {place_of(mark)}: not edited, as --approvals read-only says")

    def ended(self, mark: Mark, tally: Tally) -> None:
        self.working, self.done, self.partly = False, self.done + 1, {}
        if self.answers and self.prose and not self.as_json and not self.ends_line:
            print_product("\n")
        if tally.failed is not None:
            show_error(error_of(tally.failed))
        elif not self.answers:
            self._tell_edit(tally)
        if tally.written:
            self._after(tally)

    def _tell_edit(self, tally: Tally) -> None:
        if not tally.written:
            wrong = tally.in_state("refused", "ambiguous", "stale", "rejected")
            if wrong and not self.interactive:
                show_error(not_placed(tally, [seen for seen in wrong if seen.why_not] or wrong))
            else:
                say("spark: nothing was written")
            if self.prose.strip() and not wrong and not self.quiet:
                say(self.prose.strip())

    def _after(self, tally: Tally) -> None:
        assert self.about is not None
        changes = tally.in_state("written")
        resolved = tuple(seen.resolved for seen in changes if seen.resolved is not None)
        self.written += len(changes)
        self.entry = tally.entry
        about = self.about
        if not (self.as_json or self.quiet or self.interactive):
            print_patch(render(list(resolved)), about.config)
        if not self.quiet:
            many = count(len(changes), "change")
            entry = tally.entry
            say(f"spark: {many} written as turn {entry}; {self.undo} {entry} takes it back")

    def so_far(self) -> str:
        many = f"{count(self.done, 'comment')} done"
        written = self.written + len(self.partly)
        entry = next(iter(self.partly.values()), "").split(".")[0]
        undo = f"; {self.undo} {entry} takes back what this edit has written" if entry else ""
        return f"{many}, {count(written, 'change')} written{undo}"


def place_of(mark: Mark) -> str:
    return f"{path_text(mark.path)}:{mark.line}"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_TEXT else text[: SHOWN_TEXT - 1] + "…"


COMMANDS = {"watch": with_options(WatchOptions)(watch)}
