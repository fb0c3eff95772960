"""`spark web` as a browser sees it: real sockets, and its terminal kept by pyte."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pyte
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.spark import SPARK, environment

TIMEOUT_S = 30.0
URL = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]+)\n")


@dataclass
class Served:
    """Use as a context manager; `url` has the token. `policy`: the Content-Security-Policy of the
    latest answer."""

    arguments: Sequence[str]
    cwd: Path
    env: Mapping[str, str | None] = field(default_factory=dict)
    url: str = ""
    port: int = 0
    policy: str = ""

    def __enter__(self) -> Served:
        opens = "BROWSER" in self.env
        own = () if opens else ("--no-open",)
        self.process = subprocess.Popen(
            [*SPARK, "web", "--port", "0", *own, *self.arguments],
            cwd=self.cwd,
            env=environment(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline().decode()
        match = URL.fullmatch(said)
        assert match is not None, said or self.process.communicate()[1]
        self.url, self.port = said.strip(), int(match[1])
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """(status, Set-Cookie or "", body)"""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            asking.putrequest("GET", path, skip_host=True)
            for name, value in ({"Host": self.host} | dict(headers or {})).items():
                asking.putheader(name, value)
            asking.endheaders()
            answer = asking.getresponse()
            body = answer.read().decode()
            self.policy = answer.getheader("Content-Security-Policy") or ""
            return answer.status, answer.getheader("Set-Cookie") or "", body
        finally:
            asking.close()

    def cookie(self) -> str:
        """What a browser has after the address with the token."""
        split = urlsplit(self.url)
        status, cookie, _ = self.get(f"{split.path}?{split.query}")
        assert status == 303
        return cookie.partition(";")[0]

    def socket(
        self, cookie: str, name: str = "127.0.0.1", page: str = "", **headers: str
    ) -> ClientConnection:
        """The socket of a page that calls itself `page`; `name` in Host, `headers` over those of a
        browser."""
        given = {"Origin": f"http://{name}:{self.port}", "Cookie": cookie} | headers
        return connect(
            f"ws://{name}:{self.port}/ws{page and f'/{page}'}?width=100&height=30",
            sock=socket.create_connection(("127.0.0.1", self.port)),
            additional_headers={k: v for k, v in given.items() if v},
            max_size=None,
            compression=None,
        )

    def children(self) -> list[int]:
        said = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(pid) for pid in said.stdout.split()]

    def interrupt(self) -> tuple[int, str]:
        """Ctrl-C; the exit code and what was said on stderr."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, said.decode()


class Page:
    """What is in the terminal of a page."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._screen = pyte.Screen(100, 30)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def type(self, keys: str) -> None:
        self._socket.send(json.dumps(["stdin", keys]))

    def wait_for(self, wanted: str | Callable[[str], bool]) -> None:
        shown = wanted if callable(wanted) else lambda text: wanted in text
        deadline = time.monotonic() + TIMEOUT_S
        while not shown(self.text):
            assert time.monotonic() < deadline, self.text
            piece = self._socket.recv(timeout=TIMEOUT_S)
            if isinstance(piece, bytes):
                self._stream.feed(piece)

    def wait_for_end(self) -> int:
        """Read until the server closes; the code that it gives."""
        with suppress(ConnectionClosed):
            while True:
                self._socket.recv(timeout=TIMEOUT_S)
        assert self._socket.close_code is not None
        return self._socket.close_code


def is_alive(pid: int) -> bool:
    return subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode == 0
