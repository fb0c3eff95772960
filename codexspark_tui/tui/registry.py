"""The one list of what a person can do in the app.

Key bindings, the key bar, the command palette, the help screen, the slash commands and docs/keys.md
are all made from it; a test keeps them equal. What an action does stands with the screen or pane
that owns it (`where`). Nothing is imported here but names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias

Where: TypeAlias = Literal["review", "prompt", "app"]
When: TypeAlias = Literal["streaming", "changes"]
SECTIONS: dict[Where, str] = {
    "review": "In the changes",
    "prompt": "In the prompt",
    "app": "Everywhere",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    `keys` are Textual's names; `bar` ranks it in the key bar (0: not there), where it is called
    `short` and shown only `when` that is so; `argument` names what its slash command takes. Every
    action but typing itself has a slash command.
    """

    name: str
    where: Where
    keys: tuple[str, ...]
    title: str
    help: str
    slash: str = ""
    argument: str = ""
    bar: int = 0
    short: str = ""
    when: When | None = None

    @property
    def label(self) -> str:
        """What the key bar calls it."""
        return self.short or self.title

    @property
    def command(self) -> str:
        return "/" + (self.slash or self.name.replace("_", "-"))


ACTIONS: tuple[Action, ...] = (
    Action(
        "accept",
        "review",
        ("y", "space"),
        "accept",
        "Accept this change: it is on disk at once. A rejected or undone change is taken up again.",
        bar=1,
    ),
    Action("reject", "review", ("n",), "reject", "Reject this change.", bar=2),
    Action(
        "reason",
        "review",
        ("c",),
        "reject with a reason",
        "Reject this change and say why.",
        argument="REASON",
        bar=3,
        short="why",
    ),
    Action(
        "next",
        "review",
        ("j",),
        "next undecided",
        "Go to the next undecided change.",
        bar=4,
        short="next",
    ),
    Action(
        "previous",
        "review",
        ("k",),
        "previous undecided",
        "Go to the previous undecided change.",
    ),
    Action("next_any", "review", ("J",), "next change", "Go to the next change, decided or not."),
    Action(
        "previous_any",
        "review",
        ("K",),
        "previous change",
        "Go to the previous change, decided or not.",
    ),
    Action("next_file", "review", ("greater_than_sign",), "next file", "Go to the next file."),
    Action(
        "previous_file", "review", ("less_than_sign",), "previous file", "Go to the previous file."
    ),
    Action("first", "review", ("g",), "first change", "Go to the first change."),
    Action("last", "review", ("G",), "last change", "Go to the last change."),
    Action(
        "accept_file",
        "review",
        ("a",),
        "accept the rest of the file",
        "Accept this change and the open ones after it in this file.",
        bar=5,
        short="file",
    ),
    Action(
        "reject_file",
        "review",
        ("d",),
        "reject the rest of the file",
        "Reject this change and the open ones after it in this file.",
    ),
    Action(
        "accept_all",
        "review",
        ("A",),
        "accept all",
        "Accept everything that is open; asks first, and says what was never on screen.",
        bar=6,
        short="all",
    ),
    Action(
        "reject_all", "review", ("D",), "reject all", "Reject everything that is open; asks first."
    ),
    Action(
        "undo",
        "review",
        ("u",),
        "undo",
        "Take back this change, or the one written last.",
        argument="TURN[.CHANGE]",
        bar=7,
    ),
    Action(
        "redo",
        "review",
        ("U",),
        "redo",
        "Put back this change, or the one undone last.",
        argument="TURN[.CHANGE]",
    ),
    Action(
        "pick",
        "review",
        tuple("123456789"),
        "pick a place",
        "Put an ambiguous change at the place of that number.",
        argument="NUMBER",
    ),
    Action(
        "search",
        "review",
        ("slash",),
        "search",
        "Search in paths and lines; with nothing, search again.",
        argument="TEXT",
        bar=10,
    ),
    Action(
        "follow",
        "review",
        ("f",),
        "follow the stream",
        "Follow the stream, or hold still.",
        bar=11,
        short="follow",
        when="streaming",
    ),
    Action(
        "live", "review", ("full_stop",), "newest change", "Go to the newest change and follow."
    ),
    Action(
        "send",
        "prompt",
        ("enter",),
        "send",
        "Send the prompt. A line that starts with / is a command.",
        bar=1,
    ),
    Action(
        "newline",
        "prompt",
        ("ctrl+j", "shift+enter", "alt+enter"),
        "new line",
        "Start a new line in the prompt.",
        bar=2,
    ),
    Action(
        "older",
        "prompt",
        ("up", "ctrl+up"),
        "older prompt",
        "Bring back the prompt before (at the first line).",
        bar=10,
        short="older",
    ),
    Action(
        "newer",
        "prompt",
        ("down", "ctrl+down"),
        "newer prompt",
        "Go on to the prompt after (at the last line).",
    ),
    Action(
        "clear",
        "prompt",
        ("ctrl+c",),
        "clear",
        "Clear the prompt; what was typed goes to the history.",
    ),
    Action(
        "switch",
        "app",
        ("tab",),
        "switch pane",
        "Go to the next pane.",
        bar=20,
        short="pane",
        when="changes",
    ),
    Action("write", "app", ("i",), "go to the prompt", "Go to the prompt.", bar=9, short="prompt"),
    Action(
        "stop",
        "app",
        ("escape",),
        "stop the stream",
        "Stop the stream and keep complete changes; at rest, go to the changes.",
        bar=8,
        short="stop",
        when="streaming",
    ),
    Action(
        "tell",
        "app",
        (),
        "tell the model",
        "Tell the model something while it answers; what is complete stays for review.",
        argument="TEXT",
    ),
    Action(
        "context",
        "app",
        (),
        "what goes along",
        "Show what goes along with the prompt, and why; p pins a piece, d drops it.",
    ),
    Action(
        "pin",
        "app",
        (),
        "pin a file",
        "Send a file, or lines of it (PATH:10-40), with every prompt from now on.",
        argument="PATH",
    ),
    Action(
        "drop",
        "app",
        (),
        "drop a file",
        "Do not send a file from now on, unless it is named; takes a pin away, too.",
        argument="PATH",
    ),
    Action(
        "model",
        "app",
        (),
        "choose the model",
        "Choose the model that answers from the next prompt on.",
        argument="NAME",
    ),
    Action(
        "theme",
        "app",
        (),
        "choose a theme",
        "Choose a theme; each is shown as you go.",
        argument="NAME",
    ),
    Action(
        "palette",
        "app",
        ("ctrl+p",),
        "all commands",
        "Search in everything that can be done.",
        slash="commands",
        bar=30,
        short="commands",
    ),
    Action("help", "app", ("question_mark", "f1"), "help", "Show all keys and commands.", bar=31),
    Action(
        "leave",
        "app",
        ("q", "ctrl+d"),
        "leave",
        "Leave; asks only if something is undecided, and the transcript keeps it.",
        slash="quit",
        bar=32,
    ),
)
BY_NAME: dict[str, Action] = {action.name: action for action in ACTIONS}
BY_COMMAND: dict[str, Action] = {action.command: action for action in ACTIONS}

