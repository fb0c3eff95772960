"""The question before commands that nothing confines, and the option that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from codexspark_tui.cli.options import option
from codexspark_tui.cli.output import is_terminal, say, terminal_text
from codexspark_tui.errors import NeedsAnswer, UsageError

ASKED = "spark: nothing confines a command here; this would run in throwaway copies: {command}"
Yes = Annotated[bool, option("--yes", "-y", help="Do not ask, where nothing confines a command.")]


def agree(commands: Sequence[str], yes: bool, *, asks: bool = True) -> None:
    """Ask, unless that was agreed to by `yes`. Without a terminal, or where nothing `asks`, raises
    `NeedsAnswer`; `UsageError` where the answer is no."""
    if yes:
        return
    say(ASKED.format(command=terminal_text("; ".join(commands))))
    if not (asks and is_terminal(0)):
        raise NeedsAnswer("there is no terminal to ask on", next_step="Use --yes to run it.")
    say("Run it? [y/n] ")
    try:
        said = input()
    except EOFError:
        said = ""
    if not said.strip().lower().startswith("y"):
        raise UsageError("it was not run")
