"""Everything that a wire must know of one model at one server: plain data, nothing is opened here.

What a server is known to do and to refuse comes from the presets; a wire asks nothing but this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

from codexspark_tui.errors import UsageError

Wire: TypeAlias = Literal["responses", "chat", "realtime"]
WebSocket: TypeAlias = Literal["auto", "always", "never"]

MAX_CONNECTION_S = 55 * 60.0
MAX_MESSAGE_BYTES = 16 * 2**20 - 64 * 2**10
"""Of one WebSocket message; servers close the connection above 16 MiB."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def no_key() -> str:
    """The key of a server that needs none."""
    return ""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to be connected, to have sent, until the first event, between two events, in all."""

    connect_s: float = 10.0
    send_s: float = 15.0
    first_event_s: float = 30.0
    between_s: float = 60.0
    total_s: float | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one server. `name` is shown ("openai/gpt-5.3-codex-spark").

    `websocket`: "auto" tries it and remembers a refusal for the host. `key`: asked for whenever a
    connection is opened; "" for none. `window`: tokens. `refuses`: dotted parameters that are never
    sent ("reasoning.summary"). `parameters`: more top-level fields of a request, as JSON.
    `stores`: the server knows `store`, `include` and `previous_response_id`: it is sent
    `store: false`, reasoning is asked for in its encrypted form, and a conversation goes on from
    the last answer of the same connection. `warm_up`: a connection is made ready by a request with
    `generate: false`. `prediction`: `Request.prediction` is sent (chat only). `to_chat`: where the
    server turns out to have no Responses, chat completions are used. `ca_file`: certificates that
    are trusted instead of the system's. `attempts`: of one request, the first included.
    """

    name: str
    base_url: str
    model: str
    wire: Wire = "responses"
    websocket: WebSocket = "never"
    key: Callable[[], str] = field(default=no_key, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    window: int | None = None
    images: bool = False
    steers: bool = False
    refuses: frozenset[str] = frozenset()
    parameters: Mapping[str, object] = field(default_factory=dict)
    warm_up: bool = False
    stores: bool = False
    max_connection_s: float = MAX_CONNECTION_S
    max_message_bytes: int = MAX_MESSAGE_BYTES
    prediction: bool = False
    to_chat: bool = True
    ca_file: str = ""
    timeouts: Timeouts = field(default_factory=Timeouts)
    attempts: int = 5

    @property
    def host(self) -> str:
        """The host as messages name it, with its port where that is not the usual one."""
        parts = checked(self.base_url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.hostname}{port}"

    @property
    def loopback(self) -> bool:
        name = checked(self.base_url).hostname or ""
        return name in LOOPBACK or name.startswith("127.") or name.endswith(".localhost")

    def url(self, path: str, *, websocket: bool = False) -> str:
        """The address of `path` below the base URL."""
        parts = checked(self.base_url)
        scheme = parts.scheme.replace("http", "ws", 1) if websocket else parts.scheme
        return parts._replace(scheme=scheme, path=f"{parts.path.rstrip('/')}/{path}").geturl()


def checked(base_url: str) -> SplitResult:
    """The parts of a base URL; raises `UsageError`, which never repeats credentials in it."""
    next_step = "Give an address like https://api.openai.com/v1 as the provider's base_url."
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        title = "the provider's base_url is no http:// or https:// address"
        raise UsageError(title, next_step=next_step)
    if "@" in parts.netloc:
        raise UsageError(
            f"the base_url of {parts.hostname} holds a user name or a password",
            next_step="Take it out of the address and give it as the provider's key.",
        )
    return parts
