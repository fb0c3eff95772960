"""A call of a tool that breaks off is no call, whatever a server says of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from codexspark_tui.providers.answer import Answer
from codexspark_tui.providers.chat_answer import ChatAnswer
from codexspark_tui.providers.model import Ended, ItemDone, ModelEvent, ToolCall, ToolDelta
from codexspark_tui.providers.wire import ServerEvent

ITEM = {"type": "custom_tool_call", "id": "i1", "call_id": "c1", "name": "apply_patch"}


def read(*events: dict[str, Any]) -> list[ModelEvent]:
    answer = Answer("test")
    return answer.read([msgspec.convert(event, ServerEvent) for event in events])


def begun() -> list[dict[str, Any]]:
    delta = "response.custom_tool_call_input.delta"
    return [
        {"type": "response.created", "response": {"id": "r1", "model": "m"}},
        {"type": "response.output_item.added", "output_index": 0, "item": {**ITEM, "input": ""}},
        {"type": delta, "output_index": 0, "item_id": "i1", "delta": "+th"},
    ]


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("listed", [True, False])
def test_call_that_a_limit_cuts_is_left_out(told: bool, listed: bool) -> None:
    torn = {**ITEM, "input": "+th", "status": "incomplete"}
    done = {"type": "response.output_item.done", "output_index": 0, "item": torn}
    response = {
        "id": "r1",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [torn] if listed else [],
    }
    end = {"type": "response.incomplete", "response": response}
    made = read(*begun(), *([done] if told else []), end)
    assert ToolDelta("c1", "apply_patch", "+th") in made
    assert not [event for event in made if isinstance(event, ItemDone)]
    assert made[-1] == Ended("length")


def test_call_that_only_the_end_of_an_answer_tells_is_whole() -> None:
    made = read(*begun(), {"type": "response.completed", "response": {"id": "r1", "output": []}})
    assert ItemDone(ToolCall("c1", "apply_patch", "+th", free=True)) in made


def chunk(arguments: str, **more: object) -> dict[str, object]:
    call = {"index": 0, "id": "c1", "function": {"name": "apply_patch", "arguments": arguments}}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}, **more}]}


@pytest.mark.parametrize(
    ("arguments", "shown", "given"),
    [
        ('{"input": "a\\nb\\u00e9\\"c"}', 'a\nbé"c', 'a\nbé"c'),
        ('{"why": "x", "input":"a"}', "a", "a"),
        ('{"patch": "a"}', "", '{"patch": "a"}'),
        ("*** Begin Patch", "", "*** Begin Patch"),
        ('"a\\nb"', "", "a\nb"),
    ],
)
def test_free_text_of_a_chat_server_comes_as_it_is_written(
    arguments: str, shown: str, given: str
) -> None:
    answer = ChatAnswer("chat", frozenset({"apply_patch"}))
    made = [event for piece in arguments for event in answer.read(chunk(piece))]
    assert "".join(e.text for e in made if isinstance(e, ToolDelta)) == shown
    assert ItemDone(ToolCall("c1", "apply_patch", given, free=True)) in answer.end()
