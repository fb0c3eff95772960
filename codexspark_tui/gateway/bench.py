"""What the gateway costs: `spark doctor --bench`, with `spark serve` as another process.

The client is this process, over a socket on loopback; what it takes to read is in the numbers.
Importing this module imports nothing of the extra [serve].
"""

from __future__ import annotations

import http.client
import importlib.util
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codexspark_tui.actions.bench import Measurement, bench_repository

TOKEN = "measured-on-loopback"
DELTAS = 20_000
REQUESTS = 300
CONNECTIONS = 100


@dataclass(frozen=True, slots=True)
class Serving:
    """A running `spark serve`."""

    port: int
    pid: int

    def websocket(self) -> Any:
        from websockets.sync.client import connect

        return connect(
            f"ws://127.0.0.1:{self.port}/v1/responses",
            additional_headers={"Authorization": f"Bearer {TOKEN}"},
            compression=None,
            max_size=None,
            proxy=None,
        )


@contextmanager
def serving(answer: str, answers: int) -> Iterator[Serving]:
    """`spark serve` with a script that gives this answer so often, as fast as it goes."""
    with bench_repository({"a.py": "x = 1\n"}) as (root, environment):
        script = root.parent / "script.toml"
        script.write_text(f"[[answer]]\ntext = {json.dumps(answer)}\n" * answers)
        command = [sys.executable, "-m", "codexspark_tui", "serve", "--port", "0"]
        with subprocess.Popen(
            [*command, "--provider", "script", "--script", str(script)],
            cwd=root,
            env={**environment, "SPARK_SERVE_TOKEN": TOKEN},
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stderr is not None
            said = process.stderr.readline()
            found = re.search(rb":(\d+)/v1 ", said)
            if found is None:
                process.kill()
                raise RuntimeError(f"spark serve said {said!r}")
            try:
                yield Serving(int(found[1]), process.pid)
            finally:
                process.terminate()


CREATE = '{"type":"response.create","input":"go","store":false}'


def _answer(socket: Any) -> None:
    socket.send(CREATE)
    while b'"response.completed"' not in socket.recv(decode=False)[:30]:
        continue


def _per_delta() -> Iterator[float]:
    """Wall time of a long answer at full speed over a WebSocket, by its deltas, in µs."""
    with serving("four" * DELTAS, 5) as server, server.websocket() as socket:
        for _ in range(5):
            began = time.perf_counter()
            _answer(socket)
            yield (time.perf_counter() - began) * 1e6 / DELTAS


def _request_socket() -> Iterator[float]:
    """A short answer over an open WebSocket, from the request to its end."""
    with serving("done", REQUESTS) as server, server.websocket() as socket:
        for _ in range(REQUESTS):
            began = time.perf_counter()
            _answer(socket)
            yield (time.perf_counter() - began) * 1000


def _request_http() -> Iterator[float]:
    """The same over HTTP, one connection kept open."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    body = json.dumps({"input": "go", "store": False})
    with serving("done", REQUESTS) as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port)
        for _ in range(REQUESTS):
            began = time.perf_counter()
            client.request("POST", "/v1/responses", body, headers)
            client.getresponse().read()
            yield (time.perf_counter() - began) * 1000
        client.close()


def _memory() -> Iterator[float]:
    """Resident megabytes with open WebSockets, each of which has had an answer."""
    with serving("done " * 250, CONNECTIONS) as server, ExitStack() as stack:
        for _ in range(CONNECTIONS):
            _answer(stack.enter_context(server.websocket()))
        said = Path(f"/proc/{server.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+)", said, re.M)
        yield int(found[1]) / 1024 if found else 0.0


def measurements() -> tuple[Measurement, ...]:
    """None where the extra is not installed."""
    needed = ("starlette", "uvicorn", "websockets")
    if not all(importlib.util.find_spec(name) for name in needed):
        return ()
    made = (
        Measurement("serve: a delta, WebSocket, at full speed", 60, _per_delta, unit="us"),
        Measurement("serve: a request, WebSocket", 3, _request_socket),
        Measurement("serve: a request, HTTP", 3, _request_http),
    )
    if not Path("/proc/self/status").exists():
        return made
    memory = f"serve: memory with {CONNECTIONS} connections"
    return (*made, Measurement(memory, 100, _memory, unit="MB"))
