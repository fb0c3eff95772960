"""The index of a session: opened when it is first asked for, built in the background, watched.

`index()` never waits for a build. The background process is ended by `close`; it goes on the next
time from where it was.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from codexspark_tui import state_dir

if TYPE_CHECKING:  # the app begins sooner without
    from codexspark_tui.index.index import Index

END_S = 2.0
MOST_READ_NOW = 24


class Keeper:
    """Use it from any thread. `folder`: where indexes are kept, if not in the cache folder."""

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        self._root = root
        self._folder = folder or state_dir.cache_dir() / "index"
        self._index: Index | None = None
        self._builder: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._again = False
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def index(self) -> Index:
        """The index as it is now."""
        from codexspark_tui.index.index import Index

        with self._lock:
            if self._index is None:
                self._index = Index.open(self._root, folder=self._folder)
            return self._index

    def build(self) -> None:
        """Have what waits read by a process of its own, unless one does already."""
        from codexspark_tui.index.pool import environment

        index = self.index()
        with self._lock:
            if self._builder is not None and self._builder.poll() is None:
                self._again = True  # it may have asked already what waits
                return
            if self._closed or index.notice:
                return
            self._builder = builder = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "codexspark_tui.index.build"),
                    *(os.fspath(self._root), os.fspath(self._folder)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(),
                start_new_session=True,
            )
        threading.Thread(target=self._attend, args=(builder,), daemon=True).start()

    def _attend(self, builder: subprocess.Popen[bytes]) -> None:
        """Once more, if that was asked for while it was at work."""
        builder.wait()
        with self._lock:
            again, self._again = self._again and not self._closed, False
        if again:
            self.build()

    def watch(self) -> None:
        """From now on read again what changes on the disk, by the background process."""
        from codexspark_tui.index.watch import watched

        with self._lock:
            if self._watcher is None and not self._closed:
                arguments = (self._root, self._stop, self._changed)
                self._watcher = threading.Thread(target=watched, args=arguments, daemon=True)
                self._watcher.start()

    def _changed(self, paths: list[str]) -> None:
        """A few files are read here and now, many in the background."""
        if self._closed:
            return
        index = self.index()
        changes = index.refresh()
        late = [*changes.added, *changes.changed]
        if len(late) <= MOST_READ_NOW:
            index.read_now(late)
        else:
            self.build()

    def close(self) -> None:
        """End the background process and close the index."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(END_S)
        with self._lock:
            self._closed = True
            builder, index = self._builder, self._index
            self._builder = self._index = None
        if builder is not None:
            assert builder.stdin is not None
            with contextlib.suppress(OSError):
                builder.stdin.close()
            try:
                builder.wait(END_S)
            except subprocess.TimeoutExpired:
                builder.kill()
                builder.wait()
        if index is not None:
            index.close()
