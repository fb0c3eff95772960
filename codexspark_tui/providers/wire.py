"""Messages of the servers as values, and back to bytes. Pure: nothing is sent or waited for here.

A server may add fields and event types at any time, and give a field another type than last year:
every field that is not known is ignored and every known one may hold anything. What is no JSON
object is `NotJson`.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import msgspec

Object: TypeAlias = dict[str, Any]


class NotJson(ValueError):
    """What came is no JSON object; the text of the error is its beginning, on one line."""


class ServerEvent(msgspec.Struct, frozen=True):
    """One event of a Responses or realtime server, on any transport."""

    type: Any = ""
    delta: Any = None
    output_index: Any = None
    content_index: Any = None
    item_id: Any = None
    sequence_number: Any = None
    text: Any = None
    refusal: Any = None
    item: Any = None
    response: Any = None
    error: Any = None
    # of errors in their flat form, and of those on a WebSocket
    code: Any = None
    message: Any = None
    param: Any = None
    status: Any = None
    status_code: Any = None
    headers: Any = None
    rate_limits: Any = None


_events = msgspec.json.Decoder(ServerEvent)
_objects = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder()


def read_event(data: str | bytes) -> ServerEvent:
    """One event; raises `NotJson`."""
    try:
        return _events.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.convert(_by_the_slow_way(data), ServerEvent)


def read_events(messages: list[bytes]) -> list[ServerEvent]:
    """The events of messages; one that is no event stands as an error in its place, as the last."""
    events: list[ServerEvent] = []
    for message in messages:
        try:
            events.append(read_event(message))
        except NotJson as error:
            told = {"code": "server_error", "message": f"sent what is no JSON: {error}"}
            return [*events, ServerEvent(type="error", error=told)]
    return events


def read_object(data: str | bytes) -> Object:
    """Any JSON object; raises `NotJson`."""
    try:
        return _objects.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _by_the_slow_way(data)


def _by_the_slow_way(data: str | bytes) -> Object:
    """A reader that takes halves of a pair of surrogates, which some servers send one by one."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotJson(beginning(data))
    return found


def beginning(data: str | bytes, characters: int = 120) -> str:
    """How something begins, on one line, for a message."""
    text = data if isinstance(data, str) else data[: 4 * characters].decode("utf-8", "replace")
    line = " ".join(text[: 4 * characters].split())
    return line if len(line) <= characters else line[:characters] + "…"


def to_json(value: object) -> bytes:
    """The bytes of a request; characters that no JSON can hold are replaced."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_sendable(value))


def _sendable(value: object) -> object:
    match value:
        case str():
            return _encodable(value)
        case dict():
            return {_encodable(str(key)): _sendable(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_sendable(entry) for entry in value]
        case _:
            return value


def _encodable(text: str) -> str:
    """Text without lone surrogates; those that stand for bytes that were no UTF-8 become U+FFFD."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return whole(text)


class Surrogates:
    """Joins halves of a pair that come in two deltas; a half without its other one is replaced."""

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = ""

    def joined(self, text: str) -> str:
        """`text`, with what was kept back before it and without a half at its end."""
        if text.isascii() and not self._half:
            return text
        text = self._half + text
        self._half = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return whole(text)


def whole(text: str) -> str:
    """Text with its pairs of surrogates made one character, and lone ones replaced."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
