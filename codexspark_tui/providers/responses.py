"""A request in the words of the Responses API, and how it goes on from the one before. Pure.

A connection goes on from its last answer: when every other field is equal and the new conversation
begins with the old one and what the server answered, only what is new is sent, with
`previous_response_id`. In every other case the whole conversation is.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.model import (
    Item,
    Message,
    Opaque,
    Request,
    Tool,
    ToolCall,
    ToolOutput,
)
from codexspark_tui.providers.wire import Object

REASONING = "reasoning.encrypted_content"
NEVER_DROPPED = frozenset({"model", "input", "messages", "stream", "type", "previous_response_id"})


@dataclass(frozen=True, slots=True)
class Chain:
    """What a connection can go on from: its last response, the other fields and the conversation
    up to there, the answer included."""

    response_id: str
    fields: Object
    items: tuple[Item, ...]


def fields_of(endpoint: Endpoint, request: Request, refused: frozenset[str]) -> Object:
    """Every field of a request but the conversation; `refused` are parameters not to send."""
    made: Object = {"model": endpoint.model}
    if request.instructions:
        made["instructions"] = request.instructions
    if request.tools:
        made["tools"] = [_tool(tool) for tool in request.tools]
    if request.max_output_tokens is not None:
        made["max_output_tokens"] = request.max_output_tokens
    if endpoint.stores:
        made |= {"store": False, "include": [REASONING]}
    return without(made | dict(endpoint.parameters), refused | endpoint.refuses)


def without(fields: Object, refused: Iterable[str]) -> Object:
    """Fields without those that dotted names refuse; an object that gets empty goes too."""
    made = dict(fields)
    for name in refused:
        first, _, rest = name.partition(".")
        if first in NEVER_DROPPED or first not in made:
            continue
        inner = made[first]
        if rest and isinstance(inner, dict):
            made[first] = without(inner, (rest,))
        elif rest:
            continue
        if not rest or not made[first]:
            del made[first]
    return made


def holds(fields: Object, name: str) -> bool:
    """Whether there is such a field that could be left out."""
    return without(fields, (name,)) != fields


def continued(
    chain: Chain | None, fields: Object, items: tuple[Item, ...]
) -> tuple[Item, ...] | None:
    """The items to send after `chain`, or None when everything must be sent."""
    if chain is None or chain.fields != fields:
        return None
    known = len(chain.items)
    if len(items) <= known or items[:known] != chain.items:
        return None
    return items[known:]


def created(fields: Object, items: tuple[Item, ...], after: str = "") -> Object:
    """The body of a request: the whole conversation, or what follows the response `after`."""
    body: Object = {**fields, "input": input_of(items)}
    return body | {"previous_response_id": after} if after else body


def input_of(items: Iterable[Item]) -> list[Object]:
    return [made for item in items if (made := _input(item)) is not None]


def _input(item: Item) -> Object | None:
    match item:
        case Message():
            return _message(item)
        case ToolCall(free=True):
            made = {"type": "custom_tool_call", "call_id": item.id, "name": item.name}
            return made | {"input": item.arguments}
        case ToolCall():
            made = {"type": "function_call", "call_id": item.id, "name": item.name}
            return made | {"arguments": item.arguments}
        case ToolOutput():
            kind = "custom_tool_call_output" if item.free else "function_call_output"
            return {"type": kind, "call_id": item.id, "output": item.text}
        case Opaque():
            return _opaque(item)


def _message(message: Message) -> Object:
    kind = "output_text" if message.role == "assistant" else "input_text"
    content: list[Object] = []
    if message.text or not message.images:
        content.append({"type": kind, "text": message.text})
    for image in message.images:
        data = b64encode(image.data).decode("ascii")
        content.append(
            {"type": "input_image", "image_url": f"data:{image.media_type};base64,{data}"}
        )
    return {"type": "message", "role": message.role, "content": content}


def _opaque(item: Opaque) -> Object | None:
    """As it came; None for reasoning without its content, which no server can read again."""
    try:
        found = json.loads(item.data)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    readable = found.get("encrypted_content") or found.get("content")
    return found if found.get("type") != "reasoning" or readable else None


def _tool(tool: Tool) -> Object:
    if not tool.schema:
        made: Object = {"type": "custom", "name": tool.name, "description": tool.description}
        return made | {"format": {"type": "text"}}
    made = {"type": "function", "name": tool.name, "description": tool.description}
    return made | {"parameters": json.loads(tool.schema), "strict": False}
