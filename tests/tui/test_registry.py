"""One list of actions feeds keys, key bar, palette, help, commands and the page of the docs."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from codexspark_tui.tui.action import Action, When
from codexspark_tui.tui.actions_list import ACTIONS
from codexspark_tui.tui.registry import (
    SECTIONS,
    actions_of,
    bar_of,
    parse_command,
    shown_keys,
)
from codexspark_tui.tui.review_pane import ReviewPane
from codexspark_tui.tui.screens.base import ReviewingScreen
from codexspark_tui.tui.screens.help import COMMANDS, KEYS, help_text
from codexspark_tui.tui.screens.session import SessionScreen
from codexspark_tui.tui.widgets.prompt import Prompt
from tests.support.repo import Repo
from tests.tui.conftest import TWO, opened

EVERY: tuple[When, ...] = ("streaming", "changes")
DOCS = Path(__file__).parents[2] / "docs"


def bound(owner: type) -> set[tuple[str, str]]:
    """(key, action) of the bindings that a class declares itself."""
    found = set()
    for binding in owner.__dict__["BINDINGS"]:
        for key in binding.key.split(","):
            if binding.action.startswith("act(") and not key.startswith("none_"):
                found.add((key, binding.action.split("'")[1]))
    return found


def test_every_key_of_the_list_is_bound_where_it_belongs_and_no_other() -> None:
    owners = {"review": ReviewPane, "prompt": Prompt, "app": ReviewingScreen}
    for where, owner in owners.items():
        actions = [a for a in ACTIONS if a.where == where and a.name not in ("older", "newer")]
        assert bound(owner) == {(key, a.name) for a in actions for key in a.keys}


def test_no_key_has_two_meanings_in_one_place() -> None:
    for where in ("review", "prompt"):
        keys = [k for a in ACTIONS if a.where in (where, "app") for k in a.keys]
        if where == "prompt":
            keys = [k for k in keys if len(k) > 1]
        assert sorted(keys) == sorted(set(keys))


def test_the_page_of_the_docs_is_what_the_list_says() -> None:
    written = runpy.run_path(str(DOCS / "write_keys.py"))["page"]()
    assert (DOCS / "keys.md").read_text("utf-8") == written, "run: python docs/write_keys.py"


def test_help_names_every_action() -> None:
    said = help_text(400).plain
    for action in ACTIONS:
        assert action.command in said
        assert shown_keys(action) in said
        assert action.help in said
    assert [title for title in SECTIONS.values() if title not in said] == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.name)
def test_every_action_has_a_command(action: object) -> None:
    assert isinstance(action, Action)
    assert parse_command(f"{action.command} some words") == (action, "some words")


def test_the_beginning_of_a_command_is_enough_where_it_is_the_only_one() -> None:
    found = [parse_command(text) for text in ("/th", "/re", "/nothing", "/")]
    assert [f and f[0].name for f in found] == ["theme", None, None, None]


def test_the_key_bar_offers_only_what_types_nothing_in_the_prompt() -> None:
    assert all(len(key) > 1 or key in "↑↓" for key, _ in bar_of("prompt", EVERY))
    assert {a.name for _, a in bar_of("review", EVERY)} <= {
        a.name for a in [*actions_of("review"), *actions_of("app")]
    }


async def test_every_action_can_be_called_by_name_at_any_time(shop: Repo) -> None:
    """On an empty screen, and with changes: nothing fails, whatever the moment."""
    for answers in ((), (TWO,)):
        async with opened(shop, *answers) as run:
            if answers:
                await run.send("go")
                await run.until(lambda: run.rested)
            for action in ACTIONS:
                if action.name in ("leave", "clear", "send") or action.where == "prompt":
                    continue
                run.screen.act(action.name, "")
                await run.pilot.pause()
                while run.app.screen is not run.screen:
                    await run.press("escape")
            assert run.app.crash is None


def test_the_session_screen_adds_no_binding_of_its_own() -> None:
    assert "BINDINGS" not in SessionScreen.__dict__


@pytest.mark.parametrize("width", [52, 71, 90])
def test_no_row_of_the_help_screen_is_wider_than_the_screen(width: int) -> None:
    rows = help_text(width).plain.split("\n")
    assert [row for row in rows if len(row) > width] == []


def test_what_an_action_does_begins_in_one_column_of_the_help_screen() -> None:
    rows = help_text(71).plain.split("\n")
    for action in ACTIONS:
        begins = next(row for row in rows if f" {action.command} " in row)
        assert begins.index(action.help.split()[0], KEYS + COMMANDS) == KEYS + COMMANDS
