"""Whether a command that a model wants may run: allowed, denied, or to be asked.

    review, auto-edit   running asks, unless the person allowed such commands
    auto                what is confined runs; what cannot be confined asks
    read-only           nothing runs and nothing is written

Only the person's own settings and answers count. No text of a model, of a file or of a repository
reaches this module but the command itself, and a command that a shell could take for more than one
is covered by no beginning.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from codexspark_tui import allowed
from codexspark_tui.events import commands, facts
from codexspark_tui.events.facts import Event
from codexspark_tui.events.visible import visible_line

Mode: TypeAlias = Literal["review", "auto-edit", "auto", "read-only"]
Verdict: TypeAlias = Literal["allow", "ask", "deny"]
MODES: tuple[Mode, ...] = ("review", "auto-edit", "auto", "read-only")
_SHELL = frozenset("|&;<>()$`\\\"'\n\r*?[]{}#~!")
# Programs whose first argument says what they do, and those that run whatever they are told.
_TWO_WORDS = frozenset({"git", "cargo", "go", "npm", "pnpm", "yarn", "dotnet", "make", "gradle"})
_ANYTHING = frozenset(
    {"sh", "bash", "zsh", "dash", "fish", "env", "sudo", "su", "doas", "xargs", "find", "ssh"}
    | {"python", "pypy", "node", "deno", "bun", "perl", "ruby", "php", "lua", "awk", "gawk", "mawk"}
    | {"eval", "exec", "command", "source", ".", "nohup", "timeout", "time", "nice", "setsid"}
    | {"stdbuf", "watch", "parallel", "busybox", "chroot", "unshare", "script", "entr", "strace"}
    | {"npx", "bunx", "uv", "uvx", "poetry", "pipenv", "pipx", "pdm", "hatch", "docker", "podman"}
)
_VERSION = re.compile(r"[\d.]+$")
_GAP = re.compile(r"\s{4,}")
LONGEST = 4_000
ONCE = "run it once"
SESSION = "run it, and such commands in this session"
NEVER = "do not run it"
TOOL_QUESTION = "tool-"
"""How the ids of such questions begin."""


def shown(command: str) -> str:
    """A command on one line, in which nothing hides: no control sequence, no gap that pushes its
    end out of sight."""
    return _GAP.sub(lambda gap: f" [{len(gap[0])} blanks] ", visible_line(command))


def prefix_of(command: str) -> str:
    """The beginning that stands for commands like this one; "" where none can."""
    if _SHELL & set(command):
        return ""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    if not words or words[0].startswith("-") or "=" in words[0]:
        return ""
    name = words[0].rpartition("/")[2]
    if {name, _VERSION.sub("", name)} & _ANYTHING:
        return ""
    if words[0] not in _TWO_WORDS:
        return words[0]
    return "" if len(words) < 2 or words[1].startswith("-") else " ".join(words[:2])


@dataclass(slots=True)
class Approvals:
    """`for_session`: beginnings that were allowed until the session ends."""

    root: Path
    mode: Mode = "review"
    for_session: set[str] = field(default_factory=set)

    def verdict(self, command: str, *, confined: bool) -> Verdict:
        if self.mode == "read-only":
            return "deny"
        if not confined:
            return "ask"
        if self.mode == "auto":
            return "allow"
        prefix = prefix_of(command)
        known = bool(prefix) and (
            prefix in self.for_session or prefix in allowed.prefixes_in(self.root)
        )
        return "allow" if known else "ask"

    def options(self, command: str, *, confined: bool) -> tuple[str, ...]:
        """What the person can answer, in the order of the choices."""
        prefix = prefix_of(command) if confined else ""
        always = (SESSION, f"always run “{prefix} …” in this repository") if prefix else ()
        return (ONCE, *always, NEVER)

    def take(self, command: str, options: tuple[str, ...], choice: int) -> bool:
        """Keep the person's answer; whether the command may run now. Raises `OSError`."""
        chosen = options[choice]
        if chosen == NEVER:
            return False
        if chosen == SESSION:
            self.for_session.add(prefix_of(command))
        elif chosen != ONCE:
            allowed.allow(self.root, prefix_of(command))
        return True


def taken_at_once(events: Iterable[Event]) -> list[commands.Decide]:
    """Decisions that the mode auto-edit makes by itself: changes that were found exactly where the
    model said and that no guard speaks against, one by one."""
    made = []
    for event in events:
        match event:
            case facts.ChangeClosed() | facts.ChangeMoved():
                placed = event.placement
                exact = isinstance(placed, facts.PlacedAt) and placed.how in _EXACT
                if event.state == "placed" and exact and not event.findings:
                    choice = commands.Choice(event.change, event.digest)
                    made.append(commands.Decide((choice,), "accept"))
            case _:
                pass
    return made


def writes(command: commands.Command) -> bool:
    """Whether it would change files of the tree."""
    match command:
        case commands.Decide(verdict="accept", choices=choices):
            return bool(choices)
        case commands.Undo() | commands.Redo():
            return True
        case _:
            return False


_EXACT = ("exact", "file")
