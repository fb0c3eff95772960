"""The process that builds an index in the background: `python -m codexspark_tui.index.build ROOT`.

It ends when all is read, or when its stdin does: whoever started it holds the other end, so it
never outlives them. What it had read by then is kept.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from codexspark_tui.index.index import Index
from codexspark_tui.index.worker import NICENESS

GRACE_S = 0.25


def main() -> int:
    os.nice(NICENESS)
    root, folder = (Path(os.fsdecode(argument)) for argument in sys.argv[1:3])
    stop, done = threading.Event(), threading.Event()
    threading.Thread(target=_wait_for_end, args=(stop, done), daemon=True).start()
    index = Index.open(root, folder=folder)
    if index.notice:
        return 1  # in memory it would be of no use to anybody
    index.refresh()
    index.build(stop)
    index.close()
    done.set()
    return 0


def _wait_for_end(stop: threading.Event, done: threading.Event) -> None:
    """At the end of stdin what was read is kept, if that is soon done; then this ends. Nobody
    waits for it, and the store bears a kill at any point."""
    while os.read(0, 1):  # not by `sys.stdin`, whose lock would abort the end of the process
        pass
    stop.set()
    if not done.wait(GRACE_S):
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
