"""A provider that is told what to say: for tests, demonstrations and benchmarks.

It streams given texts at a given rate, with a given delay before the first token, and can break off
or fail on purpose; it records what it was asked. A script is a TOML file:

    [[answer]]
    text = "..."            # or text_file = "answer.diff", relative to the script
    rate_tok_s = 1000       # tokens (of 4 characters) a second; 0: as fast as it goes
    first_token_ms = 50
    chunk_chars = 4         # characters in one delta
    cut_after = 120         # stop after so many characters, as a lost connection does
    fail = "network"        # then raise: network, key, limit
    finish = "stop"         # or "length"

Answers are given in their order; a turn after the last one is an error. Nothing is sent anywhere.
With `record = "asked.jsonl"` before the first answer, relative to the script, each request is added
to that file as a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from codexspark_tui.errors import KeyMissing, LimitReached, ProviderError, SparkError, UsageError
from codexspark_tui.providers.model import (
    Capabilities,
    Counted,
    Ended,
    ModelEvent,
    Opened,
    Request,
    TextDelta,
)

CHARS_PER_TOKEN = 4
Failure: TypeAlias = Literal["", "network", "key", "limit"]


@dataclass(frozen=True, slots=True)
class Scripted:
    """One answer; the fields are those of the file. `cut_after` None: the whole text."""

    text: str
    rate_tok_s: float = 0.0
    first_token_ms: float = 0.0
    chunk_chars: int = CHARS_PER_TOKEN
    cut_after: int | None = None
    fail: Failure = ""
    finish: Literal["stop", "length"] = "stop"


@dataclass(slots=True)
class ScriptedProvider:
    """Answers from a list; `asked` holds the requests in their order."""

    answers: tuple[Scripted, ...]
    record: Path | None = None
    asked: list[Request] = field(default_factory=list)
    name: str = "script"
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        self.asked.append(request)
        if self.record is not None:
            _record(self.record, request)
        if len(self.asked) > len(self.answers):
            raise ProviderError(
                f"the script has {len(self.answers)} answers and was asked once more",
                next_step="Add an [[answer]] to the script.",
            )
        answer = self.answers[len(self.asked) - 1]
        await asyncio.sleep(answer.first_token_ms / 1000)
        yield Opened("script", "scripted")
        said = answer.text if answer.cut_after is None else answer.text[: answer.cut_after]
        async for piece in _paced(said, answer):
            yield TextDelta(piece)
        if answer.fail:
            raise _failure(answer.fail)
        yield Counted(None, len(said) // CHARS_PER_TOKEN)
        yield Ended("cut" if answer.cut_after is not None else answer.finish)

    async def aclose(self) -> None:
        """Nothing to give back."""


async def _paced(text: str, answer: Scripted) -> AsyncGenerator[str, None]:
    """`text` in pieces; a piece is due at its place on the clock, so that delays do not add up."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for start in range(0, len(text), answer.chunk_chars):
        if answer.rate_tok_s > 0:
            due = began + start / CHARS_PER_TOKEN / answer.rate_tok_s
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
        elif start % (256 * answer.chunk_chars) == 0:
            await asyncio.sleep(0)
        yield text[start : start + answer.chunk_chars]


def _failure(kind: Failure) -> SparkError:
    match kind:
        case "key":
            return KeyMissing("the script plays a key that is not valid", next_step="Edit it.")
        case "limit":
            return LimitReached("the script plays a limit that was reached", next_step="Edit it.")
        case _:
            return ProviderError("the script plays a lost connection", next_step="Edit it.")


def _record(path: Path, request: Request) -> None:
    """Add what was asked; text that is no valid Unicode is escaped as JSON does it."""
    try:
        with path.open("a", encoding="ascii") as file:
            file.write(json.dumps(asdict(request)) + "\n")
    except OSError as error:
        raise UsageError(f"the script's record {path} cannot be written: {error}") from error


def load_script(path: Path) -> ScriptedProvider:
    """A provider for a script file; raises `UsageError` that names the file, key and reason."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"the script {path} cannot be read: {error}") from error
    answers = data.get("answer")
    if not isinstance(answers, list) or not answers:
        raise UsageError(f"the script {path} has no [[answer]]")
    record = data.get("record")
    if record is not None and not isinstance(record, str):
        raise UsageError(f"the script {path}: record must be the name of a file")
    made = tuple(_answer(path, number, table) for number, table in enumerate(answers, 1))
    return ScriptedProvider(made, path.parent / record if record else None)


def _answer(path: Path, number: int, table: Mapping[str, Any]) -> Scripted:
    fields = dict(table)
    if "text_file" in fields:
        named = path.parent / str(fields.pop("text_file"))
        try:
            fields["text"] = named.read_bytes().decode("utf-8", "surrogateescape")
        except OSError as error:
            raise UsageError(f"{path}: answer {number}: text_file: {error}") from error
    try:
        made = Scripted(**fields)
    except TypeError as error:
        raise UsageError(f"{path}: answer {number}: {error}") from error
    if not isinstance(made.text, str):
        raise UsageError(f"{path}: answer {number}: text must be a string")
    counts = (made.rate_tok_s, made.first_token_ms, made.chunk_chars, made.cut_after or 0)
    if not all(isinstance(n, int | float) and n >= 0 for n in counts) or made.chunk_chars < 1:
        raise UsageError(
            f"{path}: answer {number}: rate_tok_s, first_token_ms and cut_after are numbers "
            "from 0, chunk_chars from 1"
        )
    return made
