"""JSON from a client, taken apart with an error that names the field. Everything is hostile here.

What is missing or null is the default; what has another type than the one promised is a `Fault`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from codexspark_tui.gateway.faults import Fault, invalid, not_supported
from codexspark_tui.providers.model import Image

Table = dict[str, Any]
_DECODER = msgspec.json.Decoder()
_DATA_URL = re.compile(r"data:(image/[a-z0-9.+-]{1,60});base64,", re.IGNORECASE)
LARGEST_NUMBER = 1 << 40
_SHOWN = 60


def parse(data: bytes | str) -> Table:
    """A JSON object."""
    try:
        made = _DECODER.decode(data)
    except RecursionError:
        raise invalid("the JSON is nested too deeply", code="invalid_json") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise invalid(f"this is no valid JSON: {error}", code="invalid_json") from None
    if not isinstance(made, dict):
        raise invalid("a JSON object is expected", code="invalid_json")
    return made


def wrong(param: str, wanted: str, value: object) -> Fault:
    kind = {dict: "an object", list: "a list", str: "a text", bool: "a boolean"}
    kind |= {int: "a number", float: "a number", type(None): "null"}
    said = f"{param} must be {wanted}, not {kind.get(type(value), 'that')}"
    return invalid(said, param, "invalid_type")


def text(table: Table, key: str, where: str = "", default: str = "") -> str:
    value = table.get(key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise wrong(where + key, "a text", value)
    return value


def needed_text(table: Table, key: str, where: str = "") -> str:
    if table.get(key) is None:
        raise invalid(f"{where}{key} is missing", where + key, "missing_required_parameter")
    return text(table, key, where)


def flag(table: Table, key: str, default: bool) -> bool:
    value = table.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise wrong(key, "true or false", value)
    return value


def count(table: Table, key: str) -> int | None:
    """A whole number from 1; None when it is not there."""
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(key, "a whole number", value)
    if not 1 <= value <= LARGEST_NUMBER:
        raise invalid(f"{key} must be from 1 to {LARGEST_NUMBER}", key, "integer_out_of_range")
    return value


def table_in(table: Table, key: str, where: str = "") -> Table:
    value = table.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(where + key, "an object", value)
    return value


def tables_in(table: Table, key: str, where: str = "") -> list[Table]:
    value = table.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(where + key, "a list", value)
    for number, entry in enumerate(value):
        if not isinstance(entry, dict):
            raise wrong(f"{where}{key}[{number}]", "an object", entry)
    return value


def refuse(table: Table, harmless: dict[str, tuple[object, ...]]) -> None:
    """Raise for a parameter that changes the answer and has no meaning here.

    `harmless`: for each such parameter the values that ask for nothing.
    """
    for key, values in harmless.items():
        value = table.get(key)
        if value is None or any(value == v and type(value) is type(v) for v in values):
            continue
        raise not_supported(key, f"{key} is not supported by this server; leave it out")


def picture(url: str, where: str) -> Image:
    """A picture from a data URL; nothing is fetched from anywhere."""
    head = _DATA_URL.match(url)
    if head is None:
        said = "a picture must be sent as data:image/…;base64,…; nothing is fetched from addresses"
        raise invalid(said, where, "invalid_image_url")
    try:
        data = base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise invalid("the picture is no valid base64", where, "invalid_image_url") from None
    return Image(head.group(1).lower(), data)


def shown(value: object) -> str:
    """A value of the client's in a message, short and harmless."""
    said = ascii(value)
    return said if len(said) <= _SHOWN else said[: _SHOWN - 1] + "…"


def encoded(value: object) -> bytes:
    """JSON; text that is no valid Unicode gets replacement characters."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return _ENCODER.encode(_clean(value))


_ENCODER = msgspec.json.Encoder()


def _clean(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_clean(key): _clean(inner) for key, inner in value.items()}
        case list() | tuple():
            return _cleaned(value)
        case _:
            return value


def _cleaned(values: Iterable[object]) -> list[object]:
    return [_clean(value) for value in values]
