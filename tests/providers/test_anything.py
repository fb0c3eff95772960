"""Whatever a server sends, the readers of answers give events or a trouble, and nothing else."""

from __future__ import annotations

import ast
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import codexspark_tui
from codexspark_tui.providers.answer import Answer
from codexspark_tui.providers.chat_answer import ChatAnswer
from codexspark_tui.providers.connect import Endpoint
from codexspark_tui.providers.hints import asked_wait, hinted_wait, span, told_limits
from codexspark_tui.providers.model import Limit, Limits, Message, TextDelta
from codexspark_tui.providers.realtime import named
from codexspark_tui.providers.responses import Chain, continued, without
from codexspark_tui.providers.sse import EventStream
from codexspark_tui.providers.trouble import Trouble, as_error, masked, refused
from codexspark_tui.providers.wire import read_events
from tests.support.faults import answer, sse

NAMES = [
    "type",
    "delta",
    "output_index",
    "content_index",
    "item_id",
    "sequence_number",
    "text",
    "refusal",
    "item",
    "response",
    "error",
    "code",
    "message",
    "param",
    "status",
    "headers",
    "id",
    "role",
    "content",
    "arguments",
    "call_id",
    "name",
    "output",
    "usage",
    "input_tokens",
    "incomplete_details",
    "reason",
    "choices",
    "finish_reason",
    "tool_calls",
    "function",
    "index",
    "model",
    "reasoning",
    "timings",
    "rate_limits",
    "limit",
    "reset_seconds",
    "status_details",
    "input_tokens_details",
]
TYPES = [
    *{event["type"] for event in answer("a")},
    "response.incomplete",
    "response.failed",
    "response.done",
    "response.queued",
    "response.refusal.delta",
    "response.function_call_arguments.delta",
    "response.custom_tool_call_input.delta",
    "response.reasoning_text.delta",
    "response.steer.failed",
    "rate_limits.updated",
    "error",
    "message",
    "function_call",
    "custom_tool_call",
    "reasoning",
    "output_text",
]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 600),
    st.floats(),
    st.sampled_from(TYPES),
    st.text(max_size=5),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=12,
)
EVENTS = st.lists(
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6).flatmap(
        lambda event: st.sampled_from(TYPES).map(lambda kind: {**event, "type": kind})
    ),
    max_size=8,
)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(EVENTS)
def test_any_events_are_read(events: list[dict[str, Any]]) -> None:
    messages = [json.dumps(event).encode() for event in events]
    for read in (read_events(messages), [named(event) for event in read_events(messages)]):
        made = Answer("x")
        made.read(read)
        assert made.trouble is None or made.finished


@MANY
@given(EVENTS)
def test_any_chunks_are_read(chunks: list[dict[str, Any]]) -> None:
    made = ChatAnswer("x", frozenset({"message"}))
    for chunk in chunks:
        made.read(chunk)
        made.read({"choices": [{"delta": chunk, "message": chunk}, chunk], "usage": chunk})
    made.end()


@MANY
@given(
    st.none() | st.integers(100, 599), VALUES, st.dictionaries(st.sampled_from(NAMES), st.text())
)
def test_any_error_has_a_sentence_and_a_remedy(
    status: int | None, error: object, headers: dict[str, str]
) -> None:
    endpoint = Endpoint("a/b", "http://h.example/v1", "b")
    told = as_error(refused(status, error, headers), endpoint)
    assert told.title
    assert told.next_step
    assert "\n" not in told.title


@given(st.lists(st.integers(0, 400), max_size=6))
@settings(max_examples=100, deadline=None)
def test_an_event_stream_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    data = b"\xef\xbb\xbf: hi\r\n\r\n" + sse(answer("é😀", "b")) + b"data: x\rdata: y\r\r"
    whole = EventStream()
    expected = whole.feed(data) + whole.close()
    stream = EventStream()
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = [e for a, b in pairwise(places) for e in stream.feed(data[a:b])]
    assert found + stream.close() == expected
    assert expected[-1] == b"x\ny"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please try again in 1.2s.", 1.2),
        ("try again in 350ms", 0.35),
        ("Try again in 6m0s", 360.0),
        ("retry after 2 minutes 3 seconds", 123.0),
        ("Please retry in 20 seconds.", 20.0),
        ("try again in 1h2m3s", 3723.0),
        ("try again later", None),
        ("in 3 steps", None),
    ],
)
def test_a_wait_is_read_from_a_sentence(text: str, seconds: float | None) -> None:
    assert hinted_wait(text) == (None if seconds is None else pytest.approx(seconds))


def test_waits_and_limits_are_read_from_headers_in_their_order() -> None:
    assert asked_wait({"retry-after-ms": "1500", "retry-after": "9"}) == 1.5
    assert asked_wait({"retry-after": "9"}) == 9.0
    assert asked_wait({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert asked_wait({"retry-after": "soon"}) is None
    assert asked_wait({"retry-after": "nan"}) is None
    assert span("6m0s") == 360.0
    azure = {"x-ratelimit-limit-tokens": "-1", "x-ratelimit-remaining-tokens": "0"}
    assert told_limits(azure) == Limits((Limit("tokens", None, 0, None),))
    assert told_limits({}) is None


def test_a_conversation_goes_on_only_when_all_else_is_equal() -> None:
    items = (Message("user", "a"), Message("assistant", "b"))
    chain = Chain("r", {"model": "m"}, items)
    new = Message("user", "c")
    assert continued(chain, {"model": "m"}, (*items, new)) == (new,)
    assert continued(chain, {"model": "n"}, (*items, new)) is None
    assert continued(chain, {"model": "m"}, items) is None
    assert continued(chain, {"model": "m"}, (items[0], new, new)) is None
    assert continued(None, {"model": "m"}, items) is None


def test_a_refused_parameter_leaves_its_neighbours() -> None:
    fields = {"a": {"b": 1, "c": 2}, "d": {"e": 1}, "model": "m"}
    assert without(fields, ["a.b", "d.e", "model", "x.y", "a.c.z"]) == {"a": {"c": 2}, "model": "m"}


def test_what_looks_like_a_key_is_masked() -> None:
    assert masked("bad sk-proj-abc***xyz and Bearer abc.def", "none") == "bad … and Bearer …"
    assert masked("mine is hunter2!", "hunter2!") == "mine is …"


def test_text_before_an_error_that_came_with_it_is_not_lost() -> None:
    made = Answer("x")
    messages = [json.dumps(event).encode() for event in answer("ab", "cd")[:4]]
    events = made.read(read_events([*messages, b"nonsense"]))
    assert events[-1] == TextDelta("abcd")
    assert isinstance(made.trouble, Trouble)


@pytest.mark.parametrize(("library", "owner"), [("httpx", "http.py"), ("websockets", "socket.py")])
def test_each_library_of_the_network_has_one_file(library: str, owner: str) -> None:
    providers = Path(codexspark_tui.__file__).parent / "providers"
    users = [
        path.name
        for path in sorted(providers.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Import) and any(a.name.startswith(library) for a in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith(library))
    ]
    assert set(users) == {owner}
