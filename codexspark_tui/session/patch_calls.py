"""Patches that come as calls of a tool, read like those in the text, while they are written.

A call named `apply_patch` holds an envelope or a diff, as free text or as the one text in JSON
arguments; the server's own item (`apply_patch_call`) tells one file's part, whole. Nothing else is
known of tools here, and nothing is placed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from codexspark_tui.patch import PatchReader
from codexspark_tui.patch.model import ChangeStarted, Fact, ProseLine, Unsupported
from codexspark_tui.patch.reader_envelope import BodyVerb
from codexspark_tui.providers.free_text import Arguments
from codexspark_tui.providers.model import Item, Opaque, ToolCall, ToolDelta, ToolOutput

PATCH_TOOL = "apply_patch"
_HOSTED = "apply_patch_call"
_TOLD = "The changes are shown to the person, who decides on each of them."
_UNREADABLE = "The call holds no patch that could be read."
_VERBS: dict[object, BodyVerb] = {"create_file": "add", "delete_file": "delete"}


class MakeReader(Protocol):
    """A reader that asks the tree of this turn and numbers its changes with the turn's own."""

    def __call__(self, path: str | None = None, body: BodyVerb | None = None) -> PatchReader: ...


@dataclass(slots=True)
class _Call:
    """One call that is being written. `arguments`: its characters up to now."""

    reader: PatchReader
    patch: Arguments = field(default_factory=Arguments)
    arguments: list[str] = field(default_factory=list)
    says_something: bool = False

    def feed(self, text: str) -> list[Fact]:
        self.arguments.append(text)
        return self._noted(self.reader.feed(self.patch.more(text)))

    def close(self, finish_reason: str) -> list[Fact]:
        reason = finish_reason if self.patch.whole else "lost"
        facts = self._noted(self.reader.close(reason))
        return facts if self.says_something else [Unsupported("", _UNREADABLE), *facts]

    def _noted(self, facts: list[Fact]) -> list[Fact]:
        """Words beside the patch are for the tool, not for the person."""
        facts = [fact for fact in facts if not isinstance(fact, ProseLine)]
        self.says_something = self.says_something or any(
            isinstance(fact, ChangeStarted | Unsupported) for fact in facts
        )
        return facts


@dataclass(slots=True)
class PatchCalls:
    """The calls of one answer, by their ids."""

    make: MakeReader
    open: dict[str, _Call] = field(default_factory=dict)

    def feed(self, delta: ToolDelta) -> list[Fact]:
        """More of the arguments of a call; nothing comes of another tool's."""
        if delta.name != PATCH_TOOL:
            return []
        call = self.open.get(delta.id)
        if call is None:
            call = self.open[delta.id] = _Call(self.make())
        return call.feed(delta.text)

    def done(self, item: Item) -> list[Fact]:
        """An item of the answer is whole: the rest of its patch, if it has one."""
        if isinstance(item, Opaque):
            return self._hosted(item)
        if not isinstance(item, ToolCall) or item.name != PATCH_TOOL:
            return []
        call = self.open.pop(item.id, None) or _Call(self.make())
        shown = "".join(call.arguments)
        if not item.arguments.startswith(shown):
            return call.close("lost")
        return [*call.feed(item.arguments[len(shown) :]), *call.close("stop")]

    def close(self, finish_reason: str) -> list[Fact]:
        """The answer is over: calls that were not told as whole are torn."""
        reason = "lost" if finish_reason == "stop" else finish_reason
        facts = [fact for call in self.open.values() for fact in call.close(reason)]
        self.open = {}
        return facts

    def _hosted(self, item: Opaque) -> list[Fact]:
        told = _hosted_call(item)
        operation = told.get("operation") if told is not None else None
        if not isinstance(operation, dict):
            return []
        path, diff = str(operation.get("path") or ""), str(operation.get("diff") or "")
        reader = self.make(path=path, body=_VERBS.get(operation.get("type"), "update"))
        call = _Call(reader, Arguments(whole=True, kind="text"))
        return [*call.feed(diff), *call.close("stop")]


def answer_to(item: Item) -> Item | None:
    """What the model is told of its call of the patch tool; None for any other item."""
    match item:
        case ToolCall() if item.name == PATCH_TOOL:
            return ToolOutput(item.id, _TOLD, item.free)
        case Opaque():
            told = _hosted_call(item)
            if told is None:
                return None
            said = {
                "type": f"{_HOSTED}_output",
                "call_id": told.get("call_id"),
                "status": "completed",
                "output": _TOLD,
            }
            return Opaque(json.dumps(said))
        case _:
            return None


def _hosted_call(item: Opaque) -> dict[str, Any] | None:
    if _HOSTED not in item.data:
        return None
    try:
        told = json.loads(item.data)
    except ValueError:
        return None
    is_one = isinstance(told, dict) and told.get("type") == _HOSTED
    return told if is_one else None
