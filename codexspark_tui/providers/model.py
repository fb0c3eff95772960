"""What a session asks of a provider and what it gets back.

    async with aclosing(provider.stream(request)) as events:
        async for event in events: ...           # Opened, then text and the rest, then Ended

A provider raises `ProviderError` (or one of its kinds), `KeyMissing`, `LimitReached` or
`UsageError` (errors.py) for what ends a turn. It never writes to the working tree, and it knows
nothing of review. A provider that needs an answer from the person yields `Question` and ends with
"question"; it is asked again with `Request.answers` filled.

Retrying belongs to the provider, and only before the first text: until then nothing is shown but
`Waiting`. When a connection is lost after text has come it ends with "lost" and yields no more; the
session keeps what was complete and asks for the rest in a new request, so that two attempts are
never joined in one text.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Finish: TypeAlias = Literal["stop", "length", "cut", "question", "lost"]
REPLAYED = "recording"
"""The transport of an answer that is no answer of today."""
Role: TypeAlias = Literal["developer", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that goes with a message: its media type ("image/png") and its bytes."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was said in the conversation."""

    role: Role
    text: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model calls. `arguments`: JSON text, or free text if `free`."""

    id: str
    name: str
    arguments: str
    free: bool = False


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """The answer to the call with this id."""

    id: str
    text: str
    free: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """An item that only its server understands (reasoning), as JSON text; sent back as it came."""

    data: str


Item: TypeAlias = Message | ToolCall | ToolOutput | Opaque


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call. `schema`: JSON Schema of its arguments as JSON text; empty
    for a tool that takes free text."""

    name: str
    description: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a provider. `files` are paths relative to `root` that were named with it.

    `attached` is text that came with the prompt (a pipe). `answers` maps a question's id to the
    index of the chosen option. A provider that is no model works from these alone; a model is sent
    `instructions` and `items`, the whole conversation with the prompt and its context last.
    `max_output_tokens` None: the server's own limit. `total_s`: the time for the whole answer.
    `prediction`: text that the answer will repeat for the most part, for a model that can use it.
    """

    prompt: str
    root: str
    files: tuple[str, ...] = ()
    attached: str = ""
    answers: tuple[tuple[str, int], ...] = ()
    instructions: str = ""
    items: tuple[Item, ...] = ()
    tools: tuple[Tool, ...] = ()
    max_output_tokens: int | None = None
    total_s: float | None = None
    prediction: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`exact_numbers`: line numbers in its patches are right, so a tie is settled by them.

    `converses`: it is sent `Request.items`. `steers`: `steer` may be called while it streams.
    `window`: tokens of input and output together; None when unknown. `images`: takes pictures.
    `tools`: "calls" them, or can ask for them in its "text" only.
    """

    exact_numbers: bool = False
    converses: bool = False
    steers: bool = False
    window: int | None = None
    images: bool = False
    tools: Literal["none", "calls", "text"] = "none"


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer begins: by which way, and by which model or library (the one that really does)."""

    transport: str
    model: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing comes before `in_s` seconds are over; `attempt` of `attempts` follows then.

    `attempt` 0: the server has the request and lets it wait (a queue).
    """

    in_s: float
    why: str
    attempt: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ToolDelta:
    """More of the arguments of a call that is being written."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemDone:
    """An item of the answer is whole, as it goes into the conversation."""

    item: Item


@dataclass(frozen=True, slots=True)
class SectionStarted:
    """What follows is only offered (`optional`), and why (`note`)."""

    note: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A notice for the person, beside the answer."""

    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens as the provider counted them; cached ones are part of the input."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit as the server tells it ("requests", "tokens"); None where it does not."""

    name: str
    limit: int | None = None
    remaining: int | None = None
    resets_in_s: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event. "length" and "cut" mean that the answer is not whole, "lost" that the
    connection was lost in the middle of it and the rest may be asked for."""

    finish: Finish = "stop"


ModelEvent: TypeAlias = (
    Opened
    | Waiting
    | TextDelta
    | ReasoningDelta
    | ToolDelta
    | ItemDone
    | SectionStarted
    | Said
    | Question
    | Counted
    | Limits
    | Ended
)


class Provider(Protocol):
    """One place where answers come from."""

    @property
    def name(self) -> str:
        """As the person chooses it ("codemods", "script", "openai/gpt-5.3-codex-spark")."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        """The answer, as it comes. Closing the generator cancels the request."""
        ...

    async def warm(self, request: Request) -> None:
        """Make ready for a request like this one (connect, send the unchanging part), if that is
        of use; never raises for what a later `stream` will tell."""
        ...

    async def steer(self, text: str) -> bool:
        """Tell the model something while it answers; False when that cannot be done now."""
        ...

    async def aclose(self) -> None:
        """Give back sockets and processes."""
        ...


class Unconnected:
    """The part of a provider that has no connection: nothing to warm, to steer or to give back."""

    __slots__ = ()

    async def warm(self, request: Request) -> None:
        """There is nothing to make ready."""

    async def steer(self, text: str) -> bool:
        return False

    async def aclose(self) -> None:
        """There is nothing to give back."""
