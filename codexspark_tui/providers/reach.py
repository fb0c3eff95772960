"""How a server is reached: proxies, certificates and headers, the same on every transport."""

from __future__ import annotations

import ssl
from functools import lru_cache
from urllib.parse import urlsplit

from codexspark_tui import __version__
from codexspark_tui.errors import KeyMissing, ProviderError, UsageError
from codexspark_tui.providers.endpoint import Endpoint

USER_AGENT = f"codexspark/{__version__}"


@lru_cache(maxsize=8)
def certificates(ca_file: str) -> ssl.SSLContext:
    """What TLS trusts: the given file, or the system's store (and `SSL_CERT_FILE`).

    Raises `UsageError` for a file that holds no certificates.
    """
    if not ca_file:
        context = ssl.create_default_context()
        paths = ssl.get_default_verify_paths()
        if not (paths.cafile or paths.capath):
            import certifi  # comes with httpx; only where the system has no store

            context.load_verify_locations(certifi.where())
        return context
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the certificates in {ca_file} cannot be read: {error}",
            next_step="Give a file with certificates in PEM form as ca_file.",
        ) from error


def proxy_of(endpoint: Endpoint) -> str | None:
    """The proxy that the environment names for this server; never one for this machine itself."""
    if endpoint.loopback:
        return None
    import urllib.request  # only where there is a network to reach

    parts = urlsplit(endpoint.base_url)
    if urllib.request.proxy_bypass(f"{parts.hostname}:{parts.port or 443}"):
        return None
    found = urllib.request.getproxies()
    proxy = found.get(parts.scheme) or found.get("all")
    if proxy is None:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        raise ProviderError(
            f"{endpoint.host} cannot be reached through a {proxy.partition('://')[0]} proxy",
            next_step="Name an http:// proxy in HTTPS_PROXY, or leave the host out by NO_PROXY.",
        )
    return proxy


def headers_of(endpoint: Endpoint, key: str) -> dict[str, str]:
    """What goes with every request: nothing of the person, the prompt or the paths.

    Raises `KeyMissing` and `UsageError` for what no header can hold.
    """
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise KeyMissing(
            f"the key for {endpoint.host} holds characters that no key has",
            next_step=f"Give it again: spark login {endpoint.name.partition('/')[0]}",
        )
    made = {"User-Agent": USER_AGENT}
    if key:
        made["Authorization"] = f"Bearer {key}"
    for name, value in endpoint.headers.items():
        if not (f"{name}{value}".isascii() and f"{name}{value}".isprintable() and name.strip()):
            raise UsageError(
                f"the header {name!r} for {endpoint.host} holds characters that no header can",
                next_step="Correct it in the provider's headers.",
            )
        made[name] = value
    return made
