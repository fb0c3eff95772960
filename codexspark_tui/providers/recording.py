"""Recordings: what a provider was asked and what it said, with the times (replay.py plays them).

A recording is a file of JSON Lines. The first line is its header; then, for each request `n`:

    {"n": 1, "at": 0.0, "request": {...}}                     what was asked
    {"n": 1, "at": 0.21, "event": "TextDelta", "text": "…"}   what came, `at` in seconds since then
    {"n": 1, "at": 0.90, "error": "model_gone", "title": "…", "detail": "…", "next_step": "…"}

It holds prompts and code. What looks like a key is replaced before it is written, the values of the
environment's secret variables too; headers and addresses are not in it at all.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from codexspark_tui.errors import SparkError, UsageError
from codexspark_tui.providers.model import (
    Capabilities,
    ItemDone,
    ModelEvent,
    Provider,
    Request,
)

VERSION = 1
LARGEST_BYTES = 256 * 1024 * 1024
REDACTED = "[redacted]"
Line = dict[str, Any]


# -- keys ----------------------------------------------------------------------------------------

_KEYS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk|gsk|csk|xai|hf|ghp|gho|ghs|ghr|glpat|xox[abprs])[-_][A-Za-z0-9_-]{12,}"
    r"|\bgithub_pat_[A-Za-z0-9_]{20,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|(?i:\bbearer\s+)[A-Za-z0-9._~+/-]{16,}=*",
    re.DOTALL,
)
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)
_SHORTEST_SECRET = 8


def secrets_in(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values of variables that are named like secrets, the longest first."""
    found = {
        value.strip()
        for name, value in environment.items()
        if _SECRET_NAME.search(name) and len(value.strip()) >= _SHORTEST_SECRET
    }
    return tuple(sorted(found, key=len, reverse=True))


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """The text without what looks like a key, and without these values."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return _KEYS.sub(REDACTED, text)


# -- writing ---------------------------------------------------------------------------------------


def header(provider: str, capabilities: Capabilities, note: str) -> Line:
    return {
        "recording": VERSION,
        "provider": provider,
        "exact_numbers": capabilities.exact_numbers,
        "note": note,
    }


def event_line(n: int, at: float, event: ModelEvent) -> Line:
    line: Line = {"n": n, "at": round(at, 6), "event": type(event).__name__}
    if isinstance(event, ItemDone):
        return {**line, "item": type(event.item).__name__, **asdict(event.item)}
    return {**line, **asdict(event)}


def written(line: Line) -> str:
    """A line of the file; text that is no valid Unicode is escaped as JSON does it."""
    return json.dumps(line, default=_as_base64) + "\n"


def _as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _request_line(n: int, request: Request) -> Line:
    items = [{"item": type(item).__name__, **asdict(item)} for item in request.items]
    return {"n": n, "at": 0.0, "request": {**asdict(request), "root": "", "items": items}}


NOTE = "Recorded by spark. It holds prompts and code; what looked like a key was replaced."


@dataclass(slots=True)
class Recording:
    """The file: made for its owner alone when the first line is written, or gone on in."""

    path: Path
    secrets: tuple[str, ...] = field(default_factory=lambda: secrets_in(os.environ))
    _file: TextIO | None = None
    _number: int = 0

    def begin(self, provider: Provider) -> int:
        """The number of a new request. Raises `UsageError` where the file cannot be written."""
        if self._file is None:
            try:
                first = self._open()
            except (OSError, UnicodeError) as error:
                raise self._cannot(error) from error
            if not first:
                self.add(header(provider.name, provider.capabilities, NOTE))
        self._number += 1
        return self._number

    def add(self, line: Line) -> None:
        assert self._file is not None
        try:
            self._file.write(written(self._clean(line)))
        except (OSError, ValueError) as error:
            raise self._cannot(error) from error

    def flush(self) -> None:
        try:
            if self._file is not None:
                self._file.flush()
        except OSError as error:
            raise self._cannot(error) from error

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> str:
        """Open the file and return its first line; a file that is no recording is left alone."""
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        file = os.fdopen(fd, "a+", encoding="ascii")
        file.seek(0)
        first = file.readline(LARGEST_BYTES)
        if first and not is_header(first):
            file.close()
            raise UsageError(
                f"{self.path} exists and is no recording; nothing was added to it",
                next_step="Name another file with --record.",
            )
        self._number = sum('"request"' in line for line in file)
        self._file = file
        return first

    def _cannot(self, error: Exception) -> UsageError:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        return UsageError(
            f"the recording {self.path} cannot be written: {why}",
            next_step="Name another file with --record, or leave it out.",
        )

    def _clean(self, value: Any) -> Any:
        match value:
            case str():
                return redacted(value, self.secrets)
            case dict():
                return {key: self._clean(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self._clean(inner) for inner in value]
            case _:
                return value


@dataclass(slots=True)
class Recorder:
    """Another provider whose requests and events are added to a recording; several may share one.

    Deltas are redacted one by one: a key that a model itself invents across several is not seen.
    """

    inner: Provider
    recording: Recording

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        recording, loop = self.recording, asyncio.get_running_loop()
        n, began = recording.begin(self), loop.time()
        recording.add(_request_line(n, request))
        try:
            async with aclosing(self.inner.stream(request)) as events:
                async for event in events:
                    recording.add(event_line(n, loop.time() - began, event))
                    yield event
        except SparkError as error:
            said = {"title": error.title, "detail": error.detail, "next_step": error.next_step}
            recording.add({"n": n, "at": loop.time() - began, "error": error.code, **said})
            raise
        finally:
            recording.flush()

    async def warm(self, request: Request) -> None:
        await self.inner.warm(request)

    async def steer(self, text: str) -> bool:
        return await self.inner.steer(text)

    async def aclose(self) -> None:
        await self.inner.aclose()
        self.recording.flush()


def is_header(line: str) -> bool:
    try:
        made = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(made, dict) and made.get("recording") == VERSION
