"""A model server for measurements, in a process of its own: `python -m …bench_server`.

It speaks just enough of a WebSocket to take Responses requests on loopback, answers Responses and
chat completions by event streams, and prints its port. The instructions of a request say how many
deltas answer it; the answer's model tells when the first and the last byte of a request by
WebSocket came, in seconds of the monotonic clock that processes share.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sys
import time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CHARS_PER_DELTA = 4


def patch_text(characters: int) -> str:
    """A patch of at least so many characters, in small hunks."""
    made = ["--- a/a.py\n+++ b/a.py\n"]
    size, number = 0, 0
    while size < characters:
        line = number * 10 + 1
        head = f"@@ -{line},3 +{line},3 @@\n"
        hunk = f"{head} def f{number}():\n-    return {number}\n+    return 0\n \n"
        made.append(hunk)
        size += len(hunk)
        number += 1
    return "".join(made)


def frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        head = bytes((0x81, size))
    elif size < 1 << 16:
        head = bytes((0x81, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x81, 127)) + size.to_bytes(8, "big")
    return head + payload


def events(deltas: int, id: str, model: str) -> list[bytes]:
    """The messages of an answer in so many deltas."""
    text = patch_text(deltas * CHARS_PER_DELTA)[: deltas * CHARS_PER_DELTA]
    pieces = [text[at : at + CHARS_PER_DELTA] for at in range(0, len(text), CHARS_PER_DELTA)]
    at = {"item_id": "m", "output_index": 0, "content_index": 0}
    item = {"type": "message", "id": "m", "content": [{"type": "output_text", "text": text}]}
    response = {"id": id, "model": model}
    made: list[dict[str, object]] = [
        {"type": "response.created", "response": response},
        *({"type": "response.output_text.delta", **at, "delta": piece} for piece in pieces),
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {**response, "output": [item]}},
    ]
    return [json.dumps({**event, "sequence_number": n}).encode() for n, event in enumerate(made)]


def chunks(deltas: int) -> list[bytes]:
    """The same answer as chunks of a chat completion."""
    text = patch_text(deltas * CHARS_PER_DELTA)[: deltas * CHARS_PER_DELTA]
    pieces = [text[at : at + CHARS_PER_DELTA] for at in range(0, len(text), CHARS_PER_DELTA)]
    told = {"id": "c", "object": "chat.completion.chunk", "model": "m"}
    made: list[dict[str, object]] = [{"delta": {"content": piece}} for piece in pieces]
    made.append({"delta": {}, "finish_reason": "stop"})
    return [json.dumps({**told, "choices": [{"index": 0, **one}]}).encode() for one in made]


async def _post(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request by an event stream, and close."""
    sizes = (line.partition(b":")[2] for line in head.lower().split(b"\r\n") if b"-length:" in line)
    body = json.loads(await reader.readexactly(int(next(sizes))))
    if b"/chat/completions " in head.partition(b"\r\n")[0]:
        made = chunks(int(body["messages"][0]["content"]))
    else:
        made = events(int(body["instructions"]), "resp_1", "m")
    writer.write(b"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    writer.writelines(b"data: %b\n\n" % one for one in made)
    await writer.drain()


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, float] | None:
    """The next text message, and when its first byte came; None when the client has left."""
    while True:
        head = await reader.readexactly(2)
        began = time.monotonic()
        size = head[1] & 0x7F
        if size >= 126:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
        mask = await reader.readexactly(4)
        data = await reader.readexactly(size)
        if head[0] & 0x0F == 8:
            return None
        if head[0] & 0x0F == 1:
            key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
            return (int.from_bytes(data, "big") ^ key).to_bytes(size, "big"), began


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"POST "):
            return await _post(head, reader, writer)
        lines = (line.partition(b":") for line in head.split(b"\r\n"))
        key = next(
            value.strip() for name, _, value in lines if name.lower() == b"sec-websocket-key"
        )
        accepted = base64.b64encode(hashlib.sha1(key + GUID).digest())
        writer.write(
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"
        )
        number = 0
        while (message := await _message(reader)) is not None:
            data, began = message
            told = f"{began} {time.monotonic()}"
            number += 1
            deltas = int(json.loads(data).get("instructions", "1"))
            made = events(deltas, f"resp_{id(writer)}_{number}", told)
            writer.write(b"".join(map(frame, made)))
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, limit=1 << 26)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
