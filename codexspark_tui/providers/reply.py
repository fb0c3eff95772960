"""What the body of a failed HTTP answer says, whatever it is made of. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from codexspark_tui.providers.trouble import Trouble, refused
from codexspark_tui.providers.wire import NotJson, beginning, read_object

_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)


def told_in(status: int | None, headers: Mapping[str, str], body: bytes) -> Trouble:
    """The trouble that an error status and its body tell; header names in lower case."""
    if is_page(headers, body):
        return refused(status, {"message": page_said(body)}, headers)
    try:
        return refused(status, read_object(body), headers)
    except NotJson:
        return refused(status, beginning(body, 300), headers)


def is_page(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a web page came where an API should have answered."""
    kind = headers.get("content-type", "").lower()
    return "html" in kind or body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def page_said(body: bytes) -> str:
    """A sentence for a web page, with its title."""
    found = _TITLE.search(body[:20_000].decode("utf-8", "replace"))
    title = f" ({beginning(found[1], 80)})" if found and found[1].strip() else ""
    return f"a web page came where an API should answer{title}; check base_url and the proxy"
