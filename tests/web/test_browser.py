"""The app in a real browser: keys, mouse, colours, and nothing from elsewhere."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.repo import Repo
from tests.support.spark import script, scripted
from tests.tui.conftest import TWO
from tests.web import chromium
from tests.web.browsing import Served

PROGRAM = chromium.found()
WORKS = "document.body && document.body.classList.contains('-first-byte')"
OVER = "document.body.classList.contains('-closed')"
BOTTOM = """(() => {
  const box = document.querySelector('.xterm-screen').getBoundingClientRect();
  return [box.left + 40, box.bottom - 8];
})()"""
"""The middle of the first entry of the key bar."""


@pytest.mark.full
@pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here (apt-get install chromium)")
def test_a_turn_is_reviewed_in_a_real_browser(repo: Repo, tmp_path: Path) -> None:
    assert PROGRAM is not None
    repo.commit({"shop/prices.py": "".join(f"line {n}\n" for n in range(1, 41))})
    options = [o for o in scripted(script(tmp_path, TWO)) if o != "app"]
    with Served(options, repo.root) as served, chromium.Browser(PROGRAM, tmp_path) as browser:
        browser.go(served.url)
        browser.wait_for(WORKS)
        assert browser.value("location.href") == f"http://{served.host}/"
        first = settled(browser)
        browser.type("go\r")
        _until(lambda: settled(browser) != first)
        escape(browser)  # to the changes at once
        browser.type("y")
        _until(lambda: "LINE 5\n" in repo.text("shop/prices.py"))
        settled(browser)
        browser.go(f"http://{served.host}/")  # the session is gone on with
        browser.wait_for(WORKS)
        settled(browser)
        escape(browser)  # it opens at the first open change
        browser.click(*browser.value(BOTTOM))
        _until(lambda: "LINE 30\n" in repo.text("shop/prices.py"))
        picture = settled(browser)
        assert struct.unpack(">II", picture[16:24])[0] == browser.size[0]
        (tmp_path / "page.png").write_bytes(picture)
        browser.type("q")
        browser.wait_for(OVER)
        assert browser.errors == []
        assert served.interrupt()[0] == 130


def escape(browser: chromium.Browser) -> None:
    """The key, and the moment after which it is none of a sequence."""
    browser.type("\x1b")
    then = browser.value("performance.now()")
    _until(lambda: browser.value("performance.now()") > then + 300)
    settled(browser)


def settled(browser: chromium.Browser) -> bytes:
    """The picture, once two that follow each other are alike."""
    before = b""
    while before != (now := browser.picture()):
        before = now
    return now


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + chromium.TIMEOUT_S
    while not true():
        assert time.monotonic() < deadline
