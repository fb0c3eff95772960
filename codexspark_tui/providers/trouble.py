"""What went wrong with one attempt, and what is to be done about it. Pure.

`Trouble` never leaves this room: retry.py acts on its remedy, or turns it into an error of the tree
that names the host and the next step. No text in it holds a key or an address with credentials.

    wait      the same again, after a while: the network, a rate limit, a server that is overloaded
    resend    the whole conversation again, at once: the server has lost what it went on from
    https     the same request over HTTPS: no WebSocket there, or the message is too large for it
    chat      the same request by chat completions: the server has no Responses
    drop      the same request without `param`, which the model does not know
    shrink, switch, key, quota, stop    ends the request; only a person or the session can help
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from codexspark_tui.errors import (
    ContextTooLong,
    KeyMissing,
    LimitReached,
    ModelGone,
    ProviderError,
    SparkError,
)
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.hints import asked_wait, hinted_wait, should_retry
from codexspark_tui.providers.wire import beginning

Remedy: TypeAlias = Literal[
    "wait", "resend", "https", "chat", "drop", "shrink", "switch", "key", "quota", "stop", "time"
]

_BY_CODE: Mapping[str, Remedy] = {
    "previous_response_not_found": "resend",
    "websocket_connection_limit_reached": "resend",
    "websocket_stream_limit_reached": "resend",
    "rate_limit_exceeded": "wait",
    "rate_limit_error": "wait",
    "slow_down": "wait",
    "server_is_overloaded": "wait",
    "service_unavailable_error": "wait",
    "overloaded_error": "wait",
    "server_error": "wait",
    "internal_server_error": "wait",
    "insufficient_quota": "quota",
    "credit_balance_exhausted": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
    "usage_limit_reached": "quota",
    "context_length_exceeded": "shrink",
    "exceed_context_size_error": "shrink",
    "model_not_found": "switch",
    "model_not_available": "switch",
    "unsupported_api_for_model": "chat",
    "unsupported_parameter": "drop",
    "unknown_parameter": "drop",
    "invalid_api_key": "key",
    "invalid_authentication": "key",
    "authentication_error": "key",
    "account_deactivated": "key",
    "message_too_big": "https",
    "invalid_prompt": "stop",
    "cyber_policy": "stop",
    "bio_policy": "stop",
    "misalignment_policy_violation": "stop",
    "data_residency_mismatch": "stop",
}
_TOO_LONG = re.compile(
    r"context[ _](?:length|window|size)|maximum context|prompt is too long|too many tokens"
    r"|exceeds? the (?:model's )?(?:available )?context",
    re.I,
)
_GONE = re.compile(
    r"\bmodel\b.{0,120}\b(?:not supported|unsupported|not found|does not exist|deprecated|retired"
    r"|not available|no longer available|decommissioned)|unknown model|no such model",
    re.I | re.S,
)
_REFUSED = re.compile(
    r"(?:unsupported|unknown|unrecognized|unexpected|extra)[^'\"`:]{0,40}[:'\"`]+\s*['\"`]?"
    r"([a-z_][a-z0-9_.]*)|['\"`]([a-z_][a-z0-9_.]*)['\"`][^.]{0,30}"
    r"(?:is not supported|is unsupported|not permitted|is not allowed)",
    re.I,
)
_KEYS = re.compile(r"\b(?:sk|xai|gsk|csk)[-_][A-Za-z0-9*._-]{6,}|(?<=Bearer )[^\s\"',]+")
_MESSAGE_CHARACTERS = 500
SHORTEST_KEY = 6
"""A shorter one ("none", "x") is no secret, and its letters are in every message."""


@dataclass(slots=True)
class Trouble(Exception):
    """`said`: what happened, as the end of a sentence that begins with the host.

    `wait_s`: as the server asked; None where it did not. `sent`: whether the request may have
    reached the server. `param`: what to leave out. `error`: raised as it is when nothing helps.
    """

    remedy: Remedy
    said: str
    wait_s: float | None = None
    status: int | None = None
    code: str = ""
    param: str = ""
    transport: bool = False
    """The connection failed, not the request: another way to the same server may work."""
    absent: bool = False
    """There is no server at the address: waiting seldom helps."""

    def __str__(self) -> str:
        return self.said


def dropped(said: str) -> Trouble:
    """A connection that was lost, or an answer that cannot be read on."""
    return Trouble("wait", said, transport=True)


def absent(said: str) -> Trouble:
    """Nobody is at the address, or there is no such address."""
    return Trouble("wait", said, transport=True, absent=True)


def refused(
    status: int | None,
    error: object,
    headers: Mapping[str, str] | None = None,
) -> Trouble:
    """What an error of a server means, in any of the shapes that servers give it.

    `error`: the error object, the object that holds it, or a text. `headers` in lower case.
    """
    told = _unwrapped(error)
    status = status if status is not None else _whole(told.get("status") or told.get("code"))
    code = _first_text(told.get("code"), told.get("type"))
    message = _message(told, error)
    hints = {**_lower(told.get("headers")), **(headers or {})}
    wait_s = asked_wait(hints)
    trouble = Trouble(
        _remedy(status, told, message),
        _sentence(status, code, message),
        hinted_wait(message) if wait_s is None else wait_s,
        status,
        code,
        _text(told.get("param")),
    )
    if trouble.remedy == "drop":
        trouble.param = trouble.param or _named_parameter(message)
        if not trouble.param:
            trouble.remedy = "stop"
    elif trouble.remedy in ("wait", "stop") and should_retry(hints) is not None:
        trouble.remedy = "wait" if should_retry(hints) else "stop"
    return trouble


def _remedy(status: int | None, told: Mapping[str, Any], message: str) -> Remedy:
    for name in (_text(told.get("code")), _text(told.get("type"))):
        if name in _BY_CODE:
            return _BY_CODE[name]
    if status == 401:
        return "key"
    if status in (402, 413):
        return "quota" if status == 402 else "shrink"
    if status in (None, 400, 404, 422) and _TOO_LONG.search(message):
        return "shrink"
    if status in (None, 400, 403, 404) and _GONE.search(message):
        return "switch"
    if status in (400, 422) and _REFUSED.search(message):
        return "drop"
    if status in (408, 409, 425, 429) or (status is not None and status >= 500):
        return "wait"
    return "wait" if status is None and not told else "stop"


def _unwrapped(error: object) -> Mapping[str, Any]:
    """The innermost object that tells of an error; gateways wrap it, some more than once."""
    found: Mapping[str, Any] = {}
    while isinstance(error, Mapping):
        found = {**found, **error}
        inner = error.get("error")
        if not isinstance(inner, Mapping):
            if isinstance(inner, str) and inner:
                found = {**found, "message": inner}
            break
        found = {
            **found,
            "headers": {**_lower(error.get("headers")), **_lower(inner.get("headers"))},
        }
        if _text(found.get("type")) == "error":
            found = {**found, "type": ""}
        error = {**inner, "headers": found["headers"]}
    return found


def _message(told: Mapping[str, Any], error: object) -> str:
    text = told.get("message") or told.get("detail") or (error if isinstance(error, str) else "")
    return text if isinstance(text, str) else beginning(str(text), _MESSAGE_CHARACTERS)


def _sentence(status: int | None, code: str, message: str) -> str:
    said = beginning(masked(message), _MESSAGE_CHARACTERS) or code
    number = f" ({status})" if status else ""
    return f"answered with an error{number}: {said}" if said else f"answered with an error{number}"


def _named_parameter(message: str) -> str:
    found = _REFUSED.search(message)
    return (found[1] or found[2]).rstrip(".") if found else ""


def masked(text: str, key: str = "") -> str:
    """Text without the key, and without what looks like one."""
    hidden = text.replace(key, "…") if len(key) >= SHORTEST_KEY else text
    return _KEYS.sub("…", hidden)


def _first_text(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    found = value if isinstance(value, int) and not isinstance(value, bool) else None
    return found if found is not None and 100 <= found < 600 else None


def _lower(headers: object) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}


def as_error(trouble: Trouble, endpoint: Endpoint, key: str = "") -> SparkError:
    """The error of the tree for a trouble that nothing here can help."""
    title = masked(f"{endpoint.host} {trouble.said}", key)
    provider = endpoint.name.partition("/")[0]
    match trouble.remedy:
        case "shrink":
            return ContextTooLong(
                title, next_step="Name fewer files, or begin a new session with a smaller context."
            )
        case "switch":
            return ModelGone(
                f"{endpoint.model} cannot be had: {title}",
                next_step="Choose another model: spark models lists them, --model takes one.",
            )
        case "key":
            return KeyMissing(title, next_step=f"Give a valid key: spark login {provider}")
        case "quota":
            return ProviderError(
                title, next_step="Add credit there, or choose another model with --model."
            )
        case "time":
            return LimitReached(title, next_step="Give it more time with --timeout.")
        case "chat" | "https":
            return ProviderError(
                title, next_step="Check base_url in the settings: most of them end with /v1."
            )
        case "wait":
            return ProviderError(title, next_step=_try_again(trouble, endpoint))
        case _:
            return ProviderError(
                title, next_step="Change the request, or choose another model with --model."
            )


def _try_again(trouble: Trouble, endpoint: Endpoint) -> str:
    if trouble.wait_s is not None and trouble.wait_s > 1:
        return f"Try again in {trouble.wait_s:.0f} s, or choose another model with --model."
    if trouble.transport and endpoint.loopback:
        return "Start the server, or check base_url in the settings."
    if trouble.transport:
        return "Check the network and the proxy settings, then try again."
    return "Try again later, or choose another model with --model."