_SHOWN = {
    "space": "space",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "slash": "/",
    "full_stop": ".",
    "question_mark": "?",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "f1": "F1",
}


def shown_key(key: str) -> str:
    """A key as a person reads it: "esc", "?", "ctrl+p"."""
    return _SHOWN.get(key, key)


def shown_keys(action: Action) -> str:
    """All keys of an action: "y, space"; digits as "1–9"."""
    if len(action.keys) == 9:
        return "1–9"
    return ", ".join(shown_key(key) for key in action.keys)


def actions_of(where: Where) -> list[Action]:
    return [action for action in ACTIONS if action.where == where]


def bar_of(where: Where, now: Collection[When]) -> list[tuple[str, Action]]:
    """(key, action) for the key bar of a pane, the most wanted first.

    In the prompt a key that types something is not offered; what is not so `now` is left out.
    """
    here = (a for a in ACTIONS if a.bar and a.where in (where, "app"))
    wanted = sorted((a for a in here if a.when is None or a.when in now), key=_rank)
    if where != "prompt":
        return [(shown_key(a.keys[0]), a) for a in wanted]
    usable = ((next((k for k in a.keys if _is_chord(k)), ""), a) for a in wanted)
    return [(shown_key(key), a) for key, a in usable if key]


def _rank(action: Action) -> int:
    return action.bar


def _is_chord(key: str) -> bool:
    """Whether a key types nothing."""
    return "+" in key or key in ("enter", "tab", "escape", "f1", "up", "down")


def parse_command(text: str) -> tuple[Action, str] | None:
    """The action and the argument of a slash command; None where there is no such command."""
    name, _, argument = text.strip().partition(" ")
    action = BY_COMMAND.get(name) or _begun(name)
    return None if action is None else (action, argument.strip())


def _begun(name: str) -> Action | None:
    """The only action whose command starts with `name`."""
    found = [a for c, a in BY_COMMAND.items() if len(name) > 1 and c.startswith(name)]
    return found[0] if len(found) == 1 else None
