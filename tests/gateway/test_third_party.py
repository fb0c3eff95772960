"""Our client against a server that nobody here wrote, and the gateway in front of it.

llama-cpp-python's server with a random model; `.ci/run --full` installs it in an environment of its
own and names its Python in SPARK_TEST_LLAMA. Skipped, with the reason, where that is not set.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from codexspark_tui.providers.model import (
    Counted,
    Ended,
    Message,
    ModelEvent,
    Opened,
    Provider,
    Request,
    TextDelta,
)
from tests.gateway.support import TOKEN, served

PYTHON = os.environ.get("SPARK_TEST_LLAMA", "")
NO_SERVER = "llama-cpp-python is not installed here (SPARK_TEST_LLAMA names its Python)"
pytestmark = [pytest.mark.full, pytest.mark.skipif(not PYTHON, reason=NO_SERVER)]
TRIES = 600


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running llama-cpp-python server."""
    folder = tmp_path_factory.mktemp("llama")
    maker = Path(__file__).with_name("tiny_gguf.py")
    subprocess.run([PYTHON, str(maker), str(folder / "tiny.gguf")], check=True, timeout=60)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--host", "127.0.0.1", "--port", str(port), "--n_ctx", "2048"]
    command = [PYTHON, "-m", "llama_cpp.server", "--model", str(folder / "tiny.gguf"), *options]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([*command, "--model_alias", "tiny"], stdout=log, stderr=log) as process,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}/v1/models", process, folder / "log")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(TRIES):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError(log.read_text())


def _client(base: str, **more: Any) -> Provider:
    """Our own client of that server."""
    connecting = pytest.importorskip("codexspark_tui.providers.connect")
    endpoint = connecting.Endpoint("llama.cpp/tiny", base, "tiny", wire="chat", **more)
    made: Provider = connecting.connect(endpoint)
    return made


def _request(prompt: str, **more: Any) -> Request:
    items = (Message("developer", "You are terse."), Message("user", prompt))
    return Request(prompt, "/", items=items, max_output_tokens=24, **more)


async def _events(provider: Provider, request: Request) -> list[ModelEvent]:
    try:
        async with aclosing(provider.stream(request)) as events:
            return [event async for event in events]
    finally:
        await provider.aclose()


def test_our_client_reads_a_whole_answer(base: str) -> None:
    events = asyncio.run(_events(_client(base), _request("say something")))
    assert isinstance(events[0], Opened)
    assert isinstance(events[-1], Ended)
    assert events[-1].finish in ("stop", "length")
    assert any(isinstance(event, TextDelta) for event in events)


def test_a_server_without_responses_is_spoken_to_in_chat(base: str) -> None:
    """The wire is said to be Responses, which this server has not: chat completions are used."""
    connecting = pytest.importorskip("codexspark_tui.providers.connect")
    endpoint = connecting.Endpoint("llama.cpp/tiny", base, "tiny", wire="responses")
    events = asyncio.run(_events(connecting.connect(endpoint), _request("say something")))
    assert isinstance(events[-1], Ended)
    assert any(isinstance(event, TextDelta) for event in events)


def test_the_gateway_gives_it_websocket_mode_continuation_and_warm_up(base: str) -> None:
    pytest.importorskip("codexspark_tui.providers.connect")
    turn: dict[str, Any] = {"model": "tiny", "store": False}
    with (
        served(lambda: _client(base), aliases=("*",)) as server,
        OpenAI(base_url=server.base, api_key=TOKEN, timeout=60) as client,
    ):
        with client.responses.connect() as connection:
            connection.response.create(**turn, input="context", generate=False)
            warm = _final(connection)
            connection.response.create(
                **turn, input="go on", previous_response_id=warm.id, max_output_tokens=16
            )
            answer = _final(connection)
        chat = client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": "x"}], max_tokens=8
        )
    assert answer.status in ("completed", "incomplete")
    assert answer.model
    assert chat.choices[0].finish_reason in ("stop", "length")


def test_usage_is_what_the_server_counted(base: str) -> None:
    events = asyncio.run(_events(_client(base), _request("say something")))
    counted = [event for event in events if isinstance(event, Counted)]
    assert all(event.output_tokens is not None for event in counted)


def _final(connection: Any) -> Any:
    for event in connection:
        assert event.type not in ("error", "response.failed"), event
        if event.type in ("response.completed", "response.incomplete"):
            return event.response
    raise AssertionError("no end")
