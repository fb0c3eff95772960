"""A body of POST /v1/chat/completions as an `Ask`. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from codexspark_tui.gateway.ask import Ask
from codexspark_tui.gateway.faults import invalid, not_supported
from codexspark_tui.gateway.items import parts_of, tools_of
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.gateway.reading import (
    Table,
    count,
    flag,
    needed_text,
    refuse,
    table_in,
    tables_in,
    text,
)
from codexspark_tui.gateway.responses_in import chosen
from codexspark_tui.providers.model import Image, Item, Message, Role, ToolCall, ToolOutput

CHANGES_THE_ANSWER: dict[str, tuple[object, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "stop": ([], ""),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "audio": (),
    "modalities": (["text"],),
    "web_search_options": (),
}
_ROLES = {"system": "developer", "developer": "developer", "user": "user", "assistant": "assistant"}


def read_chat(table: Table, limits: Limits) -> Ask:
    """Raises `Fault` that names the field."""
    refuse(table, CHANGES_THE_ANSWER)
    if table_in(table, "response_format").get("type") not in (None, "text"):
        raise not_supported("response_format", "only response_format of the type text is supported")
    messages = tables_in(table, "messages")
    if not messages:
        raise invalid("messages is missing", "messages", "missing_required_parameter")
    if len(messages) > limits.input_items:
        said = f"messages has more than {limits.input_items} entries"
        raise invalid(said, "messages", "array_above_max_length")
    items: list[Item] = []
    for number, message in enumerate(messages):
        items += _items(message, f"messages[{number}].")
    tools = tools_of(table)
    return Ask(
        model=text(table, "model"),
        items=_matched(items),
        tools=tools if chosen(table) else (),
        store=False,
        stream=flag(table, "stream", False),
        counts=flag(table_in(table, "stream_options"), "include_usage", False),
        max_output_tokens=count(table, "max_completion_tokens") or count(table, "max_tokens"),
        affinity=text(table, "prompt_cache_key"),
    )


def _items(message: Table, where: str) -> list[Item]:
    role = needed_text(message, "role", where)
    said, images = _content(message, where)
    if role == "tool":
        return [ToolOutput(needed_text(message, "tool_call_id", where), said)]
    if role not in _ROLES:
        known = ", ".join([*_ROLES, "tool"])
        raise invalid(f"{where}role must be one of {known}", where + "role", "invalid_value")
    if images and role != "user":
        raise invalid("only the user's messages can have pictures", where + "content")
    calls = [
        _call(entry, f"{where}tool_calls[{number}].")
        for number, entry in enumerate(tables_in(message, "tool_calls", where))
    ]
    spoken: list[Item] = []
    if said or images or not calls:
        spoken.append(Message(cast(Role, _ROLES[role]), said, images))
    return [*spoken, *calls]


def _matched(items: list[Item]) -> tuple[Item, ...]:
    """Outputs are free where their calls were; chat completions do not say it."""
    free = {item.id for item in items if isinstance(item, ToolCall) and item.free}
    return tuple(
        replace(item, free=True) if isinstance(item, ToolOutput) and item.id in free else item
        for item in items
    )


def _content(message: Table, where: str) -> tuple[str, tuple[Image, ...]]:
    content = message.get("content")
    if content is None or isinstance(content, str):
        return content or "", ()
    return parts_of(tables_in(message, "content", where), where + "content")


def _call(entry: Table, where: str) -> ToolCall:
    id = needed_text(entry, "id", where)
    free = entry.get("type") == "custom"
    key, field = ("custom", "input") if free else ("function", "arguments")
    inner = table_in(entry, key, where)
    return ToolCall(id, needed_text(inner, "name", where), text(inner, field, where), free)
