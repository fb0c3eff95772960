"""A WebSocket: lanes, limits, what is forgotten, and what a client that leaves takes with it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from codexspark_tui.gateway.limits import Limits
from codexspark_tui.providers.model import (
    Capabilities,
    Ended,
    Message,
    ModelEvent,
    Opaque,
    Question,
    Request,
    TextDelta,
)
from tests.gateway.support import (
    BREAK,
    Model,
    Served,
    create,
    read,
    read_answer,
    served,
    text_of,
)


def _echo(request: Request) -> tuple[ModelEvent, ...]:
    return (BREAK,) if request.prompt == "break" else (TextDelta(f"<{request.prompt}>"),)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served(Model(says=_echo)) as running:
        yield running


def test_requests_of_one_lane_follow_each_other(server: Served) -> None:
    with server.websocket() as socket:
        for prompt in ("a", "b", "c"):
            socket.send(create(input=prompt))
        answers = [read_answer(socket) for _ in range(3)]
    assert [text_of(events) for events in answers] == ["<a>", "<b>", "<c>"]
    assert all("stream_id" not in event for events in answers for event in events)
    for events in answers:
        assert [event["sequence_number"] for event in events] == list(range(len(events)))


def test_lanes_run_side_by_side_and_name_their_events() -> None:
    gate = threading.Event()
    with served(Model(gate=gate)) as server, server.websocket() as socket:
        for lane in ("left", "right"):
            socket.send(create(input="x", stream_id=lane))
        begun = [read(socket) for _ in range(4)]
        assert {event["stream_id"] for event in begun} == {"left", "right"}
        gate.set()
        rest = [*begun, *read_answer(socket), *read_answer(socket)]
    for lane in ("left", "right"):
        assert text_of([event for event in rest if event["stream_id"] == lane]) == "Hello world"


def test_more_than_the_active_ones_wait_for_a_place() -> None:
    gate = threading.Event()
    model = Model(gate=gate)
    limits = Limits(lane_active=2)
    with served(model, limits) as server, server.websocket() as socket:
        for number in range(3):
            socket.send(create(input="x", stream_id=f"s{number}"))
        begun = [read(socket) for _ in range(4)]
        assert {event["stream_id"] for event in begun} == {"s0", "s1"}
        assert len(model.asked) == 2
        gate.set()
        ends = [read_answer(socket)[-1] for _ in range(3)]
    assert {end["type"] for end in ends} == {"response.completed"}
    assert len(model.asked) == 3


def test_there_are_only_so_many_named_lanes() -> None:
    with served(Model(), Limits(lanes=2)) as server, server.websocket() as socket:
        for lane in ("a", "b", "a", ""):
            socket.send(create(input="x", **({"stream_id": lane} if lane else {})))
            assert read_answer(socket)[-1]["type"] == "response.completed"
        socket.send(create(input="x", stream_id="c"))
        error = read(socket)
        assert error["error"]["code"] == "websocket_stream_limit_reached"
        assert (error["status"], error["stream_id"]) == (400, "c")


@pytest.mark.parametrize("name", ["", "with space", "é", "x" * 257, 7])
def test_a_lane_has_a_proper_name(server: Served, name: object) -> None:
    with server.websocket() as socket:
        socket.send(create(input="x", stream_id=name))
        assert read(socket)["error"]["code"] == "invalid_stream_id"


def test_what_waits_on_a_connection_is_limited() -> None:
    gate = threading.Event()
    limits = Limits(lane_queued=2)
    with served(Model(gate=gate), limits) as server, server.websocket() as socket:
        socket.send(create(input="runs"))
        assert (read(socket)["sequence_number"], read(socket)["sequence_number"]) == (0, 1)
        for _ in range(3):
            socket.send(create(input="waits"))
        error = read(socket)
        assert (error["status"], error["error"]["code"]) == (429, "rate_limit_exceeded")
        assert error["error"]["headers"] == {"retry-after": "1"}
        gate.set()
        assert [read_answer(socket)[-1]["type"] for _ in range(3)] == ["response.completed"] * 3


def test_a_lane_continues_from_its_most_recent_response_only(server: Served) -> None:
    with server.websocket() as socket:
        ids = []
        for prompt in ("a", "b"):
            socket.send(create(input=prompt, store=False))
            ids.append(read_answer(socket)[-1]["response"]["id"])
        socket.send(create(input="c", store=False, previous_response_id=ids[0]))
        assert read(socket)["error"]["code"] == "previous_response_not_found"


def test_a_failed_continuation_forgets_what_it_followed(server: Served) -> None:
    with server.websocket() as socket:
        socket.send(create(input="a", store=False))
        id = read_answer(socket)[-1]["response"]["id"]
        socket.send(create(input="break", store=False, previous_response_id=id))
        assert read_answer(socket)[-1]["type"] == "response.failed"
        socket.send(create(input="b", store=False, previous_response_id=id))
        assert read(socket)["error"]["param"] == "previous_response_id"


def test_no_other_connection_can_continue_what_was_not_stored(server: Served) -> None:
    with server.websocket() as one, server.websocket() as other:
        one.send(create(input="a", store=False))
        id = read_answer(one)[-1]["response"]["id"]
        other.send(create(input="b", store=False, previous_response_id=id))
        assert read(other)["error"]["code"] == "previous_response_not_found"
        one.send(create(input="b", store=False, previous_response_id=id))
        assert text_of(read_answer(one)) == "<b>"


def test_a_connection_that_closes_leaves_nothing(server: Served) -> None:
    with server.websocket() as socket:
        socket.send(create(input="x" * 1000, store=False))
        read_answer(socket)
        assert len(server.engine.store) > 0
    with served(Model()) as fresh:
        with fresh.websocket() as socket:
            socket.send(create(input="x" * 1000, store=False))
            read_answer(socket)
        fresh.stop()
        assert (len(fresh.engine.store), fresh.engine.store.bytes) == (0, 0)


def test_a_client_that_leaves_cancels_its_answers() -> None:
    model = Model(gate=threading.Event())
    with served(model) as server:
        with server.websocket() as socket:
            socket.send(create(input="x"))
            assert (read(socket)["sequence_number"], read(socket)["sequence_number"]) == (0, 1)
            socket.send(create(input="waits"))
            socket.send(create(input="waits, too"))
            socket.send("no JSON, which is answered at once")
            assert read(socket)["type"] == "error"
            assert server.engine.held > 0
        assert model.cancelled.wait(20)
        server.stop()
        assert server.engine.held == 0


def test_patience_for_headers_is_none_of_a_websockets_business() -> None:
    with served(Model(), Limits(header_s=0.05)) as server, server.websocket() as socket:
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            socket.send(create(input="x"))
            assert read_answer(socket)[-1]["type"] == "response.completed"


def test_a_connection_has_a_lifetime_and_lets_answers_end() -> None:
    gate = threading.Event()
    limits = Limits(connection_s=0.05)
    with served(Model(gate=gate), limits) as server, server.websocket() as socket:
        socket.send(create(input="x"))
        read(socket)
        socket.send(create(input="refused later"))
        gate.set()
        events = read_answer(socket)
        assert events[-1]["type"] == "response.completed"
        while events[-1]["type"] != "error":
            events = read_answer(socket)
        assert events[-1]["error"]["code"] == "websocket_connection_limit_reached"
        with pytest.raises(ConnectionClosed):
            read(socket)


def test_after_its_lifetime_a_connection_takes_nothing_new() -> None:
    """One runs and one waits, so that more are refused: first for want of room, then for this."""
    gate = threading.Event()
    limits = Limits(connection_s=0.05, lane_queued=1)
    with served(Model(gate=gate), limits) as server, server.websocket() as socket:
        socket.send(create(input="runs"))
        assert (read(socket)["sequence_number"], read(socket)["sequence_number"]) == (0, 1)
        socket.send(create(input="waits"))
        code, deadline = "rate_limit_exceeded", time.monotonic() + 20
        while code == "rate_limit_exceeded" and time.monotonic() < deadline:
            socket.send(create(input="late"))
            code = read(socket)["error"]["code"]
        assert code == "websocket_connection_limit_reached"
        gate.set()


def test_binary_messages_end_the_connection(server: Served) -> None:
    with server.websocket() as socket:
        socket.send(b"{}")
        with pytest.raises(ConnectionClosed) as caught:
            read(socket)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1003


def test_what_a_server_alone_understands_is_sent_back_as_it_came() -> None:
    theirs = '{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"abc"}'
    ours = {"type": "reasoning", "id": "rs_spark_1", "summary": []}
    model = Model()
    with served(model) as server, server.websocket() as socket:
        socket.send(create(input=[{"role": "user", "content": "q"}, ours, _parsed(theirs)]))
        read_answer(socket)
    assert model.asked[0].items == (Message("user", "q"), Opaque(theirs))


def _parsed(text: str) -> object:
    return json.loads(text)


def test_a_running_answer_is_steered_where_the_model_can(server: Served) -> None:
    gate = threading.Event()
    model = Model(gate=gate, capabilities=Capabilities(steers=True))
    with served(model) as able, able.websocket() as socket:
        socket.send(create(input="x", stream_id="s"))
        id = read(socket)["response"]["id"]
        read(socket)
        steer = {"type": "response.steer", "previous_response_id": id, "input": "shorter"}
        socket.send(_json(steer))
        accepted = read(socket)
        assert accepted["type"] == "response.steer.accepted"
        assert accepted["steer"]["previous_response_id"] == id
        assert accepted["stream_id"] == "s"
        gate.set()
        read_answer(socket)
        socket.send(_json(steer))
        assert read(socket)["error"]["code"] == "response_not_found"
    assert model.steered == ["shorter"]


def _json(value: object) -> str:
    return json.dumps(value)


def test_a_question_is_answered_by_its_number() -> None:
    question = Question("which", "Which one?", ("left", "right"))

    def says(request: Request) -> tuple[ModelEvent, ...]:
        if request.answers:
            return (TextDelta(f"{request.prompt}: {request.answers}"),)
        return question, Ended("question")

    with served(Model(says=says)) as server, server.websocket() as socket:
        socket.send(create(input="turn", store=False))
        asked = read_answer(socket)
        assert text_of(asked) == "Which one?\n1. left\n2. right\n"
        id = asked[-1]["response"]["id"]
        socket.send(create(input="2", store=False, previous_response_id=id))
        assert text_of(read_answer(socket)) == "turn: (('which', 1),)"


def test_each_lane_has_a_provider_of_its_own_and_keeps_it() -> None:
    made: list[Model] = []

    def make() -> Model:
        made.append(Model())
        return made[-1]

    with served(make) as server:
        with server.websocket() as socket:
            for lane in ("a", "b", "a", "b"):
                socket.send(create(input=lane, stream_id=lane))
                read_answer(socket)
        server.stop()
    assert [[request.prompt for request in model.asked] for model in made] == [
        ["a", "a"],
        ["b", "b"],
    ]
    assert [model.closed for model in made] == [1, 1]
