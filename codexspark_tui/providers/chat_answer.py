"""The answer of a chat-completions server: its chunks in, the events of a provider out. Pure.

Servers write tool calls in many dialects: without an index or an id, with an id of "" after the
first fragment, all with index 0, in one piece, with arguments as an object, with "stop" as the
reason of the end. All give the same calls here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from codexspark_tui.providers.chat import FREE_ARGUMENT
from codexspark_tui.providers.free_text import Arguments
from codexspark_tui.providers.model import (
    Ended,
    Finish,
    ItemDone,
    Message,
    ModelEvent,
    Opened,
    ReasoningDelta,
    Said,
    TextDelta,
    ToolCall,
    ToolDelta,
)
from codexspark_tui.providers.trouble import Trouble, refused
from codexspark_tui.providers.usage import counted
from codexspark_tui.providers.wire import Object, Surrogates, whole

_FINISHES: Mapping[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "cut",
    "abort": "cut",
    "error": "lost",
    "repetition": "cut",
    "insufficient_system_resource": "lost",
}
_SAID = {
    "content_filter": "the server's content filter ended the answer",
    "abort": "the server broke the answer off",
    "repetition": "the server ended the answer because it repeated itself",
    "error": "the server broke the answer off",
    "insufficient_system_resource": "the server ran short of resources",
}


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    argument: Arguments = field(default_factory=lambda: Arguments((FREE_ARGUMENT,)))


@dataclass(slots=True)
class ChatAnswer:
    """Reads one answer. `free`: the tools whose argument is a text.

    `ended`: the server said why it ends; usage may still follow. `trouble`: an error in the middle
    of the stream, to be raised after the events before it were passed on.
    """

    transport: str
    free: frozenset[str] = frozenset()
    ended: bool = False
    trouble: Trouble | None = None
    _finish: Finish = "stop"
    _said: str = ""
    _opened: bool = False
    _texts: list[str] = field(default_factory=list)
    _halves: Surrogates = field(default_factory=Surrogates)
    _calls: list[_Call] = field(default_factory=list)
    _by_index: dict[int, _Call] = field(default_factory=dict)
    _usage: object = None

    def read(self, chunk: Object) -> list[ModelEvent]:
        """The events of one chunk; a whole completion in one piece is read too."""
        if chunk.get("error"):
            self.trouble = refused(None, chunk)
            return []
        made: list[ModelEvent] = []
        if not self._opened and (chunk.get("choices") or chunk.get("model")):
            self._opened = True
            made.append(Opened(self.transport, _text(chunk.get("model"))))
        self._usage = _usage(chunk) or self._usage
        choices = chunk.get("choices")
        for choice in choices[:1] if isinstance(choices, list) else []:
            if isinstance(choice, Mapping):
                made += self._choice(choice)
        return made

    def _choice(self, choice: Mapping[str, Any]) -> list[ModelEvent]:
        made: list[ModelEvent] = []
        for delta in (choice.get("delta"), choice.get("message")):
            if isinstance(delta, Mapping) and not self.ended:
                made += self._delta(delta)
        if not self._texts and not self.ended and _text(choice.get("text")):
            made += self._shown(_text(choice.get("text")))
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason and not self.ended:
            self.ended = True
            self._finish = _FINISHES.get(reason, "stop")
            self._said = _SAID.get(reason, "")
        return made

    def _delta(self, delta: Mapping[str, Any]) -> list[ModelEvent]:
        made: list[ModelEvent] = []
        reasoning = _text(delta.get("reasoning")) or _text(delta.get("reasoning_content"))
        if reasoning:
            made.append(ReasoningDelta(whole(reasoning)))
        for name in ("content", "refusal"):
            made += self._shown(_content(delta.get(name)))
        calls = delta.get("tool_calls")
        for fragment in calls if isinstance(calls, list) else []:
            if isinstance(fragment, Mapping):
                made += self._fragment(fragment)
        if isinstance(delta.get("function_call"), Mapping):
            made += self._fragment({"index": 0, "function": delta["function_call"]})
        return made

    def _shown(self, content: str) -> list[ModelEvent]:
        text = self._halves.joined(content) if content else ""
        if not text:
            return []
        self._texts.append(text)
        return [TextDelta(text)]

    def _fragment(self, fragment: Mapping[str, Any]) -> list[ModelEvent]:
        told = fragment.get("function")
        function: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
        name = _text(function.get("name"))
        call = self._call_of(fragment, name)
        call.name = call.name or name
        given = function.get("arguments")
        text = given if isinstance(given, str) else json.dumps(given) if given is not None else ""
        if not text:
            return []
        call.pieces.append(text)
        if call.name in self.free:
            piece = call.argument.more(text)
            text = piece if call.argument.kind == "patch" else ""
        return [ToolDelta(call.id, call.name, whole(text))] if text else []

    def _call_of(self, fragment: Mapping[str, Any], name: str) -> _Call:
        """The call that a fragment belongs to; another id, or a name without one, begins one."""
        id = _text(fragment.get("id"))
        index = fragment.get("index")
        known = next((call for call in self._calls if id and call.id == id), None)
        if known is not None:
            return known
        place = index if isinstance(index, int) else None
        last = self._calls[-1] if self._calls else None
        call = self._by_index.get(place) if place is not None else last
        if call is not None and (id or (name and place is None and call.pieces)):
            call = None
        if call is None:
            call = _Call(id or f"call_{len(self._calls) + 1}")
            self._calls.append(call)
        if place is not None:
            self._by_index[place] = call
        return call

    def end(self) -> list[ModelEvent]:
        """What is left when the stream is over: the items, the count and the end."""
        made: list[ModelEvent] = []
        text = "".join(self._texts)
        if text:
            made.append(ItemDone(Message("assistant", text)))
        for call in self._calls:
            if call.name:
                made.append(ItemDone(self._whole(call)))
        made += counted(self._usage)
        if self._said:
            made.append(Said(self._said, warning=True))
        return [*made, Ended(self._finish)]

    def _whole(self, call: _Call) -> ToolCall:
        arguments = whole("".join(call.pieces)) or "{}"
        if call.name not in self.free:
            return ToolCall(call.id, call.name, arguments)
        try:
            found = json.loads(arguments)
        except ValueError:
            found = None
        text = found.get(FREE_ARGUMENT) if isinstance(found, dict) else found
        given = text if isinstance(text, str) else arguments
        return ToolCall(call.id, call.name, given, free=True)


def _usage(chunk: Object) -> object:
    """Where servers put the count: some in a part of their own, some beside it."""
    own = chunk.get("x_groq")
    usage = chunk.get("usage") or (own.get("usage") if isinstance(own, Mapping) else None)
    if not isinstance(usage, Mapping):
        return None
    timings = chunk.get("timings")
    cached = timings.get("cache_n") if isinstance(timings, Mapping) else None
    cached = usage.get("prompt_cache_hit_tokens", cached)
    if cached is None or usage.get("prompt_tokens_details"):
        return usage
    return {**usage, "prompt_tokens_details": {"cached_tokens": cached}}


def _content(content: object) -> str:
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, Mapping))
    return _text(content)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
