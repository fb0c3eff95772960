"""Which servers answer, and with which models: one short question to each, side by side.

    probe([Target…]) → [Probed…]          within `TOGETHER_S`, whatever the servers do

`GET {base}/models`, and for a server on this machine also what llama.cpp says of itself. Answers
are kept in the cache folder for a while. No redirect is followed, so that a key goes nowhere else;
loopback is never asked through a proxy.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from codexspark_tui.state_dir import cache_dir, ensure

TOGETHER_S = 2.0
KEPT_S = 30.0
KEPT_WINDOW_S = 24 * 3600.0
LARGEST_BYTES = 2 << 20
MOST_MODELS = 500
FILE = "servers.json"


@dataclass(frozen=True, slots=True)
class Target:
    """A server to ask; `key` "" for none."""

    base_url: str
    key: str = field(default="", repr=False)
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """A model that a server offers; `window` where it says so."""

    id: str
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of it. `why` "" when it answers; `at`: seconds since 1970."""

    base_url: str
    why: str
    models: tuple[Offered, ...] = ()
    at: float = 0.0

    @property
    def answers(self) -> bool:
        return not self.why


def probe(targets: Sequence[Target], *, fresh: bool = False) -> list[Probed]:
    """Ask them all at once, or take what was heard in the last half minute (not if `fresh`)."""
    kept = {} if fresh else {p.base_url: p for p in heard(KEPT_S)}
    found: dict[str, Probed] = {t.base_url: kept[t.base_url] for t in targets if t.base_url in kept}
    late = time.monotonic() + TOGETHER_S
    threads = []
    for target in {t.base_url: t for t in targets if t.base_url not in found}.values():
        thread = threading.Thread(target=_ask_into, args=(target, found), daemon=True)
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(max(0.0, late - time.monotonic()))
    silent = f"no answer within {TOGETHER_S:g} s"
    answers = dict(found)
    made = [answers.get(t.base_url, Probed(t.base_url, silent, at=time.time())) for t in targets]
    if threads:
        _keep(made)
    return made


def heard(within_s: float = KEPT_WINDOW_S) -> list[Probed]:
    """What was heard of servers in the last `within_s` seconds."""
    try:
        told = json.loads((cache_dir() / FILE).read_bytes())
        made = [
            Probed(
                str(t["base_url"]),
                str(t["why"]),
                tuple(Offered(str(m["id"]), m["window"]) for m in t["models"]),
                float(t["at"]),
            )
            for t in told
        ]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return []
    now = time.time()
    return [probed for probed in made if 0 <= now - probed.at <= within_s]


def _keep(probed: Sequence[Probed]) -> None:
    """Best effort: a cache that cannot be written is none."""
    urls = {p.base_url for p in probed}
    others = [p for p in heard() if p.base_url not in urls]
    try:
        new = ensure(cache_dir()) / f"{FILE}.{os.getpid()}"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump([asdict(p) for p in (*others, *probed)], file)
        new.replace(cache_dir() / FILE)
    except OSError:
        return


# -- asking one ------------------------------------------------------------------------------------


def _ask_into(target: Target, found: dict[str, Probed]) -> None:
    found[target.base_url] = ask(target)


def ask(target: Target) -> Probed:
    """One server's models, or why it does not tell."""
    now = time.time()
    status, answer = _get(target, f"{target.base_url}/models")
    if isinstance(answer, str):
        return Probed(target.base_url, answer, at=now)
    if status in (401, 403):
        why = "it does not take the key" if target.key else "it wants a key"
        return Probed(target.base_url, why, at=now)
    entries = answer.get("data") if isinstance(answer, dict) else None
    if status != 200 or not isinstance(entries, list):
        return Probed(target.base_url, f"no list of models (HTTP {status})", at=now)
    window = _window_of_llama_cpp(target) if _is_loopback(target.base_url) else None
    models = tuple(_offered(entry, window) for entry in entries[:MOST_MODELS])
    return Probed(target.base_url, "", tuple(m for m in models if m is not None), at=now)


def _offered(entry: object, window: int | None) -> Offered | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        return None
    told = entry.get("context_length") or entry.get("max_model_len") or window
    is_count = isinstance(told, int) and not isinstance(told, bool) and told > 0
    return Offered(entry["id"], told if is_count else None)


def _window_of_llama_cpp(target: Target) -> int | None:
    parts = urlsplit(target.base_url)
    _, props = _get(target, f"{parts.scheme}://{parts.netloc}/props")
    if not isinstance(props, dict):
        return None
    settings = props.get("default_generation_settings")
    told = settings.get("n_ctx") if isinstance(settings, dict) else None
    return told if isinstance(told, int) and told > 0 else None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _get(target: Target, url: str) -> tuple[int, Any]:
    """(status, what the JSON says); a text instead of JSON tells why nothing came."""
    import http.client
    import ssl
    import urllib.error
    import urllib.request

    class Stays(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object, **__: object) -> None:
            return None

    handlers: list[urllib.request.BaseHandler] = [Stays()]
    if _is_loopback(url):
        handlers.append(urllib.request.ProxyHandler({}))
    headers = {"Accept": "application/json"}
    if target.key:
        headers["Authorization"] = f"Bearer {target.key}"
    try:
        if url.startswith("https:"):
            context = ssl.create_default_context(cafile=target.ca_file or None)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.build_opener(*handlers).open(request, timeout=TOGETHER_S) as answer:
            return answer.status, json.loads(answer.read(LARGEST_BYTES))
    except urllib.error.HTTPError as error:
        return error.code, None
    except urllib.error.URLError as error:
        reason = error.reason
        return 0, str(getattr(reason, "strerror", None) or reason).lower()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(getattr(error, "strerror", None) or error or type(error).__name__).lower()
    except (ValueError, RecursionError):
        return 0, "it answers with something that is no JSON"
