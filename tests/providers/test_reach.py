"""How servers are reached: proxies, certificates, keys, realtime servers, and what is imported."""

from __future__ import annotations

import asyncio
import logging
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from codexspark_tui.errors import KeyMissing, ProviderError, SparkError, UsageError
from codexspark_tui.providers.connect import Endpoint, Memory, Timeouts, connect
from codexspark_tui.providers.endpoint import WebSocket
from codexspark_tui.providers.model import Counted, ItemDone, Limit, Limits, Message, Opened, Tool
from codexspark_tui.providers.reach import proxy_of
from tests.providers.wires import KEY, endpoint, events_of, provider, request, told
from tests.support.faults import (
    Event,
    Exchange,
    Play,
    answer,
    chunks,
    drops,
    error_frame,
    fault_server,
    plays,
    replies,
)

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


def run(test: Coroutine[None, None, None]) -> None:
    asyncio.run(test)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@asynccontextmanager
async def connect_proxy(target: int, status: int = 200) -> AsyncIterator[tuple[int, list[str]]]:
    """A proxy that leads to `target` whatever was asked for; its port, and what was."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.split("\r\n")[0])
        writer.write(f"HTTP/1.1 {status} X\r\n\r\n".encode())
        if status != 200:
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_pipe(reader, back), _pipe(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for model.example and 127.0.0.1 that signs itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("ca")
    made, key = folder / "ca.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=model.example", "-addext"]
    command += ["subjectAltName=DNS:model.example,IP:127.0.0.1", "-keyout", str(key)]
    subprocess.run([*command, "-out", str(made)], check=True, capture_output=True)
    return made, key


def _served_by(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.mark.parametrize("websocket", ["always", "never"])
def test_a_certificate_is_trusted_only_by_the_file_that_holds_it(
    certificate: tuple[Path, Path], websocket: WebSocket, tmp_path: Path
) -> None:
    async def test() -> None:
        async with fault_server(_served_by(certificate)) as server:
            server.plays["x"] = [plays(*answer("ok"))]
            trusting = provider(server, websocket=websocket, ca_file=str(certificate[0]))
            assert told(await events_of(trusting)) == ("ok", "stop")
            with pytest.raises(ProviderError, match="certificate that is not trusted"):
                await events_of(provider(server, websocket=websocket))
            for file in ("missing.pem", "key.pem"):
                ca_file = str(certificate[1] if file == "key.pem" else tmp_path / file)
                with pytest.raises(UsageError, match="cannot be read"):
                    await events_of(provider(server, websocket=websocket, ca_file=ca_file))

    run(test())


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY", "https_proxy"])
@pytest.mark.parametrize("websocket", ["always", "never"])
def test_both_transports_go_through_the_proxy_of_the_environment(
    certificate: tuple[Path, Path],
    websocket: WebSocket,
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        async with (
            fault_server(_served_by(certificate)) as server,
            connect_proxy(server.port) as (port, asked),
        ):
            server.plays["x"] = [plays(*answer("ok"))]
            monkeypatch.setenv(variable, f"http://me:secret@127.0.0.1:{port}")
            ca_file = str(certificate[0])
            there = provider(
                server, base_url="https://model.example/x/v1", websocket=websocket, ca_file=ca_file
            )
            assert told(await events_of(there)) == ("ok", "stop")
            assert asked == ["CONNECT model.example:443 HTTP/1.1"]
            await there.aclose()

    run(test())


@pytest.mark.parametrize("websocket", ["always", "never"])
def test_a_proxy_that_lets_nobody_through_is_told_without_its_password(
    websocket: WebSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with connect_proxy(0, status=407) as (port, _):
            monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{port}")
            there = Endpoint(
                "t/m", "https://model.example/v1", "m", websocket=websocket, attempts=1
            )
            with pytest.raises(ProviderError, match="proxy did not let us through") as caught:
                await events_of(connect(there))
            assert "secret" not in repr((caught.value.__dict__, str(caught.value)))

    run(test())


def test_no_proxy_for_this_machine_nor_for_what_the_environment_excludes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://proxy:1")
    monkeypatch.setenv("NO_PROXY", "inside.example,other:8080")
    found = {
        url: proxy_of(Endpoint("t/m", url, "m"))
        for url in (
            "https://outside.example/v1",
            "http://outside.example/v1",
            "https://inside.example/v1",
            "https://deep.inside.example/v1",
            "http://other:8080/v1",
            "http://localhost:1/v1",
            "http://127.0.0.1:1/v1",
            "http://[::1]:1/v1",
        )
    }
    assert [url for url, proxy in found.items() if proxy] == [
        "https://outside.example/v1",
        "http://outside.example/v1",
    ]


def test_a_socks_proxy_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(ProviderError, match="socks5 proxy"):
        proxy_of(Endpoint("t/m", "https://outside.example/v1", "m"))


ECHOES: dict[str, Play] = {
    "an error": plays(error_frame(400, "x", f"bad key {KEY}")),
    "401": replies(401, {"error": {"message": f"key {KEY} is wrong"}}),
    "a wait": plays(error_frame(429, "slow_down", KEY, headers={"retry-after": "1"})),
    "no JSON": plays(KEY),
    "dropped": drops(),
    "a page": replies(200, f"<html><title>{KEY}</title>".encode(), "text/html"),
}


@pytest.mark.parametrize("wire", ["responses", "chat", "https", "realtime"])
@pytest.mark.parametrize("echo", ECHOES)
def test_the_key_is_in_no_event_error_or_log(
    echo: str, wire: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    changes: dict[str, Any] = {"wire": wire, "websocket": "never"}
    if wire in ("responses", "https"):
        changes = {"websocket": "auto" if wire == "responses" else "never"}
    seen: list[object] = []

    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [ECHOES[echo]]
            server.upgrades["x"] = [ECHOES[echo] if echo == "401" else None]
            asked = provider(server, attempts=2, timeouts=Timeouts(2, 2, 0.2, 0.2), **changes)
            seen.append(repr(asked))
            seen.append(repr(endpoint(server)))
            try:
                async for event in asked.stream(request()):
                    seen.append(event)
            except SparkError as error:
                seen.extend((error, error.__dict__, error.__cause__))

    run(test())
    assert len(seen) > 2
    assert KEY not in repr(seen)
    assert KEY not in caplog.text


def test_the_key_is_asked_for_when_a_connection_opens_and_its_lack_is_an_error() -> None:
    asked: list[str] = []

    def key() -> str:
        asked.append("asked")
        raise KeyMissing("there is no key", next_step="Give one.")

    async def test() -> None:
        async with fault_server() as server:
            made = provider(server, key=key)
            await made.warm(request())
            assert asked == ["asked"]
            with pytest.raises(KeyMissing):
                await events_of(made)
            assert server.seen == []

    run(test())


async def _realtime(exchange: Exchange) -> None:
    """Plays the part of a realtime server for one answer."""
    if exchange.seen.body["type"] != "response.create":
        return
    item = {
        "type": "message",
        "id": "i1",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "hi there"}],
    }
    delta = {"type": "response.output_text.delta", "item_id": "i1", "output_index": 0}
    usage = {"input_tokens": 4, "output_tokens": 2}
    limits = [{"name": "tokens", "limit": 100, "remaining": 90, "reset_seconds": 1.5}]
    done: Event = {"id": "r1", "status": "completed", "output": [item], "usage": usage}
    await exchange.events(
        {"type": "response.created", "response": {"id": "r1", "status": "in_progress"}},
        {"type": "rate_limits.updated", "rate_limits": limits},
        {**delta, "delta": "hi "},
        {**delta, "type": "response.text.delta", "delta": "there"},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.done", "response": done},
    )


def test_a_server_that_has_only_realtime_answers_in_text() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [_realtime]
            asked = provider(server, wire="realtime", websocket="never", model="m/1")
            tools = (Tool("read", "reads", '{"type": "object"}'),)
            events = await events_of(asked, request("a", "b", "c", tools=tools))
            assert told(events) == ("hi there", "stop")
            assert events[0] == Opened("realtime, websocket", "")
            assert Limits((Limit("tokens", 100, 90, 1.5),)) in events
            assert Counted(4, 2) in events
            assert ItemDone(Message("assistant", "hi there")) in events
            sent = [seen.body["type"] for seen in server.of("x", "create")]
            assert sent == ["session.update", *["conversation.item.create"] * 3, "response.create"]
            assert server.seen[0].path == "/x/v1/realtime?model=m%2F1"

    run(test())


@pytest.mark.parametrize("status", ["failed", "incomplete", "cancelled"])
def test_a_realtime_answer_that_fails_is_told(status: str) -> None:
    async def play(exchange: Exchange) -> None:
        if exchange.seen.body["type"] == "response.create":
            details = {"error": {"code": "insufficient_quota", "message": "no"}}
            response = {"id": "r1", "status": status, "status_details": details}
            await exchange.events({"type": "response.done", "response": response})

    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [play]
            asked = provider(server, wire="realtime", websocket="never")
            if status == "failed":
                with pytest.raises(ProviderError, match="no"):
                    await events_of(asked)
            else:
                finish = "length" if status == "incomplete" else "cut"
                assert told(await events_of(asked)) == ("", finish)

    run(test())


def test_nothing_for_the_network_is_loaded_before_it_is_used() -> None:
    code = (
        "import sys, codexspark_tui.providers.connect as c\n"
        "c.connect(c.Endpoint('t/m', 'https://x/v1', 'm'))\n"
        "print(sorted({'httpx', 'websockets', 'urllib.request', 'certifi'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_answer_by_websocket_loads_no_http_client() -> None:
    code = """
