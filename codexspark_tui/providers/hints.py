"""What a server says of waiting and of its limits, in headers and in messages. Pure."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from math import isfinite

from codexspark_tui.providers.model import Limit, Limits

_HINT = re.compile(
    r"(?:try again|retry)(?: after| in)?:? +((?:\d+(?:\.\d+)? *(?:ms|milliseconds?|seconds?|secs?|s"
    r"|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z]) *)+)",
    re.I,
)
_SPAN = re.compile(r"(\d+(?:\.\d+)?) *([a-z]+)", re.I)
_SECONDS = {"ms": 0.001, "mi": 60.0, "m": 60.0, "s": 1.0, "h": 3600.0, "d": 86400.0}
_NAMES = ("requests", "tokens")


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that `retry-after-ms` or `retry-after` ask for; names in lower case."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    from email.utils import parsedate_to_datetime  # not before a server gives a date

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def hinted_wait(message: str) -> float | None:
    """Seconds in a sentence like "Please try again in 6m0.5s."."""
    found = _HINT.search(message)
    return span(found[1]) if found else None


def span(text: str) -> float | None:
    """Seconds of "1s", "6m0s", "120ms", "1.5 seconds"; None for what is no span of time."""
    parts = _SPAN.findall(text)
    if not parts:
        return None
    return sum(float(number) * _unit(unit.lower()) for number, unit in parts)


def _unit(unit: str) -> float:
    if unit == "ms" or unit.startswith("milli"):
        return _SECONDS["ms"]
    return _SECONDS.get(unit[0], 1.0)


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """What `x-should-retry` says."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").lower())


def told_limits(headers: Mapping[str, str]) -> Limits | None:
    """The limits in `x-ratelimit-*`; None where there are none."""
    found = tuple(
        Limit(name, *_pair(headers, name), _reset(headers.get(f"x-ratelimit-reset-{name}", "")))
        for name in _NAMES
        if any(f"x-ratelimit-{kind}-{name}" in headers for kind in ("limit", "remaining", "reset"))
    )
    return Limits(found) if found else None


def _pair(headers: Mapping[str, str], name: str) -> tuple[int | None, int | None]:
    limit = _number(headers.get(f"x-ratelimit-limit-{name}", ""))
    remaining = _number(headers.get(f"x-ratelimit-remaining-{name}", ""))
    known = limit is not None and limit > 0
    return int(limit) if known and limit else None, None if remaining is None else int(remaining)


def _reset(value: str) -> float | None:
    seconds = _number(value)
    return span(value) if seconds is None else seconds


def _number(value: str) -> float | None:
    try:
        found = float(value)
    except ValueError:
        return None
    return found if isfinite(found) and found >= 0 else None
