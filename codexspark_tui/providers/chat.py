"""A request in the words of chat completions. Pure.

It is written for servers that know the least: one system message in front, no two messages of a
role in a row, no tools of free text (they become a function with one text).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable

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
from codexspark_tui.providers.responses import without
from codexspark_tui.providers.wire import Object

FREE_ARGUMENT = "input"
_LIMITS = ("max_tokens", "max_completion_tokens")
_OPENAI = "api.openai.com"


def chat_body(endpoint: Endpoint, request: Request, refused: frozenset[str]) -> Object:
    """The whole request; `refused` are parameters not to send."""
    left_out = refused | endpoint.refuses
    made: Object = {
        "model": endpoint.model,
        "messages": messages_of(request),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        made["tools"] = [_tool(tool) for tool in request.tools]
    if request.max_output_tokens is not None:
        made[_limit(endpoint, left_out)] = request.max_output_tokens
    if endpoint.stores and endpoint.host == _OPENAI:
        made["store"] = False
    if endpoint.prediction and request.prediction and not request.tools:
        made["prediction"] = {"type": "content", "content": request.prediction}
    return without(made | dict(endpoint.parameters), left_out)


def _limit(endpoint: Endpoint, refused: frozenset[str]) -> str:
    """The name of the limit on the answer: OpenAI takes one, the others the other."""
    names = _LIMITS if endpoint.host != _OPENAI else _LIMITS[::-1]
    return next((name for name in names if name not in refused), names[0])


def messages_of(request: Request) -> list[Object]:
    """The conversation, as a system message and turns of user and assistant."""
    items = list(request.items)
    said = [request.instructions]
    while items and isinstance(first := items[0], Message) and first.role == "developer":
        said.append(first.text)
        items.pop(0)
    system = "\n\n".join(text for text in said if text)
    made: list[Object] = [{"role": "system", "content": system}] if system else []
    for item in items:
        _add(made, item)
    return made


def _add(made: list[Object], item: Item) -> None:
    last = made[-1] if made else {}
    match item:
        case Message():
            message = _message(item)
            if _joins(last, message):
                last["content"] = f"{last['content'] or ''}\n\n{message['content']}"
            else:
                made.append(message)
        case ToolCall():
            call = {
                "id": item.id,
                "type": "function",
                "function": {"name": item.name, "arguments": _arguments(item)},
            }
            if last.get("role") == "assistant":
                last.setdefault("tool_calls", []).append(call)
            else:
                made.append({"role": "assistant", "content": None, "tool_calls": [call]})
        case ToolOutput():
            made.append({"role": "tool", "tool_call_id": item.id, "content": item.text})
        case Opaque():
            pass  # only the server that made it can read it, and it speaks another wire


def _joins(last: Object, message: Object) -> bool:
    texts = isinstance(last.get("content"), str) and isinstance(message["content"], str)
    return texts and last.get("role") == message["role"] and "tool_calls" not in last


def _message(message: Message) -> Object:
    role = "assistant" if message.role == "assistant" else "user"
    if not message.images:
        return {"role": role, "content": message.text}
    parts: list[Object] = [{"type": "text", "text": message.text}] if message.text else []
    for image in message.images:
        data = b64encode(image.data).decode("ascii")
        address = f"data:{image.media_type};base64,{data}"
        parts.append({"type": "image_url", "image_url": {"url": address}})
    return {"role": role, "content": parts}


def _arguments(call: ToolCall) -> str:
    return json.dumps({FREE_ARGUMENT: call.arguments}) if call.free else call.arguments


def _tool(tool: Tool) -> Object:
    free = {
        "type": "object",
        "properties": {FREE_ARGUMENT: {"type": "string"}},
        "required": [FREE_ARGUMENT],
    }
    schema = json.loads(tool.schema) if tool.schema else free
    function = {"name": tool.name, "description": tool.description, "parameters": schema}
    return {"type": "function", "function": function}


def free_tools(tools: Iterable[Tool]) -> frozenset[str]:
    """The names of the tools whose calls hold free text."""
    return frozenset(tool.name for tool in tools if not tool.schema)
