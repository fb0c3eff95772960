"""What a client is told when something cannot be done: one value for every wire.

HTTP        status, and {"error": {message, type, code, param}}
WebSocket   {"type": "error", "status", "error": {type, code, message, param, headers?}}
a stream    that has begun ends with response.failed, or with an error object (chat)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from codexspark_tui.errors import (
    ContextTooLong,
    KeyMissing,
    LimitReached,
    ModelGone,
    ProviderError,
    SparkError,
    UsageError,
)

INVALID = "invalid_request_error"
RETRY_SOON_S = 1


@dataclass(slots=True)
class Fault(Exception):
    """`status` as in HTTP; `type` and `code` as OpenAI names them; `param`: the field at fault."""

    message: str
    status: int = 400
    type: str = INVALID
    code: str | None = None
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def error(self) -> dict[str, Any]:
        return {
            "message": self.message,
            "type": self.type,
            "code": self.code,
            "param": self.param,
        }

    def frame(self) -> dict[str, Any]:
        """The same as a message of a WebSocket."""
        inner = self.error()
        if self.headers:
            inner["headers"] = self.headers
        return {"type": "error", "status": self.status, "error": inner}


def invalid(message: str, param: str | None = None, code: str | None = None) -> Fault:
    return Fault(message, param=param, code=code)


def not_supported(param: str, message: str) -> Fault:
    return Fault(message, code="unsupported_parameter", param=param)


def overloaded(message: str) -> Fault:
    """All places are taken; the same request may be sent again soon."""
    headers = {"retry-after": str(RETRY_SOON_S)}
    return Fault(message, 429, "rate_limit_error", "rate_limit_exceeded", headers=headers)


def shutting_down() -> Fault:
    headers = {"retry-after": str(RETRY_SOON_S)}
    said = "the server is shutting down"
    return Fault(said, 503, "service_unavailable_error", "server_shutting_down", headers=headers)


def too_late(seconds: float) -> Fault:
    said = f"the answer was not complete after {seconds:g} seconds"
    return Fault(said, 504, "server_error", "timeout", headers={"x-should-retry": "false"})


def unexpected() -> Fault:
    """A fault of our own; its particulars are no business of the client."""
    return Fault("the server met an unexpected error", 500, "server_error", "server_error")


def of_error(error: SparkError) -> Fault:
    """An error of a provider as a client is told of it."""
    parts = (error.title, error.detail, error.next_step)
    said = "\n".join(part for part in parts if part)
    never = {"x-should-retry": "false"}
    match error:
        case ModelGone():
            return Fault(said, 404, INVALID, "model_not_found", "model")
        case ContextTooLong():
            return Fault(said, 400, INVALID, "context_length_exceeded", "input")
        case LimitReached():
            return Fault(said, 429, "rate_limit_error", error.code, headers=never)
        case KeyMissing():
            return Fault(said, 502, "server_error", error.code, headers=never)
        case UsageError():
            return Fault(said, 400, INVALID, error.code)
        case ProviderError():
            return Fault(said, 502, "server_error", "server_error")
        case _:
            return Fault(said, 500, "server_error", error.code)
