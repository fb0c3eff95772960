"""A provider that is told what to say: for tests, demonstrations and benchmarks.

It streams given texts at a given rate, with a given delay before the first token, and can break
off, fail or ask on purpose; it records what it was asked. A script is a TOML file:

    [[answer]]
    text = "..."            # or text_file = "answer.diff", relative to the script
    rate_tok_s = 1000       # tokens (of 4 characters) a second; 0: as fast as it goes
    first_token_ms = 50
    chunk_chars = 4         # characters in one delta
    cut_after = 120         # stop after so many characters, as a lost connection does
    fail = "network"        # then raise: network, key, limit, or crash (a fault of the provider)
    finish = "stop"         # or "length"
    call = "read"           # then call this tool
    arguments = "{}"        # with these, streamed as the text is
    ask = "Which one?"      # then ask this; the next answer follows the person's choice
    options = ["a", "b"]

Answers are given in their order; a turn after the last one is an error. Times are on the clock of
the event loop. Nothing is sent anywhere. With `record = "asked.jsonl"` before the first answer,
relative to the script, each request is added to that file as a line of JSON. With
`tools = "calls"` (or "text") there, it is treated as a model that converses and has tools.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from codexspark_tui.counts import count
from codexspark_tui.errors import KeyMissing, LimitReached, ProviderError, UsageError
from codexspark_tui.providers.model import (
    Capabilities,
    Counted,
    Ended,
    ItemDone,
    ModelEvent,
    Opened,
    Question,
    Request,
    TextDelta,
    ToolCall,
    ToolDelta,
    Unconnected,
)

CHARS_PER_TOKEN = 4
PIECES_IN_A_ROW = 256  # without a breath for the loop
Failure: TypeAlias = Literal["", "network", "key", "limit", "crash"]
Finishes: TypeAlias = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Scripted:
    """One answer; the fields are those of the file. `cut_after` None: the whole text.

    `calls`: more calls of tools, (name, arguments), beside `call`."""

    text: str = ""
    rate_tok_s: float = 0.0
    first_token_ms: float = 0.0
    chunk_chars: int = CHARS_PER_TOKEN
    cut_after: int | None = None
    fail: Failure = ""
    finish: Finishes = "stop"
    ask: str = ""
    options: tuple[str, ...] = ()
    call: str = ""
    arguments: str = ""
    calls: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class ScriptedProvider(Unconnected):
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
                f"the script has {count(len(self.answers), 'answer')} and was asked once more",
                next_step="Add an [[answer]] to the script.",
            )
        answer = self.answers[len(self.asked) - 1]
        yield Opened("script", "scripted")
        await asyncio.sleep(answer.first_token_ms / 1000)
        said = answer.text if answer.cut_after is None else answer.text[: answer.cut_after]
        async for piece in _paced(said, answer):
            yield TextDelta(piece)
        async for event in _called(answer, len(self.asked)):
            yield event
        if answer.fail:
            raise _failure(answer.fail)
        if answer.ask:
            yield Question(f"q{len(self.asked)}", answer.ask, answer.options)
            yield Ended("question")
            return
        yield Counted(None, len(said) // CHARS_PER_TOKEN)
        yield Ended("cut" if answer.cut_after is not None else answer.finish)


async def _called(answer: Scripted, asked: int) -> AsyncGenerator[ModelEvent, None]:
    """The calls of tools, their arguments in pieces."""
    one = ((answer.call, answer.arguments),) if answer.call else ()
    for number, (name, arguments) in enumerate((*one, *answer.calls), 1):
        id = f"call-{asked}-{number}"
        async for piece in _paced(arguments, answer):
            yield ToolDelta(id, name, piece)
        free = not arguments.lstrip().startswith("{")
        yield ItemDone(ToolCall(id, name, arguments, free))


async def _paced(text: str, answer: Scripted) -> AsyncGenerator[str, None]:
    """`text` in pieces; a piece is due at its place on the clock, so that delays do not add up."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, start in enumerate(range(0, len(text), answer.chunk_chars)):
        late = 0.0
        if answer.rate_tok_s > 0:
            late = loop.time() - began - start / CHARS_PER_TOKEN / answer.rate_tok_s
        if late < 0 or number % PIECES_IN_A_ROW == 0:
            await asyncio.sleep(max(0.0, -late))
        yield text[start : start + answer.chunk_chars]


def _failure(kind: Failure) -> Exception:
    match kind:
        case "key":
            return KeyMissing("the script plays a key that is not valid", next_step="Edit it.")
        case "limit":
            return LimitReached("the script plays a limit that was reached", next_step="Edit it.")
        case "crash":
            return RuntimeError("the script plays a fault that nobody foresaw")
        case _:
            return ProviderError("the script plays a lost connection", next_step="Edit it.")


