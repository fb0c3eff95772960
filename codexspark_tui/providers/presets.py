"""The servers and models that spark knows by name, as checked values. Reads no file of the user's.

    shipped()                        the presets of the package, by name
    overlaid(presets, tables, file)  the same with the tables `[providers.NAME]` of a settings file

What is wrong in a table is a `UsageError` that names the file, the key and the reason. A figure
that is not known is None, and stays so: nothing here guesses a price or a window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from codexspark_tui.errors import UsageError

Wire: TypeAlias = Literal["responses", "chat", "realtime"]
EditFormat: TypeAlias = Literal["unified", "envelope", "search", "whole"]
WIRES: tuple[Wire, ...] = ("responses", "chat", "realtime")
EDIT_FORMATS: tuple[EditFormat, ...] = ("unified", "envelope", "search", "whole")
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
SHIPPED = "presets.toml"
NOT_SERVERS = ("codemods", "script", "replay", "patch")


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens; `cached` None: cached input costs what other input does."""

    input: float
    output: float
    cached: float | None = None

    def of(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float:
        """What so many tokens cost, in dollars; cached ones are part of the input."""
        cached_price = self.input if self.cached is None else self.cached
        plain = max(0, input_tokens - cached_tokens)
        total = plain * self.input + cached_tokens * cached_price + output_tokens * self.output
        return total / 1_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a server. None, and an empty text, mean unknown (or: the server's default).

    `window`: tokens of input and output together. `refuses`: parameters that it answers with an
    error, as dotted names.
    """

    id: str
    window: int | None = None
    max_output: int | None = None
    images: bool | None = None
    edit_format: EditFormat = "unified"
    refuses: tuple[str, ...] = ()
    service_tier: str = ""
    effort: str = ""
    prediction: bool = False
    prices: Prices | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A server. `models` are in the order in which they are offered; the first is the default.

    `key_command` runs without a shell. `stores`: it goes on from its last answer on a connection.
    `warm_up`: a connection is made ready with a request that generates nothing. `origin`: the file
    that gave or last changed it.
    """

    name: str
    base_url: str
    title: str = ""
    key_variable: str = ""
    key_command: tuple[str, ...] = field(default=(), repr=False)
    wire: Wire = "chat"
    websocket: bool = False
    connection_minutes: float | None = None
    stores: bool = False
    warm_up: bool = False
    local: bool = False
    refuses: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ca_file: str = ""
    models: tuple[Model, ...] = ()
    origin: str = SHIPPED

    def model(self, id: str) -> Model:
        """What is known of a model of this server; of one that is not listed only the name."""
        known = next((model for model in self.models if model.id == id), Model(id))
        return replace(known, refuses=tuple(dict.fromkeys((*self.refuses, *known.refuses))))

    def after(self, id: str) -> tuple[str, ...]:
        """The models to offer when `id` cannot be had, the best one first."""
        ids = [model.id for model in self.models]
        at = ids.index(id) if id in ids else -1
        return tuple(ids[at + 1 :] + ids[: max(0, at)])


def shipped() -> dict[str, Preset]:
    """The presets of the package."""
    import tomllib  # only where a model is wanted

    text = Path(__file__).with_name(SHIPPED).read_text("utf-8")
    return overlaid({}, tomllib.loads(text), SHIPPED)


def overlaid(
    presets: Mapping[str, Preset], tables: Mapping[str, object], origin: str
) -> dict[str, Preset]:
    """`presets` with the given tables over them; a new name makes a new server."""
    made = dict(presets)
    for name, table in tables.items():
        where = f"{origin}: providers.{name}"
        if not isinstance(table, Mapping):
            raise UsageError(f"{where}: it must be a table; write [providers.{name}]")
        if not name or "/" in name or not name.isprintable():
            raise UsageError(f"{where}: a provider's name is a printable text without /")
        if name in NOT_SERVERS:
            raise UsageError(f"{where}: {name} is no server, so it has no table; take another name")
        made[name] = _preset(name, made.get(name), dict(table), origin)
    return made


def _preset(name: str, base: Preset | None, table: dict[str, Any], origin: str) -> Preset:
    where = f"{origin}: providers.{name}"
    if _says_a_key(table):
        raise UsageError(
            f"{where}: a key does not belong in a settings file",
            next_step=f"Remove it; use key_variable, key_command, or: spark login {name}",
        )
    given = table.pop("models", [])
    changes = {key: _value(where, _PRESET_KEYS, key, value) for key, value in table.items()}
    if base is None and not changes.get("base_url"):
        raise UsageError(
            f"{where}: base_url: it is missing", next_step="Give the address that ends with /v1."
        )
    first = base or Preset(name, "")
    models = _models(where, first.models, given)
    return replace(first, models=models, origin=origin, **changes)


def _says_a_key(table: Mapping[str, object]) -> bool:
    return any(key in table for key in ("key", "api_key", "apikey", "token", "secret"))


def _models(where: str, known: tuple[Model, ...], given: object) -> tuple[Model, ...]:
    """The given models in their order, over what is known of them, then the other known ones."""
    if not isinstance(given, list) or not all(isinstance(table, dict) for table in given):
        raise UsageError(f"{where}: models: write [[{where.rpartition(': ')[2]}.models]] tables")
    by_id = {model.id: model for model in known}
    first: dict[str, Model] = {}
    for number, table in enumerate(given, 1):
        id = table.get("id")
        if not isinstance(id, str) or not id.strip():
            raise UsageError(f"{where}: model {number}: id: it is missing, or no text")
        at = f"{where}: model {id}"
        changes = {key: _value(at, _MODEL_KEYS, key, value) for key, value in table.items()}
        first[id] = replace(by_id.get(id, Model(id)), **changes)
    return (*first.values(), *(model for model in known if model.id not in first))


Check: TypeAlias = Callable[[object], Any]


class _Wrong(ValueError):
    """What a value must be, as the rest of a sentence."""


def _value(where: str, checks: Mapping[str, Check], key: str, value: object) -> Any:
    if key not in checks:
        known = ", ".join(sorted(checks))
        raise UsageError(f"{where}: {key} is not known; known are {known}")
    try:
        return checks[key](value)
    except _Wrong as wrong:
        raise UsageError(f"{where}: {key} must be {wrong}, not {value!r:.80}") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise _Wrong("a text without control characters")
    return value.strip()


def _address(value: object) -> str:
    url = _text(value).rstrip("/")
    if not url.startswith(("http://", "https://")) or "@" in url.partition("//")[2].split("/")[0]:
        raise _Wrong("an address that begins with https:// or http:// and has no password in it")
    return url


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise _Wrong("a whole number above 0")
    return value


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise _Wrong("a number, 0 or more")
    return float(value)


def _minutes(value: object) -> float:
    if _amount(value) < 1:
        raise _Wrong("1 minute or more")
    return _amount(value)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Wrong("a list of texts")
    return tuple(_text(item) for item in value)


def _command(value: object) -> tuple[str, ...]:
    import shlex

    try:
        words = tuple(shlex.split(value)) if isinstance(value, str) else _texts(value)
    except ValueError as error:
        raise _Wrong(f"a command ({error})") from None
    if not words:
        raise _Wrong("a command: a text, or a list of texts")
    return words


def _headers(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise _Wrong("a table of texts")
    made = tuple((str(key), _text(item)) for key, item in value.items())
    if any(key.lower() in ("authorization", "api-key", "x-api-key") for key, _ in made):
        raise _Wrong("headers without a key in them (spark login keeps keys)")
    if not all(key.isascii() and item.isascii() for key, item in made):
        raise _Wrong("headers in ASCII")
    return made


def _one_of(*choices: str) -> Check:
    def check(value: object) -> str:
        if value not in choices:
            raise _Wrong(f"one of {', '.join(choices)}")
        return str(value)

    return check


def _prices(value: object) -> Prices:
    names = [f.name for f in fields(Prices)]
    if not isinstance(value, dict) or not {"input", "output"} <= set(value) <= set(names):
        raise _Wrong("a table with input and output, and perhaps cached")
    return Prices(**{str(key): _amount(item) for key, item in value.items()})


_PRESET_KEYS: Mapping[str, Check] = {
    "title": _text,
    "base_url": _address,
    "key_variable": _text,
    "key_command": _command,
    "wire": _one_of(*WIRES),
    "websocket": _truth,
    "connection_minutes": _minutes,
    "stores": _truth,
    "warm_up": _truth,
    "local": _truth,
    "refuses": _texts,
    "headers": _headers,
    "ca_file": _text,
}
_MODEL_KEYS: Mapping[str, Check] = {
    "id": _text,
    "window": _count,
    "max_output": _count,
    "images": _truth,
    "edit_format": _one_of(*EDIT_FORMATS),
    "refuses": _texts,
    "service_tier": _text,
    "effort": _one_of(*EFFORTS),
    "prediction": _truth,
    "prices": _prices,
}
