"""One WebSocket to a server; the only file that knows the library for it.

What a server sends is taken off the socket at once and handed over all together, however many
messages there are. A socket that was left in the middle of an answer must be dropped: this file
does not know what an answer is.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codexspark_tui.providers.clock import Clock
from codexspark_tui.providers.endpoint import Endpoint
from codexspark_tui.providers.reach import certificates, proxy_of
from codexspark_tui.providers.trouble import Trouble, absent, dropped

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection
    from websockets.exceptions import ConnectionClosed, InvalidStatus

MAX_INCOMING_BYTES = 64 * 2**20
QUEUED_FRAMES = (256, 64)
HELD_MESSAGES = 1024
PING_S = 20.0
CLOSE_S = 1.0
TOO_BIG = 1009
_SILENT = logging.Logger("codexspark.websocket", logging.CRITICAL + 1)
"""The library's own log would hold the headers, and with them the key."""


@dataclass(slots=True)
class Socket:
    """An open connection. `opened` and `used` are on the wall clock, which goes on in sleep."""

    connection: ClientConnection
    headers: dict[str, str]
    opened: float = field(default_factory=time.time)
    used: float = field(default_factory=time.time)
    _messages: list[bytes] = field(default_factory=list)
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _waiter: asyncio.Future[None] | None = None
    _ended: Trouble | None = None
    _pump: asyncio.Task[None] | None = None

    @property
    def usable(self) -> bool:
        """Whether it is open and nothing lies in it unread."""
        return self._ended is None and not self._messages

    async def send(self, message: bytes, within_s: float, clock: Clock) -> None:
        """Send one text message; raises `Trouble`."""
        from websockets.exceptions import ConnectionClosed

        self.used = time.time()
        try:
            async with clock.within(within_s, f"did not take the request within {within_s:g} s"):
                await self.connection.send(message, text=True)
        except ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def receive(self, within_s: float, clock: Clock) -> list[bytes]:
        """All messages that are there, at least one; raises `Trouble`."""
        if not self._messages and self._ended is None:
            await self._wait(clock.limit(within_s))
        if not self._messages:
            raise self._ended or clock.late(f"sent nothing for {within_s:g} s")
        messages, self._messages = self._messages, []
        self._room.set()
        self.used = time.time()
        return messages

    async def _wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = loop.call_later(seconds, _wake, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    async def _read(self) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                message = await self.connection.recv(decode=False)
                self._messages.append(message)
                _wake(self._waiter)
                if len(self._messages) >= HELD_MESSAGES:
                    self._room.clear()
                    await self._room.wait()
        except ConnectionClosed as closed:
            self._ended = _closed(closed)
        finally:
            self._ended = self._ended or dropped("closed the connection")
            _wake(self._waiter)

    def drop(self) -> None:
        """Cut the connection, whatever is under way; nothing more is heard of it."""
        if self._pump is not None:
            self._pump.cancel()
        self.connection.transport.abort()

    async def aclose(self) -> None:
        """Take leave in due form, if the server is quick."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.connection.close()
        except (OSError, TimeoutError):
            pass
        finally:
            self.drop()


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


async def open_socket(
    endpoint: Endpoint, url: str, headers: dict[str, str], clock: Clock
) -> Socket:
    """Connect to `url`; raises `Trouble`, with the remedy "https" where there is no WebSocket."""
    import websockets.exceptions as told
    from websockets.asyncio.client import connect

    class Connect(connect):
        """The way to one server; the request never follows a server's word to another one."""

        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc

    limit_s = endpoint.timeouts.connect_s
    agent = headers.pop("User-Agent", None)
    try:
        proxy = proxy_of(endpoint)
        tls = certificates(endpoint.ca_file) if url.startswith("wss:") else None
        async with clock.within(limit_s, f"did not answer within {limit_s:g} s (WebSocket)"):
            connection = await Connect(
                url,
                additional_headers=headers,
                user_agent_header=agent,
                proxy=proxy,
                ssl=tls,
                compression=None,
                open_timeout=None,
                close_timeout=CLOSE_S,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                max_size=MAX_INCOMING_BYTES,
                max_queue=QUEUED_FRAMES,
                logger=_SILENT,
            )
    except told.InvalidStatus as error:
        raise _turned_away(error) from error
    except told.ProxyError as error:
        raise dropped("cannot be reached: the proxy did not let us through") from error
    except told.InvalidProxy as error:
        raise Trouble("stop", "cannot be reached: the proxy's address is not valid") from error
    except (told.InvalidHandshake, EOFError) as error:
        raise Trouble("https", "did not open a WebSocket") from error
    except OSError as error:
        raise unreachable(error) from error
    answered = connection.response.headers.raw_items() if connection.response else ()
    made = Socket(connection, {name.lower(): value for name, value in answered})
    made._pump = asyncio.create_task(made._read())
    return made


def unreachable(error: BaseException) -> Trouble:
    """What a failure to connect means, without addresses of proxies in it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"has a certificate that is not trusted: {error.verify_message}"
        return Trouble("stop", f"{why} (set ca_file, or SSL_CERT_FILE)")
    if isinstance(error, ssl.SSLError):
        return dropped(f"cannot be reached: TLS failed ({error.reason or 'no reason given'})")
    if isinstance(error, ConnectionRefusedError) or _all_refused(error):
        return absent("refused the connection")
    if isinstance(error, socket.gaierror):
        return absent(f"cannot be reached: {error.strerror}")
    reason = error.strerror if isinstance(error, OSError) else None
    return dropped(f"cannot be reached: {reason or type(error).__name__}")


def _all_refused(error: BaseException) -> bool:
    """Whether each address of a name refused; the loop joins their errors in one text."""
    codes = re.findall(r"\[Errno (\d+)\]", str(error)) if type(error) is OSError else []
    return bool(codes) and all(int(code) == errno.ECONNREFUSED for code in codes)


def _turned_away(error: InvalidStatus) -> Trouble:
    status = error.response.status_code
    headers = {name.lower(): value for name, value in error.response.headers.raw_items()}
    if status == 401 or status == 429 or (status >= 500 and status not in (501, 505)):
        from codexspark_tui.providers.reply import told_in

        trouble = told_in(status, headers, bytes(error.response.body or b""))
        trouble.transport = status >= 500
        return trouble
    return Trouble("https", f"opens no WebSocket ({status})", status=status)


def _closed(closed: ConnectionClosed) -> Trouble:
    codes = [frame.code for frame in (closed.rcvd, closed.sent) if frame is not None]
    if TOO_BIG in codes:
        said = "closed the connection: the message was too large (1009)"
        return Trouble("https", said, code="message_too_big")
    return dropped(f"closed the connection ({codes[0] if codes else 'without a word'})")
