"""`ModelEvent`s as chunks of a chat completion, and as the whole one. Pure."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from codexspark_tui.gateway.ask import Ask
from codexspark_tui.gateway.faults import Fault
from codexspark_tui.gateway.responses_out import LOST, usage_of
from codexspark_tui.gateway.telling import Teller
from codexspark_tui.providers.model import (
    Counted,
    ItemDone,
    Message,
    ModelEvent,
    ReasoningDelta,
    TextDelta,
    ToolCall,
    ToolDelta,
)

Chunk = dict[str, Any]


@dataclass(slots=True)
class Completion:
    """One chat completion; calls are numbered in the order in which they began."""

    ask: Ask
    model: str
    id: str = field(default_factory=lambda: "chatcmpl-" + secrets.token_hex(12))
    created: int = field(default_factory=lambda: int(time.time()))
    teller: Teller = field(default_factory=Teller)
    fault: Fault | None = None
    _text: list[str] = field(default_factory=list)
    _thought: list[str] = field(default_factory=list)
    _calls: dict[str, Chunk] = field(default_factory=dict)
    _begun: bool = False

    @property
    def begun(self) -> bool:
        return self._begun

    def feed(self, event: ModelEvent) -> list[Chunk]:
        """The chunks for the client."""
        if self.teller.ended:
            return []
        made: list[Chunk] = []
        if not self._begun:
            self._begun = True
            made.append(self._chunk({"role": "assistant", "content": ""}))
        for told in self.teller.told(event):
            made += (self._chunk(delta) for delta in self._deltas(told))
        if self.teller.finish in ("cut", "lost"):
            self.fault = LOST
            made.append({"error": LOST.error()})
        elif self.teller.finish is not None:
            made.append(self._chunk({}, self._reason()))
            if self.ask.counts:
                made.append({**self._chunk({}), "choices": [], "usage": self._usage()})
        return made

    def fail(self, fault: Fault) -> list[Chunk]:
        """End a stream that has begun."""
        self.fault = fault
        return [{"error": fault.error()}]

    def body(self) -> Chunk:
        """The completion as a whole."""
        message: Chunk = {
            "role": "assistant",
            "content": "".join(self._text) if self._text or not self._calls else None,
            "refusal": None,
        }
        if self._thought:
            message["reasoning_content"] = "".join(self._thought)
        if self._calls:
            message["tool_calls"] = [_whole(call) for call in self._calls.values()]
        choice = {"index": 0, "message": message, "finish_reason": self._reason(), "logprobs": None}
        made = self._frame("chat.completion", [choice])
        return {**made, "usage": self._usage()}

    def _reason(self) -> str:
        if self.teller.finish == "length":
            return "length"
        return "tool_calls" if self._calls else "stop"

    def _usage(self) -> Chunk | None:
        return chat_usage(self.teller.counted)

    def _frame(self, object: str, choices: list[Chunk]) -> Chunk:
        return {
            "id": self.id,
            "object": object,
            "created": self.created,
            "model": self.teller.model or self.model,
            "choices": choices,
        }

    def _chunk(self, delta: Chunk, reason: str | None = None) -> Chunk:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        made = self._frame("chat.completion.chunk", [choice])
        return {**made, "usage": None} if self.ask.counts else made

    def _deltas(self, event: ModelEvent) -> Iterator[Chunk]:
        match event:
            case TextDelta(text):
                self._text.append(text)
                yield {"content": text}
            case ReasoningDelta(text):
                self._thought.append(text)
                yield {"reasoning_content": text}
            case ToolDelta(id, name, text):
                yield from self._called(id, name, text)
            case ItemDone(ToolCall() as call):
                written = self._calls.get(call.id, {}).get("text", "")
                rest = call.arguments.removeprefix(written)
                if call.id not in self._calls or (rest and rest != call.arguments):
                    yield from self._called(call.id, call.name, rest, call.free)
            case ItemDone(Message(role="assistant", text=text)) if not self._text:
                self._text.append(text)
                yield {"content": text}
            case _:
                return

    def _called(self, id: str, name: str, text: str, free: bool = False) -> Iterator[Chunk]:
        new = id not in self._calls
        if new:
            free = free or any(tool.name == name and not tool.schema for tool in self.ask.tools)
            index = len(self._calls)
            self._calls[id] = {"index": index, "id": id, "name": name, "free": free, "text": ""}
        call = self._calls[id]
        call["text"] += text
        inner: Chunk = {"name": name} if new else {}
        inner["input" if call["free"] else "arguments"] = text
        kind = "custom" if call["free"] else "function"
        head: Chunk = {"index": call["index"]}
        if new:
            head |= {"id": id, "type": kind}
        yield {"tool_calls": [{**head, kind: inner}]}


def _whole(call: Chunk) -> Chunk:
    if call["free"]:
        inner = {"name": call["name"], "input": call["text"]}
        return {"id": call["id"], "type": "custom", "custom": inner}
    inner = {"name": call["name"], "arguments": call["text"]}
    return {"id": call["id"], "type": "function", "function": inner}


def chat_usage(counted: Counted | None) -> Chunk | None:
    usage = usage_of(counted)
    if usage is None:
        return None
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        "total_tokens": usage["total_tokens"],
        "prompt_tokens_details": {"cached_tokens": usage["input_tokens_details"]["cached_tokens"]},
        "completion_tokens_details": usage["output_tokens_details"],
    }
