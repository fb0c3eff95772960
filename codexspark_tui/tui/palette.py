"""What the palette finds beside actions: own commands, changes, files, themes, models, sessions,
checkpoints. Nothing of it is markup: names and prompts may hold anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import Input

from codexspark_tui.errors import SparkError
from codexspark_tui.tui.model.cells import clean
from codexspark_tui.tui.model.completion import as_written
from codexspark_tui.tui.model.pasted import Entry
from codexspark_tui.tui.model.words import badge_of, place_of
from codexspark_tui.tui.screens.base import ReviewingScreen
from codexspark_tui.tui.screens.session import SessionScreen

if TYPE_CHECKING:
    from codexspark_tui.tui.app import SparkApp

PRINTED = r"[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*"
MOST = 2000
MOST_FILES = 30


class Palette(CommandPalette):
    """Nothing blinks in it, and nothing that is pasted into it is a control sequence."""

    def on_mount(self) -> None:
        for line in self.query(Input):
            line.cursor_blink = False
            line.restrict = PRINTED


class Things(Provider):
    """Of the screen that is below the palette."""

    async def startup(self) -> None:
        """What takes long to list is listed once."""
        app: SparkApp = self.app  # type: ignore[assignment]  # the only one that has this palette
        self._kept = await asyncio.to_thread(app.kept_sessions)

    async def discover(self) -> Hits:
        for text, help, act in (*self._own(), *self._changes()):
            yield DiscoveryHit(Content(text), act, text=text, help=_literal(help))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        found = (*self._own(), *self._changes(), *self._others(), *self._files(query))
        for text, help, act in found:
            score, marked = matcher.fuzzy_search.match(query, text)
            if score > 0:
                shown = Content(text)
                for at in marked:
                    shown = shown.stylize(matcher.match_style, at, at + 1)
                yield Hit(score, shown, act, text=text, help=_literal(help))

    def _own(self) -> Iterator[tuple[str, str, partial[None]]]:
        """The person's own commands, and those of a repository that they trust."""
        screen = self.screen
        if isinstance(screen, SessionScreen):
            for name, command in screen.own.commands.items():
                yield f"/{name}", clean(command.about), partial(_begin, screen, f"/{name} ")

    def _files(self, query: str) -> Iterator[tuple[str, str, partial[None]]]:
        """Those of the repository, to be named in the prompt."""
        screen = self.screen
        if isinstance(screen, SessionScreen):
            for path in screen.prompt.files.find(query.removeprefix("@").strip(), MOST_FILES):
                help = "Name this file in the prompt."
                yield f"@{clean(path)}", help, partial(_begin, screen, f"@{as_written(path)} ")

    def _changes(self) -> Iterator[tuple[str, str, partial[None]]]:
        screen = self.screen
        if not isinstance(screen, ReviewingScreen):
            return
        seen: set[str] = set()
        for item in screen.pane.rows.order()[-MOST:]:
            path = clean(item.path)
            go = partial(screen.pane.go_to, item)
            if path not in seen:
                seen.add(path)
                yield f"file {path}", "Go to the first change of this file.", go
            yield f"{path} {place_of(item)}", badge_of(item).word, go

    def _others(self) -> Iterator[tuple[str, str, partial[None]]]:
        screen = self.screen
        if not isinstance(screen, ReviewingScreen):
            return
        app: SparkApp = self.app  # type: ignore[assignment]  # the only one that has this palette
        for name, theme in app.themes.loaded.themes.items():
            act = partial(screen.act, "theme", name)
            yield f"theme {clean(theme.title)}", clean(theme.description), act
        for turn, prompt in screen.pane.board.prompts.items():
            first = clean(prompt.split("\n")[0])
            entries = {
                i.entry.partition(".")[0] for i in screen.pane.board.of_turn(turn) if i.entry
            }
            for entry in entries:
                act = partial(screen.act, "undo", entry)
                yield f"checkpoint {entry}: {first}", "Take this whole turn back.", act
        for name in _models(app):
            yield f"model {clean(name)}", "Answers from now on.", partial(screen.act, "model", name)
        for kept in self._kept:
            first = clean(kept.prompts[0].split("\n")[0])
            act = partial(screen.act, "sessions", kept.id)
            yield f"session {first}", "Leave this one, and go on with that.", act


def _models(app: SparkApp) -> tuple[str, ...]:
    """None where the settings of servers are wrong, which /model tells."""
    try:
        return app.models()
    except SparkError:
        return ()


def _literal(text: str) -> str:
    """For what takes a text as markup: every character stands for itself."""
    return text.replace("[", "\\[")


def _begin(screen: SessionScreen, text: str) -> None:
    """Put it into the prompt, to be gone on with; what was typed follows it."""
    screen.back(Entry(text))
    screen.set_focus(screen.prompt)