def _record(path: Path, request: Request) -> None:
    """Add what was asked; text that is no valid Unicode is escaped as JSON does it."""
    try:
        with path.open("a", encoding="ascii") as file:
            file.write(json.dumps(asdict(request), default=_size_of) + "\n")
    except OSError as error:
        raise UsageError(f"the script's record {path} cannot be written: {error}") from error


def _size_of(data: bytes) -> str:
    return f"{len(data)} bytes"


def load_script(path: Path) -> ScriptedProvider:
    """A provider for a script file; raises `UsageError` that names the file, key and reason."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = (getattr(error, "strerror", None) or "").lower() or str(error)
        raise UsageError(f"the script {path} cannot be read: {why}") from error
    for key in data:
        if key not in ("answer", "record", "tools"):
            known = "there are only record, tools and [[answer]]"
            raise UsageError(f"the script {path}: {key!r} is not known; {known}")
    answers = data.get("answer")
    if not isinstance(answers, list) or not answers:
        raise UsageError(f"the script {path} has no [[answer]]")
    record = data.get("record")
    if record is not None and not isinstance(record, str):
        raise UsageError(f"the script {path}: record must be the name of a file")
    tools = data.get("tools")
    if tools not in (None, "calls", "text"):
        raise UsageError(f'the script {path}: tools must be "calls" or "text"')
    may = Capabilities(converses=True, tools=tools) if tools else Capabilities()
    made = tuple(_answer(path, number, table) for number, table in enumerate(answers, 1))
    return ScriptedProvider(made, path.parent / record if record else None, capabilities=may)


def _answer(path: Path, number: int, table: object) -> Scripted:
    where = f"the script {path}: answer {number}"
    if not isinstance(table, dict):
        raise UsageError(f"{where} is not a table; write [[answer]] above it")
    fields = {str(key): value for key, value in table.items()}
    if "text" in fields and "text_file" in fields:
        raise UsageError(f"{where}: text_file: there is a text already; keep one of them")
    if "text" not in fields and "text_file" not in fields and not {"ask", "call"} & set(fields):
        raise UsageError(f"{where}: text: it is missing; give text or text_file")
    if "text_file" in fields:
        fields["text"] = _text_of(path, where, fields.pop("text_file"))
    for key, value in fields.items():
        why = _KEYS[key](value) if key in _KEYS else f"is not known; known are {', '.join(_KEYS)}"
        if why:
            raise UsageError(f"{where}: {key}: {why}")
    if isinstance(fields.get("options"), list):
        fields["options"] = tuple(fields["options"])
    if bool(fields.get("ask")) != bool(fields.get("options")):
        raise UsageError(f"{where}: ask: a question needs options, and options a question")
    return Scripted(**fields)


def _text_of(path: Path, where: str, named: object) -> str:
    if not isinstance(named, str):
        raise UsageError(f"{where}: text_file: it must be a string, not {named!r}")
    try:
        return (path.parent / named).read_bytes().decode("utf-8", "surrogateescape")
    except (OSError, ValueError) as error:
        raise UsageError(f"{where}: text_file: {error}") from error


def _text(value: object) -> str:
    return "" if isinstance(value, str) else f"it must be a string, not {value!r}"


def _at_least(least: int, *, whole: bool) -> Callable[[object], str]:
    def check(value: object) -> str:
        kinds = (int,) if whole else (int, float)
        right = isinstance(value, kinds) and not isinstance(value, bool)
        if right and isinstance(value, int | float) and least <= value < float("inf"):
            return ""
        return f"it must be {'a whole number' if whole else 'a number'} from {least}, not {value!r}"

    return check


def _one_of(*choices: str) -> Callable[[object], str]:
    return lambda value: (
        "" if value in choices else f"it must be one of {', '.join(choices)}, not {value!r}"
    )


def _texts(value: object) -> str:
    right = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return "" if right else f"it must be a list of strings, not {value!r}"


_KEYS: Mapping[str, Callable[[object], str]] = {
    "text": _text,
    "rate_tok_s": _at_least(0, whole=False),
    "first_token_ms": _at_least(0, whole=False),
    "chunk_chars": _at_least(1, whole=True),
    "cut_after": _at_least(0, whole=True),
    "fail": _one_of(*(kind for kind in get_args(Failure) if kind)),
    "finish": _one_of(*get_args(Finishes)),
    "ask": _text,
    "call": _text,
    "arguments": _text,
    "options": _texts,
}
"""What is wrong with a value of each key of an answer, as a sentence; "" if nothing is."""
