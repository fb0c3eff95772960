"""The HTTP side: /v1/responses, /v1/chat/completions, /v1/models, /health.

A status is sent when the first event of an answer is there; a fault before that is a status of its
own. A client that goes away cancels its answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from codexspark_tui.gateway.ask import Ask
from codexspark_tui.gateway.chat_in import read_chat
from codexspark_tui.gateway.chat_out import Completion
from codexspark_tui.gateway.engine import Claim, Client, Engine, Event, Writer
from codexspark_tui.gateway.faults import Fault
from codexspark_tui.gateway.limits import Limits
from codexspark_tui.gateway.reading import Table, encoded, parse
from codexspark_tui.gateway.responses_in import read_ask
from codexspark_tui.gateway.responses_out import Answer


def said(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encoded(body), status, headers, "application/json")


def faulty(fault: Fault) -> Response:
    return said({"error": fault.error()}, fault.status, fault.headers)


@dataclass(slots=True)
class Routes:
    """The endpoints of one server."""

    engine: Engine
    started: int = field(default_factory=lambda: int(time.time()))

    async def health(self, request: Request) -> Response:
        """Anybody may ask; 503 while the server shuts down."""
        closing = self.engine.closing
        return said({"status": "shutting down" if closing else "ok"}, 503 if closing else 200)

    async def models(self, request: Request) -> Response:
        data = [self._model(name) for name in self.engine.source.names]
        return said({"object": "list", "data": data})

    async def model(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.engine.source.names:
            said_ = f"the model {name[:80]!a} does not exist here"
            return faulty(Fault(said_, 404, code="model_not_found", param="model"))
        return said(self._model(name))

    def _model(self, name: str) -> Event:
        capabilities = self.engine.source.capabilities
        made: Event = {"id": name, "object": "model", "created": self.started, "owned_by": "spark"}
        if capabilities.window is not None:
            made["context_window"] = capabilities.window
        return made

    async def responses(self, request: Request) -> Response:
        return await self._answering(request, read_ask, Answer)

    async def chat(self, request: Request) -> Response:
        return await self._answering(request, read_chat, Completion)

    async def _answering(
        self,
        request: Request,
        reader: Callable[[Table, Limits], Ask],
        writer: Callable[[Ask, str], Writer],
    ) -> Response:
        claim = self.engine.claim()
        try:
            ask = reader(parse(await self._body(request, claim)), self.engine.limits)
        except Fault as fault:
            claim.release()
            return faulty(fault)
        made = writer(ask, ask.model or self.engine.source.name)
        return Answering(self.engine, request.scope, ask, made, claim)

    async def _body(self, request: Request, claim: Claim) -> bytes:
        """All of it; too long, too slow or not there is a `Fault`."""
        limits = self.engine.limits
        pieces = bytearray()
        try:
            async with asyncio.timeout(limits.body_s):
                async for piece in request.stream():
                    claim.add(len(piece))
                    pieces += piece
                    if len(pieces) > limits.message_bytes:
                        text = f"the request is longer than {limits.message_bytes} bytes"
                        raise Fault(text, 413, code="request_too_large", headers=CLOSE)
        except TimeoutError:
            text = f"the request was not there after {limits.body_s:g} seconds"
            raise Fault(text, 408, code="request_timeout", headers=CLOSE) from None
        except ClientDisconnect:
            raise Fault("the request was not complete", 400, headers=CLOSE) from None
        return bytes(pieces)


BODY = {"type": "http.response.body", "more_body": True}
CLOSE = {"connection": "close", "x-should-retry": "false"}
STREAM_HEADERS = {
    "cache-control": "no-store",
    "x-accel-buffering": "no",
}


class Answering(Response):
    """An answer as a stream of events or as one body."""

    def __init__(
        self, engine: Engine, scope: Scope, ask: Ask, writer: Writer, claim: Claim
    ) -> None:
        super().__init__()
        self.engine, self.ask, self.writer, self.claim = engine, ask, writer, claim
        self.client = Client(scope.get("owner", ""))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = asyncio.create_task(self._answer(scope, receive, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)
            self.claim.release()
        if not answering.cancelled() and (error := answering.exception()):
            raise error

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        bunches = self.engine.answer(self.client, self.ask, self.writer)
        try:
            async with aclosing(bunches):
                first = await anext(bunches)
                if self.ask.stream:
                    await self._stream(first, bunches, send)
                else:
                    async for _ in bunches:
                        continue
        except Fault as fault:
            await faulty(fault)(scope, receive, send)
            return
        if not self.ask.stream:
            await self._whole()(scope, receive, send)

    def _whole(self) -> Response:
        fault = self.writer.fault
        return said(self.writer.body()) if fault is None else faulty(fault)

    async def _stream(
        self, first: list[Event], bunches: AsyncGenerator[list[Event], None], send: Send
    ) -> None:
        named = isinstance(self.writer, Answer)
        headers = Response(headers=STREAM_HEADERS, media_type="text/event-stream").raw_headers
        headers = [(key, value) for key, value in headers if key != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        clock = asyncio.get_running_loop()
        self.sent_at = clock.time()
        await send({**BODY, "body": _lines(first, named)})
        keeping = asyncio.create_task(self._keep_alive(send))
        try:
            async for bunch in bunches:
                self.sent_at = clock.time()
                await send({**BODY, "body": _lines(bunch, named)})
        finally:
            keeping.cancel()
        last = b"" if named else b"data: [DONE]\n\n"
        await send({**BODY, "body": last, "more_body": False})

    async def _keep_alive(self, send: Send) -> None:
        """Comments in the stream while nothing else comes."""
        clock, quiet_s = asyncio.get_running_loop(), self.engine.limits.quiet_s
        while True:
            await asyncio.sleep(self.sent_at + quiet_s - clock.time())
            if clock.time() - self.sent_at >= quiet_s:
                self.sent_at = clock.time()
                await send({**BODY, "body": b": still working\n\n"})


def _lines(events: list[Event], named: bool) -> bytes:
    """Server-sent events; those of the Responses API have their type as name, too."""
    if not named:
        return b"".join(b"data: %b\n\n" % encoded(event) for event in events)
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (event["type"].encode(), encoded(event)) for event in events
    )


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
