"""Items of the Responses wire as items of a conversation, and back. Pure.

Reasoning and patch items that a server made are passed on as they are (`Opaque`); what this server
itself wrote as reasoning has ids that begin with `OWN_REASONING` and is dropped when a client sends
it back, since no server would know it.
"""

from __future__ import annotations

from typing import Any, cast

from codexspark_tui.gateway.faults import invalid
from codexspark_tui.gateway.reading import (
    Table,
    encoded,
    needed_text,
    picture,
    shown,
    tables_in,
    text,
    wrong,
)
from codexspark_tui.providers.model import (
    Image,
    Item,
    Message,
    Opaque,
    Role,
    Tool,
    ToolCall,
    ToolOutput,
)

OWN_REASONING = "rs_spark_"
_ROLES = ("developer", "user", "assistant", "system")
_SERVER_ONLY = ("shell_call", "shell_call_output")


def items_of(table: Table, most: int) -> tuple[Item, ...]:
    """The items of `input`: a text, or a list of items."""
    value = table.get("input")
    if value is None:
        return ()
    if isinstance(value, str):
        return (Message("user", value),)
    if isinstance(value, list) and len(value) > most:
        raise invalid(f"input has more than {most} items", "input", "array_above_max_length")
    found = (
        _item(entry, f"input[{number}].") for number, entry in enumerate(tables_in(table, "input"))
    )
    return tuple(item for item in found if item is not None)


def _item(entry: Table, where: str) -> Item | None:
    kind = text(entry, "type", where, "message" if "role" in entry else "")
    match kind:
        case "message":
            return _message(entry, where)
        case "function_call":
            id, name = needed_text(entry, "call_id", where), needed_text(entry, "name", where)
            return ToolCall(id, name, text(entry, "arguments", where))
        case "custom_tool_call":
            id, name = needed_text(entry, "call_id", where), needed_text(entry, "name", where)
            return ToolCall(id, name, text(entry, "input", where), free=True)
        case "function_call_output" | "custom_tool_call_output":
            said = _output(entry.get("output"), where)
            free = kind == "custom_tool_call_output"
            return ToolOutput(needed_text(entry, "call_id", where), said, free)
        case "reasoning":
            own = text(entry, "id", where).startswith(OWN_REASONING)
            return None if own else Opaque(encoded(entry).decode())
        case "apply_patch_call" | "apply_patch_call_output":
            return Opaque(encoded(entry).decode())  # as the server behind us made it
        case "":
            raise invalid(f"{where}type is missing", where + "type", "missing_required_parameter")
        case _:
            said = f"items of the type {shown(kind)} are not supported"
            if kind in _SERVER_ONLY:
                said += "; give the tool as a function or a custom tool"
            raise invalid(said, where + "type", "unsupported_value")


def _message(entry: Table, where: str) -> Message:
    role = needed_text(entry, "role", where)
    if role not in _ROLES:
        raise invalid(
            f"{where}role must be one of {', '.join(_ROLES)}", where + "role", "invalid_value"
        )
    known = cast(Role, "developer" if role == "system" else role)
    content = entry.get("content")
    if content is None or isinstance(content, str):
        return Message(known, content or "")
    said, images = parts_of(tables_in(entry, "content", where), where + "content")
    if images and known != "user":
        raise invalid("only the user's messages can have pictures", where + "content")
    return Message(known, said, images)


def parts_of(parts: list[Table], where: str) -> tuple[str, tuple[Image, ...]]:
    """Text and pictures of a message, in either wire's form."""
    texts: list[str] = []
    images: list[Image] = []
    for number, part in enumerate(parts):
        at = f"{where}[{number}]."
        kind = text(part, "type", at, "text")
        match kind:
            case "input_text" | "output_text" | "text":
                texts.append(needed_text(part, "text", at))
            case "refusal":
                texts.append(needed_text(part, "refusal", at))
            case "input_image":
                images.append(picture(needed_text(part, "image_url", at), at + "image_url"))
            case "image_url":
                images.append(_chat_picture(part, at))
            case _:
                said = f"content of the type {shown(kind)} is not supported"
                raise invalid(said, at + "type", "unsupported_value")
    return "".join(texts), tuple(images)


def _chat_picture(part: Table, at: str) -> Image:
    inner = part.get("image_url")
    url = needed_text(inner, "url", at) if isinstance(inner, dict) else inner
    if not isinstance(url, str):
        raise wrong(at + "image_url", "an object with url", inner)
    return picture(url, at + "image_url")


def _output(value: object, where: str) -> str:
    """The output of a tool: a text, or parts of which only text can be passed on."""
    if value is None or isinstance(value, str):
        return value or ""
    said, images = parts_of(tables_in({"output": value}, "output", where), where + "output")
    if images:
        raise invalid("the output of a tool cannot have pictures", where + "output")
    return said


def tools_of(table: Table) -> tuple[Tool, ...]:
    """Function and custom tools; a tool that a server runs by itself is refused."""
    return tuple(
        _tool(entry, f"tools[{number}].") for number, entry in enumerate(tables_in(table, "tools"))
    )


def _tool(entry: Table, where: str) -> Tool:
    kind = needed_text(entry, "type", where)
    if kind not in ("function", "custom"):
        said = f"tools of the type {shown(kind)} are not supported; give function or custom tools"
        raise invalid(said, where + "type", "unsupported_value")
    nested = entry.get(kind)  # chat completions put it one level deeper
    inner = nested if isinstance(nested, dict) else entry
    name, about = needed_text(inner, "name", where), text(inner, "description", where)
    if kind == "custom":
        return Tool(name, about)
    schema = inner.get("parameters")
    if schema is not None and not isinstance(schema, dict):
        raise wrong(where + "parameters", "an object", schema)
    return Tool(name, about, encoded(schema or {"type": "object", "properties": {}}).decode())


def call_item(id: str, call: ToolCall, status: str) -> dict[str, Any]:
    """A call of a tool as an item of the wire."""
    named: dict[str, Any] = {"id": id, "call_id": call.id, "name": call.name, "status": status}
    if call.free:
        return {"type": "custom_tool_call", **named, "input": call.arguments}
    return {"type": "function_call", **named, "arguments": call.arguments}
