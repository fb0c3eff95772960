"""Worker processes that read files: a batch at a time each; what crashes or hangs is found out.

A batch whose worker died is read again, one file at a time, by new workers: the file that kills
its worker is told as failed, and all others are read.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from codexspark_tui.index.values import FileFacts
from codexspark_tui.index.worker import receive, send

MODULE = "codexspark_tui.index.worker"
BATCH = 24
BATCH_S = 60.0
FILE_S = 10.0
Wanted = tuple[str, str]  # path, blob id that is known


class Worker:
    """One process. `read` gives None when it died or took too long, and it is ended then."""

    def __init__(self, root: Path, module: str = MODULE) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, os.fspath(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,  # Ctrl-C is for the one who waits
        )

    def read(self, batch: list[Wanted], within_s: float) -> list[FileFacts] | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            send(self._process.stdin, batch)
            ready, _, _ = select.select([self._process.stdout], [], [], within_s)
            found = receive(self._process.stdout) if ready else None
        except (EOFError, OSError, ValueError):
            found = None
        if not isinstance(found, list):
            self.end()
            return None
        return [FileFacts(*values) for values in found]

    def end(self) -> None:
        """Kill it; it has nothing to lose."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read: by so many processes of this module, each file within so many seconds."""

    workers: int = 2
    file_s: float = FILE_S
    batch_s: float = BATCH_S
    module: str = MODULE


def read_all(
    root: Path, wanted: Sequence[Wanted], stop: threading.Event, plan: Plan
) -> Iterator[list[FileFacts]]:
    """Facts in batches, in no order, until all is read or `stop` is set."""
    todo: queue.SimpleQueue[list[Wanted]] = queue.SimpleQueue()
    for at in range(0, len(wanted), BATCH):
        todo.put(list(wanted[at : at + BATCH]))
    done: queue.Queue[list[FileFacts] | None] = queue.Queue(maxsize=64)
    over = threading.Event()
    count = max(1, min(plan.workers, (len(wanted) + BATCH - 1) // BATCH))
    threads = [
        threading.Thread(target=_serve, args=(root, todo, done, (stop, over), plan), daemon=True)
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    left = len(threads)
    try:
        while left:
            batch = done.get()
            if batch is None:
                left -= 1
            elif not stop.is_set():
                yield batch
    finally:
        over.set()
        while left:
            left -= done.get() is None
        for thread in threads:
            thread.join()


def _serve(
    root: Path,
    todo: queue.SimpleQueue[list[Wanted]],
    done: queue.Queue[list[FileFacts] | None],
    ends: tuple[threading.Event, threading.Event],
    plan: Plan,
) -> None:
    """Feed one worker, and a new one after each that dies."""
    worker: Worker | None = None
    try:
        while not any(end.is_set() for end in ends):
            try:
                batch = todo.get_nowait()
            except queue.Empty:
                break
            worker = worker or Worker(root, plan.module)
            found = worker.read(batch, plan.batch_s if len(batch) > 1 else plan.file_s)
            if found is not None:
                done.put(found)
                continue
            worker = None
            if len(batch) > 1:
                for one in batch:
                    todo.put([one])
            else:
                note = "its parser crashed or did not end"
                done.put([FileFacts(batch[0][0], 0, 0, state="failed", note=note)])
    finally:
        if worker is not None:
            worker.end()
        done.put(None)


def environment() -> dict[str, str]:
    """Ours, with the folder of this package first: the repository's own code is not imported."""
    here = os.fspath(Path(__file__).resolve().parents[2])
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
