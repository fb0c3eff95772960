"""Write docs/keys.md from the registry of the app: `python docs/write_keys.py`."""

from __future__ import annotations

from pathlib import Path

from codexspark_tui.tui.action import Action
from codexspark_tui.tui.registry import SECTIONS, actions_of, shown_keys

PAGE = Path(__file__).with_name("keys.md")
INTRO = """# Keys and commands of the app

Every key has a command that can be typed into the prompt (its beginning is enough), and an entry in
the command palette (ctrl+p). Every one is reached by the mouse, too: `menu` in the bottom line, `≡`
at a change, or the right button on it list all of them; a change, a file, a button, an entry of the
bottom line, the name of the model and the counts in the line above it can be clicked themselves.

This page is written by `python docs/write_keys.py` from the one list of actions; do not edit it.
"""


def page() -> str:
    parts = [INTRO]
    for where, title in SECTIONS.items():
        parts.append(f"\n## {title}\n\n| keys | command | what it does |\n|---|---|---|\n")
        parts += [_row(action) for action in actions_of(where)]
    return "".join(parts)


def _row(action: Action) -> str:
    keys = ", ".join(f"`{key}`" for key in shown_keys(action).split(", ")) if action.keys else ""
    command = f"{action.command} {action.argument}".strip()
    return f"| {keys} | `{command}` | {action.help} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
