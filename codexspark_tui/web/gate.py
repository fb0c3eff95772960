"""Who may come in: `Host`, `Origin`, and the token or the cookie that it was changed for.

True here: nothing of a request is handled before it has passed. The token is in an address once;
the browser then has a cookie of another value, and the address is without it. A browser that a page
of somebody else has led here (DNS rebinding, a WebSocket from elsewhere) has a foreign `Host` or
`Origin` and is refused whatever else it has. Cookies know no ports, so the cookie is not the token.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

ADDRESS = "127.0.0.1"
NAMES = frozenset({ADDRESS, "localhost"})
TOKEN = "token"
SOCKETS = "/ws/"
_HOST = re.compile(r"([^:\[\]\s/@]+)(?::\d{1,5})?")
_FOREIGN_HOST = "This name is not served here."
_FOREIGN_ORIGIN = "Pages from elsewhere may not come in here."
_NO_TOKEN = "This needs the address that spark web has printed, with its token."


def made_up() -> str:
    """A secret that nobody can guess: 32 characters of letters, digits, - and _."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Gate:
    """`port`: where we listen; the secrets are for one run."""

    port: int
    token: str = field(default_factory=made_up)
    pass_: str = field(default_factory=made_up)

    @property
    def cookie(self) -> str:
        """Its name; servers on other ports get it, too, and must not take ours for theirs."""
        return f"spark-{self.port}"

    @property
    def url(self) -> str:
        """The address with the token."""
        return f"http://{ADDRESS}:{self.port}/?{TOKEN}={self.token}"

    def refusal(self, request: web.Request) -> str:
        """Why a request may not come in; "" where it may."""
        hosts = request.headers.getall("Host", [])
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None or match.group(1).lower() not in NAMES:
            return _FOREIGN_HOST
        origins = request.headers.getall("Origin", [])
        own = f"http://{hosts[0]}".lower()
        if any(origin.lower() != own for origin in origins):
            return _FOREIGN_ORIGIN
        if f"{request.path}/".startswith(SOCKETS) and not origins:
            return _FOREIGN_ORIGIN
        given = request.query.getall(TOKEN, [])
        if given:
            right = request.path == "/" and len(given) == 1 and _same(given[0], self.token)
            return "" if right else _NO_TOKEN
        return "" if _same(request.cookies.get(self.cookie, ""), self.pass_) else _NO_TOKEN

    def middleware(self) -> Middleware:
        """For aiohttp: answers by itself what may not come in, and changes the token."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            why = self.refusal(request)
            if why:
                return web.Response(status=403, text=f"{why}\n")
            if TOKEN in request.query:
                return self._changed()
            return await handler(request)

        return guard

    def _changed(self) -> web.Response:
        """The cookie, and the page without the token."""
        made = web.Response(status=303, headers={"Location": "/"})
        made.set_cookie(self.cookie, self.pass_, httponly=True, samesite="Strict", path="/")
        return made


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


async def close_tightly(request: web.Request, response: web.StreamResponse) -> None:
    """Headers for every answer: kept nowhere, framed nowhere, nothing loaded from elsewhere."""
    socket = f"ws://{request.headers.get('Host', ADDRESS)}" if response.status != 403 else ""
    response.headers.update(
        {
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self' 'unsafe-inline'; "
                "style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
                f"connect-src 'self' {socket}; frame-ancestors 'none'; base-uri 'none'; "
                "form-action 'none'"
            ),
        }
    )
