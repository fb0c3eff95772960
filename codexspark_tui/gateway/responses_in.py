"""A body of POST /v1/responses, or a response.create of a WebSocket, as an `Ask`. Pure."""

from __future__ import annotations

from typing import Any

from codexspark_tui.gateway.ask import Ask
from codexspark_tui.gateway.faults import invalid, not_supported
from codexspark_tui.gateway.items import items_of, tools_of
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.gateway.reading import (
    Table,
    count,
    flag,
    needed_text,
    refuse,
    table_in,
    text,
)

CHANGES_THE_ANSWER: dict[str, tuple[object, ...]] = {
    "background": (False,),
    "conversation": (),
    "prompt": (),
    "top_logprobs": (0,),
    "max_tool_calls": (),
    "context_management": ([],),
}
"""Refused unless they have one of these values. What is only a hint (temperature, reasoning.effort,
service_tier, cache keys …) is taken and left to the settings of the provider."""


def read_ask(table: Table, limits: Limits) -> Ask:
    """Raises `Fault` that names the field."""
    refuse(table, CHANGES_THE_ANSWER)
    kind = table_in(table_in(table, "text"), "format", "text.").get("type")
    if kind not in (None, "text"):
        raise not_supported("text.format", "only text.format of the type text is supported")
    items = items_of(table, limits.input_items)
    previous = text(table, "previous_response_id")
    generate = flag(table, "generate", True)
    if not items and not previous and generate and not table.get("instructions"):
        raise invalid("input is missing", "input", "missing_required_parameter")
    tools = tools_of(table)
    metadata = table_in(table, "metadata")
    return Ask(
        model=text(table, "model"),
        instructions=text(table, "instructions"),
        items=items,
        tools=tools if chosen(table) else (),
        previous=previous,
        store=flag(table, "store", True),
        stream=flag(table, "stream", False),
        generate=generate,
        max_output_tokens=count(table, "max_output_tokens"),
        affinity=text(table, "prompt_cache_key") or previous,
        echo=_echo(table, metadata),
    )


def chosen(table: Table) -> bool:
    """Whether the tools are to be offered; a choice that cannot be passed on is refused."""
    choice = table.get("tool_choice")
    if choice not in (None, "auto", "none"):
        raise not_supported("tool_choice", "tool_choice must be auto or none")
    return choice != "none"


def _echo(table: Table, metadata: Table) -> dict[str, Any]:
    """What a response repeats of its request."""
    return {
        "instructions": text(table, "instructions") or None,
        "max_output_tokens": table.get("max_output_tokens"),
        "metadata": metadata,
        "parallel_tool_calls": flag(table, "parallel_tool_calls", True),
        "previous_response_id": text(table, "previous_response_id") or None,
        "store": flag(table, "store", True),
        "tool_choice": table.get("tool_choice") or "auto",
        "tools": table.get("tools") or [],
    }


def steering(table: Table) -> tuple[str, str]:
    """The response that a response.steer is about, and what the user says to it."""
    items = items_of(table, 100)
    said = [getattr(item, "text", "") for item in items if getattr(item, "role", "") == "user"]
    if len(said) != len(items) or not said:
        raise invalid("a steer takes messages of the user only", "input", "invalid_input")
    return needed_text(table, "previous_response_id"), "\n".join(said)