import asyncio, sys
from tests.providers.wires import events_of, provider, told
from tests.support.faults import answer, fault_server, plays
async def test():
    async with fault_server() as server:
        server.plays["x"] = [plays(*answer("ok"))]
        assert told(await events_of(provider(server))) == ("ok", "stop")
asyncio.run(test())
print("httpx" in sys.modules, "websockets" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_what_was_learned_can_be_kept_and_is_forgotten_in_time() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.upgrades["x"] = [replies(403, b"<html>", "text/html")]
            server.plays["x"] = [plays(*answer("ok"))]
            kept: list[dict[str, float]] = []
            memory = Memory(changed=lambda learned: kept.append(dict(learned.facts)))
            await events_of(connect(endpoint(server), memory))
            assert list(kept[-1]) == [f"no websocket: 127.0.0.1:{server.port}"]
            await events_of(connect(endpoint(server), Memory(kept[-1])))
            assert server.kinds() == ["upgrade", "post", "post"]
            await events_of(connect(endpoint(server), Memory(dict.fromkeys(kept[-1], 1.0))))
            assert server.kinds()[3:] == ["upgrade", "create"]

    run(test())


def test_a_chat_server_is_never_asked_for_a_websocket() -> None:
    async def test() -> None:
        async with fault_server() as server:
            server.plays["x"] = [plays(*chunks("ok"))]
            made = provider(server, wire="chat")
            await made.warm(request())
            assert told(await events_of(made)) == ("ok", "stop")
            assert server.kinds() == ["post"]
            await made.aclose()

    run(test())
