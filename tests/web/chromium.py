"""A real browser without a window, driven by its own protocol (Chrome DevTools)."""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LISTENS = re.compile(rb"DevTools listening on (ws://\S+)")
TIMEOUT_S = 60.0
KEYS = {"\r": ("Enter", 13), "\x1b": ("Escape", 27)}


def found() -> str | None:
    """The program, where there is one."""
    named = os.environ.get("SPARK_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Browser:
    """Use as a context manager; one page."""

    program: str
    folder: Path
    size: tuple[int, int] = (1200, 800)
    errors: list[str] = field(default_factory=list)

    def __enter__(self) -> Browser:
        width, height = self.size
        self._process = subprocess.Popen(
            [
                *(self.program, "--headless=new", "--no-sandbox", "--disable-gpu"),
                *("--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"),
                *("--remote-debugging-port=0", f"--user-data-dir={self.folder}"),
                *(f"--window-size={width},{height}", "about:blank"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "HOME": str(self.folder)},
        )
        self._numbers, self._session = itertools.count(1), ""
        self._open = ExitStack()
        self._socket = self._open.enter_context(connect(self._address(), max_size=None))
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in targets if t["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._process.kill()
        self._process.communicate()

    def _address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if match := LISTENS.search(line):
                return match[1].decode()
        raise AssertionError("the browser did not begin")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        number = next(self._numbers)
        asked = {"id": number, "method": method, "params": parameters}
        self._socket.send(
            json.dumps(asked | ({"sessionId": self._session} if self._session else {}))
        )
        while True:
            said = json.loads(self._socket.recv(timeout=TIMEOUT_S))
            if said.get("id") == number:
                assert "error" not in said, said
                result: dict[str, Any] = said["result"]
                return result
            if said.get("method") == "Log.entryAdded":
                entry = said["params"]["entry"]
                self.errors += [entry["text"]] if entry["level"] == "error" else []
            if said.get("method") == "Runtime.exceptionThrown":
                self.errors.append(str(said["params"]["exceptionDetails"]))

    def go(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def value(self, expression: str) -> Any:
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return said["result"].get("value")

    def wait_for(self, expression: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not self.value(expression):
            assert time.monotonic() < deadline, (expression, self.errors)

    def type(self, text: str) -> None:
        """As keys of the keyboard."""
        for letter in text:
            name, code = KEYS.get(letter, (letter, ord(letter.upper())))
            key = {"key": name, "text": letter, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", **key)
            self.call("Input.dispatchKeyEvent", type="keyUp", **key)

    def click(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
