"""How far the screen is behind, measured by the app itself: from a moment to the paint after it.

While an answer streams a moment is looked at four times a second; else only when a key is pressed.
Nothing is measured, and nothing wakes up, while the app rests.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

EACH_S = 0.25
BAD_S = 0.1
REMEMBERED = 8  # two seconds of a stream


class PaintLag:
    """`after_paint` calls what it is given once the screen is up to date; `tell` gets the lag that
    is to be shown, in seconds: the worst of late if it is bad, else 0."""

    def __init__(
        self, after_paint: Callable[[Callable[[], None]], object], tell: Callable[[float], None]
    ) -> None:
        self._after_paint = after_paint
        self._tell = tell
        self._late: deque[float] = deque(maxlen=REMEMBERED)
        self._waits = False
        self._number = 0  # of the stream or rest that is measured
        self._due: asyncio.TimerHandle | None = None

    def streaming(self, on: bool) -> None:
        """Begin to look, or end it: what was is forgotten then."""
        if on == (self._due is not None):
            return
        if self._due is not None:
            self._due.cancel()
            self._due = None
            self._forget()
        else:
            self._look_at(time.monotonic() + EACH_S)

    def resumed(self, _: object) -> None:
        """The screen was another program's (an editor, a shell): that time is not ours."""
        self._forget()

    def _forget(self) -> None:
        self._number += 1
        self._waits = False
        self._late.clear()
        self._tell(0.0)

    def since(self, moment_s: float) -> None:
        """Measure from this moment on (`time.monotonic`), unless one is being measured."""
        if self._waits:
            return
        self._waits = True
        number = self._number
        self._after_paint(lambda: self._painted(moment_s, number))

    def _look_at(self, moment_s: float) -> None:
        wait_s = max(0.0, moment_s - time.monotonic())
        self._due = asyncio.get_running_loop().call_later(wait_s, self._look, moment_s)

    def _look(self, moment_s: float) -> None:
        """The moment has come, or has been gone for as long as the app was busy."""
        self.since(moment_s)
        self._look_at(time.monotonic() + EACH_S)

    def _painted(self, moment_s: float, number: int) -> None:
        if number != self._number:
            return
        self._waits = False
        if self._due is None:
            self._late.clear()  # at rest the newest key alone counts
        self._late.append(time.monotonic() - moment_s)
        worst = max(self._late)
        self._tell(worst if worst > BAD_S else 0.0)
