"""Who may come in: token, `Host` and `Origin`, before anything of a request is read.

A browser that was led to this address by a page of somebody else (DNS rebinding) has a foreign
`Host` or an `Origin`; both are refused. /health answers anybody, with one word.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from codexspark_tui.gateway.faults import Fault
from codexspark_tui.gateway.reading import encoded

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
OPEN_PATHS = frozenset({"/health"})
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]\s/@]+)(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Access:
    """`tokens` empty: nobody is asked for one. `origins`: pages that may call, as in `Origin`."""

    tokens: tuple[str, ...] = ()
    hosts: frozenset[str] = LOOPBACK
    origins: frozenset[str] = frozenset()

    def owner(self, given: str) -> str | None:
        """Who a token belongs to; None when it is none of ours. Takes the same time for all."""
        if not self.tokens:
            return ""
        seen = _digest(given)
        found: str | None = None
        for token in self.tokens:
            if hmac.compare_digest(_digest(token), seen):
                found = seen.hex()[:16]
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


@dataclass(slots=True)
class Guard:
    """ASGI: lets a request through with `scope["owner"]`, or answers it by itself."""

    app: ASGIApp
    access: Access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        fault = self._fault(scope)
        if fault is None:
            await self.app(scope, receive, send)
            return
        await refuse(scope, send, fault)

    def _fault(self, scope: Scope) -> Fault | None:
        hosts = _values(scope, b"host")
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None or match.group(1).lower() not in self.access.hosts:
            return Fault("this Host is not served here (--allow-host)", 403, code="host_refused")
        for origin in _values(scope, b"origin"):
            if origin not in self.access.origins:
                said = "pages of this Origin may not call here (--allow-origin)"
                return Fault(said, 403, code="origin_refused")
        owner = self.access.owner(_token(_values(scope, b"authorization")))
        if owner is None:
            headers = {"www-authenticate": "Bearer"}
            said = "this needs the server's token: Authorization: Bearer …"
            return Fault(said, 401, code="invalid_api_key", headers=headers)
        scope["owner"] = owner
        return None


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _token(given: list[str]) -> str:
    if len(given) != 1:
        return ""
    kind, _, token = given[0].partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def refuse(scope: Scope, send: Send, fault: Fault) -> None:
    """Answer a request, or the opening of a WebSocket, with the fault alone."""
    body = encoded({"error": fault.error()})
    kind = "http.response" if scope["type"] == "http" else "websocket.http.response"
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    headers |= fault.headers | {"connection": "close"}
    await send({"type": f"{kind}.start", "status": fault.status, "headers": _raw(headers.items())})
    await send({"type": f"{kind}.body", "body": body})


def _raw(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers]
