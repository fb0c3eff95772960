"""Responses and chat completions over HTTP: faults of servers, and dialects of tool calls."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

import pytest

from codexspark_tui.errors import (
    ContextTooLong,
    KeyMissing,
    ModelGone,
    ProviderError,
    SparkError,
    UsageError,
)
from codexspark_tui.providers.connect import Endpoint, connect
from codexspark_tui.providers.model import (
    Counted,
    Ended,
    Image,
    ItemDone,
    Limit,
    Limits,
    Message,
    ModelEvent,
    Opened,
    Tool,
    ToolCall,
    ToolDelta,
    ToolOutput,
    Waiting,
)
from codexspark_tui.providers.socket import unreachable
from tests.providers.wires import (
    KEY,
    QUICK,
    endpoint,
    events_of,
    provider,
    reasoning_of,
    request,
    text_of,
    told,
)
from tests.support.faults import (
    Event,
    Exchange,
    FaultServer,
    Play,
    answer,
    chunks,
    drops,
    falls_silent,
    fault_server,
    plays,
    replies,
    sse,
    zipped,
)

CHAT: dict[str, Any] = {"wire": "chat", "websocket": "never"}
HTTP: dict[str, Any] = {"websocket": "never"}
FUNCTION = '{"type": "object", "properties": {"path": {"type": "string"}}}'


def run(test: Coroutine[None, None, None]) -> None:
    asyncio.run(test)


def test_an_answer_over_http_is_told_in_full_and_sends_the_whole_conversation() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("one")), plays(*answer("two"))]
            asked = provider(server, **HTTP)
            events = await events_of(asked)
            assert events[0] == Opened("http", "test-model")
            assert events[-3:] == [
                ItemDone(Message("assistant", "one")),
                Counted(7, 3),
                Ended("stop"),
            ]
            await events_of(asked, request("a", "one", "b"))
            body = server.of("x")[1].body
            assert (body["stream"], body["store"], len(body["input"])) == (True, False, 3)
            assert "previous_response_id" not in body
            assert server.of("x")[0].headers["authorization"] == f"Bearer {KEY}"

    run(test())


def _lines(end: str) -> Play:
    async def play(exchange: Exchange) -> None:
        await exchange.head()
        text = sse(answer("é😀 ", "there")).decode()
        noise = f": ping{end}event: x{end}id: 1{end}retry: 5{end}{end}"
        for byte in (noise + text.replace("\n", end)).encode():
            await exchange.raw(bytes([byte]))

    return play


async def _unfinished(exchange: Exchange) -> None:
    """The last event has no empty line after it."""
    await exchange.head()
    await exchange.raw(b"\xef\xbb\xbf" + sse(answer("é😀 ", "there")).rstrip(b"\n"))


def _typed(kind: str) -> Play:
    async def play(exchange: Exchange) -> None:
        await exchange.head(kind=kind)
        await exchange.raw(sse(answer("é😀 ", "there")))

    return play


WHOLE: dict[str, Play] = {
    "LF": _lines("\n"),
    "CRLF": _lines("\r\n"),
    "CR": _lines("\r"),
    "a BOM and no last empty line": _unfinished,
    "compressed": zipped(*answer("é😀 ", "there")),
    "another type": _typed("text/plain"),
    "one JSON": replies(200, answer("é😀 ", "there")[-1]["response"]),
    "with DONE": plays(*answer("é😀 ", "there"), "[DONE]"),
}


@pytest.mark.parametrize("form", WHOLE)
def test_an_event_stream_is_read_in_every_form(form: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [WHOLE[form]]
            assert told(await events_of(provider(server, **HTTP))) == ("é😀 there", "stop")

    run(test())


def test_an_event_of_ten_megabytes_is_read() -> None:
    async def test() -> None:
        async with fault_server() as server:
            text = "word " * 2_000_000
            server.plays["x"] = [plays(*answer("word ", text))]
            assert text_of(await events_of(provider(server, **HTTP))) == "word " + text

    run(test())


BEFORE: dict[str, Play] = {
    "dropped": drops(),
    "reset": drops(reset=True),
    "after created": drops(*answer("x")[:2]),
    "silent": falls_silent(),
    "silent after created": falls_silent(*answer("x")[:2]),
    "500": replies(500, {"error": {"message": "x", "type": "server_error"}}),
    "502 page": replies(502, b"<html><title>Bad Gateway</title></html>", "text/html"),
    "503 text": replies(503, b"busy", "text/plain", Retry_After="0"),
    "429 in ms": replies(429, {"error": {"code": "rate_limit_exceeded"}}, retry_after_ms="10"),
    "429 by its text": replies(
        429, {"error": {"message": "Please try again in 12ms.", "code": "rate_limit_exceeded"}}
    ),
    "a string": replies(500, {"error": "Internal"}),
    "a nested error": replies(500, {"error": {"error": {"code": "server_error"}}}),
    "an error event": plays({"type": "error", "code": "server_error", "message": "x"}),
    "no JSON": plays("nonsense"),
    "a wrong length": replies(200, b"", "text/event-stream", Content_Length="10"),
}


@pytest.mark.parametrize("fault", BEFORE)
def test_a_fault_before_the_first_text_is_survived_in_silence(fault: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [BEFORE[fault], plays(*answer("all well"))]
            events = await events_of(provider(server, timeouts=QUICK, **HTTP))
            assert told(events) == ("all well", "stop")
            assert server.kinds() == ["post"] * 2
            assert not any(isinstance(event, Waiting) for event in events)

    run(test())


@pytest.mark.parametrize("wire", ["responses", "chat"])
def test_a_stream_cut_at_any_byte_gives_the_whole_text_or_ends_as_lost(wire: str) -> None:
    events: list[Any] = (
        answer("first ", "é😀 second") if wire == "responses" else [*chunks("first ", "é😀 second")]
    )
    whole = "first é😀 second"

    async def cut(server: FaultServer, at: int) -> None:
        name = f"n{at}"
        server.plays[name] = [drops(*events, after=at), plays(*events)]
        text, finish = told(await events_of(provider(server, name, websocket="never", wire=wire)))
        if finish == "lost":
            assert text, at
            assert whole.startswith(text), at
            assert len(server.of(name)) == 1, at
        else:
            assert (text, finish, len(server.of(name)) <= 2) == (whole, "stop", True), at

    async def test() -> None:
        async with fault_server() as server:
            places = range(0, len(sse(events)), 13)
            for start in range(0, len(places), 30):
                await asyncio.gather(*(cut(server, at) for at in places[start : start + 30]))

    run(test())


FATAL: dict[str, tuple[int, Any, type[SparkError]]] = {
    "key": (401, {"error": {"message": f"Incorrect API key: {KEY}"}}, KeyMissing),
    "key as a text": (401, {"error": "Unauthorized"}, KeyMissing),
    "model": (404, {"error": {"message": "model 'x' not found, try pulling it"}}, ModelGone),
    "long": (
        400,
        {"error": {"message": "the request exceeds the available context size"}},
        ContextTooLong,
    ),
    "quota": (429, {"error": {"type": "insufficient_quota"}}, ProviderError),
    "bad": (400, {"error": {"message": "bad"}}, ProviderError),
    "never": (503, {"error": {"message": "bad"}}, ProviderError),
}


@pytest.mark.parametrize("wire", ["responses", "chat"])
@pytest.mark.parametrize("fault", FATAL)
def test_what_cannot_succeed_is_asked_once_and_told_without_the_key(fault: str, wire: str) -> None:
    async def test() -> None:
        status, body, kind = FATAL[fault]
        async with fault_server() as server:
            server.plays["x"] = [replies(status, body, x_should_retry="false")]
            with pytest.raises(SparkError) as caught:
                await events_of(provider(server, websocket="never", wire=wire))
            assert type(caught.value) is kind
            assert caught.value.next_step
            assert KEY not in repr((caught.value, caught.value.__dict__, caught.value.__cause__))
            assert server.kinds() == ["post"]

    run(test())


def test_a_web_page_in_place_of_an_api_is_told_as_such() -> None:
    async def test() -> None:
        async with fault_server() as server:
            page = b"<!DOCTYPE html><title>Please log in</title>"
            server.plays["x"] = [replies(200, page, "text/html")]
            with pytest.raises(ProviderError, match=r"web page .*\(Please log in\)"):
                await events_of(provider(server, **HTTP))
            assert server.kinds() == ["post"]

    run(test())


def test_nobody_at_home_is_told_with_what_to_do() -> None:
    async def test() -> None:
        async with fault_server() as server:
            gone = server.port
        nobody = Endpoint("test/m", f"http://127.0.0.1:{gone}/v1", "m", attempts=2)
        for websocket in ("never", "auto", "always"):
            asked = connect(_with(nobody, websocket))
            with pytest.raises(ProviderError, match="refused the connection") as caught:
                await events_of(asked)
            assert "Start the server" in caught.value.next_step

    run(test())


def _with(made: Endpoint, websocket: Any) -> Endpoint:
    from dataclasses import replace

    return replace(made, websocket=websocket)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_responses_is_asked_by_chat_and_remembered(status: int) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [replies(status, {"detail": "Not Found"}), plays(*chunks("hi"))]
            asked = provider(server, **HTTP)
            events = await events_of(asked)
            assert told(events) == ("hi", "stop")
            assert events[0] == Opened("chat, http", "test-model")
            await events_of(asked)
            assert [seen.path for seen in server.of("x")] == [
                "/x/v1/responses",
                "/x/v1/chat/completions",
                "/x/v1/chat/completions",
            ]

    run(test())


def test_limits_in_headers_are_told() -> None:
    async def test() -> None:
        async def play(exchange: Exchange) -> None:
            told = {"limit": "60", "remaining": "59", "reset": "6m0.5s"}
            heads = {f"x-ratelimit-{name}-requests": value for name, value in told.items()}
            heads["x-ratelimit-remaining-tokens"] = "0"
            await exchange.head(200, "text/event-stream", **heads)
            await exchange.raw(sse(answer("ok")))

        async with fault_server() as server:
            server.plays["x"] = [play]
            events = await events_of(provider(server, **HTTP))
            assert events[0] == Limits(
                (Limit("requests", 60, 59, 360.5), Limit("tokens", None, 0, None))
            )

    run(test())


def test_chat_sends_one_system_message_and_takes_the_count() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*chunks("one ", "two"))]
            items = (
                Message("developer", "rules"),
                Message("user", "a"),
                Message("user", "b"),
                ToolCall("c1", "apply", "*** x", free=True),
                ToolOutput("c1", "done", free=True),
                Message("developer", "more rules"),
                Message("user", "c"),
            )
            asked = provider(server, **CHAT)
            events = await events_of(asked, request(items=items, max_output_tokens=9))
            assert told(events) == ("one two", "stop")
            assert events[-3:] == [
                ItemDone(Message("assistant", "one two")),
                Counted(7, 3),
                Ended("stop"),
            ]
            body = server.of("x")[0].body
            assert body["messages"] == [
                {"role": "system", "content": "be brief\n\nrules"},
                {"role": "user", "content": "a\n\nb"},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {
                            "id": "c1",
                            "type": "function",
                            "function": {"name": "apply", "arguments": '{"input": "*** x"}'},
                        }
                    ],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "done"},
                {"role": "user", "content": "more rules\n\nc"},
            ]
            assert body["max_tokens"] == 9
            assert body["stream_options"] == {"include_usage": True}
            assert "store" not in body

    run(test())


def _call(index: object, id: object, name: object, arguments: object) -> Event:
    function = {"name": name, "arguments": arguments}
    fragment = {"index": index, "id": id, "function": function}
    kept = {key: value for key, value in fragment.items() if value is not None}
    kept["function"] = {key: value for key, value in function.items() if value is not None}
    return {"choices": [{"delta": {"tool_calls": [kept]}}]}


def _end(reason: str | None) -> Event:
    return {"choices": [{"delta": {}, "finish_reason": reason}]}


ONE, TWO = '{"path": "a"}', '{"path": "b"}'
DIALECTS: dict[str, list[Event]] = {
    "OpenAI": [
        _call(0, "c1", "read", ""),
        _call(0, None, None, ONE[:5]),
        _call(0, None, None, ONE[5:]),
        _call(1, "c2", "read", ""),
        _call(1, None, None, TWO),
        _end("tool_calls"),
    ],
    "an empty id goes on": [
        _call(0, "c1", "read", ONE[:5]),
        _call(0, "", "", ONE[5:]),
        _call(1, "c2", "read", TWO),
        _end("tool_calls"),
    ],
    "all with index 0": [
        _call(0, "c1", "read", ONE),
        _call(0, "c2", "read", TWO),
        _end("stop"),
    ],
    "no index": [
        _call(None, "c1", "read", ONE[:5]),
        _call(None, None, None, ONE[5:]),
        _call(None, "c2", "read", TWO),
        _end("stop"),
    ],
    "the id in every fragment": [
        _call(0, "c1", "read", ONE[:5]),
        _call(0, "c1", "read", ONE[5:]),
        _call(1, "c2", "read", TWO),
        _end("tool_calls"),
    ],
    "objects": [
        _call(0, "c1", "read", {"path": "a"}),
        _call(1, "c2", "read", {"path": "b"}),
        _end("stop"),
    ],
    "interleaved": [
        _call(0, "c1", "read", ONE[:5]),
        _call(1, "c2", "read", TWO[:5]),
        _call(0, None, None, ONE[5:]),
        _call(1, None, None, TWO[5:]),
        _end("tool_calls"),
    ],
    "the id again at the end": [
        _call(0, "c1", "read", ONE),
        _call(1, "c2", "read", TWO),
        {
            "choices": [
                {
                    "delta": {"tool_calls": [{"index": 1, "id": "c2", "function": {}}]},
                    "finish_reason": "tool_calls",
                }
            ]
        },
    ],
    "in one piece": [
        {
            "choices": [
                {
                    "message": {
                        "tool_calls": [
                            {"id": "c1", "function": {"name": "read", "arguments": ONE}},
                            {"id": "c2", "function": {"name": "read", "arguments": TWO}},
                        ]
                    },
                    "finish_reason": "tool_calls",
                }
            ]
        }
    ],
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_tool_calls_are_the_same_in_every_dialect(dialect: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*DIALECTS[dialect], "[DONE]")]
            tools = (Tool("read", "reads", FUNCTION),)
            events = await events_of(provider(server, **CHAT), request(tools=tools))
            calls = [event.item for event in events if isinstance(event, ItemDone)]
            assert calls == [ToolCall("c1", "read", ONE), ToolCall("c2", "read", TWO)]
            for id, whole in (("c1", ONE), ("c2", TWO)):
                deltas = [e.text for e in events if isinstance(e, ToolDelta) and e.id == id]
                assert "".join(deltas) == whole
            assert events[-1] == Ended("stop")

    run(test())


def test_calls_without_any_id_get_one_each() -> None:
    async def test() -> None:
        async with fault_server() as server:
            fragments = [_call(0, None, "read", ONE), _call(1, None, "read", TWO), _end("stop")]
            server.plays["x"] = [plays(*fragments)]
            events = await events_of(provider(server, **CHAT))
            calls = [event.item for event in events if isinstance(event, ItemDone)]
            assert calls == [ToolCall("call_1", "read", ONE), ToolCall("call_2", "read", TWO)]

    run(test())


def test_a_tool_of_free_text_is_a_function_there_and_free_text_here() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(_call(0, "c1", "apply", '{"input": "a\\nb"}'), _end("stop"))]
            tools = (Tool("apply", "applies"),)
            events = await events_of(provider(server, **CHAT), request(tools=tools))
            assert ItemDone(ToolCall("c1", "apply", "a\nb", free=True)) in events
            sent = server.of("x")[0].body["tools"][0]
            assert sent["type"] == "function"
            assert sent["function"]["parameters"]["required"] == ["input"]

    run(test())


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_is_read_under_both_its_names(field: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            thought = {"choices": [{"delta": {field: "hm"}}]}
            server.plays["x"] = [plays(thought, *chunks("ok"))]
            events = await events_of(provider(server, **CHAT))
            assert (reasoning_of(events), text_of(events)) == ("hm", "ok")

    run(test())


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "cut"),
        ("abort", "cut"),
        ("eos", "stop"),
        ("error", "lost"),
    ],
)
def test_the_reason_of_the_end_is_told(reason: str, finish: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*chunks("ok", finish=reason))]
            assert told(await events_of(provider(server, **CHAT))) == ("ok", finish)

    run(test())


@pytest.mark.parametrize("text", ["", "some"])
def test_an_error_within_a_good_stream_is_an_error(text: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            error: Event = {"error": {"code": 500, "message": "worker died"}}
            begun = chunks(text)[:1] if text else []
            server.plays["x"] = [plays(*begun, error, "[DONE]"), plays(*chunks("well"))]
            expected = (text, "lost") if text else ("well", "stop")
            assert told(await events_of(provider(server, **CHAT))) == expected

    run(test())


def test_a_prediction_is_sent_where_it_is_taken_and_refused_fields_are_left_out() -> None:
    async def test() -> None:
        async with fault_server() as server:
            no = replies(
                400,
                {
                    "error": {
                        "message": "Unsupported parameter: 'max_tokens'",
                        "param": "max_tokens",
                        "code": "unsupported_parameter",
                    }
                },
            )
            extra = replies(422, {"detail": "Extra inputs are not permitted: 'stream_options'"})
            server.plays["x"] = [no, extra, plays(*chunks("ok"))]
            asked = provider(server, prediction=True, **CHAT)
            wanted = request(max_output_tokens=5, prediction="old text")
            assert told(await events_of(asked, wanted)) == ("ok", "stop")
            body = server.of("x")[-1].body
            assert body["prediction"] == {"type": "content", "content": "old text"}
            assert body["max_completion_tokens"] == 5
            assert "max_tokens" not in body
            assert "stream_options" not in body

    run(test())


def test_pictures_are_sent_where_they_are_taken_and_else_refused_in_a_sentence() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*chunks("a cat"))]
            picture = Message("user", "what?", (Image("image/png", b"\x89PNG"),))
            with pytest.raises(UsageError, match="takes no pictures"):
                await events_of(provider(server, **CHAT), request(items=(picture,)))
            await events_of(provider(server, images=True, **CHAT), request(items=(picture,)))
            (message,) = server.of("x")[0].body["messages"][1:]
            assert message["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBORw=="

    run(test())


def test_text_that_is_no_unicode_is_sent_with_replacements() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("ok"))]
            await events_of(provider(server, **HTTP), request("a\udcff\ud800b"))
            sent = server.of("x")[0].body["input"][0]["content"][0]["text"]
            assert sent.startswith("a")
            assert sent.endswith("b")

    run(test())


@pytest.mark.parametrize("key", ["a b", "schlüssel", "x\r\nEvil: 1"])
def test_a_key_that_no_header_can_hold_is_told_without_it(key: str) -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*answer("ok"))]
            with pytest.raises(KeyMissing) as caught:
                await events_of(connect(_keyed(endpoint(server), key)))
            assert key not in repr(caught.value.__dict__)
            assert server.seen == []

    run(test())


def _keyed(made: Endpoint, key: str) -> Endpoint:
    from dataclasses import replace

    return replace(made, key=lambda: key)


@pytest.mark.parametrize("url", ["api.example/v1", "ftp://x/v1", "http://", "http://u:secret@h/v1"])
def test_an_address_that_is_none_is_told_without_its_secrets(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Endpoint("x/y", url, "y").url("responses")
    assert "secret" not in repr(caught.value.__dict__)


@pytest.mark.parametrize("websocket", ["never", "always"])
def test_where_nobody_listens_it_is_told_soon(websocket: str) -> None:
    """No wait is so long that it would be shown, and the last is not the fifth."""

    async def test() -> None:
        async with fault_server() as server:
            gone = server.port
        nobody = _with(Endpoint("test/m", f"http://localhost:{gone}/v1", "m"), websocket)
        events: list[ModelEvent] = []

        async def asked() -> None:
            async with aclosing(connect(nobody).stream(request())) as stream:
                async for event in stream:
                    events.append(event)

        with pytest.raises(ProviderError, match="refused the connection"):
            await asked()
        assert events == []

    run(test())


def test_refusals_of_all_addresses_of_a_name_are_one_refusal() -> None:
    refused, silent = "[Errno 111] Connect call failed", "[Errno 110] Connect call failed"
    both = OSError(f"Multiple exceptions: {refused} ('::1', 1), {refused} ('127.0.0.1', 1)")
    assert unreachable(both).said == "refused the connection"
    one = OSError(f"Multiple exceptions: {refused} ('::1', 1), {silent} ('127.0.0.1', 1)")
    assert not unreachable(one).absent
