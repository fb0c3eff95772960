"""Commands of the person's and the repository's own: `/name arguments` stands for a text file.

    .spark/commands/NAME.md in the repository, commands/NAME.md in the config folder (this one wins)

The text is a prompt and no more: `$ARGUMENTS` stands for all arguments, `$1` to `$9` for single
ones, `${2:-main}` for one that may be missing. Of the lines between two of `---` at its beginning
`description` and `argument-hint` are shown; the others mean nothing. Nothing is run, and nothing is
allowed by it. One of the repository's counts only while it is as the person has trusted it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui import trust
from codexspark_tui.errors import PathRefused, UsageError
from codexspark_tui.events.visible import visible_line
from codexspark_tui.state_dir import config_dir
from codexspark_tui.workspace import Workspace

FOLDER = ".spark/commands"
LONGEST = 64 * 1024
MOST = 200
_NAME = re.compile(r"[A-Za-z][\w-]{0,63}")
_CALL = re.compile(rf"/({_NAME.pattern})(?:\s+(.*))?", re.DOTALL)
_SLOT = re.compile(r"\$(?:(ARGUMENTS\b|[1-9]|\$)|\{([1-9]):-([^}]*)\})")
_HEAD = re.compile(r"---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """`origin`: the file that it stands in, as a person knows it. `path` and `digest` of one that
    is the repository's; `trusted`: it is the person's own, or they have said yes to it as it is."""

    name: str
    text: str
    origin: str
    path: Path | None = None
    digest: str = ""
    trusted: bool = True

    @property
    def about(self) -> str:
        """What it says of itself, or its first line that says something."""
        lines = (line.strip().lstrip("#").strip() for line in self.prompt.splitlines())
        first = next((line for line in lines if line), self.origin)
        return visible_line(" ".join((_head(self.text).get("description") or first).split()))[:80]

    @property
    def prompt(self) -> str:
        """Its text without what is said about it."""
        head = _HEAD.match(self.text)
        return self.text[head.end() :].strip() if head else self.text

    @property
    def usage(self) -> str:
        """How it is called: `/name ARGUMENTS`."""
        hint = _head(self.text).get("argument-hint", "").strip() or _hint(self.prompt)
        return visible_line(" ".join(f"/{self.name} {hint}".split()))[:200]

    def filled(self, arguments: str) -> str:
        """The prompt that it stands for; raises `UsageError` where arguments are missing."""
        missing = _missing(self.prompt, _words(arguments))
        if missing:
            raise UsageError(
                f"/{self.name} wants {_listed(missing)}, and {_given(arguments)}",
                detail=f"It is called so: {self.usage}",
                next_step=f"Give {'them' if len(missing) > 1 else 'it'}, or write a default into "
                f"{self.origin}: ${{{missing[0]}:-…}}",
            )
        return _filled(self.prompt, arguments)


def own_commands(workspace: Workspace) -> dict[str, OwnCommand]:
    """All there are, by name."""
    found: dict[str, OwnCommand] = {one.name: one for one in repository_commands(workspace)}
    for path in sorted((config_dir() / "commands").glob("*.md"))[:MOST]:
        own = _read_own(path)
        if own is not None:
            found[path.stem] = OwnCommand(path.stem, own, str(path))
    return found


def repository_commands(workspace: Workspace) -> list[OwnCommand]:
    """Those of the repository, trusted or not; nothing that lies behind a link out of it."""
    found: list[OwnCommand] = []
    told = trust.listed()
    for path in sorted((workspace.root / FOLDER).glob("*.md"))[:MOST]:
        origin = f"{FOLDER}/{path.name}"
        try:
            state = workspace.read(origin)
        except (PathRefused, ValueError):
            continue
        if state.kind == "file" and len(state.data) <= LONGEST and _NAME.fullmatch(path.stem):
            text = state.data.decode("utf-8", "replace").strip()
            digest, trusted = trust.digest_of(state.data), trust.is_trusted(path, state.data, told)
            found.append(OwnCommand(path.stem, text, origin, path, digest, trusted))
    return found


def split_call(prompt: str) -> tuple[str, str] | None:
    """Name and arguments of `/name arguments`; None where the prompt is no such call."""
    call = _CALL.fullmatch(prompt.strip())
    return (call[1], (call[2] or "").strip()) if call else None


def _read_own(path: Path) -> str | None:
    try:
        return path.read_bytes()[:LONGEST].decode("utf-8", "replace").strip()
    except OSError:
        return None


def expanded(workspace: Workspace, prompt: str) -> tuple[str, str]:
    """The prompt that `/name arguments` stands for, and its origin; else the prompt and "".

    Raises `UsageError` for a name that means nothing, and for one that is not trusted.
    """
    call = split_call(prompt)
    if call is None:
        return prompt, ""
    commands = own_commands(workspace)
    command = commands.get(call[0])
    if command is None:
        names = ", ".join(f"/{name}" for name in sorted(commands))
        raise UsageError(
            f"there is no command /{call[0]}",
            detail=f"There are: {names}" if names else "There are none yet.",
            next_step=f"Make the file {FOLDER}/{call[0]}.md, or write the prompt without a slash.",
        )
    if not command.trusted:
        raise UsageError(
            f"/{call[0]} is this repository's own command, and you have not trusted it as it is",
            next_step=f"Read {command.origin}, then: spark trust",
        )
    filled = command.filled(call[1])
    if not filled.strip():
        raise UsageError(f"/{call[0]} stands for nothing", next_step=f"Write {command.origin}.")
    return filled, command.origin


def _filled(text: str, arguments: str) -> str:
    """The text with its slots filled; arguments that have no slot follow at its end."""
    single, defaults = _words(arguments), _defaults(text)

    def fill(slot: re.Match[str]) -> str:
        if slot[1] == "$":
            return "$"
        if slot[1] == "ARGUMENTS":
            return arguments
        number = int(slot[1] or slot[2])
        return single[number - 1] if number <= len(single) else defaults.get(number, "")

    slots = {slot[1] or slot[2] for slot in _SLOT.finditer(text)} - {"$"}
    filled = _SLOT.sub(fill, text)
    rest = [one for number, one in enumerate(single, 1) if str(number) not in slots]
    if "ARGUMENTS" in slots or not rest:
        return filled
    return f"{filled}\n\n{' '.join(rest) if slots else arguments}"


def _words(arguments: str) -> list[str]:
    try:
        return shlex.split(arguments)
    except ValueError:
        return arguments.split()


def _missing(text: str, single: list[str]) -> list[int]:
    """The numbers of the slots that have neither an argument nor a default anywhere."""
    wanted = _numbers(text) - set(_defaults(text))
    return sorted(number for number in wanted if number > len(single))


def _hint(text: str) -> str:
    """The arguments that its slots stand for."""
    defaults = _defaults(text)
    last = max(_numbers(text), default=0)
    named = (f"[{n}={defaults[n]}]" if n in defaults else f"<{n}>" for n in range(1, last + 1))
    takes_all = any(slot[1] == "ARGUMENTS" for slot in _SLOT.finditer(text))
    return " ".join(named) or ("[ARGUMENTS]" if takes_all else "")


def _numbers(text: str) -> set[int]:
    found = (slot[1] or slot[2] for slot in _SLOT.finditer(text))
    return {int(number) for number in found if number.isdigit()}


def _defaults(text: str) -> dict[int, str]:
    """What stands for an argument that is not given; the first one that the text names."""
    found = [slot for slot in _SLOT.finditer(text) if slot[2]]
    return {int(slot[2]): slot[3] for slot in reversed(found)}


def _head(text: str) -> dict[str, str]:
    """What is said about it at its beginning, line by line: `key: value`."""
    head = _HEAD.match(text)
    lines = (line.partition(":") for line in (head[1].splitlines() if head else ()))
    return {key.strip(): value.strip().strip("\"'") for key, colon, value in lines if colon}


def _listed(numbers: list[int]) -> str:
    named = " and ".join(f"${number}" for number in numbers)
    return f"{'arguments' if len(numbers) > 1 else 'the argument'} {named}"


def _given(arguments: str) -> str:
    many = len(_words(arguments))
    return "it got none" if not many else f"it got {many}: {visible_line(arguments)[:80]}"
