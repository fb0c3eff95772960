"""Strangers, fuzz, crowds, the slow and the half-open: a clean answer or a closed connection."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response
from websockets.sync.client import connect

from codexspark_tui.errors import KeyMissing
from codexspark_tui.gateway.guard import LOOPBACK, Access
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.providers.model import ModelEvent, Request, TextDelta
from tests.gateway.support import (
    HEADERS,
    TOKEN,
    Model,
    Served,
    create,
    read,
    read_answer,
    served,
    text_of,
)

CHAT = {"messages": [{"role": "user", "content": "x"}]}


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    access = Access((TOKEN, "another-token-here"), LOOPBACK, frozenset({"https://good.example"}))
    with served(Model(), Limits(message_bytes=100_000), access) as running:
        yield running


# -- who may come in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": ""}, 401, "invalid_api_key"),
        ({"Authorization": "Bearer wrong"}, 401, "invalid_api_key"),
        ({"Authorization": f"Basic {TOKEN}"}, 401, "invalid_api_key"),
        ({"Host": "evil.example"}, 403, "host_refused"),
        ({"Host": "localhost.evil.example:80"}, 403, "host_refused"),
        ({"Host": "localhost@evil.example"}, 403, "host_refused"),
        ({"Host": ""}, 403, "host_refused"),
        ({"Origin": "https://evil.example"}, 403, "origin_refused"),
        ({"Origin": "null"}, 403, "origin_refused"),
        ({"Origin": "https://good.example.evil.example"}, 403, "origin_refused"),
    ],
)
def test_strangers_are_refused(
    server: Served, headers: dict[str, str], status: int, code: str
) -> None:
    got, said = server.post("/v1/chat/completions", CHAT, **headers)
    assert (got, said["error"]["code"]) == (status, code)
    with pytest.raises(InvalidStatus) as caught:
        connect_with(server, {**HEADERS, **headers})
    assert caught.value.response.status_code == status
    assert json.loads(caught.value.response.body)["error"]["code"] == code


def connect_with(server: Served, headers: dict[str, str]) -> None:
    """Open a WebSocket with exactly these headers, and close it."""
    if "Host" in headers:
        _open_by_hand(server, headers)
    url = f"ws://127.0.0.1:{server.port}/v1/responses"
    with connect(url, additional_headers=headers, proxy=None):
        pass


def _open_by_hand(server: Served, headers: dict[str, str]) -> None:
    """A client library does not write such a `Host`."""
    lines = [f"{key}: {value}" for key, value in headers.items()]
    lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
    said = by_hand(server, "\r\n".join(["GET /v1/responses HTTP/1.1", *lines, "", ""]).encode())
    status = int(said.split()[1])
    raise InvalidStatus(Response(status, "", Headers(), said.partition(b"\r\n\r\n")[2]))


def by_hand(server: Served, data: bytes) -> bytes:
    """What comes back until the server closes."""
    with server.raw() as raw:
        raw.sendall(data)
        said = b""
        while piece := raw.recv(65536):
            said += piece
    return said


def test_every_token_is_let_in_and_a_good_page_may_call(server: Served) -> None:
    second = {"Authorization": "Bearer another-token-here", "Origin": "https://good.example"}
    assert server.post("/v1/chat/completions", CHAT, **second)[0] == 200


def test_nobody_continues_the_conversation_of_another_token(server: Served) -> None:
    _, first = server.post("/v1/responses", {"input": "secret"})
    follow = {"input": "x", "previous_response_id": first["id"]}
    other = {"Authorization": "Bearer another-token-here"}
    status, said = server.post("/v1/responses", follow, **other)
    assert (status, said["error"]["code"]) == (400, "previous_response_not_found")
    assert server.post("/v1/responses", follow)[0] == 200


def test_without_a_token_the_others_checks_remain() -> None:
    with served(Model(), access=Access()) as server:
        assert server.post("/v1/chat/completions", CHAT, Authorization="")[0] == 200
        assert server.post("/v1/chat/completions", CHAT, Host="evil.example")[0] == 403


def test_health_answers_anybody_with_one_word(server: Served) -> None:
    said = by_hand(server, b"GET /health HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n\r\n")
    assert said.endswith(b'\r\n\r\n{"status":"ok"}')


# -- fuzz ------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "role", "content", "input", "stream_id", "generate", "tools"]),
            inner | st.sampled_from(["response.create", "response.steer", "user", "message"]),
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(st.text(max_size=30), JSON.map(json.dumps)))
def test_any_message_gets_an_answer_and_the_next_one_too(server: Served, message: str) -> None:
    with server.websocket() as socket:
        socket.send(message)
        socket.send(create(input="hi", stream_id="after"))
        while True:
            event = read(socket)
            assert event["type"] == "error" or event["type"].startswith("response.")
            if event.get("stream_id") == "after" and event["type"] == "response.completed":
                return


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/chat/completions"])
@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"[" * 50_000, b'{"input":', b"{}" * 3, b"\xff\xfe"]
)
def test_any_body_gets_a_status(server: Served, path: str, body: bytes) -> None:
    status, said = server.post(path, body)
    assert (status, said["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET /v1/models HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\n\r\n",
        b"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_no_proper_request_is_refused_and_closed(server: Served, data: bytes) -> None:
    said = by_hand(server, data)
    assert said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")) or said == b""
    assert b"Traceback" not in said
    assert server.post("/v1/chat/completions", CHAT)[0] == 200


# -- limits ----------------------------------------------------------------------------------------


def test_what_is_too_long_is_refused(server: Served) -> None:
    status, said = server.post("/v1/responses", {"input": "x" * 200_000})
    assert (status, said["error"]["code"]) == (413, "request_too_large")
    with server.websocket() as socket:
        socket.send(create(input="x" * 200_000))
        with pytest.raises(ConnectionClosed) as caught:
            read(socket)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1009


def test_a_crowd_is_told_to_come_again() -> None:
    gate = threading.Event()
    model = Model(gate=gate)
    with served(model, Limits(active=1, queued=1)) as server:
        with server.websocket() as one, server.websocket() as two:
            one.send(create(input="runs"))
            read(one)
            two.send(create(input="waits", stream_id="a"))
            two.send(create(input="refused", stream_id="b"))
            refused = read(two)
            assert (refused["status"], refused["stream_id"]) == (429, "b")
            status, said = server.post("/v1/chat/completions", CHAT)
            assert (status, said["error"]["code"]) == (429, "rate_limit_exceeded")
            gate.set()
            assert read_answer(one)[-1]["type"] == "response.completed"
            assert read_answer(two)[-1]["type"] == "response.completed"
        assert [request.prompt for request in model.asked] == ["runs", "waits"]


def test_requests_that_are_held_are_bounded_together() -> None:
    gate = threading.Event()
    with served(Model(gate=gate), Limits(held_bytes=3_000)) as server:
        with server.websocket() as socket:
            socket.send(create(input="x" * 2_000))
            read(socket)
            read(socket)
            socket.send(create(input="y" * 2_000))
            assert read(socket)["status"] == 429
            assert server.post("/v1/responses", {"input": "z" * 2_000})[0] == 429
            gate.set()
            assert read_answer(socket)[-1]["type"] == "response.completed"
            assert server.post("/v1/responses", {"input": "z" * 2_000})[0] == 200
        server.stop()
        assert server.engine.held == 0


def test_a_stream_that_is_silent_is_kept_open_by_comments() -> None:
    gate = threading.Event()
    with served(Model(gate=gate), Limits(quiet_s=0.01)) as server, server.raw() as raw:
        body = b'{"input":"x","stream":true}'
        head = f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
        raw.sendall(f"{head}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode() + body)
        said = b""
        while b": still working\n\n" not in said:
            said += raw.recv(10_000)
        gate.set()
        while b"event: response.completed" not in said:
            said += raw.recv(10_000)


def test_an_answer_has_a_limit_of_time() -> None:
    with served(Model(gate=threading.Event()), Limits(answer_s=0.1)) as server:
        status, said = server.post("/v1/responses", {"input": "x"})
        assert (status, said["error"]["code"]) == (504, "timeout")
        with server.websocket() as socket:
            socket.send(create(input="x"))
            failed = read_answer(socket)[-1]
            assert failed["type"] == "response.failed"
            assert failed["response"]["error"]["code"] == "timeout"
        server.stop()
        assert server.engine.running == 0


def test_more_connections_than_there_may_be_are_closed_at_once() -> None:
    with served(Model(), Limits(connections=3)) as server:
        open = [server.raw() for _ in range(3)]
        for raw in open:
            raw.sendall(b"GET /health HTTP/1.1\r\n")
        with server.raw() as fourth:
            assert _closed(fourth)
        for raw in open:
            raw.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 200")
            raw.close()


def _closed(raw: socket.socket) -> bool:
    try:
        return raw.recv(100) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"", b"GET /health HTT", b"GET /health HTTP/1.1\r\nHost: a"])
def test_a_header_that_never_ends_is_not_waited_for(sent: bytes) -> None:
    with served(Model(), Limits(header_s=0.1)) as server, server.raw() as raw:
        raw.sendall(sent)
        assert _closed(raw)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_second_header_on_the_same_connection_is_not_waited_for_either(at_once: bool) -> None:
    first, second = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /health HTTP/1.1\r\n"
    with served(Model(), Limits(header_s=0.2)) as server, server.raw() as raw:
        raw.sendall(first + second if at_once else first)
        said = b""
        while b'"ok"' not in said:
            said += raw.recv(1000)
        raw.sendall(b"" if at_once else second)
        assert _closed(raw)


def test_a_body_that_never_ends_is_not_waited_for() -> None:
    head = f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
    with served(Model(), Limits(body_s=0.1)) as server:
        said = by_hand(server, f"{head}Content-Length: 100\r\n\r\n{{".encode())
    assert said.startswith(b"HTTP/1.1 408")


LONG = tuple(TextDelta("x" * 1000) for _ in range(40_000))


@pytest.mark.parametrize("wire", ["websocket", "sse"])
def test_a_client_that_takes_nothing_is_cut_off_and_costs_little(wire: str) -> None:
    model = Model(events=LONG)
    with served(model, Limits(send_s=0.3)) as server, server.raw() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if wire == "sse":
            body = json.dumps({"input": "x", "stream": True}).encode()
            head = f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
            raw.sendall(f"{head}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode() + body)
            assert model.cancelled.wait(20)
            return
        url = f"ws://127.0.0.1:{server.port}/v1/responses"
        with connect(
            url, sock=raw, additional_headers=HEADERS, proxy=None, max_queue=1, close_timeout=0.1
        ) as client:
            client.send(create(input="x"))
            assert model.cancelled.wait(20)


def test_a_client_that_hangs_up_in_a_stream_cancels_the_answer() -> None:
    model = Model(gate=threading.Event())
    with served(model) as server:
        with server.raw() as raw:
            body = b'{"input":"x","stream":true}'
            head = f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
            raw.sendall(f"{head}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode() + body)
            assert raw.recv(10000).startswith(b"HTTP/1.1 200")
        assert model.cancelled.wait(20)


def test_what_is_kept_is_bounded() -> None:
    limits = Limits(kept=3, kept_bytes=10_000, conversation_bytes=5_000)
    with served(Model(), limits) as server:
        ids = [server.post("/v1/responses", {"input": "x"})[1]["id"] for _ in range(5)]
        assert len(server.engine.store) == 3
        gone = {"input": "y", "previous_response_id": ids[0]}
        assert server.post("/v1/responses", gone)[0] == 400
        kept = {"input": "y", "previous_response_id": ids[4]}
        assert server.post("/v1/responses", kept)[0] == 200
        for _ in range(5):
            server.post("/v1/responses", {"input": "x" * 4_000})
        assert server.engine.store.bytes <= 10_000
        status, said = server.post("/v1/responses", {"input": "x" * 6_000})
        assert (status, said["error"]["code"]) == (400, "context_length_exceeded")


def test_an_answer_that_makes_a_conversation_too_long_is_not_kept() -> None:
    model = Model(events=(TextDelta("y" * 6_000),))
    with served(model, Limits(conversation_bytes=5_000)) as server:
        _, first = server.post("/v1/responses", {"input": "x"})
        assert len(server.engine.store) == 0
        follow = {"input": "x", "previous_response_id": first["id"]}
        status, said = server.post("/v1/responses", follow)
        assert (status, said["error"]["code"]) == (400, "previous_response_not_found")


def test_the_entries_of_one_request_are_limited() -> None:
    message = {"role": "user", "content": "x"}
    with served(Model(), Limits(input_items=3)) as server:
        for path, field in (("/v1/responses", "input"), ("/v1/chat/completions", "messages")):
            assert server.post(path, {field: [message] * 3})[0] == 200
            status, said = server.post(path, {field: [message] * 4})
            assert (status, said["error"]["code"]) == (400, "array_above_max_length")


def test_providers_that_wait_for_their_conversation_are_limited() -> None:
    made: list[Model] = []

    def make() -> Model:
        made.append(Model())
        return made[-1]

    with served(make, Limits(idle_providers=2)) as server:
        for number in range(4):
            asked = {"input": "x", "prompt_cache_key": f"conversation-{number}"}
            assert server.post("/v1/responses", asked)[0] == 200
        assert len(server.engine.pool.idle) == 2
        assert [model.closed for model in made] == [1, 1, 0, 0]


def test_a_fault_of_a_provider_is_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    def says(request: Request) -> tuple[ModelEvent, ...]:
        raise ZeroDivisionError("secret detail")

    with served(Model(says=says)) as server:
        status, said = server.post("/v1/responses", {"input": "x"})
        assert (status, said["error"]["code"]) == (500, "server_error")
        with server.websocket() as socket:
            socket.send(create(input="x"))
            assert read(socket)["status"] == 500
    assert "secret" not in json.dumps(said)


def test_a_provider_that_cannot_be_had_is_told_and_the_connection_goes_on() -> None:
    tries: list[int] = []

    def make() -> Model:
        tries.append(1)
        if len(tries) < 3:
            raise KeyMissing("there is no key for this server", next_step="Log in.")
        return Model()

    with served(make) as server, server.websocket() as socket:
        status, said = server.post("/v1/responses", {"input": "x"})
        assert (status, said["error"]["code"]) == (502, "key_missing")
        socket.send(create(input="x"))
        error = read(socket)
        assert (error["status"], error["error"]["code"]) == (502, "key_missing")
        socket.send(create(input="x"))
        assert text_of(read_answer(socket)) == "Hello world"


def test_a_lane_that_breaks_closes_its_connection() -> None:
    def make() -> Model:
        raise ZeroDivisionError

    with served(make) as server:
        with server.websocket() as socket:
            socket.send(create(input="x"))
            with pytest.raises(ConnectionClosed):
                read(socket)
        assert server.post("/v1/responses", {"input": "x"})[0] == 500


def test_running_answers_may_end_while_the_server_shuts_down() -> None:
    gate = threading.Event()
    model = Model(gate=gate)
    with served(model) as server, server.websocket() as socket:
        socket.send(create(input="x"))
        read(socket)
        server.server.should_exit = True
        while not server.engine.closing:
            continue
        socket.send(create(input="late", stream_id="late"))
        events = [read(socket)]
        while events[-1].get("stream_id") != "late":
            events.append(read(socket))
        assert events[-1]["error"]["code"] == "server_shutting_down"
        gate.set()
        assert text_of(read_answer(socket)) == "Hello world"
        server.stop()


def test_answers_that_take_too_long_to_end_are_cancelled_at_shutdown() -> None:
    model = Model(gate=threading.Event())
    with served(model, Limits(grace_s=0.1)) as server:
        with server.websocket() as socket:
            socket.send(create(input="x"))
            read(socket)
            server.stop()
            with pytest.raises(ConnectionClosed) as caught:
                _drain(socket)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1012
    assert model.cancelled.is_set()


def _drain(socket: Any) -> None:
    while True:
        read(socket)
