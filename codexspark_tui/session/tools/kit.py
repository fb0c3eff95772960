"""What every tool is made of, and what a tool may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from codexspark_tui.errors import PathRefused
from codexspark_tui.index.secret_files import secret_by_content, secret_by_name
from codexspark_tui.patch import TextFile, decode
from codexspark_tui.providers.model import Tool
from codexspark_tui.workspace import Workspace

if TYPE_CHECKING:  # where there is no index, its rooms are not loaded
    from codexspark_tui.index.index import Index
    from codexspark_tui.index.keeper import Keeper

MOST_LATE = 48  # files that are read here and now
Rule: TypeAlias = Literal["free", "run", "edit", "ask"]
Arguments: TypeAlias = Mapping[str, object]


class ToolRefused(Exception):
    """A call that cannot be carried out, as a sentence for the model."""


@dataclass(frozen=True, slots=True)
class Hands:
    """`run` a command when that is allowed; `ask` the person (text, options → index); `codemod`: a
    sentence to a patch for review, and what was said beside it. `keeper`: of the index, if any."""

    workspace: Workspace
    run: Callable[[str], Awaitable[str]]
    ask: Callable[[str, tuple[str, ...]], Awaitable[int]]
    codemod: Callable[[str], Awaitable[str]]
    keeper: Keeper | None = None

    @property
    def root(self) -> Path:
        return self.workspace.root

    def index(self) -> Index | None:
        """The index with the tree as it is at this moment; None where it is not ready.

        It takes a while: call it in a thread.
        """
        if self.keeper is None or not self.keeper.index().is_ready:
            return None
        index = self.keeper.index()
        changes = index.refresh()
        late = [*changes.added, *changes.changed]
        if len(late) <= MOST_LATE:
            index.read_now(late)
        return index

    def files(self) -> list[str]:
        """The files of the tree, without those that ignore rules or .sparkignore cover."""
        from codexspark_tui.index.scan import listed

        index = self.index()
        return index.paths if index is not None else sorted(listed(self.root))

    def text_of(self, path: str) -> str:
        """The text of a file of the tree that is no secret; raises `ToolRefused`."""
        why = secret_by_name(path)
        if why:
            raise ToolRefused(f"{path} is held back: {why}")
        try:
            state = self.workspace.read(path)
        except (PathRefused, ValueError) as error:
            raise ToolRefused(f"{path} cannot be read: {error}") from error
        if state.kind != "file":
            raise ToolRefused(f"there is no file {path}")
        found = decode(state.data)
        if not isinstance(found, TextFile):
            raise ToolRefused(f"{path} is binary")
        why = secret_by_content(found.text)
        if why:
            raise ToolRefused(f"{path} is held back: {why}")
        return found.text


@dataclass(frozen=True, slots=True)
class Tooled:
    """A tool: what the model is told of it, its rule, and its function."""

    tool: Tool
    rule: Rule
    call: Callable[[Arguments, Hands], Awaitable[str]]


def text(arguments: Arguments, key: str, default: str | None = None) -> str:
    """A text among the arguments; raises `ToolRefused` where it is missing or none."""
    value = arguments.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise ToolRefused(f"{key} must be a text")
    return value


def number(arguments: Arguments, key: str, default: int) -> int:
    value = arguments.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ToolRefused(f"{key} must be a whole number from 1")
    return value


def schema(required: tuple[str, ...], **properties: str) -> str:
    """JSON Schema of an object; a property is "string: what it is" or "integer: …", "boolean: …",
    "array: …" (of strings)."""
    import json

    made: dict[str, object] = {}
    for name, said in properties.items():
        kind, _, description = said.partition(": ")
        made[name] = {"type": kind, "description": description}
        if kind == "array":
            made[name] = {**_named(made[name]), "items": {"type": "string"}}
    told = {"type": "object", "properties": made, "required": list(required)}
    return json.dumps({**told, "additionalProperties": False})


def _named(made: object) -> dict[str, object]:
    assert isinstance(made, dict)
    return made
