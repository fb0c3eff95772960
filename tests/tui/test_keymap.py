"""Keys can be chosen, in a file of one's own; what cannot be used is named, and left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from codexspark_tui.tui.actions_list import ACTIONS
from codexspark_tui.tui.keymap import PRESETS, Keymap, key_named, load_keymap
from codexspark_tui.tui.registry import BY_NAME, DEFAULT_KEYS
from tests.support.repo import Repo
from tests.tui.conftest import TWO, opened


def of(text: str, tmp_path: Path) -> Keymap:
    path = tmp_path / "keys.toml"
    path.write_text(text)
    return load_keymap(path=path)


def clashes(keymap: Keymap) -> list[str]:
    found = []
    for where in ("review", "prompt"):
        mine = [a.name for a in ACTIONS if a.where in (where, "app")]
        keys = [k for name in mine for k in keymap.keys[name] if where == "review" or len(k) > 1]
        found += [k for k in set(keys) if keys.count(k) > 1]
    return found


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_known_actions_and_gives_each_key_one_meaning(preset: str) -> None:
    made = load_keymap(preset, Path("/nowhere"))
    assert set(PRESETS[preset]) <= set(BY_NAME)
    assert (made.preset, made.problems, clashes(made)) == (preset, (), [])
    assert made.keys["accept"]
    assert made.keys["reject"]


def test_chosen_keys_go_before_those_that_are_built_in(tmp_path: Path) -> None:
    made = of('preset = "vim"\n[keys]\nwrap = ["y", "?"]\nhelp = "f1"\ncopy = []\n', tmp_path)
    assert made.problems == ()
    assert made.keys["wrap"] == ("y", "question_mark")
    assert "y" not in made.keys["accept"]
    assert made.keys["copy"] == ()
    assert clashes(made) == []


def test_what_cannot_be_used_is_named_with_file_key_and_reason(tmp_path: Path) -> None:
    made = of(
        'preset = "emacs"\nsize = 1\n[keys]\nfly = "x"\naccept = 3\nwrap = "hyper-x"\n'
        'send = "z"\npick = "1"\n',
        tmp_path,
    )
    said = "\n".join(made.problems)
    names = ("preset", "size", "keys.fly", "keys.accept", "keys.wrap", "keys.send", "keys.pick")
    for name in names:
        assert f"keys.toml: {name}: " in said
    assert made.keys == DEFAULT_KEYS


@pytest.mark.parametrize("text", ["[keys", "\0", "keys = 3", "a" * 100_000])
def test_a_broken_file_never_keeps_the_app_from_starting(text: str, tmp_path: Path) -> None:
    made = of(text, tmp_path)
    assert made.keys == DEFAULT_KEYS
    assert len(made.problems) == 1


def test_keys_are_written_as_a_person_says_them() -> None:
    said = ["?", "esc", "ctrl+o", "space", "f5", "shift+F5", "+", "ctrl++", "hop+x", "zz"]
    named = ["question_mark", "escape", "ctrl+o", "space", "f5", "shift+f5", "plus", "", "", ""]
    assert [key_named(text) for text in said] == named


async def test_a_chosen_key_acts_and_the_one_before_does_not(shop: Repo, tmp_path: Path) -> None:
    keymap = of('[keys]\naccept = "ctrl+t"\nwrap = "y"\n', tmp_path)
    async with opened(shop, TWO, keymap=keymap) as run:
        await run.send("go")
        await run.until(lambda: run.rested)
        await run.press("y")
        assert run.screen.pane.rows.view.wrap
        assert set(run.states().values()) == {"placed"}
        await run.press("ctrl+t")
        await run.until(lambda: "written" in run.states().values())
