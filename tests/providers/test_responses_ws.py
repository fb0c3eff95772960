"""Responses on a WebSocket that is kept: what is sent, and what becomes of each fault."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any

import pytest

from codexspark_tui.errors import (
    ContextTooLong,
    KeyMissing,
    LimitReached,
    ModelGone,
    ProviderError,
    SparkError,
)
from codexspark_tui.providers.model import (
    Counted,
    Ended,
    ItemDone,
    Message,
    ModelEvent,
    Opaque,
    Opened,
    Said,
    TextDelta,
    ToolCall,
    Waiting,
)
from tests.providers.wires import QUICK, events_of, provider, reasoning_of, request, text_of, told
from tests.support.faults import (
    Event,
    Exchange,
    FaultServer,
    Play,
    answer,
    closes,
    drops,
    error_frame,
    falls_silent,
    fault_server,
    frames,
    plays,
    replies,
)


def run(test: Coroutine[None, None, None]) -> None:
    asyncio.run(test)


def test_an_answer_comes_with_its_model_count_and_item() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("Hello, ", "world"))]
            events = await events_of(provider(server))
            assert [event for event in events if not isinstance(event, TextDelta)] == [
                Opened("websocket", "test-model"),
                ItemDone(Message("assistant", "Hello, world")),
                Counted(7, 3),
                Ended("stop"),
            ]
            assert text_of(events) == "Hello, world"
            assert server.kinds() == ["upgrade", "create"]
            body = server.of("x", "create")[0].body
            assert body == {
                "type": "response.create",
                "model": "test-model",
                "instructions": "be brief",
                "store": False,
                "include": ["reasoning.encrypted_content"],
                "input": [
                    {
                        "type": "message",
                        "role": "user",
                        "content": [{"type": "input_text", "text": "hello"}],
                    }
                ],
            }

    run(test())


def test_the_next_turn_sends_only_what_is_new_on_the_same_socket() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [
                plays(*answer("one", id="resp_1")),
                plays(*answer("two", id="resp_2")),
                plays(*answer("three", id="resp_3")),
                plays(*answer("four", id="resp_4")),
            ]
            asked = provider(server)
            await events_of(asked, request("a"))
            await events_of(asked, request("a", "one", "b"))
            await events_of(asked, request("a", "ONE", "b", "two", "c"))
            await events_of(asked, request("a", instructions="be long"))
            bodies = [seen.body for seen in server.of("x", "create")]
            sent = [
                (body.get("previous_response_id"), [_said(item) for item in body["input"]])
                for body in bodies
            ]
            assert sent == [
                (None, ["a"]),
                ("resp_1", ["b"]),
                (None, ["a", "ONE", "b", "two", "c"]),
                (None, ["a"]),
            ]
            assert server.kinds().count("upgrade") == 1
            await asked.aclose()

    run(test())


def _said(item: Event) -> str:
    return str(item["content"][0]["text"])


def test_a_server_that_stores_nothing_is_sent_no_field_that_it_does_not_know() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("one"))]
            asked = provider(server, stores=False)
            await events_of(asked, request("a"))
            await events_of(asked, request("a", "one", "b"))
            bodies = [seen.body for seen in server.of("x", "create")]
            assert [sorted(body) for body in bodies] == [
                ["input", "instructions", "model", "type"]
            ] * 2

    run(test())


def test_a_warmed_connection_goes_on_from_its_preparation() -> None:
    async def test() -> None:
        async with fault_server() as server:
            done = {"type": "response.completed", "response": {"id": "resp_w"}}
            server.plays["x"] = [plays(done), plays(*answer("yes", id="resp_1"))]
            asked = provider(server, warm_up=True)
            await asked.warm(request("a"))
            assert told(await events_of(asked, request("a", "", "b"))) == ("yes", "stop")
            first, second = (seen.body for seen in server.of("x", "create"))
            assert first["generate"] is False
            assert second["previous_response_id"] == "resp_w"
            assert len(second["input"]) == 2
            assert server.kinds() == ["upgrade", "create", "create"]

    run(test())


def test_a_stream_that_starts_while_the_connection_opens_uses_that_connection() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("yes"))]
            asked = provider(server)
            _, events = await asyncio.gather(asked.warm(request()), events_of(asked))
            assert told(events) == ("yes", "stop")
            assert server.kinds() == ["upgrade", "create"]

    run(test())


def test_two_answers_at_once_have_a_connection_each() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("yes"))]
            asked = provider(server)
            both = await asyncio.gather(events_of(asked), events_of(asked))
            assert [told(events) for events in both] == [("yes", "stop")] * 2
            assert server.kinds().count("upgrade") == 2

    run(test())


def test_a_closed_stream_drops_its_socket_and_its_tail_reaches_nobody() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [
                falls_silent(*answer("old", "er", id="resp_1")[:3]),
                plays(*answer("new", id="resp_2")),
            ]
            asked = provider(server)
            async with aclosing(asked.stream(request())) as stream:
                async for event in stream:
                    if isinstance(event, TextDelta):
                        break
            assert told(await events_of(asked)) == ("new", "stop")
            assert server.kinds() == ["upgrade", "create"] * 2

    run(test())


def test_the_tail_of_a_cancelled_answer_before_ours_is_no_part_of_ours() -> None:
    async def test() -> None:
        async with fault_server() as server:
            tail = answer("old", "er", id="resp_0")[3:]
            server.plays["x"] = [plays(*tail, *answer("new", id="resp_1"))]
            assert told(await events_of(provider(server))) == ("new", "stop")

    run(test())


def test_the_tail_of_the_answer_before_on_the_same_socket_is_no_part_of_the_next() -> None:
    async def test() -> None:
        async with fault_server() as server:
            first = answer("one", id="resp_1")
            late = [{**first[0], "sequence_number": 0}, *first[1:]]
            server.plays["x"] = [
                plays(*first),
                plays(*late, *answer("two", id="resp_2")),
            ]
            asked = provider(server)
            await events_of(asked, request("a"))
            assert told(await events_of(asked, request("a", "one", "b"))) == ("two", "stop")

    run(test())


def test_events_that_come_twice_count_once() -> None:
    async def test() -> None:
        async with fault_server() as server:
            twice = [event for event in answer("ab", "cd", "ef") for _ in range(2)]
            server.plays["x"] = [plays(*twice)]
            events = await events_of(provider(server))
            assert told(events) == ("abcdef", "stop")
            assert sum(isinstance(event, ItemDone) for event in events) == 1

    run(test())


def test_events_in_the_wrong_order_never_give_wrong_text_as_right() -> None:
    async def test() -> None:
        async with fault_server() as server:
            events = answer("ab", "cd")
            events[2], events[3] = events[3], events[2]
            server.plays["x"] = [plays(*events)]
            made = await events_of(provider(server))
            assert made[-1] == Ended("lost")
            assert any(isinstance(event, Said) and event.warning for event in made)

    run(test())


@pytest.mark.parametrize("missing", ["deltas", "items", "output", "added", "indexes", "numbers"])
def test_what_a_server_leaves_out_is_taken_from_what_it_tells(missing: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*_without(answer("ab", "cd"), missing))]
            events = await events_of(provider(server))
            assert told(events) == ("abcd", "stop")
            items = [event.item for event in events if isinstance(event, ItemDone)]
            assert items == [Message("assistant", "abcd")]

    run(test())


def _without(events: list[Event], missing: str) -> list[Event]:
    kinds = {"deltas": "delta", "items": "output_item.done", "added": "added"}
    if missing in kinds:
        return [event for event in events if not event["type"].endswith(kinds[missing])]
    if missing == "output":
        last = {**events[-1], "response": {"id": "resp_1"}}
        return [e for e in events[:-1] if "done" not in e["type"]] + [last]
    names = ("output_index", "content_index") if missing == "indexes" else ("sequence_number",)
    return [{k: v for k, v in event.items() if k not in names} for event in events]


def test_unknown_events_fields_and_types_change_nothing() -> None:
    async def test() -> None:
        async with fault_server() as server:
            odd: list[Event | str] = [
                {"type": "response.something.new", "delta": {"x": [1]}},
                {"type": 17},
                {"type": "response.output_text.annotation.added", "annotation": None},
                {"type": "codex.keepalive"},
                "{}",
                {"type": "response.output_item.added", "item": None, "output_index": "x"},
            ]
            mixed: list[Event | str] = []
            for event in answer("ab", "cd"):
                mixed += [*odd, {**event, "surprise": {"deep": []}}]
            server.plays["x"] = [plays(*mixed)]
            assert told(await events_of(provider(server))) == ("abcd", "stop")

    run(test())


def test_halves_of_a_character_in_two_deltas_are_one() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("a\ud83d", "\ude00b", "é\u2028"))]
            assert told(await events_of(provider(server))) == ("a😀bé\u2028", "stop")

    run(test())


def test_tools_reasoning_and_refusals_are_told_and_kept() -> None:
    async def test() -> None:
        reasoning = {"type": "reasoning", "id": "rs_1", "encrypted_content": "xyz", "summary": []}
        call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "read"}
        done = {**call, "arguments": '{"path": "a"}'}
        free = {"type": "custom_tool_call", "call_id": "call_2", "name": "apply", "input": "*** x"}
        args = {"type": "response.function_call_arguments.delta", "output_index": 1}
        async with fault_server() as server:
            server.plays["x"] = [
                plays(
                    {"type": "response.created", "response": {"id": "resp_1"}},
                    {"type": "response.reasoning_summary_text.delta", "delta": "hmm"},
                    {"type": "response.output_item.done", "output_index": 0, "item": reasoning},
                    {"type": "response.output_item.added", "output_index": 1, "item": call},
                    {**args, "delta": '{"path"'},
                    {**args, "delta": ': "a"}'},
                    {"type": "response.output_item.done", "output_index": 1, "item": done},
                    {"type": "response.output_item.done", "output_index": 2, "item": free},
                    {"type": "response.refusal.delta", "output_index": 3, "delta": "I cannot"},
                    {"type": "response.completed", "response": {"id": "resp_1"}},
                ),
                plays(*answer("ok", id="resp_2")),
            ]
            asked = provider(server)
            events = await events_of(asked)
            items = [event.item for event in events if isinstance(event, ItemDone)]
            assert reasoning_of(events) == "hmm"
            assert isinstance(items[0], Opaque)
            assert items[1:] == [
                ToolCall("call_1", "read", '{"path": "a"}'),
                ToolCall("call_2", "apply", "*** x", free=True),
                Message("assistant", "I cannot"),
            ]

    run(test())


@pytest.mark.parametrize(
    ("event", "finish"),
    [
        ({"incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"incomplete_details": {"reason": "content_filter"}}, "cut"),
        ({"incomplete_details": None}, "length"),
    ],
)
def test_an_answer_that_is_not_whole_says_so_and_is_not_gone_on_from(
    event: Event, finish: str
) -> None:
    async def test() -> None:
        async with fault_server() as server:
            events = answer("ab")
            events[-1] = {"type": "response.incomplete", "response": {"id": "resp_1", **event}}
            server.plays["x"] = [plays(*events), plays(*answer("c", id="resp_2"))]
            asked = provider(server)
            assert told(await events_of(asked, request("a"))) == ("ab", finish)
            await events_of(asked, request("a", "ab", "go on"))
            assert "previous_response_id" not in server.of("x", "create")[1].body
            assert server.kinds().count("upgrade") == 1

    run(test())


def test_a_done_text_that_contradicts_what_was_shown_ends_as_lost() -> None:
    async def test() -> None:
        async with fault_server() as server:
            events = answer("ab")
            events[2]["delta"] = "ax"
            server.plays["x"] = [plays(*events)]
            asked = provider(server)
            made = await events_of(asked)
            assert told(made) == ("ax", "lost")
            assert server.kinds().count("create") == 1

    run(test())


LOST_BEFORE: dict[str, Play] = {
    "closed": closes(1000),
    "going away": closes(1001),
    "internal error": closes(1011),
    "after created": closes(1012, *answer("x")[:2]),
    "dropped": drops(),
    "reset": drops(reset=True),
    "silent": falls_silent(),
    "silent after created": falls_silent(*answer("x")[:2]),
    "no JSON": plays("<html>nonsense"),
    "server_error": plays(error_frame(500, "server_error")),
    "an error without a status": plays(error_frame(None, "server_error")),
    "a flat error": plays({"type": "error", "code": "server_error", "message": "x"}),
    "failed": plays(
        {"type": "response.failed", "response": {"error": {"code": "server_error"}}},
    ),
    "not found": plays(error_frame(400, "previous_response_not_found")),
    "too old": plays(error_frame(400, "websocket_connection_limit_reached")),
    "overloaded": plays(error_frame(503, "server_is_overloaded")),
    "slow down": plays(error_frame(429, "slow_down", headers={"retry-after-ms": "20"})),
}


@pytest.mark.parametrize("fault", LOST_BEFORE)
def test_a_fault_before_the_first_text_is_survived_in_silence(fault: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [LOST_BEFORE[fault], plays(*answer("all ", "well"))]
            events = await events_of(provider(server, timeouts=QUICK))
            assert told(events) == ("all well", "stop")
            assert server.kinds().count("create") == 2
            assert "previous_response_id" not in server.of("x", "create")[1].body
            assert not any(isinstance(event, Waiting | Said) for event in events)

    run(test())


@pytest.mark.parametrize("fault", ["closed", "reset", "no JSON", "server_error", "silent"])
def test_a_fault_after_the_first_text_ends_as_lost_and_nothing_is_spliced(fault: str) -> None:
    begun = answer("all ", "well")[:3]
    faults: dict[str, Play] = {
        "closed": closes(1011, *begun),
        "reset": drops(*begun, reset=True),
        "no JSON": plays(*begun, "[]"),
        "server_error": plays(*begun, error_frame(500, "server_error")),
        "silent": falls_silent(*begun),
    }

    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [faults[fault], plays(*answer("other"))]
            asked = provider(server, timeouts=QUICK)
            events = await events_of(asked)
            if fault == "reset" and text_of(events) == "other":
                return  # RST may overtake what was sent before it
            assert told(events) == ("all ", "lost")
            assert server.kinds().count("create") == 1
            assert told(await events_of(asked)) == ("other", "stop")

    run(test())


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.full)])
def test_a_stream_cut_at_any_byte_gives_the_whole_text_or_ends_as_lost(step: int) -> None:
    events = answer("first ", "é😀 second", id="r")

    async def cut(server: FaultServer, at: int) -> None:
        name = f"n{at}"
        server.plays[name] = [drops(*events, after=at), plays(*events)]
        made = await events_of(provider(server, name))
        text, finish = told(made)
        requests = len(server.of(name, "create"))
        whole = "first é😀 second"
        if finish == "lost":
            assert text, at
            assert whole.startswith(text), at
            assert requests == 1, at
        else:
            assert (text, finish, requests <= 2) == (whole, "stop", True), at

    async def test() -> None:
        async with fault_server() as server:
            data = frames(events)
            for start in range(0, len(data), 60 * step):
                places = range(start, min(start + 60 * step, len(data)), step)
                await asyncio.gather(*(cut(server, at) for at in places))

    run(test())


def test_text_that_comes_in_single_bytes_is_the_same() -> None:
    async def trickle(exchange: Exchange) -> None:
        for byte in exchange.bytes_of(answer("first ", "é😀")):
            await exchange.raw(bytes([byte]))
            await asyncio.sleep(0)

    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [trickle]
            assert told(await events_of(provider(server))) == ("first é😀", "stop")

    run(test())


def test_an_event_of_ten_megabytes_is_read() -> None:
    async def test() -> None:
        async with fault_server() as server:
            text = "word " * 2_000_000
            server.plays["x"] = [plays(*answer("word ", text))]
            assert told(await events_of(provider(server))) == ("word " + text, "stop")

    run(test())


@pytest.mark.parametrize("status", [426, 403, 404, 405, 400, 501, 302, 200])
def test_where_no_websocket_opens_https_answers_at_once_and_is_remembered(status: int) -> None:
    async def test() -> None:
        async with fault_server() as server:
            page = replies(status, b"<html>no</html>", "text/html", Location="http://other/")
            server.upgrades["x"] = [page]
            server.plays["x"] = [plays(*answer("by https"))]
            asked = provider(server)
            first = await events_of(asked)
            assert told(first) == ("by https", "stop")
            assert Opened("http", "test-model") in first
            assert told(await events_of(asked)) == ("by https", "stop")
            assert server.kinds() == ["upgrade", "post", "post"]
            assert not any(isinstance(event, Waiting | Said) for event in first)

    run(test())


def test_a_refusal_while_warming_is_remembered_too() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.upgrades["x"] = [replies(426, {})]
            server.plays["x"] = [plays(*answer("by https"))]
            asked = provider(server)
            await asked.warm(request())
            assert told(await events_of(asked)) == ("by https", "stop")
            assert server.kinds() == ["upgrade", "post"]

    run(test())


def test_where_a_websocket_is_demanded_its_refusal_is_an_error() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.upgrades["x"] = [replies(426, {})]
            with pytest.raises(ProviderError, match="opens no WebSocket"):
                await events_of(provider(server, websocket="always"))
            assert server.kinds() == ["upgrade"]

    run(test())


@pytest.mark.parametrize("way", ["by its size", "by the server"])
def test_a_message_too_large_for_a_socket_goes_over_https_this_once(way: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            big = "x" * 5000
            server.plays["x"] = [plays(*answer("ok"))]
            limit: dict[str, Any] = {"max_message_bytes": 2000} if way == "by its size" else {}
            if way == "by the server":
                server.plays["x"] = [closes(1009), plays(*answer("ok"))]
            asked = provider(server, **limit)
            assert told(await events_of(asked, request(big))) == ("ok", "stop")
            assert server.kinds()[-1] == "post"
            assert told(await events_of(asked, request("small"))) == ("ok", "stop")
            assert server.kinds()[-1] == "create"

    run(test())


def test_two_lost_sockets_lead_to_https() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [drops(), drops(), plays(*answer("by https"))]
            events = await events_of(provider(server))
            assert told(events) == ("by https", "stop")
            assert server.kinds() == ["upgrade", "create"] * 2 + ["post"]

    run(test())


def test_a_socket_that_died_at_rest_is_replaced_without_a_wait() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("one")), drops(), plays(*answer("two", id="r2"))]
            asked = provider(server)
            await events_of(asked, request("a"))
            began = time.monotonic()
            assert told(await events_of(asked, request("a", "one", "b"))) == ("two", "stop")
            assert time.monotonic() - began < 0.15  # the shortest wait is longer
            last = server.of("x", "create")[-1].body
            assert "previous_response_id" not in last
            assert len(last["input"]) == 3

    run(test())


def test_a_connection_is_replaced_before_the_server_ends_it() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("one")), plays(*answer("two", id="r2"))]
            asked = provider(server, max_connection_s=0.0)
            await events_of(asked, request("a"))
            await events_of(asked, request("a", "one", "b"))
            assert server.kinds() == ["upgrade", "create"] * 2
            assert "previous_response_id" not in server.of("x", "create")[1].body

    run(test())


FATAL: dict[str, tuple[Event, type[SparkError]]] = {
    "too long": (error_frame(400, "context_length_exceeded"), ContextTooLong),
    "no model": (error_frame(404, "model_not_found"), ModelGone),
    "retired": (
        error_frame(400, None, "The 'x' model is not supported when using this account."),
        ModelGone,
    ),
    "quota": (error_frame(429, "insufficient_quota"), ProviderError),
    "key": (error_frame(401, "invalid_api_key"), KeyMissing),
    "prompt": (error_frame(400, "invalid_prompt"), ProviderError),
    "policy": (error_frame(400, "cyber_policy"), ProviderError),
    "wait too long": (
        error_frame(429, "rate_limit_exceeded", "Please try again in 20m0s."),
        ProviderError,
    ),
    "unknown 400": (error_frame(400, "something_new"), ProviderError),
}


@pytest.mark.parametrize("fault", FATAL)
def test_what_cannot_succeed_is_asked_once_and_told_with_a_next_step(fault: str) -> None:
    async def test() -> None:
        event, kind = FATAL[fault]
        async with fault_server() as server:
            server.plays["x"] = [plays(event)]
            with pytest.raises(SparkError) as caught:
                await events_of(provider(server))
            assert type(caught.value) is kind
            assert f"127.0.0.1:{server.port}" in caught.value.title
            assert caught.value.next_step
            assert server.kinds().count("create") == 1

    run(test())


def test_a_parameter_that_the_model_refuses_is_left_out_from_then_on() -> None:
    async def test() -> None:
        async with fault_server() as server:
            no = error_frame(400, "unsupported_parameter", "Unsupported", param="reasoning.summary")
            server.plays["x"] = [plays(no), plays(*answer("ok")), plays(*answer("ok", id="r2"))]
            parameters = {"reasoning": {"summary": "auto", "effort": "low"}}
            asked = provider(server, parameters=parameters)
            assert told(await events_of(asked)) == ("ok", "stop")
            await events_of(asked, request("other"))
            sent = [seen.body["reasoning"] for seen in server.of("x", "create")]
            assert sent == [
                {"summary": "auto", "effort": "low"},
                {"effort": "low"},
                {"effort": "low"},
            ]

    run(test())


def test_a_parameter_that_is_known_to_be_refused_is_never_sent() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("ok"))]
            parameters = {"reasoning": {"summary": "auto"}, "text": {"verbosity": "low"}}
            refuses = frozenset({"reasoning.summary", "text"})
            await events_of(provider(server, parameters=parameters, refuses=refuses))
            body = server.of("x", "create")[0].body
            assert "reasoning" not in body
            assert "text" not in body

    run(test())


def test_a_wait_is_shown_and_no_try_is_made_beyond_the_limit() -> None:
    async def test() -> None:
        async with fault_server() as server:
            busy = error_frame(429, "rate_limit_exceeded", headers={"Retry-After": "1"})
            server.plays["x"] = [plays(busy)]
            seen: list[object] = []
            stream = provider(server, attempts=2).stream(request())
            with pytest.raises(ProviderError):
                await _into(seen, stream)
            assert [event for event in seen if isinstance(event, Waiting)] == [
                Waiting(1.0, f"127.0.0.1:{server.port} answered with an error (429): no", 2, 2)
            ]
            assert server.kinds().count("create") == 2

    run(test())


async def _into(seen: list[object], stream: AsyncGenerator[ModelEvent, None]) -> None:
    async with aclosing(stream):
        async for event in stream:
            seen.append(event)


@pytest.mark.parametrize("text", ["", "some"])
def test_the_time_for_the_whole_answer_is_a_limit(text: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [falls_silent(*(answer(text, "more")[:3] if text else ()))]
            began = time.monotonic()
            with pytest.raises(LimitReached):
                await events_of(provider(server), request(total_s=0.2))
            assert time.monotonic() - began < 5
            assert server.kinds().count("create") == 1

    run(test())


def test_a_steering_is_taken_and_its_answer_goes_on_in_the_same_stream() -> None:
    first = answer("one ", id="resp_1")
    second = answer("two", id="resp_2")

    async def play(exchange: Exchange) -> None:
        await exchange.events(*first[:3])
        steer = await exchange.inbox.get()
        assert steer["previous_response_id"] == "resp_1"
        await exchange.events({"type": "response.steer.accepted"}, *first[3:-1])
        cut = {"id": "resp_1", "incomplete_details": {"reason": "steered"}}
        await exchange.events({"type": "response.incomplete", "response": cut}, *second)

    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [play]
            asked = provider(server, steers=True)
            events = []
            taken = None
            async with aclosing(asked.stream(request())) as stream:
                async for event in stream:
                    events.append(event)
                    if isinstance(event, TextDelta) and taken is None:
                        taken = asyncio.create_task(asked.steer("shorter"))
            assert taken is not None
            assert await taken is True
            assert told(events) == ("one two", "stop")

    run(test())


def test_a_steering_that_fails_or_comes_at_no_time_is_told() -> None:
    async def play(exchange: Exchange) -> None:
        await exchange.events(*answer("one")[:3])
        await exchange.inbox.get()
        failed = {"type": "response.steer.failed", "error": {"code": "steering_not_supported"}}
        await exchange.events(failed, *answer("one")[3:])

    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [play]
            asked = provider(server, steers=True)
            assert await asked.steer("too early") is False
            taken = None
            async with aclosing(asked.stream(request())) as stream:
                async for event in stream:
                    if isinstance(event, TextDelta):
                        taken = asyncio.create_task(asked.steer("shorter"))
            assert taken is not None
            assert await taken is False

    run(test())
