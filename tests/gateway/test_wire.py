"""What goes out follows the documented order whatever a provider says; what comes in is checked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codexspark_tui.gateway.ask import Ask
from codexspark_tui.gateway.chat_in import read_chat
from codexspark_tui.gateway.chat_out import Completion
from codexspark_tui.gateway.faults import Fault
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.gateway.reading import encoded, parse
from codexspark_tui.gateway.responses_in import read_ask
from codexspark_tui.gateway.responses_out import Answer
from codexspark_tui.providers.model import (
    Counted,
    Ended,
    Image,
    ItemDone,
    Message,
    ModelEvent,
    Opaque,
    Opened,
    ReasoningDelta,
    Said,
    SectionStarted,
    TextDelta,
    Tool,
    ToolCall,
    ToolDelta,
    ToolOutput,
)

LIMITS = Limits()
TEXTS = st.text(max_size=8)
CALLS = st.sampled_from(["c1", "c2"])
EVENTS: st.SearchStrategy[ModelEvent] = st.one_of(
    st.builds(TextDelta, TEXTS),
    st.builds(ReasoningDelta, TEXTS),
    st.builds(ToolDelta, CALLS, st.sampled_from(["f", "free"]), TEXTS),
    st.builds(ItemDone, st.builds(Message, st.just("assistant"), TEXTS)),
    st.builds(ItemDone, st.builds(ToolCall, CALLS, st.just("f"), TEXTS)),
    st.just(ItemDone(Opaque('{"type":"reasoning","id":"rs_1","summary":[]}'))),
    st.just(ItemDone(Opaque("no json"))),
    st.builds(Said, TEXTS),
    st.builds(SectionStarted, TEXTS, st.booleans()),
    st.builds(Opened, st.just("t"), TEXTS),
    st.just(Counted(1, 2)),
)
ENDS = st.sampled_from([Ended("stop"), Ended("length"), Ended("cut"), Ended("lost")])


def _written(events: list[ModelEvent]) -> tuple[Answer, list[dict[str, Any]]]:
    answer = Answer(Ask(tools=(Tool("free", ""),)), "m")
    return answer, [made for event in events for made in answer.feed(event)]


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, max_size=12), ENDS)
def test_every_answer_is_well_formed(events: list[ModelEvent], end: Ended) -> None:
    answer, wire = _written([*events, end])
    assert [event["sequence_number"] for event in wire] == list(range(len(wire)))
    assert [event["type"] for event in wire[:2]] == ["response.created", "response.in_progress"]
    kinds = {"stop": "completed", "length": "incomplete", "cut": "failed", "lost": "failed"}
    assert wire[-1]["type"] == f"response.{kinds[end.finish]}"
    opened: dict[int, dict[str, Any]] = {}
    done: list[dict[str, Any]] = []
    for event in wire[2:-1]:
        index = event["output_index"]
        if event["type"] == "response.output_item.added":
            assert index == len(done)
            opened[index] = event["item"]
        elif event["type"] == "response.output_item.done":
            assert index == len(done)
            assert opened[index]["type"] == event["item"]["type"]
            done.append(event["item"])
        else:
            assert event["item_id"] == opened[index]["id"]
            assert index == len(done)
    assert len(opened) == len(done)
    assert wire[-1]["response"]["output"] == done == answer.output
    for event in wire:
        assert json.loads(encoded(event))["type"] == event["type"]


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=12), ENDS)
def test_every_completion_is_well_formed(events: list[ModelEvent], end: Ended) -> None:
    completion = Completion(Ask(counts=True), "m")
    wire = [made for event in [*events, end] for made in completion.feed(event)]
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in wire if c.get("choices"))
    whole = completion.body()["choices"][0]["message"]
    assert (whole["content"] or "") == text
    fragments: dict[int, str] = {}
    for chunk in wire:
        for choice in chunk.get("choices", []):
            for call in choice["delta"].get("tool_calls", []):
                inner = call.get("function") or call.get("custom")
                piece = inner.get("arguments", inner.get("input"))
                fragments[call["index"]] = fragments.get(call["index"], "") + piece
    said = [c.get("function", {}).get("arguments") for c in whole.get("tool_calls", [])]
    said = [
        text if text is not None else c["custom"]["input"]
        for text, c in zip(said, whole.get("tool_calls", []), strict=True)
    ]
    assert said == [fragments[index] for index in range(len(fragments))]


def test_notices_are_reasoning_and_the_text_stays_a_patch() -> None:
    offered: list[ModelEvent] = [SectionStarted("a mention", True), TextDelta("not this")]
    answer, _ = _written([Said("understood"), TextDelta("diff"), *offered, Ended()])
    assert [item["type"] for item in answer.output] == ["reasoning", "message", "reasoning"]
    assert answer.items == [Message("assistant", "diff")]


def test_an_answer_of_notices_only_has_them_as_text() -> None:
    answer, _ = _written([Said("nothing to rename"), Ended()])
    assert answer.items == [Message("assistant", "nothing to rename\n")]


def test_text_that_is_no_unicode_gets_replacement_characters() -> None:
    assert json.loads(encoded({"a": ["x\udcff", {"\ud800": 1}]})) == {"a": ["x�", {"�": 1}]}


# -- in --------------------------------------------------------------------------------------------


def test_items_of_each_kind_are_read() -> None:
    ask = read_ask(
        {
            "instructions": "i",
            "input": [
                {"role": "system", "content": "s"},
                {
                    "type": "message",
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "look"},
                        {"type": "input_image", "image_url": "data:image/png;base64,aGk="},
                    ],
                },
                {"role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
                {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "1", "output": "o"},
                {"type": "custom_tool_call", "call_id": "2", "name": "g", "input": "raw"},
                {
                    "type": "custom_tool_call_output",
                    "call_id": "2",
                    "output": [{"type": "input_text", "text": "p"}],
                },
            ],
            "tools": [{"type": "custom", "name": "g", "description": "d"}],
            "max_output_tokens": 5,
            "temperature": 0.3,
            "reasoning": {"effort": "low"},
        },
        LIMITS,
    )
    assert ask.items == (
        Message("developer", "s"),
        Message("user", "look", (Image("image/png", b"hi"),)),
        Message("assistant", "a"),
        ToolCall("1", "f", "{}"),
        ToolOutput("1", "o"),
        ToolCall("2", "g", "raw", free=True),
        ToolOutput("2", "p", free=True),
    )
    assert ask.tools == (Tool("g", "d"),)
    assert (ask.instructions, ask.max_output_tokens, ask.prompt()) == ("i", 5, "look")


@pytest.mark.parametrize(
    ("field", "param"),
    [
        ({"input": 7}, "input"),
        ({"input": [7]}, "input[0]"),
        ({"input": [{"type": "web_search_call"}]}, "input[0].type"),
        ({"input": [{"role": "king", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user", "content": [{"type": "input_file"}]}]}, None),
        ({"input": "x", "background": True}, "background"),
        ({"input": "x", "conversation": "c"}, "conversation"),
        ({"input": "x", "tool_choice": "required"}, "tool_choice"),
        ({"input": "x", "tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"input": "x", "text": {"format": {"type": "json_schema"}}}, "text.format"),
        ({"input": "x", "max_output_tokens": 0}, "max_output_tokens"),
        ({"input": "x", "max_output_tokens": 10**30}, "max_output_tokens"),
        ({"input": "x", "max_output_tokens": True}, "max_output_tokens"),
        ({"input": "x", "store": "yes"}, "store"),
        ({"model": "m"}, "input"),
    ],
)
def test_a_wrong_field_is_named(field: dict[str, Any], param: str | None) -> None:
    with pytest.raises(Fault) as caught:
        read_ask(field, LIMITS)
    assert caught.value.status == 400
    assert param is None or caught.value.param == param


def test_pictures_are_never_fetched() -> None:
    part = {"type": "input_image", "image_url": "http://169.254.169.254/latest"}
    with pytest.raises(Fault, match="nothing is fetched"):
        read_ask({"input": [{"role": "user", "content": [part]}]}, LIMITS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "role",
                    "content",
                    "text",
                    "image_url",
                    "url",
                    "call_id",
                    "id",
                    "name",
                    "function",
                    "tool_calls",
                    "arguments",
                    "parameters",
                    "output",
                    "format",
                ]
            ),
            inner | st.sampled_from(["message", "user", "tool", "input_text", "function", "text"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)
FIELDS = [
    *("input", "instructions", "tools", "tool_choice", "store", "stream", "generate", "text"),
    *("previous_response_id", "max_output_tokens", "metadata", "messages", "stream_options"),
    *("n", "stop", "response_format", "model", "prompt_cache_key", "max_tokens"),
]


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5))
def test_no_json_gets_through_as_anything_but_an_ask_or_a_fault(table: dict[str, Any]) -> None:
    for reader in (read_ask, read_chat):
        try:
            ask = reader(table, LIMITS)
        except Fault as fault:
            encoded(fault.frame())
        else:
            encoded(Answer(ask, "m").empty())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"a":NaN}',
        b"\xff",
        b"[" * 100_000,
        b'{"a":"\\ud800"}',
        b"1e999",
    ],
)
def test_what_is_no_json_object_is_a_fault(data: bytes) -> None:
    with pytest.raises(Fault) as caught:
        parse(data)
    assert caught.value.code == "invalid_json"
