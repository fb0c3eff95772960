"""The one JSON form of events and commands: one line each, UTF-8, with an envelope.

    {"v": 1, "seq": 12, "t_ms": 340.5, "type": "change_closed", …}

`v` is the version of this form; `seq` counts the lines of one stream from 1; `t_ms` is the time
since the stream began. Text that is not valid Unicode (lone surrogates) is written as `\\xNN`.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from codexspark_tui.events.commands import Command
from codexspark_tui.events.facts import Event
from codexspark_tui.events.records import Record

VERSION = 1
_SURROGATE = re.compile("[\ud800-\udfff]")
_encoder = msgspec.json.Encoder()
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


def to_line(value: Event | Command | Record, *, seq: int, t_ms: float) -> bytes:
    """One line of JSON with its envelope and a final newline."""
    try:
        body = _encoder.encode(value)
    except UnicodeEncodeError:
        body = _encoder.encode(_printable(msgspec.to_builtins(value)))
    return b'{"v":%d,"seq":%d,"t_ms":%.1f,' % (VERSION, seq, t_ms) + body[1:] + b"\n"


def event_from_line(line: bytes) -> Event:
    """The event of a line that `to_line` wrote; raises `msgspec.DecodeError` for anything else."""
    return _event_decoder.decode(line)


def command_from_line(line: bytes) -> Command:
    return _command_decoder.decode(line)


def schema() -> dict[str, Any]:
    """JSON Schema of a line of `--json`, all types of events and records by name."""
    return _schema(Event | Record)


def command_schema() -> dict[str, Any]:
    return _schema(Command)


def _schema(union: Any) -> dict[str, Any]:
    (top,), components = msgspec.json.schema_components([union], ref_template="#/$defs/{name}")
    envelope = {
        "type": "object",
        "properties": {
            "v": {"const": VERSION},
            "seq": {"type": "integer", "minimum": 1},
            "t_ms": {"type": "number", "minimum": 0},
        },
        "required": ["v", "seq", "t_ms", "type"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [envelope, top],
        "$defs": components,
    }


def _printable(value: Any) -> Any:
    match value:
        case str():
            return _SURROGATE.sub(_escape, value)
        case list() | tuple():
            return [_printable(item) for item in value]
        case dict():
            return {key: _printable(item) for key, item in value.items()}
        case _:
            return value


def _escape(found: re.Match[str]) -> str:
    try:
        return "".join(f"\\x{b:02x}" for b in found.group().encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return "\N{REPLACEMENT CHARACTER}"
