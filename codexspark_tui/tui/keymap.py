"""The keys in force: a preset, and what the person has chosen in `keys.toml` beside the settings.

    preset = "lazygit"            # git (as built in), lazygit or vim

    [keys]
    accept = ["y", "space"]       # instead of those of the preset
    wrap = []                     # no key; the command and the palette stay

What cannot be used is left out with a sentence that names file, key and reason; the app always
starts. Only the person's own file is read, never a repository's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.state_dir import config_dir
from codexspark_tui.tui.action import Where
from codexspark_tui.tui.registry import BY_NAME, DEFAULT_KEYS, FIXED, SHOWN, Keys, is_chord

FILE = "keys.toml"
LARGEST_BYTES = 64 * 1024
PRESETS: Mapping[str, Keys] = {
    "git": {},
    "lazygit": {
        "accept": ("space", "y", "f2"),
        "reject": ("d", "n", "f3"),
        "next": ("right", "l", "f4"),
        "previous": ("left", "h"),
        "line_down": ("down", "j"),
        "line_up": ("up", "k"),
        "left": ("H",),
        "right": ("L",),
        "reject_file": ("M",),
        "undo": ("z", "u", "f8"),
        "redo": ("Z", "U"),
        "fold": ("grave_accent",),
        "fold_all": ("tilde",),
        "more_context": ("right_curly_bracket", "plus", "equals_sign"),
        "less_context": ("left_curly_bracket", "minus"),
        "copy": ("ctrl+o", "C"),
        "escalate": ("at",),
    },
    "vim": {
        "next": ("right_curly_bracket", "f4"),
        "previous": ("left_curly_bracket",),
        "line_down": ("down", "j"),
        "line_up": ("up", "k"),
        "left": ("left", "h"),
        "right": ("right", "l"),
        "reject": ("x", "f3"),
        "search_back": ("N",),
        "search_again": ("n",),
        "redo": ("ctrl+r", "U"),
        "copy": ("C", "Y"),
        "select": ("V", "v"),
        "escalate": ("H",),
    },
}
_NAMED = {shown: key for key, shown in SHOWN.items()}
_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "meta", "hyper"})


@dataclass(frozen=True, slots=True)
class Keymap:
    """`keys` of every action; `problems`: sentences about what was left out."""

    keys: Keys
    preset: str = "git"
    problems: tuple[str, ...] = ()

    def bindings(self) -> dict[str, str]:
        """For Textual: the keys of each action that has other ones than those built in."""
        return {
            name: ",".join(keys) or "none"
            for name, keys in self.keys.items()
            if keys != DEFAULT_KEYS[name]
        }


BUILT_IN = Keymap(DEFAULT_KEYS)


def load_keymap(preset: str = "", path: Path | None = None) -> Keymap:
    """The preset (that of the file if it names one) with the person's own keys over it."""
    path = config_dir() / FILE if path is None else path
    problems: list[str] = []
    said = _read(path, problems)
    chosen = said.get("preset", preset) or "git"
    if not isinstance(chosen, str) or chosen not in PRESETS:
        names = ", ".join(PRESETS)
        problems.append(f"{path}: preset: {chosen!r} is none of {names}")
        chosen = "git"
    made = dict(DEFAULT_KEYS) | dict(PRESETS[chosen])
    own = said.get("keys", {})
    if not isinstance(own, dict):
        problems.append(f"{path}: keys: it must be a table; write [keys]")
        own = {}
    mine: set[str] = set()
    for name, wanted in own.items():
        found = _keys(path, name, wanted, problems)
        if found is not None:
            made[name] = found
            mine.add(name)
    for name in said.keys() - {"preset", "keys"}:
        problems.append(f"{path}: {name}: there is no such entry; keys stand under [keys]")
    return Keymap(dict(_free(made, mine, path, problems)), chosen, tuple(problems))


def _read(path: Path, problems: list[str]) -> dict[str, object]:
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise ValueError(f"it is longer than {LARGEST_BYTES >> 10} KiB")
        return tomllib.loads(data.decode())
    except (OSError, ValueError, RecursionError) as error:
        problems.append(f"{path}: it was left out: {error}")
        return {}


def _keys(path: Path, name: str, wanted: object, problems: list[str]) -> tuple[str, ...] | None:
    if name not in BY_NAME or name in FIXED:
        problems.append(f"{path}: keys.{name}: there is no such action; see the help (F1)")
        return None
    several = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(several, list) or not all(isinstance(key, str) for key in several):
        problems.append(f"{path}: keys.{name}: it must be a key or a list of keys")
        return None
    found: list[str] = []
    for said in several:
        key = key_named(str(said))
        if not key:
            problems.append(f'{path}: keys.{name}: there is no key {said!r}; write "ctrl+o" or "z"')
        elif BY_NAME[name].where == "prompt" and not is_chord(key):
            problems.append(f"{path}: keys.{name}: {said!r} types something in the prompt")
        else:
            found.append(key)
    return tuple(dict.fromkeys(found)) if found or not several else None


def key_named(said: str) -> str:
    """Textual's name of a key that a person wrote ("?", "esc", "ctrl+o", "space"); "" if none."""
    *modifiers, last = said.split("+") if len(said) > 1 else [said]
    if any(m not in _MODIFIERS for m in modifiers):
        return ""
    key = _NAMED.get(last, last)
    known = key in SHOWN or key in _OTHERS | _PAGES or (len(key) == 1 and key.isalnum())
    return "+".join([*modifiers, key]) if known else ""


_OTHERS = frozenset(("enter", "tab", "escape", "backspace", "delete", "insert", "home", "end"))
_PAGES = frozenset(("pageup", "pagedown", "grave_accent"))


def _free(
    keys: Keys, mine: set[str], path: Path, problems: list[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each key for one action only: what the person has chosen goes before what a preset says."""
    for name, own in keys.items():
        kept = []
        for key in own:
            other = next((o for o in keys if o != name and _meets(o, name) and key in keys[o]), "")
            if other and _gives_way(name, other, keys, mine):
                if name in mine:
                    problems.append(f"{path}: keys.{name}: {key!r} is the key of {other}, too")
                continue
            kept.append(key)
        yield name, tuple(kept)


def _meets(one: str, other: str) -> bool:
    """Whether both are listened for at the same time."""
    places: set[Where] = {BY_NAME[one].where, BY_NAME[other].where}
    return len(places) == 1 or "app" in places


def _gives_way(name: str, other: str, keys: Keys, mine: set[str]) -> bool:
    """Whether `name` loses a key that `other` has as well."""
    chosen = (name in mine, keys[name] != DEFAULT_KEYS[name])
    others = (other in mine, keys[other] != DEFAULT_KEYS[other])
    if chosen != others:
        return chosen < others
    order = list(keys)
    return order.index(name) > order.index(other)
