"""Tell what changes in a tree while a session is open: the one module that knows watchfiles.

A checkout of thousands of files comes as one batch. Where watching is not to be had (too many
files for the system's limit, a network drive) it ends, and whoever waits looks at the tree anyway
before a prompt is answered.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

QUIET_MS = 500  # without a change, before a large batch is told
STEP_MS = 100
FEW = 24  # changes are told at once; more may be the beginning of a checkout
SKIPPED = (".git",)


def batches(root: Path, stop: threading.Event) -> Iterator[list[str]]:
    """Paths that have changed, relative to the root, a list for each batch, until `stop` is set."""
    from watchfiles import watch

    def wanted(_change: object, path: str) -> bool:
        return not any(f"/{name}/" in path[len(prefix) - 1 :] for name in SKIPPED)

    prefix = f"{root}/"
    seen: set[str] = set()
    try:
        for batch in watch(
            root,
            watch_filter=wanted,
            debounce=10 * QUIET_MS,
            step=STEP_MS,
            rust_timeout=QUIET_MS,
            yield_on_timeout=True,
            stop_event=stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            seen |= {path.removeprefix(prefix) for _, path in batch}
            if seen and (not batch or len(seen) <= FEW):
                yield sorted(seen)
                seen = set()
    except OSError:
        return


def watched(root: Path, stop: threading.Event, changed: Callable[[list[str]], None]) -> None:
    """Call `changed` for each batch until `stop` is set. For a thread of its own."""
    if not os.access(root, os.R_OK):
        return
    for batch in batches(root, stop):
        changed(batch)
