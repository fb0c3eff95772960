"""A small model server on loopback, for processes: chat completions by SSE, a list of models."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 40},
}


class House:
    """Answers every prompt with `text`, or with an error of this status. Use as a context manager.

    `echoes`: the error repeats the key that came, as careless servers do.
    """

    def __init__(
        self, text: str = "", *, status: int = 200, code: str = "", echoes: bool = False
    ) -> None:
        self.text, self.status, self.code, self.echoes = text, status, code, echoes
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        house = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path == "/v1/models" and house.status == 200
                model = {"id": "house-model", "object": "model", "context_length": 4096}
                self._json(200 if found else house.wrong, {"data": [model]} if found else {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                house.asked.append(json.loads(body))
                key = self.headers.get("Authorization", "")
                house.keys.append(key)
                if house.status != 200:
                    says = f"refused {key}" if house.echoes else "refused"
                    error = {"message": says, "code": house.code, "type": "x", "param": key}
                    self._json(house.status, {"error": error})
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                try:
                    for chunk in house.chunks():
                        self.wfile.write(b"data: " + chunk + b"\n\n")
                except OSError:
                    return

            def _json(self, status: int, value: object) -> None:
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def wrong(self) -> int:
        return self.status if self.status != 200 else 404

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def chunks(self) -> Iterator[bytes]:
        for line in self.text.splitlines(keepends=True):
            delta = {"choices": [{"index": 0, "delta": {"content": line}}], "model": "house-model"}
            yield json.dumps(delta | {"object": "chat.completion.chunk"}).encode()
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        yield json.dumps(end).encode()
        yield json.dumps({"choices": [], "usage": USAGE, "model": "house-model"}).encode()
        yield b"[DONE]"

    def __enter__(self) -> House:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
