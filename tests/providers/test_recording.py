"""What is written is what was said, without keys; what is replayed is what was written."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.errors import ModelGone, ProviderError, SparkError, UsageError
from codexspark_tui.providers.model import (
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
    Provider,
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
from codexspark_tui.providers.recording import Recorder, Recording, redacted, secrets_in
from codexspark_tui.providers.replay import ReplayProvider, load_recording
from codexspark_tui.providers.scripted import Scripted, ScriptedProvider
from tests.support import clock

EVERY_EVENT: tuple[ModelEvent, ...] = (
    Waiting(0.5, "busy", 1, 3),
    ReasoningDelta("hm"),
    TextDelta("text \udcff ü"),
    ToolDelta("c1", "f", "{"),
    ItemDone(ToolCall("c1", "f", "{}", free=True)),
    ItemDone(ToolOutput("c1", "done")),
    ItemDone(Opaque('{"type":"reasoning"}')),
    ItemDone(Message("assistant", "x", (Image("image/png", b"\x00\xff"),))),
    SectionStarted("offered", True),
    Said("careful", warning=True),
    Question("q", "Which?", ("a", "b")),
    Counted(1, 2, None, 4),
    Limits((Limit("requests", 10, 9, 1.5), Limit("tokens"))),
    Ended("question"),
)


@dataclass(slots=True)
class Sayer(Unconnected):
    """Says these events, or fails."""

    events: tuple[ModelEvent, ...] = EVERY_EVENT
    error: SparkError | None = None
    name: str = "sayer"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(exact_numbers=True))

    async def stream(self, request: Request) -> AsyncGenerator[ModelEvent, None]:
        yield Opened("test", "m")
        for event in self.events:
            yield event
        if self.error is not None:
            raise self.error


async def _all(provider: Provider, request: Request) -> list[ModelEvent]:
    async with aclosing(provider.stream(request)) as events:
        return [event async for event in events]


def _record(path: Path, provider: Provider, *requests: Request, **more: Any) -> None:
    async def run() -> None:
        recorder = Recorder(provider, Recording(path, **more))
        for request in requests:
            try:
                await _all(recorder, request)
            except SparkError:
                continue
        await recorder.aclose()

    asyncio.run(run())


ASKED = Request("do it", "/root/of/mine", items=(Message("user", "do it"),))


def test_every_event_comes_back_as_it_was_and_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    _record(path, Sayer(), ASKED)
    replayed = load_recording(path, speed=0)
    assert asyncio.run(_all(replayed, ASKED)) == [
        Opened("recording", "m (recording)"),
        *EVERY_EVENT,
    ]
    assert replayed.capabilities.exact_numbers
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "/root/of/mine" not in path.read_text()


def test_a_failure_is_replayed_as_the_same_kind(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    gone = ModelGone("it is retired", detail="since May", next_step="Take another.")
    _record(path, Sayer((TextDelta("a"),), gone), ASKED)
    with pytest.raises(ModelGone) as caught:
        asyncio.run(_all(load_recording(path, speed=0), ASKED))
    assert (caught.value.title, caught.value.detail) == ("it is retired", "since May")


def test_a_second_run_adds_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    for prompt in ("one", "two"):
        said = (TextDelta(f"answer {prompt}"), Ended())
        _record(path, Sayer(said), replace(ASKED, prompt=prompt))
    replayed = load_recording(path, speed=0)
    for prompt in ("two", "one"):
        events = asyncio.run(_all(replayed, replace(ASKED, prompt=prompt)))
        assert events[1] == TextDelta(f"answer {prompt}")


def test_an_unknown_prompt_gets_the_next_answer_and_the_last_is_the_last(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    _record(path, Sayer((Ended(),)), ASKED, ASKED)
    replayed = load_recording(path, speed=0)
    for _ in range(2):
        assert asyncio.run(_all(replayed, Request("other", "/")))[-1] == Ended()
    with pytest.raises(ProviderError, match="no further answer"):
        asyncio.run(_all(replayed, ASKED))
    replayed.again = True
    assert asyncio.run(_all(replayed, ASKED))[-1] == Ended()


def test_answers_at_the_same_time_are_told_apart(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "r.jsonl")
    prompts = ("one", "two", "three")

    async def run() -> None:
        asked = []
        for prompt in prompts:
            slow = ScriptedProvider((Scripted(f"answer {prompt}", rate_tok_s=100),))
            asked.append(_all(Recorder(slow, recording), replace(ASKED, prompt=prompt)))
        await asyncio.gather(*asked)
        recording.close()

    clock.run(run())
    replayed = load_recording(recording.path, speed=0)
    for prompt in reversed(prompts):
        events = asyncio.run(_all(replayed, replace(ASKED, prompt=prompt)))
        text = "".join(event.text for event in events if isinstance(event, TextDelta))
        assert text == f"answer {prompt}"


@pytest.mark.parametrize(("speed", "seconds"), [(1.0, 2.0), (4.0, 0.5), (0.0, 0.0)])
def test_the_pace_is_the_recorded_one_times_the_speed(
    tmp_path: Path, speed: float, seconds: float
) -> None:
    path = tmp_path / "r.jsonl"
    slow = ScriptedProvider((Scripted("x" * 400, rate_tok_s=50, first_token_ms=20),))

    async def timed(provider: Provider) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await _all(provider, ASKED)
        return loop.time() - began

    async def recorded() -> None:
        recorder = Recorder(slow, Recording(path))
        await timed(recorder)
        await recorder.aclose()

    clock.run(recorded())
    took = clock.run(timed(load_recording(path, speed)))
    assert took == pytest.approx(seconds, abs=0.021)


def test_keys_never_get_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    keys = ["sk-proj-abcdefghijklmnop", "AKIAABCDEFGHIJKLMNOP", "hunter2hunter2"]
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----"
    text = f"key {keys[0]} and {keys[1]} and {keys[2]}\n{pem}"
    request = replace(ASKED, prompt=text, attached=text, items=(ToolOutput("1", text),))
    error = ProviderError(f"refused {keys[0]}")
    secrets = secrets_in({"MY_PASSWORD": keys[2], "HOME": "/home/me", "SHORT_KEY": "abc"})
    assert secrets == (keys[2],)
    _record(path, Sayer((TextDelta(text),), error), request, secrets=secrets)
    written = path.read_text()
    for key in [*keys, "MIIB"]:
        assert key not in written
    assert written.count("[redacted]") >= 13


@pytest.mark.parametrize(
    "text", ["disk-usage", "task-queue-name", "sk-short", "the key is here", "Bearer of news"]
)
def test_plain_words_stay(text: str) -> None:
    assert redacted(text, ()) == text


def test_a_file_that_is_no_recording_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n")
    with pytest.raises(UsageError, match="is no recording"):
        asyncio.run(_all(Recorder(Sayer(), Recording(path)), ASKED))
    assert path.read_text() == "my notes\n"
    with pytest.raises(UsageError, match="cannot be written"):
        asyncio.run(_all(Recorder(Sayer(), Recording(tmp_path)), ASKED))


HEAD = '{"recording": 1}\n{"n":1,"at":0,"request":{"prompt":"p"}}\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no recording"),
        ("[]\n", "is no recording"),
        ('{"recording": 2}\n', "is no recording"),
        (HEAD + "no json\n", "line 3"),
        (HEAD + '{"n":1,"at":-1,"event":"Ended"}\n', "line 3"),
        (HEAD + '{"n":1,"at":1e999,"event":"Ended"}\n', "line 3"),
        (HEAD + '{"n":1,"at":0,"event":"Nothing"}\n', "line 3"),
        (HEAD + '{"n":2,"at":0,"event":"Ended"}\n', "line 3"),
        (HEAD + '{"n":1,"at":0,"event":"TextDelta","text":7}\n', "line 3"),
        (HEAD + '{"n":1,"at":0,"event":"TextDelta","text":"a","more":1}\n', "line 3"),
        (HEAD + '{"n":1,"at":0,"event":"ItemDone","item":"Tool"}\n', "line 3"),
        (HEAD + "[" * 100_000 + "\n", "line 3"),
    ],
)
def test_a_broken_recording_is_said_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(text)
    with pytest.raises(UsageError, match=why):
        load_recording(path)


KEYS = ("n", "at", "event", "request", "text", "item", "prompt", "answers", "limits", "error")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner | st.sampled_from(["TextDelta", "ItemDone", "Limits", "Ended", "Message"]),
            max_size=5,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(JSON, max_size=4))
def test_any_line_is_taken_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, lines: list[Any]
) -> None:
    path = tmp_path_factory.mktemp("r") / "r.jsonl"
    path.write_text(HEAD + "".join(json.dumps(line) + "\n" for line in lines))
    assert isinstance(_loaded(path), ReplayProvider | UsageError)


def _loaded(path: Path) -> object:
    try:
        return load_recording(path)
    except UsageError as error:
        return error
