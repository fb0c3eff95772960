"""The official OpenAI SDK as client: what it makes of us is what its own types say."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from openai import OpenAI
from openai.types.responses import Response

from codexspark_tui.errors import ContextTooLong, ModelGone
from codexspark_tui.providers.model import (
    Counted,
    ItemDone,
    Message,
    ModelEvent,
    ReasoningDelta,
    Request,
    TextDelta,
    Tool,
    ToolCall,
    ToolDelta,
    ToolOutput,
)
from tests.gateway.support import BREAK, TOKEN, Model, Served, served

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}


def _says(request: Request) -> tuple[ModelEvent, ...]:
    """A model that can be asked for each kind of answer."""
    match request.prompt:
        case "call":
            call = ToolCall("call_1", "weather", '{"city":"Rome"}')
            return (
                ToolDelta("call_1", "weather", '{"city":'),
                ToolDelta("call_1", "weather", '"Rome"}'),
                ItemDone(call),
                Counted(5, 7),
            )
        case "think":
            return ReasoningDelta("hm"), ReasoningDelta("m"), TextDelta("4"), Counted(3, 9, 1, 8)
        case "gone":
            raise ModelGone("the model is retired", next_step="Take another.")
        case "long":
            raise ContextTooLong("this does not fit")
        case "break":
            return TextDelta("so far"), BREAK
        case "late":
            return TextDelta("first"), ItemDone(Message("assistant", "corrected"))
        case _:
            said = [item.text for item in request.items if isinstance(item, Message)]
            return TextDelta("you said: "), TextDelta(" | ".join(said)), Counted(10, 4, 2, 0)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(says=_says)


@pytest.fixture(scope="module")
def server(model: Model) -> Iterator[Served]:
    with served(model, aliases=("gpt-4o",)) as running:
        yield running


@pytest.fixture
def client(server: Served, model: Model) -> Iterator[OpenAI]:
    model.asked.clear()
    with OpenAI(base_url=server.base, api_key=TOKEN, max_retries=0, timeout=20) as made:
        yield made


def test_models_are_listed_and_found(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["test/model-1", "gpt-4o"]
    assert client.models.retrieve("test/model-1").owned_by == "spark"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nothing")


def test_a_response_comes_whole(client: OpenAI, model: Model) -> None:
    answer = client.responses.create(
        model="model-1", input="hi", instructions="be short", max_output_tokens=9
    )
    assert answer.output_text == "you said: hi"
    assert answer.status == "completed"
    assert answer.model == "model-1-real"
    assert answer.usage is not None
    assert answer.usage.model_dump()["total_tokens"] == 14
    assert answer.usage.input_tokens_details.cached_tokens == 2
    (request,) = model.asked
    assert (request.instructions, request.max_output_tokens) == ("be short", 9)
    assert request.items == (Message("user", "hi"),)


def test_a_stream_has_every_event_in_its_order(client: OpenAI) -> None:
    events = list(client.responses.create(model="gpt-4o", input="hi", stream=True))
    assert [event.type for event in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(10))


def test_the_accumulator_of_the_sdk_comes_to_the_same_text(client: OpenAI) -> None:
    with client.responses.stream(model="gpt-4o", input="hi") as stream:
        final = stream.get_final_response()
    assert final.output_text == "you said: hi"


def test_http_continues_what_was_stored_and_only_that(client: OpenAI) -> None:
    first = client.responses.create(model="gpt-4o", input="one")
    second = client.responses.create(model="gpt-4o", input="two", previous_response_id=first.id)
    assert second.output_text == "you said: one | you said: one | two"
    unstored = client.responses.create(model="gpt-4o", input="one", store=False)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="gpt-4o", input="x", previous_response_id=unstored.id)
    assert caught.value.code == "previous_response_not_found"


def test_tool_calls_go_both_ways(client: OpenAI, model: Model) -> None:
    tools = [{"type": "function", "name": "weather", "parameters": WEATHER, "strict": False}]
    answer = client.responses.create(model="gpt-4o", input="call", tools=tools)  # type: ignore[arg-type]
    (call,) = answer.output
    assert call.type == "function_call"
    assert (call.call_id, call.name, call.arguments) == ("call_1", "weather", '{"city":"Rome"}')
    result = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
    client.responses.create(
        model="gpt-4o",
        input=[result],  # type: ignore[list-item]
        previous_response_id=answer.id,
    )
    assert model.asked[0].tools[0].name == "weather"
    assert isinstance(model.asked[0].tools[0], Tool)
    assert model.asked[1].items == (
        Message("user", "call"),
        ToolCall("call_1", "weather", '{"city":"Rome"}'),
        ToolOutput("call_1", "sunny"),
    )


def test_reasoning_is_an_item_of_its_own(client: OpenAI) -> None:
    answer = client.responses.create(model="gpt-4o", input="think")
    assert [item.type for item in answer.output] == ["reasoning", "message"]
    assert answer.output_text == "4"
    assert answer.usage is not None
    assert answer.usage.output_tokens_details.reasoning_tokens == 8


def test_what_was_corrected_at_the_end_is_the_truth(client: OpenAI) -> None:
    assert client.responses.create(model="gpt-4o", input="late").output_text == "corrected"


@pytest.mark.parametrize(
    ("prompt", "kind", "code"),
    [
        ("gone", openai.NotFoundError, "model_not_found"),
        ("long", openai.BadRequestError, "context_length_exceeded"),
    ],
)
def test_errors_of_a_provider_have_their_status_and_code(
    client: OpenAI, prompt: str, kind: type[openai.APIStatusError], code: str
) -> None:
    for stream in (False, True):
        with pytest.raises(kind) as caught:
            client.responses.create(model="gpt-4o", input=prompt, stream=stream)
        assert caught.value.code == code


def test_a_stream_that_breaks_ends_with_a_failed_response(client: OpenAI) -> None:
    events = list(client.responses.create(model="gpt-4o", input="break", stream=True))
    assert events[-1].type == "response.failed"
    assert events[-1].response.error is not None
    assert events[-1].response.error.message == "the line is dead"
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model="gpt-4o", input="break")
    with pytest.raises(openai.APIError, match="the line is dead"):
        list(
            client.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": "break"}], stream=True
            )
        )


def test_a_wrong_token_and_a_wrong_model_are_told(client: OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="gpt-9", input="hi")


# -- WebSocket ------------------------------------------------------------------------------------


def test_a_websocket_continues_with_new_items_only(client: OpenAI, model: Model) -> None:
    with client.responses.connect() as connection:
        connection.response.create(model="gpt-4o", input="one", store=False)
        first = _final(connection)
        connection.response.create(
            model="gpt-4o", input="two", store=False, previous_response_id=first.id
        )
        second = _final(connection)
    assert second.output_text == "you said: one | you said: one | two"
    assert [len(request.items) for request in model.asked] == [1, 3]


def test_warm_up_gives_an_id_to_continue_from(client: OpenAI, model: Model) -> None:
    with client.responses.connect() as connection:
        connection.response.create(model="gpt-4o", input="context", store=False, generate=False)
        warm = _final(connection)
        assert (warm.status, warm.output) == ("completed", [])
        assert model.asked == []
        connection.response.create(
            model="gpt-4o", input="go", store=False, previous_response_id=warm.id
        )
        assert _final(connection).output_text == "you said: context | go"


def test_an_error_frame_leaves_the_connection_usable(client: OpenAI) -> None:
    with client.responses.connect() as connection:
        connection.response.create(model="gpt-4o", input="x", previous_response_id="resp_unknown")
        event = next(iter(connection))
        assert event.type == "error"
        assert event.error.code == "previous_response_not_found"
        connection.response.create(model="gpt-4o", input="hi")
        assert _final(connection).output_text == "you said: hi"


def _final(connection: object) -> Response:
    for event in connection:  # type: ignore[attr-defined]
        if event.type == "response.completed":
            answer: Response = event.response
            return answer
        assert event.type not in ("error", "response.failed"), event
    raise AssertionError("no end")


# -- chat completions -----------------------------------------------------------------------------


def test_a_chat_completion_comes_whole(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": "be short"},
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        ],
    )
    assert answer.choices[0].message.content == "you said: be short | hi"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (10, 4)


def test_a_chat_stream_ends_with_its_usage(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="gpt-4o",
            messages=[{"role": "user", "content": "think"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == "4"
    assert "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas) == "hmm"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 12


def test_chat_tool_calls_go_both_ways(client: OpenAI, model: Model) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": WEATHER}}]
    messages = [{"role": "user", "content": "call"}]
    with client.chat.completions.stream(
        model="gpt-4o",
        messages=messages,  # type: ignore[arg-type]
        tools=tools,  # type: ignore[arg-type]
    ) as stream:
        choice = stream.get_final_completion().choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    call = choice.message.tool_calls[0]
    assert (call.id, call.function.name, call.function.arguments) == (
        "call_1",
        "weather",
        '{"city":"Rome"}',
    )
    client.chat.completions.create(
        model="gpt-4o",
        messages=[
            *messages,  # type: ignore[list-item]
            {"role": "assistant", "tool_calls": [call.model_dump()]},  # type: ignore[list-item]
            {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        ],
    )
    assert model.asked[1].items == (
        Message("user", "call"),
        ToolCall("call_1", "weather", '{"city":"Rome"}'),
        ToolOutput("call_1", "sunny"),
    )
