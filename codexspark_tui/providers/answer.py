"""The answer of a Responses server: its events in, the events of a provider out. Pure.

The items that are done and the terminal event are the truth; deltas come before it and are held to
it: a text that was longer than its deltas yields the rest, one that contradicts what was already
shown ends the answer as lost. Events of another response (a cancelled one) and events that came
twice change nothing; unknown ones are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from codexspark_tui.providers.model import (
    Ended,
    Finish,
    Item,
    ItemDone,
    Message,
    ModelEvent,
    Opaque,
    Opened,
    ReasoningDelta,
    Said,
    TextDelta,
    ToolCall,
    ToolDelta,
    Waiting,
)
from codexspark_tui.providers.trouble import Trouble, refused
from codexspark_tui.providers.usage import counted, realtime_limits
from codexspark_tui.providers.wire import Object, ServerEvent, Surrogates, whole

CONTRADICTED = "the server corrected text that was already shown; the answer is asked for again"
_TEXTS = ("output_text", "text", "refusal")
_CUT = {
    "content_filter": "the server's content filter ended the answer",
    "max_messages": "the server's limit on messages ended the answer",
}


@dataclass(slots=True)
class _Part:
    """What was shown of one item so far; `told`: its texts as the server closed them."""

    index: int | None = None
    id: str = ""
    name: str = ""
    free: bool = False
    shown: list[str] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)
    halves: Surrogates = field(default_factory=Surrogates)
    done: bool = False


@dataclass(slots=True)
class Answer:
    """Reads one answer. `transport` is for `Opened`; `foreign` are ids of responses before it.

    `finished`: the terminal event came, or the answer was given up; no event counts any more.
    `closed`: the server has ended it. `complete`: it ended well. `turned`: by another response than
    it began with. `items`: what of it goes into the conversation, in its order.
    `trouble`: the error that ended it, to be raised after the events before it were passed on.
    `steered`: it goes on in another response. `steers`: whether each steering was accepted.
    """

    transport: str
    foreign: set[str] = field(default_factory=set)
    id: str = ""
    items: list[Item] = field(default_factory=list)
    finished: bool = False
    closed: bool = False
    complete: bool = False
    turned: bool = False
    trouble: Trouble | None = None
    steered: bool = False
    steers: list[bool] = field(default_factory=list)
    _begun: bool = False
    _other: str = ""
    _model: str | None = None
    _last: int = 0
    _parts: dict[object, _Part] = field(default_factory=dict)

    def read(self, events: list[ServerEvent]) -> list[ModelEvent]:
        """What came at one time; neighbouring texts are joined."""
        made: list[ModelEvent] = []
        texts: list[str] = []
        for event in events:
            if self.finished:
                break
            if event.type == "response.output_text.delta":
                if self._counts(event):
                    made += self._opened_by_text()
                    texts.append(self._shown(event))
                continue
            _flush(made, texts)
            try:
                made += self._read(event)
            except Trouble as trouble:
                self.trouble, self.finished = trouble, True
        _flush(made, texts)
        return made

    def _read(self, event: ServerEvent) -> list[ModelEvent]:
        kind = event.type if isinstance(event.type, str) else ""
        if kind == "error" or (not kind and (event.error or event.code)):
            raise self._error(event)
        if kind.startswith("response.steer."):
            self.steers.append(not kind.endswith("failed"))
            return []
        if kind == "rate_limits.updated":
            return realtime_limits(event.rate_limits)
        if kind in _BEGINS:
            return self._begin(event, kind)
        if kind in _ENDS:
            return self._end(event, _ENDS[kind])
        read = _READERS.get(kind)
        return read(self, event) if read is not None and self._counts(event) else []

    def _counts(self, event: ServerEvent) -> bool:
        """Whether an event is of this answer, and did not come before."""
        number = event.sequence_number
        if self._other:
            return False
        if not isinstance(number, int):
            return True
        if number <= 0:
            self._begun = True
            return True
        if not self._begun or number <= self._last:
            return False
        self._last = number
        return True

    def _begin(self, event: ServerEvent, kind: str) -> list[ModelEvent]:
        response = event.response if isinstance(event.response, Mapping) else {}
        id = _text(response.get("id"))
        another = self._begun and self.id and id != self.id and not self.steered
        if id and (id in self.foreign or (another and kind == "response.created")):
            self._other = id
            return []
        if self.steered:
            self._parts = {}
        self._begun, self.steered, self._other = True, False, ""
        self.id = id or self.id
        if isinstance(event.sequence_number, int):
            self._last = event.sequence_number
        made = self._open(_text(response.get("model")))
        if kind == "response.queued":
            made.append(Waiting(0.0, "the server has the request in its queue"))
        return made

    def _open(self, model: str) -> list[ModelEvent]:
        if model == self._model or (not model and self._model is not None):
            return []
        self._model = model
        return [Opened(self.transport, model)]

    def _opened_by_text(self) -> list[ModelEvent]:
        return self._open("") if self._model is None else []

    def _error(self, event: ServerEvent) -> Trouble:
        status = event.status if event.status is not None else event.status_code
        flat = {"code": event.code, "message": event.message, "param": event.param}
        told = event.error if isinstance(event.error, Mapping | str) else flat
        headers = event.headers if isinstance(event.headers, Mapping) else {}
        lower = {str(name).lower(): str(value) for name, value in headers.items()}
        number = status if isinstance(status, int) and not isinstance(status, bool) else None
        return refused(number, told, lower)

    def _part(self, event: ServerEvent, item: Object | None = None) -> _Part:
        """The part that an event belongs to, by its place or, where there is none, by its id."""
        index = event.output_index
        part = self._parts.get(index) if isinstance(index, int) else None
        return self._part_by_id(event, item or {}) if part is None else part

    def _part_by_id(self, event: ServerEvent, item: Object) -> _Part:
        index = event.output_index if isinstance(event.output_index, int) else None
        id = _text(event.item_id) or _text(item.get("id"))
        part = self._parts.get(id) or self._parts.get("")
        if part is None or part.done or (index is not None and part.index not in (None, index)):
            part = _Part()
        part.index = index
        self._parts[id] = part
        if index is not None:
            self._parts[index] = part
        return part

    def _shown(self, event: ServerEvent) -> str:
        part = self._part(event)
        text = part.halves.joined(_text(event.delta))
        part.shown.append(text)
        return text

    def _refusal_delta(self, event: ServerEvent) -> list[ModelEvent]:
        text = self._shown(event)
        return [*self._opened_by_text(), TextDelta(text)] if text else []

    def _text_done(self, event: ServerEvent) -> list[ModelEvent]:
        index = event.content_index if isinstance(event.content_index, int) else 0
        self._part(event).told[index] = whole(_text(event.text) or _text(event.refusal))
        return []

    def _reasoning(self, event: ServerEvent) -> list[ModelEvent]:
        return [ReasoningDelta(whole(event.delta))] if _text(event.delta) else []

    def _added(self, event: ServerEvent) -> list[ModelEvent]:
        item = event.item
        if isinstance(item, Mapping):
            part = self._part(event, dict(item))
            part.id = _text(item.get("call_id")) or _text(item.get("id"))
            part.name = _text(item.get("name"))
            part.free = item.get("type") == "custom_tool_call"
        return []

    def _tool_delta(self, event: ServerEvent) -> list[ModelEvent]:
        text = self._shown(event)
        part = self._part(event)
        return [ToolDelta(part.id or _text(event.item_id), part.name, text)] if text else []

    def _item_done(self, event: ServerEvent) -> list[ModelEvent]:
        if not isinstance(event.item, Mapping):
            return []
        item = dict(event.item)
        return self._done(item, self._part(event, item))

    def _done(self, item: Object, part: _Part) -> list[ModelEvent]:
        """An item that is whole: the rest of its text, and itself."""
        if part.done:
            return []
        part.done = True
        kind = item.get("type")
        if kind == "message":
            return self._message_done(_text_of(item), part)
        if kind in ("function_call", "custom_tool_call"):
            if item.get("status") == "incomplete":
                return []
            return self._call_done(item, part, free=kind == "custom_tool_call")
        return self._keep(Opaque(msgspec.json.encode(item).decode())) if kind else []

    def _message_done(self, text: str, part: _Part) -> list[ModelEvent]:
        rest = _rest(text, "".join(part.shown))
        if rest is None:
            return self._contradicted()
        shown: list[ModelEvent] = [*self._opened_by_text(), TextDelta(rest)] if rest else []
        return [*shown, *self._keep(Message("assistant", text))]

    def _call_done(self, item: Object, part: _Part, *, free: bool) -> list[ModelEvent]:
        id = _text(item.get("call_id")) or _text(item.get("id")) or part.id
        name = _text(item.get("name")) or part.name
        given = item.get("input") if free else item.get("arguments")
        text = given if isinstance(given, str) else msgspec.json.encode(given or {}).decode()
        text = whole(text)
        rest = _rest(text, "".join(part.shown))
        if rest is None and free:
            return self._contradicted()
        shown: list[ModelEvent] = [ToolDelta(id, name, rest)] if rest else []
        return [*shown, *self._keep(ToolCall(id, name, text, free))]

    def _keep(self, item: Item) -> list[ModelEvent]:
        self.items.append(item)
        return [ItemDone(item)]

    def _contradicted(self) -> list[ModelEvent]:
        self.finished = True
        return [Said(CONTRADICTED, warning=True), Ended("lost")]

    def _end(self, event: ServerEvent, finish: Finish) -> list[ModelEvent]:
        response = dict(event.response) if isinstance(event.response, Mapping) else {}
        id = _text(response.get("id"))
        if id and (id in self.foreign or id == self._other):
            self._other = ""
            return []
        if not self._counts(event):
            return []
        self.closed = True
        if event.type == "response.failed":
            raise refused(None, response.get("error") or {"message": "the response failed"})
        made = self._open(_text(response.get("model")))
        made += self._missing(response.get("output"), ends_well=finish == "stop")
        if self.finished:
            return made
        made += counted(response.get("usage"))
        reason = _reason(response)
        if reason == "steered":
            self.steered, self.turned, self.closed = True, True, False
            return made
        if reason in _CUT:
            made.append(Said(_CUT[reason], warning=True))
        self.id = id or self.id
        self.finished = self.closed = True
        self.complete = finish == "stop"
        return [*made, Ended("cut" if reason in _CUT else finish)]

    def _missing(self, output: object, *, ends_well: bool) -> list[ModelEvent]:
        """Items of the terminal event that were not done before it."""
        made: list[ModelEvent] = []
        for index, item in enumerate(output if isinstance(output, list) else []):
            if not isinstance(item, Mapping) or self.finished:
                continue
            part = self._parts.get(index) or self._parts.get(item.get("id"))
            if part is None:
                part = self._parts[index] = _Part()
            made += self._done(dict(item), part)
        return made + self._left(ends_well)

    def _left(self, ends_well: bool) -> list[ModelEvent]:
        """Items that were shown, and that no event has told as a whole; half a call is none."""
        made: list[ModelEvent] = []
        for part in self._parts.values():
            if part.done or self.finished or not (part.shown or part.told):
                continue
            part.done = True
            shown = "".join(part.shown)
            if part.name and not ends_well:
                continue
            if part.name:
                made += self._keep(ToolCall(part.id, part.name, shown, part.free))
            else:
                told = "".join(part.told[index] for index in sorted(part.told))
                made += self._message_done(told or shown, part)
        return made


def _flush(made: list[ModelEvent], texts: list[str]) -> None:
    text = "".join(texts)
    texts.clear()
    if text:
        made.append(TextDelta(text))


def _rest(text: str, shown: str) -> str | None:
    """What of `text` was not shown yet; None when something else was."""
    if text.startswith(shown):
        return text[len(shown) :]
    return None


def _text_of(item: Object) -> str:
    content = item.get("content")
    if isinstance(content, str):
        return whole(content)
    parts = content if isinstance(content, list) else []
    return whole(
        "".join(
            _text(part.get("text")) or _text(part.get("refusal"))
            for part in parts
            if isinstance(part, Mapping) and part.get("type") in _TEXTS
        )
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _reason(response: Object) -> str:
    details = response.get("incomplete_details")
    return _text(details.get("reason")) if isinstance(details, Mapping) else ""


_BEGINS = frozenset({"response.created", "response.in_progress", "response.queued"})
_ENDS: Mapping[str, Finish] = {
    "response.completed": "stop",
    "response.incomplete": "length",
    "response.failed": "cut",
    "response.cancelled": "cut",
}
_READERS = {
    "response.refusal.delta": Answer._refusal_delta,
    "response.output_text.done": Answer._text_done,
    "response.refusal.done": Answer._text_done,
    "response.reasoning_text.delta": Answer._reasoning,
    "response.reasoning_summary_text.delta": Answer._reasoning,
    "response.output_item.added": Answer._added,
    "response.output_item.done": Answer._item_done,
    "response.function_call_arguments.delta": Answer._tool_delta,
    "response.custom_tool_call_input.delta": Answer._tool_delta,
}
