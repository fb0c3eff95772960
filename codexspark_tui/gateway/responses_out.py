"""`ModelEvent`s as the events of the Responses API, in their documented order. Pure.

    response.created, response.in_progress, then for each item: output_item.added, its parts and
    deltas, output_item.done; then one of response.completed, response.incomplete, response.failed

One item is open at a time: what comes of another call before the open one is whole is held until
then. What `ItemDone` brings is the truth: it replaces what was streamed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from codexspark_tui.gateway.ask import Ask
from codexspark_tui.gateway.faults import Fault
from codexspark_tui.gateway.items import OWN_REASONING, call_item
from codexspark_tui.gateway.telling import Teller
from codexspark_tui.providers.model import (
    Counted,
    Item,
    ItemDone,
    Message,
    ModelEvent,
    Opaque,
    ReasoningDelta,
    TextDelta,
    ToolCall,
    ToolDelta,
    ToolOutput,
)

Event = dict[str, Any]
LOST = Fault("the connection to the model was lost before the answer was complete", 502)


@dataclass(slots=True)
class Open:
    """The item that is being written. `kind`: message, reasoning, function_call or custom_…"""

    kind: str
    id: str
    call: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(slots=True)
class Answer:
    """One response. `items` is what it adds to the conversation, `output` the same on the wire."""

    ask: Ask
    model: str
    id: str = field(default_factory=lambda: "resp_" + secrets.token_hex(16))
    created_at: int = field(default_factory=lambda: int(time.time()))
    items: list[Item] = field(default_factory=list)
    output: list[Event] = field(default_factory=list)
    teller: Teller = field(default_factory=Teller)
    status: str = "in_progress"
    fault: Fault | None = None
    _number: int = 0
    _begun: bool = False
    _open: Open | None = None
    _held: list[ToolDelta | ToolCall] = field(default_factory=list)

    def feed(self, event: ModelEvent) -> list[Event]:
        """The events for the client; the first call begins the response, `Ended` is the last."""
        if self.teller.ended:
            return []
        made: list[Event] = [] if self._begun else list(self._begin())
        for told in self.teller.told(event):
            made += self._told(told)
        if self.teller.finish is not None and self.status == "in_progress":
            made += self._end()
        return made

    @property
    def begun(self) -> bool:
        return self._begun

    def empty(self) -> list[Event]:
        """A response that says nothing: the conversation is ready to be continued."""
        made = list(self._begin())
        self.status = "completed"
        return [*made, self._event("response.completed", response=self.body())]

    def fail(self, fault: Fault) -> list[Event]:
        """End a response that has begun."""
        made = list(self._torn())
        self.status, self.fault = "failed", fault
        return [*made, self._event("response.failed", response=self.body())]

    def body(self) -> Event:
        """The response as it is now."""
        reason = "max_output_tokens" if self.status == "incomplete" else None
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created_at,
            "status": self.status,
            "error": self._error(),
            "incomplete_details": {"reason": reason} if reason else None,
            "model": self.teller.model or self.model,
            "output": list(self.output),
            "reasoning": {"effort": None, "summary": None},
            "temperature": None,
            "text": {"format": {"type": "text"}},
            "top_p": None,
            "truncation": "disabled",
            "usage": usage_of(self.teller.counted),
            "user": None,
            **self.ask.echo,
        }

    def _error(self) -> Event | None:
        if self.fault is None:
            return None
        return {"code": self.fault.code or "server_error", "message": self.fault.message}

    def _event(self, type: str, **fields: Any) -> Event:
        made = {"type": type, "sequence_number": self._number, **fields}
        self._number += 1
        return made

    def _begin(self) -> Iterator[Event]:
        self._begun = True
        yield self._event("response.created", response=self.body())
        yield self._event("response.in_progress", response=self.body())

    def _end(self) -> Iterator[Event]:
        finish = self.teller.finish
        yield from self._torn()
        for whole in [one for one in self._held if isinstance(one, ToolCall)]:
            self._held = []
            yield from self._call_done(whole)
        if finish in ("cut", "lost"):
            self.status, self.fault = "failed", LOST
        else:
            self.status = "incomplete" if finish == "length" else "completed"
        yield self._event(f"response.{self.status}", response=self.body())

    def _told(self, event: ModelEvent) -> Iterator[Event]:
        match event:
            case TextDelta(text):
                yield from self._written("message", text)
            case ReasoningDelta(text):
                yield from self._written("reasoning", text)
            case ToolDelta(id, name, text):
                yield from self._called(id, name, text)
            case ItemDone(item):
                yield from self._done(item)
            case _:
                return

    # -- items ---------------------------------------------------------------------------------

    def _written(self, kind: str, text: str) -> Iterator[Event]:
        """More of a message or of reasoning."""
        if not text:
            return
        if self._open is None or self._open.kind != kind:
            yield from self._close(None)
            prefix = "msg_" if kind == "message" else OWN_REASONING
            yield from self._start(Open(kind, prefix + secrets.token_hex(12)))
        assert self._open is not None
        self._open.pieces.append(text)
        type = (
            "response.output_text.delta" if kind == "message" else "response.reasoning_text.delta"
        )
        more: Event = {"logprobs": []} if kind == "message" else {}
        yield self._event(type, **self._place(0), delta=text, **more)

    def _called(self, id: str, name: str, text: str) -> Iterator[Event]:
        """More of the arguments of a call."""
        if self._open is not None and self._open.call and self._open.call != id:
            self._held.append(ToolDelta(id, name, text))
            return
        if self._open is None or self._open.call != id:
            yield from self._close(None)
            free = any(tool.name == name and not tool.schema for tool in self.ask.tools)
            yield from self._start(_open_call(ToolCall(id, name, "", free)))
        assert self._open is not None
        if text:
            self._open.pieces.append(text)
            yield self._event(_DELTAS[self._open.kind], **self._place(None), delta=text)

    def _done(self, item: Item) -> Iterator[Event]:
        """An item is whole: close the open one as this one, or write it all at once."""
        match item:
            case Message(role="assistant"):
                if self._open is None or self._open.kind != "message":
                    yield from self._written("message", item.text)
                yield from self._close(item)
            case ToolCall():
                yield from self._call_done(item)
            case Opaque(data):
                yield from self._passed(data)
            case Message() | ToolOutput():
                return

    def _call_done(self, item: ToolCall) -> Iterator[Event]:
        """A call is whole; what was held of others goes on."""
        if self._open is not None and self._open.call and self._open.call != item.id:
            self._held.append(item)
            return
        if self._open is None or self._open.call != item.id:
            yield from self._close(None)
            yield from self._start(_open_call(item))
        yield from self._close(item)
        held, self._held = self._held, []
        for one in held:
            if isinstance(one, ToolCall):
                yield from self._call_done(one)
            else:
                yield from self._called(one.id, one.name, one.text)

    def _passed(self, data: str) -> Iterator[Event]:
        """An item of the upstream server, as it came; it takes the place of its own deltas."""
        try:
            item = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError):
            return
        if not isinstance(item, dict) or not isinstance(item.get("type"), str):
            return
        open = self._open
        if open is not None and open.kind == item["type"] == "reasoning":
            self._open = None
        else:
            yield from self._close(None)
            open = None
        index = len(self.output)
        if open is None:
            yield self._event("response.output_item.added", output_index=index, item=item)
        self.output.append(item)
        self.items.append(Opaque(data))
        yield self._event("response.output_item.done", output_index=index, item=item)

    def _start(self, open: Open) -> Iterator[Event]:
        self._open = open
        index = len(self.output)
        empty = self._item(open, "", "in_progress")
        yield self._event("response.output_item.added", output_index=index, item=empty)
        if open.kind in ("message", "reasoning"):
            place, part = self._place(0), _part(open.kind, "")
            yield self._event("response.content_part.added", **place, part=part)

    def _close(self, whole: Message | ToolCall | None) -> Iterator[Event]:
        """End the open item, with the text of `whole` where that is known."""
        open, at = self._open, self._place(0)
        if open is None:
            return
        self._open = None
        said = open.text
        match whole:
            case Message():
                said = whole.text
            case ToolCall():
                said = whole.arguments
            case None:
                pass
        key = _DONE_KEYS[open.kind]
        if open.kind not in ("message", "reasoning"):
            del at["content_index"]
        more: Event = {"logprobs": []} if open.kind == "message" else {}
        if open.kind == "function_call":
            more = {"name": open.name}
        yield self._event(_DONES[open.kind], **at, **{key: said}, **more)
        if open.kind in ("message", "reasoning"):
            yield self._event("response.content_part.done", **at, part=_part(open.kind, said))
        item = self._item(open, said, "completed")
        yield self._event("response.output_item.done", output_index=len(self.output), item=item)
        self.output.append(item)
        if open.kind == "message":
            self.items.append(Message("assistant", said))
        elif open.call:
            free = open.kind == "custom_tool_call"
            self.items.append(ToolCall(open.call, open.name, said, free))

    def _torn(self) -> Iterator[Event]:
        """The answer breaks off: half a call is told as incomplete, for somebody may run it."""
        open = self._open
        if open is None or not open.call:
            yield from self._close(None)
            return
        self._open = None
        item = self._item(open, open.text, "incomplete")
        yield self._event("response.output_item.done", output_index=len(self.output), item=item)
        self.output.append(item)

    def _place(self, content: int | None) -> Event:
        place: Event = {"item_id": self._open.id if self._open else ""}
        place["output_index"] = len(self.output)
        return place if content is None else {**place, "content_index": content}

    def _item(self, open: Open, said: str, status: str) -> Event:
        parts = [_part(open.kind, said)] if status == "completed" else []
        match open.kind:
            case "message":
                kind = {"id": open.id, "type": "message", "role": "assistant"}
                return {**kind, "status": status, "content": parts}
            case "reasoning":
                kind = {"id": open.id, "type": "reasoning", "status": status}
                return {**kind, "summary": [], "content": parts}
            case _:
                free = open.kind == "custom_tool_call"
                return call_item(open.id, ToolCall(open.call, open.name, said, free), status)


_DELTAS = {
    "function_call": "response.function_call_arguments.delta",
    "custom_tool_call": "response.custom_tool_call_input.delta",
}
_DONES = {
    "message": "response.output_text.done",
    "reasoning": "response.reasoning_text.done",
    "function_call": "response.function_call_arguments.done",
    "custom_tool_call": "response.custom_tool_call_input.done",
}
_DONE_KEYS = {
    "message": "text",
    "reasoning": "text",
    "function_call": "arguments",
    "custom_tool_call": "input",
}


def _open_call(call: ToolCall) -> Open:
    kind, prefix = ("custom_tool_call", "ctc_") if call.free else ("function_call", "fc_")
    return Open(kind, prefix + secrets.token_hex(12), call.id, call.name)


def _part(kind: str, text: str) -> Event:
    if kind == "reasoning":
        return {"type": "reasoning_text", "text": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def usage_of(counted: Counted | None) -> Event | None:
    """Null where nothing was counted; in a part that was not counted 0."""
    if counted is None or (counted.input_tokens is None and counted.output_tokens is None):
        return None
    taken, given = counted.input_tokens or 0, counted.output_tokens or 0
    return {
        "input_tokens": taken,
        "input_tokens_details": {
            "cached_tokens": counted.cached_tokens or 0,
            "cache_write_tokens": 0,
        },
        "output_tokens": given,
        "output_tokens_details": {"reasoning_tokens": counted.reasoning_tokens or 0},
        "total_tokens": taken + given,
    }
