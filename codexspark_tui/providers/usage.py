"""Tokens and limits as servers tell them in the body of an answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from codexspark_tui.providers.model import Counted, Limit, Limits, ModelEvent


def counted(usage: object) -> list[ModelEvent]:
    """Tokens as a Responses or a chat server counted them."""
    if not isinstance(usage, Mapping):
        return []
    told = (
        _first(usage, "input_tokens", "prompt_tokens"),
        _first(usage, "output_tokens", "completion_tokens"),
        _first(_inner(usage, "input_tokens_details", "prompt_tokens_details"), "cached_tokens"),
        _first(
            _inner(usage, "output_tokens_details", "completion_tokens_details"), "reasoning_tokens"
        ),
    )
    return [Counted(*told)] if any(number is not None for number in told) else []


def _inner(usage: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    found = (usage.get(name) for name in names)
    return next((inner for inner in found if isinstance(inner, Mapping)), {})


def _first(usage: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = usage.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 <= value < inf:
            return int(value)
    return None


def realtime_limits(told: object) -> list[ModelEvent]:
    """The limits of a realtime server."""
    found = tuple(
        Limit(
            str(limit.get("name") or ""),
            _first(limit, "limit"),
            _first(limit, "remaining"),
            float(reset) if isinstance(reset := limit.get("reset_seconds"), int | float) else None,
        )
        for limit in (told if isinstance(told, list) else [])
        if isinstance(limit, Mapping)
    )
    return [Limits(found)] if found else []
