"""How the app calls a person who looks elsewhere: the bell, the desktop, the terminal's title.

Only fixed words and counts are sent to the terminal here, never text of a model.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from textual.app import App
from textual.driver import Driver

Way: TypeAlias = Literal["auto", "bell", "off"]
_KEEP_TITLE, _TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"


class Caller:
    """`looked_at`: whether the terminal has the focus, as far as it tells."""

    def __init__(self, driver: Driver | None, way: str) -> None:
        self._driver = driver
        self._way = way
        self._title = ""
        self.looked_at = True

    def begin(self) -> None:
        self._write(_KEEP_TITLE)

    def end(self) -> None:
        self._write(_TITLE_BACK)

    def forget(self) -> None:
        """The terminal is gone: nothing more is written to it."""
        self._driver = None

    def title(self, text: str) -> None:
        """Say in the terminal's title how things stand."""
        if text != self._title:
            self._title = text
            self._write(f"\x1b]2;{text}\x07")

    def call(self, text: str) -> None:
        """The turn needs the person."""
        if self._way == "off" or self.looked_at:
            return
        self._write("\x07")
        if self._way == "auto":
            self._write(f"\x1b]9;{text}\x1b\\")

    def _write(self, text: str) -> None:
        if self._driver is not None and not self._driver.is_headless:
            self._driver.write(text)
            self._driver.flush()


def call(app: App[None], text: str) -> None:
    """The same by the caller of the app, if it has one."""
    caller = getattr(app, "calls", None)
    if isinstance(caller, Caller):
        caller.call(f"spark: {text}")
