"""Answers from a recording, at the recorded pace or any other.

A replayed answer is marked wherever it is shown: its transport is "recording", and its model says
"(recording)". A recording is a file of somebody's: what is wrong in it is said with its line.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codexspark_tui.errors import ProviderError, SparkError, UsageError
from codexspark_tui.providers.model import (
    REPLAYED,
    Capabilities,
    Counted,
    Ended,
    Image,
    ItemDone,
    Limit,
    Limits,
    Message,
    ModelEvent,
    Opaque,
    Opened,
    Question,
    ReasoningDelta,
    Request,
    Said,
    SectionStarted,
    TextDelta,
    ToolCall,
    ToolDelta,
    ToolOutput,
    Unconnected,
    Waiting,
)
from codexspark_tui.providers.recording import LARGEST_BYTES, Line, is_header

MARK = " (recording)"
PIECES_IN_A_ROW = 256

_EVENTS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(Opened, Waiting, TextDelta, ReasoningDelta, ToolDelta, ItemDone, SectionStarted, Said),
        *(Question, Counted, Limits, Ended),
    )
}
_ITEMS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Message, ToolCall, ToolOutput, Opaque)
}


@dataclass(slots=True)
class Answered:
    """One recorded answer: what was asked, events with their times, and perhaps how it failed."""

    prompt: str
    answers: tuple[tuple[str, int], ...]
    events: list[tuple[float, ModelEvent]] = field(default_factory=list)
    error: SparkError | None = None
    error_at: float = 0.0


@dataclass(slots=True)
class ReplayProvider(Unconnected):
    """Answers from a recording: a prompt that was recorded with its answer, another with the next
    one. `speed`: 1 is the recorded pace, 2 twice as fast, 0 as fast as it goes. `again`: after the
    last answer the first one follows; else there is an error."""

    path: Path
    answers: list[Answered]
    speed: float = 1.0
    capabilities: Capabilities = field(default_factory=Capabilities)
    name: str = "replay"
    again: bool = False
    _given: list[Answered] = field(default_factory=list)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        answer = self._next(request)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, (at, event) in enumerate(answer.events):
            await self._due(began, at, number)
            yield _marked(event)
        if answer.error is not None:
            await self._due(began, answer.error_at, 0)
            raise answer.error

    def _next(self, request: Request) -> Answered:
        """The answer to this prompt, else the next one; each is given once in a round."""
        if not self.answers and self.again:
            self.answers, self._given = self._given, []
        if not self.answers:
            raise ProviderError(
                f"the recording {self.path.name} has no further answer",
                next_step="It answers as many prompts as were recorded.",
            )
        asked = (request.prompt.strip(), request.answers)
        same = (n for n, a in enumerate(self.answers) if (a.prompt.strip(), a.answers) == asked)
        self._given.append(self.answers.pop(next(same, 0)))
        return self._given[-1]

    async def _due(self, began: float, at: float, number: int) -> None:
        """Wait until it is time; an event that is late is not delayed further."""
        wait = 0.0
        if self.speed > 0:
            wait = began + at / self.speed - asyncio.get_running_loop().time()
        if wait > 0 or number % PIECES_IN_A_ROW == 0:
            await asyncio.sleep(max(0.0, wait))


def _marked(event: ModelEvent) -> ModelEvent:
    """What is replayed says so."""
    if isinstance(event, Opened):
        return Opened(REPLAYED, event.model.removesuffix(MARK) + MARK)
    return event


def load_recording(path: Path, speed: float = 1.0) -> ReplayProvider:
    """Raises `UsageError` that names the file, the line and the reason."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        lines = data.decode().splitlines()
    except (OSError, UnicodeError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"the recording {path} cannot be read: {why}") from error
    if len(data) > LARGEST_BYTES:
        raise UsageError(f"the recording {path} is longer than {LARGEST_BYTES >> 20} MiB")
    if not lines or not is_header(lines[0]):
        raise UsageError(
            f"{path} is no recording of this version of spark",
            next_step="Make one with --record FILE.",
        )
    exact = json.loads(lines[0]).get("exact_numbers") is True
    answers: dict[int, Answered] = {}
    for number, text in enumerate(lines[1:], 2):
        try:
            _add(answers, json.loads(text))
        except (ValueError, TypeError, KeyError, RecursionError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}"
            raise UsageError(f"the recording {path}: line {number}: {why[:200]}") from None
    return ReplayProvider(path, list(answers.values()), speed, Capabilities(exact_numbers=exact))


def _add(answers: dict[int, Answered], line: Line) -> None:
    n, at = line.pop("n"), line.pop("at")
    if not isinstance(n, int) or not isinstance(at, int | float) or not 0 <= at < float("inf"):
        raise ValueError("n must be a whole number and at a time in seconds")
    if "request" in line:
        request = line["request"]
        chosen = tuple((str(id), int(option)) for id, option in request.get("answers", ()))
        answers[n] = Answered(str(request["prompt"]), chosen)
    elif "error" in line:
        texts = {key: str(line[key]) for key in ("detail", "next_step")}
        answers[n].error = _error_of(str(line["error"]))(str(line["title"]), **texts)
        answers[n].error_at = float(at)
    else:
        answers[n].events.append((float(at), _event(line)))


def _error_of(code: str) -> type[SparkError]:
    """The error with this code; one that is not known is the provider's."""
    kinds = [SparkError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return next((kind for kind in kinds if kind.code == code), ProviderError)


def _event(line: Line) -> ModelEvent:
    """Raises `KeyError`, `TypeError` or `ValueError` for what is no event."""
    kind = _EVENTS[line.pop("event")]
    if kind is ItemDone:
        return ItemDone(_made(_ITEMS[line.pop("item")], line))
    if kind is Limits:
        return Limits(tuple(_made(Limit, entry) for entry in line["limits"]))
    made: ModelEvent = _made(kind, line)
    return made


_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("text", "model", "transport", "id", "name", "arguments", "why"), (str,)),
    **dict.fromkeys(("note", "finish", "role", "data"), (str,)),
    **dict.fromkeys(("optional", "warning", "free"), (bool,)),
    **dict.fromkeys(("attempt", "attempts"), (int,)),
    **dict.fromkeys(("in_s",), (int, float)),
    **dict.fromkeys(("options", "images"), (list,)),
}
_NUMBERS = (int, float, type(None))


def _made(kind: type[Any], fields: Line) -> Any:
    for key, value in fields.items():
        if not isinstance(value, _KINDS.get(key, _NUMBERS)):
            raise ValueError(f"{key} has a wrong type")
    if "options" in fields:
        fields["options"] = tuple(str(option) for option in fields["options"])
    if "images" in fields:
        fields["images"] = tuple(
            Image(str(image["media_type"]), base64.b64decode(image["data"]))
            for image in fields["images"]
        )
    return kind(**fields)
