"""What a session asks of a provider and what it gets back.

    async with aclosing(provider.stream(request)) as events:
        async for event in events: ...           # Opened, then text and the rest, then Ended

A provider raises `ProviderError`, `KeyMissing`, `LimitReached` or `UsageError` (errors.py) for what
ends a turn. It never writes to the working tree, and it knows nothing of review. A provider that
needs an answer from the person yields `Question` and ends with "question"; it is asked again with
`Request.answers` filled.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Finish: TypeAlias = Literal["stop", "length", "cut", "question"]


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a provider. `files` are paths relative to `root` that were named with it.

    `attached` is text that came with the prompt (a pipe). `answers` maps a question's id to the
    index of the chosen option.
    """

    prompt: str
    root: str
    files: tuple[str, ...] = ()
    attached: str = ""
    answers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`exact_numbers`: line numbers in its patches are right, so a tie is settled by them."""

    exact_numbers: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer begins: by which way, and by which model or library."""

    transport: str
    model: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


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
    """Tokens as the provider counted them."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event. "length" and "cut" mean that the answer is not whole."""

    finish: Finish = "stop"


ModelEvent: TypeAlias = (
    Opened | TextDelta | ReasoningDelta | SectionStarted | Said | Question | Counted | Ended
)


class Provider(Protocol):
    """One place where answers come from."""

    @property
    def name(self) -> str:
        """As the person chooses it ("codemods", "script")."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        """The answer, as it comes. Closing the generator cancels the request."""
        ...

    async def aclose(self) -> None:
        """Give back sockets and processes."""
        ...
