"""The text part of a realtime server, for one that offers nothing else.

Each request has a connection of its own: the server keeps the conversation on it, and there is no
way to take anything back. Its events are those of Responses under other names.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from codexspark_tui.providers.answer import Answer
from codexspark_tui.providers.call import Call, authorized
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.hints import told_limits
from codexspark_tui.providers.model import ModelEvent, Request
from codexspark_tui.providers.responses import input_of, without
from codexspark_tui.providers.socket import Socket, open_socket
from codexspark_tui.providers.trouble import Trouble
from codexspark_tui.providers.wire import Object, ServerEvent, read_events, to_json

TRANSPORT = "realtime, websocket"
_NAMES = {
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
}
_ENDS = {
    "completed": "response.completed",
    "incomplete": "response.incomplete",
    "cancelled": "response.cancelled",
    "failed": "response.failed",
}


@dataclass(slots=True)
class Realtime:
    endpoint: Endpoint

    async def attempt(self, call: Call) -> AsyncGenerator[ModelEvent, None]:
        headers = await authorized(self.endpoint)
        address = self.endpoint.url("realtime", websocket=True)
        url = f"{address}?model={quote(self.endpoint.model, safe='')}"
        socket = await _open(self.endpoint, url, headers, call)
        try:
            if limits := told_limits(socket.headers):
                yield limits
            answer = Answer(TRANSPORT)
            timeouts = self.endpoint.timeouts
            for message in _asked(self.endpoint, call.request, call.refused):
                await self._send(socket, message, call)
            limit_s = timeouts.first_event_s
            while not answer.finished:
                messages = await socket.receive(limit_s, call.clock)
                limit_s = timeouts.between_s
                for event in answer.read([named(event) for event in read_events(messages)]):
                    yield event
            if answer.trouble is not None:
                raise answer.trouble
        finally:
            socket.drop()

    async def _send(self, socket: Socket, message: Object, call: Call) -> None:
        data = to_json(message)
        if len(data) > self.endpoint.max_message_bytes:
            raise Trouble("shrink", "takes no message of this size")
        await socket.send(data, self.endpoint.timeouts.send_s, call.clock)


async def _open(endpoint: Endpoint, url: str, headers: dict[str, str], call: Call) -> Socket:
    try:
        return await open_socket(endpoint, url, headers, call.clock)
    except Trouble as trouble:
        if trouble.remedy == "https":
            trouble.remedy = "stop"
        raise


def _asked(endpoint: Endpoint, request: Request, refused: frozenset[str]) -> list[Object]:
    """The messages of one request: the session, each item, and the wish for an answer."""
    session: Object = {"type": "realtime", "output_modalities": ["text"]}
    if request.instructions:
        session["instructions"] = request.instructions
    tools: list[Object] = [
        {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": msgspec.json.decode(tool.schema),
        }
        for tool in request.tools
        if tool.schema
    ]
    if tools:
        session["tools"] = tools
    if request.max_output_tokens is not None:
        session["max_output_tokens"] = request.max_output_tokens
    fields = without(session | dict(endpoint.parameters), refused | endpoint.refuses)
    items = [_item(item) for item in input_of(request.items)]
    return [
        {"type": "session.update", "session": fields},
        *({"type": "conversation.item.create", "item": item} for item in items),
        {"type": "response.create", "response": {"output_modalities": ["text"]}},
    ]


def _item(item: Object) -> Object:
    """An item as a realtime conversation has it: what developers say is said by the system."""
    if item.get("role") == "developer":
        return {**item, "role": "system"}
    return item


def named(event: ServerEvent) -> ServerEvent:
    """The event by the name and in the shape that it has in Responses."""
    kind = event.type if isinstance(event.type, str) else ""
    if kind in _NAMES:
        return msgspec.structs.replace(event, type=_NAMES[kind])
    if kind != "response.done" or not isinstance(event.response, dict):
        return event
    response: dict[str, Any] = event.response
    told = response.get("status_details")
    details: dict[str, Any] = told if isinstance(told, dict) else {}
    status = response.get("status")
    made = {**response, "incomplete_details": details, "error": details.get("error")}
    return msgspec.structs.replace(
        event, type=_ENDS.get(str(status), "response.completed"), response=made
    )
