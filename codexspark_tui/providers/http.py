"""Requests over HTTP; the only file that knows the library for them.

A client is made when it is first used and keeps its connections. It takes no setting from the
environment by itself: proxies and certificates are those of reach.py, as on a WebSocket.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from codexspark_tui.providers.clock import Clock
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.reach import certificates, proxy_of
from codexspark_tui.providers.reply import is_page, page_said, told_in
from codexspark_tui.providers.socket import unreachable
from codexspark_tui.providers.sse import EventStream, TooLarge
from codexspark_tui.providers.trouble import Trouble, dropped

if TYPE_CHECKING:
    import httpx

Trace: TypeAlias = Callable[[str, object], Awaitable[None]]
MAX_BODY_BYTES = 64 * 2**20
MAX_ERROR_BYTES = 2**20
KEPT_OPEN_S = 60.0


@dataclass(slots=True)
class Reply:
    """The head of an answer that is no error, with what comes after it."""

    headers: dict[str, str]
    endpoint: Endpoint
    clock: Clock
    _pieces: AsyncIterator[bytes]

    @property
    def streams(self) -> bool:
        """Whether it is made of events; some servers do not say of what they are made."""
        return "json" not in self.headers.get("content-type", "").lower()

    async def events(self) -> AsyncGenerator[list[bytes], None]:
        """The data of the events that come together; ends with the stream. Raises `Trouble`.

        A comment shows that the server works on the request; from then on the longer limit counts.
        """
        timeouts = self.endpoint.timeouts
        limit_s = timeouts.first_event_s
        stream = EventStream()
        first = True
        while True:
            piece = await self._piece(limit_s)
            if first and piece and is_page(self.headers, piece):
                raise Trouble("stop", f"did not answer as an API: {page_said(piece)}")
            first = False
            try:
                events = stream.feed(piece) if piece else stream.close()
            except TooLarge as error:
                raise dropped(f"sent too much: {error}") from error
            if events or stream.comments:
                limit_s = timeouts.between_s
            if events:
                yield events
            if stream.done or not piece:
                return

    async def body(self, limit: int = MAX_BODY_BYTES) -> bytes:
        """All that is left, up to `limit` bytes."""
        pieces: list[bytes] = []
        size = 0
        while size < limit and (piece := await self._piece(self.endpoint.timeouts.between_s)):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)[:limit]

    async def _piece(self, limit_s: float) -> bytes:
        """The next bytes; none at the end."""
        import httpx

        try:
            async with self.clock.within(limit_s, f"sent nothing for {limit_s:g} s"):
                async for piece in self._pieces:
                    if piece:
                        return piece
                return b""
        except (httpx.HTTPError, httpx.StreamError, zlib.error) as error:
            raise _failed(error) from error


@dataclass(slots=True)
class Http:
    """Requests to one endpoint."""

    endpoint: Endpoint
    _client: httpx.AsyncClient | None = field(default=None, repr=False)

    def open(self) -> httpx.AsyncClient:
        """The client; it opens no connection before there is a request."""
        if self._client is None:
            import httpx

            logging.getLogger("httpx").setLevel(logging.WARNING)
            timeouts = self.endpoint.timeouts
            self._client = httpx.AsyncClient(
                verify=certificates(self.endpoint.ca_file),
                proxy=proxy_of(self.endpoint),
                trust_env=False,
                timeout=httpx.Timeout(
                    timeouts.connect_s, read=None, write=timeouts.send_s, pool=timeouts.connect_s
                ),
                limits=httpx.Limits(keepalive_expiry=KEPT_OPEN_S),
            )
        return self._client

    @asynccontextmanager
    async def post(
        self, path: str, headers: dict[str, str], body: bytes, clock: Clock
    ) -> AsyncGenerator[Reply, None]:
        """Send a body of JSON; raises `Trouble`, also for an answer that is an error."""
        import httpx

        client = self.open()
        limits = self.endpoint.timeouts
        told = {**headers, "Content-Type": "application/json", "Accept": "text/event-stream"}
        request = client.build_request("POST", self.endpoint.url(path), content=body, headers=told)
        request.headers["Accept-Encoding"] = "identity"
        try:
            async with clock.within(
                limits.connect_s + limits.send_s, f"sent nothing for {limits.first_event_s:g} s"
            ) as timeout:
                request.extensions["trace"] = _when_sent(timeout, limits.first_event_s, clock)
                response = await client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _failed(error) from error
        try:
            heads = {name.lower(): value for name, value in response.headers.items()}
            reply = Reply(heads, self.endpoint, clock, response.aiter_bytes())
            if not 200 <= response.status_code < 300:
                raise told_in(response.status_code, heads, await _error_body(reply))
            yield reply
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()


def _when_sent(timeout: asyncio.Timeout, seconds: float, clock: Clock) -> Trace:
    """Sets a timeout anew when a request has been sent and its answer is waited for."""

    async def trace(step: str, _: object) -> None:
        if step.endswith("receive_response_headers.started"):
            timeout.reschedule(asyncio.get_running_loop().time() + clock.limit(seconds))

    return trace


async def _error_body(reply: Reply) -> bytes:
    """What of it can be read: an error is told even if its text is cut off."""
    try:
        return await reply.body(MAX_ERROR_BYTES)
    except Trouble:
        return b""


def _failed(error: Exception) -> Trouble:
    """What an error of the library means; its text may hold addresses and is not used."""
    import httpx

    if isinstance(error, httpx.ProxyError):
        return dropped("cannot be reached: the proxy did not let us through")
    if isinstance(error, httpx.WriteTimeout):
        return dropped("did not take the request in time")
    if isinstance(error, httpx.TimeoutException):
        return dropped("could not be reached in time")
    if isinstance(error, httpx.ConnectError):
        return unreachable(_cause(error))
    if isinstance(error, httpx.DecodingError | zlib.error):
        return dropped("sent a compressed answer that cannot be read")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return Trouble("stop", f"cannot be asked: {type(error).__name__}")
    return dropped("closed the connection in the middle of the answer")


def _cause(error: BaseException) -> BaseException:
    """The innermost error of the system below an error of the library."""
    found: BaseException = error
    while (below := found.__cause__ or found.__context__) is not None:
        found = below
        if isinstance(found, OSError) and type(found) is not OSError:
            return found
    return found
