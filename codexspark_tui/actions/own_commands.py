"""Commands of the person's and the repository's own: `/name arguments` stands for a text file.

    .spark/commands/NAME.md in the repository, commands/NAME.md in the config folder (this one wins)

The text is a prompt and no more: `$ARGUMENTS` stands for all arguments, `$1` to `$9` for single
ones. Nothing is run, and nothing is allowed by it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.errors import PathRefused, UsageError
from codexspark_tui.state_dir import config_dir
from codexspark_tui.workspace import Workspace

FOLDER = ".spark/commands"
LONGEST = 64 * 1024
_CALL = re.compile(r"/([A-Za-z][\w-]{0,63})(?:\s+(.*))?", re.DOTALL)
_SLOT = re.compile(r"\$(ARGUMENTS\b|[1-9]|\$)")


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """`origin`: the file that it stands in, as a person knows it."""

    name: str
    text: str
    origin: str


def own_commands(workspace: Workspace) -> dict[str, OwnCommand]:
    """All there are, by name."""
    found: dict[str, OwnCommand] = {}
    for path in sorted((workspace.root / FOLDER).glob("*.md"))[:200]:
        name = path.stem
        try:
            state = workspace.read(f"{FOLDER}/{path.name}")
        except PathRefused:
            continue
        if state.kind == "file" and len(state.data) <= LONGEST:
            text = state.data.decode("utf-8", "replace").strip()
            found[name] = OwnCommand(name, text, f"{FOLDER}/{path.name}")
    for path in sorted((config_dir() / "commands").glob("*.md"))[:200]:
        own = _read_own(path)
        if own is not None:
            found[path.stem] = OwnCommand(path.stem, own, str(path))
    return found


def _read_own(path: Path) -> str | None:
    try:
        return path.read_bytes()[:LONGEST].decode("utf-8", "replace").strip()
    except OSError:
        return None


def expanded(workspace: Workspace, prompt: str) -> tuple[str, str]:
    """The prompt that `/name arguments` stands for, and its origin; else the prompt and "".

    Raises `UsageError` for a name that means nothing.
    """
    call = _CALL.fullmatch(prompt.strip())
    if call is None:
        return prompt, ""
    commands = own_commands(workspace)
    command = commands.get(call[1])
    if command is None:
        names = ", ".join(f"/{name}" for name in sorted(commands)) or "none"
        raise UsageError(
            f"there is no command /{call[1]}",
            detail=f"There are: {names}",
            next_step=f"Make the file {FOLDER}/{call[1]}.md, or write the prompt without a slash.",
        )
    return _filled(command.text, (call[2] or "").strip()), command.origin


def _filled(text: str, arguments: str) -> str:
    """The text with its slots filled; arguments that have no slot follow at its end."""
    try:
        single = shlex.split(arguments)
    except ValueError:
        single = arguments.split()

    def fill(slot: re.Match[str]) -> str:
        if slot[1] == "$":
            return "$"
        if slot[1] == "ARGUMENTS":
            return arguments
        number = int(slot[1])
        return single[number - 1] if number <= len(single) else ""

    filled = _SLOT.sub(fill, text)
    has_slots = any(slot != "$" for slot in _SLOT.findall(text))
    return filled if has_slots or not arguments else f"{filled}\n\n{arguments}"
