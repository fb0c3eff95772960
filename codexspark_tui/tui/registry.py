"""The one list of what a person can do in the app, and the keys that are in force.

Key bindings, the key bar, the command palette, the help screen, the slash commands and docs/keys.md
are all made from it; a test keeps them equal. What an action does stands with the screen or pane
that owns it (`where`). Nothing is imported here but names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from codexspark_tui.tui.action import Action, When, Where
from codexspark_tui.tui.actions_list import ACTIONS

Keys = Mapping[str, tuple[str, ...]]
"""The keys of each action, by its name."""

SECTIONS: dict[Where, str] = {
    "review": "In the changes",
    "prompt": "In the prompt",
    "app": "Everywhere",
}
BY_NAME: dict[str, Action] = {action.name: action for action in ACTIONS}
BY_COMMAND: dict[str, Action] = {action.command: action for action in ACTIONS}
DEFAULT_KEYS: Keys = {action.name: action.keys for action in ACTIONS}
FIXED = frozenset({"pick"})
"""Actions whose keys cannot be chosen: the digits mean what they say."""

SHOWN = {
    "space": "space",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "slash": "/",
    "full_stop": ".",
    "question_mark": "?",
    "number_sign": "#",
    "apostrophe": "'",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "asterisk": "*",
    "vertical_line": "|",
    "colon": ":",
    "semicolon": ";",
    "comma": ",",
    "exclamation_mark": "!",
    "dollar_sign": "$",
    "percent_sign": "%",
    "ampersand": "&",
    "at": "@",
    "circumflex_accent": "^",
    "underscore": "_",
    "tilde": "~",
    "grave_accent": "`",
    "backslash": "\\",
    "quotation_mark": '"',
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    **{f"f{n}": f"F{n}" for n in range(1, 13)},
}
"""Textual's names of keys, and what a person calls them."""


def shown_key(key: str) -> str:
    """A key as a person reads it: "esc", "?", "ctrl+p"."""
    return SHOWN.get(key, key)


def shown_keys(action: Action, keys: Keys = DEFAULT_KEYS) -> str:
    """All keys of an action: "y, space"; digits as "1–9"."""
    own = keys[action.name]
    if len(own) == 9:
        return "1–9"
    return ", ".join(shown_key(key) for key in own)


def actions_of(where: Where) -> list[Action]:
    return [action for action in ACTIONS if action.where == where]


def bar_of(
    where: Where, now: Collection[When], keys: Keys = DEFAULT_KEYS
) -> list[tuple[str, Action]]:
    """(key, action) for the key bar of a pane, the most wanted first.

    In the prompt a key that types something is not offered; what is not so `now` is left out. The
    menu is there whether it has a key or not: it is the mouse's way to everything.
    """
    here = (a for a in ACTIONS if a.bar and a.where in (where, "app"))
    if where == "prompt":
        here = (a for a in here if a.name != "write")  # one is there already
    wanted = sorted((a for a in here if a.when is None or a.when in now), key=_rank)
    if where != "prompt":
        first = ((next(iter(keys[a.name]), ""), a) for a in wanted)
    else:
        first = ((next((k for k in keys[a.name] if is_chord(k)), ""), a) for a in wanted)
    return [(shown_key(key) or "≡", a) for key, a in first if key or a.name == "menu"]


def _rank(action: Action) -> int:
    return action.bar


def is_chord(key: str) -> bool:
    """Whether a key types nothing."""
    if "+" in key or key in ("enter", "tab", "escape", "up", "down", "left", "right"):
        return True
    return key[:1] == "f" and key[1:].isdecimal()


def parse_command(text: str) -> tuple[Action, str] | None:
    """The action and the argument of a slash command; None where there is no such command."""
    name, argument = [*text.split(maxsplit=1), "", ""][:2]
    action = BY_COMMAND.get(name) or _begun(name)
    return None if action is None else (action, argument.strip())


def commands_with(beginning: str) -> list[Action]:
    """The actions whose slash command starts so."""
    return [a for c, a in BY_COMMAND.items() if c.startswith(beginning)]


def _begun(name: str) -> Action | None:
    """The only action whose command starts with `name`."""
    found = commands_with(name) if len(name) > 1 else []
    return found[0] if len(found) == 1 else None
